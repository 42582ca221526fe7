/* json_read.c - the reader; see json.h. It walks text and descriptor together and builds nothing in between.
 *
 * Strings are first scanned (end, UTF-8, control characters, whether there are escapes), then copied or decoded once
 * into the arena. Recursion is as deep as the types nest. Kinds with a codec are read in codec_….c.
 *
 * In the browser all text is the host's JSON.stringify of what a server of the same build wrote: compact, UTF-8, fields in
 * the descriptor's order. There the reader takes that form alone, which costs a third of the code; anything else is refused
 * or read as garbage, never out of bounds.
 *
 * Invariant: start <= at <= end; nothing is read at or after end, so the text needs no terminator. */
#include "type/json.h"

#include "base/copy.h"
#include "base/format.h"
#include "base/utf8.h"
#include "type/type_internal.h"

typedef dew_json_reader reader;

reader dew_json_reader_make(dew_arena *arena, dew_str text, const char *where, dew_error *error)
{
    const char *start = text.len != 0 ? text.ptr : "";
    return (reader){ start, start, start + text.len, arena, where, error, 0 };
}

/* ---- tokens ---- */

/* Skips white space; the next character, or 0 at the end (a NUL in the text is no JSON either). */
char dew_json_peek(reader *r)
{
#ifdef __wasm__
    return r->at < r->end ? *r->at : 0;
#else
    while (r->at < r->end) {
        char c = *r->at;
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return c;
        r->at++;
    }
    return 0;
#endif
}

/* What begins with that character; NULL: no JSON value. */
static const char *kind_of(char c)
{
    switch (c) {
    case '"':
        return "string";
    case '{':
        return "object";
    case '[':
        return "array";
    case 't':
    case 'f':
        return "boolean";
    case 'n':
        return "null";
    default:
        return c == '-' || (c >= '0' && c <= '9') ? "number" : NULL;
    }
}

int dew_json_fail_kind(reader *r, const dew_place *place, const char *expected)
{
#ifdef __wasm__
    (void)kind_of;
    return dew_json_fail(r, DEW_E_TYPE, place, "%s", expected);
#else
    const char *found = kind_of(dew_json_peek(r));
    if (found != NULL)
        return dew_json_fail(r, DEW_E_TYPE, place, "expected %s, found %s", expected, found);
    return dew_json_fail(r, DEW_E_INVALID, place, "expected %s, found %s", expected,
                         r->at == r->end ? "the end of the text" : "no JSON value");
#endif
}

static int fail_memory(reader *r, const dew_place *place)
{
    return dew_json_fail(r, DEW_E_NOMEM, place, "too large for the memory given to it");
}

int dew_json_enter(reader *r, char open, const dew_place *place)
{
    if (dew_json_peek(r) != open)
        return dew_json_fail_kind(r, place, open == '{' ? "object" : "array");
    if (++r->depth > DEW_JSON_DEPTH_MAX)
        return dew_json_fail(r, DEW_E_LIMIT, place, "more than %d levels deep", DEW_JSON_DEPTH_MAX);
    r->at++;
    return 0;
}

int dew_json_next(reader *r, char close, bool *first, const dew_place *place)
{
    char c = dew_json_peek(r);
    if (c == close) {
        r->at++;
        r->depth--;
        return 0;
    }
    if (*first) {
        *first = false;
        return 1;
    }
    if (c != ',')
        return dew_json_fail(r, DEW_E_INVALID, place, "expected `,` or `%c`", close);
    r->at++;
    return 1;
}

int dew_json_finish(reader *r)
{
    return dew_json_peek(r) == 0 && r->at == r->end ? 0 : dew_json_fail(r, DEW_E_INVALID, NULL, "text after the value");
}

/* ---- strings ---- */

