/* io_uv_tree_watch.c - watches a tree of folders, each by itself. Loop's thread.
 *
 * A folder that comes may have files in it before it is watched: they are told, once it is. One that goes takes its watch
 * along; one that comes under the same name gets a new one. */
#include "io/io_uv_internal.h"
#include "io/tree_watch.h"

#include <stdlib.h>
#include <sys/stat.h>

#define PATH_MAX_ 4096

typedef struct folder {
    uv_fs_event_t event;
    dew_link link;
    dew_tree_watch *tree;
    size_t path_len;
    char path[];
} folder;

struct dew_tree_watch {
    dew_link folders;
    size_t handle_count; /* folders that are not closed, and one for the owner: freed at 0 */
    size_t folder_count;
    dew_uv_open open;
    dew_uv_loop *loop;
    dew_tree_watch_options told;
    bool is_closed;
};

static void let_go(dew_tree_watch *tree)
{
    if (--tree->handle_count == 0)
        free(tree);
}

static void on_closed(uv_handle_t *handle)
{
    folder *one = dew_container_of(handle, folder, event);
    let_go(one->tree);
    free(one);
}

static void folder_close(folder *one)
{
    one->tree->folder_count--;
    dew_list_unlink(&one->link);
    uv_close((uv_handle_t *)&one->event, on_closed);
}

/* The folder of this path, and all below it. */
static void forget_below(dew_tree_watch *tree, const char *path)
{
    size_t len = strlen(path);
    dew_list_each_safe(link, &tree->folders) {
        folder *one = dew_container_of(link, folder, link);
        if (strncmp(one->path, path, len) == 0 && (one->path[len] == '/' || one->path[len] == '\0'))
            folder_close(one);
    }
}

static bool is_folder(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0 && S_ISDIR(found.st_mode); /* links are not followed: they may lead around */
}

static int watch_below(dew_tree_watch *tree, const char *path, bool is_late);

/* Looks at what a folder holds: its folders are watched, its files told when they may be new. */
static void look_into(dew_tree_watch *tree, const char *path, bool is_late)
{
    uv_fs_t request;
    if (uv_fs_scandir(NULL, &request, path, 0, NULL) >= 0) {
        uv_dirent_t entry;
        while (!tree->is_closed && uv_fs_scandir_next(&request, &entry) == 0) {
            char below[PATH_MAX_];
            if (snprintf(below, sizeof below, "%s/%s", path, entry.name) >= (int)sizeof below)
                continue;
            if (is_folder(below))
                (void)watch_below(tree, below, is_late);
            else if (is_late)
                tree->told.on_change(tree->told.context, below);
        }
    }
    uv_fs_req_cleanup(&request);
}

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
    (void)events;
    dew_tree_watch *tree = dew_container_of(event, folder, event)->tree;
    const folder *one = dew_container_of(event, folder, event);
    char path[PATH_MAX_];
    if (tree->is_closed || status != 0 || name == NULL ||
        snprintf(path, sizeof path, "%s/%s", one->path, name) >= (int)sizeof path)
        return;
    if (is_folder(path)) {
        forget_below(tree, path);
        (void)watch_below(tree, path, true);
        return;
    }
    tree->told.on_change(tree->told.context, path);
}

/* Watches a folder and all below it; 0 or a libuv status. */
static int watch_below(dew_tree_watch *tree, const char *path, bool is_late)
{
    if (tree->folder_count == DEW_TREE_WATCH_FOLDERS_MAX ||
        (tree->told.is_wanted != NULL && !tree->told.is_wanted(tree->told.context, path)))
        return 0;
    size_t len = strlen(path);
    folder *one = calloc(1, sizeof *one + len + 1);
    if (one == NULL)
        return UV_ENOMEM;
    memcpy(one->path, path, len + 1);
    one->path_len = len;
    one->tree = tree;
    uv_fs_event_init(&tree->loop->uv, &one->event);
    tree->handle_count++;
    tree->folder_count++;
    dew_list_push_back(&tree->folders, &one->link);
    int status = uv_fs_event_start(&one->event, on_event, path, 0);
    if (status != 0) {
        folder_close(one);
        return status;
    }
    look_into(tree, path, is_late);
    return 0;
}

void dew_tree_watch_close(dew_tree_watch *tree)
{
    if (tree == NULL || tree->is_closed)
        return;
    tree->is_closed = true;
    dew_list_unlink(&tree->open.link);
    dew_list_each_safe(link, &tree->folders)
        folder_close(dew_container_of(link, folder, link));
    let_go(tree);
}

static void close_open(dew_uv_open *open)
{
    dew_tree_watch_close(dew_container_of(open, dew_tree_watch, open));
}

int dew_tree_watch_open(dew_loop *loop, const dew_tree_watch_options *options, dew_tree_watch **out, dew_error *error)
{
    dew_tree_watch *tree = calloc(1, sizeof *tree);
    if (tree == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    dew_list_init(&tree->folders);
    tree->loop = dew_uv_loop_of(loop);
    tree->told = *options;
    tree->handle_count = 1;
    tree->open.close = close_open;
    dew_list_push_back(&tree->loop->open, &tree->open.link);
    int status = is_folder(options->root) ? watch_below(tree, options->root, false) : UV_ENOENT;
    tree->told.root = NULL;
    if (status != 0) {
        dew_tree_watch_close(tree);
        return dew_error_set(error, dew_uv_error(status), "%s cannot be watched: %s", options->root,
                             uv_strerror(status));
    }
    *out = tree;
    return 0;
}
