/* vfs.h - how SQLite reaches files, clock and randomness: a VFS of our own per database (design rule 11).
 *
 * Files pass through to the VFS below, method by method, so that locks and shared memory are those of every other
 * SQLite process (the sqlite3 shell may work beside us). Time and random bytes come through src/io. The VFS below is
 * the platform's, or in tests one that forgets what was not synced. */
#ifndef DEW_SQL_VFS_H
#define DEW_SQL_VFS_H

#include "sql/sqlite.h"

#include <dew/error.h>

typedef struct dew_vfs dew_vfs;

/* Registers a VFS under a name of its own above `base` (NULL: the default one). */
int dew_vfs_create(const char *base, dew_vfs **out) DEW_MUST_USE;
void dew_vfs_destroy(dew_vfs *vfs); /* after every connection that uses it; takes NULL */
const char *dew_vfs_name(const dew_vfs *vfs);

/* Blocks the calling thread: the writer, while another process holds the write lock. */
void dew_vfs_sleep(dew_vfs *vfs, int microseconds);

#endif
