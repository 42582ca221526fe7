/* io_uv_stream.c - connections on libuv. Loop's thread.
 *
 * Reading: libuv reads into the loop's one buffer; while paused, into what room is left of DEW_STREAM_PAUSED_MAX, and
 * what comes is kept in `kept`. Kept bytes go first: until they are delivered, whatever comes is added to them.
 * Writing: uv_try_write; what is left becomes one uv_write with the blobs counted and the borrowed bytes copied into
 * the request. libuv does not pass MSG_NOSIGNAL, hence SIGPIPE is blocked around it (the loop does that while it runs).
 *
 * Invariants: no handler but on_close once IS_CLOSING is set; on_end at most once for the end and once for an error
 * after it; libuv reads only while neither IS_CLOSING nor HAS_ENDED, and only with room for what may come. */
#include "io/io_uv_internal.h"
#include "io/watchdog.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/sockios.h> /* SIOCOUTQ */
#endif

enum {
    IS_UNIX = 1,
    IS_WANTED = 2,  /* the owner reads: not paused */
    IS_READING = 4, /* libuv reads */
    IS_CONNECTING = 8,
    IS_SHUT = 16,
    HAS_ENDED = 32, /* on_end was called */
    IS_BROKEN = 64, /* … with an error */
    IS_CLOSING = 128,
};

struct dew_stream {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv; /* first; uv.handle.data is the owner's pointer */
    dew_uv_open open;
    const dew_stream_events *events;
    dew_uv_hang_up *hang_up; /* while `kept` is full and libuv does not read; else NULL */
    dew_deferred delivery; /* of kept bytes, after reading went on */
    char *kept;
    unsigned kept_len;
    unsigned flags;
    size_t queue_max;
};

_Static_assert(sizeof(dew_stream) <= 400, "an idle connection is small: design, speed table");

static const dew_stream_events no_events;

static dew_uv_loop *loop_of(const dew_stream *stream)
{
    return dew_container_of(stream->uv.handle.loop, dew_uv_loop, uv);
}

static bool has(const dew_stream *stream, unsigned flags)
{
    return (stream->flags & flags) != 0;
}

/* --- making --- */

static void deliver_kept(dew_deferred *deferred);

static void close_open(dew_uv_open *open)
{
    dew_stream_close(dew_container_of(open, dew_stream, open));
}

static int make(dew_uv_loop *loop, bool is_unix, dew_stream **out)
{
    dew_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return DEW_E_NOMEM;
    int status = is_unix ? uv_pipe_init(&loop->uv, &stream->uv.pipe, 0) : uv_tcp_init(&loop->uv, &stream->uv.tcp);
    if (status != 0) {
        free(stream);
        return dew_uv_error(status);
    }
    stream->uv.handle.data = NULL;
    stream->events = &no_events;
    stream->flags = is_unix ? IS_UNIX : 0;
    stream->queue_max = DEW_STREAM_QUEUE_MAX;
    stream->delivery.run = deliver_kept;
    stream->open.close = close_open;
    dew_list_push_back(&loop->open, &stream->open.link);
    *out = stream;
    return 0;
}

/* Gives up a stream that nobody has heard of. */
static int discard(dew_stream *stream, int error)
{
    stream->events = &no_events;
    dew_stream_close(stream);
    return error;
}

int dew_uv_stream_adopt(dew_uv_loop *loop, int fd, bool is_unix, dew_stream **out)
{
    dew_stream *stream = NULL;
    int error = make(loop, is_unix, &stream);
    if (error != 0) {
        close(fd);
        return error;
    }
    int status = is_unix ? uv_pipe_open(&stream->uv.pipe, fd) : uv_tcp_open(&stream->uv.tcp, fd);
    if (status != 0) {
        close(fd);
        return discard(stream, dew_uv_error(status));
    }
    *out = stream;
    return 0;
}

int dew_stream_pair(dew_loop *loop_a, dew_loop *loop_b, dew_stream **a, dew_stream **b)
{
    int fds[2];
    int status = uv_socketpair(SOCK_STREAM, 0, fds, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE);
    if (status != 0)
        return dew_uv_error(status);
    dew_stream *first = NULL;
    int error = dew_uv_stream_adopt(dew_uv_loop_of(loop_a), fds[0], true, &first);
    if (error != 0) {
        close(fds[1]);
        return error;
    }
    error = dew_uv_stream_adopt(dew_uv_loop_of(loop_b), fds[1], true, b);
    if (error != 0)
        return discard(first, error);
    *a = first;
    return 0;
}

