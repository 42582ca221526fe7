/* guestbook.server.c - what stands behind it, and the program. */
#include "guestbook.h"

#include <dew/server.h>

DEW_ASSETS(minimal)
DEW_MIGRATIONS(minimal)
extern const dew_site minimal_site;

static int load_entries(dew_scope *scope, const dew_none *none, entry_list *out)
{
    (void)none;
    return dew_sql(scope, out, "SELECT id, name, message FROM entry ORDER BY id DESC LIMIT 100");
}

static int run_sign(dew_tx *tx, const new_entry *e, dew_none *out)
{
    (void)out;
    if (e->name.len == 0)
        return dew_tx_fail(tx, DEW_E_UNPROCESSABLE, "name: say who you are");
    return dew_exec(tx, "INSERT INTO entry (name, message) VALUES (?, ?)", e->name, e->message);
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(entries, .load = load_entries),
    DEW_SERVE_MUTATION(sign, .run = run_sign),
    DEW_SERVED_END
};

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &minimal_site,
                            .assets = &minimal_assets,
                            .migrations = minimal_migrations,
                            .served = DEW_SERVED(served),
                            .port = 8080,
                            .data_dir = "guestbook.data",
                        });
}