/* The characters between the quotes, as they stand; *escapes: some are escapes. Takes the closing quote. */
static int scan_string(reader *r, const dew_place *place, dew_str *raw, bool *escapes)
{
    const char *at = r->at + 1, *end = r->end;
    *escapes = false;
#ifdef __wasm__
    for (; at < end && *at != '"'; at++)
        if (*at == '\\') {
            *escapes = true;
            at++;
        }
    if (at < end) {
        *raw = dew_str_make(r->at + 1, (size_t)(at - r->at - 1));
        r->at = at + 1;
        return 0;
    }
#else
    while (at < end) {
        if (DEW_WORD_FITS(end - at)) {
            uint64_t word = dew_word_load(at);
            uint64_t special = DEW_WORD_HAS_HIGH(word) | DEW_WORD_HAS_LESS(word, 0x20) | DEW_WORD_HAS_BYTE(word, '"') |
                               DEW_WORD_HAS_BYTE(word, '\\');
            if (special == 0) {
                at += 8;
                continue;
            }
            at += dew_word_clean_len(special);
        }
        unsigned char byte = (unsigned char)*at;
        if (byte == '"') {
            *raw = dew_str_make(r->at + 1, (size_t)(at - r->at - 1));
            r->at = at + 1;
            return 0;
        }
        size_t len = byte < 0x20 ? 0 : byte == '\\' ? 2 : dew_utf8_sequence_len(at, end);
        *escapes = *escapes || byte == '\\';
        if (len == 0) {
            r->at = at;
            return dew_json_fail(r, DEW_E_INVALID, place,
                                 byte < 0x20 ? "a control character in a string" : "the text is not UTF-8");
        }
        at += len; /* after a backslash perhaps past the end, or into a sequence: then decoding or the loop refuses */
    }
#endif
    r->at = end;
    return dew_json_fail(r, DEW_E_INVALID, place, "a string without an end");
}

#ifdef __wasm__
static char hex_digit(char c)
{
    return (char)((c & 15) + (c > '9' ? 9 : 0));
}

/* As below; of \uXXXX JSON.stringify writes control characters alone. */
static size_t decode(char *dst, dew_str raw)
{
    char *out = dst;
    for (const char *at = raw.ptr, *end = at + raw.len; at < end; at++, out++) {
        char c = *at;
        if (c == '\\') {
            c = *++at;
            if (c == 'u' && end - at > 4) {
                at += 4;
                c = (char)(hex_digit(at[-1]) << 4 | hex_digit(*at));
            } else {
                for (const char *pair = "b\bf\fn\nr\rt\t"; *pair != '\0'; pair += 2)
                    if (*pair == c) {
                        c = pair[1];
                        break;
                    }
            }
        }
        if (dst != NULL)
            *out = c;
    }
    return (size_t)(out - dst);
}
#else
/* Four hex digits, or -1. */
static int32_t read_hex(const char *at, const char *end)
{
    if (end - at < 4)
        return -1;
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        unsigned digit = (unsigned char)at[i];
        if (digit - '0' <= 9)
            digit -= '0';
        else if ((digit | 0x20) - 'a' <= 5)
            digit = (digit | 0x20) - 'a' + 10;
        else
            return -1;
        value = value << 4 | (int32_t)digit;
    }
    return value;
}

/* The code point of "uXXXX" or "uXXXX\uXXXX" at *at, which moves behind it; -1 when malformed or half a pair. */
static int32_t read_code_point(const char **at, const char *end)
{
    int32_t high = read_hex(*at + 1, end);
    *at += 5;
    if (high < 0xD800 || high > 0xDFFF)
        return high;
    if (high > 0xDBFF || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return -1;
    int32_t low = read_hex(*at + 2, end);
    *at += 6;
    return low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00) : -1;
}

/* The UTF-8 of the escape at *at, which moves behind it; 0 when it is wrong. The scan saw to it that a character follows
 * the backslash. */
static size_t decode_escape(char dst[4], const char **at, const char *end)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char letter = *++*at;
    if (letter == 'u') {
        int32_t code_point = read_code_point(at, end);
        return code_point < 0 ? 0 : dew_utf8_encode(dst, (uint32_t)code_point);
    }
    ++*at;
    for (size_t i = 0; i < sizeof letters - 1; i++)
        if (letters[i] == letter) {
            dst[0] = meanings[i];
            return 1;
        }
    return 0;
}

/* Decodes escapes; dst has room for raw.len bytes, or is NULL: then it only looks. Returns the length, or SIZE_MAX for a
 * wrong escape. */
