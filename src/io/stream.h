/* stream.h - a connection: bytes in, bytes out, over TCP or a Unix socket.
 *
 * Small when idle (under 400 bytes, no buffer): all streams of a loop read into one buffer of the loop, and what is
 * written goes straight to the kernel; only what the kernel did not take is queued. A peer that hangs up is noticed
 * also while reading is paused. Loop's thread only. Life:
 *
 *     listener or dew_stream_connect or dew_stream_pair
 *        │  dew_stream_attach: the owner's handlers
 *        ▼
 *     open ── on_read* ── on_end(0): peer sent its last byte; writing still works, on_end(error) may follow
 *        │            └── on_end(error): broken, also when found in writing; once, nothing follows; close it
 *        │  dew_stream_close, at any time, also within a handler
 *        ▼
 *     closing: no handler but on_close ──▶ on_close, once, later in the same turn; then the stream is gone */
#ifndef DEW_IO_STREAM_H
#define DEW_IO_STREAM_H

#include "base/blob.h"
#include "io/endpoint.h"
#include "io/loop.h"

typedef struct dew_stream dew_stream;

/* Bytes that wait to be written, unless dew_stream_set_queue_max says otherwise. */
#define DEW_STREAM_QUEUE_MAX ((size_t)1 << 20)
/* Slices of one dew_stream_write. */
#define DEW_STREAM_SLICE_MAX 256
/* The loop's read buffer: most bytes of one on_read. */
#define DEW_STREAM_READ_LEN 65536
/* Bytes kept of a peer that sends while reading is paused; past it the kernel's flow control holds it. Its hang-up shows
 * by on_hang_up then, as soon as the kernel has it (one that stands behind more than the kernel takes comes later). */
#define DEW_STREAM_PAUSED_MAX 65536

/* Any may be NULL, but on_end for a stream that is read. */
typedef struct dew_stream_events {
    void (*on_connect)(dew_stream *stream, int error); /* dew_stream_connect only: 0 or why not; once */
    void (*on_read)(dew_stream *stream, const char *bytes, size_t len); /* borrowed until it returns; len > 0 */
    void (*on_end)(dew_stream *stream, int error); /* no more to read. 0: the peer sent its last byte */
    void (*on_hang_up)(dew_stream *stream); /* the peer has gone, behind bytes that there is no room to read (see above);
                                             * once. If reading goes on, on_end comes as well, in its place */
    void (*on_drain)(dew_stream *stream);          /* all that was queued has been written */
    void (*on_close)(dew_stream *stream);          /* last; the owner frees its own object here */
} dew_stream_events;

/* Connects. The stream exists at once; on_connect says how it went. 0 or an error that was clear at once (bad address,
 * DEW_E_LIMIT: no descriptors), and then no handler is called. */
int dew_stream_connect(dew_loop *loop, const dew_endpoint *peer, const dew_stream_events *events, void *data,
                       dew_stream **out) DEW_MUST_USE;

/* Two streams that are connected to each other, not attached, for tests and for use inside one program. */
int dew_stream_pair(dew_loop *loop_a, dew_loop *loop_b, dew_stream **a, dew_stream **b) DEW_MUST_USE;

/* Sets or replaces handlers and owner; events is borrowed for the life of the stream (usually static const). */
void dew_stream_attach(dew_stream *stream, const dew_stream_events *events, void *data);
void *dew_stream_data(const dew_stream *stream);
dew_loop *dew_stream_loop(const dew_stream *stream);

/* From here on_read is called, first with what came while paused (within dew_stream_read_start's turn, not within the
 * call). A fresh stream is paused, and not watched until the first start or pause. */
void dew_stream_read_start(dew_stream *stream);

/* No on_read until the next start. Up to DEW_STREAM_PAUSED_MAX bytes are kept, and on_end still comes: an end that
 * follows bytes which were kept is also told at once, before they are delivered. */
void dew_stream_read_pause(dew_stream *stream);

/* One piece of a write. With `blob`, ptr lies within the blob, which is counted up for as long as it is needed.
 * Without, the bytes are borrowed until the call returns: what the kernel does not take at once is copied. */
typedef struct dew_io_slice {
    const char *ptr;
    size_t len;
    dew_blob *blob; /* shared, or NULL */
} dew_io_slice;

/* Writes all slices in order, at once as far as the kernel takes them; queues the rest. 0: written or queued (see
 * dew_stream_queued_len). DEW_E_LIMIT: queue_max bytes or more are waiting already; nothing of this write was taken,
 * the caller's policy decides. DEW_E_CLOSED: the peer is gone, or the stream is closing or shut down. DEW_E_NOMEM: the
 * rest could not be queued and the stream is broken: close it. count is at most DEW_STREAM_SLICE_MAX. Never calls a
 * handler. */
int dew_stream_write(dew_stream *stream, const dew_io_slice *slices, size_t count) DEW_MUST_USE;
/* The same for one piece of borrowed bytes, and for a whole blob. */
int dew_stream_write_bytes(dew_stream *stream, const char *bytes, size_t len) DEW_MUST_USE;
int dew_stream_write_blob(dew_stream *stream, dew_blob *blob) DEW_MUST_USE;

/* Bytes queued and not yet taken by the kernel. */
size_t dew_stream_queued_len(const dew_stream *stream);
/* The same, and what the kernel holds until the peer's side has taken it (on Linux; elsewhere it cannot be asked). A
 * system call. For a Unix socket, the memory which that takes. */
size_t dew_stream_untaken_len(const dew_stream *stream);
void dew_stream_set_queue_max(dew_stream *stream, size_t max_len);

/* Sends the end of the stream after what is queued; no further write. Reading goes on. */
void dew_stream_shutdown(dew_stream *stream);

/* Ends it now: what is queued is dropped. Twice is once. Takes NULL. */
void dew_stream_close(dew_stream *stream);
bool dew_stream_is_closing(const dew_stream *stream);

/* "127.0.0.1:50312", "[::1]:50312", "unix". NUL-terminated; empty when the peer is gone. */
void dew_stream_peer(const dew_stream *stream, char text[DEW_ENDPOINT_TEXT_MAX]);
/* Its address alone, without the port, for limits per peer: "127.0.0.1". */
void dew_stream_peer_host(const dew_stream *stream, char text[DEW_ENDPOINT_TEXT_MAX]);

#endif
