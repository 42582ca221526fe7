/* dew_fetch against an upstream on the same loop: bodies, limits, redirects, reuse, ends, and what is refused. */
#include "support/fetch_upstream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

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
    assert_int_equal(fetch("/302/plain", (dew_fetch_options){ 0 }), 0);
    assert_string_equal(f.answer.body.ptr, "hello");
    assert_non_null(strstr(f.answer.url.ptr, "/plain"));
    assert_int_equal(fetch("/302/plain", (dew_fetch_options){ .max_redirects = DEW_COUNT(0) }), 0);
    assert_int_equal(f.answer.status, 302);
    int before = f.requests;
    assert_int_equal(fetch("/around", (dew_fetch_options){ .max_redirects = DEW_COUNT(3) }), DEW_E_LIMIT);
    assert_int_equal(f.requests - before, 4);
    assert_int_equal(fetch("/302/file:///etc/passwd", (dew_fetch_options){ 0 }), DEW_E_DENIED);
}

static void a_redirected_post_keeps_or_loses_its_body_as_the_status_says(void **state)
{
    (void)state;
    static const struct {
        const char *path, *told;
    } cases[] = { { "/301/told", "GET - - - -" },
                  { "/302/told", "GET - - - -" },
                  { "/303/told", "GET - - - -" },
                  { "/307/told", "POST - - - said" },
                  { "/308/told", "POST - - - said" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fetch(cases[i].path, (dew_fetch_options){ .body = DEW_S("said") }), 0);
        assert_string_equal(f.answer.body.ptr, cases[i].told);
    }
    assert_int_equal(fetch("/303/told", (dew_fetch_options){ .method = "PUT", .body = DEW_S("said") }), 0);
    assert_int_equal(f.answer.status, 303);
    assert_string_equal(dew_response_header(&f.answer, "Location").ptr, "/told");
}

static void a_redirect_to_another_origin_takes_no_credentials_along(void **state)
{
    (void)state;
    static const dew_header headers[] = { { DEW_S_INIT("Authorization"), DEW_S_INIT("a") },
                                          { DEW_S_INIT("Cookie"), DEW_S_INIT("c") },
                                          { DEW_S_INIT("X-Key"), DEW_S_INIT("k") } };
    const dew_fetch_options options = { .headers = headers, .header_count = 3 };
    char path[128];
    assert_int_equal(fetch("/302/told", options), 0);
    assert_string_equal(f.answer.body.ptr, "GET a c k -");
    snprintf(path, sizeof path, "/302/%s/told", f.other_base);
    assert_int_equal(fetch(path, options), 0);
    assert_string_equal(f.answer.body.ptr, "GET - - k -");
    snprintf(path, sizeof path, "/302/http://localhost:%d/told", dew_listener_port(f.listener));
    assert_int_equal(fetch(path, options), 0);
    assert_string_equal(f.answer.body.ptr, "GET - - k -");
}

static void a_connection_is_used_again(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(fetch("/plain", (dew_fetch_options){ 0 }), 0);
    assert_int_equal(dew_http_server_stats(f.server).accepted_count, 1);
    assert_int_equal(f.outgoing.counts.connections, 1);
    assert_int_equal(f.outgoing.counts.started, 3);
    assert_int_equal(f.outgoing.counts.under_way, 0);
}

