/* io_uv_listener.c - accepts on one loop and hands connections round (why: listener.h).
 *
 * Watches the listening socket with a uv_poll and accepts by itself, since a uv_tcp_t that was accepted on one loop
 * cannot move to another, and a descriptor can. Loop's thread; `sharing` is counted, because connections may be on
 * their way to other loops when the listener closes. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4 */
#endif
#include "io/io_uv_internal.h"
#include "io/listener.h"
#include "io/timer.h"
#include "io/watchdog.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Connections accepted before the loop looks at anything else. */
#define ACCEPT_BATCH_MAX 64

/* What a connection on its way needs. */
typedef struct sharing {
    unsigned refs; /* atomic */
    int is_closed; /* atomic */
    bool is_unix;
    void *context;
    void (*on_accept)(void *context, dew_loop *loop, dew_stream *stream);
    void (*on_starved)(void *context, bool is_starved); /* or NULL */
} sharing;

typedef struct handover {
    dew_msg msg;
    sharing *shared;
    int fd;
} handover;

struct dew_listener {
    uv_poll_t poll;
    dew_uv_open open;
    dew_uv_loop *loop;
    dew_timer retry;
    sharing *shared;
    int fd;
    int port;
    bool is_starved;
    char *unix_path; /* to be removed at the end; NULL: none */
    size_t next, loop_count;
    dew_loop *loops[];
};

static void unref(sharing *shared)
{
    if (__atomic_fetch_sub(&shared->refs, 1, __ATOMIC_ACQ_REL) == 1)
        free(shared);
}

/* --- handing over --- */

static void present(sharing *shared, dew_loop *loop, int fd)
{
    if (__atomic_load_n(&shared->is_closed, __ATOMIC_RELAXED)) {
        close(fd);
        return;
    }
    dew_stream *stream;
    if (dew_uv_stream_adopt(dew_uv_loop_of(loop), fd, shared->is_unix, &stream) != 0)
        return; /* out of memory: adopting has closed it, the peer sees a reset */
    shared->on_accept(shared->context, loop, stream);
}

static void arrive(dew_loop *loop, dew_msg *msg)
{
    handover *parcel = dew_container_of(msg, handover, msg);
    present(parcel->shared, loop, parcel->fd);
    unref(parcel->shared);
    free(parcel);
}

static void drop(dew_msg *msg)
{
    handover *parcel = dew_container_of(msg, handover, msg);
    close(parcel->fd);
    unref(parcel->shared);
    free(parcel);
}

static bool send_to(dew_listener *listener, dew_loop *loop, int fd)
{
    handover *parcel = malloc(sizeof *parcel);
    if (parcel == NULL)
        return false;
    *parcel = (handover){ .msg = { .run = arrive, .drop = drop }, .shared = listener->shared, .fd = fd };
    __atomic_fetch_add(&listener->shared->refs, 1, __ATOMIC_RELAXED);
    if (dew_loop_post(loop, &parcel->msg) == 0)
        return true;
    unref(listener->shared);
    free(parcel);
    return false;
}

/* To the next loop in turn; the accepting one takes it when that one cannot. */
static void hand_over(dew_listener *listener, int fd)
{
    dew_loop *loop = listener->loops[listener->next];
    listener->next = (listener->next + 1) % listener->loop_count;
    dew_loop *own = &listener->loop->base;
    if (loop == own || !send_to(listener, loop, fd))
        present(listener->shared, own, fd);
}

/* --- accepting --- */

