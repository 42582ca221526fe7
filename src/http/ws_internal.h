/* ws_internal.h - what the files of a WebSocket share: ws_connection.c (its life), ws_send.c (what goes out, and when) and
 * ws_handshake.c (how it begins). */
#ifndef DEW_HTTP_WS_INTERNAL_H
#define DEW_HTTP_WS_INTERNAL_H

#include "http/server_internal.h"
#include "http/ws_connection.h"

/* Frames gathered before they are written. */
#define WS_OUT_MAX 6

enum ws_state { WS_OPEN, WS_CLOSING, WS_ENDING };

struct dew_ws {
    dew_link link;   /* in server->websockets */
    dew_link unsent; /* in server->unsent: something is to be done at the end of a turn */
    dew_http_server *server;
    dew_stream *stream;
    const dew_ws_events *events;
    void *data;
    dew_ws_decoder decoder;
    dew_timer timer;
    dew_blob *out[WS_OUT_MAX]; /* each one reference */
    size_t out_len;            /* bytes in out */
    dew_buf early;             /* what came before the upgrade was through */
    size_t queue_max;
    int64_t heard_ms;   /* when the peer was last heard */
    uint64_t given_len; /* bytes given to the stream */
    int64_t taken_mark; /* of those, what the peer had taken at the last look */
    uint32_t ping_ms, close_timeout_ms;
    uint16_t close_code; /* what on_close will say */
    uint8_t state, out_count, overflow;
    bool is_pinged, is_told;
    bool was_behind; /* at the last look, something waited for the peer */
};

/* ---- ws_connection.c ---- */

/* Of a connection that answered the handshake; the stream is its own from ws_start on. NULL: out of memory. */
dew_ws *dew_ws_create(dew_http_server *server, dew_stream *stream, const dew_ws_events *events, void *data,
                      const dew_ws_options *options);
void dew_ws_start(dew_ws *ws);
void dew_ws_lose(dew_ws *ws); /* cuts it: on_close follows with DEW_WS_LOST, unless another code is set */

/* ---- ws_send.c ---- */

/* Has dew_ws_flush_unsent look after it at the end of the turn. */
void dew_ws_unsent(dew_ws *ws);
/* Writes a close frame behind what waits, and starts the timer of the handshake. */
void dew_ws_close_frame_send(dew_ws *ws, uint16_t code, dew_str reason);
/* A ping or pong, unless too much waits for the peer already. */
void dew_ws_control_send(dew_ws *ws, dew_ws_opcode opcode, dew_str payload);
/* Looks how far the peer is with what it was sent: has it taken something since the last look that waited then? */
bool dew_ws_has_taken(dew_ws *ws);
void dew_ws_out_drop(dew_ws *ws);

#endif
