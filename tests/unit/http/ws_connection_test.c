/* ws_connection_test.c - WebSockets on the server: handshake, shared frames, slow peers, pings, closing, memory. */
#include "http/ws_connection.h"

#include "support/http_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define UPGRADE                                                                                                       \
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"                                   \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

typedef struct fixture {
    dew_loop *loop;
    dew_http_server *server;
    http_peer peer;
    dew_ws_options options;
    dew_ws *ws;                /* the last one made */
    dew_http_request *waiting; /* of /later */
    int upgrade_error;
    int message_count, drain_count, close_count, closed_count;
    char last[256]; /* the last message */
    uint16_t close_code;
    char reason[128];
} fixture;

static void on_message(dew_ws *ws, dew_ws_opcode opcode, dew_str payload)
{
    fixture *f = dew_ws_data(ws);
    f->message_count++;
    snprintf(f->last, sizeof f->last, "%d:%.*s", (int)opcode, (int)payload.len, payload.ptr);
}

static void on_drain(dew_ws *ws)
{
    fixture *f = dew_ws_data(ws);
    f->drain_count++;
}

static void on_close(dew_ws *ws, uint16_t code, dew_str reason)
{
    fixture *f = dew_ws_data(ws);
    f->close_count++;
    f->close_code = code;
    snprintf(f->reason, sizeof f->reason, "%.*s", (int)reason.len, reason.ptr);
    f->ws = NULL;
}

static const dew_ws_events events = { .on_message = on_message, .on_drain = on_drain, .on_close = on_close };

static void handler(void *context, dew_http_request *request)
{
    fixture *f = context;
    if (dew_str_eq(dew_http_request_path(request), DEW_S("/later")))
        f->waiting = request;
    else
        f->upgrade_error = dew_http_upgrade_ws(request, &events, f, &f->options, &f->ws);
}

static void on_closed(void *context)
{
    fixture *f = context;
    f->closed_count++;
}

static void start(fixture *f, const dew_ws_options *options)
{
    *f = (fixture){ 0 };
    if (options != NULL)
        f->options = *options;
    assert_int_equal(dew_loop_create(NULL, &f->loop), 0);
    dew_loop_clock_hold(f->loop);
    dew_http_server_options server = { .handler = handler, .context = f };
    assert_int_equal(dew_http_server_create(f->loop, &server, &f->server), 0);
    http_peer_open(&f->peer, f->server);
}

static void start_open(fixture *f, const dew_ws_options *options)
{
    start(f, options);
    http_peer_send(&f->peer, UPGRADE);
    assert_int_equal(strncmp(http_peer_take(&f->peer), "HTTP/1.1 101 ", 13), 0);
    assert_non_null(f->ws);
}

static void stop(fixture *f)
{
    http_peer_dispose(&f->peer);
    http_peer_end_server(f->loop, f->server);
}

/* A client's frame, masked with zeros but for one byte. */
static void send_frame(http_peer *peer, uint8_t first, const char *payload, size_t len)
{
    char frame[300];
    size_t at = dew_ws_head_write(frame, DEW_WS_TEXT, len);
    frame[0] = (char)first;
    frame[1] = (char)(frame[1] | 0x80);
    memcpy(frame + at, "\0\x55\0\0", 4);
    at += 4;
    for (size_t i = 0; i < len; i++)
        frame[at + i] = (char)(payload[i] ^ ((i & 3) == 1 ? 0x55 : 0));
    http_peer_send_bytes(peer, frame, at + len);
}

static void assert_frame(http_peer *peer, const char *wanted, size_t len)
{
    http_peer_settle(peer->loop);
    assert_int_equal(peer->seen.len, len);
    assert_memory_equal(peer->seen.ptr, wanted, len);
    peer->seen.len = 0;
}

