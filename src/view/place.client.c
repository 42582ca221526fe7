/* place.client.c - the tree of places, and a table by which they are found. See place.h. */
#include "view/place.h"

#include "base/hash.h"
#include "view/carry.h"
#include "view/tree_internal.h"

#include <stdlib.h>

#define SLOTS_AT_FIRST 64u /* of the table; a power of two */

bool dew_places_used;

static struct {
    dew_place root, *current;
    dew_place *expected; /* the sibling after the one that was met last: as a rule it is the next */
    dew_place *met, **met_end; /* in this pass, in order: those that may have to settle or act */
    const dew_place *way_in;   /* the last way was one in this place, to this element; NULL: none that still holds */
    uint32_t way_to;
    uint64_t way;
    dew_place *watched;        /* those that may say that they have changed */
    dew_place **slots;
    uint32_t slot_count, count;
    uint32_t pass;
    bool is_acting;
} p;

/* ---- ways ---- */

static uint64_t mix_text(uint64_t hash, dew_str text)
{
    return dew_hash_mix(hash, (uint64_t)dew_xxh32(text.ptr, text.len, 0) << 32 | dew_xxh32(text.ptr, text.len, 1));
}

/* Which of the siblings with its tag and without a key an element is. */
static uint32_t order_of(const node *nodes, uint32_t parent, uint32_t element)
{
    uint32_t order = 0;
    for (uint32_t sibling = parent + 1; sibling < element; sibling += nodes[sibling].size)
        order += nodes[sibling].tag == nodes[element].tag && (nodes[sibling].flags & (KEY_NUMBER | KEY_TEXT)) == 0;
    return order;
}

/* From the element that the current place was entered in to the innermost open one. */
static uint64_t way_of_elements(void)
{
    const node *const nodes = dew_view.building->nodes;
    uint64_t hash = 0;
    for (uint32_t at = dew_view.open; at > p.current->element;
         at = nodes[at].size) { /* of an open one: the one around it */
        const node *n = &nodes[at];
        hash = dew_hash_mix(hash, (uintptr_t)n->tag);
        if (n->flags & KEY_TEXT)
            hash = mix_text(hash, *(const dew_str *)(uintptr_t)(uint32_t)n->key);
        else
            hash = dew_hash_mix(hash, (uint64_t)n->key + (n->flags & KEY_NUMBER ? 0 : order_of(nodes, n->size, at)));
    }
    return hash;
}

/* The same, and the key. As a rule many calls follow each other in the same element. */
static uint64_t way_here(dew_key key)
{
    if (p.way_in != p.current || p.way_to != dew_view.open) {
        p.way_in = p.current;
        p.way_to = dew_view.open;
        p.way = way_of_elements();
    }
    if (key.kind == DEW_KEY_TEXT_)
        return mix_text(p.way + key.kind, key.text);
    if (key.kind == DEW_KEY_NUMBER_)
        return dew_hash_mix(p.way + key.kind, (uint64_t)key.number);
    return p.way;
}

void dew_places_cut(void)
{
    p.way_in = NULL;
}

/* ---- the table ---- */

static dew_place **slot_of(const dew_place *parent, const void *site, uint64_t way, uint32_t ordinal)
{
    uint64_t hash = dew_hash_mix(way + ordinal, (uint64_t)(uintptr_t)parent << 32 | (uintptr_t)site);
    return &p.slots[hash & (p.slot_count - 1)];
}

static void table_put(dew_place *place)
{
    dew_place **slot = slot_of(place->parent, place->site, place->way, place->ordinal);
    place->next_in_slot = *slot;
    *slot = place;
}

static void table_grow(void)
{
    dew_place **old = p.slots;
    uint32_t old_count = p.slot_count;
    p.slot_count = old_count == 0 ? SLOTS_AT_FIRST : old_count * 2;
    p.slots = calloc(p.slot_count, sizeof *p.slots);
    if (p.slots == NULL)
        __builtin_trap();
    for (uint32_t i = 0; i < old_count; i++)
        for (dew_place *place = old[i], *next; place != NULL; place = next) {
            next = place->next_in_slot;
            table_put(place);
        }
    free(old);
}

static void table_take(dew_place *place)
{
    dew_place **link = slot_of(place->parent, place->site, place->way, place->ordinal);
    while (*link != place)
        link = &(*link)->next_in_slot;
    *link = place->next_in_slot;
    p.count--;
}

static inline __attribute__((always_inline)) bool is_of(const dew_place *place, const void *site, uint64_t way,
                                                        uint32_t ordinal)
{
    return place->way == way && place->site == site && place->parent == p.current && place->ordinal == ordinal;
}

static dew_place *find(const void *site, uint64_t way, uint32_t ordinal)
{
    dew_place *place = *slot_of(p.current, site, way, ordinal);
    while (place != NULL && !is_of(place, site, way, ordinal))
        place = place->next_in_slot;
    return place;
}

/* ---- meeting ---- */

static void watch(dew_place *place)
{
    place->next_watched = p.watched;
    place->watched_at = &p.watched;
    if (p.watched != NULL)
        p.watched->watched_at = &place->next_watched;
    p.watched = place;
}

static dew_place *make(const dew_place_kind *kind, size_t size, const void *site, uint64_t way, uint32_t ordinal)
{
    dew_place *place = calloc(1, size), *parent = p.current;
    if (place == NULL)
        __builtin_trap();
    place->kind = kind;
    place->parent = parent;
    place->is_new = true;
    place->site = site;
    place->way = way;
    place->ordinal = ordinal;
    place->before = parent->last;
    *(parent->last != NULL ? &parent->last->after : &parent->first) = place;
    parent->last = place;
    parent->child_count++;
    if (++p.count > p.slot_count)
        table_grow();
    table_put(place);
    if (kind->is_changed != NULL)
        watch(place);
    return place;
}

