/* foreign.c - commits by other processes (design rule 8): the WAL is watched, the writer looks.
 *
 * Our own commits change the WAL too: changes are gathered for DEW_DB_FOREIGN_DELAY_MS before the writer is asked, and
 * asking costs it one short read between two groups. On the loop's thread.
 *
 * The file changes before the commit can be seen: a writer appends its frames, then syncs, which may take long, and only
 * then tells the others, in shared memory, which no watch notices. So one look is not enough: after a change the writer
 * is asked again and again, each time after twice as long, up to DEW_DB_FOREIGN_IDLE_MS, and so on for good. */
#include "sql/db_internal.h"

#include "io/file_watch.h"
#include "io/timer.h"

#include <stdlib.h>

struct dew_foreign {
    dew_db *db;
    dew_file_watch *watch;
    dew_timer timer;
    int64_t delay_ms; /* that the timer runs for */
};

static void look_after(dew_foreign *foreign, int64_t delay_ms)
{
    foreign->delay_ms = delay_ms;
    dew_timer_start(&foreign->timer, delay_ms);
}

static void on_due(dew_timer *timer)
{
    dew_foreign *foreign = dew_container_of(timer, dew_foreign, timer);
    dew_db_look(foreign->db);
    look_after(foreign,
               foreign->delay_ms * 2 < DEW_DB_FOREIGN_IDLE_MS ? foreign->delay_ms * 2 : DEW_DB_FOREIGN_IDLE_MS);
}

static void on_change(void *context)
{
    dew_foreign *foreign = context;
    if (foreign->delay_ms != DEW_DB_FOREIGN_DELAY_MS) /* else it is due soon enough, and is not put off */
        look_after(foreign, DEW_DB_FOREIGN_DELAY_MS);
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
    look_after(foreign, DEW_DB_FOREIGN_IDLE_MS);
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