static void upgrades_by_the_rules(void **state)
{
    (void)state;
    fixture f;
    start(&f, &(dew_ws_options){ .protocol = DEW_S("dew") });
    http_peer_send(&f.peer, UPGRADE);
    const char *answer = http_peer_take(&f.peer);
    assert_string_equal(answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                                "Sec-WebSocket-Protocol: dew\r\n\r\n");
    assert_int_equal(dew_http_server_stats(f.server).websocket_count, 1);
    assert_int_equal(dew_http_server_stats(f.server).connection_count, 1);
    assert_int_equal(dew_http_server_stats(f.server).pending_count, 0);
    stop(&f);

    static const struct {
        const char *request, *status;
    } bad[] = {
        { "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", "400" },
        { "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "400" },
        { "POST /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "400" },
        { "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
          "426" },
        { "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: short\r\n\r\n",
          "400" },
        { "GET /ws HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
          "400" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        start(&f, NULL);
        http_peer_send(&f.peer, bad[i].request);
        assert_int_equal(strncmp(http_peer_take(&f.peer) + 9, bad[i].status, 3), 0);
        assert_int_equal(f.upgrade_error, DEW_E_PROTOCOL);
        stop(&f);
    }
}

static void takes_messages_and_answers_pings(void **state)
{
    (void)state;
    fixture f;
    start_open(&f, NULL);
    send_frame(&f.peer, 0x81, "hello", 5);
    send_frame(&f.peer, 0x89, "ping", 4);
    send_frame(&f.peer, 0x02, "\1", 1);
    send_frame(&f.peer, 0x80, "\2", 1);
    assert_frame(&f.peer, "\x8a\x04ping", 6);
    assert_int_equal(f.message_count, 2);
    assert_string_equal(f.last, "2:\1\2");
    stop(&f);
}

static void takes_messages_that_came_with_or_before_the_upgrade(void **state)
{
    (void)state;
    fixture f;
    start(&f, NULL);
    http_peer_send_bytes(&f.peer, UPGRADE "\x81\x82\0\0\0\0hi", sizeof UPGRADE - 1 + 8);
    assert_int_equal(strncmp(http_peer_take(&f.peer), "HTTP/1.1 101 ", 13), 0);
    assert_string_equal(f.last, "1:hi");
    stop(&f);

    start(&f, NULL);
    static const char upgrade[] = UPGRADE;
    http_peer_send(&f.peer, "GET /later");
    http_peer_send(&f.peer, &upgrade[sizeof "GET /ws" - 1]);
    http_peer_send_bytes(&f.peer, "\x81\x82\0\0\0\0h", 7);
    http_peer_settle(f.loop);
    assert_non_null(f.waiting);
    http_peer_send_bytes(&f.peer, "i", 1);
    http_peer_settle(f.loop);
    assert_int_equal(dew_http_upgrade_ws(f.waiting, &events, &f, NULL, &f.ws), 0);
    assert_int_equal(f.message_count, 0);
    http_peer_take(&f.peer);
    assert_string_equal(f.last, "1:hi");
    send_frame(&f.peer, 0x81, "more", 4);
    http_peer_settle(f.loop);
    assert_string_equal(f.last, "1:more");
    stop(&f);
}

static void sends_shared_frames_together(void **state)
{
    (void)state;
    fixture f;
    start_open(&f, NULL);
    dew_blob *frame = dew_ws_frame_create(DEW_WS_TEXT, DEW_S("abc"));
    dew_blob *part = dew_blob_copy(DEW_S("shared"));
    assert_true(frame != NULL && part != NULL);
    for (int i = 0; i < 10; i++)
        assert_int_equal(dew_ws_send_frame(f.ws, frame), 0);
    const dew_io_slice slices[] = { { "<", 1, NULL }, { part->data, part->len, part }, { ">", 1, NULL } };
    assert_int_equal(dew_ws_send(f.ws, DEW_WS_TEXT, slices, 3), 0);
    assert_int_equal(dew_ws_send_frame(f.ws, frame), 0);
    assert_int_equal(dew_ws_queued_len(f.ws), 5);
    http_peer_settle(f.loop);
    assert_int_equal(dew_ws_queued_len(f.ws), 0);
    assert_int_equal(frame->refs, 1);
    assert_int_equal(part->refs, 1);
    char wanted[100];
    size_t len = 0;
    for (int i = 0; i < 10; i++, len += 5)
        memcpy(wanted + len,
               "\x81\x03"
               "abc",
               5);
    memcpy(wanted + len,
           "\x81\x08<shared>\x81\x03"
           "abc",
           15);
    assert_frame(&f.peer, wanted, len + 15);
    dew_blob_unref(frame);
    dew_blob_unref(part);
    stop(&f);
}

/* Sends until it is refused; returns why. */
static int fill(fixture *f, dew_blob *frame)
{
    int error = 0;
    dew_stream_read_pause(f->peer.stream);
    for (int i = 0; i < 10000 && error == 0; i++) {
        error = dew_ws_send_frame(f->ws, frame);
        dew_loop_turn(f->loop, false);
    }
    return error;
}

static void bounds_what_waits_for_a_slow_peer(void **state)
{
    (void)state;
    fixture f;
    static char payload[10000];
    dew_blob *frame = dew_ws_frame_create(DEW_WS_BINARY, dew_str_make(payload, sizeof payload));
    assert_non_null(frame);
    start_open(&f, &(dew_ws_options){ .queue_max = 100000 });
    assert_int_equal(fill(&f, frame), DEW_E_LIMIT);
    assert_true(dew_ws_queued_len(f.ws) <= 100000);
    assert_true(dew_ws_is_open(f.ws));
    dew_stream_read_start(f.peer.stream);
    http_peer_take(&f.peer);
    assert_int_equal(f.drain_count, 1);
    assert_int_equal(frame->refs, 1);
    assert_int_equal(dew_ws_send_frame(f.ws, frame), 0);
    stop(&f);

    start_open(&f,
               &(dew_ws_options){ .queue_max = 100000, .overflow = DEW_WS_OVERFLOW_CLOSE, .close_timeout_ms = 100 });
    assert_int_equal(fill(&f, frame), DEW_E_CLOSED);
    assert_int_equal(f.close_count, 0);
    dew_loop_clock_advance(f.loop, 101);
    http_peer_settle(f.loop);
    assert_int_equal(f.close_count, 1);
    assert_int_equal(f.close_code, DEW_WS_TRY_LATER);
    assert_int_equal(frame->refs, 1);
    stop(&f);
    dew_blob_unref(frame);
}

/* Each refusal is followed by on_drain, whether libuv had to queue anything or not; and what a peer that reads is sent
 * within one turn is not refused for waiting until its end. */
static void tells_of_room_after_every_refusal(void **state)
{
    (void)state;
    static const size_t lens[] = { 50, 1000, 30000, 60000, 99000, 143000, 500000 };
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        fixture f;
        start_open(&f, &(dew_ws_options){ .queue_max = 100000 });
        dew_blob *payload = dew_blob_create(lens[i]);
        assert_non_null(payload);
        memset(payload->data, 'x', payload->len);
        dew_blob *frame = dew_ws_frame_create(DEW_WS_TEXT, dew_blob_str(payload));
        assert_non_null(frame);
        size_t sent = 0;
        for (int turn = 0; turn < 20; turn++) {
            int error = 0, drains = f.drain_count;
            for (int k = 0; k < 20 && error == 0; k++) {
                error = dew_ws_send_frame(f.ws, frame);
                sent += error == 0;
            }
            assert_true(error == 0 || error == DEW_E_LIMIT);
            http_peer_settle(f.loop);
            assert_true(error == 0 || f.drain_count > drains);
            assert_int_equal(dew_ws_queued_len(f.ws), 0);
        }
        assert_int_equal(f.peer.seen.len, sent * frame->len);
        dew_blob_unref(payload);
        dew_blob_unref(frame);
        stop(&f);
    }
}

static void takes_bursts_that_the_kernel_takes(void **state)
{
    (void)state;
    static const dew_ws_overflow policies[] = { DEW_WS_OVERFLOW_REFUSE, DEW_WS_OVERFLOW_CLOSE };
    static char payload[6000];
    dew_blob *frame = dew_ws_frame_create(DEW_WS_BINARY, dew_str_make(payload, sizeof payload));
    assert_non_null(frame);
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        fixture f;
        start_open(&f, &(dew_ws_options){ .queue_max = 10000, .overflow = policies[i] });
        for (int k = 0; k < 10; k++) {
            const dew_io_slice slice = { payload, sizeof payload, NULL };
            assert_int_equal(dew_ws_send_frame(f.ws, frame), 0);
            assert_int_equal(dew_ws_send(f.ws, DEW_WS_BINARY, &slice, 1), 0);
        }
        http_peer_settle(f.loop);
        assert_int_equal(f.peer.seen.len, 20 * frame->len);
        assert_true(dew_ws_is_open(f.ws));
        stop(&f);
    }
    dew_blob_unref(frame);
}

/* A frame longer than queue_max goes when nothing waits, also behind a small one of the same turn, and what closes the
 * connection comes after it. */
static void sends_a_frame_longer_than_its_queue(void **state)
{
    (void)state;
    fixture f;
    start_open(&f, &(dew_ws_options){ .queue_max = 1000, .close_timeout_ms = 100 });
    dew_blob *payload = dew_blob_create((size_t)5 << 20);
    assert_non_null(payload);
    memset(payload->data, 'x', payload->len);
    dew_blob *frame = dew_ws_frame_create(DEW_WS_TEXT, dew_blob_str(payload)),
             *small = dew_ws_frame_create(DEW_WS_TEXT, DEW_S("abc"));
    assert_true(frame != NULL && small != NULL);
    assert_int_equal(dew_ws_send_frame(f.ws, small), 0);
    assert_int_equal(dew_ws_send_frame(f.ws, frame), 0);
    dew_ws_flush(f.ws);
    assert_int_equal(dew_ws_send_frame(f.ws, small), DEW_E_LIMIT);
    dew_ws_close(f.ws, DEW_WS_GOING_AWAY, DEW_S(""));
    http_peer_settle(f.loop);
    assert_int_equal(f.peer.seen.len, small->len + frame->len + 4);
    assert_memory_equal(f.peer.seen.ptr + small->len + frame->len, "\x88\x02\x03\xe9", 4);
    dew_blob_unref(payload);
    dew_blob_unref(frame);
    dew_blob_unref(small);
    stop(&f);
}

/* A frame for very many goes out in several turns, in the order in which it was sent, and each gets it once. */
static void a_frame_for_many_is_sent_in_turns(void **state)
{
    (void)state;
    enum { MANY = 600 };
    static http_peer peers[MANY];
    static dew_ws *sockets[MANY];
    fixture f;
    start_open(&f, NULL);
    dew_blob *frame = dew_ws_frame_create(DEW_WS_TEXT, DEW_S("abc"));
    assert_non_null(frame);
    for (int i = 0; i < MANY; i++) {
        http_peer_open(&peers[i], f.server);
        http_peer_send(&peers[i], UPGRADE);
        dew_loop_turn(f.loop, false);
        dew_loop_turn(f.loop, false);
        sockets[i] = f.ws;
    }
    http_peer_settle(f.loop);
    for (int i = 0; i < MANY; i++) {
        peers[i].seen.len = 0;
        assert_int_equal(dew_ws_send_frame(sockets[i], frame), 0);
    }
    assert_int_equal(frame->refs, MANY + 1); /* shared */
    int sent = 0, turns = 0;
    for (; sent < MANY; turns++) {
        dew_loop_turn(f.loop, false);
        int before = sent;
        while (sent < MANY && dew_ws_queued_len(sockets[sent]) == 0)
            sent++;
        assert_true(sent > before);
        for (int i = sent; i < MANY; i++)
            assert_int_not_equal(dew_ws_queued_len(sockets[i]), 0);
        assert_true(turns > 0 || sent < MANY);
    }
    http_peer_settle(f.loop);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(peers[i].seen.len, frame->len);
        assert_memory_equal(peers[i].seen.ptr, frame->data, frame->len);
    }
    assert_int_equal(frame->refs, 1);
    for (int i = 0; i < MANY; i++)
        dew_stream_close(peers[i].stream);
    http_peer_settle(f.loop);
    for (int i = 0; i < MANY; i++)
        http_peer_dispose(&peers[i]);
    dew_blob_unref(frame);
    stop(&f);
}

