/* ws_connection.h - a WebSocket on a connection of the server: messages in, shared frames out.
 *
 * An open one that is idle takes some 500 bytes here and its stream's; the request it came from is freed. Frames that
 * are sent within one turn of the loop go out together, in one system call, at the turn's end. Loop's thread only.
 *
 *   open ── on_message* ── on_drain* ──┬─ the peer closes, breaks the protocol, or is lost
 *                                      └─ dew_ws_close, or the overflow policy
 *        ──▶ on_close, once, with the code; the owner forgets the pointer. The closing handshake ends by itself. */
#ifndef DEW_HTTP_WS_CONNECTION_H
#define DEW_HTTP_WS_CONNECTION_H

#include "http/request.h"
#include "http/ws.h"

typedef struct dew_ws dew_ws;

/* Any may be NULL. */
typedef struct dew_ws_events {
    void (*on_message)(dew_ws *ws, dew_ws_opcode opcode, dew_str payload); /* TEXT or BINARY; borrowed until it returns */
    void (*on_drain)(dew_ws *ws);                                          /* what was queued has been taken */
    /* The server closes in peace: the owner closes the socket when he is done with it. NULL: closed at once, with 1001. */
    void (*on_going_away)(dew_ws *ws);
    void (*on_close)(dew_ws *ws, uint16_t code, dew_str reason);           /* last; DEW_WS_LOST without a close frame */
} dew_ws_events;

/* When more than queue_max bytes would wait. A single frame may be longer: it is taken when nothing waits. */
typedef enum dew_ws_overflow {
    DEW_WS_OVERFLOW_REFUSE, /* sending returns DEW_E_LIMIT and takes nothing: the caller coalesces, drops or closes, or
                               tries again in on_drain, which follows each refusal while it is open */
    DEW_WS_OVERFLOW_CLOSE,  /* it is closed with 1013, and sending returns DEW_E_CLOSED */
} dew_ws_overflow;

/* Zero takes the default, which is given behind each. */
typedef struct dew_ws_options {
    size_t message_max;       /* bytes of a message that comes: 1 MiB; 1009 */
    size_t queue_max;         /* bytes that wait for a slow peer: 1 MiB */
    dew_ws_overflow overflow; /* REFUSE */
    int64_t ping_ms;          /* silence after which the peer is pinged: 30 s; as much again, and it is lost */
    int64_t close_timeout_ms; /* for the closing handshake: 5 s */
    dew_str protocol;         /* Sec-WebSocket-Protocol of the answer; empty: none */
} dew_ws_options;

/* Answers the request by becoming a WebSocket (RFC 6455 §4.2); options may be NULL. Who may connect (Origin) is the
 * caller's to judge before. On failure the request has been answered, with 400 or 426 for a malformed handshake:
 * DEW_E_PROTOCOL, DEW_E_CLOSED (peer gone), DEW_E_NOMEM. events is borrowed for the life of the connection. */
int dew_http_upgrade_ws(dew_http_request *request, const dew_ws_events *events, void *data,
                        const dew_ws_options *options, dew_ws **out) DEW_MUST_USE;

/* Sends a frame made by dew_ws_frame_create; shared, not copied. 0, DEW_E_LIMIT or DEW_E_CLOSED (see dew_ws_overflow),
 * DEW_E_NOMEM (the connection is lost: on_close follows). Never calls a handler but on_close under OVERFLOW_CLOSE, and
 * that at the end of the turn. */
int dew_ws_send_frame(dew_ws *ws, dew_blob *frame) DEW_MUST_USE;

/* Sends one message of several pieces: blobs are shared, borrowed pieces copied. At most DEW_STREAM_SLICE_MAX - 1. */
int dew_ws_send(dew_ws *ws, dew_ws_opcode opcode, const dew_io_slice *slices, size_t count) DEW_MUST_USE;

/* Bytes that wait, sent in this turn or not yet taken by the kernel. */
size_t dew_ws_queued_len(const dew_ws *ws);

/* Sends what is waiting now rather than at the end of the turn. */
void dew_ws_flush(dew_ws *ws);

/* Starts the closing handshake; on_close comes when it is through, or timed out. Twice is once. */
void dew_ws_close(dew_ws *ws, uint16_t code, dew_str reason);

bool dew_ws_is_open(const dew_ws *ws); /* dew_ws_close not called, and no on_close yet */
void dew_ws_set_data(dew_ws *ws, void *data);
void *dew_ws_data(const dew_ws *ws);
dew_http_server *dew_ws_server(const dew_ws *ws);

#endif