static size_t decode(char *dst, dew_str raw)
{
    size_t len = 0;
    char escape[4];
    for (const char *at = raw.ptr, *end = at + raw.len; at < end;) {
        const char *from = at;
        size_t piece = 1;
        if (*at != '\\') {
            at++;
        } else {
            piece = decode_escape(escape, &at, end);
            if (piece == 0)
                return SIZE_MAX;
            from = escape;
        }
        if (dst != NULL)
            memcpy(dst + len, from, piece);
        len += piece;
    }
    return len;
}
#endif

static int fail_escape(reader *r, const dew_place *place)
{
    return dew_json_fail(r, DEW_E_INVALID, place, "a wrong escape, or half a surrogate pair, in a string");
}

/* Reads a string. With `keep` it is copied to the arena and terminated; without, it may stay a slice of the input. */
int dew_json_read_string(reader *r, const dew_place *place, const char *expected, bool keep, dew_str *out)
{
    bool escapes;
    if (dew_json_peek(r) != '"')
        return dew_json_fail_kind(r, place, expected);
    int code = scan_string(r, place, out, &escapes);
    if (code != 0 || (!escapes && !keep))
        return code;
    char *copy = dew_arena_text(r->arena, out->len);
    if (copy == NULL)
        return fail_memory(r, place);
    if (!escapes) {
        dew_copy_short(copy, out->ptr, out->len);
        out->ptr = copy;
        return 0;
    }
    size_t len = decode(copy, *out);
#ifndef __wasm__
    if (len == SIZE_MAX)
        return fail_escape(r, place);
#endif
    copy[len] = '\0';
    *out = dew_str_make(copy, len);
    return 0;
}

/* Checks a string and leaves it. */
int dew_json_skip_string(reader *r, const dew_place *place)
{
    dew_str raw;
    bool escapes;
    int code = scan_string(r, place, &raw, &escapes);
    return code == 0 && escapes && decode(NULL, raw) == SIZE_MAX ? fail_escape(r, place) : code;
}

int dew_json_read_name(reader *r, dew_str *name, const dew_place *place)
{
    if (dew_json_peek(r) != '"')
        return dew_json_fail(r, DEW_E_INVALID, place, "expected a field name in quotes");
    int code = name != NULL ? dew_json_read_string(r, place, "", false, name) : dew_json_skip_string(r, place);
    if (code != 0)
        return code;
    if (dew_json_peek(r) != ':')
        return dew_json_fail(r, DEW_E_INVALID, place, "expected `:` after a field name");
    r->at++;
    return 0;
}

/* ---- numbers and words ---- */

/* The characters that a number may have; whether they make one is for the parsers to say. */
int dew_json_read_number(reader *r, const dew_place *place, const char *expected, dew_str *text)
{
    char c = dew_json_peek(r);
    if (c != '-' && (c < '0' || c > '9'))
        return dew_json_fail_kind(r, place, expected);
    const char *first = r->at;
    while (r->at < r->end && ((*r->at >= '0' && *r->at <= '9') || *r->at == '-' || *r->at == '+' || *r->at == '.' ||
                              *r->at == 'e' || *r->at == 'E'))
        r->at++;
    *text = dew_str_make(first, (size_t)(r->at - first));
    return 0;
}

/* What is wrong with a number that did not parse. */
int dew_json_fail_number(reader *r, const dew_place *place, dew_str text, const char *expected, bool is_integer)
{
    r->at = text.ptr;
#ifdef __wasm__
    (void)place, (void)expected, (void)is_integer;
    return dew_code_only(r->error, DEW_E_INVALID);
#else
    if (!dew_json_is_number(text))
        return dew_json_fail(r, DEW_E_INVALID, place, "malformed number");
    for (size_t i = 0; i < text.len && is_integer; i++)
        if (text.ptr[i] == '.' || text.ptr[i] == 'e' || text.ptr[i] == 'E')
            return dew_json_fail(r, DEW_E_TYPE, place, "expected %s, found %.*s", expected, DEW_STR_FMT(text));
    return dew_json_fail(r, DEW_E_RANGE, place, "the number does not fit %s", expected);
#endif
}

#ifdef __wasm__
/* Of both kinds, in quotes or not. */
static int read_integer(reader *r, int64_t *out, const dew_place *place)
{
    dew_str text;
    const bool quoted = dew_json_peek(r) == '"';
    r->at += quoted;
    int code = dew_json_read_number(r, place, "integer", &text);
    r->at += quoted && r->at < r->end;
    return code != 0 || dew_parse_i64(text, out) ? code : dew_json_fail(r, DEW_E_INVALID, place, "not an integer");
}

