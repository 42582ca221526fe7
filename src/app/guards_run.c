/* guards_run.c - a request on its way through a chain of guards: see guards.h and include/dew/guard.h. On its fiber.
 *
 *     app_guards_run → go(0) ─→ guard 0 ─ dew_next_run → go(1) ─→ guard 1 … → reach: what is guarded
 *                        └── conclude ←──────┘ its code      └── conclude ←──┘
 *
 * Closed unless every guard has let it through: `conclude` looks at what a guard returned, at what it did, and at what failed in
 * its scope meanwhile. */
#include "app/guards.h"

#include "app/log.h"
#include "io/clock.h"
#include "io/fiber.h"
#include "scope/scope.h"

typedef struct passage {
    const app_guards *guards;
    app_guard_set skip;
    app_guard_set looked; /* at the arguments */
    dew_scope *scope;
    dew_fiber *fiber; /* that it all runs on */
    const app_guarded *what;
    app_guarded_run *run;
    void *context;
    bool is_reached;
    int reached;
    dew_passed passed; /* of what is guarded: status and passes */
} passage;

struct dew_next {
    passage *passage;
    unsigned index; /* of the guard that holds it */
    bool is_called;
    dew_passed passed;
};

static const char *what_name(const app_guarded *what)
{
    return what->fn != NULL ? what->fn->name : "the page";
}

static int reach(passage *p)
{
    p->is_reached = true;
    p->reached = p->run(p->context, p->scope, ~(p->looked | p->skip), &p->passed);
    return p->reached;
}

/* The guard's name: the place-th of its list. */
static dew_str name_of(const struct app_guard *guard)
{
    const char *from = guard->names != NULL ? guard->names : "a guard";
    for (unsigned i = 0; i < guard->place; i++) {
        const char *comma = strchr(from, ',');
        if (comma == NULL)
            break;
        from = comma + 1;
    }
    while (*from == ' ')
        from++;
    return dew_str_make(from, strcspn(from, ", "));
}

/* The guard did what it must not: closed, and said. */
static int close_for(const passage *p, const struct app_guard *guard, const char *why)
{
    dew_str name = name_of(guard);
    app_log(p->scope->app, DEW_LOG_ERROR, "%.*s closes %s: %s", DEW_STR_FMT(name), what_name(p->what), why);
    return dew_fail(p->scope, DEW_E_DENIED, "%s", dew_error_text(DEW_E_DENIED));
}

/* What a guard's return comes to. */
static int conclude(passage *p, const dew_next *next, int code)
{
    const struct app_guard *guard = &p->guards->items[next->index];
    if (code > 0)
        return close_for(p, guard, "it returned a number that is no code");
    if (code == 0 && next->is_called)
        code = next->passed.code;
    if (code == 0)
        code = p->scope->error.code; /* something failed, and the guard did not look */
    if (code == 0 && !next->is_called)
        return close_for(p, guard, "it returned 0 without having called dew_next_run");
    return code;
}

static int go(passage *p, unsigned index)
{
    unsigned count = p->guards != NULL ? p->guards->count : 0;
    while (index < count && (p->skip >> index & 1) != 0)
        index++;
    if (index >= count)
        return reach(p);
    dew_next next = { .passage = p, .index = index };
    return conclude(p, &next, p->guards->items[index].guard(p->scope, &next));
}

int dew_next_run(dew_next *next, dew_passed *passed)
{
    passage *p = next->passage;
    if (dew_fiber_current() != p->fiber)
        return dew_fail(p->scope, DEW_E_UNSUPPORTED,
                        "dew_next_run belongs to the guard's own fiber, not into dew_with_timeout");
    if (!next->is_called) {
        next->is_called = true;
        int64_t from_ns = dew_clock_now_ns();
        int code = dew_scope_check(p->scope, from_ns); /* nothing begins in a scope that has ended */
        if (code == 0)
            code = go(p, next->index + 1);
        bool is_own = p->is_reached && code == p->reached;
        next->passed = (dew_passed){ .code = code,
                                     .status = code == 0 ? 200 : dew_error_status(code),
                                     .duration_us = (dew_clock_now_ns() - from_ns) / 1000,
                                     .passes = p->passed.passes };
        if (is_own && p->passed.status != 0)
            next->passed.status = p->passed.status;
    }
    if (passed != NULL)
        *passed = next->passed;
    return next->passed.code;
}

const void *dew_next_args_of(dew_next *next, dew_type_fn *type)
{
    passage *p = next->passage;
    p->looked |= (app_guard_set)1 << next->index;
    return p->what->type == type ? p->what->args : NULL;
}

const dew_fn *dew_next_fn(const dew_next *next)
{
    return next->passage->what->fn;
}

int app_guards_run(const app_guards *guards, app_guard_set skip, dew_scope *scope, const app_guarded *what,
                   app_guarded_run *run, void *context, app_guards_outcome *outcome)
{
    passage p = { .guards = guards,
                  .skip = skip,
                  .scope = scope,
                  .fiber = dew_fiber_current(),
                  .what = what,
                  .run = run,
                  .context = context };
    int code = go(&p, 0);
    if (outcome != NULL)
        *outcome = (app_guards_outcome){ p.is_reached, p.reached };
    return code;
}

app_guard_set app_guards_among(const app_guards *chain, const app_guards *other, app_guard_set settled)
{
    app_guard_set among = 0;
    for (unsigned i = 0; chain != NULL && other != NULL && i < chain->count; i++)
        for (unsigned k = 0; k < other->count; k++)
            if (chain->items[i].guard == other->items[k].guard && (settled >> k & 1) != 0)
                among |= (app_guard_set)1 << i;
    return among;
}
