/* carry.h - local state on its way from a program to the one that is built after it. Development builds alone (DEW_DEVELOPMENT: dew-wasm
 * --development); elsewhere all of it is nothing. wasm only.
 *
 * What use_state and use_text keep is given as text, by name, and taken by the places of the other program that have the same
 * name and shape: the function around the call, the name and size of the type, and the way there, as the tags and keys of the
 * elements and of the places around it. Where none has the same way, the only one of its function and type takes the only one
 * that there was: somebody has put an element around it. What holds something that could be an address is not given: there it
 * would mean something else.
 *
 * The text: a line for each place, "FUNCTION/TYPE/SIZE WAY BYTES", the last two as hexadecimal digits. */
#ifndef DEW_VIEW_CARRY_H
#define DEW_VIEW_CARRY_H

#include "base/buffer.h"
#include "view/place.h"

#ifdef DEW_DEVELOPMENT

/* What a kind of place has whose site is a dew_carry_site (dew/state.h), in dew_place_kind. `bytes` is what it keeps. */
struct dew_carry {
    dew_str (*give)(const dew_place *place);
    void (*take)(dew_place *place, dew_str bytes); /* of the size that was given, but for text */
};

/* Names the way from the parent place to what is open now. While a pass runs. */
uint64_t dew_carry_way(const dew_place *parent, dew_key key);

/* A place that has just been made, and has its initial value: takes what was carried to it, if anything. */
void dew_carry_arrive(dew_place *place);

/* What all places below `root` keep. */
void dew_carry_give(const dew_place *root, dew_buf *out);

/* Carries it to the places below `root`, and to those that the next pass makes. The text is copied. */
void dew_carry_take(dew_place *root, dew_str text);

/* That pass is over. */
void dew_carry_end(void);

/* place.client.c: all places. */
dew_place *dew_places_root(void);

#else
static inline void dew_carry_arrive(dew_place *place)
{
    (void)place;
}
#endif
#endif
