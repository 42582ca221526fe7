/* io_uv_signal.c - SIGTERM, SIGINT and SIGHUP on a loop. Loop's thread. */
#include "io/io_uv_internal.h"
#include "io/signal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static const int signal_numbers[] = { SIGTERM, SIGINT, SIGHUP };
#define SIGNAL_COUNT (sizeof signal_numbers / sizeof *signal_numbers)

struct dew_signal_watch {
    uv_signal_t signals[SIGNAL_COUNT];
    size_t open_count; /* of signals, until the last is closed */
    dew_uv_open open;
    void (*on_stop)(void *context);
    void *context;
};

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    dew_signal_watch *watch = handle->data;
    watch->on_stop(watch->context);
}

static void on_closed(uv_handle_t *handle)
{
    dew_signal_watch *watch = handle->data;
    if (--watch->open_count == 0)
        free(watch);
}

void dew_signal_watch_close(dew_signal_watch *watch)
{
    if (watch == NULL)
        return;
    dew_list_unlink(&watch->open.link);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        uv_close((uv_handle_t *)&watch->signals[i], on_closed);
}

static void close_open(dew_uv_open *open)
{
    dew_signal_watch_close(dew_container_of(open, dew_signal_watch, open));
}

int dew_signal_watch_open(dew_loop *loop, void (*on_stop)(void *context), void *context, dew_signal_watch **out)
{
    dew_signal_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return DEW_E_NOMEM;
    watch->on_stop = on_stop;
    watch->context = context;
    watch->open.close = close_open;
    dew_uv_loop *self = dew_uv_loop_of(loop);
    for (; watch->open_count < SIGNAL_COUNT; watch->open_count++) {
        /* cannot fail once the loop exists: it has a signal handle of its own */
        uv_signal_init(&self->uv, &watch->signals[watch->open_count]);
        watch->signals[watch->open_count].data = watch;
    }
    dew_list_push_back(&self->open, &watch->open.link);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        struct sigaction given;
        if (signal_numbers[i] == SIGHUP && sigaction(SIGHUP, NULL, &given) == 0 && given.sa_handler == SIG_IGN)
            continue; /* under nohup */
        int status = uv_signal_start(&watch->signals[i], on_signal, signal_numbers[i]);
        if (status != 0) {
            dew_signal_watch_close(watch);
            return dew_uv_error(status);
        }
    }
    *out = watch;
    return 0;
}

void dew_process_leave(int code)
{
    _exit(code);
}

void dew_standard_files_ensure(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}
