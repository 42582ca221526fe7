/* drain.h - the end of an application in two steps, for a program that watches something else meanwhile. */
#ifndef DEW_APP_DRAIN_H
#define DEW_APP_DRAIN_H

#include "app/app_internal.h"

/* Begins what dew_app_stop begins, and returns. on_drained (may be NULL) is called once, on a worker's thread, when all workers have
 * come to their end; dew_app_stop then does the rest. Does nothing the second time. */
void app_drain(dew_app *app, void (*on_drained)(void *context), void *context);

/* After app_drain: what is still under way is told to end now. Once. */
void app_drain_hurry(dew_app *app);

/* Have all workers come to their end? Any thread. */
bool app_is_drained(const dew_app *app);

/* One has. Its thread. */
void app_worker_settled(dew_app *app);

#endif
