/* cut_answer_test.c - an answer that fails once its head is out ends so that the client can tell: a chunked one without its last
 * chunk, a whole one short of its Content-Length. Over HTTP/1.0 a streamed answer has neither: the connection's end is all
 * there is. */
#include "http/request.h"

#include "support/http_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* More than the sockets between server and client hold. */
#define LARGE ((size_t)16 << 20)

typedef struct fixture {
    dew_loop *loop;
    dew_http_server *server;
    http_peer peer;
    dew_http_request *request; /* waits for its answer; NULL: it has been answered, or its reader has gone */
    bool is_closed;
} fixture;

static void gone(dew_http_request *request, void *data)
{
    ((fixture *)data)->request = NULL;
    dew_http_abandon(request);
}

static void handler(void *context, dew_http_request *request)
{
    fixture *f = context;
    dew_http_request_watch(request, &(dew_http_watch){ .on_gone = gone, .data = f });
    f->request = request;
}

static void closed(void *context)
{
    ((fixture *)context)->is_closed = true;
}

static void start(fixture *f, const dew_http_limits *limits)
{
    *f = (fixture){ 0 };
    assert_int_equal(dew_loop_create(NULL, &f->loop), 0);
    dew_loop_clock_hold(f->loop);
    dew_http_server_options options = { .handler = handler, .context = f };
    if (limits != NULL)
        options.limits = *limits;
    assert_int_equal(dew_http_server_create(f->loop, &options, &f->server), 0);
    http_peer_open(&f->peer, f->server);
    http_peer_send(&f->peer, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    http_peer_settle(f->loop);
    assert_non_null(f->request);
}

static void stop(fixture *f)
{
    http_peer_dispose(&f->peer);
    if (!f->is_closed)
        dew_http_server_close(f->server, 0, closed, f);
    dew_loop_clock_advance(f->loop, 1);
    http_peer_settle(f->loop);
    assert_true(f->is_closed);
    dew_loop_destroy(f->loop);
}

static void a_streamed_answer_that_is_abandoned_has_no_last_chunk(void **state)
{
    (void)state;
    fixture f;
    start(&f, NULL);
    assert_int_equal(dew_http_begin(f.request, &(dew_http_response){ .content_type = DEW_S("text/plain") }), 0);
    assert_int_equal(dew_http_write(f.request, &(dew_io_slice){ "half", 4, NULL }, 1), 0);
    const char *answer = http_peer_take(&f.peer);
    assert_non_null(strstr(answer, "Transfer-Encoding: chunked\r\n"));
    assert_non_null(strstr(answer, "\r\n\r\n4\r\nhalf\r\n"));
    assert_false(f.peer.is_ended);
    dew_http_abandon(f.request);
    assert_string_equal(http_peer_take(&f.peer), ""); /* no "0\r\n\r\n" */
    assert_true(f.peer.is_ended);
    stop(&f);
}

/* Sends a large answer to a client that does not read yet. */
static void answer_large(fixture *f)
{
    dew_stream_read_pause(f->peer.stream);
    dew_blob *blob = dew_blob_create(LARGE);
    assert_non_null(blob);
    memset(blob->data, 'x', blob->len);
    const dew_io_slice slice = { blob->data, blob->len, blob };
    dew_http_request *request = f->request;
    f->request = NULL;
    assert_int_equal(dew_http_respond(request, &(dew_http_response){ .body = &slice, .body_count = 1 }), 0);
    dew_blob_unref(blob);
    http_peer_settle(f->loop);
}

/* What the client reads then: the head, which promises all, and a part. */
static void assert_cut(fixture *f)
{
    char promise[64];
    snprintf(promise, sizeof promise, "Content-Length: %zu\r\n", LARGE);
    dew_stream_read_start(f->peer.stream);
    const char *answer = http_peer_take(&f->peer), *body = strstr(answer, "\r\n\r\n");
    assert_non_null(strstr(answer, promise));
    assert_non_null(body);
    assert_true(strlen(body + 4) < LARGE);
    assert_true(f->peer.is_ended);
}

static void an_answer_that_the_end_of_the_drain_cuts_is_shorter_than_it_promised(void **state)
{
    (void)state;
    fixture f;
    start(&f, NULL);
    answer_large(&f);
    dew_http_server_close(f.server, 1000, closed, &f);
    http_peer_settle(f.loop);
    assert_false(f.is_closed); /* it is still being sent */
    dew_loop_clock_advance(f.loop, 1001);
    http_peer_settle(f.loop);
    assert_true(f.is_closed);
    assert_cut(&f);
    stop(&f);
}

static void so_is_one_that_is_not_read_in_time(void **state)
{
    (void)state;
    fixture f;
    start(&f, &(dew_http_limits){ .write_timeout_ms = 1000 });
    answer_large(&f);
    for (int i = 0; i < 2; i++) {
        dew_loop_clock_advance(f.loop, 1001);
        http_peer_settle(f.loop);
    }
    assert_int_equal(dew_http_server_stats(f.server).connection_count, 0);
    assert_cut(&f);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_streamed_answer_that_is_abandoned_has_no_last_chunk),
        cmocka_unit_test(an_answer_that_the_end_of_the_drain_cuts_is_shorter_than_it_promised),
        cmocka_unit_test(so_is_one_that_is_not_read_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