/* The peer reads, but so slowly that it has not come to the ping when its answer is due. */
static void a_slow_peer_that_reads_is_not_lost(void **state)
{
    (void)state;
    fixture f;
    start_open(&f, &(dew_ws_options){ .queue_max = 1000, .ping_ms = 1000 });
    dew_blob *payload = dew_blob_create((size_t)4 << 20);
    assert_non_null(payload);
    memset(payload->data, 'x', payload->len);
    dew_blob *frame = dew_ws_frame_create(DEW_WS_TEXT, dew_blob_str(payload));
    assert_non_null(frame);
    dew_stream_read_pause(f.peer.stream);
    assert_int_equal(dew_ws_send_frame(f.ws, frame), 0);
    http_peer_settle(f.loop);
    assert_true(dew_ws_queued_len(f.ws) > 1000);
    for (int i = 0; i < 10; i++) { /* a piece of it, now and then */
        dew_stream_read_start(f.peer.stream);
        dew_loop_turn(f.loop, false);
        dew_stream_read_pause(f.peer.stream);
        dew_loop_clock_advance(f.loop, 900);
        assert_true(f.ws != NULL && dew_ws_queued_len(f.ws) != 0);
    }
    assert_true(dew_ws_is_open(f.ws));
    http_peer_settle(f.loop);
    dew_loop_clock_advance(f.loop, 3000); /* now it reads nothing any more */
    http_peer_settle(f.loop);
    assert_int_equal(f.close_count, 1);
    assert_int_equal(f.close_code, DEW_WS_LOST);
    dew_blob_unref(payload);
    dew_blob_unref(frame);
    stop(&f);
}

