/* ws_connection.c - the life of a WebSocket: receiving, time, and its end. See ws_connection.h.
 *
 *   OPEN ──┬─ dew_ws_close, overflow ─> CLOSING: our close frame is out, the peer's is awaited ──┐
 *          ├─ the peer's close frame: answered ──────────────────────────────────────────────────┼─> ENDING: our end is
 *          ├─ protocol fault: our close frame is out ────────────────────────────────────────────┘   sent, the peer's is
 *          └─ lost ─> stream closed                                                                  awaited (timer)
 * on_close is called on the way into ENDING or when the stream is gone; the object is freed when the stream is. */
#include "http/ws_internal.h"

#include <stdlib.h>

#define MESSAGE_MAX ((size_t)1 << 20)
#define QUEUE_MAX ((size_t)1 << 20)
#define PING_MS 30000
#define CLOSE_TIMEOUT_MS 5000

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

static void on_stream_close(dew_stream *stream)
{
    dew_ws *ws = dew_stream_data(stream);
    dew_http_server *server = ws->server;
    ws->state = WS_ENDING;
    tell(ws, ws->close_code, DEW_S(""));
    dew_ws_out_drop(ws);
    dew_timer_stop(&ws->timer);
    dew_list_unlink(&ws->unsent);
    dew_ws_decoder_dispose(&ws->decoder);
    dew_buf_dispose(&ws->early);
    dew_list_unlink(&ws->link);
    free(ws);
    DEW_LEVEL_ADD(&server->stats->websocket_count, -1);
    DEW_LEVEL_ADD(&server->stats->connection_count, -1);
    dew_http_server_check_end(server);
}

void dew_ws_lose(dew_ws *ws)
{
    dew_stream_close(ws->stream);
}

static void on_stream_end(dew_stream *stream, int error)
{
    (void)error;
    dew_ws_lose(dew_stream_data(stream));
}

void dew_ws_close(dew_ws *ws, uint16_t code, dew_str reason)
{
    if (ws->state != WS_OPEN)
        return;
    ws->state = WS_CLOSING;
    dew_ws_close_frame_send(ws, code, reason);
}

/* --- receiving --- */

/* Both close frames are out, or nothing more is to be said: sends our end and waits for the peer's. */
static void end(dew_ws *ws, uint16_t code, dew_str reason)
{
    ws->state = WS_ENDING;
    if (!dew_stream_is_closing(ws->stream))
        dew_stream_shutdown(ws->stream);
    dew_timer_start(&ws->timer, ws->close_timeout_ms);
    tell(ws, code, reason);
}

static void on_close_frame(dew_ws *ws, const dew_ws_event *event)
{
    if (ws->state == WS_OPEN) {
        ws->state = WS_CLOSING;
        dew_ws_close_frame_send(ws, event->close_code, DEW_S(""));
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
        if (ws->state == WS_OPEN)
            dew_ws_control_send(ws, DEW_WS_PONG, event->payload);
        break;
    case DEW_WS_PONG:
        break;
    default:
        if (ws->state == WS_OPEN && ws->events->on_message != NULL)
            ws->events->on_message(ws, event->opcode, event->payload);
    }
}

