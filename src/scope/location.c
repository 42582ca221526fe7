/* location.c - typed parameters of the place where the reader is. The accessors that note what they read are in scope.c.
 * On the scope's worker. */
#include "scope/scope.h"
#include "type/text.h"

#include <dew/location.h>

/* Does the pattern have a parameter of that name? */
static bool has_param(const char *pattern, const dew_field *field)
{
    for (const char *at = pattern; (at = strstr(at, "/:")) != NULL; at++)
        if (strncmp(at + 2, field->name, field->name_len) == 0 &&
            (at[2 + field->name_len] == '\0' || at[2 + field->name_len] == '/'))
            return true;
    return false;
}

/* Absent: zero, text "". */
static void clear(const dew_type *type, void *params)
{
    memset(params, 0, type->size);
    for (unsigned i = 0; i < type->field_count; i++)
        if (type->fields[i].kind == DEW_KIND_STR && !type->fields[i].optional)
            *(dew_str *)(void *)((char *)params + type->fields[i].offset) = (dew_str){ "", 0 };
}

int dew_scope_route_params(dew_scope *scope, const dew_route *route, void *params)
{
    const dew_type *type = route->params();
    clear(type, params);
    if (strcmp(dew_scope_pattern(scope), route->pattern) != 0)
        return dew_fail(scope, DEW_E_NOT_FOUND, "the reader is not at %s", route->pattern);
    for (unsigned i = 0; i < type->field_count; i++) {
        const dew_field *field = &type->fields[i];
        bool in_path = has_param(route->pattern, field);
        dew_str text = in_path ? dew_scope_param(scope, field->name) : dew_scope_query(scope, field->name);
        if (text.len == 0 && !in_path)
            continue;
        dew_error error = { 0 };
        char *member = (char *)params + field->offset;
        int code = dew_text_read(scope->arena, field->type(), text, member + field->value_offset, field->name, &error);
        if (code != 0)
            return dew_fail(scope, in_path ? DEW_E_NOT_FOUND : code, "%s", error.message);
        if (field->optional)
            *(bool *)(void *)member = true;
    }
    return 0;
}
