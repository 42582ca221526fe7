/* write_fault_test.c - whole connections, with the Nth write to the peer taken in part, put off, or failing.
 *
 * Writes of the server's end alone are tampered with, where streams hand them to libuv. A write that is late must not
 * change what the peer gets, not by a byte; one that fails ends the connection, and everybody is told once.
 * wraps: uv_try_write uv_write */
#include "http/ws_connection.h"

#include "support/http_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <uv.h>

#include <cmocka.h>

/* What happens to a write. */
enum tampering {
    SHORT,       /* one byte is taken */
    AGAIN,       /* none is: it is queued */
    GONE,        /* the peer is not there any more */
    QUEUE_FAILS, /* none is taken, and queueing fails */
};

static struct {
    const void *stream; /* the server's end; the handle stands first in it */
    enum tampering what;
    int left;           /* so many writes from now; -1: none */
    bool is_always;     /* that one and all after it */
    bool fails_next_queue;
} fault;

int __real_uv_try_write(uv_stream_t *stream, const uv_buf_t *buffers, unsigned count);
int __real_uv_write(uv_write_t *request, uv_stream_t *stream, const uv_buf_t *buffers, unsigned count,
                    uv_write_cb done);
int __wrap_uv_try_write(uv_stream_t *stream, const uv_buf_t *buffers, unsigned count);
int __wrap_uv_write(uv_write_t *request, uv_stream_t *stream, const uv_buf_t *buffers, unsigned count,
                    uv_write_cb done);

static bool is_struck(const uv_stream_t *stream)
{
    if (stream != fault.stream || fault.left < 0)
        return false;
    if (fault.left > 0) {
        fault.left--;
        return false;
    }
    fault.left = fault.is_always ? 0 : -1;
    return true;
}

int __wrap_uv_try_write(uv_stream_t *stream, const uv_buf_t *buffers, unsigned count)
{
    if (uv_stream_get_write_queue_size(stream) != 0 || !is_struck(stream)) /* behind a queue nothing is tried anyway */
        return __real_uv_try_write(stream, buffers, count);
    switch (fault.what) {
    case SHORT:
        for (unsigned i = 0; i < count; i++)
            if (buffers[i].len != 0) {
                uv_buf_t one = uv_buf_init(buffers[i].base, 1);
                return __real_uv_try_write(stream, &one, 1);
            }
        return 0;
    case GONE:
        return UV_EPIPE;
    case QUEUE_FAILS:
        fault.fails_next_queue = true;
        return UV_EAGAIN;
    default:
        return UV_EAGAIN;
    }
}

int __wrap_uv_write(uv_write_t *request, uv_stream_t *stream, const uv_buf_t *buffers, unsigned count, uv_write_cb done)
{
    if (stream == fault.stream && fault.fails_next_queue) {
        fault.fails_next_queue = false;
        return UV_ENOMEM;
    }
    return __real_uv_write(request, stream, buffers, count, done);
}

/* --- a server that answers in every way there is --- */

#define MANY 40

typedef struct fixture {
    dew_loop *loop;
    dew_http_server *server;
    http_peer peer;
    dew_blob *shared, *frame;
    dew_http_request *later;
    dew_ws *ws;
    int opened_count, gone_count, ws_closed_count, closed_count;
} fixture;

static void on_message(dew_ws *ws, dew_ws_opcode opcode, dew_str payload)
{
    fixture *f = dew_ws_data(ws);
    const dew_io_slice echo[] = { { payload.ptr, payload.len, NULL }, { f->shared->data, f->shared->len, f->shared } };
    for (int i = 0; i < 8 && dew_ws_send_frame(ws, f->frame) == 0; i++)
        continue;
    (void)!dew_ws_send(ws, opcode, echo, 2);
    (void)!dew_ws_send_frame(ws, f->frame);
}

static void on_ws_close(dew_ws *ws, uint16_t code, dew_str reason)
{
    (void)code, (void)reason;
    fixture *f = dew_ws_data(ws);
    f->ws = NULL;
    f->ws_closed_count++;
}

