/* effect.h - what the host says to effects (dew/effect.h). wasm only. */
#ifndef DEW_VIEW_EFFECT_H
#define DEW_VIEW_EFFECT_H

#include <dew/str.h>

/* True once the program has an effect. */
extern bool dew_effects_used;

/* Instead of a node and an event's type: what an effect has asked for. */
enum {
    DEW_EFFECT_HEARD = 255, /* the token of a timer that is over, or of a listener, with what it heard */
    DEW_EFFECTS_LEAVE = 254, /* the visitor leaves the page: all are undone */
    DEW_EFFECTS_RETURN = 253, /* the browser has brought the page back: all are done again */
};
void dew_effects_hear(uint32_t token, int what, dew_str text);

#endif
