/* json_write.c - the canonical writer; see json.h. This is on the way of every page and every frame: text is scanned
 * and copied eight bytes at a time, and room is asked for once per field. */
#include "type/json.h"

#include "base/base64.h"
#include "base/format.h"
#include "base/utf8.h"
#include "type/time.h"
#include "type/type_internal.h"

#define SCALAR_MAX 32 /* longest number, time or literal, with quotes and a comma */

/* Not 0 when a byte of the word needs more than copying. */
static uint64_t special_bytes(uint64_t word)
{
    return DEW_WORD_HAS_HIGH(word) | DEW_WORD_HAS_LESS(word, 0x20) | DEW_WORD_HAS_BYTE(word, '"') |
           DEW_WORD_HAS_BYTE(word, '\\');
}

/* Writes the escape of a control character, quote or backslash (at most 6 bytes); returns the end. */
static char *put_escape(char *dst, unsigned char byte)
{
    *dst++ = '\\';
    if (byte == '"' || byte == '\\') {
        *dst++ = (char)byte;
    } else if (byte >= '\b' && byte <= '\r' && byte != '\v') {
        *dst++ = "btn?fr"[byte - '\b'];
    } else {
        memcpy(dst, "u00", 3);
        dst[3] = (char)('0' + (byte >> 4));
        dst[4] = "0123456789abcdef"[byte & 15];
        dst += 5;
    }
    return dst;
}

int dew_json_put_str(dew_buf *out, dew_str text)
{
    if (dew_buf_reserve(out, text.len + 2) != 0)
        return out->error;
    const char *at = text.ptr;
    size_t left = text.len;
    char *dst = out->ptr + out->len;
    *dst++ = '"';
    while (left > 0) { /* here dst has room for what is left and a quote */
        if (left >= 8) {
            uint64_t word = dew_word_load(at);
            if (special_bytes(word) == 0) {
                memcpy(dst, &word, 8);
                at += 8;
                dst += 8;
                left -= 8;
                continue;
            }
        }
        unsigned char byte = (unsigned char)*at;
        size_t len = 1;
        if (byte >= 0x80) {
            len = dew_utf8_sequence_len(at, at + left);
            if (len == 0)
                return DEW_E_INVALID;
            memcpy(dst, at, len);
            dst += len;
        } else if (byte < 0x20 || byte == '"' || byte == '\\') {
            out->len = (size_t)(dst - out->ptr);
            if (dew_buf_reserve(out, left + 6) != 0)
                return out->error;
            dst = put_escape(out->ptr + out->len, byte);
        } else {
            *dst++ = (char)byte;
        }
        at += len;
        left -= len;
    }
    *dst++ = '"';
    out->len = (size_t)(dst - out->ptr);
    return 0;
}

/* Length of the text at `at` that a script element must not see: 1 for `<`, 3 for U+2028 and U+2029, else 0. */
static size_t script_escape_len(const char *at, size_t left)
{
    if (*at == '<')
        return 1;
    return left >= 3 && memcmp(at, "\xE2\x80", 2) == 0 && (at[2] == '\xA8' || at[2] == '\xA9') ? 3 : 0;
}

void dew_json_put_script(dew_buf *out, dew_str json)
{
    size_t from = 0;
    for (size_t i = 0; i < json.len;) {
        if (json.len - i >= 8) {
            uint64_t word = dew_word_load(json.ptr + i);
            if ((DEW_WORD_HAS_BYTE(word, '<') | DEW_WORD_HAS_BYTE(word, 0xE2)) == 0) {
                i += 8;
                continue;
            }
        }
        size_t len = script_escape_len(json.ptr + i, json.len - i);
        if (len == 0) {
            i++;
            continue;
        }
        dew_buf_put(out, json.ptr + from, i - from);
        dew_buf_put(out, len == 1 ? "\\u003c" : json.ptr[i + 2] == '\xA8' ? "\\u2028" : "\\u2029", 6);
        i += len;
        from = i;
    }
    dew_buf_put(out, json.len != 0 ? json.ptr + from : NULL, json.len - from);
}

static int fail(dew_json_writer *writer, int code, const dew_place *place, const char *what)
{
    return dew_place_fail(place, NULL, writer->error, code, "%s", what);
}

static int buffer_error(dew_json_writer *writer)
{
    int code = writer->out->error;
    if (code != 0)
        dew_error_set(writer->error, code, "%s",
                      code == DEW_E_LIMIT ? "the value is longer than the buffer may grow" : "out of memory");
    return code;
}

static int write_bytes(dew_json_writer *writer, dew_str bytes)
{
    dew_buf *out = writer->out;
    if (dew_buf_reserve(out, bytes.len < SIZE_MAX / 2 ? DEW_BASE64_ENCODED_LEN(bytes.len) + 2 : SIZE_MAX) != 0)
        return buffer_error(writer);
    out->ptr[out->len++] = '"';
    out->len += dew_base64_encode(out->ptr + out->len, bytes);
    out->ptr[out->len++] = '"';
    return 0;
}