static void decode(dew_ws *ws, const char *bytes, size_t len)
{
    while (len != 0 && ws->state != WS_ENDING && !dew_stream_is_closing(ws->stream)) {
        dew_ws_event event;
        size_t used;
        dew_ws_progress progress = dew_ws_decode(&ws->decoder, bytes, len, &used, &event);
        bytes += used;
        len -= used;
        if (progress == DEW_WS_EVENT) {
            on_event(ws, &event);
        } else if (progress == DEW_WS_FAULT) {
            dew_str text = dew_str_of(dew_ws_fault_text(&ws->decoder));
            if (ws->state == WS_OPEN)
                dew_ws_close_frame_send(ws, ws->decoder.fault_code, text);
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
        dew_ws_unsent(ws);
}

static void hear(dew_ws *ws)
{
    ws->heard_ms = dew_loop_now_ms(ws->server->loop);
    ws->is_pinged = false;
}

static void on_stream_read(dew_stream *stream, const char *bytes, size_t len)
{
    dew_ws *ws = dew_stream_data(stream);
    hear(ws);
    dew_ws_feed(ws, bytes, len);
}

static void on_stream_drain(dew_stream *stream)
{
    dew_ws *ws = dew_stream_data(stream);
    hear(ws);
    if (ws->state == WS_OPEN && ws->events->on_drain != NULL)
        ws->events->on_drain(ws);
}

/* --- time --- */

/* A peer that takes what waits for it is alive, however slow it is: the ping stands behind all that. */
static void on_due(dew_timer *timer)
{
    dew_ws *ws = dew_container_of(timer, dew_ws, timer);
    if (dew_stream_is_closing(ws->stream))
        return;
    if (dew_ws_has_taken(ws))
        hear(ws);
    if (ws->state != WS_OPEN || ws->is_pinged) { /* the handshake, or the answer to a ping, did not come */
        dew_ws_lose(ws);
        return;
    }
    int64_t silent_ms = dew_loop_now_ms(ws->server->loop) - ws->heard_ms, left_ms = ws->ping_ms - silent_ms;
    if (left_ms <= 0) {
        ws->is_pinged = true; /* also when there is no room for it: then taking something is the answer */
        dew_ws_control_send(ws, DEW_WS_PING, DEW_S(""));
        left_ms = ws->ping_ms;
    }
    dew_timer_start(timer, left_ms);
}

/* --- the beginning --- */

dew_ws *dew_ws_create(dew_http_server *server, dew_stream *stream, const dew_ws_events *events, void *data,
                      const dew_ws_options *options)
{
    dew_ws *ws = malloc(sizeof *ws);
    if (ws == NULL)
        return NULL;
    *ws = (dew_ws){ .server = server,
                    .stream = stream,
                    .events = events,
                    .data = data,
                    .queue_max = options->queue_max != 0 ? options->queue_max : QUEUE_MAX,
                    .overflow = (uint8_t)options->overflow,
                    .ping_ms = (uint32_t)(options->ping_ms != 0 ? options->ping_ms : PING_MS),
                    .close_timeout_ms =
                        (uint32_t)(options->close_timeout_ms != 0 ? options->close_timeout_ms : CLOSE_TIMEOUT_MS),
                    .close_code = DEW_WS_LOST };
    dew_ws_decoder_init(&ws->decoder, options->message_max != 0 ? options->message_max : MESSAGE_MAX);
    dew_timer_init(&ws->timer, server->loop, on_due);
    return ws;
}

void dew_ws_start(dew_ws *ws)
{
    static const dew_stream_events stream_events = {
        .on_read = on_stream_read, .on_end = on_stream_end, .on_drain = on_stream_drain, .on_close = on_stream_close
    };
    dew_http_server *server = ws->server;
    DEW_LEVEL_ADD(&server->stats->connection_count, 1);
    DEW_LEVEL_ADD(&server->stats->websocket_count, 1);
    dew_list_push_back(&server->websockets, &ws->link);
    ws->heard_ms = dew_loop_now_ms(server->loop);
    dew_timer_start(&ws->timer, ws->ping_ms);
    dew_stream_attach(ws->stream, &stream_events, ws);
    dew_stream_read_start(ws->stream);
}

/* --- the rest --- */

void dew_ws_close_all(dew_http_server *server, bool now)
{
    dew_list_each_safe(link, &server->websockets) {
        dew_ws *ws = dew_container_of(link, dew_ws, link);
        if (now)
            dew_ws_lose(ws);
        else if (ws->state == WS_OPEN && ws->events->on_going_away != NULL)
            ws->events->on_going_away(ws);
        else
            dew_ws_close(ws, DEW_WS_GOING_AWAY, DEW_S(""));
    }
}

bool dew_ws_is_open(const dew_ws *ws)
{
    return ws->state == WS_OPEN && !dew_stream_is_closing(ws->stream);
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
