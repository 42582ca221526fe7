/* cookie.c - see cookie.h. */
#include "type/cookie.h"

#include "base/url.h"
#include "type/json.h"
#include "type/text.h"

static bool is_json(const dew_type *type)
{
    return type->kind == DEW_KIND_STRUCT || type->kind == DEW_KIND_LIST || type->kind == DEW_KIND_JSON;
}

static bool read(dew_arena *arena, const dew_type *type, dew_str text, void *out)
{
    dew_str plain;
    if (text.ptr == NULL || text.len > DEW_COOKIE_MAX || dew_url_decode(arena, text, false, &plain) != 0)
        return false;
    return (is_json(type) ? dew_json_read(arena, plain, type, out, NULL, NULL)
                          : dew_text_read(arena, type, plain, out, NULL, NULL)) == 0;
}

bool dew_cookie_text_read(dew_arena *arena, const dew_type *type, dew_str text, void *out)
{
    memset(out, 0, type->size);
    if (type->kind == DEW_KIND_STR)
        *(dew_str *)out = (dew_str){ "", 0 };
    return read(arena, type, text, out);
}

/* The plain text is written behind what is there, and encoded from a place past its longer form's end. */
int dew_cookie_text_write(dew_buf *out, const dew_type *type, const void *value)
{
    size_t from = out->len;
    int code = is_json(type) ? dew_json_write(out, type, value, NULL) : dew_text_write(out, type, value);
    if (code != 0)
        return code;
    size_t len = out->len - from;
    if (dew_buf_reserve(out, len * 3) != 0)
        return out->error;
    memmove(out->ptr + out->len + len * 2, out->ptr + from, len);
    out->len = from;
    dew_url_encode(out, dew_str_make(out->ptr + from + len * 3, len));
    return out->error;
}