static void on_gone(dew_http_request *request, void *data)
{
    fixture *f = data;
    f->gone_count++;
    f->later = NULL;
    dew_http_abandon(request);
}

static void answer_many(fixture *f, dew_http_request *request)
{
    dew_io_slice slices[MANY];
    for (int i = 0; i < MANY; i++)
        slices[i] = i % 2 != 0 ? (dew_io_slice){ "borrowed", 8, NULL }
                               : (dew_io_slice){ f->shared->data + i, f->shared->len - (size_t)i, f->shared };
    (void)!dew_http_respond(request, &(dew_http_response){ .body = slices, .body_count = MANY });
}

static void answer_streamed(fixture *f, dew_http_request *request)
{
    const dew_io_slice slices[] = { { "piece", 5, NULL }, { f->shared->data, f->shared->len, f->shared } };
    if (dew_http_begin(request, &(dew_http_response){ .content_type = DEW_S("text/plain") }) != 0)
        return;
    for (int i = 0; i < 3; i++)
        (void)!dew_http_write(request, slices, 2);
    dew_http_end(request);
}

static void handler(void *context, dew_http_request *request)
{
    static const dew_ws_events events = { .on_message = on_message, .on_close = on_ws_close };
    fixture *f = context;
    dew_str path = dew_http_request_path(request);
    if (dew_str_eq(path, DEW_S("/ws"))) {
        f->opened_count += dew_http_upgrade_ws(request, &events, f, NULL, &f->ws) == 0;
    } else if (dew_str_eq(path, DEW_S("/many"))) {
        answer_many(f, request);
    } else if (dew_str_eq(path, DEW_S("/streamed"))) {
        answer_streamed(f, request);
    } else if (dew_str_eq(path, DEW_S("/later"))) {
        f->later = request;
        dew_http_request_watch(request, &(dew_http_watch){ .on_gone = on_gone, .data = f });
    } else {
        (void)!dew_http_respond_text(request, 200, DEW_S("text/plain"), dew_http_request_target(request));
    }
}

/* --- one connection --- */

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static const dew_str talks[] = {
    DEW_S_INIT(GET("/a") GET("/many") GET("/streamed") GET("/b")),
    DEW_S_INIT(GET("/later") GET("/many") GET("/streamed") GET("/b")), /* the others wait for the first */
    DEW_S_INIT("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nPOST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
               "Expect: 100-continue\r\n\r\nhi" GET("/streamed") "nonsense\r\n\r\n"),
    DEW_S_INIT("GET /streamed HTTP/1.0\r\n\r\n"),
    DEW_S_INIT("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
               "\x81\x82\0\0\0\0hi\x89\x81\0\0\0\0p\x81\x82\0\0\0\0hi\x88\x82\0\0\0\0\x03\xe8"),
};

static void on_closed(void *context)
{
    ((fixture *)context)->closed_count++;
}

/* Dates differ from run to run. */
static void blank_dates(dew_buf *text)
{
    static const char name[] = "\r\nDate: ";
    for (size_t i = 0; i + sizeof name + 29 < text->len; i++)
        if (memcmp(text->ptr + i, name, sizeof name - 1) == 0)
            memset(text->ptr + i + sizeof name - 1, '-', 29);
}

