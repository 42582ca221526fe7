/* state.client.c - what components keep, in the browser. See dew/state.h; how a place is found again: place.h. */
#include "type/copy.h"
#include "type/equal.h"
#include "view/carry.h"
#include "view/place.h"

#include <dew/state.h>

#include <stdlib.h>

#define PROPS_MAX (16u << 20) /* bytes of one copy of props */

/* ---- use_state ---- */

/* Behind it stand the bytes, and behind these what they were when they were last rendered. */
typedef struct state {
    dew_place place;
    size_t size;
    _Alignas(8) char bytes[];
} state;

static bool state_is_changed(const dew_place *place)
{
    const state *s = (const state *)(const void *)place;
    return memcmp(s->bytes, s->bytes + s->size, s->size) != 0;
}

static void state_settle(dew_place *place)
{
    state *s = (state *)(void *)place;
    memcpy(s->bytes + s->size, s->bytes, s->size);
}

#ifdef DEW_DEVELOPMENT
static dew_str state_give(const dew_place *place)
{
    const state *s = (const state *)(const void *)place;
    return dew_str_make(s->bytes, s->size);
}

static void state_take(dew_place *place, dew_str bytes)
{
    state *s = (state *)(void *)place;
    if (bytes.len == s->size)
        memcpy(s->bytes, bytes.ptr, s->size);
}

static const struct dew_carry state_carry = { state_give, state_take };
#define CARRIED_BY(carry_) .carry = &(carry_),
#else
#define CARRIED_BY(carry_)
#endif

void *dew_use_state_(const void *site, const void *initial, size_t size)
{
    static const dew_place_kind kind = { CARRIED_BY(state_carry).is_changed = state_is_changed,
                                         .settle = state_settle };
    state *s = dew_place_meet(&kind, sizeof *s + 2 * size, site, (dew_key){ .kind = DEW_KEY_NONE_ });
    s->size = size;
    if (s->place.is_new) {
        memcpy(s->bytes, initial, size);
        dew_carry_arrive(&s->place);
    }
    return s->bytes;
}

/* ---- use_text ---- */

typedef struct text {
    dew_place place;
    dew_text_state state;
    char *chars; /* of state.text; owned */
    size_t cap;
    bool is_changed;
} text;

static bool text_is_changed(const dew_place *place)
{
    return ((const text *)(const void *)place)->is_changed;
}

static void text_settle(dew_place *place)
{
    ((text *)(void *)place)->is_changed = false;
}

static void text_dispose(dew_place *place)
{
    free(((text *)(void *)place)->chars);
}

void dew_text_set(dew_text_state *state, dew_str given)
{
    text *t = (text *)(void *)((char *)state - offsetof(text, state));
    if (dew_str_eq(state->text, given))
        return;
    if (given.len >= t->cap) { /* the former text may be what is given */
        size_t cap = given.len + 1 > 2 * t->cap ? given.len + 1 : 2 * t->cap;
        char *chars = malloc(cap);
        if (chars == NULL)
            __builtin_trap();
        memcpy(chars, given.ptr, given.len);
        free(t->chars);
        t->chars = chars;
        t->cap = cap;
    } else {
        memmove(t->chars, given.ptr, given.len);
    }
    t->chars[given.len] = '\0';
    state->text = dew_str_make(t->chars, given.len);
    t->is_changed = true;
}

#ifdef DEW_DEVELOPMENT
static dew_str text_give(const dew_place *place)
{
    return ((const text *)(const void *)place)->state.text;
}

static void text_take(dew_place *place, dew_str bytes)
{
    dew_text_set(&((text *)(void *)place)->state, bytes);
}

static const struct dew_carry text_carry = { text_give, text_take };
#endif

dew_text_state *dew_use_text_(const void *site, const char *initial)
{
    static const dew_place_kind kind = { CARRIED_BY(text_carry).is_changed = text_is_changed, .settle = text_settle,
                                         .dispose = text_dispose };
    text *t = dew_place_meet(&kind, sizeof *t, site, (dew_key){ .kind = DEW_KEY_NONE_ });
    if (t->place.is_new) {
        if (t->chars == NULL)
            t->state.text = DEW_S("");
        dew_text_set(&t->state, dew_str_of(initial));
        dew_carry_arrive(&t->place);
    }
    return &t->state;
}

/* ---- props: what memoised values and effects are made of ---- */

bool dew_props_take(dew_props *kept, dew_type_fn *type_of, const void *props)
{
    const dew_type *type = type_of();
    if (kept->value != NULL && dew_value_equal(type, kept->value, props))
        return false;
    dew_arena_dispose(&kept->arena);
    dew_arena_init(&kept->arena, PROPS_MAX);
    kept->value = dew_arena_alloc(&kept->arena, type->size);
    if (kept->value == NULL || dew_value_copy(&kept->arena, type, props, kept->value) != 0)
        __builtin_trap();
    return true;
}

/* ---- use_memo ---- */

typedef struct memo {
    dew_place place;
    dew_props props;
    _Alignas(8) char bytes[];
} memo;

static void memo_dispose(dew_place *place)
{
    dew_arena_dispose(&((memo *)(void *)place)->props.arena);
}

const void *dew_use_memo_(const void *site, void (*make)(const void *, void *), dew_type_fn *props_type,
                          const void *props, size_t size)
{
    static const dew_place_kind kind = { .dispose = memo_dispose };
    memo *m = dew_place_meet(&kind, sizeof *m + size, site, (dew_key){ .kind = DEW_KEY_NONE_ });
    if (dew_props_take(&m->props, props_type, props)) {
        memset(m->bytes, 0, size);
        make(props, m->bytes);
    }
    return m->bytes;
}

/* ---- keyed ---- */

dew_keyed_scope dew_keyed_begin_(const void *site, dew_key key)
{
    static const dew_place_kind kind = { .dispose = NULL };
    dew_place *place = dew_place_meet(&kind, sizeof *place, site, key);
    dew_place_enter(place);
    return (dew_keyed_scope){ .open = true, .place = place };
}

void dew_keyed_end_(const dew_keyed_scope *scope)
{
    dew_place_leave(scope->place);
}
