/* effect.client.c - effects: done when the DOM is as the render says, undone before they are done again and when their
 * place goes. See dew/effect.h.
 *
 *            met, props differ              pass completed
 *     idle ───────────────────→ due ──────────────────────────→ undo, run ──→ idle
 *                                                                 the place goes, the page is left: undo
 *
 * What an effect began stands in a list, the last first: the host knows timers and listeners by the address of their entry. */
#include "view/effect.h"

#include "type/json.h"
#include "view/memo.h"
#include "view/ref.h"
#include "view/tree.h"

#include <dew/effect.h>

#include <stdlib.h>

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))
#define DETAIL_MAX (16u << 20)  /* memory of what one event says */
#define TIMER_MAX_MS 0x7fffffff /* the browser's longest */

IMPORT(effects) void host_effects(void); /* there are effects: say when the page is left */
IMPORT(effect_timer) void host_effect_timer(uint32_t token, double ms, bool repeats);
IMPORT(effect_listen) void host_effect_listen(uint32_t token, uint32_t node, const char *name);
IMPORT(effect_end) void host_effect_end(uint32_t token);

typedef struct begun {
    struct begun *before;
    dew_undo_fn *undo; /* NULL: the host ends it */
    void *data;
    dew_do action;
} begun;

typedef struct effect {
    dew_place place;
    dew_effect given;
    dew_props props;
    void (*run)(const void *, dew_effect *);
    begun *last;
    bool is_due;
    struct effect *next, **at; /* among all */
} effect;

bool dew_effects_used;
static effect *all;

static effect *effect_of(dew_effect *given)
{
    return (effect *)(void *)((char *)given - offsetof(effect, given));
}

/* ---- doing and undoing ---- */

static void undo(effect *e)
{
    while (e->last != NULL) {
        begun *b = e->last;
        e->last = b->before;
        if (b->undo != NULL)
            b->undo(b->data);
        else
            host_effect_end((uint32_t)(uintptr_t)b);
        free(b);
    }
}

static void act(dew_place *place)
{
    effect *e = (effect *)(void *)place;
    if (!e->is_due)
        return;
    undo(e);
    e->is_due = false;
    e->run(e->props.value, &e->given);
}

static void dispose(dew_place *place)
{
    effect *e = (effect *)(void *)place;
    undo(e);
    dew_arena_dispose(&e->props.arena);
    if (e->at == NULL)
        return;
    *e->at = e->next;
    if (e->next != NULL)
        e->next->at = e->at;
}

static void put_among_all(effect *e)
{
    e->next = all;
    e->at = &all;
    if (all != NULL)
        all->at = &e->next;
    all = e;
}

void dew_use_effect_(const void *site, void (*run)(const void *, dew_effect *), dew_type_fn *props_type,
                     const void *props, void *data)
{
    static const dew_place_kind kind = { .act = act, .dispose = dispose };
    effect *e = dew_place_meet(&kind, sizeof *e, site, (dew_key){ .kind = DEW_KEY_NONE_ });
    if (!dew_effects_used) {
        dew_effects_used = true;
        host_effects();
    }
    if (e->at == NULL) {
        put_among_all(e);
        e->is_due = true;
    }
    if ((props != NULL && dew_props_take(&e->props, props_type, props)) || e->given.data != data)
        e->is_due = true;
    e->run = run;
    e->given.data = data;
}

static dew_effect in_pass; /* of those that run while the view does: nothing is begun there */

void dew_use_effect_ssr_(const void *site, void (*run)(const void *, dew_effect *), dew_type_fn *props_type,
                         const void *props, void *data)
{
    (void)site, (void)props_type;
    dew_memo_never(); /* what it says holds while it says it */
    in_pass.data = data;
    run(props, &in_pass);
}

/* ---- what they begin ---- */

/* NULL: nothing can be begun here. */
static begun *begin(dew_effect *given)
{
    if (given == &in_pass)
        return NULL;
    effect *e = effect_of(given);
    begun *b = calloc(1, sizeof *b);
    if (b == NULL)
        __builtin_trap();
    b->before = e->last;
    e->last = b;
    return b;
}

void dew_effect_undo(dew_effect *given, dew_undo_fn *fn, void *data)
{
    begun *b = begin(given);
    if (b == NULL)
        return;
    b->undo = fn;
    b->data = data;
}

void dew_timer_(dew_effect *given, dew_duration after, dew_do action, bool repeats)
{
    begun *b = begin(given);
    if (b == NULL)
        return;
    b->action = action;
    const int64_t ms = dew_duration_ms(after, 0);
    if (ms != INT64_MAX) /* never */
        host_effect_timer((uint32_t)(uintptr_t)b, ms > TIMER_MAX_MS ? TIMER_MAX_MS : (double)ms, repeats);
}

void dew_listen_(dew_effect *given, dew_ref ref, const char *name, dew_do action)
{
    begun *b = begin(given);
    if (b == NULL)
        return;
    b->action = action;
    const uint32_t node = dew_ref_node(ref);
    if (node != 0)
        host_effect_listen((uint32_t)(uintptr_t)b, node, name);
}

/* ---- what they hear ---- */

static void hear(const begun *b, dew_str text)
{
    dew_event event = { .arg = b->action.arg, .data = (void *)(uintptr_t)b->action.arg, .value = text };
    b->action.fn(&event);
    dew_view_on_handled();
}

void dew_effects_hear(uint32_t token, int what, dew_str text)
{
    if (what == DEW_EFFECT_HEARD)
        hear((const begun *)(uintptr_t)token, text);
    for (effect *e = all; e != NULL && what != DEW_EFFECT_HEARD; e = e->next) {
        undo(e);
        e->is_due = true;
        if (what == DEW_EFFECTS_RETURN)
            act(&e->place);
    }
    if (what == DEW_EFFECTS_RETURN)
        dew_view_on_handled();
}

int dew_event_read_(const dew_event *event, dew_type_fn *type, void *out)
{
    static dew_arena arena;
    dew_arena_dispose(&arena);
    dew_arena_init(&arena, DETAIL_MAX);
    dew_error error;
    return dew_json_read(&arena, event->value, type(), out, NULL, &error);
}
