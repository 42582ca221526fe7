/* json_message.server.c - see json.h: messages for people, which may be cut anywhere or quote what is no text. */
#include "base/format.h"
#include "base/outcome.h"
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

void dew_json_put_failure(dew_buf *out, int code, const char *message)
{
    int status;
    dew_str location, id = dew_error_status(code) >= 500 ? dew_error_id(message) : (dew_str){ NULL, 0 };
    dew_buf_put_lit(out, "\"code\":\"");
    dew_buf_put_str(out, dew_str_of(dew_error_name(code)));
    dew_buf_put_lit(out, "\",\"message\":");
    if (code == DEW_E_REDIRECT && dew_redirect_parse(message, &status, &location)) {
        char text[DEW_ERROR_MESSAGE_MAX];
        dew_format(text, sizeof text, "see %s", location.ptr);
        dew_json_put_message(out, text);
        dew_buf_put_lit(out, ",\"status\":");
        dew_buf_put_i64(out, status);
        dew_buf_put_lit(out, ",\"location\":");
        dew_json_put_message(out, location.ptr);
        return;
    }
    dew_json_put_message(out, message);
    if (id.len != 0) {
        dew_buf_put_lit(out, ",\"id\":\"");
        dew_buf_put_str(out, id);
        dew_buf_put_char(out, '"');
    }
}
