/* io_uv_loop.c - a loop on libuv: which of its phases does what.
 *
 *     libuv phase   Dew
 *     timers        the wheel advances (one uv_timer, armed to the wheel's next event)
 *     idle          what was deferred to the next turn
 *     prepare       what was deferred by the two above; arms the timer
 *     poll          waits; streams' handlers, the inbox
 *     check         what those deferred
 *     closing       on_close of streams; what it defers runs in the next turn's prepare
 *
 * Loop's thread, but dew_loop_stop and dew_loop_wake. Invariant: at `prepare` the uv_timer is set to the wheel's next
 * event, never later. */
#include "io/io_uv_internal.h"
#include "io/watchdog.h"

#include <assert.h>
#include <stdlib.h>

static dew_uv_loop *loop_of(const uv_loop_t *uv)
{
    return dew_container_of(uv, dew_uv_loop, uv);
}

int64_t dew_loop_now_ms(const dew_loop *loop)
{
    return loop->is_clock_held ? loop->held_now_ms : (int64_t)uv_now(&dew_uv_loop_of(loop)->uv);
}

static void on_timer(uv_timer_t *timer)
{
    dew_uv_loop *loop = loop_of(timer->loop);
    loop->armed_ms = INT64_MAX;
    const char *previous = dew_watchdog_begin(&loop->base, "timer");
    loop->has_worked = true;
    dew_wheel_advance(&loop->base.wheel, dew_loop_now_ms(&loop->base));
    dew_watchdog_end(&loop->base, previous);
}

static void arm_timer(dew_uv_loop *loop)
{
    int64_t next_ms = loop->base.is_clock_held ? INT64_MAX : dew_wheel_next_ms(&loop->base.wheel);
    if (next_ms == loop->armed_ms)
        return;
    loop->armed_ms = next_ms;
    if (next_ms == INT64_MAX) {
        uv_timer_stop(&loop->timer);
        return;
    }
    int64_t now_ms = (int64_t)uv_now(&loop->uv);
    uv_timer_start(&loop->timer, on_timer, next_ms > now_ms ? (uint64_t)(next_ms - now_ms) : 0, 0);
}

static void on_idle(uv_idle_t *idle)
{
    dew_uv_loop *loop = loop_of(idle->loop);
    uv_idle_stop(idle); /* before: what it defers to the next turn starts it again */
    loop->has_worked = true;
    dew_loop_run_deferred_next(&loop->base);
}

static void on_prepare(uv_prepare_t *prepare)
{
    dew_uv_loop *loop = loop_of(prepare->loop);
    loop->has_worked |= !dew_list_is_empty(&loop->base.deferred);
    dew_loop_run_deferred(&loop->base);
    if (loop->is_single_turn && loop->has_worked)
        uv_idle_start(&loop->idle, on_idle); /* this turn has had its work: do not wait for more */
    uv_update_time(&loop->uv);
    arm_timer(loop);
    loop->waited_from_ms = uv_now(&loop->uv);
    loop->base.usage.turns++;
}

static void on_check(uv_check_t *check)
{
    dew_uv_loop *loop = loop_of(check->loop);
    /* libuv's time is that of waking up, before the handlers */
    loop->base.usage.idle_ms += (int64_t)(uv_now(&loop->uv) - loop->waited_from_ms);
    dew_loop_run_deferred(&loop->base);
}

static void on_wake(uv_async_t *wake)
{
    dew_uv_loop *loop = loop_of(wake->loop);
    if (__atomic_load_n(&loop->is_stop_wanted, __ATOMIC_ACQUIRE))
        uv_stop(&loop->uv);
    dew_loop_run_inbox(&loop->base);
}

void dew_loop_wake(dew_loop *loop)
{
    uv_async_send(&dew_uv_loop_of(loop)->wake);
}

void dew_loop_want_turn(dew_loop *loop)
{
    uv_idle_start(&dew_uv_loop_of(loop)->idle, on_idle);
}