typedef struct connecting {
    uv_connect_t request;
    dew_stream *stream;
} connecting;

static void on_connected(uv_connect_t *request, int status)
{
    connecting *attempt = dew_container_of(request, connecting, request);
    dew_stream *stream = attempt->stream;
    free(attempt);
    if (has(stream, IS_CLOSING))
        return;
    stream->flags &= ~(unsigned)IS_CONNECTING;
    if (status == 0 && !has(stream, IS_UNIX))
        uv_tcp_nodelay(&stream->uv.tcp, 1);
    if (stream->events->on_connect != NULL)
        stream->events->on_connect(stream, dew_uv_error(status));
}

int dew_stream_connect(dew_loop *loop, const dew_endpoint *peer, const dew_stream_events *events, void *data,
                       dew_stream **out)
{
    bool is_unix = peer->unix_path != NULL;
    struct sockaddr_storage address;
    if (!is_unix && dew_uv_address(peer, &address) != 0)
        return DEW_E_INVALID;
    dew_stream *stream = NULL;
    int error = make(dew_uv_loop_of(loop), is_unix, &stream);
    if (error != 0)
        return error;
    connecting *attempt = malloc(sizeof *attempt);
    if (attempt == NULL)
        return discard(stream, DEW_E_NOMEM);
    attempt->stream = stream;
    int status = 0;
    if (is_unix)
        uv_pipe_connect(&attempt->request, &stream->uv.pipe, peer->unix_path, on_connected);
    else
        status = uv_tcp_connect(&attempt->request, &stream->uv.tcp, (const struct sockaddr *)&address, on_connected);
    if (status != 0) {
        free(attempt);
        return discard(stream, dew_uv_error(status));
    }
    stream->flags |= IS_CONNECTING;
    dew_stream_attach(stream, events, data);
    *out = stream;
    return 0;
}

void dew_stream_attach(dew_stream *stream, const dew_stream_events *events, void *data)
{
    stream->events = events;
    stream->uv.handle.data = data;
}

void *dew_stream_data(const dew_stream *stream)
{
    return stream->uv.handle.data;
}

dew_loop *dew_stream_loop(const dew_stream *stream)
{
    return &loop_of(stream)->base;
}

/* --- reading --- */

static void hang_up_end(dew_stream *stream)
{
    dew_uv_hang_up_end(stream->hang_up);
    stream->hang_up = NULL;
}

static void end(dew_stream *stream, int error)
{
    if (has(stream, IS_BROKEN | IS_CLOSING) || (error == 0 && has(stream, HAS_ENDED)))
        return;
    stream->flags |= error == 0 ? HAS_ENDED : HAS_ENDED | IS_BROKEN;
    stream->flags &= ~(unsigned)IS_READING;
    uv_read_stop(&stream->uv.stream);
    if (stream->events->on_end != NULL)
        stream->events->on_end(stream, error);
}

/* What arrives now is kept: the owner does not want it yet, or has older bytes to get first. */
static bool is_keeping(const dew_stream *stream)
{
    return !has(stream, IS_WANTED) || stream->kept_len != 0;
}

static void on_alloc(uv_handle_t *handle, size_t suggested_len, uv_buf_t *buffer)
{
    (void)suggested_len;
    dew_stream *stream = (dew_stream *)(void *)handle; /* uv is first */
    dew_uv_loop *loop = loop_of(stream);
    size_t len = is_keeping(stream) ? DEW_STREAM_PAUSED_MAX - stream->kept_len : sizeof loop->read_buffer;
    *buffer =
        uv_buf_init(loop->read_buffer, (unsigned)(len < sizeof loop->read_buffer ? len : sizeof loop->read_buffer));
}

static void keep(dew_stream *stream, const char *bytes, size_t len)
{
    char *kept = realloc(stream->kept, stream->kept_len + len);
    if (kept == NULL) {
        end(stream, DEW_E_NOMEM);
        return;
    }
    memcpy(kept + stream->kept_len, bytes, len);
    stream->kept = kept;
    stream->kept_len += (unsigned)len;
    if (stream->kept_len == DEW_STREAM_PAUSED_MAX) {
        uv_read_stop(&stream->uv.stream);
        stream->flags &= ~(unsigned)IS_READING;
        if (stream->events->on_hang_up != NULL)
            stream->hang_up = dew_uv_hang_up_watch(stream, &stream->uv.handle, stream->events->on_hang_up);
    }
}

