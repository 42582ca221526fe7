/* json_write.c - the canonical writer; see json.h. This is on the way of every page and every frame: text is scanned
 * and copied eight bytes at a time, and room is asked for once per field. */
#include "type/json.h"

#include "base/format.h"
#include "base/utf8.h"
#include "type/type_internal.h"

#define SCALAR_MAX 32 /* longest integer or word, with quotes and a comma */

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
        if (DEW_WORD_FITS(left)) {
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
        if (DEW_WORD_FITS(json.len - i)) {
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

int dew_json_buffer_error(dew_json_writer *writer)
{
    int code = writer->out->error;
    if (code == 0)
        return 0;
    return dew_place_fail(NULL, NULL, writer->error, code, "%s",
                          code == DEW_E_LIMIT ? "the value is longer than the buffer may grow" : "out of memory");
}

static int write_struct(dew_json_writer *writer, const dew_type *type, const void *value, const dew_place *up)
{
    dew_buf *out = writer->out;
    char before = '{';
    for (size_t i = 0; i < type->field_count; i++) {
        const dew_field *field = &type->fields[i];
        if (!dew_member_is_there(field, value))
            continue;
        if (dew_buf_reserve(out, field->name_len + 4u + SCALAR_MAX) != 0)
            return dew_json_buffer_error(writer);
        char *at = out->ptr + out->len;
        at[0] = before;
        at[1] = '"';
        memcpy(at + 2, field->name, field->name_len);
        memcpy(at + 2 + field->name_len, "\":", 2);
        out->len += field->name_len + 4u;
        before = ',';
        dew_place place = dew_place_field(up, (dew_str){ field->name, field->name_len });
        int code = dew_json_write_value(writer, field->type(), dew_member_value(field, value), &place);
        if (code != 0)
            return code;
    }
    if (before == '{')
        dew_buf_put_char(out, '{');
    dew_buf_put_char(out, '}');
    return dew_json_buffer_error(writer);
}

static int write_list(dew_json_writer *writer, const dew_type *type, const void *value, const dew_place *up)
{
    const dew_list *list = value;
    const dew_type *item = type->item();
    dew_buf_put_char(writer->out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i != 0)
            dew_buf_put_char(writer->out, ',');
        dew_place place = dew_place_item(up, i);
        int code = dew_json_write_value(writer, item, (const char *)list->items + i * type->item_size, &place);
        if (code != 0)
            return code;
    }
    dew_buf_put_char(writer->out, ']');
    return dew_json_buffer_error(writer);
}

/* Kinds whose text is at most SCALAR_MAX long: returns its length. */
static size_t write_scalar(char *dst, const dew_type *type, const void *value)
{
    if (type->kind == DEW_KIND_BOOL) {
        bool is_true = *(const bool *)value;
        memcpy(dst, is_true ? "true" : "false", 5);
        return is_true ? 4 : 5;
    }
    if (type->kind == DEW_KIND_I32)
        return dew_format_i64(dst, *(const int32_t *)value);
    size_t len = dew_format_i64(dst + 1, *(const int64_t *)value);
    dst[0] = dst[len + 1] = '"';
    return len + 2;
}

static int write_enum(dew_json_writer *writer, const dew_type *type, unsigned constant, const dew_place *place)
{
    if (constant >= type->name_count)
        return dew_place_fail(place, NULL, writer->error, DEW_E_RANGE, "the enum has no constant %u", constant);
    return dew_json_put_str(writer->out, dew_str_of(type->names[constant])) == 0 ? 0 : dew_json_buffer_error(writer);
}

int dew_json_write_value(dew_json_writer *writer, const dew_type *type, const void *value, const dew_place *place)
{
    dew_buf *out = writer->out;
    switch (type->kind) {
    case DEW_KIND_STR:
        if (dew_json_put_str(out, *(const dew_str *)value) == DEW_E_INVALID)
            return dew_place_fail(place, NULL, writer->error, DEW_E_INVALID, "the text is not UTF-8");
        return dew_json_buffer_error(writer);
    case DEW_KIND_ENUM:
        return write_enum(writer, type, *(const unsigned *)value, place);
    case DEW_KIND_STRUCT:
        return write_struct(writer, type, value, place);
    case DEW_KIND_LIST:
        return write_list(writer, type, value, place);
    case DEW_KIND_BOOL:
    case DEW_KIND_I32:
    case DEW_KIND_I64:
        if (dew_buf_reserve(out, SCALAR_MAX) != 0)
            return dew_json_buffer_error(writer);
        out->len += write_scalar(out->ptr + out->len, type, value);
        return 0;
    default:
        return type->codec->write(writer, value, place);
    }
}

int dew_json_write(dew_buf *out, const dew_type *type, const void *value, dew_error *error)
{
    dew_json_writer writer = { out, error };
    return dew_json_write_value(&writer, type, value, NULL);
}
