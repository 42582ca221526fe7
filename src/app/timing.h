/* timing.h - what a visit's time went into, for the Server-Timing header (docs/protocol.md §2). Only in development, or when
 * dew_app_config.server_timing asks for it: otherwise there is no app_timing, and no clock is read. The worker's thread. */
#ifndef DEW_APP_TIMING_H
#define DEW_APP_TIMING_H

#include "app/app_internal.h"

typedef struct app_timing app_timing;

/* In the visit's arena; NULL: it is not asked for, or memory is out. */
app_timing *app_timing_make(const dew_app *app, dew_arena *arena);

/* All take NULL: nothing is measured then. The moment, to be given back to the next two; 0. */
int64_t app_timing_now(const app_timing *timing);
/* A pass of the view is over. */
void app_timing_rendered(app_timing *timing, int64_t since_ns);
/* A result has come that was waited for; sql_ns: what of it was SQL. */
void app_timing_loaded(app_timing *timing, const dew_fn *fn, int64_t since_ns, int64_t sql_ns);

/* load;desc="board_tasks";dur=1.204, sql;dur=0.310, render;dur=0.085, passes;desc="2": milliseconds, loads in the order in which
 * they came. In the arena; empty without a timing. */
dew_str app_timing_text(const app_timing *timing, int passes);

#endif