static int read_i32(reader *r, int32_t *out, const dew_place *place)
{
    int64_t value;
    int code = read_integer(r, &value, place);
    if (code == 0)
        *out = (int32_t)value;
    return code;
}
#define read_i64 read_integer
#else
static int read_i32(reader *r, int32_t *out, const dew_place *place)
{
    dew_str text;
    int64_t value;
    int code = dew_json_read_number(r, place, "integer", &text);
    if (code != 0)
        return code;
    if (!dew_parse_i64(text, &value) || value < INT32_MIN || value > INT32_MAX)
        return dew_json_fail_number(r, place, text, "a 32-bit integer", true);
    *out = (int32_t)value;
    return 0;
}

static int read_i64(reader *r, int64_t *out, const dew_place *place)
{
    dew_str text;
    if (dew_json_peek(r) != '"') {
        int code = dew_json_read_number(r, place, "integer as a string", &text);
        return code != 0 || dew_parse_i64(text, out) ? code
                                                     : dew_json_fail_number(r, place, text, "a 64-bit integer", true);
    }
    int code = dew_json_read_string(r, place, "", false, &text);
    if (code != 0 || dew_parse_i64(text, out))
        return code;
    return dew_json_fail(r, DEW_E_RANGE, place, "expected a 64-bit integer as a string");
}
#endif

/* Takes the word when it stands here. */
bool dew_json_take_word(reader *r, const char *word, size_t len)
{
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
        return false;
    r->at += len;
    return true;
}

static int read_bool(reader *r, bool *out, const dew_place *place)
{
    char c = dew_json_peek(r);
    if (c != 't' && c != 'f')
        return dew_json_fail_kind(r, place, "boolean");
    *out = c == 't';
    if (!dew_json_take_word(r, *out ? "true" : "false", *out ? 4 : 5))
        return dew_json_fail(r, DEW_E_INVALID, place, "no JSON value");
    return 0;
}

/* ---- what descriptors describe ---- */

static int read_enum(reader *r, const dew_type *type, unsigned *out, const dew_place *place)
{
    dew_str text;
    int code = dew_json_read_string(r, place, "string", false, &text);
    if (code != 0)
        return code;
    for (unsigned i = 0; i < type->name_count; i++)
        if (dew_str_eq(text, dew_str_of(type->names[i]))) {
            *out = i;
            return 0;
        }
    return dew_json_fail(r, DEW_E_TYPE, place, "\"%.*s\" is none of the names of %s", DEW_STR_FMT(text), type->name);
}

#ifdef __wasm__
static bool take(reader *r, char c)
{
    bool there = r->at < r->end && *r->at == c;
    r->at += there;
    return there;
}

static int read_list(reader *r, const dew_type *type, void *out, const dew_place *up)
{
    const dew_type *item = type->item();
    if (!take(r, '['))
        return dew_json_fail_kind(r, up, "array");
    for (char c = ']'; !take(r, ']'); c = ',') {
        void *slot = c == ']' || take(r, c) ? dew_list_add(r->arena, out, type->item_size) : NULL;
        int code = slot != NULL ? dew_json_read_value(r, item, slot, up) : fail_memory(r, up);
        if (code != 0)
            return code;
    }
    return 0;
}

static int read_struct(reader *r, const dew_type *type, char *out, const dew_place *up)
{
    char before = '{';
    for (const dew_field *field = type->fields, *end = field + type->field_count; field < end; field++) {
        const char *at = r->at;
        const size_t len = field->name_len;
        if ((size_t)(r->end - at) > len + 4 && at[0] == before && memcmp(at + 2, field->name, len) == 0 &&
            at[len + 2] == '"') {
            before = ',';
            r->at += len + 4;
            if (field->optional)
                *(bool *)(out + field->offset) = true;
            int code = dew_json_read_value(r, field->type(), dew_member_value(field, out), up);
            if (code != 0)
                return code;
        } else if (!field->optional) {
            return dew_json_fail_kind(r, up, "field");
        }
    }
    return (before == ',' || take(r, before)) && take(r, '}') ? 0 : dew_json_fail_kind(r, up, "object");
}
#else
static int read_list(reader *r, const dew_type *type, void *out, const dew_place *up)
{
    const dew_type *item = type->item();
    bool first = true;
    int code = dew_json_enter(r, '[', up);
    for (size_t i = 0; code == 0 && (code = dew_json_next(r, ']', &first, up)) == 1; i++) {
        dew_place place = dew_place_item(up, i);
        void *slot = dew_list_add(r->arena, out, type->item_size);
        code = slot != NULL ? dew_json_read_value(r, item, slot, &place) : fail_memory(r, &place);
    }
    return code;
}

