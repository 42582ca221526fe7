/* worker.h - one worker of the application: its tools, from before its loop runs until after. */
#ifndef DEW_APP_WORKER_H
#define DEW_APP_WORKER_H

#include "app/app_internal.h"

/* Makes the worker's server, readers and timers on its loop, which does not run yet. *error says what failed; what is
 * there is taken back by app_worker_undo and app_worker_dispose. */
int app_worker_init(app_worker *worker, dew_app *app, unsigned index, dew_loop *loop, dew_error *error) DEW_MUST_USE;

/* For listeners. */
void app_worker_accept(void *context, dew_loop *loop, dew_stream *stream);

/* Starts the worker's end, from any thread: clients are told to come back later, requests finish (dew_app_config.drain), those
 * left are told to end, then its loop stops. Once. */
void app_worker_drain(app_worker *worker);

/* After app_worker_drain: those left are told now. Any thread; once. */
void app_worker_hurry(app_worker *worker);

/* Its thread was not started, or has ended before its time: the whole of its end, on the calling thread. Takes zeroed. */
void app_worker_undo(app_worker *worker);

/* After its thread has ended, or if it never ran. Takes zeroed. */
void app_worker_dispose(app_worker *worker);

#endif