static int accept_one(int listening)
{
#ifdef SOCK_NONBLOCK
    return accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    int fd = accept(listening, NULL, NULL);
    if (fd >= 0) {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
    return fd;
#endif
}

static void set_starved(dew_listener *listener, bool is_starved)
{
    if (listener->is_starved == is_starved)
        return;
    listener->is_starved = is_starved;
    if (listener->shared->on_starved != NULL)
        listener->shared->on_starved(listener->shared->context, is_starved);
}

static void on_connections(uv_poll_t *poll, int status, int events)
{
    (void)events;
    dew_listener *listener = dew_container_of(poll, dew_listener, poll);
    if (status != 0)
        return;
    const char *previous = dew_watchdog_begin(&listener->loop->base, "accept");
    for (int i = 0; i < ACCEPT_BATCH_MAX && !uv_is_closing((uv_handle_t *)poll); i++) {
        int fd = accept_one(listener->fd);
        if (fd >= 0) {
            set_starved(listener, false);
            hand_over(listener, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            /* the connection stays in the kernel's queue and would wake the loop without end */
            uv_poll_stop(poll);
            dew_timer_start(&listener->retry, DEW_LISTENER_RETRY_MS);
            set_starved(listener, true);
            break;
        } else if (errno != ECONNABORTED && errno != EINTR && errno != EPROTO) {
            break; /* EAGAIN: that was all */
        }
    }
    dew_watchdog_end(&listener->loop->base, previous);
}

static void on_retry(dew_timer *timer)
{
    dew_listener *listener = dew_container_of(timer, dew_listener, retry);
    uv_poll_start(&listener->poll, UV_READABLE, on_connections);
}

/* --- making the socket --- */

static int set_flags(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return -errno;
    return 0;
}

/* Nobody answers at this path: the program that made it is gone. */
static bool is_stale(const struct sockaddr_un *address)
{
    struct stat found;
    if (lstat(address->sun_path, &found) != 0 || !S_ISSOCK(found.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bool is_refused =
        fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return is_refused;
}

/* 0 or a negative errno. */
static int bind_unix(int fd, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof address.sun_path)
        return -EINVAL;
    memcpy(address.sun_path, path, len);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return 0;
    if (errno != EADDRINUSE || !is_stale(&address))
        return -errno;
    unlink(path);
    return bind(fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : -errno;
}

static int bind_tcp(int fd, const struct sockaddr_storage *address)
{
    int on = 1;
    /* the port of a server that has just ended is free at once; accepted sockets inherit TCP_NODELAY */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    socklen_t len = address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    return bind(fd, (const struct sockaddr *)address, len) == 0 ? 0 : -errno;
}

static int open_socket(const dew_endpoint *endpoint, int *out, dew_error *error)
{
    struct sockaddr_storage address = { .ss_family = AF_UNIX };
    bool is_unix = endpoint->unix_path != NULL;
    if (!is_unix && dew_uv_address(endpoint, &address) != 0)
        return dew_error_set(error, DEW_E_INVALID,
                             "cannot listen on %s port %d: give a numeric address such as 127.0.0.1, ::1 or 0.0.0.0, "
                             "and a port from 0 to 65535",
                             endpoint->host != NULL ? endpoint->host : "127.0.0.1", endpoint->port);
    int fd = socket(address.ss_family, SOCK_STREAM, 0);
    int status = fd < 0 ? -errno : set_flags(fd);
    if (status == 0)
        status = is_unix ? bind_unix(fd, endpoint->unix_path) : bind_tcp(fd, &address);
    if (status == 0 && listen(fd, DEW_LISTENER_BACKLOG) != 0)
        status = -errno;
    if (status == 0) {
        *out = fd;
        return 0;
    }
    if (fd >= 0)
        close(fd);
    const char *why = uv_strerror(status);
    if (is_unix)
        return dew_error_set(error, dew_uv_error(status), "cannot listen on %s: %s", endpoint->unix_path, why);
    return dew_error_set(error, dew_uv_error(status), "cannot listen on %s port %d: %s",
                         endpoint->host != NULL ? endpoint->host : "127.0.0.1", endpoint->port, why);
}

static int adopt_socket(int fd, dew_error *error)
{
    int is_listening = 0, on = 1;
    socklen_t len = sizeof is_listening;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &len) != 0 || !is_listening)
        return dew_error_set(error, DEW_E_INVALID, "descriptor %d is not a listening socket: call listen() on it first",
                             fd);
    int status = set_flags(fd);
    if (status != 0)
        return dew_error_set(error, dew_uv_error(status), "descriptor %d: %s", fd, uv_strerror(status));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* refused by a Unix socket, which needs none */
    return 0;
}

/* Finds out what kind of socket it is, and its port. */
static void describe(dew_listener *listener)
{
    struct sockaddr_storage address = { 0 };
    socklen_t len = sizeof address;
    getsockname(listener->fd, (struct sockaddr *)&address, &len);
    listener->shared->is_unix = address.ss_family == AF_UNIX;
    if (address.ss_family == AF_INET)
        listener->port = ntohs(((struct sockaddr_in *)&address)->sin_port);
    else if (address.ss_family == AF_INET6)
        listener->port = ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
}

/* --- life --- */

static void on_closed(uv_handle_t *handle)
{
    dew_listener *listener = dew_container_of(handle, dew_listener, poll);
    if (listener->unix_path != NULL)
        unlink(listener->unix_path);
    free(listener->unix_path);
    unref(listener->shared);
    free(listener);
}

void dew_listener_close(dew_listener *listener)
{
    if (listener == NULL || uv_is_closing((uv_handle_t *)&listener->poll))
        return;
    __atomic_store_n(&listener->shared->is_closed, 1, __ATOMIC_RELAXED);
    dew_list_unlink(&listener->open.link);
    dew_timer_stop(&listener->retry);
    uv_close((uv_handle_t *)&listener->poll, on_closed);
    close(
        listener
            ->fd); /* at once: who comes now is refused, and not left in a queue that nobody takes from. libuv allows it */
    listener->fd = -1;
}

static void close_open(dew_uv_open *open)
{
    dew_listener_close(dew_container_of(open, dew_listener, open));
}

static dew_listener *make(const dew_listener_options *options, dew_loop *loop)
{
    size_t count = options->loops != NULL ? options->loop_count : 1;
    assert(count > 0);
    dew_listener *listener = calloc(1, sizeof *listener + count * sizeof(dew_loop *));
    sharing *shared = calloc(1, sizeof *shared);
    const char *path = options->fd_plus_one == 0 ? options->endpoint.unix_path : NULL;
    char *path_copy = path != NULL ? strdup(path) : NULL;
    if (listener == NULL || shared == NULL || (path != NULL && path_copy == NULL)) {
        free(listener);
        free(shared);
        free(path_copy);
        return NULL;
    }
    *shared = (sharing){
        .refs = 1, .context = options->context, .on_accept = options->on_accept, .on_starved = options->on_starved
    };
    listener->shared = shared;
    listener->unix_path = path_copy;
    listener->loop = dew_uv_loop_of(loop);
    listener->loop_count = count;
    listener->open.close = close_open;
    for (size_t i = 0; i < count; i++)
        listener->loops[i] = options->loops != NULL ? options->loops[i] : loop;
    dew_timer_init(&listener->retry, loop, on_retry);
    return listener;
}

static void free_unopened(dew_listener *listener)
{
    free(listener->shared);
    free(listener->unix_path);
    free(listener);
}

int dew_listener_open(dew_loop *loop, const dew_listener_options *options, dew_listener **out, dew_error *error)
{
    dew_listener *listener = make(options, loop);
    if (listener == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "cannot listen: out of memory");
    int code;
    if (options->fd_plus_one != 0) {
        listener->fd = options->fd_plus_one - 1;
        code = adopt_socket(listener->fd, error);
    } else {
        code = open_socket(&options->endpoint, &listener->fd, error);
    }
    if (code != 0) {
        free_unopened(listener);
        return code;
    }
    describe(listener);
    int status = uv_poll_init(&listener->loop->uv, &listener->poll, listener->fd);
    if (status != 0) {
        if (options->fd_plus_one == 0)
            close(listener->fd);
        free_unopened(listener);
        return dew_error_set(error, dew_uv_error(status), "cannot listen: %s", uv_strerror(status));
    }
    uv_poll_start(&listener->poll, UV_READABLE, on_connections);
    dew_list_push_back(&listener->loop->open, &listener->open.link);
    *out = listener;
    return 0;
}

int dew_listener_port(const dew_listener *listener)
{
    return listener->port;
}