static void on_bytes(uv_stream_t *handle, ssize_t len, const uv_buf_t *buffer)
{
    dew_stream *stream = (dew_stream *)(void *)handle;
    if (len == 0)
        return; /* nothing there after all */
    dew_uv_loop *loop = loop_of(stream);
    const char *previous = dew_watchdog_begin(&loop->base, "read");
    if (len < 0)
        end(stream, len == UV_EOF ? 0 : dew_uv_error((int)len));
    else if (is_keeping(stream))
        keep(stream, buffer->base, (size_t)len);
    else if (stream->events->on_read != NULL)
        stream->events->on_read(stream, buffer->base, (size_t)len);
    dew_watchdog_end(&loop->base, previous);
}

/* Lets libuv read, when there is anything to be read and room to keep it. */
static void watch(dew_stream *stream)
{
    if (has(stream, IS_READING | HAS_ENDED | IS_CLOSING) || stream->kept_len == DEW_STREAM_PAUSED_MAX)
        return;
    hang_up_end(stream);
    int status = uv_read_start(&stream->uv.stream, on_alloc, on_bytes);
    assert((status == 0 || status == UV_ENOTCONN) && "reading before on_connect");
    if (status == 0)
        stream->flags |= IS_READING;
}

static void deliver_kept(dew_deferred *deferred)
{
    dew_stream *stream = dew_container_of(deferred, dew_stream, delivery);
    if (!has(stream, IS_WANTED) || stream->kept_len == 0)
        return;
    char *bytes = stream->kept;
    size_t len = stream->kept_len;
    stream->kept = NULL;
    stream->kept_len = 0;
    watch(stream);
    if (stream->events->on_read != NULL)
        stream->events->on_read(stream, bytes, len);
    free(bytes);
}

void dew_stream_read_start(dew_stream *stream)
{
    if (has(stream, IS_CLOSING))
        return;
    stream->flags |= IS_WANTED;
    if (stream->kept_len != 0)
        dew_loop_defer(&loop_of(stream)->base, &stream->delivery);
    watch(stream);
}

void dew_stream_read_pause(dew_stream *stream)
{
    stream->flags &= ~(unsigned)IS_WANTED;
    watch(stream);
}

/* --- writing --- */

/* One queued write; the bytes that had to be copied stand behind the blobs. */
typedef struct queued {
    uv_write_t request;
    size_t blob_count;
    dew_blob *blobs[];
} queued;

static void free_queued(queued *write)
{
    for (size_t i = 0; i < write->blob_count; i++)
        dew_blob_unref(write->blobs[i]);
    free(write);
}

static void on_written(uv_write_t *request, int status)
{
    dew_stream *stream = (dew_stream *)(void *)request->handle;
    free_queued(dew_container_of(request, queued, request));
    if (has(stream, IS_CLOSING))
        return;
    dew_loop *loop = &loop_of(stream)->base;
    const char *previous = dew_watchdog_begin(loop, "written");
    if (status < 0)
        end(stream, dew_uv_error(status));
    else if (uv_stream_get_write_queue_size(&stream->uv.stream) == 0 && stream->events->on_drain != NULL)
        stream->events->on_drain(stream);
    dew_watchdog_end(loop, previous);
}

/* Queues what is left of the slices after the first `written` bytes. */
static int queue_rest(dew_stream *stream, const dew_io_slice *slices, size_t count, size_t written)
{
    size_t first = 0;
    while (written >= slices[first].len)
        written -= slices[first++].len;
    size_t copied_len = 0, blob_count = 0;
    for (size_t i = first; i < count; i++) {
        blob_count += slices[i].blob != NULL;
        copied_len += slices[i].blob != NULL ? 0 : slices[i].len;
    }
    queued *write = malloc(sizeof *write + blob_count * sizeof(dew_blob *) + copied_len);
    if (write == NULL)
        return DEW_E_NOMEM;
    write->blob_count = 0;
    char *copy = (char *)(write->blobs + blob_count);
    uv_buf_t buffers[DEW_STREAM_SLICE_MAX];
    for (size_t i = first; i < count; i++) {
        const char *bytes = written != 0 ? slices[i].ptr + written : slices[i].ptr; /* an empty one may be NULL */
        size_t len = slices[i].len - written;
        written = 0;
        if (slices[i].blob != NULL) {
            write->blobs[write->blob_count++] = dew_blob_ref(slices[i].blob);
        } else {
            if (len != 0)
                memcpy(copy, bytes, len);
            bytes = copy;
            copy += len;
        }
        buffers[i - first] = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
    }
    int status = uv_write(&write->request, &stream->uv.stream, buffers, (unsigned)(count - first), on_written);
    if (status != 0)
        free_queued(write);
    return dew_uv_error(status);
}

