/* ws.c - see ws.h.
 *
 * A client's frame (RFC 6455 §5.2):
 *
 *   byte 0        FIN (0x80), reserved (0x70), opcode (0x0f)
 *   byte 1        masked (0x80), length (0x7f): itself, or 126: the next 2 bytes, or 127: the next 8, big-endian
 *   next 4        mask
 *   then          payload, byte i exclusive-or mask[i % 4]
 *
 * What is held is message, then control frame: a control frame between fragments goes behind the message and is cut off
 * again, so one buffer does for both:   [ message so far | control frame so far ] */
#include "http/ws.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "http/digest.h"

#include <assert.h>

#define KEY_LEN 24

/* Index 0 is no fault. */
static const struct fault {
    uint16_t code;
    const char *text;
} faults[] = {
    { 0, "" },
    { DEW_WS_PROTOCOL, "reserved bits are set" },
    { DEW_WS_PROTOCOL, "unknown opcode" },
    { DEW_WS_PROTOCOL, "a frame of a client must be masked" },
    { DEW_WS_PROTOCOL, "a control frame is fragmented or too long" },
    { DEW_WS_PROTOCOL, "a length is not in its shortest form" },
    { DEW_WS_PROTOCOL, "a fragment without a start, or a start within a message" },
    { DEW_WS_PROTOCOL, "a malformed close frame" },
    { DEW_WS_NOT_UTF8, "text is not UTF-8" },
    { DEW_WS_TOO_BIG, "the message is too big" },
    { DEW_WS_INTERNAL, "out of memory" },
};
enum { RESERVED = 1, OPCODE, UNMASKED, CONTROL, LENGTH, FRAGMENT, CLOSE_FRAME, NOT_UTF8, TOO_BIG, NOMEM };

bool dew_ws_is_key(dew_str key)
{
    char bytes[DEW_BASE64_DECODED_MAX(KEY_LEN)];
    size_t len;
    return key.len == KEY_LEN && dew_base64_decode(bytes, &len, key) && len == 16;
}

void dew_ws_accept(dew_str key, char accept[DEW_WS_ACCEPT_LEN])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[KEY_LEN + sizeof guid - 1];
    uint8_t digest[DEW_SHA1_LEN];
    assert(key.len == KEY_LEN);
    memcpy(text, key.ptr, KEY_LEN);
    memcpy(text + KEY_LEN, guid, sizeof guid - 1);
    dew_sha1(dew_str_make(text, sizeof text), digest);
    dew_base64_encode(accept, dew_str_make((const char *)digest, sizeof digest));
}

/* --- frames to send --- */

size_t dew_ws_head_write(char head[DEW_WS_HEAD_MAX], dew_ws_opcode opcode, uint64_t payload_len)
{
    head[0] = (char)(0x80 | opcode);
    if (payload_len < 126) {
        head[1] = (char)payload_len;
        return 2;
    }
    size_t len_len = payload_len <= UINT16_MAX ? 2 : 8;
    head[1] = len_len == 2 ? 126 : 127;
    for (size_t i = 0; i < len_len; i++)
        head[2 + i] = (char)(payload_len >> 8 * (len_len - 1 - i));
    return 2 + len_len;
}

dew_blob *dew_ws_frame_create(dew_ws_opcode opcode, dew_str payload)
{
    char head[DEW_WS_HEAD_MAX];
    size_t head_len = dew_ws_head_write(head, opcode, payload.len);
    dew_blob *blob = payload.len <= SIZE_MAX - head_len ? dew_blob_create(head_len + payload.len) : NULL;
    if (blob == NULL)
        return NULL;
    memcpy(blob->data, head, head_len);
    if (payload.len != 0)
        memcpy(blob->data + head_len, payload.ptr, payload.len);
    return blob;
}

size_t dew_ws_close_write(char frame[2 + DEW_WS_CONTROL_MAX], uint16_t code, dew_str reason)
{
    if (code == DEW_WS_NO_CODE)
        return dew_ws_head_write(frame, DEW_WS_CLOSE, 0);
    if (reason.len > DEW_WS_REASON_MAX)
        reason.len = DEW_WS_REASON_MAX;
    if (reason.len != 0)
        reason.len = dew_utf8_valid_len(reason);
    size_t head_len = dew_ws_head_write(frame, DEW_WS_CLOSE, 2 + reason.len);
    frame[head_len] = (char)(code >> 8);
    frame[head_len + 1] = (char)code;
    if (reason.len != 0)
        memcpy(frame + head_len + 2, reason.ptr, reason.len);
    return head_len + 2 + reason.len;
}

