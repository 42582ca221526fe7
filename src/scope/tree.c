/* tree.c - the life of a scope: made, nested, ended for a cause, disposed of. The order of an end is in scope.h.
 *
 * On the scope's worker only. Invariants: cause.end is set once and `ended` with it; a child of an ended scope is ended; a
 * listener is linked only while its scope has neither ended nor been disposed of. */
#include "io/clock.h"
#include "scope/scope.h"

#include <assert.h>
#include <stdlib.h>

void dew_scope_init(dew_scope *scope, dew_arena *arena)
{
    *scope = (dew_scope){ .arena = arena };
    dew_list_init(&scope->listeners);
    dew_list_init(&scope->children);
}

/* ---- listeners ---- */

void dew_scope_listen(dew_scope *scope, dew_scope_listener *listener)
{
    listener->link = (dew_link){ NULL, NULL };
    if (scope->ended != 0)
        listener->on_end(listener, &scope->cause);
    else
        dew_list_push_back(&scope->listeners, &listener->link);
}

void dew_scope_unlisten(dew_scope_listener *listener)
{
    dew_list_unlink(&listener->link);
}

/* What dew_on_end keeps; in the root's arena, so that an undo may come after its scope has closed. */
typedef struct watcher {
    dew_scope_listener listener;
    void (*fn)(void *context, const dew_cause *cause);
    void *context;
} watcher;

static void watcher_fire(dew_scope_listener *listener, const dew_cause *cause)
{
    watcher *w = dew_container_of(listener, watcher, listener);
    w->fn(w->context, cause);
}

static void watcher_undo(void *context)
{
    dew_scope_unlisten(&((watcher *)context)->listener);
}

dew_undo dew_on_end(dew_scope *scope, void (*fn)(void *context, const dew_cause *cause), void *context)
{
    if (scope->ended != 0) {
        fn(context, &scope->cause);
        return (dew_undo){ NULL, NULL };
    }
    watcher *w = dew_arena_calloc(scope->arena, 1, sizeof *w);
    if (w == NULL) {
        dew_fail(scope, DEW_E_NOMEM, "out of memory");
        return (dew_undo){ NULL, NULL };
    }
    *w = (watcher){ .listener.on_end = watcher_fire, .fn = fn, .context = context };
    dew_scope_listen(scope, &w->listener);
    return (dew_undo){ watcher_undo, w };
}

/* ---- ending ---- */

static const dew_cause causes[] = {
    [DEW_END_CLIENT_GONE] = { DEW_END_CLIENT_GONE, DEW_E_CANCELLED, "the client has gone" },
    [DEW_END_DEADLINE] = { DEW_END_DEADLINE, DEW_E_TIMEOUT, "the deadline passed" },
    [DEW_END_SUPERSEDED] = { DEW_END_SUPERSEDED, DEW_E_CANCELLED, "superseded by a newer request" },
    [DEW_END_DRAINING] = { DEW_END_DRAINING, DEW_E_CANCELLED, "the server is going down" },
};

bool dew_scope_is_ended(const dew_scope *scope)
{
    return __atomic_load_n(&scope->ended, __ATOMIC_RELAXED) != 0; /* perhaps on another thread: dew_offload */
}

const dew_cause *dew_scope_cause(const dew_scope *scope)
{
    return scope->ended != 0 ? &scope->cause : NULL;
}

/* The calls may end, dispose of and close any scope of the tree, this one and its children included. Recursion: at most
 * DEW_SCOPE_DEPTH_MAX deep. */
static void end_with(dew_scope *scope, dew_cause cause)
{
    if (scope->ended != 0)
        return;
    scope->cause = cause;
    __atomic_store_n(&scope->ended, cause.code, __ATOMIC_RELAXED);
    scope->endings++;
    dew_timer_stop(&scope->deadline);
    for (dew_link *link; (link = dew_list_pop_front(&scope->children)) != NULL;)
        end_with(dew_container_of(link, dew_scope, siblings), cause);
    for (dew_link *link; (link = dew_list_pop_front(&scope->listeners)) != NULL;) {
        dew_scope_listener *listener = dew_container_of(link, dew_scope_listener, link);
        listener->on_end(listener, &scope->cause);
    }
    if (--scope->endings == 0 && scope->is_freed_by_end)
        free(scope);
}

void dew_scope_end(dew_scope *scope, dew_end end)
{
    assert(end > DEW_END_NONE && end < DEW_END_PROGRAM);
    end_with(scope, causes[end]);
}

void dew_scope_cancel(dew_scope *scope, int code, const char *text)
{
    if (scope->ended != 0)
        return;
    if (dew_error_from_name(dew_str_of(dew_error_name(code))) != code || code == 0)
        code = DEW_E_CANCELLED; /* no code of the list */
    dew_str kept = text != NULL ? dew_arena_str(scope->arena, dew_str_of(text)) : (dew_str){ NULL, 0 };
    end_with(scope, (dew_cause){ DEW_END_PROGRAM, code, kept.ptr != NULL ? kept.ptr : dew_error_text(code) });
}

/* ---- the deadline ---- */

static void on_deadline(dew_timer *timer)
{
    dew_scope_end(dew_container_of(timer, dew_scope, deadline), DEW_END_DEADLINE);
}

