/* app.server.c - handlers that wait, and that measure how late they come back. */
#include "app.h"

#include <dew/fetch.h>
#include <dew/server.h>

#include <stdio.h>
#include <time.h>

#define ROWS 50

DEW_ASSETS(bench_ends)
DEW_MIGRATIONS(bench_ends)
DEW_SIGNAL(never, "never")
extern const dew_site bench_ends_site;

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int load_ready_rows(dew_scope *scope, const wait_from *at, wait_rows *out)
{
    (void)at;
    out->items = dew_arena_calloc(dew_scope_arena(scope), ROWS, sizeof *out->items);
    if (out->items == NULL)
        return DEW_E_NOMEM;
    out->count = ROWS;
    for (int64_t i = 0; i < ROWS; i++)
        out->items[i] = (wait_row){ i + 1, S("A row of the table"), i * 100 };
    return 0;
}

static int load_waits_rows(dew_scope *scope, const wait_from *at, wait_rows *out)
{
    int failed = dew_sleep(scope, 1);
    return failed != 0 ? failed : load_ready_rows(scope, at, out);
}

static int run_sleep_for(dew_scope *scope, const wait_for *args, dew_none *out)
{
    (void)out;
    return dew_sleep(scope, (unsigned)args->ms);
}

static int fetch(dew_scope *scope, int ms, int port)
{
#ifdef BENCH_FETCH
    char url[64], body[96];
    dew_response answer;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/_dew/rpc", port);
    int len = snprintf(body, sizeof body, "{\"fn\":\"sleep_for\",\"args\":{\"ms\":%d}}", ms);
    const dew_header type = { S("Content-Type"), S("application/json") };
    int failed =
        dew_fetch(scope, &answer, url, .body = dew_str_make(body, (size_t)len), .headers = &type, .header_count = 1);
    if (failed == 0 && answer.status != 200)
        failed = dew_fail(scope, DEW_E_IO, "the upstream answers %d", answer.status);
    return failed;
#else
    (void)ms, (void)port;
    return dew_fail(scope, DEW_E_UNSUPPORTED, "built without dew-fetch");
#endif
}

static const char scan_sql[] = "SELECT count(*) AS rows FROM wait_row WHERE title LIKE '%nowhere%'";

static int run_scan(dew_scope *scope, const dew_none *none, wait_count *out)
{
    (void)none;
    return dew_sql(scope, out, scan_sql);
}

static int work(void *context)
{
    while (!dew_scope_is_ended(context))
        nanosleep(&(struct timespec){ 0, 100000 }, NULL);
    return 0;
}

static int wait_in(dew_scope *scope, const wait_late *args)
{
    wait_count rows;
    switch (args->way) {
    case 0:
        return dew_sleep(scope, 3600000);
    case 1:
        return dew_sql_into(scope, wait_count, &rows, scan_sql);
    case 2:
        return fetch(scope, 3600000, args->port);
    case 3:
        return dew_offload(scope, work, scope);
    default:
        return never_wait(scope);
    }
}

static int run_lateness(dew_scope *scope, const wait_late *args, wait_lateness *out)
{
    out->late_ms.items = dew_arena_calloc(dew_scope_arena(scope), (size_t)args->times, sizeof *out->late_ms.items);
    if (out->late_ms.items == NULL)
        return DEW_E_NOMEM;
    for (int i = 0; i < args->times; i++) {
        int code = DEW_E_NOMEM;
        double due_ms = now_ms() + args->ms;
        DEW_WITH_SCOPE(child, scope, .timeout = DEW_MS(args->ms)) code = wait_in(child, args);
        out->late_ms.items[out->late_ms.count++] = now_ms() - due_ms;
        if (code != DEW_E_TIMEOUT)
            return dew_fail(scope, DEW_E_CONFLICT, "way %d came to %d before its deadline", args->way, code);
    }
    return 0;
}

static int run_fill(dew_tx *tx, const wait_count *args, dew_none *out)
{
    (void)out;
    return dew_exec(tx,
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) "
                    "INSERT INTO wait_row (id, title, price) SELECT i, 'row ' || i, i % 1000 FROM n",
                    args->rows);
}

static const dew_served served[] = { DEW_SERVE_QUERY(ready_rows, .load = load_ready_rows),
                                     DEW_SERVE_QUERY(waits_rows, .load = load_waits_rows),
                                     DEW_SERVE_ACTION(sleep_for, .run = run_sleep_for, .timeout = DEW_NEVER),
                                     DEW_SERVE_ACTION(lateness, .run = run_lateness, .timeout = DEW_NEVER),
                                     DEW_SERVE_ACTION(scan, .run = run_scan, .timeout = DEW_NEVER),
                                     DEW_SERVE_MUTATION(fill, .run = run_fill, .timeout = DEW_NEVER),
                                     DEW_SERVED_END };

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &bench_ends_site,
                            .assets = &bench_ends_assets,
                            .migrations = bench_ends_migrations,
                            .served = DEW_SERVED(served),
                            .fetch = { .per_host = DEW_NO_LIMIT, .connections = DEW_NO_LIMIT },
                            .request_timeout = DEW_NEVER,
                            .port = 8080,
                        });
}
