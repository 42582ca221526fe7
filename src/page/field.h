/* field.h - one field of a struct as text, for addresses and forms. Inside this room. */
#ifndef DEW_PAGE_FIELD_H
#define DEW_PAGE_FIELD_H

#include "base/format.h"
#include "type/text.h"

#ifdef __wasm__
/* In the browser the code is all there is, as in type/. sizeof: the words are looked at by the compiler, not evaluated. */
static inline int dew_code_only_(dew_error *error, int code)
{
    if (error != NULL)
        *error = (dew_error){ .code = code };
    return code;
}
#define dew_error_set(error, code, ...) ((void)sizeof(dew_format(NULL, 0, __VA_ARGS__)), dew_code_only_(error, code))
#endif

static inline dew_str dew_field_name(const dew_field *field)
{
    return dew_str_make(field->name, field->name_len);
}

/* The field of that name, or NULL. */
static inline const dew_field *dew_field_named(const dew_type *type, dew_str name)
{
    for (unsigned i = 0; i < type->field_count; i++)
        if (dew_str_eq(dew_field_name(&type->fields[i]), name))
            return &type->fields[i];
    return NULL;
}

/* Can text alone give its value? */
static inline bool dew_field_is_scalar(const dew_field *field)
{
    return field->kind != DEW_KIND_STRUCT && field->kind != DEW_KIND_LIST && field->kind != DEW_KIND_JSON;
}

/* Reads the field of *value; an optional one is then there. Errors as dew_text_read, beginning with the field's name. */
static inline int dew_field_read(dew_arena *arena, const dew_field *field, dew_str text, void *value, dew_error *error)
{
    char *member = (char *)value + field->offset;
    int code = dew_text_read(arena, field->type(), text, member + field->value_offset, field->name, error);
    if (code == 0 && field->optional)
        *(bool *)(void *)member = true;
    return code;
}

#endif