void dew_scope_limit(dew_scope *scope, int64_t limit_ms)
{
    if (limit_ms >= DEW_TIMER_DELAY_MAX_MS)
        return;
    if (limit_ms < 0)
        limit_ms = 0;
    int64_t deadline_ns = dew_clock_now_ns() + limit_ms * 1000000;
    if (scope->deadline_ns != 0 && scope->deadline_ns <= deadline_ns)
        return; /* the parent's is first */
    scope->deadline_ns = deadline_ns;
    if (scope->loop == NULL || scope->ended != 0)
        return; /* then nothing waits */
    dew_timer_init(&scope->deadline, scope->loop, on_deadline);
    dew_timer_start(&scope->deadline, limit_ms);
}

int dew_scope_check(dew_scope *scope, int64_t now_ns)
{
    if (scope->ended != 0 || scope->deadline_ns == 0 || now_ns < scope->deadline_ns)
        return scope->ended;
    if (scope->parent != NULL)
        (void)dew_scope_check(scope->parent, now_ns); /* its deadline may be this one: then the end is the parent's */
    if (scope->ended == 0)
        dew_scope_end(scope, DEW_END_DEADLINE);
    return scope->ended;
}

int64_t dew_scope_remaining_ms(const dew_scope *scope)
{
    if (scope->ended != 0)
        return 0;
    if (scope->deadline_ns == 0)
        return INT64_MAX;
    int64_t left_ns = scope->deadline_ns - dew_clock_now_ns();
    return left_ns <= 0 ? 0 : (left_ns + 999999) / 1000000;
}

/* ---- children ---- */

void dew_scope_nest(dew_scope *child, dew_scope *parent)
{
    dew_scope_init(child, parent->arena);
    child->app = parent->app;
    child->context = parent->context;
    child->loop = parent->loop;
    child->fiber = parent->fiber;
    child->offload = parent->offload;
    child->source = parent->source;
    child->source_context = parent->source_context;
    child->identify = parent->identify;
    child->sql = parent->sql;
    child->pin = parent->pin;
    child->reads = parent->reads;
    child->name = parent->name;
    child->out = parent->out;
    child->out_type = parent->out_type;
    child->deadline_ns = parent->deadline_ns;
    child->provided = parent->provided;
    child->orphans = parent->orphans;
    child->errand = parent->errand;
    child->parent = parent;
    child->depth = parent->depth + 1;
    child->cause = parent->cause;
    child->ended = parent->ended;
    if (parent->ended == 0)
        dew_list_push_back(&parent->children, &child->siblings);
    parent->child_count++;
}

dew_scope *dew_scope_open(dew_scope *parent, dew_scope_options options)
{
    if (parent->depth >= DEW_SCOPE_DEPTH_MAX) {
        dew_fail(parent, DEW_E_LIMIT, "scopes are nested deeper than %d", DEW_SCOPE_DEPTH_MAX);
        return NULL;
    }
    dew_scope *child = malloc(sizeof *child);
    if (child == NULL) {
        dew_fail(parent, DEW_E_NOMEM, "out of memory");
        return NULL;
    }
    dew_scope_nest(child, parent);
    if (options.own_memory) {
        const dew_arena *above = parent->arena;
        dew_arena_init(&child->own, above->max_len > above->held_len ? above->max_len - above->held_len : 0);
        child->arena = &child->own;
    }
    dew_scope_limit(child, dew_duration_ms(options.timeout, INT64_MAX));
    return child;
}

/* A code that the handler passes on from a child keeps its words. They are no failure of the parent's. */
static void keep_words(dew_scope *parent, const dew_error *error)
{
    if (error->code == 0 || parent->is_disposed)
        return;
    parent->passed_on = *error;
}

void dew_scope_close(dew_scope **scope)
{
    if (scope == NULL || *scope == NULL)
        return;
    dew_scope *child = *scope;
    *scope = NULL;
    assert(child->parent != NULL);
    keep_words(child->parent, &child->error);
    dew_scope_dispose(child);
    dew_arena_dispose(&child->own);
    if (child->endings > 0)
        child->is_freed_by_end = true;
    else
        free(child);
}

int dew_scope_keep(dew_scope *scope, void (*drop)(void *context), void *context)
{
    while (scope->parent != NULL && scope->parent->arena == scope->arena)
        scope = scope->parent; /* what stands in the arena may point to it */
    dew_arena_drop *kept = dew_arena_alloc(scope->arena, sizeof *kept);
    if (kept == NULL)
        return DEW_E_NOMEM;
    *kept = (dew_arena_drop){ scope->kept, drop, context };
    scope->kept = kept;
    return 0;
}

void dew_scope_dispose(dew_scope *scope)
{
    if (scope == NULL || scope->arena == NULL || scope->is_disposed)
        return;
    assert(scope->child_count == 0);
    scope->is_disposed = true;
    dew_list_unlink(&scope->of_maker);
    dew_timer_stop(&scope->deadline);
    for (dew_link *link; (link = dew_list_pop_front(&scope->listeners)) != NULL;)
        assert(dew_container_of(link, dew_scope_listener, link)->on_end == watcher_fire);
    dew_arena_drop_all(scope->arena, scope->kept);
    if (scope->parent == NULL)
        return;
    dew_list_unlink(&scope->siblings);
    scope->parent->child_count--;
}
