/* metrics.c - see metrics.h. */
#include "app/metrics.h"

#include "app/reply.h"
#include "app/tasks.h"
#include "base/arena_total.h"
#include "base/level.h"
#include "io/fiber.h"

/* Longest text. */
#define METRICS_MAX ((size_t)1 << 20)

bool app_is_loopback(const char *peer_host)
{
    dew_str host = dew_str_of(peer_host);
    return dew_str_starts_with(host, DEW_S("127.")) || dew_str_starts_with(host, DEW_S("::ffff:127.")) ||
           dew_str_eq(host, DEW_S("::1")) || dew_str_eq(host, DEW_S("[::1]")) || dew_str_eq(host, DEW_S("unix"));
}

/* From this machine, and not passed on by a proxy on it: for that one everybody comes from here. */
static bool is_local(const dew_http_request *request)
{
    static const dew_str passed_on[] = { DEW_S_INIT("forwarded"), DEW_S_INIT("x-forwarded-for"),
                                         DEW_S_INIT("x-forwarded-host"), DEW_S_INIT("x-real-ip"), DEW_S_INIT("via") };
    char peer[DEW_ENDPOINT_TEXT_MAX];
    dew_http_request_peer_host(request, peer);
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        if (dew_http_request_header(request, passed_on[i]).ptr != NULL)
            return false;
    return app_is_loopback(peer);
}

/* ---- the table ---- */

static uint64_t sql_statements(const dew_app *app)
{
    return app->db != NULL ? dew_db_statement_count(app->db) : 0;
}

static uint64_t sql_commit(const dew_app *app)
{
    return app->db != NULL ? (uint64_t)dew_db_number(app->db) : 0;
}

static uint64_t arena_bytes(const dew_app *app)
{
    (void)app;
    return dew_arena_total();
}

#define OF_WORKER(name, expression)                                                                                   \
    static uint64_t name(const app_worker *worker)                                                                    \
    {                                                                                                                 \
        return expression;                                                                                            \
    }
OF_WORKER(fibers, dew_fiber_count(worker->loop))
OF_WORKER(connections, DEW_LEVEL_GET(&worker->http_stats.connection_count))
OF_WORKER(sockets, DEW_LEVEL_GET(&worker->http_stats.websocket_count))
OF_WORKER(requests, DEW_LEVEL_GET(&worker->http_stats.pending_count))
OF_WORKER(requests_total, DEW_LEVEL_GET(&worker->http_stats.request_count))
OF_WORKER(gone_total, DEW_LEVEL_GET(&worker->http_stats.gone_count))
OF_WORKER(orphans, DEW_LEVEL_GET(&worker->orphans.now))
OF_WORKER(orphans_total, DEW_LEVEL_GET(&worker->orphans.total))
OF_WORKER(fetches, DEW_LEVEL_GET(&worker->outgoing.counts.under_way))
OF_WORKER(fetches_total, DEW_LEVEL_GET(&worker->outgoing.counts.started))
OF_WORKER(fetch_connections, DEW_LEVEL_GET(&worker->outgoing.counts.connections))

static const app_metric metrics[] = {
    { "dew_sql_statements_total", "counter", "Statements that queries and actions have run.", .of_app = sql_statements },
    { "dew_sql_commit", "gauge", "The last commit number.", .of_app = sql_commit },
    { "dew_connections", "gauge", "Open connections, sockets included.", .of_worker = connections },
    { "dew_sockets", "gauge", "Open WebSockets.", .of_worker = sockets },
    { "dew_requests", "gauge", "HTTP requests under way: read, and not yet answered.", .of_worker = requests },
    { "dew_requests_total", "counter", "HTTP requests that have come.", .of_worker = requests_total },
    { "dew_requests_gone_total", "counter", "Those whose client hung up before the answer.", .of_worker = gone_total },
    { "dew_fibers", "gauge", "Handlers that run or wait.", .of_worker = fibers },
    { "dew_arena_bytes", "gauge", "Memory of requests, results and calls; that which is kept for the next ones included.",
      .of_app = arena_bytes },
    { "dew_orphans", "gauge", "Handlers that go on though their scope has ended and nobody waits for them.", .of_worker = orphans },
    { "dew_orphans_total", "counter", "All that there have been.", .of_worker = orphans_total },
    { "dew_fetches", "gauge", "Requests to other servers (dew_fetch) under way.", .of_worker = fetches },
    { "dew_fetches_total", "counter", "All that have been started.", .of_worker = fetches_total },
    { "dew_fetch_connections", "gauge", "Open connections to other servers, idle ones included.", .of_worker = fetch_connections },
};

static uint64_t value_of(const app_metric *metric, const dew_app *app)
{
    if (metric->of_app != NULL)
        return metric->of_app(app);
    uint64_t sum = 0;
    for (unsigned i = 0; i < app->worker_count; i++)
        sum += metric->of_worker(&app->workers[i]);
    return sum;
}

void app_metrics_write(const dew_app *app, dew_buf *out)
{
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        const app_metric *metric = &metrics[i];
        dew_buf_putf(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", metric->name, metric->help, metric->name,
                     metric->type, metric->name, (unsigned long long)value_of(metric, app));
    }
    app_passes_metrics(app, out);
    app_tasks_metrics(app, out); /* one line per task */
}

/* ---- the address ---- */

void app_metrics_handle(app_worker *worker, dew_http_request *request)
{
    const dew_app *app = worker->app;
    dew_http_method method = dew_http_request_method(request);
    if (app->config.metrics == DEW_METRICS_OFF) {
        (void)dew_http_respond_error(request, DEW_E_NOT_FOUND, "metrics are not served here");
        return;
    }
    if (app->config.metrics == DEW_METRICS_LOCAL && !is_local(request)) {
        (void)dew_http_respond_error(request, DEW_E_DENIED,
                                     "metrics are told to the server's own machine alone; --metrics all "
                                     "(dew_app_config.metrics) opens them");
        return;
    }
    if (method != DEW_HTTP_GET && method != DEW_HTTP_HEAD) {
        app_reply_method(request, "GET, HEAD");
        return;
    }
    dew_buf body;
    dew_buf_init(&body, METRICS_MAX);
    app_metrics_write(app, &body);
    if (body.error == 0)
        (void)dew_http_respond_text(request, 200, DEW_S("text/plain; version=0.0.4"), dew_buf_str(&body));
    else
        (void)dew_http_respond_error(request, body.error, NULL);
    dew_buf_dispose(&body);
}
