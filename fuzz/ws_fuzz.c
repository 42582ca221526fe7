/* ws_fuzz.c - WebSocket frames from arbitrary bytes.
 *
 * Input: byte 0 chooses the size of pieces, the rest is what a client sends. Reading whole and in pieces must give the
 * same events and the same fault; text is UTF-8; nothing is longer than its limit. Seeds: fuzz/corpus/ws. */
#include "http/ws.h"

#include "base/utf8.h"

#include <stdlib.h>

#define CHECK(condition) ((condition) ? (void)0 : abort())
#define MESSAGE_MAX 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

typedef struct outcome {
    uint64_t sum;
    size_t event_count;
    uint16_t fault_code;
} outcome;

static void event_add(outcome *o, const dew_ws_event *event)
{
    bool is_message = event->opcode == DEW_WS_TEXT || event->opcode == DEW_WS_BINARY;
    CHECK(event->payload.len <= (is_message ? MESSAGE_MAX : DEW_WS_CONTROL_MAX));
    if (event->opcode == DEW_WS_TEXT || event->opcode == DEW_WS_CLOSE)
        CHECK(dew_utf8_is_valid(event->payload));
    o->event_count++;
    o->sum = o->sum * 31 + event->opcode + event->close_code;
    for (size_t i = 0; i < event->payload.len; i++)
        o->sum = o->sum * 31 + (uint8_t)event->payload.ptr[i] + 1;
}

static outcome decode(const char *bytes, size_t len, size_t piece)
{
    outcome o = { 0 };
    dew_ws_decoder decoder;
    dew_ws_decoder_init(&decoder, MESSAGE_MAX);
    for (size_t at = 0; at < len && o.fault_code == 0;) {
        size_t room = len - at < piece ? len - at : piece, used;
        dew_ws_event event;
        dew_ws_progress progress = dew_ws_decode(&decoder, bytes + at, room, &used, &event);
        CHECK(used <= room && decoder.held.len <= MESSAGE_MAX + DEW_WS_CONTROL_MAX);
        if (progress == DEW_WS_EVENT)
            event_add(&o, &event);
        else if (progress == DEW_WS_FAULT)
            o.fault_code = decoder.fault_code;
        else
            CHECK(used == room);
        at += used;
        if ((at & 1) != 0)
            dew_ws_decoder_trim(&decoder);
    }
    dew_ws_decoder_dispose(&decoder);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2 || len > 20000)
        return 0;
    const char *bytes = (const char *)data + 1;
    outcome whole = decode(bytes, len - 1, len - 1), parts = decode(bytes, len - 1, (size_t)data[0] + 1);
    CHECK(whole.sum == parts.sum && whole.event_count == parts.event_count && whole.fault_code == parts.fault_code);
    return 0;
}
