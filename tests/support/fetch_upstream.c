/* fetch_upstream.c - see fetch_upstream.h. */
#include "support/fetch_upstream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

fetch_upstream f;

static void on_gone(dew_http_request *request, void *data)
{
    (void)data;
    f.gone++;
    f.held = NULL;
    dew_http_abandon(request);
}

static void redirect(dew_http_request *request, int status, const char *to)
{
    dew_http_header location = { DEW_S("Location"), dew_str_of(to) };
    dew_http_respond(request, &(dew_http_response){ .status = status, .headers = &location, .header_count = 1 });
}

/* "/303/where": a redirect there */
static bool is_redirect(dew_http_request *request, dew_str path)
{
    char to[200];
    if (path.len < 6 || path.ptr[1] != '3' || path.ptr[4] != '/')
        return false;
    snprintf(to, sizeof to, "%s%.*s", path.ptr[5] == 'h' || path.ptr[5] == 'f' ? "" : "/", (int)(path.len - 5),
             path.ptr + 5);
    redirect(request, atoi(path.ptr + 1), to);
    return true;
}

/* What has come: "<method> <Authorization> <Cookie> <X-Key> <body>", "-" for what has not. */
static void tell(dew_http_request *request)
{
    static const char *const names[] = { "authorization", "cookie", "x-key" };
    char text[400];
    size_t len = (size_t)snprintf(text, sizeof text, "%s", dew_http_method_name(dew_http_request_method(request)));
    for (size_t i = 0; i < 3; i++) {
        dew_str value = dew_http_request_header(request, dew_str_of(names[i]));
        len += (size_t)snprintf(text + len, sizeof text - len, " %.*s", value.ptr != NULL ? (int)value.len : 1,
                                value.ptr != NULL ? value.ptr : "-");
    }
    dew_str body = dew_http_request_body(request);
    len += (size_t)snprintf(text + len, sizeof text - len, " %.*s", body.len != 0 ? (int)body.len : 1,
                            body.len != 0 ? body.ptr : "-");
    dew_http_respond_text(request, 200, DEW_S("text/plain"), dew_str_make(text, len));
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
        redirect(request, 302, "/around");
    } else if (is_redirect(request, path)) {
        return;
    } else if (dew_str_eq(path, DEW_S("/told"))) {
        tell(request);
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

int fetch_upstream_setup(void **state)
{
    (void)state;
    memset(&f, 0, sizeof f);
    assert_int_equal(dew_loop_create(NULL, &f.loop), 0);
    dew_outgoing_init(&f.outgoing, f.loop, NULL);
    dew_http_server_options options = { .handler = handler };
    assert_int_equal(dew_http_server_create(f.loop, &options, &f.server), 0);
    dew_listener_options where = { .on_accept = on_accept };
    assert_int_equal(dew_listener_open(f.loop, &where, &f.listener, NULL), 0);
    assert_int_equal(dew_listener_open(f.loop, &where, &f.other, NULL), 0);
    snprintf(f.other_base, sizeof f.other_base, "http://127.0.0.1:%d", dew_listener_port(f.other));
    snprintf(f.base, sizeof f.base, "http://127.0.0.1:%d", dew_listener_port(f.listener));
    dew_arena_init(&f.arena, (size_t)32 << 20);
    dew_scope_init(&f.scope, &f.arena);
    f.scope.loop = f.loop;
    return 0;
}

int fetch_upstream_teardown(void **state)
{
    (void)state;
    if (f.held != NULL)
        dew_http_abandon(f.held);
    dew_scope_dispose(&f.scope);
    dew_listener_close(f.listener);
    dew_listener_close(f.other);
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

void fetch_start(const char *url, dew_fetch_options options)
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

int fetch(const char *url, dew_fetch_options options)
{
    fetch_start(url, options);
    while (!f.is_done)
        dew_loop_turn(f.loop, true);
    return f.code;
}