static void answers_the_closing_handshake(void **state)
{
    (void)state;
    fixture f;
    start_open(&f, NULL);
    send_frame(&f.peer, 0x88, "\x03\xe9going", 7);
    assert_frame(&f.peer, "\x88\x02\x03\xe9", 4);
    assert_int_equal(f.close_count, 1);
    assert_int_equal(f.close_code, 1001);
    assert_string_equal(f.reason, "going");
    assert_true(f.peer.is_ended);
    http_peer_close(&f.peer);
    assert_int_equal(dew_http_server_stats(f.server).connection_count, 0);
    stop(&f);
    assert_int_equal(f.close_count, 1);

    start_open(&f, NULL);
    send_frame(&f.peer, 0x88, "", 0);
    assert_frame(&f.peer, "\x88\x00", 2);
    assert_int_equal(f.close_code, DEW_WS_NO_CODE);
    stop(&f);
}

static void starts_the_closing_handshake(void **state)
{
    (void)state;
    fixture f;
    start_open(&f, &(dew_ws_options){ .close_timeout_ms = 100 });
    dew_ws_close(f.ws, DEW_WS_NORMAL, DEW_S("done"));
    dew_ws_close(f.ws, DEW_WS_POLICY, DEW_S("twice is once"));
    assert_false(dew_ws_is_open(f.ws));
    assert_frame(&f.peer,
                 "\x88\x06\x03\xe8"
                 "done",
                 8);
    send_frame(&f.peer, 0x81, "late", 4); /* on its way: not told */
    send_frame(&f.peer, 0x88, "\x03\xe8", 2);
    http_peer_settle(f.loop);
    assert_int_equal(f.message_count, 0);
    assert_int_equal(f.close_count, 1);
    assert_int_equal(f.close_code, 1000);
    assert_true(f.peer.is_ended);
    stop(&f);

    start_open(&f, &(dew_ws_options){ .close_timeout_ms = 100 });
    dew_ws_close(f.ws, DEW_WS_NORMAL, DEW_S(""));
    http_peer_settle(f.loop);
    dew_loop_clock_advance(f.loop, 101); /* the peer says nothing */
    http_peer_settle(f.loop);
    assert_int_equal(f.close_count, 1);
    assert_int_equal(f.close_code, DEW_WS_LOST);
    assert_true(f.peer.is_ended);
    stop(&f);
}