/* --- frames that come --- */

void dew_ws_decoder_init(dew_ws_decoder *decoder, size_t message_max)
{
    *decoder = (dew_ws_decoder){ 0 };
    if (message_max > SIZE_MAX - DEW_WS_CONTROL_MAX)
        message_max = SIZE_MAX - DEW_WS_CONTROL_MAX;
    dew_buf_init(&decoder->held, message_max + DEW_WS_CONTROL_MAX);
}

void dew_ws_decoder_dispose(dew_ws_decoder *decoder)
{
    dew_buf_dispose(&decoder->held);
}

const char *dew_ws_fault_text(const dew_ws_decoder *decoder)
{
    return faults[decoder->fault].text;
}

static dew_ws_progress fail(dew_ws_decoder *decoder, unsigned fault)
{
    decoder->fault = (uint8_t)fault;
    decoder->fault_code = faults[fault].code;
    return DEW_WS_FAULT;
}

static bool is_control(uint8_t opcode)
{
    return opcode >= DEW_WS_CLOSE;
}

/* How many bytes the header has, as far as its first two tell. */
static size_t head_len_wanted(const dew_ws_decoder *decoder)
{
    if (decoder->head_len < 2)
        return 2;
    uint8_t len = decoder->head[1] & 0x7f;
    return 2 + 4 + (len == 126 ? 2 : len == 127 ? 8 : 0);
}

/* The first two bytes tell whether the frame may come at all: no need to wait for the rest. */
static unsigned head_check(const dew_ws_decoder *decoder)
{
    uint8_t first = decoder->head[0], second = decoder->head[1], opcode = first & 0x0f;
    if ((first & 0x70) != 0)
        return RESERVED;
    if (opcode > DEW_WS_PONG || (opcode > DEW_WS_BINARY && opcode < DEW_WS_CLOSE))
        return OPCODE;
    if ((second & 0x80) == 0)
        return UNMASKED;
    if (is_control(opcode))
        return (first & 0x80) == 0 || (second & 0x7f) > DEW_WS_CONTROL_MAX ? CONTROL : 0;
    return (opcode == DEW_WS_CONTINUATION) != (decoder->message_opcode != 0) ? FRAGMENT : 0;
}

/* Takes over a whole header. */
static unsigned head_take(dew_ws_decoder *decoder)
{
    const uint8_t *head = decoder->head;
    size_t len_len = decoder->head_len - (size_t)6;
    uint64_t len = head[1] & 0x7f;
    if (len_len != 0) {
        len = 0;
        for (size_t i = 0; i < len_len; i++)
            len = len << 8 | head[2 + i];
        if (len < 126 || (len_len == 8 && (len <= UINT16_MAX || len >> 63 != 0)))
            return LENGTH;
    }
    decoder->opcode = head[0] & 0x0f;
    decoder->is_final = (head[0] & 0x80) != 0;
    decoder->left = len;
    decoder->mask_at = 0;
    memcpy(decoder->mask, head + 2 + len_len, 4);
    if (is_control(decoder->opcode))
        return 0;
    if (decoder->opcode != DEW_WS_CONTINUATION)
        decoder->message_opcode = decoder->opcode;
    return len > decoder->held.max - DEW_WS_CONTROL_MAX - decoder->message_len ? TOO_BIG : 0;
}

static unsigned head_read(dew_ws_decoder *decoder, const char *bytes, size_t len, size_t *used)
{
    while (*used < len && decoder->head_len < head_len_wanted(decoder)) {
        decoder->head[decoder->head_len++] = (uint8_t)bytes[(*used)++];
        unsigned fault = decoder->head_len == 2 ? head_check(decoder) : 0;
        if (fault != 0)
            return fault;
    }
    return decoder->head_len == head_len_wanted(decoder) ? head_take(decoder) : 0;
}