/* Talks with the fault set; what the peer saw is in *seen. True when the fault was never reached. */
static bool talk_through(dew_str talk, dew_buf *seen)
{
    fixture f = { .shared = dew_blob_copy(DEW_S("these bytes are shared by many answers and frames")) };
    f.frame = dew_ws_frame_create(DEW_WS_TEXT, DEW_S("a frame for everybody"));
    assert_true(f.shared != NULL && f.frame != NULL);
    assert_int_equal(dew_loop_create(NULL, &f.loop), 0);
    dew_loop_clock_hold(f.loop);
    const dew_http_server_options options = { .handler = handler, .context = &f };
    assert_int_equal(dew_http_server_create(f.loop, &options, &f.server), 0);
    dew_stream *stream = http_peer_pair(&f.peer, f.loop);
    fault.stream = stream;
    dew_http_server_adopt(f.server, stream);
    http_peer_send_bytes(&f.peer, talk.ptr, talk.len);
    http_peer_settle(f.loop);
    bool had_later = f.later != NULL;
    if (had_later) {
        dew_http_request *later = f.later;
        f.later = NULL;
        (void)!dew_http_respond_text(later, 200, DEW_S("text/plain"), DEW_S("late"));
    }
    http_peer_settle(f.loop);
    bool is_through = fault.left >= 0 && !fault.is_always;
    fault.left = -1;
    fault.fails_next_queue = false;
    blank_dates(&f.peer.seen);
    dew_buf_init(seen, SIZE_MAX);
    dew_buf_put_str(seen, dew_buf_str(&f.peer.seen));
    if (f.peer.is_ended) {
        http_peer_close(&f.peer);
        assert_int_equal(dew_http_server_stats(f.server).connection_count, 0);
    }
    http_peer_dispose(&f.peer);
    dew_http_server_close(f.server, 0, on_closed, &f);
    dew_loop_clock_advance(f.loop, 1);
    http_peer_settle(f.loop);
    assert_int_equal(f.closed_count, 1);
    assert_int_equal(f.ws_closed_count, f.opened_count);
    assert_true(f.gone_count == 0 || !had_later);
    assert_int_equal(f.shared->refs, 1);
    assert_int_equal(f.frame->refs, 1);
    dew_blob_unref(f.shared);
    dew_blob_unref(f.frame);
    dew_loop_destroy(f.loop);
    return is_through;
}

static dew_buf talk_untouched(dew_str talk)
{
    dew_buf seen;
    fault.left = -1;
    talk_through(talk, &seen);
    assert_int_not_equal(seen.len, 0);
    return seen;
}

static void strike_each(enum tampering what, bool is_fatal)
{
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
        dew_buf wanted = talk_untouched(talks[i]);
        int n = 0;
        for (bool is_through = false; !is_through; n++) {
            dew_buf seen;
            fault.what = what;
            fault.left = n;
            is_through = talk_through(talks[i], &seen);
            if (!is_fatal || is_through)
                assert_int_equal(seen.len, wanted.len);
            else
                assert_true(seen.len < wanted.len);
            assert_memory_equal(seen.ptr != NULL ? seen.ptr : "", wanted.ptr, seen.len);
            dew_buf_dispose(&seen);
        }
        assert_in_range(n, 2, 100);
        dew_buf_dispose(&wanted);
    }
}

static void a_write_taken_in_part_changes_nothing(void **state)
{
    (void)state;
    strike_each(SHORT, false);
}

static void a_write_put_off_changes_nothing(void **state)
{
    (void)state;
    strike_each(AGAIN, false);
}

static void a_peer_that_is_gone_ends_the_connection(void **state)
{
    (void)state;
    strike_each(GONE, true);
}

static void a_write_that_cannot_be_queued_ends_the_connection(void **state)
{
    (void)state;
    strike_each(QUEUE_FAILS, true);
}

static void writes_that_are_all_short_or_late_change_nothing(void **state)
{
    (void)state;
    static const enum tampering all[] = { SHORT, AGAIN };
    fault.is_always = true;
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
        dew_buf wanted = talk_untouched(talks[i]), seen;
        for (size_t k = 0; k < 2; k++) {
            fault.what = all[k];
            fault.left = 0;
            talk_through(talks[i], &seen);
            assert_int_equal(seen.len, wanted.len);
            assert_memory_equal(seen.ptr, wanted.ptr, wanted.len);
            dew_buf_dispose(&seen);
        }
        dew_buf_dispose(&wanted);
    }
    fault.is_always = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_taken_in_part_changes_nothing),
        cmocka_unit_test(a_write_put_off_changes_nothing),
        cmocka_unit_test(a_peer_that_is_gone_ends_the_connection),
        cmocka_unit_test(a_write_that_cannot_be_queued_ends_the_connection),
        cmocka_unit_test(writes_that_are_all_short_or_late_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
