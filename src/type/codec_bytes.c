/* codec_bytes.c - any bytes: base64. See type_internal.h; pure; native and wasm32. */
#include "base/base64.h"
#include "type/type_internal.h"

static int write_bytes(dew_json_writer *writer, const void *value, const dew_place *place)
{
    (void)place;
    dew_buf *out = writer->out;
    dew_str bytes = *(const dew_str *)value;
    if (dew_buf_reserve(out, bytes.len < SIZE_MAX / 2 ? DEW_BASE64_ENCODED_LEN(bytes.len) + 2 : SIZE_MAX) != 0)
        return dew_json_buffer_error(writer);
    out->ptr[out->len++] = '"';
    out->len += dew_base64_encode(out->ptr + out->len, bytes);
    out->ptr[out->len++] = '"';
    return 0;
}

/* Decodes our own copy where it stands. */
static bool decode(dew_str text, dew_str *out)
{
    char *bytes = (char *)(uintptr_t)text.ptr;
    size_t len;
    if (!dew_base64_decode(bytes, &len, text))
        return false;
    bytes[len] = '\0';
    *out = dew_str_make(bytes, len);
    return true;
}

static int read_bytes(dew_json_reader *r, void *out, const dew_place *place)
{
    dew_str text;
    int code = dew_json_read_string(r, place, "base64 string", true, &text);
    return code != 0 || decode(text, out) ? code : dew_json_fail(r, DEW_E_TYPE, place, "the string is not base64");
}

static int from_text(dew_arena *arena, dew_str text, void *out)
{
    dew_str copy = dew_arena_str(arena, text);
    return copy.ptr == NULL ? DEW_E_NOMEM : decode(copy, out) ? 0 : DEW_E_TYPE;
}

const dew_type *dew_tf_bytes(void)
{
    static const struct dew_codec codec = { write_bytes, read_bytes, from_text };
    static const dew_type type = { .name = "bytes", .kind = dew_k_bytes, .size = sizeof(dew_c_bytes), .codec = &codec };
    return &type;
}
