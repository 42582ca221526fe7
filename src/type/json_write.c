/* json_write.c - the canonical writer; see json.h. This is on the way of every page and every frame: text is scanned
 * and copied eight bytes at a time, and room is asked for once per field. */
#include "type/json.h"

#include "base/copy.h"
#include "base/format.h"
#include "base/utf8.h"
#include "type/type_internal.h"

#define SCALAR_MAX 32 /* longest integer or word, with quotes and a comma */

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

#ifdef __wasm__ /* bytes count more there, and texts are short */
#define copy_clean(dst, at, left) ((void)0)
#else
/* Not 0 when a byte of the word needs more than copying. */
static uint64_t special_bytes(uint64_t word)
{
    return DEW_WORD_STOPS(word, DEW_WORD_BELOW(word, 0x20) | DEW_WORD_IS(word, '"') | DEW_WORD_IS(word, '\\'));
}

/* One to seven bytes of text, some of them twice, as a word to look at. */
static uint64_t load_tail(const char *at, size_t len)
{
    uint32_t head4, tail4;
    uint16_t head2, tail2;
    if (len >= 4) {
        memcpy(&head4, at, 4);
        memcpy(&tail4, at + len - 4, 4);
        return (uint64_t)head4 << 32 | tail4;
    }
    if (len == 1)
        return DEW_WORD_EACH((unsigned char)*at);
    memcpy(&head2, at, 2);
    memcpy(&tail2, at + len - 2, 2);
    return (uint64_t)head2 * 0x0001000100000000u | (uint64_t)tail2 * 0x00010001u;
}

/* Copies from *at to *dst what needs no escape, by the word; stops before a byte that needs more, or not, when fewer than
 * eight are left. */
static void copy_clean(char **dst, const char **at, size_t *left)
{
    while (DEW_WORD_FITS(*left)) {
        uint64_t word = dew_word_load(*at), special = special_bytes(word);
        size_t len = special == 0 ? 8 : dew_word_clean_len(special);
        memcpy(*dst, &word, 8); /* there is room for all that is left */
        *dst += len;
        *at += len;
        *left -= len;
        if (special != 0)
            return;
    }
    if (*left > 0 && special_bytes(load_tail(*at, *left)) == 0) {
        dew_copy_short(*dst, *at, *left);
        *dst += *left;
        *left = 0;
    }
}
#endif

