/* timeout.c - dew_with_timeout: an errand (errand.h) that a handler waits for.
 *
 *     caller's fiber: call made, arenas kept ─ spawn ─ waits … goes on with wait.code
 *     call's fiber:                            fn ───────────┘  returned in time: finish
 *     the loop:                                └── left: wait.code is the cause's; fn goes on as an orphan, then frees itself
 *
 * The two sides share nothing but `wait`, on the caller's stack, and only until it is over: the call belongs to its own
 * fiber. What fn allocates stands in an arena of the call's. When fn's own outcome counts, that becomes part of the
 * parent's; otherwise it is freed with the call. The arenas further up, which fn may read, are kept until then. */
#include "io/clock.h"
#include "io/fiber.h"
#include "scope/errand.h"

#include <stdlib.h>

typedef struct wait {
    dew_fiber *fiber;
    int code;
    bool is_over;
} wait;

typedef struct kept_arena {
    struct kept_arena *next;
    dew_arena_keep *keep;
} kept_arena;

/* Arenas above a call, as a rule: the handler's, and those of calls and of children with memory of their own around it. */
#define KEPT_FEW 3

typedef struct call {
    dew_errand errand;
    dew_arena arena; /* of errand.scope; has no memory until fn wants some */
    kept_arena *kept;
    kept_arena few[KEPT_FEW]; /* of `kept`; more stand in the arena */
    const char *name;
    int64_t ms;
    int (*fn)(dew_scope *scope, void *context);
    void *context;
    wait *wait; /* NULL once it is over */
} call;

static void call_free(call *c)
{
    dew_scope_dispose(&c->errand.scope);
    for (const kept_arena *kept = c->kept; kept != NULL; kept = kept->next)
        dew_arena_keep_unref(kept->keep);
    dew_arena_dispose(&c->arena);
    free(c);
}

/* All that stands further up; one keep for each arena. The nearest is let go first: what is dropped with it may look up. */
static int keep_arenas(call *c, const dew_scope *parent)
{
    const dew_arena *last = NULL;
    kept_arena **end = &c->kept;
    size_t count = 0;
    for (const dew_scope *at = parent; at != NULL; at = at->parent) {
        if (at->arena == last)
            continue;
        last = at->arena;
        kept_arena *kept = count < KEPT_FEW ? &c->few[count] : dew_arena_calloc(&c->arena, 1, sizeof *kept);
        count++;
        if (kept == NULL || (kept->keep = dew_arena_keep_of(at->arena)) == NULL)
            return DEW_E_NOMEM;
        *end = kept;
        end = &kept->next;
    }
    return 0;
}

/* What is set further up, set in the child as well: an orphan has no parent to look in. */
static int copy_deps(dew_scope *child, const dew_scope *parent)
{
    dew_scope_dep **end = &child->deps;
    for (const dew_scope *at = parent; at != NULL; at = at->parent)
        for (const dew_scope_dep *dep = at->deps; dep != NULL; dep = dep->next) {
            size_t len = sizeof *dep + dep->dep->size;
            dew_scope_dep *copy = dew_arena_alloc(child->arena, len);
            if (copy == NULL)
                return DEW_E_NOMEM;
            memcpy(copy, dep, len);
            copy->next = NULL;
            *end = copy; /* nearer ones come first */
            end = &copy->next;
        }
    return 0;
}

static call *call_create(dew_scope *parent, dew_loop *loop)
{
    call *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    const dew_arena *above = parent->arena;
    dew_arena_init(&c->arena, above->max_len > above->held_len ? above->max_len - above->held_len : 0);
    dew_scope *child = &c->errand.scope;
    dew_scope_nest(child, parent);
    child->arena = &c->arena;
    child->loop = loop;
    if (keep_arenas(c, parent) == 0 && copy_deps(child, parent) == 0)
        return c;
    call_free(c);
    return NULL;
}

/* ---- the end ---- */

