/* wait.c - what suspends a handler in its scope: dew_sleep, dew_offload. On the scope's worker, on a fiber. */
#include "io/clock.h"
#include "io/fiber.h"
#include "io/offload.h"
#include "io/timer.h"
#include "scope/scope.h"

/* Wakes a fiber when its scope ends. */
typedef struct waiter {
    dew_scope_listener listener;
    dew_fiber *fiber;
} waiter;

static void on_end(dew_scope_listener *listener, const dew_cause *cause)
{
    (void)cause;
    dew_fiber_resume(dew_container_of(listener, waiter, listener)->fiber);
}

bool dew_scope_await(dew_scope *scope, const bool *is_done)
{
    waiter w = { .listener.on_end = on_end, .fiber = dew_fiber_current() };
    dew_scope_listen(scope, &w.listener);
    while (!*is_done && scope->ended == 0)
        dew_fiber_suspend();
    dew_scope_unlisten(&w.listener);
    return *is_done;
}

/* Wakes a fiber when the time is over. */
typedef struct sleeper {
    dew_timer timer;
    dew_fiber *fiber;
    bool is_due;
} sleeper;

static void on_due(dew_timer *timer)
{
    sleeper *s = dew_container_of(timer, sleeper, timer);
    s->is_due = true;
    dew_fiber_resume(s->fiber);
}

static int not_on_a_fiber(dew_scope *scope, const char *what)
{
    return dew_fail(scope, DEW_E_UNSUPPORTED, "%s needs a handler that may wait (a loader or an action)", what);
}

/* The fiber waits, whatever becomes of the scope. */
static void pause(dew_fiber *fiber, int64_t ms)
{
    sleeper s = { .fiber = fiber };
    dew_timer_init(&s.timer, dew_fiber_loop(fiber), on_due);
    dew_timer_start(&s.timer, ms);
    while (!s.is_due)
        dew_fiber_suspend();
    dew_timer_stop(&s.timer);
}

int dew_scope_enter(dew_scope *scope)
{
    int code = dew_scope_check(scope, dew_clock_now_ns());
    dew_fiber *fiber = code != 0 ? dew_fiber_current() : NULL;
    if (fiber != NULL && ++dew_scope_root(scope)->refusals > DEW_SCOPE_REFUSALS)
        pause(fiber, 1);
    return code;
}

int dew_sleep(dew_scope *scope, int64_t ms)
{
    sleeper s = { .fiber = dew_fiber_current() };
    if (s.fiber == NULL)
        return not_on_a_fiber(scope, "dew_sleep");
    if (dew_scope_enter(scope) != 0)
        return scope->ended;
    dew_timer_init(&s.timer, dew_fiber_loop(s.fiber), on_due);
    dew_timer_start(&s.timer, ms < 0 ? 0 : ms);
    (void)!dew_scope_await(scope, &s.is_due);
    dew_timer_stop(&s.timer);
    return dew_scope_check(scope, dew_clock_now_ns());
}

typedef struct offloaded {
    int (*fn)(void *ctx);
    void *ctx;
    int code;
} offloaded;

static void run_offloaded(void *arg)
{
    offloaded *work = arg;
    work->code = work->fn(work->ctx);
}

int dew_offload(dew_scope *scope, int (*fn)(void *ctx), void *ctx)
{
    offloaded work = { fn, ctx, 0 };
    if (scope->offload == NULL || dew_fiber_current() == NULL)
        return not_on_a_fiber(scope, "dew_offload");
    if (dew_scope_enter(scope) != 0)
        return scope->ended;
    int code = dew_offload_await(scope->offload, run_offloaded, &work);
    if (code != 0)
        return code;
    code = dew_scope_check(scope, dew_clock_now_ns());
    return code != 0 ? code : work.code;
}
