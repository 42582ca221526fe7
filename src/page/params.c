/* params.c - typed parameters of an address: reading them from a match, writing them into a URL. See router.h. */
#include "page/router.h"

#include "base/url.h"
#include "page/field.h"

/* Walks the segments of a pattern. */
static bool next_segment(const char **at, dew_str *segment)
{
    if (**at == '\0')
        return false;
    const char *from = *at + 1, *to = from;
    while (*to != '\0' && *to != '/')
        to++;
    *segment = dew_str_make(from, (size_t)(to - from));
    *at = to;
    return segment->len > 0;
}

static bool is_param(dew_str segment)
{
    return segment.ptr[0] == ':';
}

/* The place of :name among the pattern's parameters, or -1. */
static int param_index(const char *pattern, dew_str name)
{
    dew_str segment;
    for (int index = 0; next_segment(&pattern, &segment);) {
        if (!is_param(segment))
            continue;
        if (dew_str_eq(dew_str_make(segment.ptr + 1, segment.len - 1), name))
            return index;
        index++;
    }
    return -1;
}

static int path_index(const dew_match *match, dew_str name)
{
    if (match->page == NULL)
        return -1;
    return param_index(dew_page_pattern(match->page), name);
}

dew_str dew_match_path_param(const dew_match *match, dew_str name)
{
    int index = path_index(match, name);
    return index >= 0 ? match->values[index] : (dew_str){ "", 0 };
}

dew_str dew_match_param(const dew_match *match, dew_arena *arena, dew_str name)
{
    int index = path_index(match, name);
    if (index >= 0)
        return match->values[index];
    dew_str value = { "", 0 };
    if (dew_match_query(match, arena, name, &value) != 0)
        return (dew_str){ "", 0 };
    return value;
}

void dew_params_clear(const dew_route *route, void *params)
{
    const dew_type *type = route->params();
    memset(params, 0, type->size);
    for (unsigned i = 0; i < type->field_count; i++)
        if (type->fields[i].kind == DEW_KIND_STR && !type->fields[i].optional)
            *(dew_str *)(void *)((char *)params + type->fields[i].offset) = (dew_str){ "", 0 };
}

int dew_match_params(const dew_match *match, dew_arena *arena, const dew_route *route, void *params, dew_error *error)
{
    const dew_type *type = route->params();
    dew_params_clear(route, params);
    for (unsigned i = 0; i < type->field_count; i++) {
        const dew_field *field = &type->fields[i];
        int index = path_index(match, dew_field_name(field));
        dew_str text;
        if (index >= 0) {
            text = match->values[index];
        } else {
            int code = dew_match_query(match, arena, dew_field_name(field), &text);
            if (code == DEW_E_NOT_FOUND)
                continue;
            if (code != 0)
                return dew_error_set(error, code, "%s: not well-formed", field->name);
        }
        dew_error inner;
        int code = dew_field_read(arena, field, text, params, &inner);
        if (code == DEW_E_NOMEM)
            return code;
        if (code != 0 && index >= 0)
            return dew_error_set(error, DEW_E_NOT_FOUND, "no page at %.*s", DEW_STR_FMT(match->location));
        if (code != 0)
            return dew_error_set(error, DEW_E_INVALID, "%s", inner.message);
    }
    return 0;
}

/* ---- writing ---- */

static bool is_zero(const dew_field *field, const char *member)
{
    if (field->optional)
        return !*(const bool *)member;
    switch (field->kind) {
    case DEW_KIND_STR:
    case DEW_KIND_BYTES:
        return ((const dew_str *)(const void *)member)->len == 0;
    case DEW_KIND_I64:
    case DEW_KIND_TIME:
        return *(const int64_t *)(const void *)member == 0;
    case DEW_KIND_F64:
        return *(const double *)(const void *)member == 0;
    case DEW_KIND_BOOL:
        return !*(const bool *)member;
    default: /* i32, enum */
        return *(const int32_t *)(const void *)member == 0;
    }
}

/* Appends the field's text, percent-encoded. The text is written at the end of `out` first and encoded from there. */
static int put_value(dew_buf *out, const dew_field *field, const void *params)
{
    size_t from = out->len;
    const char *member = (const char *)params + field->offset + field->value_offset;
    if (dew_text_write(out, field->type(), member) != 0)
        return out->error != 0 ? out->error : DEW_E_INVALID;
    size_t len = out->len - from;
    if (dew_buf_reserve(out, len * 3) != 0)
        return out->error;
    memmove(out->ptr + out->len + len * 2, out->ptr + from, len); /* out of the way of its longer form */
    out->len = from;
    dew_url_encode(out, dew_str_make(out->ptr + from + len * 3, len));
    return out->error;
}

static int put_path(dew_buf *out, const dew_route *route, const void *params, dew_error *error)
{
    const char *at = route->pattern;
    dew_str segment;
    if (at[1] == '\0')
        dew_buf_put_char(out, '/');
    while (next_segment(&at, &segment)) {
        dew_buf_put_char(out, '/');
        if (!is_param(segment)) {
            dew_url_encode(out, segment);
            continue;
        }
        const dew_field *field = dew_field_named(route->params(), dew_str_make(segment.ptr + 1, segment.len - 1));
        size_t from = out->len;
        if (field == NULL || put_value(out, field, params) != 0)
            return out->error != 0 ? out->error
                                   : dew_error_set(error, DEW_E_INVALID, "address of %s: %.*s cannot be written",
                                                   route->name, DEW_STR_FMT(segment));
        dew_str written = dew_str_make(out->ptr + from, out->len - from);
        if (written.len == 0 || dew_str_eq(written, DEW_S(".")) || dew_str_eq(written, DEW_S("..")))
            return dew_error_set(error, DEW_E_INVALID, "address of %s: %s must not be empty, \".\" or \"..\"",
                                 route->name, field->name);
    }
    return out->error;
}

int dew_route_write(dew_buf *out, dew_str prefix, const dew_route *route, const void *params, dew_error *error)
{
    dew_buf_put_str(out, prefix);
    int code = put_path(out, route, params, error);
    const dew_type *type = route->params();
    char mark = '?';
    for (unsigned i = 0; code == 0 && i < type->field_count; i++) {
        const dew_field *field = &type->fields[i];
        if (param_index(route->pattern, dew_field_name(field)) >= 0 ||
            is_zero(field, (const char *)params + field->offset))
            continue;
        dew_buf_put_char(out, mark);
        dew_url_encode(out, dew_field_name(field));
        dew_buf_put_char(out, '=');
        if (put_value(out, field, params) != 0)
            code = out->error != 0 ? out->error
                                   : dew_error_set(error, DEW_E_INVALID, "address of %s: %s cannot be written",
                                                   route->name, field->name);
        mark = '&';
    }
    return code != 0 ? code : out->error;
}