/* What the caller gets; while the scope has its parent. `code` is fn's own. */
static int outcome(const call *c, int code)
{
    const dew_scope *scope = &c->errand.scope;
    dew_scope *parent = scope->parent;
    if (parent->ended != 0)
        return parent->ended;
    if (scope->ended == 0) {
        if (code != 0)
            dew_error_set(&parent->passed_on, code, "%s", dew_scope_words(scope, code));
        return code;
    }
    if (scope->cause.end != DEW_END_DEADLINE)
        return dew_error_set(&parent->passed_on, scope->ended, "%s", scope->cause.text);
    return dew_error_set(&parent->passed_on, DEW_E_LOADER_TIMEOUT, "%s took longer than %lld ms", c->name,
                         (long long)c->ms);
}

static void over(call *c, int code)
{
    wait *w = c->wait;
    c->wait = NULL;
    w->code = code;
    w->is_over = true;
    dew_fiber_resume(w->fiber);
}

static void left(dew_errand *errand)
{
    call *c = dew_container_of(errand, call, errand);
    over(c, outcome(c, 0));
}

/* What fn made lives on with what stands in the parent's arena. */
static void hand_up(call *c)
{
    dew_scope *child = &c->errand.scope, *owner = child->parent;
    while (owner->parent != NULL && owner->parent->arena == owner->arena)
        owner = owner->parent;
    dew_arena_drop **end = &child->kept;
    while (*end != NULL)
        end = &(*end)->next;
    *end = owner->kept;
    owner->kept = child->kept;
    child->kept = NULL;
    for (const kept_arena *kept = c->kept; kept != NULL; kept = kept->next)
        dew_arena_keep_unref(kept->keep);
    c->kept = NULL;
    dew_arena_adopt(owner->arena, &c->arena);
}

static void run(void *arg)
{
    call *c = arg;
    dew_scope *scope = &c->errand.scope;
    scope->fiber = dew_fiber_current();
    int code = c->fn(scope, c->context);
    if (!dew_errand_end(&c->errand)) {
        if (scope->ended == 0)
            hand_up(c);
        over(c, outcome(c, code));
    }
    call_free(c);
}

/* ---- the call ---- */

static int refuse(dew_scope *scope, const char *name, bool is_negative)
{
    if (is_negative)
        return dew_fail(scope, DEW_E_INVALID, "dew_with_timeout: %s: the time is negative", name);
    return dew_fail(scope, DEW_E_UNSUPPORTED,
                    "dew_with_timeout: %s: it needs a handler that may wait (a loader, an action, a guard)", name);
}

int dew_with_timeout(dew_scope *scope, const char *name, int64_t ms, int (*fn)(dew_scope *scope, void *context),
                     void *context)
{
    wait w = { .fiber = dew_fiber_current() };
    if (ms < 0 || w.fiber == NULL)
        return refuse(scope, name, ms < 0);
    if (dew_scope_enter(scope) != 0)
        return scope->ended;
    if (scope->depth >= DEW_SCOPE_DEPTH_MAX)
        return dew_fail(scope, DEW_E_LIMIT, "scopes are nested deeper than %d", DEW_SCOPE_DEPTH_MAX);
    dew_loop *loop = dew_fiber_loop(w.fiber);
    call *c = call_create(scope, loop);
    if (c == NULL)
        return dew_fail(scope, DEW_E_NOMEM, "out of memory");
    c->name = name;
    c->ms = ms;
    c->fn = fn;
    c->context = context;
    c->wait = &w;
    dew_errand_begin(&c->errand, ms, left);
    int code = dew_fiber_spawn(loop, name, run, c);
    if (code != 0) {
        (void)!dew_errand_end(&c->errand);
        call_free(c);
        return dew_fail(scope, code, "%s: too many handlers are running; try again later", name);
    }
    dew_scope_hold(scope);
    while (!w.is_over)
        dew_fiber_suspend();
    dew_scope_unhold(scope);
    return w.code;
}
