/* first_piece_test.c - an answer in pieces whose first stands in its begin: it goes with the head, whatever waits before it; and what
 * becomes of a peer that takes none of those that follow. Real sockets of one loop, whose clock stands still. */
#include "http/request.h"

#include "support/http_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define GET "GET /w HTTP/1.1\r\nHost: a\r\n\r\n"
#define QUEUE_MAX 1000
#define WRITE_MS 1000
#define LARGE_LEN ((size_t)8 << 20) /* more than a pair of sockets takes */

typedef struct fixture {
    dew_loop *loop;
    dew_http_server *server;
    http_peer peer;
    dew_http_request *pending[2];
    size_t pending_count;
    int drain_count, gone_count;
} fixture;

static void on_drain(dew_http_request *request, void *data)
{
    (void)request;
    ((fixture *)data)->drain_count++;
}

static void on_gone(dew_http_request *request, void *data)
{
    (void)request;
    ((fixture *)data)->gone_count++;
}

static void handler(void *context, dew_http_request *request)
{
    fixture *f = context;
    dew_http_request_watch(request, &(dew_http_watch){ .on_gone = on_gone, .on_drain = on_drain, .data = f });
    assert_true(f->pending_count < 2);
    f->pending[f->pending_count++] = request;
}

static void start(fixture *f, const char *requests)
{
    *f = (fixture){ 0 };
    assert_int_equal(dew_loop_create(NULL, &f->loop), 0);
    dew_loop_clock_hold(f->loop);
    const dew_http_server_options options = {
        .handler = handler, .context = f, .limits = { .stream_queue_max = QUEUE_MAX, .write_timeout_ms = WRITE_MS }
    };
    assert_int_equal(dew_http_server_create(f->loop, &options, &f->server), 0);
    http_peer_open(&f->peer, f->server);
    http_peer_send(&f->peer, requests);
    http_peer_settle(f->loop);
}

static void stop(fixture *f)
{
    http_peer_dispose(&f->peer);
    http_peer_end_server(f->loop, f->server);
}

static const dew_io_slice piece = { "abc", 3, NULL };
static const dew_http_response begun = { .status = 200, .body = &piece, .body_count = 1 };

/* Answers the first, so that most of it waits when the second's turn comes. */
static void fill_the_queue(fixture *f)
{
    dew_stream_read_pause(f->peer.stream);
    dew_blob *blob = dew_blob_create(LARGE_LEN);
    assert_non_null(blob);
    memset(blob->data, 'x', blob->len);
    const dew_io_slice slice = { blob->data, blob->len, blob };
    assert_int_equal(dew_http_respond(f->pending[0], &(dew_http_response){ .body = &slice, .body_count = 1 }), 0);
    dew_blob_unref(blob);
    http_peer_settle(f->loop);
    assert_true(dew_http_queued_len(f->pending[1]) > QUEUE_MAX);
}

static void goes_past_what_an_answer_before_it_has_left(void **state)
{
    (void)state;
    fixture f;
    start(&f, GET GET);
    fill_the_queue(&f);
    assert_int_equal(dew_http_begin(f.pending[1], &begun), 0);
    assert_int_equal(dew_http_write(f.pending[1], &piece, 1), DEW_E_LIMIT);
    dew_stream_read_start(f.peer.stream);
    while (f.drain_count == 0)
        http_peer_settle(f.loop);
    assert_int_equal(dew_http_write(f.pending[1], &piece, 1), 0);
    dew_http_end(f.pending[1]);
    const char *answers = http_peer_take(&f.peer), *second = strstr(answers + LARGE_LEN, "HTTP/1.1 200 OK\r\n");
    assert_non_null(second);
    assert_string_equal(strstr(second, "\r\n\r\n"), "\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n");
    stop(&f);
}

static void waits_with_the_head_for_its_turn(void **state)
{
    (void)state;
    fixture f;
    start(&f, GET GET);
    assert_int_equal(dew_http_begin(f.pending[1], &begun), 0);
    assert_string_equal(http_peer_take(&f.peer), "");
    assert_int_equal(dew_http_respond_text(f.pending[0], 200, DEW_S(""), DEW_S("one")), 0);
    dew_http_end(f.pending[1]);
    const char *answers = http_peer_take(&f.peer);
    assert_non_null(strstr(answers, "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
    stop(&f);
}

static void is_left_out_where_no_body_belongs_and_stands_bare_over_http_1_0(void **state)
{
    (void)state;
    fixture f;
    start(&f, "HEAD /w HTTP/1.1\r\nHost: a\r\n\r\nGET /w HTTP/1.0\r\n\r\n");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(dew_http_begin(f.pending[i], &begun), 0);
        dew_http_end(f.pending[i]);
    }
    const char *answers = http_peer_take(&f.peer), *second = strstr(answers + 1, "HTTP/1.1 200 OK\r\n");
    assert_non_null(second);
    assert_memory_equal(second - 4, "\r\n\r\n", 4);
    assert_string_equal(strstr(second, "\r\n\r\n"), "\r\n\r\nabc");
    stop(&f);
}

/* That more is tried, as a sign that the answer goes on, is no sign of life of the peer's. */
static void is_given_up_when_the_peer_stops_reading(void **state)
{
    (void)state;
    fixture f;
    static char text[65536];
    const dew_io_slice large = { text, sizeof text, NULL };
    int code = 0;
    start(&f, GET);
    assert_int_equal(dew_http_begin(f.pending[0], &begun), 0);
    dew_stream_read_pause(f.peer.stream);
    for (int i = 0; i < 1000 && code == 0; i++) {
        code = dew_http_write(f.pending[0], &large, 1);
        dew_loop_turn(f.loop, false);
    }
    assert_int_equal(code, DEW_E_LIMIT);
    for (int i = 0; i < 8 && f.gone_count == 0; i++) {
        dew_loop_clock_advance(f.loop, WRITE_MS / 4);
        if (f.gone_count == 0)
            assert_int_equal(dew_http_write(f.pending[0], &piece, 1), DEW_E_LIMIT);
    }
    assert_int_equal(f.gone_count, 1);
    dew_http_abandon(f.pending[0]);
    http_peer_settle(f.loop);
    assert_int_equal(dew_http_server_stats(f.server).connection_count, 0);
    stop(&f);
}

static void tells_that_the_peer_has_gone(void **state)
{
    (void)state;
    fixture f;
    start(&f, GET);
    http_peer_close(&f.peer);
    assert_int_equal(dew_http_begin(f.pending[0], &begun), DEW_E_CLOSED);
    assert_int_equal(dew_http_server_stats(f.server).pending_count, 0);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_past_what_an_answer_before_it_has_left),
        cmocka_unit_test(waits_with_the_head_for_its_turn),
        cmocka_unit_test(is_left_out_where_no_body_belongs_and_stands_bare_over_http_1_0),
        cmocka_unit_test(is_given_up_when_the_peer_stops_reading),
        cmocka_unit_test(tells_that_the_peer_has_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