static void closes_on_faults_with_their_code(void **state)
{
    (void)state;
    static const struct {
        const char *frame;
        size_t len;
        uint16_t code;
    } cases[] = { { "\x81\x01x", 3, 1002 },
                  { "\x81\x81\0\0\0\0\xff", 7, 1007 },
                  { "\x82\xfe\x01\x00\0\0\0\0", 8, 1009 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f;
        start_open(&f, &(dew_ws_options){ .message_max = 255 });
        http_peer_send_bytes(&f.peer, cases[i].frame, cases[i].len);
        const char *answer = http_peer_take(&f.peer);
        assert_int_equal((uint8_t)answer[0], 0x88);
        assert_int_equal((uint8_t)answer[2] << 8 | (uint8_t)answer[3], cases[i].code);
        assert_int_equal(f.close_code, cases[i].code);
        assert_true(f.peer.is_ended);
        stop(&f);
    }
}

static void pings_a_silent_peer_and_loses_a_dead_one(void **state)
{
    (void)state;
    fixture f;
    start_open(&f, &(dew_ws_options){ .ping_ms = 1000 });
    dew_loop_clock_advance(f.loop, 600);
    send_frame(&f.peer, 0x81, "x", 1);
    http_peer_settle(f.loop);
    dew_loop_clock_advance(f.loop, 600); /* heard 600 ms ago: no ping yet */
    assert_frame(&f.peer, "", 0);
    dew_loop_clock_advance(f.loop, 401);
    assert_frame(&f.peer, "\x89\x00", 2);
    send_frame(&f.peer, 0x8a, "", 0);
    http_peer_settle(f.loop);
    dew_loop_clock_advance(f.loop, 1001);
    assert_frame(&f.peer, "\x89\x00", 2);
    dew_loop_clock_advance(f.loop, 1001);
    http_peer_settle(f.loop);
    assert_int_equal(f.close_count, 1);
    assert_int_equal(f.close_code, DEW_WS_LOST);
    assert_int_equal(dew_http_server_stats(f.server).websocket_count, 0);
    stop(&f);
}

static void tells_that_the_peer_is_lost(void **state)
{
    (void)state;
    fixture f;
    start_open(&f, NULL);
    dew_blob *frame = dew_ws_frame_create(DEW_WS_TEXT, DEW_S("abc"));
    assert_non_null(frame);
    dew_stream_close(f.peer.stream);
    assert_int_equal(dew_ws_send_frame(f.ws, frame), 0);
    http_peer_settle(f.loop);
    assert_int_equal(f.close_count, 1);
    assert_int_equal(f.close_code, DEW_WS_LOST);
    assert_int_equal(frame->refs, 1);
    dew_blob_unref(frame);
    stop(&f);
}

static void goes_away_with_its_server(void **state)
{
    (void)state;
    fixture f;
    start_open(&f, NULL);
    dew_http_server_close(f.server, 1000, on_closed, &f);
    assert_frame(&f.peer, "\x88\x02\x03\xe9", 4);
    send_frame(&f.peer, 0x88, "\x03\xe9", 2);
    http_peer_settle(f.loop);
    assert_int_equal(f.close_count, 1);
    http_peer_dispose(&f.peer);
    assert_int_equal(f.closed_count, 1);
    dew_loop_destroy(f.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upgrades_by_the_rules),
        cmocka_unit_test(takes_messages_and_answers_pings),
        cmocka_unit_test(takes_messages_that_came_with_or_before_the_upgrade),
        cmocka_unit_test(sends_shared_frames_together),
        cmocka_unit_test(bounds_what_waits_for_a_slow_peer),
        cmocka_unit_test(tells_of_room_after_every_refusal),
        cmocka_unit_test(takes_bursts_that_the_kernel_takes),
        cmocka_unit_test(sends_a_frame_longer_than_its_queue),
        cmocka_unit_test(a_frame_for_many_is_sent_in_turns),
        cmocka_unit_test(a_slow_peer_that_reads_is_not_lost),
        cmocka_unit_test(answers_the_closing_handshake),
        cmocka_unit_test(starts_the_closing_handshake),
        cmocka_unit_test(closes_on_faults_with_their_code),
        cmocka_unit_test(pings_a_silent_peer_and_loses_a_dead_one),
        cmocka_unit_test(tells_that_the_peer_is_lost),
        cmocka_unit_test(goes_away_with_its_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
