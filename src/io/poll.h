/* poll.h - watches a descriptor that another library owns (libcurl's sockets) on a loop.
 *
 * The library reads and writes by itself; the loop only tells when it may. Level-triggered. Loop's thread only. What passes
 * here cannot be simulated: such a library names its fake (include/dew/fetch.h). */
#ifndef DEW_IO_POLL_H
#define DEW_IO_POLL_H

#include "io/loop.h"

typedef struct dew_poll dew_poll;

enum { DEW_POLL_READ = 1, DEW_POLL_WRITE = 2 };

/* `events`: which of what was asked for is so; all of it when the descriptor is broken, which its owner finds out. May
 * close the poll, or change what is asked for. */
typedef void dew_poll_fn(void *context, int fd, unsigned events);

/* Watches for nothing yet. The descriptor is borrowed, made non-blocking, and must stay open until dew_poll_close. 0,
 * DEW_E_NOMEM, DEW_E_CONFLICT (it is watched already), DEW_E_INVALID (a kind that cannot be watched). */
int dew_poll_open(dew_loop *loop, int fd, dew_poll_fn *fn, void *context, dew_poll **out) DEW_MUST_USE;

/* What to watch for from here on: DEW_POLL_… together; 0: nothing. */
int dew_poll_set(dew_poll *poll, unsigned events) DEW_MUST_USE;

/* No further call; the descriptor may be closed afterwards. Takes NULL. One still open when its loop is destroyed is
 * closed by that. */
void dew_poll_close(dew_poll *poll);

#endif
