/* ws_connection.c - see ws_connection.h.
 *
 *   OPEN ──┬─ dew_ws_close, overflow ─> CLOSING: our close frame is out, the peer's is awaited ──┐
 *          ├─ the peer's close frame: answered ──────────────────────────────────────────────────┼─> ENDING: our end is
 *          ├─ protocol fault: our close frame is out ────────────────────────────────────────────┘   sent, the peer's is
 *          └─ lost ─> stream closed                                                                  awaited (timer)
 * on_close is called on the way into ENDING or when the stream is gone; the object is freed when the stream is.
 *
 * What is sent in a turn is gathered in `out` and leaves in one write at the turn's end, or when `out` is full, or when
 * something more does not fit into queue_max beside it.
 *
 * Invariant: whoever is refused hears on_drain. Hence only what the stream has queued is a reason to refuse, since only
 * that is told to have gone (on_stream_drain); what waits in `out` may be taken whole by the kernel, without a word. */
#include "http/ws_connection.h"

#include "http/server_internal.h"
#include "http/token.h"

#include <assert.h>
#include <stdlib.h>

#define OUT_MAX 6
#define MESSAGE_MAX ((size_t)1 << 20)
#define QUEUE_MAX ((size_t)1 << 20)
#define PING_MS 30000
#define CLOSE_TIMEOUT_MS 5000

enum state { OPEN, CLOSING, ENDING };

struct dew_ws {
    dew_link link; /* in server->websockets */
    dew_http_server *server;
    dew_stream *stream;
    const dew_ws_events *events;
    void *data;
    dew_ws_decoder decoder;
    dew_timer timer;
    dew_deferred flush;
    dew_blob *out[OUT_MAX]; /* each one reference */
    size_t out_len;         /* bytes in out */
    dew_buf early;          /* what came before the upgrade was through */
    size_t queue_max;
    int64_t heard_ms; /* when the peer was last heard */
    uint32_t ping_ms, close_timeout_ms;
    uint16_t close_code; /* what on_close will say */
    uint8_t state, out_count, overflow;
    bool is_pinged, is_told;
};

/* --- the end --- */

/* Tells the owner, once. */
static void tell(dew_ws *ws, uint16_t code, dew_str reason)
{
    if (ws->is_told)
        return;
    ws->is_told = true;
    if (ws->events->on_close != NULL)
        ws->events->on_close(ws, code, reason);
}

static void out_drop(dew_ws *ws)
{
    for (size_t i = 0; i < ws->out_count; i++)
        dew_blob_unref(ws->out[i]);
    ws->out_count = 0;
    ws->out_len = 0;
}

static void on_stream_close(dew_stream *stream)
{
    dew_ws *ws = dew_stream_data(stream);
    dew_http_server *server = ws->server;
    ws->state = ENDING;
    tell(ws, ws->close_code, DEW_S(""));
    out_drop(ws);
    dew_timer_stop(&ws->timer);
    dew_deferred_cancel(&ws->flush);
    dew_ws_decoder_dispose(&ws->decoder);
    dew_buf_dispose(&ws->early);
    dew_list_unlink(&ws->link);
    free(ws);
    server->stats.websocket_count--;
    server->stats.connection_count--;
    dew_http_server_check_end(server);
}

static void lose(dew_ws *ws)
{
    dew_stream_close(ws->stream);
}

static void on_stream_end(dew_stream *stream, int error)
{
    (void)error;
    lose(dew_stream_data(stream));
}

/* --- sending --- */

static void out_write(dew_ws *ws)
{
    dew_io_slice slices[OUT_MAX];
    for (size_t i = 0; i < ws->out_count; i++)
        slices[i] = (dew_io_slice){ ws->out[i]->data, ws->out[i]->len, ws->out[i] };
    if (ws->out_count != 0 && dew_stream_write(ws->stream, slices, ws->out_count) != 0)
        lose(ws);
    out_drop(ws);
}

void dew_ws_flush(dew_ws *ws)
{
    if (ws->state == OPEN)
        out_write(ws);
}

/* Takes the frame over. */
static void out_add(dew_ws *ws, dew_blob *frame)
{
    if (ws->out_count == OUT_MAX)
        out_write(ws);
    ws->out[ws->out_count++] = frame;
    ws->out_len += frame->len;
    dew_loop_defer(ws->server->loop, &ws->flush);
}

size_t dew_ws_queued_len(const dew_ws *ws)
{
    return ws->out_len + dew_stream_queued_len(ws->stream);
}

