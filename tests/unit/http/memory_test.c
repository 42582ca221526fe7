/* memory_test.c - no allocation in the usual path, none kept by idle connections, and what happens when one fails.
 * wraps: malloc calloc realloc free */
#include "http/ws_connection.h"

#include "support/http_peer.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Most bytes that an idle connection may hold, the stream included; Dew's promise is 4 KB with the subscription. */
#define IDLE_HTTP_MAX 1024
#define IDLE_WS_MAX 1280

static int fail_in = -1; /* the Nth allocation from now fails; -1: none */
static size_t allocation_count;
static long held_len; /* bytes allocated and not freed */

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t len);
void __real_free(void *memory);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t len);
void __wrap_free(void *memory);

static bool fails(void)
{
    allocation_count++;
    return fail_in >= 0 && fail_in-- == 0;
}

static void *counted(void *memory)
{
    held_len += memory != NULL ? (long)malloc_usable_size(memory) : 0;
    return memory;
}

void *__wrap_malloc(size_t len)
{
    return fails() ? NULL : counted(__real_malloc(len));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *old, size_t len)
{
    if (fails())
        return NULL;
    long old_len = old != NULL ? (long)malloc_usable_size(old) : 0;
    void *moved = __real_realloc(old, len);
    if (moved != NULL)
        held_len -= old_len;
    return counted(moved);
}

void __wrap_free(void *memory)
{
    held_len -= memory != NULL ? (long)malloc_usable_size(memory) : 0;
    __real_free(memory);
}

#define GET "GET /some/path?x=y HTTP/1.1\r\nHost: a\r\nUser-Agent: test\r\nCookie: a=b\r\n\r\n"
#define POST "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
#define UPGRADE                                                                                                       \
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"                                   \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

typedef struct fixture {
    dew_loop *loop;
    dew_http_server *server;
    dew_ws *ws;
} fixture;

static void on_message(dew_ws *ws, dew_ws_opcode opcode, dew_str payload)
{
    dew_io_slice slice = { payload.ptr, payload.len, NULL };
    (void)!dew_ws_send(ws, opcode, &slice, 1);
}

static void on_ws_close(dew_ws *ws, uint16_t code, dew_str reason)
{
    fixture *f = dew_ws_data(ws);
    (void)code;
    (void)reason;
    f->ws = NULL;
}

static void handler(void *context, dew_http_request *request)
{
    static const dew_ws_events events = { .on_message = on_message, .on_close = on_ws_close };
    fixture *f = context;
    if (dew_str_eq(dew_http_request_path(request), DEW_S("/ws")))
        (void)!dew_http_upgrade_ws(request, &events, f, NULL, &f->ws);
    else
        (void)!dew_http_respond_text(request, 200, DEW_S("text/plain"), dew_http_request_target(request));
}

static void start(fixture *f)
{
    *f = (fixture){ 0 };
    assert_int_equal(dew_loop_create(NULL, &f->loop), 0);
    dew_loop_clock_hold(f->loop);
    dew_http_server_options options = { .handler = handler, .context = f };
    assert_int_equal(dew_http_server_create(f->loop, &options, &f->server), 0);
}

static void stop(fixture *f)
{
    http_peer_end_server(f->loop, f->server);
}

static void allocates_nothing_per_request_once_warm(void **state)
{
    (void)state;
    fixture f;
    http_peer peer;
    start(&f);
    http_peer_open(&peer, f.server);
    for (int i = 0; i < 3; i++) {
        http_peer_send(&peer, GET POST GET);
        http_peer_take(&peer);
    }
    allocation_count = 0;
    for (int i = 0; i < 10; i++) {
        http_peer_send(&peer, GET);
        assert_non_null(strstr(http_peer_take(&peer), "/some/path?x=y"));
        http_peer_send(&peer, POST);
        http_peer_take(&peer);
    }
    assert_int_equal(allocation_count, 0);
    http_peer_dispose(&peer);
    stop(&f);
}

/* Bytes that the server holds for each of `count` idle connections. The peers' own share is taken off. */
static long idle_len(const char *request, size_t count)
{
    fixture f;
    start(&f);
    http_peer *peers = calloc(count, sizeof *peers);
    assert_non_null(peers);
    http_peer_open(&peers[0], f.server); /* warms pools up */
    http_peer_send(&peers[0], request);
    http_peer_take(&peers[0]);
    long before = held_len;
    for (size_t i = 1; i < count; i++) {
        http_peer_open(&peers[i], f.server);
        http_peer_send(&peers[i], request);
        http_peer_take(&peers[i]);
        dew_buf_dispose(&peers[i].seen);
    }
    long each = (held_len - before) / (long)(count - 1) - 360; /* the peer's stream: sizeof(dew_stream) */
    for (size_t i = 0; i < count; i++)
        http_peer_dispose(&peers[i]);
    free(peers);
    stop(&f);
    return each;
}

static void idle_connections_are_small(void **state)
{
    (void)state;
    long http = idle_len(GET, 50), ws = idle_len(UPGRADE, 50);
    print_message("an idle connection holds %ld bytes, an idle WebSocket %ld\n", http, ws);
    assert_in_range(http, 1, IDLE_HTTP_MAX);
    assert_in_range(ws, 1, IDLE_WS_MAX);
}

/* A whole connection, with the Nth allocation failing; true when the Nth was never reached. */
static bool run_with_failure(int n, dew_str talk)
{
    fixture f;
    http_peer peer;
    start(&f);
    dew_stream *stream = http_peer_pair(&peer, f.loop);
    assert_int_equal(dew_buf_reserve(&peer.seen, 65536), 0);
    fail_in = n;
    dew_http_server_adopt(f.server, stream);
    for (size_t at = 0; at < talk.len && !peer.is_ended; at++) { /* byte by byte: input is kept as well */
        http_peer_send_bytes(&peer, talk.ptr + at, 1);
        dew_loop_turn(f.loop, false);
    }
    http_peer_settle(f.loop);
    bool is_through = fail_in >= 0;
    fail_in = -1;
    http_peer_dispose(&peer);
    stop(&f);
    return is_through;
}

static void survives_each_failing_allocation(void **state)
{
    (void)state;
    static const dew_str talks[] = { DEW_S_INIT(GET POST GET),
                                     DEW_S_INIT(UPGRADE "\x81\x82\0\0\0\0hi\x89\x81\0\0\0\0p"),
                                     DEW_S_INIT(GET GET "nonsense\r\n\r\n") };
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
        int n = 0;
        while (!run_with_failure(n, talks[i]))
            n++;
        assert_in_range(n, 4, 500);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocates_nothing_per_request_once_warm),
        cmocka_unit_test(idle_connections_are_small),
        cmocka_unit_test(survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
