/* io_uv_poll.c - a foreign descriptor on libuv's loop. Loop's thread. */
#include "io/io_uv_internal.h"
#include "io/poll.h"
#include "io/watchdog.h"

#include <stdlib.h>

struct dew_poll {
    uv_poll_t uv; /* first */
    dew_uv_open open;
    dew_uv_loop *loop;
    dew_poll_fn *fn;
    void *context;
    int fd;
    unsigned events; /* asked for */
};

static void on_event(uv_poll_t *uv, int status, int events)
{
    dew_poll *poll = dew_container_of(uv, dew_poll, uv);
    unsigned seen =
        ((events & UV_READABLE) != 0 ? DEW_POLL_READ : 0u) | ((events & UV_WRITABLE) != 0 ? DEW_POLL_WRITE : 0u);
    const char *previous = dew_watchdog_begin(&poll->loop->base, "poll");
    dew_loop *loop = &poll->loop->base; /* fn may close the poll */
    poll->fn(poll->context, poll->fd, status < 0 ? poll->events : seen);
    dew_watchdog_end(loop, previous);
}

static void on_closed(uv_handle_t *handle)
{
    free(dew_container_of((uv_poll_t *)handle, dew_poll, uv));
}

void dew_poll_close(dew_poll *poll)
{
    if (poll == NULL)
        return;
    dew_list_unlink(&poll->open.link);
    uv_poll_stop(&poll->uv);
    uv_close((uv_handle_t *)&poll->uv, on_closed);
}

static void close_open(dew_uv_open *open)
{
    dew_poll_close(dew_container_of(open, dew_poll, open));
}

int dew_poll_open(dew_loop *loop, int fd, dew_poll_fn *fn, void *context, dew_poll **out)
{
    dew_poll *poll = calloc(1, sizeof *poll);
    if (poll == NULL)
        return DEW_E_NOMEM;
    poll->loop = dew_uv_loop_of(loop);
    int status = uv_poll_init(&poll->loop->uv, &poll->uv, fd);
    if (status != 0) {
        free(poll);
        return dew_uv_error(status);
    }
    poll->fn = fn;
    poll->context = context;
    poll->fd = fd;
    poll->open.close = close_open;
    dew_list_push_back(&poll->loop->open, &poll->open.link);
    *out = poll;
    return 0;
}

int dew_poll_set(dew_poll *poll, unsigned events)
{
    poll->events = events;
    if (events == 0)
        return dew_uv_error(uv_poll_stop(&poll->uv));
    int wanted = ((events & DEW_POLL_READ) != 0 ? UV_READABLE : 0) | ((events & DEW_POLL_WRITE) != 0 ? UV_WRITABLE : 0);
    return dew_uv_error(uv_poll_start(&poll->uv, wanted, on_event));
}
