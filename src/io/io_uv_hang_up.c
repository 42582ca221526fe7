/* io_uv_hang_up.c - notices that a peer has hung up while nothing is read of it, since there is no room to keep more
 * (DEW_STREAM_PAUSED_MAX). Loop's thread.
 *
 * epoll tells a hang-up apart from bytes, but libuv's streams ask for bytes only, and a descriptor is watched once. So a
 * duplicate of it is watched, for as long as reading stands still: rare, and one descriptor more. Where none is to be had the
 * hang-up is found out when reading goes on. */
#include "io/io_uv_internal.h"
#include "io/watchdog.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct dew_uv_hang_up {
    uv_poll_t poll;
    dew_stream *stream;
    void (*fn)(dew_stream *stream);
    int fd; /* ours */
};

static void on_closed(uv_handle_t *handle)
{
    dew_uv_hang_up *watch = dew_container_of((uv_poll_t *)handle, dew_uv_hang_up, poll);
    close(watch->fd);
    free(watch);
}

/* Level-triggered: told once. A reset comes as an error. */
static void on_event(uv_poll_t *poll, int status, int events)
{
    dew_uv_hang_up *watch = dew_container_of(poll, dew_uv_hang_up, poll);
    if (status == 0 && (events & UV_DISCONNECT) == 0)
        return;
    uv_poll_stop(poll);
    dew_loop *loop = dew_stream_loop(watch->stream);
    const char *previous = dew_watchdog_begin(loop, "hang-up");
    watch->fn(watch->stream);
    dew_watchdog_end(loop, previous);
}

dew_uv_hang_up *dew_uv_hang_up_watch(dew_stream *stream, const uv_handle_t *handle, void (*fn)(dew_stream *stream))
{
    uv_os_fd_t fd;
    dew_uv_hang_up *watch = malloc(sizeof *watch);
    if (watch == NULL || uv_fileno(handle, &fd) != 0 || (fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0) {
        free(watch);
        return NULL;
    }
    watch->stream = stream;
    watch->fn = fn;
    watch->fd = fd;
    if (uv_poll_init(handle->loop, &watch->poll, fd) != 0) {
        close(fd);
        free(watch);
        return NULL;
    }
    if (uv_poll_start(&watch->poll, UV_DISCONNECT, on_event) == 0)
        return watch;
    dew_uv_hang_up_end(watch);
    return NULL;
}

void dew_uv_hang_up_end(dew_uv_hang_up *watch)
{
    if (watch != NULL)
        uv_close((uv_handle_t *)&watch->poll, on_closed);
}
