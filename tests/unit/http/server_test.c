/* server_test.c - the server over real sockets: order, framing, limits in size and time, peers that hang up. */
#include "http/request.h"

#include "io/listener.h"
#include "support/http_peer.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define PENDING_MAX 32

/* What the handler does depends on the path's first letter. */
typedef struct fixture {
    dew_loop *loop;
    dew_http_server *server;
    http_peer peer;
    dew_http_request *pending[PENDING_MAX]; /* of /w…: waits */
    size_t pending_count;
    int gone_count, drain_count, closed_count;
    char last[256]; /* "METHOD path?query|body" */
} fixture;

static void on_gone(dew_http_request *request, void *data)
{
    fixture *f = data;
    f->gone_count++;
    assert_true(dew_http_request_is_gone(request));
}

static void on_drain(dew_http_request *request, void *data)
{
    fixture *f = data;
    (void)request;
    f->drain_count++;
}

static void handler(void *context, dew_http_request *request)
{
    fixture *f = context;
    dew_str path = dew_http_request_path(request), query = dew_http_request_query(request),
            body = dew_http_request_body(request);
    snprintf(f->last, sizeof f->last, "%s %.*s?%.*s|%.*s", dew_http_method_name(dew_http_request_method(request)),
             (int)path.len, path.ptr, (int)query.len, query.ptr, (int)body.len, body.ptr);
    if (path.ptr[0] == '/' && path.len > 1 && path.ptr[1] == 'w') {
        dew_http_request_watch(request, &(dew_http_watch){ on_gone, on_drain, f });
        assert_true(f->pending_count < PENDING_MAX);
        f->pending[f->pending_count++] = request;
        return;
    }
    if (path.ptr[0] == '/' && path.len > 1 &&
        path.ptr[1] == 'r') { /* room in front of the body, as much as query says */
        char text[1024] = { 0 };
        size_t room = (size_t)strtoul(query.len != 0 ? query.ptr : "0", NULL, 10);
        dew_io_slice body_slice = { memcpy(text + room, "body", 4), 4, NULL };
        dew_http_response response = { .body = &body_slice, .body_count = 1, .head_room = room };
        assert_int_equal(dew_http_respond(request, &response), 0);
        return;
    }
    assert_int_equal(dew_http_respond_text(request, 200, DEW_S("text/plain"), path), 0);
}

static void on_closed(void *context)
{
    fixture *f = context;
    f->closed_count++;
}

static void start(fixture *f, const dew_http_limits *limits, const char *const *hosts)
{
    *f = (fixture){ 0 };
    assert_int_equal(dew_loop_create(NULL, &f->loop), 0);
    dew_loop_clock_hold(f->loop);
    dew_http_server_options options = { .handler = handler, .context = f, .hosts = hosts };
    if (limits != NULL)
        options.limits = *limits;
    assert_int_equal(dew_http_server_create(f->loop, &options, &f->server), 0);
    http_peer_open(&f->peer, f->server);
}

static void stop(fixture *f)
{
    http_peer_dispose(&f->peer);
    http_peer_end_server(f->loop, f->server);
}

static void assert_starts(const char *text, const char *start_text)
{
    if (strncmp(text, start_text, strlen(start_text)) != 0)
        fail_msg("wanted %s, got %s", start_text, text);
}

