/* io_uv_file_watch.c - notices that a file changed. Loop's thread.
 *
 * Watches the file's folder and picks out its name: a watch on the file itself would die with it, and SQLite removes
 * and makes its WAL again. Where the folder cannot be watched, a uv_fs_poll looks at the file. */
#include "io/file_watch.h"
#include "io/io_uv_internal.h"

#include <stdlib.h>

struct dew_file_watch {
    uv_fs_event_t event;
    uv_fs_poll_t poll;
    unsigned handle_count; /* to be closed before it is freed: event, and poll where it had to be used */
    dew_uv_open open;
    dew_uv_loop *loop;
    dew_deferred notice; /* coalesces the events of a turn */
    dew_file_watch_fn *on_change;
    void *context;
    const char *name; /* the last part of path */
    char path[];
};

static void tell(dew_deferred *deferred)
{
    dew_file_watch *watch = dew_container_of(deferred, dew_file_watch, notice);
    watch->on_change(watch->context);
}

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
    (void)events;
    dew_file_watch *watch = dew_container_of(event, dew_file_watch, event);
    if (status == 0 && name != NULL && strcmp(name, watch->name) != 0)
        return; /* another file; without a name, it may be ours */
    dew_loop_defer(&watch->loop->base, &watch->notice);
}

static void on_poll(uv_fs_poll_t *poll, int status, const uv_stat_t *before, const uv_stat_t *now)
{
    (void)status, (void)before, (void)now; /* gone or come is a change, too */
    dew_file_watch *watch = dew_container_of(poll, dew_file_watch, poll);
    dew_loop_defer(&watch->loop->base, &watch->notice);
}

static void on_closed(uv_handle_t *handle)
{
    dew_file_watch *watch = handle->data;
    if (--watch->handle_count == 0)
        free(watch);
}

void dew_file_watch_close(dew_file_watch *watch)
{
    if (watch == NULL)
        return;
    dew_list_unlink(&watch->open.link);
    dew_deferred_cancel(&watch->notice);
    if (!uv_is_closing((uv_handle_t *)&watch->event))
        uv_close((uv_handle_t *)&watch->event, on_closed);
    if (watch->poll.data != NULL)
        uv_close((uv_handle_t *)&watch->poll, on_closed);
}

static void close_open(dew_uv_open *open)
{
    dew_file_watch_close(dew_container_of(open, dew_file_watch, open));
}

/* Watches the folder; 0 or a libuv status. */
static int watch_folder(dew_file_watch *watch)
{
    size_t folder_len = (size_t)(watch->name - watch->path);
    char *folder = folder_len != 0 ? strndup(watch->path, folder_len) : strdup(".");
    if (folder == NULL)
        return UV_ENOMEM;
    int status = uv_fs_event_start(&watch->event, on_event, folder, 0);
    free(folder);
    return status;
}

int dew_file_watch_open(dew_loop *loop, const char *path, dew_file_watch_fn *on_change, void *context,
                        dew_file_watch **out)
{
    size_t path_len = strlen(path);
    dew_file_watch *watch = calloc(1, sizeof *watch + path_len + 1);
    if (watch == NULL)
        return DEW_E_NOMEM;
    memcpy(watch->path, path, path_len + 1);
    const char *slash = strrchr(watch->path, '/');
    watch->name = slash != NULL ? slash + 1 : watch->path;
    watch->loop = dew_uv_loop_of(loop);
    watch->on_change = on_change;
    watch->context = context;
    watch->notice.run = tell;
    watch->open.close = close_open;
    dew_list_push_back(&watch->loop->open, &watch->open.link);
    uv_fs_event_init(&watch->loop->uv, &watch->event);
    watch->event.data = watch;
    watch->handle_count = 1;
    int status = watch_folder(watch);
    if (status != 0 && status != UV_ENOENT) {
        uv_close((uv_handle_t *)&watch->event, on_closed);
        uv_fs_poll_init(&watch->loop->uv, &watch->poll);
        watch->poll.data = watch;
        watch->handle_count++;
        status = uv_fs_poll_start(&watch->poll, on_poll, watch->path, DEW_FILE_WATCH_POLL_MS);
    }
    if (status != 0) {
        dew_file_watch_close(watch);
        return dew_uv_error(status);
    }
    *out = watch;
    return 0;
}