/* Appends bytes without their mask. */
static void unmask(dew_ws_decoder *decoder, const char *bytes, size_t len)
{
    char *dst = decoder->held.ptr + decoder->held.len;
    uint8_t turned[8];
    size_t i = 0;
    for (size_t k = 0; k < 8; k++)
        turned[k] = decoder->mask[(decoder->mask_at + k) & 3];
    uint64_t mask;
    memcpy(&mask, turned, 8);
    for (; len - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        word ^= mask;
        memcpy(dst + i, &word, 8);
    }
    for (; i < len; i++)
        dst[i] = (char)(bytes[i] ^ turned[i & 7]);
    decoder->mask_at = (decoder->mask_at + len) & 3;
    decoder->held.len += len;
}

static bool is_close_code(uint16_t code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

static unsigned close_take(dew_str payload, dew_ws_event *event)
{
    event->close_code = DEW_WS_NO_CODE;
    if (payload.len == 0)
        return 0;
    if (payload.len == 1)
        return CLOSE_FRAME;
    event->close_code = (uint16_t)((uint8_t)payload.ptr[0] << 8 | (uint8_t)payload.ptr[1]);
    event->payload = dew_str_make(payload.ptr + 2, payload.len - 2);
    if (!is_close_code(event->close_code))
        return CLOSE_FRAME;
    return dew_utf8_is_valid(event->payload) ? 0 : NOT_UTF8;
}

/* The frame is whole. MORE when it was a fragment and the message goes on. */
static dew_ws_progress frame_end(dew_ws_decoder *decoder, dew_ws_event *event)
{
    const char *start = decoder->held.ptr != NULL ? decoder->held.ptr : "";
    decoder->head_len = 0;
    *event = (dew_ws_event){ .opcode = (dew_ws_opcode)decoder->opcode };
    if (is_control(decoder->opcode)) {
        event->payload = dew_str_make(start + decoder->message_len, decoder->held.len - decoder->message_len);
        unsigned fault = decoder->opcode == DEW_WS_CLOSE ? close_take(event->payload, event) : 0;
        if (fault != 0)
            return fail(decoder, fault);
    } else {
        decoder->message_len = decoder->held.len;
        if (!decoder->is_final)
            return DEW_WS_MORE;
        event->opcode = (dew_ws_opcode)decoder->message_opcode;
        event->payload = dew_str_make(start, decoder->message_len);
        decoder->message_opcode = 0;
        decoder->message_len = 0;
        if (event->opcode == DEW_WS_TEXT && !dew_utf8_is_valid(event->payload))
            return fail(decoder, NOT_UTF8);
    }
    decoder->is_delivered = true;
    return DEW_WS_EVENT;
}

/* Drops what the last event pointed to. */
static void event_end(dew_ws_decoder *decoder)
{
    if (decoder->is_delivered)
        decoder->held.len = decoder->message_len;
    decoder->is_delivered = false;
}

dew_ws_progress dew_ws_decode(dew_ws_decoder *decoder, const char *bytes, size_t len, size_t *used, dew_ws_event *event)
{
    *used = 0;
    if (decoder->fault != 0)
        return DEW_WS_FAULT;
    event_end(decoder);
    while (*used < len) {
        if (decoder->head_len < head_len_wanted(decoder)) {
            unsigned fault = head_read(decoder, bytes, len, used);
            if (fault != 0)
                return fail(decoder, fault);
            if (decoder->head_len < head_len_wanted(decoder))
                return DEW_WS_MORE;
        }
        size_t take = len - *used < decoder->left ? len - *used : (size_t)decoder->left;
        if (take != 0) {
            if (dew_buf_reserve(&decoder->held, take) != 0)
                return fail(decoder, decoder->held.error == DEW_E_LIMIT ? TOO_BIG : NOMEM);
            unmask(decoder, bytes + *used, take);
            *used += take;
            decoder->left -= take;
        }
        if (decoder->left != 0)
            return DEW_WS_MORE;
        dew_ws_progress progress = frame_end(decoder, event);
        if (progress != DEW_WS_MORE)
            return progress;
    }
    return DEW_WS_MORE;
}

void dew_ws_decoder_trim(dew_ws_decoder *decoder)
{
    event_end(decoder);
    if (decoder->held.len == 0)
        dew_buf_dispose(&decoder->held);
}