static void assert_holds(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no %s in %s", part, text);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

static void answers_and_keeps_the_connection(void **state)
{
    (void)state;
    fixture f;
    start(&f, NULL, NULL);
    for (int i = 0; i < 3; i++) {
        http_peer_send(&f.peer, GET("/a?b=c"));
        const char *answer = http_peer_take(&f.peer);
        assert_starts(answer, "HTTP/1.1 200 OK\r\nDate: ");
        assert_holds(answer, " GMT\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n/a");
        assert_string_equal(f.last, "GET /a?b=c|");
    }
    assert_false(f.peer.is_ended);
    assert_int_equal(dew_http_server_stats(f.server).request_count, 3);
    stop(&f);
}

static void head_goes_into_the_room_before_the_body_when_it_fits(void **state)
{
    (void)state;
    static const char *const requests[] = { GET("/r?0"), GET("/r?40"), GET("/r?500"), GET("/r?500") GET("/r?500"),
                                            "HEAD /r?500 HTTP/1.1\r\nHost: a\r\n\r\n" };
    fixture f;
    start(&f, NULL, NULL);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        http_peer_send(&f.peer, requests[i]);
        const char *answer = http_peer_take(&f.peer);
        assert_starts(answer, "HTTP/1.1 200 OK\r\nDate: ");
        assert_holds(answer, " GMT\r\nContent-Length: 4\r\n\r\n");
        assert_int_equal(count_of(answer, "\r\n\r\nbody"), i == 4 ? 0 : count_of(requests[i], "GET"));
    }
    stop(&f);
}

static void reads_requests_however_they_are_cut(void **state)
{
    (void)state;
    static const char text[] = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                               "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "3\r\nwor\r\n2;x=y\r\nld\r\n0\r\nT: u\r\n\r\n" GET("/c");
    for (size_t piece = 1; piece < sizeof text; piece += piece < 8 ? 1 : 37) {
        fixture f;
        start(&f, NULL, NULL);
        for (size_t at = 0; at < sizeof text - 1; at += piece) {
            size_t len = sizeof text - 1 - at < piece ? sizeof text - 1 - at : piece;
            http_peer_send_bytes(&f.peer, text + at, len);
            for (int i = 0; i < 3; i++)
                dew_loop_turn(f.loop, false);
            if (at + len == sizeof text - 1 - strlen(GET("/c")))
                assert_string_equal(f.last, "POST /b?|world");
        }
        const char *answers = http_peer_take(&f.peer);
        assert_int_equal(count_of(answers, "HTTP/1.1 200 OK"), 3);
        assert_true(strstr(answers, "/a") < strstr(answers, "/b") && strstr(answers, "/b") < strstr(answers, "/c"));
        assert_string_equal(f.last, "GET /c?|");
        stop(&f);
    }
}

static void keeps_the_order_of_pipelined_answers(void **state)
{
    (void)state;
    fixture f;
    start(&f, NULL, NULL);
    http_peer_send(&f.peer, GET("/w1") GET("/a") GET("/w2") GET("/b"));
    assert_string_equal(http_peer_take(&f.peer), "");
    assert_int_equal(f.pending_count, 2);
    assert_int_equal(dew_http_respond_text(f.pending[1], 200, DEW_S(""), DEW_S("two")), 0);
    assert_string_equal(http_peer_take(&f.peer), "");
    assert_int_equal(dew_http_respond_text(f.pending[0], 200, DEW_S(""), DEW_S("one")), 0);
    const char *answers = http_peer_take(&f.peer);
    assert_int_equal(count_of(answers, "HTTP/1.1 200 OK"), 4);
    const char *one = strstr(answers, "\r\n\r\none"), *a = strstr(answers, "\r\n\r\n/a"),
               *two = strstr(answers, "\r\n\r\ntwo"), *b = strstr(answers, "\r\n\r\n/b");
    assert_true(one != NULL && one < a && a < two && two < b);
    stop(&f);
}

static void bounds_the_requests_under_way(void **state)
{
    (void)state;
    fixture f;
    start(&f, &(dew_http_limits){ .pipeline_max = 2 }, NULL);
    for (int i = 0; i < 6; i++)
        http_peer_send(&f.peer, GET("/w"));
    assert_string_equal(http_peer_take(&f.peer), "");
    assert_int_equal(f.pending_count, 2);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(dew_http_respond_text(f.pending[i], 200, DEW_S(""), DEW_S("")), 0);
        assert_int_equal(count_of(http_peer_take(&f.peer), "200 OK"), 1);
        assert_int_equal(f.pending_count, i + 3 < 6 ? i + 3 : 6);
    }
    stop(&f);
}

