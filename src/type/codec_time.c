/* codec_time.c - instants: RFC 3339. See type_internal.h; pure; native and wasm32. */
#include "type/time.h"
#include "type/type_internal.h"

static int write_time(dew_json_writer *writer, const void *value, const dew_place *place)
{
    dew_buf *out = writer->out;
    if (dew_buf_reserve(out, DEW_TIME_TEXT_LEN + 2) != 0)
        return dew_json_buffer_error(writer);
    char *dst = out->ptr + out->len;
    if (!dew_time_write(dst + 1, *(const int64_t *)value))
        return dew_place_fail(place, NULL, writer->error, DEW_E_RANGE, "the time is outside the years 0000 to 9999");
    dst[0] = dst[DEW_TIME_TEXT_LEN + 1] = '"';
    out->len += DEW_TIME_TEXT_LEN + 2;
    return 0;
}

static int read_time(dew_json_reader *r, void *out, const dew_place *place)
{
    dew_str text;
    int code = dew_json_read_string(r, place, "time", false, &text);
    if (code != 0 || dew_time_read(text, out))
        return code;
    return dew_json_fail(r, DEW_E_RANGE, place, "expected a time such as 2026-01-31T23:59:59Z");
}

static int from_text(dew_arena *arena, dew_str text, void *out)
{
    (void)arena;
    return dew_time_read(text, out) ? 0 : DEW_E_TYPE;
}

const dew_type *dew_tf_time(void)
{
    static const struct dew_codec codec = { write_time, read_time, from_text };
    static const dew_type type = { .name = "time", .kind = dew_k_time, .size = sizeof(dew_c_time), .codec = &codec };
    return &type;
}
