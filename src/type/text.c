/* text.c - see text.h. */
#include "type/text.h"

#include "base/format.h"
#include "base/utf8.h"
#include "type/json.h"
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

static int read_str(dew_arena *arena, dew_str text, dew_str *out)
{
    if (!dew_utf8_is_valid(text))
        return DEW_E_INVALID;
    dew_str copy = dew_arena_str(arena, text);
    if (copy.ptr == NULL)
        return DEW_E_NOMEM;
    *out = copy;
    return 0;
}

/* What the kind would have liked to see; the browser build has no words (type_internal.h). */
__attribute__((unused)) static const char *expectation_of(const dew_type *type)
{
    switch (type->kind) {
    case DEW_KIND_BOOL:
        return "true or false";
    case DEW_KIND_I32:
        return "a 32-bit integer";
    case DEW_KIND_I64:
        return "a 64-bit integer";
    case DEW_KIND_F64:
        return "a number";
    case DEW_KIND_TIME:
        return "a time such as 2026-01-31T23:59:59Z";
    case DEW_KIND_BYTES:
        return "base64";
    case DEW_KIND_ENUM:
        return "one of its names";
    case DEW_KIND_JSON:
        return "JSON";
    default:
        return "UTF-8";
    }
}

static int read(dew_arena *arena, const dew_type *type, dew_str text, void *out)
{
    switch (type->kind) {
    case DEW_KIND_BOOL:
        return read_bool(text, out) ? 0 : DEW_E_TYPE;
    case DEW_KIND_I32:
        return read_i32(text, out) ? 0 : DEW_E_TYPE;
    case DEW_KIND_I64:
        return dew_parse_i64(text, out) ? 0 : DEW_E_TYPE;
    case DEW_KIND_ENUM:
        return read_enum(type, text, out) ? 0 : DEW_E_TYPE;
    case DEW_KIND_STR:
        return read_str(arena, text, out);
    case DEW_KIND_STRUCT:
    case DEW_KIND_LIST:
        return DEW_E_UNSUPPORTED;
    default:
        return type->codec->from_text(arena, text, out);
    }
}

int dew_text_read(dew_arena *arena, const dew_type *type, dew_str text, void *out, const char *where, dew_error *error)
{
    int code = read(arena, type, text, out);
    switch (code) {
    case 0:
        return 0;
    case DEW_E_UNSUPPORTED:
        return dew_place_fail(NULL, where, error, code, "%s is not one plain value", type->name);
    case DEW_E_NOMEM:
        return dew_place_fail(NULL, where, error, code, "too large for the memory given to it");
    default:
        return dew_place_fail(NULL, where, error, code, "expected %s", expectation_of(type));
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
