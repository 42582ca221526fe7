/* place.h - what a component keeps from one render to the next, and how it is found again. wasm only.
 *
 * A component is a function that runs anew in each pass. What it keeps (state, effects, refs, memoised components) stands in
 * places. A place is known by
 *
 *     its parent place · the call's site in the source · the way from the parent to the innermost open element, as tags and
 *     keys, of elements without a key which of the equal siblings before it · the key given, if any · how many-th such call
 *
 * so a component that runs once per item keeps one for each item, and an item that moves takes what is under its key along.
 *
 *     root ──┬── state of the page's view
 *            ├── memo card, key 7 ──── state of that card      entered: what is met inside is its child
 *            └── memo card, key 9 ──┬─ state
 *                                   └─ effect
 *
 * A pass meets places. When it is completed, those go that it did not meet though it rendered their parent: children before
 * parents, later ones before earlier ones. A place that was met but not entered keeps all that is in it, as it is.
 *
 *     static const dew_place_kind memo_kind = { .dispose = forget };
 *     struct memo { dew_place place; … } *memo = dew_place_meet(&memo_kind, sizeof *memo, site, key);
 *     if (!memo->place.is_new && !memo->place.has_changed && …) { keep what stands; return; }
 *     dew_place_enter(&memo->place);
 *     … render …
 *     dew_place_leave(&memo->place);
 *
 * A pass that is given up (dew_tree_begin again) leaves all as it was, but for new places, which the next completed pass
 * drops unless it meets them. Costs nothing in a program that calls none of this. */
#ifndef DEW_VIEW_PLACE_H
#define DEW_VIEW_PLACE_H

#include <dew/view.h>

typedef struct dew_place dew_place;

/* What kind of thing a place holds. All may be NULL. None may meet places. */
typedef struct dew_place_kind {
    /* Asked when a pass begins: is what was rendered from it no longer what it says? Then it and all around it are marked. */
    bool (*is_changed)(const dew_place *place);
    /* A pass that met it was completed, and the DOM is as it says: first this of all that were met, */
    void (*settle)(dew_place *place);
    /* then this, in the order in which they were met. May run code of the application. */
    void (*act)(dew_place *place);
    /* It goes. Its memory, and that of all that goes with it, is there until all of them have been told. */
    void (*dispose)(dew_place *place);
    /* It is entered whenever it is new or has_changed, and nothing is to settle or act when it was not entered: so a pass that
     * meets a thousand of them and enters one has one to tell. */
    bool only_entered;
#ifdef DEW_DEVELOPMENT
    const struct dew_carry *carry; /* its site is a dew_carry_site: view/carry.h */
#endif
} dew_place_kind;

/* First member of what the kind keeps. What a pass looks at in each place that it meets stands side by side at the end, where the
 * kind's own follows. */
struct dew_place {
    const dew_place_kind *kind;

    /* private to place.client.c */
    dew_place *first, *last, *before; /* children; siblings in the order in which they came */
    dew_place *next_met, *next_in_slot, *next_watched, **watched_at;
    uint32_t child_count, met_count; /* and how many of them were met since it was entered */
    uint32_t element; /* innermost open one when it was entered: place in the tree that is built */
    uint32_t ordinal; /* of equal calls */
    uint32_t repeats; /* of the one with ordinal 0: how often it was met in this pass */
    uint32_t met;     /* the pass that met it last */
    uint64_t way;     /* hash of the elements and the key */
    const void *site;
    dew_place *after;

    dew_place *parent;  /* NULL: it is the root */
    bool is_new;        /* no completed pass has met it yet */
    bool has_changed;   /* it, or something inside, was marked since a completed pass rendered it */
    bool reads_context; /* what was rendered in it has asked for a context (dew/context.h) */
    bool is_entered;    /* private: in this pass */
#ifdef DEW_DEVELOPMENT
    uint64_t carry_way; /* as way, and of all places around it, by names */
#endif
};

/* The place of this call, `size` bytes that begin with a dew_place: that of the last pass or a new one, zeroed. Traps when
 * memory is out. `site` is an address of its own for each call in the source; key.kind 0: none. */
void *dew_place_meet(const dew_place_kind *kind, size_t size, const void *site, dew_key key);

/* What is met from here on is inside. A place that has been met in this pass and not been entered. */
void dew_place_enter(dew_place *place);
/* Back to the place around it; leave in the reverse order. */
void dew_place_leave(dew_place *place);

/* The innermost place that is entered; the root when none is. Only while a pass runs. */
dew_place *dew_place_current(void);

/* True while places act: the DOM is as it was rendered. */
bool dew_places_are_acting(void);

/* What was rendered in it is not as it should be: marks it and all around it, so that the next pass renders them. At any time. */
void dew_place_mark(dew_place *place);

/* Marks all in it, itself included, whose render asked for a context. */
void dew_place_mark_readers(dew_place *place);

/* ---- props: a typed value that is kept to be compared with the next (state.client.c) ---- */

typedef struct dew_props {
    dew_arena arena;
    void *value; /* NULL: none yet */
} dew_props;

/* Keeps a copy. False, and nothing is done, when it is equal by value to the one that is kept. */
bool dew_props_take(dew_props *kept, dew_type_fn *type, const void *props);

/* ---- for tree.client.c ---- */

/* True once the program has met a place. */
extern bool dew_places_used;
void dew_places_begin(void);
/* What was built last is taken back (dew_view_cut). */
void dew_places_cut(void);
/* The DOM is as the pass says, and its tree is the standing one. */
void dew_places_end(void);

#endif
