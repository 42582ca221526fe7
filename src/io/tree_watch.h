/* tree_watch.h - tells a loop what changes below a folder, folders that come later included. For the command line tools.
 *
 * One event per file and change of the system's: many for one save. The owner puts them together. Loop's thread only. */
#ifndef DEW_IO_TREE_WATCH_H
#define DEW_IO_TREE_WATCH_H

#include "io/loop.h"

typedef struct dew_tree_watch dew_tree_watch;

/* Folders of one tree; further ones are not watched. */
#define DEW_TREE_WATCH_FOLDERS_MAX 4096

typedef struct dew_tree_watch_options {
    const char *root; /* copied */
    void *context;
    /* Is this folder looked into? `path` begins with root. May be NULL: all are. */
    bool (*is_wanted)(void *context, const char *path);
    /* A file changed, came or went, or one was moved here. May close the watch. */
    void (*on_change)(void *context, const char *path);
} dew_tree_watch_options;

/* DEW_E_NOT_FOUND: there is no such folder; DEW_E_LIMIT: the system has no watches left; *error says which. */
int dew_tree_watch_open(dew_loop *loop, const dew_tree_watch_options *options, dew_tree_watch **out,
                        dew_error *error) DEW_MUST_USE;

/* No further call. Takes NULL. One still open when its loop is destroyed is closed by that. */
void dew_tree_watch_close(dew_tree_watch *watch);

#endif
