/* app.server.c - the queries and mutations that are measured, and the program. */
#include "app.h"

#include <dew/server.h>

#define ROWS_MAX 10000

DEW_ASSETS(bench)
DEW_MIGRATIONS(bench)
extern const dew_site bench_site;

static int load_items(dew_scope *scope, const range *at, item_list *out)
{
    if (at->rows.value < 0 || at->rows.value > ROWS_MAX)
        return dew_fail(scope, DEW_E_RANGE, "rows: 0 to %d", ROWS_MAX);
    return dew_sql(scope, out, "SELECT id, title, price, stock FROM item WHERE id > ? ORDER BY id LIMIT ?",
                   at->from.value % ROWS_MAX, at->rows.value);
}

static int load_latest(dew_scope *scope, const dew_none *none, news *out)
{
    (void)none;
    return dew_sql(scope, out, "SELECT id, body FROM news WHERE id = 1");
}

static int run_tell(dew_tx *tx, const news *n, dew_none *out)
{
    (void)out;
    return dew_exec(tx, "UPDATE news SET body = ? WHERE id = ?", n->body, n->id);
}

static int run_record(dew_tx *tx, const event *e, dew_none *out)
{
    (void)out;
    return dew_exec(tx, "INSERT INTO event (device, body) VALUES (?, ?)", e->device, e->body);
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(items, .load = load_items),
    DEW_SERVE_QUERY(latest, .load = load_latest),
    DEW_SERVE_MUTATION(tell, .run = run_tell),
    DEW_SERVE_MUTATION(record, .run = run_record),
    DEW_SERVED_END
};

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &bench_site,
                            .assets = &bench_assets,
                            .migrations = bench_migrations,
                            .served = DEW_SERVED(served),
                            .port = 8080,
                        });
}