static int write_or_queue(dew_stream *stream, const dew_io_slice *slices, size_t count)
{
    uv_buf_t buffers[DEW_STREAM_SLICE_MAX];
    size_t total_len = 0;
    for (size_t i = 0; i < count; i++) {
        assert(slices[i].len <= UINT32_MAX);
        buffers[i] = uv_buf_init((char *)(uintptr_t)slices[i].ptr, (unsigned)slices[i].len);
        total_len += slices[i].len;
    }
    if (total_len == 0)
        return 0;
    int written = uv_try_write(&stream->uv.stream, buffers, (unsigned)count);
    if (written < 0 && written != UV_EAGAIN)
        return dew_uv_error(written) == DEW_E_CLOSED ? DEW_E_CLOSED : DEW_E_IO;
    size_t done = written < 0 ? 0 : (size_t)written;
    return done == total_len ? 0 : queue_rest(stream, slices, count, done);
}

int dew_stream_write(dew_stream *stream, const dew_io_slice *slices, size_t count)
{
    assert(count <= DEW_STREAM_SLICE_MAX);
    if (has(stream, IS_CLOSING | IS_SHUT | IS_BROKEN))
        return DEW_E_CLOSED;
    if (dew_stream_queued_len(stream) >= stream->queue_max)
        return DEW_E_LIMIT;
    if (loop_of(stream)->base.is_running)
        return write_or_queue(stream, slices, count);
    dew_uv_sigpipe sigpipe; /* before the loop runs, nobody has blocked it yet */
    dew_uv_sigpipe_block(&sigpipe);
    int error = write_or_queue(stream, slices, count);
    dew_uv_sigpipe_restore(&sigpipe);
    return error;
}

int dew_stream_write_bytes(dew_stream *stream, const char *bytes, size_t len)
{
    return dew_stream_write(stream, &(dew_io_slice){ bytes, len, NULL }, 1);
}

int dew_stream_write_blob(dew_stream *stream, dew_blob *blob)
{
    return dew_stream_write(stream, &(dew_io_slice){ blob->data, blob->len, blob }, 1);
}

size_t dew_stream_queued_len(const dew_stream *stream)
{
    return uv_stream_get_write_queue_size(&stream->uv.stream);
}

size_t dew_stream_untaken_len(const dew_stream *stream)
{
    size_t len = dew_stream_queued_len(stream);
#ifdef SIOCOUTQ
    uv_os_fd_t fd;
    int kernel_len = 0;
    if (!has(stream, IS_CLOSING) && uv_fileno(&stream->uv.handle, &fd) == 0 && ioctl(fd, SIOCOUTQ, &kernel_len) == 0)
        len += (size_t)kernel_len;
#endif
    return len;
}

void dew_stream_set_queue_max(dew_stream *stream, size_t max_len)
{
    stream->queue_max = max_len;
}

/* --- ending --- */

static void on_shut(uv_shutdown_t *request, int status)
{
    (void)status; /* a peer that has gone shows by on_end */
    free(request);
}

void dew_stream_shutdown(dew_stream *stream)
{
    if (has(stream, IS_SHUT | IS_CLOSING))
        return;
    stream->flags |= IS_SHUT;
    uv_shutdown_t *request = malloc(sizeof *request);
    if (request == NULL || uv_shutdown(request, &stream->uv.stream, on_shut) != 0)
        free(request); /* then closing will tell the peer */
}

static void on_closed(uv_handle_t *handle)
{
    dew_stream *stream = (dew_stream *)(void *)handle;
    if (stream->events->on_close != NULL)
        stream->events->on_close(stream);
    free(stream);
}

void dew_stream_close(dew_stream *stream)
{
    if (stream == NULL || has(stream, IS_CLOSING))
        return;
    stream->flags |= IS_CLOSING;
    dew_list_unlink(&stream->open.link);
    dew_deferred_cancel(&stream->delivery);
    hang_up_end(stream);
    free(stream->kept);
    stream->kept = NULL;
    stream->kept_len = 0;
    uv_close(&stream->uv.handle, on_closed);
}

bool dew_stream_is_closing(const dew_stream *stream)
{
    return has(stream, IS_CLOSING);
}
