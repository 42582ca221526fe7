/* holder.h - keeps one read transaction of the database open, on a fiber of its own: snapshot_open and snapshot_close of
 * dew_live_env. One per worker, worker's thread. */
#ifndef DEW_LIVE_HOLDER_H
#define DEW_LIVE_HOLDER_H

#include "live/live.h"
#include "sql/reader.h"

typedef struct dew_holder dew_holder;

/* Both borrowed until destroy; `sql` may be NULL: no database. 0 or DEW_E_NOMEM. */
int dew_holder_create(struct dew_loop *loop, dew_sql *sql, dew_holder **out) DEW_MUST_USE;
/* Nothing may be open. Takes NULL. */
void dew_holder_destroy(dew_holder *holder);

/* Waits for a connection for DEW_LIVE_LATE_MS at most; snapshot->opened hears what came of it, from the fiber. 0, or at once
 * DEW_E_UNSUPPORTED without a database, DEW_E_BUSY while the last one is still open. */
int dew_holder_open(dew_holder *holder, dew_snapshot *snapshot) DEW_MUST_USE;
/* Gives the connection back in this turn. May be called from `opened`. */
void dew_holder_close(dew_holder *holder, dew_snapshot *snapshot);

/* The worker stops: nobody waits for a connection any more. */
void dew_holder_end(dew_holder *holder);
bool dew_holder_is_idle(const dew_holder *holder); /* nothing is open, nor will be */

#endif