/* Writes a close frame behind what waits, and starts the timer of the handshake. */
static void close_frame_send(dew_ws *ws, uint16_t code, dew_str reason)
{
    char frame[2 + DEW_WS_CONTROL_MAX];
    size_t len = dew_ws_close_write(frame, code, reason);
    out_write(ws);
    if (!dew_stream_is_closing(ws->stream) && dew_stream_write_bytes(ws->stream, frame, len) != 0)
        lose(ws);
    dew_timer_start(&ws->timer, ws->close_timeout_ms);
}

void dew_ws_close(dew_ws *ws, uint16_t code, dew_str reason)
{
    if (ws->state != OPEN)
        return;
    ws->state = CLOSING;
    close_frame_send(ws, code, reason);
}

/* Where nothing waits, a frame of any length fits. */
static bool has_room(const dew_ws *ws, size_t len)
{
    size_t queued = dew_ws_queued_len(ws);
    return queued == 0 || (queued < ws->queue_max && len <= ws->queue_max - queued);
}

/* 0: may be sent. */
static int send_check(dew_ws *ws, size_t len)
{
    if (ws->state != OPEN)
        return DEW_E_CLOSED;
    if (!has_room(ws, len))
        out_write(ws); /* the kernel may take it now */
    if (dew_stream_is_closing(ws->stream))
        return DEW_E_CLOSED;
    if (has_room(ws, len))
        return 0;
    assert(dew_stream_queued_len(ws->stream) != 0 && "a refusal without on_drain");
    if (ws->overflow == DEW_WS_OVERFLOW_REFUSE)
        return DEW_E_LIMIT;
    ws->close_code = DEW_WS_TRY_LATER;
    dew_ws_close(ws, DEW_WS_TRY_LATER, DEW_S("too slow (queue_max)"));
    return DEW_E_CLOSED;
}

int dew_ws_send_frame(dew_ws *ws, dew_blob *frame)
{
    int error = send_check(ws, frame->len);
    if (error == 0)
        out_add(ws, dew_blob_ref(frame));
    return error;
}

int dew_ws_send(dew_ws *ws, dew_ws_opcode opcode, const dew_io_slice *slices, size_t count)
{
    dew_io_slice all[DEW_STREAM_SLICE_MAX];
    char head[DEW_WS_HEAD_MAX];
    size_t len = 0;
    assert(count < DEW_STREAM_SLICE_MAX);
    for (size_t i = 0; i < count; i++)
        len += slices[i].len;
    int error = send_check(ws, len + sizeof head);
    if (error != 0)
        return error;
    out_write(ws);
    all[0] = (dew_io_slice){ head, dew_ws_head_write(head, opcode, len), NULL };
    if (count != 0)
        memcpy(all + 1, slices, count * sizeof *all);
    error = dew_stream_is_closing(ws->stream) ? DEW_E_CLOSED : dew_stream_write(ws->stream, all, count + 1);
    if (error != 0)
        lose(ws);
    return error;
}

static void control_send(dew_ws *ws, dew_ws_opcode opcode, dew_str payload)
{
    if (dew_ws_queued_len(ws) > ws->queue_max) /* a peer that pings and does not read gets no pong */
        return;
    dew_blob *frame = dew_ws_frame_create(opcode, payload);
    if (frame != NULL)
        out_add(ws, frame);
}

static void on_flush(dew_deferred *deferred)
{
    dew_ws *ws = dew_container_of(deferred, dew_ws, flush);
    if (ws->early.len != 0 && !dew_stream_is_closing(ws->stream))
        dew_ws_feed(ws, "", 0);
    if (!dew_stream_is_closing(ws->stream))
        out_write(ws);
}

static void on_stream_drain(dew_stream *stream)
{
    dew_ws *ws = dew_stream_data(stream);
    if (ws->state == OPEN && ws->events->on_drain != NULL)
        ws->events->on_drain(ws);
}

/* --- receiving --- */

/* Both close frames are out, or nothing more is to be said: sends our end and waits for the peer's. */
static void end(dew_ws *ws, uint16_t code, dew_str reason)
{
    ws->state = ENDING;
    if (!dew_stream_is_closing(ws->stream))
        dew_stream_shutdown(ws->stream);
    dew_timer_start(&ws->timer, ws->close_timeout_ms);
    tell(ws, code, reason);
}

