/* loader.c - see loader.h: the line. One run on its fiber is attempt.c's. Worker's thread.
 *
 *     start ── in line ─┬─ on a fiber: try, try again … ─┬─ settled ─────────────→ finish
 *                       │                                └─ left ── finish;  the loader goes on as an orphan, then is freed
 *                       └─ cancelled ────────────────────────────→ finish
 *
 * A run ends with its deadline, with who waited for it, or with the server, whatever its loader does (scope/errand.h). */
#include "live/loader.h"

#include "io/fiber.h"
#include "io/timer.h"
#include "live/loader_internal.h"

#include <assert.h>
#include <stdlib.h>

/* After which a run that got no memory for its fiber is tried again. */
#define RETRY_MS 20

static void on_fiber(void *arg)
{
    dew_attempt_run(arg);
}

/* Out of the line without having begun. No fiber is needed for that. */
static void drop(dew_attempt *a, int code)
{
    dew_loader *loader = a->loader;
    a->dropped = code;
    a->is_queued = false;
    loader->queue_count--;
    dew_timer_stop(&a->in_line);
    dew_list_unlink(&a->link);
    dew_list_push_back(&loader->dropped, &a->link);
    dew_loop_defer(loader->config.loop, &loader->deferred);
}

static void on_late_in_line(dew_timer *timer)
{
    drop(dew_container_of(timer, dew_attempt, in_line), DEW_E_LOADER_TIMEOUT);
}

static void finish_dropped(dew_loader *loader)
{
    for (dew_link *link; (link = dew_list_pop_front(&loader->dropped)) != NULL;) {
        dew_attempt *a = dew_container_of(link, dew_attempt, link);
        int code = a->dropped;
        if (code == DEW_E_LOADER_TIMEOUT)
            code = dew_attempt_late(a);
        else
            dew_error_set(&a->run->error, code, "%s", dew_error_text(code));
        bool again = dew_run_settle(a->run, code);
        assert(!again);
        (void)again; /* without assertions */
        dew_attempt_finish(a);
    }
}

/* Starts what is in line, so many; false: the others have to wait for a fiber or memory, which is seen to. */
static bool start_some(dew_loader *loader)
{
    for (int started = 0; started < DEW_LOADER_STARTS_MAX && !dew_list_is_empty(&loader->queue); started++) {
        dew_attempt *a = dew_container_of(loader->queue.next, dew_attempt, link);
        dew_list_unlink(&a->link);
        dew_list_push_back(&loader->running, &a->link);
        a->is_queued = false;
        loader->queue_count--;
        int failed = dew_fiber_spawn(loader->config.loop, a->run->fn->fn->name, on_fiber, a);
        if (failed == 0)
            continue; /* and may be gone */
        dew_list_unlink(&a->link);
        dew_list_push_front(&loader->queue, &a->link);
        a->is_queued = true;
        loader->queue_count++;
        if (failed == DEW_E_BUSY)
            dew_fiber_await_free(loader->config.loop, &loader->freed);
        else
            dew_timer_start(&loader->retry, RETRY_MS);
        return false;
    }
    return true;
}

/* As many as one turn takes; the rest follows. */
static void start_queued(dew_loader *loader)
{
    finish_dropped(loader);
    if (loader->more.link.next == NULL && start_some(loader) && !dew_list_is_empty(&loader->queue))
        dew_loop_defer_next(loader->config.loop, &loader->more);
}

static void on_more(dew_deferred *deferred)
{
    start_queued(dew_container_of(deferred, dew_loader, more));
}

static void on_deferred(dew_deferred *deferred)
{
    start_queued(dew_container_of(deferred, dew_loader, deferred));
}

static void on_freed(dew_deferred *deferred)
{
    start_queued(dew_container_of(deferred, dew_loader, freed));
}

static void on_retry(dew_timer *timer)
{
    start_queued(dew_container_of(timer, dew_loader, retry));
}

int dew_loader_create(const dew_loader_config *config, dew_loader **out)
{
    dew_loader *loader = calloc(1, sizeof *loader);
    if (loader == NULL)
        return DEW_E_NOMEM;
    loader->config = *config;
    dew_list_init(&loader->queue);
    dew_list_init(&loader->dropped);
    dew_list_init(&loader->running);
    loader->deferred.run = on_deferred;
    loader->freed.run = on_freed;
    loader->more.run = on_more;
    if (config->loop != NULL)
        dew_timer_init(&loader->retry, config->loop, on_retry);
    *out = loader;
    return 0;
}

void dew_loader_destroy(dew_loader *loader)
{
    if (loader == NULL)
        return;
    assert(loader->count == 0);
    if (loader->config.loop != NULL) {
        dew_deferred_cancel(&loader->deferred);
        dew_deferred_cancel(&loader->freed);
        dew_deferred_cancel(&loader->more);
        dew_timer_stop(&loader->retry);
    }
    free(loader);
}

int dew_loader_start(dew_loader *loader, dew_run *run)
{
    dew_loop *loop = loader->config.loop;
    if (loop != NULL && loader->queue_count >= dew_fiber_free_count(loop) + DEW_LOADER_QUEUE_MAX)
        return DEW_E_BUSY;
    dew_attempt *a = calloc(1, sizeof *a);
    if (a == NULL)
        return DEW_E_NOMEM;
    a->loader = loader;
    a->run = run;
    a->is_queued = true;
    run->environment = a;
    int64_t limit_ms = dew_attempt_timeout_ms(a);
    a->deadline_ms = limit_ms < DEW_TIMER_DELAY_MAX_MS ? dew_attempt_now_ms(a) + limit_ms : INT64_MAX;
    if (loop != NULL) {
        dew_loop_defer(loop, &loader->deferred);
        dew_timer_init(&a->in_line, loop, on_late_in_line);
    }
    if (loop != NULL && a->deadline_ms != INT64_MAX)
        dew_timer_start(&a->in_line, limit_ms);
    dew_list_push_back(&loader->queue, &a->link);
    loader->count++;
    loader->queue_count++;
    return 0;
}

void dew_loader_cancel(dew_loader *loader, dew_run *run)
{
    dew_attempt *a = run->environment;
    if (a->is_queued && loader->config.loop != NULL) {
        drop(a, DEW_E_CANCELLED);
    } else if (a->is_loading && run->cancelled_by == DEW_END_PROGRAM) {
        dew_scope_cancel(&a->errand.scope, DEW_E_CANCELLED, NULL);
    } else if (a->is_loading) {
        dew_scope_end(&a->errand.scope, run->cancelled_by != DEW_END_NONE ? run->cancelled_by : DEW_END_CLIENT_GONE);
    }
}

void dew_loader_end(dew_loader *loader)
{
    loader->is_ending = true;
    if (loader->config.loop != NULL)
        dew_list_each_safe(link, &loader->queue)
            drop(dew_container_of(link, dew_attempt, link), DEW_E_CANCELLED);
    dew_list_each(link, &loader->running) {
        dew_attempt *a = dew_container_of(link, dew_attempt, link);
        if (a->is_loading)
            dew_scope_end(&a->errand.scope, DEW_END_DRAINING);
    }
}

size_t dew_loader_count(const dew_loader *loader)
{
    return loader->count;
}

void dew_loader_drain(dew_loader *loader)
{
    assert(loader->config.loop == NULL);
    for (dew_link *link; (link = dew_list_pop_front(&loader->queue)) != NULL;)
        dew_attempt_run(dew_container_of(link, dew_attempt, link));
}
