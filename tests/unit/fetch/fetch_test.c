/* dew_fetch against an upstream on the same loop: bodies, limits, redirects, reuse, ends, and what is refused. */
#include "http/request.h"
#include "io/fiber.h"
#include "io/listener.h"
#include "scope/scope.h"

#include <dew/fetch.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct fixture {
    dew_loop *loop;
    dew_listener *listener;
    dew_http_server *server;
    dew_http_request *held; /* of /hold */
    int gone, requests;
    char base[64], seen[256];
    dew_arena arena;
    dew_scope scope;
    /* the call under test */
    const char *url;
    dew_fetch_options options;
    dew_response answer;
    int code;
    bool is_done, is_closed;
} f;

static void on_gone(dew_http_request *request, void *data)
{
    (void)data;
    f.gone++;
    f.held = NULL;
    dew_http_abandon(request);
}

static void redirect(dew_http_request *request, const char *to)
{
    dew_http_header location = { DEW_S("Location"), dew_str_of(to) };
    dew_http_respond(request, &(dew_http_response){ .status = 302, .headers = &location, .header_count = 1 });
}

static void answer_in_pieces(dew_http_request *request)
{
    assert_int_equal(dew_http_begin(request, &(dew_http_response){ .content_type = DEW_S("text/plain") }), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(dew_http_write(request, &(dew_io_slice){ .ptr = "piece ", .len = 6 }, 1), 0);
    dew_http_end(request);
}

static void handler(void *context, dew_http_request *request)
{
    (void)context;
    static char big[1 << 20];
    f.requests++;
    dew_str path = dew_http_request_path(request);
    dew_str trace = dew_http_request_header(request, DEW_S("traceparent"));
    if (dew_str_eq(path, DEW_S("/hold"))) {
        f.held = request;
        dew_http_request_watch(request, &(dew_http_watch){ .on_gone = on_gone });
    } else if (dew_str_eq(path, DEW_S("/chunked"))) {
        answer_in_pieces(request);
    } else if (dew_str_eq(path, DEW_S("/big"))) {
        memset(big, 'x', sizeof big);
        dew_http_respond_text(request, 200, DEW_S("text/plain"), dew_str_make(big, sizeof big));
    } else if (dew_str_eq(path, DEW_S("/around"))) {
        redirect(request, "/around");
    } else if (dew_str_eq(path, DEW_S("/once"))) {
        redirect(request, "/plain");
    } else if (dew_str_starts_with(path, DEW_S("/to/"))) {
        char to[128];
        snprintf(to, sizeof to, "%.*s", (int)(path.len - 4), path.ptr + 4);
        redirect(request, to);
    } else if (dew_str_eq(path, DEW_S("/echo"))) {
        dew_http_respond_text(request, 201, DEW_S("text/plain"), dew_http_request_body(request));
    } else if (dew_str_eq(path, DEW_S("/trace"))) {
        dew_http_respond_text(request, 200, DEW_S("text/plain"), trace.ptr != NULL ? trace : DEW_S("none"));
    } else {
        dew_http_respond_text(request, 200, DEW_S("text/plain"), DEW_S("hello"));
    }
}

static void on_accept(void *context, dew_loop *loop, dew_stream *stream)
{
    (void)context, (void)loop;
    dew_http_server_adopt(f.server, stream);
}

static void on_closed(void *context)
{
    (void)context;
    f.is_closed = true;
}

static int setup(void **state)
{
    (void)state;
    memset(&f, 0, sizeof f);
    assert_int_equal(dew_loop_create(NULL, &f.loop), 0);
    dew_http_server_options options = { .handler = handler };
    assert_int_equal(dew_http_server_create(f.loop, &options, &f.server), 0);
    dew_listener_options where = { .on_accept = on_accept };
    assert_int_equal(dew_listener_open(f.loop, &where, &f.listener, NULL), 0);
    snprintf(f.base, sizeof f.base, "http://127.0.0.1:%d", dew_listener_port(f.listener));
    dew_arena_init(&f.arena, (size_t)32 << 20);
    dew_scope_init(&f.scope, &f.arena);
    f.scope.loop = f.loop;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (f.held != NULL)
        dew_http_abandon(f.held);
    dew_scope_dispose(&f.scope);
    dew_listener_close(f.listener);
    dew_http_server_close(f.server, 0, on_closed, NULL);
    while (!f.is_closed)
        dew_loop_turn(f.loop, true);
    dew_loop_destroy(f.loop);
    dew_arena_dispose(&f.arena);
    return 0;
}

static void call(void *arg)
{
    (void)arg;
    f.code = dew_fetch_with(&f.scope, &f.answer, f.url, &f.options);
    f.is_done = true;
}

static void start(const char *url, dew_fetch_options options)
{
    static char whole[256];
    snprintf(whole, sizeof whole, "%s%s", url[0] == '/' ? f.base : "", url);
    f.url = whole;
    f.options = options;
    f.is_done = false;
    f.code = 1;
    f.answer = (dew_response){ 0 };
    assert_int_equal(dew_fiber_spawn(f.loop, "fetch", call, NULL), 0);
}

static int fetch(const char *url, dew_fetch_options options)
{
    start(url, options);
    while (!f.is_done)
        dew_loop_turn(f.loop, true);
    return f.code;
}

static void the_body_and_head_come_back(void **state)
{
    (void)state;
    assert_int_equal(fetch("/plain", (dew_fetch_options){ 0 }), 0);
    assert_int_equal(f.answer.status, 200);
    assert_string_equal(f.answer.body.ptr, "hello");
    assert_string_equal(dew_response_header(&f.answer, "CONTENT-type").ptr, "text/plain");
    assert_null(dew_response_header(&f.answer, "absent").ptr);
    assert_int_equal(fetch("/echo", (dew_fetch_options){ .body = DEW_S("said") }), 0);
    assert_int_equal(f.answer.status, 201);
    assert_string_equal(f.answer.body.ptr, "said");
    assert_int_equal(fetch("/plain", (dew_fetch_options){ .method = "HEAD" }), 0);
    assert_int_equal(f.answer.body.len, 0);
}

static void chunks_are_put_together(void **state)
{
    (void)state;
    assert_int_equal(fetch("/chunked", (dew_fetch_options){ 0 }), 0);
    assert_string_equal(f.answer.body.ptr, "piece piece piece ");
}

static size_t streamed;
static int on_chunk(void *context, dew_str chunk)
{
    assert_int_equal(f.answer.status, 200); /* there before the first */
    streamed += chunk.len;
    dew_fiber_yield(); /* may wait */
    return context != NULL && streamed > 100000 ? DEW_E_CONFLICT : 0;
}

static void a_streamed_body_waits_for_its_reader(void **state)
{
    (void)state;
    streamed = 0;
    assert_int_equal(fetch("/big", (dew_fetch_options){ .on_chunk = on_chunk }), 0);
    assert_int_equal(streamed, 1 << 20);
    streamed = 0;
    assert_int_equal(fetch("/big", (dew_fetch_options){ .on_chunk = on_chunk, .context = &f }), DEW_E_CONFLICT);
    assert_true(streamed < 1 << 20);
}

static void a_body_past_its_limit_fails(void **state)
{
    (void)state;
    assert_int_equal(fetch("/plain", (dew_fetch_options){ .max_body = 5 }), 0);
    assert_int_equal(fetch("/plain", (dew_fetch_options){ .max_body = 4 }), DEW_E_LIMIT);
    assert_null(f.answer.body.ptr);
}

static void redirects_are_followed_to_their_limit(void **state)
{
    (void)state;
    assert_int_equal(fetch("/once", (dew_fetch_options){ 0 }), 0);
    assert_string_equal(f.answer.body.ptr, "hello");
    assert_non_null(strstr(f.answer.url.ptr, "/plain"));
    assert_int_equal(fetch("/once", (dew_fetch_options){ .max_redirects = DEW_COUNT(0) }), 0);
    assert_int_equal(f.answer.status, 302);
    int before = f.requests;
    assert_int_equal(fetch("/around", (dew_fetch_options){ .max_redirects = DEW_COUNT(3) }), DEW_E_LIMIT);
    assert_int_equal(f.requests - before, 4);
    assert_int_equal(fetch("/to/file:///etc/passwd", (dew_fetch_options){ 0 }), DEW_E_DENIED);
}

static void a_connection_is_used_again(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(fetch("/plain", (dew_fetch_options){ 0 }), 0);
    assert_int_equal(dew_http_server_stats(f.server).accepted_count, 1);
}

static void the_end_of_the_scope_closes_the_connection(void **state)
{
    (void)state;
    start("/hold", (dew_fetch_options){ 0 });
    while (f.held == NULL)
        dew_loop_turn(f.loop, true);
    dew_scope_end(&f.scope, DEW_END_CLIENT_GONE);
    dew_loop_turn(f.loop, false);
    assert_true(f.is_done);
    assert_int_equal(f.code, DEW_E_CANCELLED);
    while (f.gone == 0)
        dew_loop_turn(f.loop, true); /* the upstream sees it */
    assert_int_equal(fetch("/plain", (dew_fetch_options){ 0 }), DEW_E_CANCELLED);
    assert_int_equal(f.requests, 1);
}

static void a_deadline_ends_it(void **state)
{
    (void)state;
    assert_int_equal(fetch("/hold", (dew_fetch_options){ .timeout = DEW_MS(5) }), DEW_E_TIMEOUT);
    dew_scope_limit(&f.scope, 5);
    assert_int_equal(fetch("/hold", (dew_fetch_options){ 0 }), DEW_E_TIMEOUT);
}

static void what_cannot_be_reached_is_an_io_error(void **state)
{
    (void)state;
    dew_listener *other;
    assert_int_equal(dew_listener_open(f.loop, &(dew_listener_options){ .on_accept = on_accept }, &other, NULL), 0);
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", dew_listener_port(other));
    dew_listener_close(other); /* nobody listens there any more */
    dew_loop_turn(f.loop, false);
    assert_int_equal(fetch(url, (dew_fetch_options){ 0 }), DEW_E_IO);
    assert_int_equal(
        fetch("http://a-label-that-is-longer-than-the-sixty-three-bytes-which-dns-has-room-for.localhost.test/",
              (dew_fetch_options){ 0 }),
        DEW_E_IO);
    assert_int_not_equal(f.scope.error.message[0], '\0');
}

static void what_is_no_request_is_invalid(void **state)
{
    (void)state;
    dew_header bad = { DEW_S("X"), DEW_S("a\r\nHost: b") }, length = { DEW_S("Content-Length"), DEW_S("1") };
    assert_int_equal(fetch("file:///etc/passwd", (dew_fetch_options){ 0 }), DEW_E_INVALID);
    assert_int_equal(fetch("http://", (dew_fetch_options){ 0 }), DEW_E_INVALID);
    assert_int_equal(fetch("/plain", (dew_fetch_options){ .method = "GET /x" }), DEW_E_INVALID);
    assert_int_equal(fetch("/plain", (dew_fetch_options){ .headers = &bad, .header_count = 1 }), DEW_E_INVALID);
    assert_int_equal(fetch("/plain", (dew_fetch_options){ .headers = &length, .header_count = 1 }), DEW_E_INVALID);
    assert_int_equal(fetch("/plain", (dew_fetch_options){ .untrusted = true, .proxy = f.base }), DEW_E_INVALID);
    assert_int_equal(f.requests, 0);
}

/* Also on a connection that a trusted request has left, and by every way to write the address. */
static void an_untrusted_url_does_not_reach_private_addresses(void **state)
{
    (void)state;
    static const char *const forms[] = { "127.0.0.1", "2130706433",  "0x7f.1", "[::ffff:127.0.0.1]",
                                         "localhost", "x.localhost", "0.0.0.0" };
    assert_int_equal(fetch("/plain", (dew_fetch_options){ 0 }), 0);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char url[128];
        snprintf(url, sizeof url, "http://%s:%d/plain", forms[i], dew_listener_port(f.listener));
        assert_int_equal(fetch(url, (dew_fetch_options){ .untrusted = true }), DEW_E_DENIED);
    }
    assert_int_equal(f.requests, 1);
}

