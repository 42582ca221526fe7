/* codec_f64.c - numbers: as ECMAScript writes them. See type_internal.h; pure; native and wasm32. */
#include "type/type_internal.h"

static int write_f64(dew_json_writer *writer, const void *value, const dew_place *place)
{
    double number = *(const double *)value;
    if (!(number - number == 0))
        return dew_place_fail(place, NULL, writer->error, DEW_E_RANGE, "the number is not finite");
    if (dew_buf_reserve(writer->out, DEW_FORMAT_F64_MAX) != 0)
        return dew_json_buffer_error(writer);
    writer->out->len += dew_format_f64(writer->out->ptr + writer->out->len, number);
    return 0;
}

static int read_f64(dew_json_reader *r, void *out, const dew_place *place)
{
    dew_str text;
    int code = dew_json_read_number(r, place, "number", &text);
    return code != 0 || dew_parse_f64(text, out) ? code : dew_json_fail_number(r, place, text, "a 64-bit float", false);
}

static int from_text(dew_arena *arena, dew_str text, void *out)
{
    (void)arena;
    return dew_parse_f64(text, out) ? 0 : DEW_E_TYPE;
}

const dew_type *dew_tf_f64(void)
{
    static const struct dew_codec codec = { write_f64, read_f64, from_text };
    static const dew_type type = { .name = "f64", .kind = dew_k_f64, .size = sizeof(dew_c_f64), .codec = &codec };
    return &type;
}