/* The next field's name and its descriptor; `hint` is the index it would have if none is left out. */
static int read_field_name(reader *r, const dew_type *type, size_t hint, const dew_field **field, const dew_place *up)
{
    if (hint < type->field_count && dew_json_peek(r) == '"') { /* the usual case: the names come in order */
        const dew_field *next = &type->fields[hint];
        size_t len = next->name_len;
        if ((size_t)(r->end - r->at) >= len + 3 && memcmp(r->at + 1, next->name, len) == 0 && r->at[len + 1] == '"' &&
            r->at[len + 2] == ':') {
            r->at += len + 3;
            *field = next;
            return 0;
        }
    }
    dew_str name;
    int code = dew_json_read_name(r, &name, up);
    if (code != 0)
        return code;
    *field = dew_field_find(type, name, hint);
    if (*field != NULL)
        return 0;
    dew_place place = dew_place_field(up, name);
    return dew_json_fail(r, DEW_E_TYPE, &place, "unknown field");
}

static int read_struct(reader *r, const dew_type *type, char *out, const dew_place *up)
{
    uint64_t seen[DEW_FIELDS_MAX / 64] = { 0 };
    size_t hint = 0;
    bool first = true;
    int code = dew_json_enter(r, '{', up);
    while (code == 0 && (code = dew_json_next(r, '}', &first, up)) == 1) {
        const dew_field *field;
        code = read_field_name(r, type, hint, &field, up);
        if (code != 0)
            return code;
        size_t index = (size_t)(field - type->fields);
        uint64_t bit = (uint64_t)1 << index % 64;
        dew_place place = dew_place_field(up, (dew_str){ field->name, field->name_len });
        if ((seen[index / 64] & bit) != 0)
            return dew_json_fail(r, DEW_E_TYPE, &place, "the field stands there twice");
        seen[index / 64] |= bit;
        hint = index + 1;
        if (field->optional)
            *(bool *)(out + field->offset) = true;
        code = dew_json_read_value(r, field->type(), dew_member_value(field, out), &place);
    }
    for (size_t i = 0; code == 0 && i < type->field_count; i++) {
        const dew_field *field = &type->fields[i];
        if (!field->optional && (seen[i / 64] >> i % 64 & 1) == 0) {
            dew_place place = dew_place_field(up, (dew_str){ field->name, field->name_len });
            return dew_json_fail(r, DEW_E_TYPE, &place, "the field is missing");
        }
    }
    return code;
}
#endif

int dew_json_read_value(reader *r, const dew_type *type, void *out, const dew_place *place)
{
    switch (type->kind) {
    case DEW_KIND_BOOL:
        return read_bool(r, out, place);
    case DEW_KIND_I32:
        return read_i32(r, out, place);
    case DEW_KIND_I64:
        return read_i64(r, out, place);
    case DEW_KIND_STR:
        return dew_json_read_string(r, place, "string", true, out);
    case DEW_KIND_ENUM:
        return read_enum(r, type, out, place);
    case DEW_KIND_STRUCT:
        return read_struct(r, type, out, place);
    case DEW_KIND_LIST:
        return read_list(r, type, out, place);
    default:
        return type->codec->read(r, out, place);
    }
}

int dew_json_read(dew_arena *arena, dew_str text, const dew_type *type, void *out, const char *where, dew_error *error)
{
    reader r = dew_json_reader_make(arena, text, where, error);
    void *value = dew_arena_calloc(arena, 1, type->size);
    if (value == NULL)
        return fail_memory(&r, NULL);
    int code = dew_json_read_value(&r, type, value, NULL);
    if (code == 0)
        code = dew_json_finish(&r);
    if (code == 0)
        memcpy(out, value, type->size);
    return code;
}