/* One that was not expected here: found, or made. */
static __attribute__((noinline)) dew_place *find_or_make(const dew_place_kind *kind, size_t size, const void *site,
                                                         uint64_t way, dew_key key)
{
    uint32_t ordinal = 0;
    dew_place *place = find(site, way, 0);
    if (place != NULL && place->met == p.pass) { /* once more in this pass */
        ordinal = ++place->repeats;
        place = find(site, way, ordinal);
    }
    if (place == NULL) {
        place = make(kind, size, site, way, ordinal);
#ifdef DEW_DEVELOPMENT
        place->carry_way = dew_carry_way(p.current, key);
#else
        (void)key;
#endif
    }
    return place;
}

static void note_met(dew_place *place)
{
    place->next_met = NULL;
    *p.met_end = place;
    p.met_end = &place->next_met;
}

void *dew_place_meet(const dew_place_kind *kind, size_t size, const void *site, dew_key key)
{
    if (p.expected == NULL && !dew_places_used) { /* the first of all, where nothing is expected yet */
        dew_places_used = true;
        table_grow();
        dew_places_begin();
    }
    const uint64_t way = way_here(key);
    dew_place *place = p.expected;
    if (place == NULL || !is_of(place, site, way, 0) || place->met == p.pass)
        place = find_or_make(kind, size, site, way, key);
    p.expected = place->after;
    p.current->met_count++;
    place->met = p.pass;
    place->repeats = 0;
    place->is_entered = false;
    if (!kind->only_entered)
        note_met(place);
    return place;
}

void dew_place_enter(dew_place *place)
{
    if (place->kind->only_entered)
        note_met(place);
    place->is_entered = true;
    place->met_count = 0;
    place->element = dew_view.open;
    p.current = place;
    p.expected = place->first;
}

void dew_place_leave(dew_place *place)
{
    p.current = place->parent;
    p.expected = place->after;
}

dew_place *dew_place_current(void)
{
    return p.current != NULL ? p.current : &p.root;
}

#ifdef DEW_DEVELOPMENT
dew_place *dew_places_root(void)
{
    return &p.root;
}
#endif

/* ---- marks ---- */

void dew_place_mark(dew_place *place)
{
    for (; place != NULL && !place->has_changed; place = place->parent)
        place->has_changed = true;
}

void dew_place_mark_readers(dew_place *place)
{
    if (place->reads_context)
        dew_place_mark(place);
    for (dew_place *child = place->first; child != NULL; child = child->after)
        dew_place_mark_readers(child);
}

/* ---- passes ---- */

void dew_places_begin(void)
{
    p.pass++;
    p.current = &p.root;
    p.expected = NULL;
    p.root.is_entered = true;
    p.root.has_changed = true;
    p.root.met_count = 0;
    p.way_in = NULL;
    p.met = NULL;
    p.met_end = &p.met;
    for (dew_place *place = p.watched; place != NULL; place = place->next_watched)
        if (place->kind->is_changed(place))
            dew_place_mark(place);
}

/* Tells it and all inside that they go; they come on the list of those to be freed. */
static void dispose(dew_place *place, dew_place **gone)
{
    for (dew_place *child = place->last; child != NULL; child = child->before)
        dispose(child, gone);
    if (place->kind->dispose != NULL)
        place->kind->dispose(place);
    if (place->watched_at != NULL) {
        *place->watched_at = place->next_watched;
        if (place->next_watched != NULL)
            place->next_watched->watched_at = place->watched_at;
    }
    table_take(place);
    place->next_met = *gone; /* it was not met: nothing else uses the link */
    *gone = place;
}

static void unlink_child(dew_place *place)
{
    *(place->before != NULL ? &place->before->after : &place->parent->first) = place->after;
    *(place->after != NULL ? &place->after->before : &place->parent->last) = place->before;
}

/* Those of its children go that were not met. Found from the first on, for then all others need not be looked at. */
static void sweep(dew_place *place, dew_place **gone)
{
    uint32_t left = place->child_count - place->met_count;
    dew_place *child = place->first, *last = NULL;
    for (uint32_t found = 0; found < left; child = child->after)
        if (child->met != p.pass) {
            last = child;
            found++;
        }
    for (dew_place *before; left > 0; last = before) {
        before = last->before;
        if (last->met == p.pass)
            continue;
        left--;
        unlink_child(last);
        place->child_count--;
        dispose(last, gone);
    }
}

bool dew_places_are_acting(void)
{
    return p.is_acting;
}

/* What an effect has changed is rendered. */
static bool is_any_changed(void)
{
    const dew_place *place = p.watched;
    while (place != NULL && !place->kind->is_changed(place))
        place = place->next_watched;
    return place != NULL;
}

void dew_places_end(void)
{
#ifdef DEW_DEVELOPMENT
    dew_carry_end();
#endif
    dew_place *gone = NULL;
    sweep(&p.root, &gone);
    for (dew_place *place = p.met; place != NULL; place = place->next_met) {
        if (place->is_entered)
            sweep(place, &gone);
        place->is_new = place->has_changed = false;
        if (place->kind->settle != NULL)
            place->kind->settle(place);
    }
    p.is_acting = true;
    for (dew_place *place = p.met; place != NULL; place = place->next_met)
        if (place->kind->act != NULL)
            place->kind->act(place);
    p.is_acting = false;
    for (dew_place *next; gone != NULL; gone = next) {
        next = gone->next_met;
        free(gone);
    }
    if (is_any_changed())
        dew_view_on_handled();
}
