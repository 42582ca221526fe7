/* file_watch.h - tells a loop that a file changed: how commits of other processes are noticed in the WAL (design rule
 * 8).
 *
 * The file need not exist yet, and may be removed and made again. Changes are coalesced: one call per turn. Where the
 * system cannot tell (or has no watches left), the file is looked at every DEW_FILE_WATCH_POLL_MS. Loop's thread
 * only. */
#ifndef DEW_IO_FILE_WATCH_H
#define DEW_IO_FILE_WATCH_H

#include "io/loop.h"

typedef struct dew_file_watch dew_file_watch;
typedef void dew_file_watch_fn(void *context);

#define DEW_FILE_WATCH_POLL_MS 250

/* DEW_E_NOT_FOUND: its folder does not exist. */
int dew_file_watch_open(dew_loop *loop, const char *path, dew_file_watch_fn *on_change, void *context,
                        dew_file_watch **out) DEW_MUST_USE;

/* No further call. Takes NULL. One still open when its loop is destroyed is closed by that. */
void dew_file_watch_close(dew_file_watch *watch);

#endif
