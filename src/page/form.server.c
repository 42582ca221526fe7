/* form.server.c - see form.h. */
#include "page/form.h"

#include "base/url.h"
#include "page/field.h"
#include "type/json.h"

/* Fields whose name is no argument, or one that text cannot give, are other people's. */
static int merge_field(dew_arena *arena, const dew_type *type, dew_str raw_name, dew_str raw, void *args, dew_str *name,
                       dew_error *error)
{
    if (dew_url_decode(arena, raw_name, true, name) != 0)
        return 0;
    const dew_field *field = dew_field_named(type, *name);
    if (field == NULL || !dew_field_is_scalar(field))
        return 0;
    dew_str text;
    int code = dew_url_decode(arena, raw, true, &text);
    if (code != 0)
        return dew_error_set(error, code, "%s: not well-formed text", field->name);
    return dew_field_read(arena, field, text, args, error);
}

int dew_form_args(dew_arena *arena, const dew_fn *fn, dew_str body, void *args, dew_str *field, dew_error *error)
{
    dew_str json, ignored;
    if (field == NULL)
        field = &ignored;
    *field = (dew_str){ "", 0 };
    int code = dew_url_find(arena, body, DEW_S("_args"), &json);
    if (code == DEW_E_NOT_FOUND)
        json = DEW_S("{}");
    else if (code != 0)
        return dew_error_set(error, code, "_args: not well-formed text");
    const dew_type *type = fn->args();
    dew_str name, raw, decoded;
    code = dew_json_read(arena, json, type, args, "_args", error);
    while (code == 0 && dew_url_next_pair(&body, &name, &raw)) {
        code = merge_field(arena, type, name, raw, args, &decoded, error);
        if (code != 0)
            *field = decoded;
    }
    return code;
}

dew_str dew_form_target(dew_arena *arena, dew_str body, dew_str fallback)
{
    dew_str to;
    if (dew_url_find(arena, body, DEW_S("_to"), &to) != 0 || to.len == 0 || to.ptr[0] != '/')
        return fallback;
    if (to.len > 1 && (to.ptr[1] == '/' || to.ptr[1] == '\\'))
        return fallback;
    for (size_t i = 0; i < to.len; i++) /* browsers drop tabs and newlines: "/\t/host"; and none may end a header */
        if ((unsigned char)to.ptr[i] < 0x20 || to.ptr[i] == 0x7f)
            return fallback;
    return to;
}