static void on_close_frame(dew_ws *ws, const dew_ws_event *event)
{
    if (ws->state == OPEN) {
        ws->state = CLOSING;
        close_frame_send(ws, event->close_code, DEW_S(""));
        ws->close_code = event->close_code;
    } else if (ws->close_code == DEW_WS_LOST) {
        ws->close_code = event->close_code;
    }
    end(ws, ws->close_code, event->payload);
}

static void on_event(dew_ws *ws, const dew_ws_event *event)
{
    switch (event->opcode) {
    case DEW_WS_CLOSE:
        on_close_frame(ws, event);
        break;
    case DEW_WS_PING:
        if (ws->state == OPEN)
            control_send(ws, DEW_WS_PONG, event->payload);
        break;
    case DEW_WS_PONG:
        break;
    default:
        if (ws->state == OPEN && ws->events->on_message != NULL)
            ws->events->on_message(ws, event->opcode, event->payload);
    }
}

static void decode(dew_ws *ws, const char *bytes, size_t len)
{
    while (len != 0 && ws->state != ENDING && !dew_stream_is_closing(ws->stream)) {
        dew_ws_event event;
        size_t used;
        dew_ws_progress progress = dew_ws_decode(&ws->decoder, bytes, len, &used, &event);
        bytes += used;
        len -= used;
        if (progress == DEW_WS_EVENT) {
            on_event(ws, &event);
        } else if (progress == DEW_WS_FAULT) {
            dew_str text = dew_str_of(dew_ws_fault_text(&ws->decoder));
            if (ws->state == OPEN)
                close_frame_send(ws, ws->decoder.fault_code, text);
            end(ws, ws->decoder.fault_code, text);
        }
    }
    dew_ws_decoder_trim(&ws->decoder);
}

void dew_ws_feed(dew_ws *ws, const char *bytes, size_t len)
{
    if (ws->early.len != 0) {
        dew_buf early = ws->early;
        dew_buf_init(&ws->early, 0);
        decode(ws, early.ptr, early.len);
        dew_buf_dispose(&early);
    }
    decode(ws, bytes, len);
}

void dew_ws_feed_later(dew_ws *ws, dew_buf *bytes)
{
    ws->early = *bytes;
    *bytes = (dew_buf){ 0 };
    if (ws->early.len != 0)
        dew_loop_defer(ws->server->loop, &ws->flush);
}

static void on_stream_read(dew_stream *stream, const char *bytes, size_t len)
{
    dew_ws *ws = dew_stream_data(stream);
    ws->heard_ms = dew_loop_now_ms(ws->server->loop);
    ws->is_pinged = false;
    dew_ws_feed(ws, bytes, len);
}

/* --- time --- */

static void on_due(dew_timer *timer)
{
    dew_ws *ws = dew_container_of(timer, dew_ws, timer);
    if (dew_stream_is_closing(ws->stream))
        return;
    if (ws->state != OPEN || ws->is_pinged) { /* the handshake, or the answer to a ping, did not come */
        lose(ws);
        return;
    }
    int64_t silent_ms = dew_loop_now_ms(ws->server->loop) - ws->heard_ms, left_ms = ws->ping_ms - silent_ms;
    if (left_ms <= 0) {
        ws->is_pinged = true;
        control_send(ws, DEW_WS_PING, DEW_S(""));
        left_ms = ws->ping_ms;
    }
    dew_timer_start(timer, left_ms);
}

/* --- the beginning --- */

static dew_http_fault handshake_check(const dew_http_request *request, dew_str *key)
{
    *key = dew_http_request_header(request, DEW_S("sec-websocket-key"));
    if (!request->head.asks_upgrade || request->head.method != DEW_HTTP_GET ||
        !dew_http_list_has(dew_http_request_header(request, DEW_S("upgrade")), DEW_S("websocket")))
        return DEW_HTTP_FAULT_UPGRADE;
    if (!dew_str_eq(dew_http_request_header(request, DEW_S("sec-websocket-version")), DEW_S("13")))
        return DEW_HTTP_FAULT_UPGRADE_VERSION;
    bool is_first = request->conn->requests.next == &request->link && request->conn->request_count == 1;
    return is_first && dew_ws_is_key(*key) && request->body.len == 0 ? DEW_HTTP_FAULT_NONE : DEW_HTTP_FAULT_UPGRADE;
}

