/* foreign.c - commits by other processes (design rule 8): the WAL is watched, the writer looks.
 *
 * Our own commits change the WAL too: changes are gathered for DEW_DB_FOREIGN_DELAY_MS before the writer is asked, and
 * asking costs it one short read between two groups. On the loop's thread. */
#include "sql/db_internal.h"

#include "io/file_watch.h"
#include "io/timer.h"

#include <stdlib.h>

struct dew_foreign {
    dew_db *db;
    dew_file_watch *watch;
    dew_timer timer;
};

static void on_due(dew_timer *timer)
{
    dew_db_look(dew_container_of(timer, dew_foreign, timer)->db);
}

static void on_change(void *context)
{
    dew_foreign *foreign = context;
    if (!dew_timer_is_active(&foreign->timer))
        dew_timer_start(&foreign->timer, DEW_DB_FOREIGN_DELAY_MS);
}

int dew_foreign_open(dew_db *db, dew_loop *loop, dew_foreign **out)
{
    dew_foreign *foreign = calloc(1, sizeof *foreign);
    if (foreign == NULL)
        return DEW_E_NOMEM;
    foreign->db = db;
    dew_timer_init(&foreign->timer, loop, on_due);
    int code = dew_file_watch_open(loop, db->wal_path, on_change, foreign, &foreign->watch);
    if (code != 0) {
        free(foreign);
        return code;
    }
    *out = foreign;
    return 0;
}

void dew_foreign_close(dew_foreign *foreign)
{
    if (foreign == NULL)
        return;
    dew_file_watch_close(foreign->watch);
    dew_timer_stop(&foreign->timer);
    free(foreign);
}