static void a_redirect_of_an_untrusted_url_is_checked_again(void **state)
{
    (void)state;
    char address[64], path[128];
    int port = dew_listener_port(f.listener);
    snprintf(address, sizeof address, "127.0.0.1:%d", port);
    const char *const allowed[] = { address, NULL };
    assert_int_equal(fetch("/once", (dew_fetch_options){ .untrusted = true, .allowed = allowed }), 0);
    snprintf(path, sizeof path, "/to/http://127.0.0.2:%d/plain", port);
    assert_int_equal(fetch(path, (dew_fetch_options){ .untrusted = true, .allowed = allowed }), DEW_E_DENIED);
    /* what was allowed once is not for the next */
    assert_int_equal(fetch("/plain", (dew_fetch_options){ .untrusted = true }), DEW_E_DENIED);
}

static const char trace_id[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
static dew_str request_header(void *context, const char *name)
{
    return strcmp(name, "traceparent") == 0 ? dew_str_of(context) : (dew_str){ NULL, 0 };
}

static void a_valid_traceparent_is_passed_on_and_not_noted(void **state)
{
    (void)state;
    static const dew_scope_source source = { .cookie = request_header, .header = request_header };
    char id[sizeof trace_id];
    memcpy(id, trace_id, sizeof id);
    f.scope.source = &source;
    f.scope.source_context = id;
    assert_int_equal(fetch("/trace", (dew_fetch_options){ 0 }), 0);
    assert_string_equal(f.answer.body.ptr, trace_id);
    assert_int_equal(f.scope.input_count, 0);
    id[5] = 'G';
    assert_int_equal(fetch("/trace", (dew_fetch_options){ 0 }), 0);
    assert_string_equal(f.answer.body.ptr, "none");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_body_and_head_come_back),
        TEST(chunks_are_put_together),
        TEST(a_streamed_body_waits_for_its_reader),
        TEST(a_body_past_its_limit_fails),
        TEST(redirects_are_followed_to_their_limit),
        TEST(a_connection_is_used_again),
        TEST(the_end_of_the_scope_closes_the_connection),
        TEST(a_deadline_ends_it),
        TEST(what_cannot_be_reached_is_an_io_error),
        TEST(what_is_no_request_is_invalid),
        TEST(an_untrusted_url_does_not_reach_private_addresses),
        TEST(a_redirect_of_an_untrusted_url_is_checked_again),
        TEST(a_valid_traceparent_is_passed_on_and_not_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
