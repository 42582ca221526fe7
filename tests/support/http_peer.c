/* http_peer.c - see http_peer.h. */
#include "support/http_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define SETTLE_TURNS 200
#define SEEN_MAX ((size_t)64 << 20)

static void on_read(dew_stream *stream, const char *bytes, size_t len)
{
    http_peer *peer = dew_stream_data(stream);
    dew_buf_put(&peer->seen, bytes, len);
}

static void on_end(dew_stream *stream, int error)
{
    http_peer *peer = dew_stream_data(stream);
    (void)error;
    peer->is_ended = true;
}

static void on_close(dew_stream *stream)
{
    http_peer *peer = dew_stream_data(stream);
    peer->stream = NULL;
}

dew_stream *http_peer_pair(http_peer *peer, dew_loop *loop)
{
    static const dew_stream_events events = { .on_read = on_read, .on_end = on_end, .on_close = on_close };
    dew_stream *other;
    *peer = (http_peer){ .loop = loop };
    dew_buf_init(&peer->seen, SEEN_MAX);
    assert_int_equal(dew_stream_pair(peer->loop, peer->loop, &other, &peer->stream), 0);
    dew_stream_attach(peer->stream, &events, peer);
    dew_stream_set_queue_max(peer->stream, SEEN_MAX);
    dew_stream_read_start(peer->stream);
    return other;
}

void http_peer_open(http_peer *peer, dew_http_server *server)
{
    dew_http_server_adopt(server, http_peer_pair(peer, dew_http_server_loop(server)));
}

void http_peer_send_bytes(http_peer *peer, const void *bytes, size_t len)
{
    assert_non_null(peer->stream);
    int error = dew_stream_write_bytes(peer->stream, bytes, len);
    assert_true(error == 0 || error == DEW_E_CLOSED);
}

void http_peer_send(http_peer *peer, const char *text)
{
    http_peer_send_bytes(peer, text, strlen(text));
}

void http_peer_settle(dew_loop *loop)
{
    for (int i = 0; i < SETTLE_TURNS; i++)
        dew_loop_turn(loop, false);
}

const char *http_peer_take(http_peer *peer)
{
    http_peer_settle(peer->loop);
    assert_int_equal(dew_buf_reserve(&peer->seen, 1), 0);
    peer->seen.ptr[peer->seen.len] = '\0';
    peer->seen.len = 0;
    return peer->seen.ptr;
}

void http_peer_close(http_peer *peer)
{
    dew_stream_close(peer->stream);
    http_peer_settle(peer->loop);
}

void http_peer_dispose(http_peer *peer)
{
    if (peer->stream != NULL)
        http_peer_close(peer);
    dew_buf_dispose(&peer->seen);
}

static void on_closed(void *context)
{
    ++*(int *)context;
}

void http_peer_end_server(dew_loop *loop, dew_http_server *server)
{
    int closed_count = 0;
    dew_http_server_close(server, 0, on_closed, &closed_count);
    dew_loop_clock_advance(loop, 1);
    http_peer_settle(loop);
    assert_int_equal(closed_count, 1);
    dew_loop_destroy(loop);
}