static void answers_faults_with_the_name_of_the_limit(void **state)
{
    (void)state;
    static const struct {
        const char *request, *status, *part;
    } cases[] = {
        { "GET / HTTP/1.1\nHost: a\n\n", "400 Bad Request", "\"INVALID\"" },
        { "GET / HTTP/1.1\r\n\r\n", "400 Bad Request", "Host is missing" },
        { "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "501 Not Implemented", "method" },
        { "GET / HTTP/3.0\r\nHost: a\r\n\r\n", "505 HTTP Version", "version" },
        { "GET /0123456789012345678901234567890 HTTP/1.1\r\n", "414 URI Too Long", "30 bytes (target_max)" },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n",
          "431 Request Header", "100 bytes (head_max)" },
        { "GET / HTTP/1.1\r\nHost: a\r\na:\r\nb:\r\nc:\r\nd:\r\n", "431 Request Header",
          "4 header lines (field_count_max)" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", "413 Content Too Large", "10 bytes (body_max)" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n5\r\nabcde\r\n",
          "413 Content Too Large", "10 bytes (body_max)" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\n", "400 Bad Request", "chunk" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400 Bad",
          "exclude" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", "400 Bad",
          "Content-Length" },
        { "POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", "417 Expectation", "100-continue" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f;
        start(&f, &(dew_http_limits){ .head = { 30, 100, 4 }, .body_max = 10 }, NULL);
        http_peer_send(&f.peer, cases[i].request);
        http_peer_send(&f.peer, GET("/never"));
        const char *answer = http_peer_take(&f.peer);
        assert_starts(answer, "HTTP/1.1 ");
        assert_starts(answer + 9, cases[i].status);
        assert_holds(answer, "Content-Type: application/json\r\n");
        assert_holds(answer, "Connection: close\r\n");
        assert_holds(answer, "{\"error\":{\"code\":\"");
        assert_holds(answer, cases[i].part);
        assert_int_equal(count_of(answer, "HTTP/1.1 "), 1);
        assert_true(f.peer.is_ended);
        assert_string_equal(f.last, "");
        assert_int_equal(dew_http_server_stats(f.server).fault_count, 1);
        stop(&f);
    }
}

static void answers_a_fault_after_the_requests_before_it(void **state)
{
    (void)state;
    fixture f;
    start(&f, NULL, NULL);
    http_peer_send(&f.peer, GET("/w") "nonsense\r\n\r\n");
    assert_string_equal(http_peer_take(&f.peer), "");
    assert_int_equal(dew_http_respond_text(f.pending[0], 200, DEW_S(""), DEW_S("one")), 0);
    const char *answers = http_peer_take(&f.peer);
    assert_starts(answers, "HTTP/1.1 200 OK");
    assert_holds(answers, "HTTP/1.1 400 Bad Request");
    assert_true(f.peer.is_ended);
    stop(&f);
}

static void knows_its_hosts(void **state)
{
    (void)state;
    static const char *const hosts[] = { "localhost", "[::1]", "exact.example:81", NULL };
    static const struct {
        const char *host;
        bool is_known;
    } cases[] = { { "localhost", true },   { "LOCALHOST:8080", true },    { "[::1]:1", true },        { "[::1]", true },
                  { "evil.test", false },  { "exact.example:81", true },  { "exact.example", false }, { "", false },
                  { "localhost.", false }, { "exact.example:82", false }, { "evilchost", false } };
    const size_t count = sizeof cases / sizeof *cases;
    for (size_t k = 0; k < 2 * count; k++) { /* first on its own, then after a host that is known */
        const size_t i = k % count;
        fixture f;
        char text[200];
        start(&f, NULL, hosts);
        if (k >= count) {
            http_peer_send(&f.peer, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assert_starts(http_peer_take(&f.peer), "HTTP/1.1 200");
        }
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", cases[i].host);
        http_peer_send(&f.peer, text);
        assert_starts(http_peer_take(&f.peer), cases[i].is_known ? "HTTP/1.1 200" : "HTTP/1.1 421");
        stop(&f);
    }
}

static void follows_the_version_and_connection(void **state)
{
    (void)state;
    static const struct {
        const char *request, *part;
        bool is_ended;
    } cases[] = {
        { "GET / HTTP/1.0\r\n\r\n", "Connection: close\r\n", true },
        { "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "Connection: keep-alive\r\n", false },
        { "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/never"), "Connection: close\r\n", true },
        { GET("/"), "Content-Length: 1\r\n", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f;
        start(&f, NULL, NULL);
        http_peer_send(&f.peer, cases[i].request);
        const char *answer = http_peer_take(&f.peer);
        assert_holds(answer, cases[i].part);
        assert_int_equal(count_of(answer, "HTTP/1.1 200"), 1);
        assert_int_equal(f.peer.is_ended, cases[i].is_ended);
        stop(&f);
    }
}

static void sends_no_body_where_none_belongs(void **state)
{
    (void)state;
    fixture f;
    start(&f, NULL, NULL);
    http_peer_send(&f.peer, "HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n");
    const char *answer = http_peer_take(&f.peer);
    assert_holds(answer, "Content-Length: 4\r\n\r\n");
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
    http_peer_send(&f.peer, GET("/w"));
    http_peer_settle(f.loop);
    assert_int_equal(dew_http_respond_text(f.pending[0], 204, DEW_S(""), DEW_S("dropped")), 0);
    answer = http_peer_take(&f.peer);
    assert_starts(answer, "HTTP/1.1 204 No Content");
    assert_null(strstr(answer, "Content-Length"));
    assert_null(strstr(answer, "dropped"));
    stop(&f);
}

static void sends_continue_when_it_is_waited_for(void **state)
{
    (void)state;
    static const char head[] = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    fixture f;
    start(&f, NULL, NULL);
    http_peer_send(&f.peer, head);
    assert_string_equal(http_peer_take(&f.peer), "HTTP/1.1 100 Continue\r\n\r\n");
    http_peer_send(&f.peer, "ab");
    assert_starts(http_peer_take(&f.peer), "HTTP/1.1 200 OK");
    assert_string_equal(f.last, "POST /p?|ab");

    http_peer_send(&f.peer, GET("/w"));
    http_peer_send(&f.peer, head); /* its turn comes after /w */
    assert_string_equal(http_peer_take(&f.peer), "");
    assert_int_equal(dew_http_respond_text(f.pending[0], 200, DEW_S(""), DEW_S("one")), 0);
    const char *answer = http_peer_take(&f.peer);
    assert_starts(answer, "HTTP/1.1 200 OK");
    assert_holds(answer, "\r\n\r\noneHTTP/1.1 100 Continue\r\n\r\n");
    stop(&f);
}

static void times_out_slow_heads_and_bodies(void **state)
{
    (void)state;
    static const dew_http_limits limits = {
        .head_timeout_ms = 1000, .keep_alive_timeout_ms = 5000, .body_rate_min = 10, .body_window_ms = 1000
    };
    fixture f;
    start(&f, &limits, NULL);
    http_peer_send(&f.peer, "G");
    http_peer_settle(f.loop);
    dew_loop_clock_advance(f.loop, 100); /* further bytes do not start it anew */
    http_peer_send(&f.peer, "ET / HT");
    http_peer_settle(f.loop);
    dew_loop_clock_advance(f.loop, 899);
    assert_string_equal(http_peer_take(&f.peer), "");
    dew_loop_clock_advance(f.loop, 2);
    const char *answer = http_peer_take(&f.peer);
    assert_starts(answer, "HTTP/1.1 408 Request Timeout");
    assert_holds(answer, "1000 ms (head_timeout)");
    assert_true(f.peer.is_ended);
    stop(&f);

    start(&f, &limits, NULL);
    http_peer_send(&f.peer, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < 3; i++) { /* fast enough */
        http_peer_send(&f.peer, "0123456789");
        http_peer_settle(f.loop);
        dew_loop_clock_advance(f.loop, 1000);
        assert_string_equal(http_peer_take(&f.peer), "");
    }
    http_peer_send(&f.peer, "012345678");
    http_peer_settle(f.loop);
    dew_loop_clock_advance(f.loop, 1000);
    answer = http_peer_take(&f.peer);
    assert_starts(answer, "HTTP/1.1 408 Request Timeout");
    assert_holds(answer, "10 bytes per second (body_rate_min)");
    stop(&f);
}

static void closes_idle_connections(void **state)
{
    (void)state;
    static const dew_http_limits limits = { .head_timeout_ms = 1000, .keep_alive_timeout_ms = 5000 };
    fixture f;
    start(&f, &limits, NULL);
    dew_loop_clock_advance(f.loop, 1001); /* not a byte ever */
    assert_string_equal(http_peer_take(&f.peer), "");
    assert_true(f.peer.is_ended);
    stop(&f);

    start(&f, &limits, NULL);
    for (int i = 0; i < 3; i++) {
        http_peer_send(&f.peer, GET("/"));
        assert_starts(http_peer_take(&f.peer), "HTTP/1.1 200");
        dew_loop_clock_advance(f.loop, 4999);
        http_peer_settle(f.loop);
        assert_false(f.peer.is_ended);
    }
    dew_loop_clock_advance(f.loop, 2);
    http_peer_settle(f.loop);
    assert_true(f.peer.is_ended);
    assert_int_equal(dew_http_server_stats(f.server).connection_count, 0);
    stop(&f);
}

static void lets_a_handler_take_its_time(void **state)
{
    (void)state;
    fixture f;
    start(&f, &(dew_http_limits){ .head_timeout_ms = 10, .keep_alive_timeout_ms = 10 }, NULL);
    http_peer_send(&f.peer, GET("/w"));
    http_peer_settle(f.loop);
    dew_loop_clock_advance(f.loop, 1000000);
    assert_int_equal(dew_http_respond_text(f.pending[0], 200, DEW_S(""), DEW_S("late")), 0);
    assert_holds(http_peer_take(&f.peer), "late");
    stop(&f);
}

static void tells_that_the_peer_has_gone(void **state)
{
    (void)state;
    fixture f;
    start(&f, NULL, NULL);
    http_peer_send(&f.peer, GET("/w") GET("/w") GET("/a"));
    http_peer_settle(f.loop);
    assert_int_equal(f.pending_count, 2);
    http_peer_close(&f.peer);
    assert_int_equal(f.gone_count, 2);
    assert_int_equal(dew_http_server_stats(f.server).connection_count, 0);
    assert_int_equal(dew_http_server_stats(f.server).pending_count, 2);
    assert_string_equal(f.last, "GET /a?|");
    dew_str path = dew_http_request_path(f.pending[0]); /* still there */
    assert_int_equal(path.len, 2);
    assert_int_equal(dew_http_respond_text(f.pending[0], 200, DEW_S(""), DEW_S("x")), DEW_E_CLOSED);
    dew_http_abandon(f.pending[1]);
    assert_int_equal(dew_http_server_stats(f.server).pending_count, 0);
    stop(&f);
}

static void streams_in_chunks(void **state)
{
    (void)state;
    fixture f;
    start(&f, &(dew_http_limits){ .stream_queue_max = 100000 }, NULL);
    http_peer_send(&f.peer, GET("/w"));
    http_peer_settle(f.loop);
    dew_http_request *request = f.pending[0];
    assert_int_equal(dew_http_begin(request, &(dew_http_response){ .content_type = DEW_S("text/event-stream") }), 0);
    assert_holds(http_peer_take(&f.peer), "Transfer-Encoding: chunked\r\n\r\n");
    dew_blob *blob = dew_blob_copy(DEW_S("shared"));
    assert_non_null(blob);
    const dew_io_slice slices[] = { { "a:", 2, NULL }, { blob->data, blob->len, blob } };
    assert_int_equal(dew_http_write(request, slices, 2), 0);
    assert_int_equal(dew_http_write(request, slices, 0), 0);
    assert_string_equal(http_peer_take(&f.peer), "8\r\na:shared\r\n");
    /* a peer that does not read: bounded, and told when it does */
    dew_stream_read_pause(f.peer.stream);
    static char big[65536];
    const dew_io_slice large = { big, sizeof big, NULL };
    int error = 0;
    for (int i = 0; i < 1000 && error == 0; i++) {
        error = dew_http_write(request, &large, 1);
        dew_loop_turn(f.loop, false);
    }
    assert_int_equal(error, DEW_E_LIMIT);
    assert_true(dew_http_queued_len(request) <= 100000 + sizeof big + 20);
    dew_stream_read_start(f.peer.stream);
    http_peer_take(&f.peer);
    assert_int_equal(f.drain_count, 1);
    dew_http_end(request);
    assert_string_equal(http_peer_take(&f.peer), "0\r\n\r\n");
    http_peer_send(&f.peer, GET("/next"));
    assert_holds(http_peer_take(&f.peer), "/next");
    assert_int_equal(blob->refs, 1);
    dew_blob_unref(blob);

    http_peer_send(&f.peer, "GET /w HTTP/1.0\r\n\r\n");
    http_peer_settle(f.loop);
    assert_int_equal(dew_http_begin(f.pending[1], &(dew_http_response){ 0 }), 0);
    assert_int_equal(dew_http_write(f.pending[1], slices, 1), 0);
    dew_http_end(f.pending[1]);
    const char *answer = http_peer_take(&f.peer);
    assert_null(strstr(answer, "chunked"));
    assert_holds(answer, "\r\n\r\na:");
    assert_true(f.peer.is_ended);
    stop(&f);
}

static void streams_in_turn(void **state)
{
    (void)state;
    fixture f;
    start(&f, NULL, NULL);
    http_peer_send(&f.peer, GET("/w") GET("/w"));
    http_peer_settle(f.loop);
    const dew_io_slice slice = { "abc", 3, NULL };
    assert_int_equal(dew_http_begin(f.pending[1], &(dew_http_response){ 0 }), 0);
    assert_int_equal(dew_http_write(f.pending[1], &slice, 1), 0);
    assert_string_equal(http_peer_take(&f.peer), "");
    assert_int_equal(dew_http_respond_text(f.pending[0], 200, DEW_S(""), DEW_S("one")), 0);
    const char *answers = http_peer_take(&f.peer);
    assert_holds(answers, "one");
    assert_holds(answers, "3\r\nabc\r\n");
    assert_int_equal(dew_http_write(f.pending[1], &slice, 1), 0);
    dew_http_end(f.pending[1]);
    assert_string_equal(http_peer_take(&f.peer), "3\r\nabc\r\n0\r\n\r\n");
    stop(&f);
}

/* Refused before its turn; when that comes, the kernel takes all at once: nothing was ever queued, and on_drain comes
 * all the same. */
static void tells_of_room_to_an_answer_refused_before_its_turn(void **state)
{
    (void)state;
    fixture f;
    start(&f, &(dew_http_limits){ .stream_queue_max = 1000 }, NULL);
    http_peer_send(&f.peer, GET("/w") GET("/w"));
    http_peer_settle(f.loop);
    static char text[1500];
    memset(text, 'x', sizeof text);
    const dew_io_slice slice = { text, sizeof text, NULL };
    assert_int_equal(dew_http_begin(f.pending[1], &(dew_http_response){ 0 }), 0);
    assert_int_equal(dew_http_write(f.pending[1], &slice, 1), 0);
    assert_int_equal(dew_http_write(f.pending[1], &slice, 1), DEW_E_LIMIT);
    assert_int_equal(dew_http_respond_text(f.pending[0], 200, DEW_S(""), DEW_S("one")), 0);
    assert_int_equal(f.drain_count, 0);
    http_peer_settle(f.loop);
    assert_int_equal(f.drain_count, 1);
    assert_int_equal(dew_http_write(f.pending[1], &slice, 1), 0);
    dew_http_end(f.pending[1]);
    assert_int_equal(count_of(http_peer_take(&f.peer), "5dc\r\n"), 2);
    assert_int_equal(f.drain_count, 1);
    stop(&f);
    /* one that is over, or gone, by then is not told */
    start(&f, &(dew_http_limits){ .stream_queue_max = 1000 }, NULL);
    http_peer_send(&f.peer, GET("/w") GET("/w"));
    http_peer_settle(f.loop);
    assert_int_equal(dew_http_begin(f.pending[1], &(dew_http_response){ 0 }), 0);
    assert_int_equal(dew_http_write(f.pending[1], &slice, 1), 0);
    assert_int_equal(dew_http_write(f.pending[1], &slice, 1), DEW_E_LIMIT);
    assert_int_equal(dew_http_respond_text(f.pending[0], 200, DEW_S(""), DEW_S("one")), 0);
    dew_http_abandon(f.pending[1]);
    http_peer_settle(f.loop);
    assert_int_equal(f.drain_count, 0);
    stop(&f);
}

static void gives_up_on_a_peer_that_does_not_read(void **state)
{
    (void)state;
    fixture f;
    start(&f, &(dew_http_limits){ .write_timeout_ms = 1000 }, NULL);
    http_peer_send(&f.peer, GET("/w"));
    http_peer_settle(f.loop);
    dew_stream_read_pause(f.peer.stream);
    dew_blob *blob = dew_blob_create((size_t)8 << 20);
    assert_non_null(blob);
    memset(blob->data, 'x', blob->len);
    const dew_io_slice slice = { blob->data, blob->len, blob };
    assert_int_equal(dew_http_respond(f.pending[0], &(dew_http_response){ .body = &slice, .body_count = 1 }), 0);
    http_peer_settle(f.loop);
    dew_loop_clock_advance(f.loop, 1001);
    http_peer_settle(f.loop);
    dew_loop_clock_advance(f.loop, 1001);
    http_peer_settle(f.loop);
    assert_int_equal(dew_http_server_stats(f.server).connection_count, 0);
    assert_int_equal(blob->refs, 1);
    dew_blob_unref(blob);
    stop(&f);
}

static void answers_500_for_an_answer_that_cannot_be_sent(void **state)
{
    (void)state;
    fixture f;
    start(&f, NULL, NULL);
    http_peer_send(&f.peer, GET("/w"));
    http_peer_settle(f.loop);
    const dew_http_header header = { DEW_S("X"), DEW_S("a\r\nSet-Cookie: b=c") };
    assert_int_equal(dew_http_respond(f.pending[0], &(dew_http_response){ .headers = &header, .header_count = 1 }),
                     DEW_E_INVALID);
    const char *answer = http_peer_take(&f.peer);
    assert_starts(answer, "HTTP/1.1 500 ");
    assert_null(strstr(answer, "Set-Cookie"));
    stop(&f);
}

static void refuses_connections_past_its_limit(void **state)
{
    (void)state;
    fixture f;
    start(&f, &(dew_http_limits){ .connection_max = 1 }, NULL);
    http_peer second;
    http_peer_open(&second, f.server);
    const char *answer = http_peer_take(&second);
    assert_starts(answer, "HTTP/1.1 503 ");
    const char *body = strstr(answer, "\r\n\r\n") + 4, *length = strstr(answer, "Content-Length: ") + 16;
    assert_int_equal(strlen(body), atoi(length));
    assert_true(second.is_ended);
    http_peer_dispose(&second);
    stop(&f);
}

static void adopt(void *context, dew_loop *loop, dew_stream *stream)
{
    fixture *f = context;
    (void)loop;
    dew_http_server_adopt(f->server, stream);
}

static void serves_over_tcp(void **state)
{
    (void)state;
    fixture f;
    dew_listener *listener;
    start(&f, NULL, NULL);
    dew_listener_options options = { .context = &f, .on_accept = adopt };
    assert_int_equal(dew_listener_open(f.loop, &options, &listener, NULL), 0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)dew_listener_port(listener)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(write(fd, GET("/w"), sizeof GET("/w") - 1), sizeof GET("/w") - 1);
    while (f.pending_count == 0)
        dew_loop_turn(f.loop, true);
    char host[DEW_ENDPOINT_TEXT_MAX], text[1000];
    dew_http_request_peer_host(f.pending[0], host);
    assert_string_equal(host, "127.0.0.1");
    dew_http_request_peer(f.pending[0], host);
    assert_int_equal(strncmp(host, "127.0.0.1:", 10), 0);
    assert_int_equal(dew_http_respond_text(f.pending[0], 200, DEW_S(""), DEW_S("tcp")), 0);
    ssize_t len = read(fd, text, sizeof text - 1);
    assert_true(len > 0);
    text[len] = '\0';
    assert_holds(text, "\r\n\r\ntcp");

    assert_int_equal(write(fd, GET("/w"), sizeof GET("/w") - 1), sizeof GET("/w") - 1);
    while (f.pending_count == 1)
        dew_loop_turn(f.loop, true);
    struct linger reset = { 1, 0 }; /* a reset, not an end */
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
    close(fd);
    while (f.gone_count == 0)
        dew_loop_turn(f.loop, true);
    assert_int_equal(dew_http_respond_text(f.pending[1], 200, DEW_S(""), DEW_S("x")), DEW_E_CLOSED);
    dew_listener_close(listener);
    stop(&f);
}

static void closes_in_peace(void **state)
{
    (void)state;
    fixture f;
    start(&f, NULL, NULL);
    http_peer idle;
    http_peer_open(&idle, f.server);
    http_peer_send(&f.peer, GET("/w"));
    http_peer_settle(f.loop);
    dew_http_server_close(f.server, 1000, on_closed, &f);
    http_peer_settle(f.loop);
    assert_true(idle.is_ended);
    assert_false(f.peer.is_ended);
    assert_int_equal(dew_http_respond_text(f.pending[0], 200, DEW_S(""), DEW_S("last")), 0);
    const char *answer = http_peer_take(&f.peer);
    assert_holds(answer, "Connection: close\r\n");
    assert_holds(answer, "last");
    assert_true(f.peer.is_ended);
    http_peer_dispose(&f.peer);
    http_peer_dispose(&idle);
    http_peer_settle(f.loop);
    assert_int_equal(f.closed_count, 1);
    dew_loop_destroy(f.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_and_keeps_the_connection),
        cmocka_unit_test(head_goes_into_the_room_before_the_body_when_it_fits),
        cmocka_unit_test(reads_requests_however_they_are_cut),
        cmocka_unit_test(keeps_the_order_of_pipelined_answers),
        cmocka_unit_test(bounds_the_requests_under_way),
        cmocka_unit_test(answers_faults_with_the_name_of_the_limit),
        cmocka_unit_test(answers_a_fault_after_the_requests_before_it),
        cmocka_unit_test(knows_its_hosts),
        cmocka_unit_test(follows_the_version_and_connection),
        cmocka_unit_test(sends_no_body_where_none_belongs),
        cmocka_unit_test(sends_continue_when_it_is_waited_for),
        cmocka_unit_test(times_out_slow_heads_and_bodies),
        cmocka_unit_test(closes_idle_connections),
        cmocka_unit_test(lets_a_handler_take_its_time),
        cmocka_unit_test(tells_that_the_peer_has_gone),
        cmocka_unit_test(streams_in_chunks),
        cmocka_unit_test(streams_in_turn),
        cmocka_unit_test(tells_of_room_to_an_answer_refused_before_its_turn),
        cmocka_unit_test(gives_up_on_a_peer_that_does_not_read),
        cmocka_unit_test(answers_500_for_an_answer_that_cannot_be_sent),
        cmocka_unit_test(refuses_connections_past_its_limit),
        cmocka_unit_test(serves_over_tcp),
        cmocka_unit_test(closes_in_peace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
