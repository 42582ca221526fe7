/* dew_fetch while each allocation in turn fails, libcurl's, Dew's own and the upstream's, which is in the same program: an error
 * or the answer, and nothing is lost.
 *
 * wraps: malloc calloc realloc */
#include "http/request.h"
#include "io/fiber.h"
#include "io/listener.h"
#include "scope/scope.h"
#include "support/failing_allocations.h"

#include <curl/curl.h>
#include <dew/fetch.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static long countdown;   /* the allocation that fails; below 1: none */
static long armed, left; /* its value as the fetch begins and ends */

static bool fails(void)
{
    return countdown > 0 && --countdown == 0;
}

static void *failing_malloc(size_t len)
{
    return fails() ? NULL : __real_malloc(len);
}
static void *failing_realloc(void *old, size_t len)
{
    return fails() ? NULL : __real_realloc(old, len);
}
static void *failing_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}
static char *failing_strdup(const char *text)
{
    return fails() ? NULL : strdup(text);
}

static dew_http_server *server;
static char url[64];
static int code;
static bool is_done, is_closed;

static void handler(void *context, dew_http_request *request)
{
    (void)context;
    dew_http_respond_text(request, 200, DEW_S("text/plain"), DEW_S("hello"));
}

static void on_accept(void *context, dew_loop *loop, dew_stream *stream)
{
    (void)context, (void)loop;
    dew_http_server_adopt(server, stream);
}

static void on_closed(void *context)
{
    (void)context;
    is_closed = true;
}

static void call(void *arg)
{
    dew_response answer;
    countdown = armed;
    code = dew_fetch(arg, &answer, url, .timeout = DEW_MS(500));
    left = countdown;
    countdown = 0;
    is_done = true;
    if (code == 0 && answer.status != 503) /* the upstream's memory is out */
        assert_string_equal(answer.body.ptr, "hello");
}

/* One fetch on a loop of its own, whose Nth allocation fails. */
static void fetch_with_failing(long nth)
{
    dew_loop *loop;
    dew_listener *listener;
    dew_arena arena;
    dew_scope scope;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    assert_int_equal(dew_http_server_create(loop, &(dew_http_server_options){ .handler = handler }, &server), 0);
    assert_int_equal(dew_listener_open(loop, &(dew_listener_options){ .on_accept = on_accept }, &listener, NULL), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", dew_listener_port(listener));
    dew_arena_init(&arena, 1 << 20);
    dew_scope_init(&scope, &arena);
    scope.loop = loop;
    is_done = is_closed = false;
    armed = nth;
    assert_int_equal(dew_fiber_spawn(loop, "fetch", call, &scope), 0);
    while (!is_done)
        dew_loop_turn(loop, true);
    dew_scope_dispose(&scope);
    dew_listener_close(listener);
    dew_http_server_close(server, 0, on_closed, NULL);
    while (!is_closed)
        dew_loop_turn(loop, true);
    dew_loop_destroy(loop);
    dew_arena_dispose(&arena);
}

static void the_nth_allocation_fails(void **state)
{
    (void)state;
    assert_int_equal(curl_global_init_mem(CURL_GLOBAL_DEFAULT, failing_malloc, free, failing_realloc, failing_strdup,
                                          failing_calloc),
                     CURLE_OK);
    long nth = 0, failed = 0;
    do {
        fetch_with_failing(++nth);
        if (code != 0 && code != DEW_E_NOMEM && code != DEW_E_IO && code != DEW_E_TIMEOUT && code != DEW_E_INVALID)
            fail_msg("allocation %ld: code %d", nth, code);
        failed += code != 0;
    } while (left == 0); /* until none is left to fail */
    assert_true(failed > 50);
    assert_int_equal(code, 0);
    curl_global_cleanup();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_nth_allocation_fails) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