static int write_struct(dew_json_writer *writer, const dew_type *type, const void *value, const dew_place *up)
{
    dew_buf *out = writer->out;
    char before = '{';
    for (const dew_field *field = type->fields, *end = field + type->field_count; field < end; field++) {
        if (!dew_member_is_there(field, value))
            continue;
        if (dew_buf_reserve(out, field->name_len + 4u + SCALAR_MAX) != 0)
            return buffer_error(writer);
        char *at = out->ptr + out->len;
        at[0] = before;
        at[1] = '"';
        memcpy(at + 2, field->name, field->name_len);
        memcpy(at + 2 + field->name_len, "\":", 2);
        out->len += field->name_len + 4u;
        before = ',';
        dew_place place = { up, { field->name, field->name_len }, 0 };
        int code = dew_json_write_value(writer, field->type(), dew_member_value(field, value), &place);
        if (code != 0)
            return code;
    }
    if (before == '{')
        dew_buf_put_char(out, '{');
    dew_buf_put_char(out, '}');
    return buffer_error(writer);
}

static int write_list(dew_json_writer *writer, const dew_type *type, const void *value, const dew_place *up)
{
    const dew_list *list = value;
    const dew_type *item = type->item();
    dew_buf_put_char(writer->out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i != 0)
            dew_buf_put_char(writer->out, ',');
        dew_place place = { up, { NULL, 0 }, i };
        int code = dew_json_write_value(writer, item, (const char *)list->items + i * type->item_size, &place);
        if (code != 0)
            return code;
    }
    dew_buf_put_char(writer->out, ']');
    return buffer_error(writer);
}

/* Kinds whose text is at most SCALAR_MAX long: returns its length, 0 when the value has no text. */
static size_t write_scalar(char *dst, const dew_type *type, const void *value)
{
    switch (type->kind) {
    case DEW_KIND_BOOL: {
        bool is_true = *(const bool *)value;
        memcpy(dst, is_true ? "true" : "false", 5);
        return is_true ? 4 : 5;
    }
    case DEW_KIND_I32:
        return dew_format_i64(dst, *(const int32_t *)value);
    case DEW_KIND_F64: {
        double number = *(const double *)value;
        return number - number == 0 ? dew_format_f64(dst, number) : 0;
    }
    case DEW_KIND_I64: {
        size_t len = dew_format_i64(dst + 1, *(const int64_t *)value);
        dst[0] = dst[len + 1] = '"';
        return len + 2;
    }
    default: /* DEW_KIND_TIME */
        dst[0] = dst[DEW_TIME_TEXT_LEN + 1] = '"';
        return dew_time_write(dst + 1, *(const int64_t *)value) ? DEW_TIME_TEXT_LEN + 2 : 0;
    }
}

int dew_json_write_value(dew_json_writer *writer, const dew_type *type, const void *value, const dew_place *place)
{
    dew_buf *out = writer->out;
    int code;
    switch (type->kind) {
    case DEW_KIND_STR:
        code = dew_json_put_str(out, *(const dew_str *)value);
        return code == DEW_E_INVALID ? fail(writer, code, place, "the text is not UTF-8") : buffer_error(writer);
    case DEW_KIND_BYTES:
        return write_bytes(writer, *(const dew_str *)value);
    case DEW_KIND_JSON: {
        dew_str json = *(const dew_str *)value;
        dew_buf_put_str(out, json.len != 0 ? json : DEW_S("null"));
        return buffer_error(writer);
    }
    case DEW_KIND_ENUM: {
        unsigned constant = *(const unsigned *)value;
        if (constant >= type->name_count)
            return fail(writer, DEW_E_RANGE, place, "the enum has no such constant");
        if (dew_json_put_str(out, dew_str_of(type->names[constant])) != 0)
            return buffer_error(writer);
        return 0;
    }
    case DEW_KIND_STRUCT:
        return write_struct(writer, type, value, place);
    case DEW_KIND_LIST:
        return write_list(writer, type, value, place);
    default:
        break;
    }
    if (dew_buf_reserve(out, SCALAR_MAX) != 0)
        return buffer_error(writer);
    size_t len = write_scalar(out->ptr + out->len, type, value);
    if (len == 0)
        return fail(writer, DEW_E_RANGE, place,
                    type->kind == DEW_KIND_F64 ? "the number is not finite" : "the time is outside the years 0000 to 9999");
    out->len += len;
    return 0;
}

int dew_json_write(dew_buf *out, const dew_type *type, const void *value, dew_error *error)
{
    dew_json_writer writer = { out, error };
    return dew_json_write_value(&writer, type, value, NULL);
}