int dew_json_put_str(dew_buf *out, dew_str text)
{
    if (dew_buf_reserve(out, text.len + 2) != 0)
        return out->error;
    const char *at = text.ptr;
    size_t left = text.len;
    char *dst = out->ptr + out->len;
    *dst++ = '"';
    for (;;) { /* here dst has room for what is left and a quote */
        copy_clean(&dst, &at, &left);
        if (left == 0)
            break;
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

/* Where the next such byte stands, or the end. */
static const char *find_byte(const char *at, const char *end, int byte)
{
    const char *found = memchr(at, byte, (size_t)(end - at));
    return found != NULL ? found : end;
}

/* What begins an escape is rare, so each of the two bytes is looked for by memchr. */
void dew_json_put_script(dew_buf *out, dew_str json)
{
    if (json.len == 0)
        return;
    const char *from = json.ptr, *end = from + json.len;
    const char *less = find_byte(from, end, '<'), *line = find_byte(from, end, 0xE2);
    while (less < end || line < end) {
        const char *at = less < line ? less : line;
        size_t len = script_escape_len(at, (size_t)(end - at));
        if (len != 0) {
            dew_buf_put(out, from, (size_t)(at - from));
            dew_buf_put(out, len == 1 ? "\\u003c" : at[2] == '\xA8' ? "\\u2028" : "\\u2029", 6);
            from = at + len;
        }
        if (at == less)
            less = find_byte(at + 1, end, '<');
        else
            line = find_byte(at + 1, end, 0xE2);
    }
    dew_buf_put(out, from, (size_t)(end - from));
}

int dew_json_buffer_error(dew_json_writer *writer)
{
    int code = writer->out->error;
    if (code == 0)
        return 0;
    return dew_place_fail(NULL, NULL, writer->error, code, "%s",
                          code == DEW_E_LIMIT ? "the value is longer than the buffer may grow" : "out of memory");
}

static int write_scalar(dew_json_writer *writer, unsigned kind, const void *value)
{
    dew_buf *out = writer->out;
    if (dew_buf_reserve(out, SCALAR_MAX) != 0)
        return dew_json_buffer_error(writer);
    char *dst = out->ptr + out->len;
    if (kind == DEW_KIND_BOOL) {
        bool is_true = *(const bool *)value;
        memcpy(dst, is_true ? "true" : "false", 5);
        out->len += is_true ? 4 : 5;
    } else if (kind == DEW_KIND_I32) {
        out->len += dew_format_i64(dst, *(const int32_t *)value);
    } else {
        size_t len = dew_format_i64(dst + 1, *(const int64_t *)value);
        dst[0] = dst[len + 1] = '"';
        out->len += len + 2;
    }
    return 0;
}

static int write_str(dew_json_writer *writer, dew_str text, const dew_place *place)
{
    int code = dew_json_put_str(writer->out, text);
    if (code == DEW_E_INVALID)
        return dew_place_fail(place, NULL, writer->error, code, "the text is not UTF-8");
    return code == 0 ? 0 : dew_json_buffer_error(writer);
}

/* A field or an item: the commonest kinds without a look at their descriptors. */
static int write_part(dew_json_writer *writer, unsigned kind, dew_type_fn *type, const void *value,
                      const dew_place *place)
{
    if (kind == DEW_KIND_STR)
        return write_str(writer, *(const dew_str *)value, place);
    if (kind == DEW_KIND_I64 || kind == DEW_KIND_I32 || kind == DEW_KIND_BOOL)
        return write_scalar(writer, kind, value);
    return dew_json_write_value(writer, type(), value, place);
}

#ifdef __wasm__ /* bytes count more there */
#define write_common(writer, kind, value) false
#else
/* The commonest kinds, in line and without a place. False: write_part has to do it, or to say what is wrong. */
static inline __attribute__((always_inline)) bool write_common(dew_json_writer *writer, unsigned kind,
                                                               const void *value)
{
    dew_buf *out = writer->out;
    if (kind == DEW_KIND_STR)
        return dew_json_put_str(out, *(const dew_str *)value) == 0;
    if (kind != DEW_KIND_I64 || dew_buf_reserve(out, SCALAR_MAX) != 0)
        return false;
    char *dst = out->ptr + out->len;
    size_t len = dew_format_i64(dst + 1, *(const int64_t *)value);
    dst[0] = dst[len + 1] = '"';
    out->len = (size_t)(dst + len + 2 - out->ptr);
    return true;
}
#endif

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
        dew_copy_short(at + 2, field->name, field->name_len);
        memcpy(at + 2 + field->name_len, "\":", 2);
        out->len += field->name_len + 4u;
        before = ',';
        if (write_common(writer, field->kind, dew_member_value(field, value)))
            continue;
        dew_place place = dew_place_field(up, (dew_str){ field->name, field->name_len });
        int code = write_part(writer, field->kind, field->type, dew_member_value(field, value), &place);
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
    dew_buf_put_char(writer->out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i != 0)
            dew_buf_put_char(writer->out, ',');
        if (write_common(writer, type->item_kind, (const char *)list->items + i * type->item_size))
            continue;
        dew_place place = dew_place_item(up, i);
        int code =
            write_part(writer, type->item_kind, type->item, (const char *)list->items + i * type->item_size, &place);
        if (code != 0)
            return code;
    }
    dew_buf_put_char(writer->out, ']');
    return dew_json_buffer_error(writer);
}

static int write_enum(dew_json_writer *writer, const dew_type *type, unsigned constant, const dew_place *place)
{
    if (constant >= type->name_count)
        return dew_place_fail(place, NULL, writer->error, DEW_E_RANGE, "the enum has no constant %u", constant);
    return dew_json_put_str(writer->out, dew_str_of(type->names[constant])) == 0 ? 0 : dew_json_buffer_error(writer);
}

int dew_json_write_value(dew_json_writer *writer, const dew_type *type, const void *value, const dew_place *place)
{
    switch (type->kind) {
    case DEW_KIND_STRUCT:
        return write_struct(writer, type, value, place);
    case DEW_KIND_LIST:
        return write_list(writer, type, value, place);
    case DEW_KIND_ENUM:
        return write_enum(writer, type, *(const unsigned *)value, place);
    case DEW_KIND_STR:
        return write_str(writer, *(const dew_str *)value, place);
    case DEW_KIND_BOOL:
    case DEW_KIND_I32:
    case DEW_KIND_I64:
        return write_scalar(writer, type->kind, value);
    default:
        return type->codec->write(writer, value, place);
    }
}

int dew_json_write(dew_buf *out, const dew_type *type, const void *value, dew_error *error)
{
    dew_json_writer writer = { out, error };
    return dew_json_write_value(&writer, type, value, NULL);
}
