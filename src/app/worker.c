/* worker.c - see worker.h.
 *
 *     init → runs → drain ─ listener closed, tasks ended, "bye" to sockets, server closing ─→ closed ─ live stopped ─→ no fiber left → stop
 *                     └─ limit: the scopes of all that is under way end; DEW_APP_CUT_MS later the connections are cut ─→ closed
 */
#include "app/worker.h"

#include "app/drain.h"
#include "app/endpoints.h"
#include "app/log.h"
#include "app/navigations.h"
#include "app/socket.h"
#include "app/tasks.h"
#include "app/visit.h"
#include "io/fiber.h"

/* How often a draining worker looks whether its last handlers have returned, and how often it does so at most. */
#define SETTLE_MS 5
#define SETTLE_TRIES (5000 / SETTLE_MS)

static void tick(dew_timer *timer)
{
    dew_live_tick(dew_container_of(timer, app_worker, tick)->live);
}

static bool may_watch(const dew_app *app, const dew_fn *query, const dew_channel *channel)
{
    return app_guards_may_watch(&app->guarding, query, channel);
}

int app_worker_init(app_worker *worker, dew_app *app, unsigned index, dew_loop *loop, dew_error *error)
{
    *worker = (app_worker){ .app = app, .index = index, .loop = loop };
    dew_list_init(&worker->sockets);
    dew_list_init(&worker->scopes);
    app_navigations_init(&worker->navigations);
    dew_buf_init(&worker->html, DEW_APP_HTML_MAX);
    dew_buf_init(&worker->page, DEW_APP_HTML_MAX);
    dew_loop_set_data(loop, worker);
    dew_outgoing_init(&worker->outgoing, loop, &app->config.fetch);
    worker->live = dew_live_worker_at(app->live, index);
    int code = app->db != NULL ? dew_sql_create(app->db, loop, &worker->sql) : 0;
    if (code != 0)
        return dew_error_set(error, code, "a worker's readers could not be made: %s", dew_error_text(code));
    const dew_loader_config loading = { .loop = loop,
                                        .offload = app->offload,
                                        .sql = worker->sql,
                                        .app = app,
                                        .context = app->config.context,
                                        .deps = app->config.deps,
                                        .may_watch = may_watch,
                                        .orphans = &worker->orphans,
                                        .is_timed = app->config.server_timing || app->config.development,
                                        .timeout = app->config.loader_timeout };
    code = dew_loader_create(&loading, &worker->loader);
    if (code != 0)
        return dew_error_set(error, code, "out of memory");
    code = dew_holder_create(loop, worker->sql, &worker->holder);
    if (code != 0)
        return dew_error_set(error, code, "out of memory");
    const dew_http_server_options options = {
        .handler = app_handle, .context = worker, .hosts = app->hosts, .stats = &worker->http_stats
    };
    code = dew_http_server_create(loop, &options, &worker->http);
    if (code != 0)
        return dew_error_set(error, code, "a worker's server could not be made: %s", dew_error_text(code));
    dew_timer_init(&worker->tick, loop, tick);
    return 0;
}

void app_worker_accept(void *context, dew_loop *loop, dew_stream *stream)
{
    (void)context;
    app_worker *worker = app_worker_of(loop);
    if (worker->http != NULL)
        dew_http_server_adopt(worker->http, stream);
    else
        dew_stream_close(stream);
}

/* ---- the end ---- */

/* The time to finish is over. What is told to end answers, and its connection then closes. */
static void end_all(app_worker *worker)
{
    dew_loader_end(worker->loader);
    for (dew_link *link; (link = dew_list_pop_front(&worker->scopes)) != NULL;)
        dew_scope_end(dew_container_of(link, dew_scope, of_maker), DEW_END_DRAINING);
}

static void settle(dew_timer *timer)
{
    app_worker *worker = dew_container_of(timer, app_worker, settle);
    if (dew_fiber_count(worker->loop) == 0 && dew_loader_count(worker->loader) == 0 &&
        dew_holder_is_idle(worker->holder)) {
        worker->is_settled = true;
        dew_loop_stop(worker->loop);
        app_worker_settled(worker->app);
        return;
    }
    end_all(worker); /* live queries, and what threads wait for in dew_render_url: nobody else ends them */
    dew_holder_end(worker->holder);
    if (++worker->settle_tries == SETTLE_TRIES)
        app_log(worker->app, DEW_LOG_WARN, "worker %u waits for %zu handlers that do not look at their scope's end",
                worker->index, dew_fiber_count(worker->loop));
    dew_timer_start(timer, SETTLE_MS);
}

static void server_closed(void *context)
{
    app_worker *worker = context;
    worker->http = NULL;
    dew_timer_stop(&worker->tick);
    dew_timer_stop(&worker->limit);
    dew_live_worker_stop(worker->live);
    dew_timer_init(&worker->settle, worker->loop, settle);
    dew_timer_start(&worker->settle, 0);
}

static void limit_passed(dew_timer *timer)
{
    end_all(dew_container_of(timer, app_worker, limit));
}

static int64_t drain_ms(const app_worker *worker)
{
    int64_t ms = dew_duration_ms(worker->app->config.drain, DEW_APP_DRAIN_MS);
    return ms < DEW_TIMER_DELAY_MAX_MS ? ms : DEW_TIMER_DELAY_MAX_MS;
}

static void drain(dew_loop *loop, dew_msg *msg)
{
    (void)loop;
    app_worker *worker = dew_container_of(msg, app_worker, drain);
    if (worker->index == 0) {
        dew_listener_close(worker->app->listener);
        worker->app->listener = NULL;
        dew_foreign_close(worker->app->foreign);
        worker->app->foreign = NULL;
    }
    worker->is_draining = true;
    dew_timer_init(&worker->limit, worker->loop, limit_passed);
    dew_timer_start(&worker->limit, drain_ms(worker));
    app_tasks_end(worker);
    app_sockets_spread(worker);
    dew_http_server_close(worker->http, drain_ms(worker) + DEW_APP_CUT_MS, server_closed, worker);
}

static void hurry(dew_loop *loop, dew_msg *msg)
{
    (void)loop;
    app_worker *worker = dew_container_of(msg, app_worker, hurry);
    if (worker->http == NULL)
        return;
    end_all(worker);
    dew_http_server_close(worker->http, DEW_APP_CUT_MS, server_closed, worker);
}

void app_worker_hurry(app_worker *worker)
{
    worker->hurry.run = hurry;
    (void)!dew_loop_post_answer(worker->loop, &worker->hurry); /* refused by a loop that has ended */
}

void app_worker_drain(app_worker *worker)
{
    worker->drain.run = drain;
    if (dew_loop_post_answer(worker->loop, &worker->drain) != 0)
        dew_loop_stop(worker->loop);
}

void app_worker_undo(app_worker *worker)
{
    if (worker->http == NULL)
        return;
    app_worker_drain(worker);
    while (!worker->is_settled) /* a stop may be left from before */
        dew_loop_run(worker->loop);
}

void app_worker_dispose(app_worker *worker)
{
    app_visits_dispose(worker);
    dew_holder_destroy(worker->holder);
    dew_loader_destroy(worker->loader);
    dew_sql_destroy(worker->sql);
    dew_buf_dispose(&worker->html);
    dew_buf_dispose(&worker->page);
}