static void without_idle_connections_each_request_has_its_own(void **state)
{
    (void)state;
    f.outgoing.limits.idle = (dew_count)DEW_COUNT(0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(fetch("/plain", (dew_fetch_options){ 0 }), 0);
    assert_int_equal(dew_http_server_stats(f.server).accepted_count, 3);
    assert_int_equal(f.outgoing.counts.connections, 0);
}

/* What came of a fetch beside the one of the fixture. */
typedef struct second {
    dew_scope scope;
    int code;
    bool is_done;
} second;

static void call_second(void *arg)
{
    second *s = arg;
    dew_response answer;
    s->code = dew_fetch_with(&s->scope, &answer, f.base, &(dew_fetch_options){ 0 });
    s->is_done = true;
}

static void start_second(second *s)
{
    dew_scope_init(&s->scope, &f.arena);
    s->scope.loop = f.loop;
    assert_int_equal(dew_fiber_spawn(f.loop, "second", call_second, s), 0);
}

static void who_waits_for_a_connection_obeys_its_scope(void **state)
{
    (void)state;
    dew_count *const limits[] = { &f.outgoing.limits.per_host, &f.outgoing.limits.connections };
    *limits[*state != NULL] = (dew_count)DEW_COUNT(1);
    fetch_start("/hold", (dew_fetch_options){ 0 });
    while (f.held == NULL)
        dew_loop_turn(f.loop, true);
    second gives_up = { 0 }, waits = { 0 };
    start_second(&gives_up);
    start_second(&waits);
    for (int i = 0; i < 20; i++)
        dew_loop_turn(f.loop, false);
    assert_int_equal(f.outgoing.counts.under_way, 3);
    assert_int_equal(f.outgoing.counts.connections, 1);
    assert_int_equal(f.requests, 1);
    dew_scope_end(&gives_up.scope, DEW_END_CLIENT_GONE);
    dew_loop_turn(f.loop, false);
    assert_true(gives_up.is_done);
    assert_int_equal(gives_up.code, DEW_E_CANCELLED);
    dew_http_respond_text(f.held, 200, DEW_S("text/plain"), DEW_S("late"));
    f.held = NULL;
    while (!f.is_done || !waits.is_done)
        dew_loop_turn(f.loop, true);
    assert_int_equal(f.code, 0);
    assert_int_equal(waits.code, 0);
    assert_int_equal(f.outgoing.counts.under_way, 0);
    dew_scope_dispose(&gives_up.scope);
    dew_scope_dispose(&waits.scope);
}

static void many_at_once_without_limits(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    static second all[COUNT];
    f.outgoing.limits = (dew_fetch_limits){ .per_host = DEW_NO_LIMIT, .connections = DEW_NO_LIMIT };
    for (size_t i = 0; i < COUNT; i++) {
        all[i] = (second){ 0 };
        start_second(&all[i]);
    }
    for (size_t done = 0; done < COUNT;) {
        dew_loop_turn(f.loop, true);
        for (done = 0; done < COUNT && all[done].is_done;)
            done++;
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(all[i].code, 0);
        dew_scope_dispose(&all[i].scope);
    }
    assert_int_equal(f.requests, COUNT);
    assert_int_equal(f.outgoing.counts.under_way, 0);
    assert_in_range(f.outgoing.counts.connections, 1,
                    DEW_FETCH_IDLE_MAX + 2); /* the idle ones, and one of each further multi */
    uint64_t accepted = dew_http_server_stats(f.server).accepted_count;
    assert_int_equal(fetch("/plain", (dew_fetch_options){ 0 }), 0);
    assert_int_equal(dew_http_server_stats(f.server).accepted_count, accepted);
}

static int in_all_setup(void **state)
{
    int code = fetch_upstream_setup(state);
    *state = &f;
    return code;
}

static void the_end_of_the_scope_closes_the_connection(void **state)
{
    (void)state;
    fetch_start("/hold", (dew_fetch_options){ 0 });
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
    dew_listener_close(f.other); /* nobody listens there any more */
    f.other = NULL;
    dew_loop_turn(f.loop, false);
    assert_int_equal(fetch(f.other_base, (dew_fetch_options){ 0 }), DEW_E_IO);
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
    assert_int_equal(fetch("/302/plain", (dew_fetch_options){ .untrusted = true, .allowed = allowed }), 0);
    snprintf(path, sizeof path, "/302/http://127.0.0.2:%d/plain", port);
    assert_int_equal(fetch(path, (dew_fetch_options){ .untrusted = true, .allowed = allowed }), DEW_E_DENIED);
    /* what was allowed once is not for the next */
    assert_int_equal(fetch("/plain", (dew_fetch_options){ .untrusted = true }), DEW_E_DENIED);
}

static const char trace_id[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
static dew_str request_trace(void *context)
{
    return dew_str_of(context);
}

static void a_valid_traceparent_is_passed_on_and_not_noted(void **state)
{
    (void)state;
    static const dew_scope_source source = { .trace = request_trace };
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, fetch_upstream_setup, fetch_upstream_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_body_and_head_come_back),
        TEST(chunks_are_put_together),
        TEST(a_streamed_body_waits_for_its_reader),
        TEST(a_body_past_its_limit_fails),
        TEST(redirects_are_followed_to_their_limit),
        TEST(a_redirected_post_keeps_or_loses_its_body_as_the_status_says),
        TEST(a_redirect_to_another_origin_takes_no_credentials_along),
        TEST(a_connection_is_used_again),
        TEST(without_idle_connections_each_request_has_its_own),
        TEST(many_at_once_without_limits),
        TEST(who_waits_for_a_connection_obeys_its_scope),
        { "who_waits_for_a_connection_obeys_its_scope, in all", who_waits_for_a_connection_obeys_its_scope,
          in_all_setup, fetch_upstream_teardown, NULL },
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
