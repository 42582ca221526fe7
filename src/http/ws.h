/* ws.h - WebSocket frames, without I/O: what a client sends in, messages out; and frames to send (RFC 6455).
 *
 * The server's side: frames that come must be masked, those that go are not. Messages are whole (fragments are put
 * together, up to a limit); control frames may stand between fragments. No extension is offered, so reserved bits are
 * errors; permessage-deflate may come later. Text is checked to be UTF-8, once, when it is whole.
 *
 * A frame that goes to many is made once, as one blob of header and payload (design P4).
 * A decoder holds no memory between messages. Not thread-safe; frames are pure. */
#ifndef DEW_HTTP_WS_H
#define DEW_HTTP_WS_H

#include "base/blob.h"
#include "base/buffer.h"

/* Characters of Sec-WebSocket-Accept. */
#define DEW_WS_ACCEPT_LEN 28
/* Payload of a control frame (§5.5), and what a close reason may take of it. */
#define DEW_WS_CONTROL_MAX 125
#define DEW_WS_REASON_MAX (DEW_WS_CONTROL_MAX - 2)
/* Header of a frame that a server sends: two bytes and a length of up to eight. */
#define DEW_WS_HEAD_MAX 10
/* Header of a frame that a client sends: with the mask. */
#define DEW_WS_CLIENT_HEAD_MAX 14

/* §7.4.1. 1005 and 1006 never stand in a frame. */
enum {
    DEW_WS_NORMAL = 1000,
    DEW_WS_GOING_AWAY = 1001,
    DEW_WS_PROTOCOL = 1002,
    DEW_WS_UNACCEPTABLE = 1003,
    DEW_WS_NO_CODE = 1005, /* a close frame without a code */
    DEW_WS_LOST = 1006,    /* the connection ended without a close frame */
    DEW_WS_NOT_UTF8 = 1007,
    DEW_WS_POLICY = 1008,
    DEW_WS_TOO_BIG = 1009,
    DEW_WS_INTERNAL = 1011,
    DEW_WS_TRY_LATER = 1013,
};

typedef enum dew_ws_opcode {
    DEW_WS_CONTINUATION = 0,
    DEW_WS_TEXT = 1,
    DEW_WS_BINARY = 2,
    DEW_WS_CLOSE = 8,
    DEW_WS_PING = 9,
    DEW_WS_PONG = 10,
} dew_ws_opcode;

/* True when it is what a client must send: base64 of 16 bytes (§4.1). */
bool dew_ws_is_key(dew_str key);

/* Sec-WebSocket-Accept for a Sec-WebSocket-Key (§4.2.2). Not terminated. */
void dew_ws_accept(dew_str key, char accept[DEW_WS_ACCEPT_LEN]);

/* A server's frame header, FIN set; returns its length. */
size_t dew_ws_head_write(char head[DEW_WS_HEAD_MAX], dew_ws_opcode opcode, uint64_t payload_len);

/* Header and payload in one blob, one reference; NULL when out of memory. */
dew_blob *dew_ws_frame_create(dew_ws_opcode opcode, dew_str payload) DEW_MUST_USE;

/* A close frame; the reason is cut at a character to DEW_WS_REASON_MAX. DEW_WS_NO_CODE gives an empty one. Returns its
 * length. */
size_t dew_ws_close_write(char frame[2 + DEW_WS_CONTROL_MAX], uint16_t code, dew_str reason);

typedef struct dew_ws_event {
    dew_ws_opcode opcode; /* TEXT, BINARY: a whole message; CLOSE, PING, PONG */
    dew_str payload;      /* borrowed until the next call of the decoder; of CLOSE the reason alone */
    uint16_t close_code;  /* of CLOSE; DEW_WS_NO_CODE when it carries none */
} dew_ws_event;

typedef enum dew_ws_progress {
    DEW_WS_MORE,  /* all bytes taken */
    DEW_WS_EVENT, /* *event is filled; call again with the rest */
    DEW_WS_FAULT, /* close with decoder->fault_code and dew_ws_fault_text; takes no further bytes */
} dew_ws_progress;

/* Fields are private but fault_code. */
typedef struct dew_ws_decoder {
    dew_buf held;          /* the message so far; behind it the control frame so far */
    size_t message_len;    /* of held, what belongs to the message */
    uint64_t left;         /* payload bytes of this frame that are still to come */
    uint16_t fault_code;   /* DEW_WS_… close code */
    uint8_t fault;         /* index of its text */
    uint8_t opcode;        /* of this frame */
    uint8_t message_opcode; /* of the message under way; 0: none */
    uint8_t head_len;      /* bytes of the header that have come */
    bool is_final, is_delivered;
    uint8_t mask_at;       /* which byte of the mask is next */
    uint8_t mask[4];
    uint8_t head[DEW_WS_CLIENT_HEAD_MAX];
} dew_ws_decoder;

/* message_max: bytes of one message put together; more is 1009. */
void dew_ws_decoder_init(dew_ws_decoder *decoder, size_t message_max);
void dew_ws_decoder_dispose(dew_ws_decoder *decoder); /* takes zeroed */

/* Takes from bytes[0 .. len) up to the end of the next message or control frame; *used says how much. */
dew_ws_progress dew_ws_decode(dew_ws_decoder *decoder, const char *bytes, size_t len, size_t *used,
                              dew_ws_event *event);

/* Frees what is not needed: all of it, unless a message is half there. After the last event has been dealt with. */
void dew_ws_decoder_trim(dew_ws_decoder *decoder);

/* Why decoding ended, for the close frame's reason. Static. */
const char *dew_ws_fault_text(const dew_ws_decoder *decoder);

#endif
