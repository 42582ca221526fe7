/* app.h - what the measurements of ends ask for, as both sides know it. */
#ifndef BENCH_APP_ENDS_H
#define BENCH_APP_ENDS_H

#include <dew/dew.h>

#define WAIT_ROW(F) F(i64, id) F(str, title) F(i64, price)
DEW_STRUCT(wait_row, WAIT_ROW)
DEW_LIST(wait_rows, wait_row, id)

/* /ready?from=7 and /waits?from=7: the same rows; the loader of the second suspends once. */
#define WAIT_FROM(F) F(opt(i32), from)
DEW_STRUCT(wait_from, WAIT_FROM)
DEW_ROUTE(ready, "/ready", wait_from)
DEW_ROUTE(waits, "/waits", wait_from)
DEW_QUERY(ready_rows, wait_from, wait_rows)
DEW_QUERY(waits_rows, wait_from, wait_rows)

#define WAIT_FOR(F) F(i32, ms)
DEW_STRUCT(wait_for, WAIT_FOR)
DEW_ACTION(sleep_for, wait_for, dew_none) /* for dew_fetch */

/* `way`: 0 dew_sleep, 1 dew_sql, 2 dew_fetch, 3 dew_offload, 4 waiting for a channel. Each is begun `times` times under a deadline of
 * `ms`; how much later than that each came back, in milliseconds. */
#define WAIT_LATE(F) F(i32, way) F(i32, ms) F(i32, times) F(i32, port)
DEW_STRUCT(wait_late, WAIT_LATE)
DEW_ARRAY(wait_delays, f64)
#define WAIT_LATENESS(F) F(wait_delays, late_ms)
DEW_STRUCT(wait_lateness, WAIT_LATENESS)
DEW_ACTION(lateness, wait_late, wait_lateness)

/* Rows for scans; and one scan of all of them, for other measurements to run beside. */
#define WAIT_COUNT(F) F(i64, rows)
DEW_STRUCT(wait_count, WAIT_COUNT)
DEW_MUTATION(fill, wait_count, dew_none)
DEW_ACTION(scan, dew_none, wait_count)

#endif
