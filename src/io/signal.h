/* signal.h - SIGTERM, SIGINT and SIGHUP (a terminal that closes) as a call on a loop. For dew_app_main alone, which owns its process: embedded, Dew
 * installs no signal handler. */
#ifndef DEW_IO_SIGNAL_H
#define DEW_IO_SIGNAL_H

#include "io/loop.h"

typedef struct dew_signal_watch dew_signal_watch;

/* on_stop is called once per signal that arrives. */
int dew_signal_watch_open(dew_loop *loop, void (*on_stop)(void *context), void *context,
                          dew_signal_watch **out) DEW_MUST_USE;

/* Standard input, output and error that are closed are opened on /dev/null, so that no socket or file takes their number and
 * is written to by a message (and libuv, which closes none of these numbers, can close it). Before any is opened. */
void dew_standard_files_ensure(void);

/* Ends the process at once with this code: no exit handlers, nothing is written any more. */
void dew_process_leave(int code) __attribute__((noreturn));

/* Gives the signals back. Takes NULL. One still open when its loop is destroyed is closed by that. */
void dew_signal_watch_close(dew_signal_watch *watch);

#endif