int dew_loop_create(const dew_loop_options *options, dew_loop **out)
{
    dew_uv_loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        return DEW_E_NOMEM;
    int status = uv_loop_init(&loop->uv);
    if (status != 0) {
        free(loop);
        return dew_uv_error(status);
    }
    status = uv_async_init(&loop->uv, &loop->wake, on_wake);
    if (status != 0) {
        uv_loop_close(&loop->uv);
        free(loop);
        return dew_uv_error(status);
    }
    /* these cannot fail */
    uv_timer_init(&loop->uv, &loop->timer);
    uv_idle_init(&loop->uv, &loop->idle);
    uv_prepare_init(&loop->uv, &loop->prepare);
    uv_check_init(&loop->uv, &loop->check);
    uv_prepare_start(&loop->prepare, on_prepare);
    uv_check_start(&loop->check, on_check);
    loop->armed_ms = INT64_MAX;
    dew_list_init(&loop->open);
    dew_loop_core_init(&loop->base, options, (int64_t)uv_now(&loop->uv));
    *out = &loop->base;
    return 0;
}

/* Everything that runs handlers goes through here: the thread owns the loop meanwhile, and raises no SIGPIPE. */
static void run(dew_uv_loop *loop, uv_run_mode mode)
{
    assert(!loop->base.is_running && "a loop cannot run within itself");
    dew_uv_sigpipe sigpipe;
    dew_uv_sigpipe_block(&sigpipe);
    dew_loop *before = dew_loop_current();
    dew_loop_set_current(&loop->base);
    loop->base.is_running = true;
    loop->is_single_turn = mode != UV_RUN_DEFAULT;
    loop->has_worked = false;
    uv_run(&loop->uv, mode);
    dew_loop_run_deferred(&loop->base); /* a single turn looks at the timers again after waiting */
    loop->base.is_running = false;
    dew_loop_set_current(before);
    dew_uv_sigpipe_restore(&sigpipe);
}

void dew_loop_run(dew_loop *loop)
{
    dew_uv_loop *self = dew_uv_loop_of(loop);
    while (!__atomic_exchange_n(&self->is_stop_wanted, 0, __ATOMIC_ACQUIRE))
        run(self, UV_RUN_DEFAULT); /* returns for a stop only: the prepare handle is always active */
}

void dew_loop_turn(dew_loop *loop, bool wait)
{
    run(dew_uv_loop_of(loop), wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
}

void dew_loop_stop(dew_loop *loop)
{
    __atomic_store_n(&dew_uv_loop_of(loop)->is_stop_wanted, 1, __ATOMIC_RELEASE);
    dew_loop_wake(loop);
}

void dew_loop_destroy(dew_loop *loop)
{
    if (loop == NULL)
        return;
    dew_uv_loop *self = dew_uv_loop_of(loop);
    dew_uv_sigpipe sigpipe; /* parts may say good-bye to peers that have gone */
    dew_uv_sigpipe_block(&sigpipe);
    dew_loop_dispose_parts(loop);
    dew_uv_sigpipe_restore(&sigpipe);
    dew_loop_drop_inbox(loop);
    while (!dew_list_is_empty(&self->open)) {
        /* handlers of on_close may open and defer again: until nothing is left */
        dew_list_each_safe(link, &self->open) {
            dew_uv_open *open = dew_container_of(link, dew_uv_open, link);
            open->close(open);
        }
        dew_loop_turn(loop, false);
    }
    dew_loop_turn(loop, false);
    uv_close((uv_handle_t *)&self->timer, NULL);
    uv_close((uv_handle_t *)&self->idle, NULL);
    uv_close((uv_handle_t *)&self->prepare, NULL);
    uv_close((uv_handle_t *)&self->check, NULL);
    uv_close((uv_handle_t *)&self->wake, NULL);
    run(self, UV_RUN_DEFAULT);
    int status = uv_loop_close(&self->uv);
    assert(status == 0 && "something was left open on the loop");
    (void)status;
    dew_loop_core_dispose(loop);
    free(self);
}