static int handshake_write(conn *c, dew_str key, dew_str protocol)
{
    char accept[DEW_WS_ACCEPT_LEN];
    dew_ws_accept(key, accept);
    const dew_str head = DEW_S("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: ");
    const dew_str name = DEW_S("\r\nSec-WebSocket-Protocol: "), end_of_head = DEW_S("\r\n\r\n");
    const dew_io_slice slices[] = { { head.ptr, head.len, NULL },
                                    { accept, sizeof accept, NULL },
                                    { name.ptr, protocol.len != 0 ? name.len : 0, NULL },
                                    { protocol.ptr, protocol.len, NULL },
                                    { end_of_head.ptr, end_of_head.len, NULL } };
    return dew_http_conn_write(c, slices, sizeof slices / sizeof *slices);
}

static dew_ws *ws_create(dew_http_request *request, const dew_ws_events *events, void *data,
                         const dew_ws_options *options)
{
    dew_ws *ws = malloc(sizeof *ws);
    if (ws == NULL)
        return NULL;
    *ws = (dew_ws){ .server = request->server,
                    .stream = request->conn->stream,
                    .events = events,
                    .data = data,
                    .flush.run = on_flush,
                    .queue_max = options->queue_max != 0 ? options->queue_max : QUEUE_MAX,
                    .overflow = (uint8_t)options->overflow,
                    .ping_ms = (uint32_t)(options->ping_ms != 0 ? options->ping_ms : PING_MS),
                    .close_timeout_ms =
                        (uint32_t)(options->close_timeout_ms != 0 ? options->close_timeout_ms : CLOSE_TIMEOUT_MS),
                    .close_code = DEW_WS_LOST };
    dew_ws_decoder_init(&ws->decoder, options->message_max != 0 ? options->message_max : MESSAGE_MAX);
    dew_timer_init(&ws->timer, ws->server->loop, on_due);
    return ws;
}

/* The stream changes hands; the request goes back to the pool. */
static void ws_start(dew_ws *ws, conn *c, dew_http_request *request)
{
    static const dew_stream_events stream_events = {
        .on_read = on_stream_read, .on_end = on_stream_end, .on_drain = on_stream_drain, .on_close = on_stream_close
    };
    dew_http_server *server = ws->server;
    server->stats.connection_count++;
    server->stats.websocket_count++;
    dew_list_push_back(&server->websockets, &ws->link);
    ws->heard_ms = dew_loop_now_ms(server->loop);
    dew_timer_start(&ws->timer, ws->ping_ms);
    dew_stream_attach(ws->stream, &stream_events, ws);
    dew_stream_read_start(ws->stream);
    dew_http_request_release(request);
    dew_http_conn_hand_over(c, ws);
    if (server->is_closing)
        dew_ws_close(ws, DEW_WS_GOING_AWAY, DEW_S(""));
}

int dew_http_upgrade_ws(dew_http_request *request, const dew_ws_events *events, void *data,
                        const dew_ws_options *options, dew_ws **out)
{
    static const dew_ws_options none;
    conn *c = request->conn;
    dew_str key;
    if (options == NULL)
        options = &none;
    if (dew_http_request_is_gone(request)) {
        dew_http_abandon(request);
        return DEW_E_CLOSED;
    }
    dew_http_fault fault = handshake_check(request, &key);
    if (fault != DEW_HTTP_FAULT_NONE) {
        dew_http_respond_fault(request, fault, 0);
        return DEW_E_PROTOCOL;
    }
    dew_ws *ws = ws_create(request, events, data, options);
    if (ws == NULL) {
        dew_http_respond_fault(request, DEW_HTTP_FAULT_NOMEM, 0);
        return DEW_E_NOMEM;
    }
    if (handshake_write(c, key, options->protocol) != 0) {
        free(ws);
        dew_http_abandon(request);
        return DEW_E_CLOSED;
    }
    ws_start(ws, c, request);
    *out = ws;
    return 0;
}

/* --- the rest --- */

void dew_ws_close_all(dew_http_server *server, bool now)
{
    dew_list_each_safe(link, &server->websockets) {
        dew_ws *ws = dew_container_of(link, dew_ws, link);
        if (now)
            lose(ws);
        else
            dew_ws_close(ws, DEW_WS_GOING_AWAY, DEW_S(""));
    }
}

bool dew_ws_is_open(const dew_ws *ws)
{
    return ws->state == OPEN && !dew_stream_is_closing(ws->stream);
}

void dew_ws_set_data(dew_ws *ws, void *data)
{
    ws->data = data;
}

void *dew_ws_data(const dew_ws *ws)
{
    return ws->data;
}

dew_http_server *dew_ws_server(const dew_ws *ws)
{
    return ws->server;
}
