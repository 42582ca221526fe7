/* text.c - see text.h. */
#include "type/text.h"

#include "base/base64.h"
#include "base/format.h"
#include "base/utf8.h"
#include "type/json.h"
#include "type/time.h"
#include "type/type_internal.h"

static bool is_one_of(dew_str text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (dew_str_eq(text, dew_str_of(words[i])))
            return true;
    return false;
}

static bool read_bool(dew_str text, bool *out)
{
    static const char *const yes[] = { "true", "on", "1" }, *const no[] = { "false", "off", "0", "" };
    bool value = is_one_of(text, yes, 3);
    if (!value && !is_one_of(text, no, 4))
        return false;
    *out = value;
    return true;
}

static bool read_i32(dew_str text, int32_t *out)
{
    int64_t value;
    if (!dew_parse_i64(text, &value) || value < INT32_MIN || value > INT32_MAX)
        return false;
    *out = (int32_t)value;
    return true;
}

static bool read_enum(const dew_type *type, dew_str text, unsigned *out)
{
    for (unsigned i = 0; i < type->name_count; i++)
        if (dew_str_eq(text, dew_str_of(type->names[i]))) {
            *out = i;
            return true;
        }
    return false;
}

/* Text, bytes and JSON: a copy in the arena. */
static int read_copy(dew_arena *arena, const dew_type *type, dew_str text, dew_str *out, const char *where, dew_error *error)
{
    if (type->kind == DEW_KIND_STR && !dew_utf8_is_valid(text))
        return dew_place_fail(NULL, where, error, DEW_E_INVALID, "the text is not UTF-8");
    if (type->kind == DEW_KIND_JSON) {
        int code = dew_json_check(text, where, error);
        if (code != 0)
            return code;
    }
    dew_str copy = dew_arena_str(arena, text);
    if (copy.ptr == NULL)
        return dew_place_fail(NULL, where, error, DEW_E_NOMEM, "too large for the memory given to it");
    if (type->kind == DEW_KIND_BYTES) {
        char *bytes = (char *)(uintptr_t)copy.ptr; /* our own */
        if (!dew_base64_decode(bytes, &copy.len, text))
            return dew_place_fail(NULL, where, error, DEW_E_TYPE, "the text is not base64");
        bytes[copy.len] = '\0';
    }
    *out = copy;
    return 0;
}

int dew_text_read(dew_arena *arena, const dew_type *type, dew_str text, void *out, const char *where, dew_error *error)
{
    switch (type->kind) {
    case DEW_KIND_BOOL:
        if (read_bool(text, out))
            return 0;
        return dew_place_fail(NULL, where, error, DEW_E_TYPE, "expected true or false");
    case DEW_KIND_I32:
        if (read_i32(text, out))
            return 0;
        return dew_place_fail(NULL, where, error, DEW_E_TYPE, "expected a 32-bit integer");
    case DEW_KIND_I64:
        if (dew_parse_i64(text, out))
            return 0;
        return dew_place_fail(NULL, where, error, DEW_E_TYPE, "expected a 64-bit integer");
    case DEW_KIND_F64:
        if (dew_parse_f64(text, out))
            return 0;
        return dew_place_fail(NULL, where, error, DEW_E_TYPE, "expected a number");
    case DEW_KIND_TIME:
        if (dew_time_read(text, out))
            return 0;
        return dew_place_fail(NULL, where, error, DEW_E_TYPE, "expected a time such as 2026-01-31T23:59:59Z");
    case DEW_KIND_ENUM:
        if (read_enum(type, text, out))
            return 0;
        return dew_place_fail(NULL, where, error, DEW_E_TYPE, "none of the names of %s", type->name);
    case DEW_KIND_STRUCT:
    case DEW_KIND_LIST:
        return dew_place_fail(NULL, where, error, DEW_E_UNSUPPORTED, "%s is not one plain value", type->name);
    default:
        return read_copy(arena, type, text, out, where, error);
    }
}

int dew_text_write(dew_buf *out, const dew_type *type, const void *value)
{
    if (type->kind == DEW_KIND_STRUCT || type->kind == DEW_KIND_LIST)
        return DEW_E_UNSUPPORTED;
    if (type->kind == DEW_KIND_STR || type->kind == DEW_KIND_JSON) {
        dew_buf_put_str(out, *(const dew_str *)value);
        return out->error;
    }
    size_t start = out->len;
    int code = dew_json_write(out, type, value, NULL);
    if (code == 0 && out->ptr[start] == '"') { /* none of these has escapes */
        out->len -= 2;
        memmove(out->ptr + start, out->ptr + start + 1, out->len - start);
    }
    return code;
}
