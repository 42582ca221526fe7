/* metrics.c - see metrics.h. */
#include "app/metrics.h"

#include "app/reply.h"
#include "app/tasks.h"
#include "base/format.h"

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

static void put_orphans(const dew_app *app, dew_buf *out)
{
    uint64_t now = 0, total = 0;
    for (unsigned i = 0; i < app->worker_count; i++) {
        now += __atomic_load_n(&app->workers[i].orphans.now, __ATOMIC_RELAXED);
        total += __atomic_load_n(&app->workers[i].orphans.total, __ATOMIC_RELAXED);
    }
    dew_buf_putf(out,
                 "# HELP dew_orphans Handlers that go on though their scope has ended and nobody waits for them.\n"
                 "# TYPE dew_orphans gauge\n"
                 "dew_orphans %llu\n"
                 "# HELP dew_orphans_total All that there have been.\n"
                 "# TYPE dew_orphans_total counter\n"
                 "dew_orphans_total %llu\n",
                 (unsigned long long)now, (unsigned long long)total);
}

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
    char text[512];
    dew_format(text, sizeof text,
               "# HELP dew_sql_statements_total Statements that queries and actions have run.\n"
               "# TYPE dew_sql_statements_total counter\n"
               "dew_sql_statements_total %llu\n"
               "# HELP dew_sql_commit The last commit number.\n"
               "# TYPE dew_sql_commit gauge\n"
               "dew_sql_commit %lld\n",
               app->db != NULL ? (unsigned long long)dew_db_statement_count(app->db) : 0,
               app->db != NULL ? (long long)dew_db_number(app->db) : 0);
    dew_buf body;
    dew_buf_init(&body, METRICS_MAX);
    dew_buf_put_str(&body, dew_str_of(text));
    put_orphans(app, &body);
    app_tasks_metrics(app, &body);
    if (body.error == 0)
        (void)dew_http_respond_text(request, 200, DEW_S("text/plain; version=0.0.4"), dew_buf_str(&body));
    else
        (void)dew_http_respond_error(request, body.error, NULL);
    dew_buf_dispose(&body);
}
