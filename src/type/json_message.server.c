/* json_message.server.c - see json.h: messages for people, which may be cut anywhere or quote what is no text. */
#include "base/utf8.h"
#include "type/json.h"

void dew_json_put_message(dew_buf *out, const char *message)
{
    char clean[DEW_ERROR_MESSAGE_MAX];
    size_t len = 0;
    const char *at = message, *end = message + strlen(message);
    while (at < end) {
        size_t sequence = dew_utf8_sequence_len(at, end), taken = sequence != 0 ? sequence : 1;
        if (len + taken >= sizeof clean)
            break;
        if (sequence != 0)
            memcpy(clean + len, at, sequence);
        else
            clean[len] = '?';
        len += taken;
        at += taken;
    }
    int failed = dew_json_put_str(out, dew_str_make(clean, len));
    (void)failed; /* it is valid UTF-8 now; out->error tells the rest */
}
