/* place.c - names of places inside values, for messages; finding fields. See type_internal.h. Pure. */
#include "base/format.h"
#include "type/type_internal.h"

#include <stdarg.h>

#ifdef __wasm__
int dew_code_only(dew_error *error, int code)
{
    if (error != NULL) {
        error->code = code;
        error->message[0] = '\0';
    }
    return code;
}
#else
/* Appends the path; returns the new length (never past the message). */
static size_t put_place(const dew_place *place, char *message, size_t len)
{
    if (place == NULL)
        return len;
    len = put_place(place->up, message, len);
    char *at = message + len;
    size_t cap = DEW_ERROR_MESSAGE_MAX - len;
    if (place->field.ptr == NULL)
        len += dew_format(at, cap, "[%zu]", place->index);
    else
        len += dew_format(at, cap, "%s%.*s", len > 0 ? "." : "", DEW_STR_FMT(place->field));
    return len < DEW_ERROR_MESSAGE_MAX ? len : DEW_ERROR_MESSAGE_MAX - 1;
}

static void set_message(const dew_place *place, const char *where, dew_error *error, const char *format, va_list args)
{
    char *message = error->message;
    size_t len = dew_format(message, DEW_ERROR_MESSAGE_MAX, "%s", where != NULL ? where : "");
    len = put_place(place, message, len < DEW_ERROR_MESSAGE_MAX ? len : DEW_ERROR_MESSAGE_MAX - 1);
    if (len > 0 && len + 2 < DEW_ERROR_MESSAGE_MAX) {
        memcpy(message + len, ": ", 3);
        len += 2;
    }
    dew_vformat(message + len, DEW_ERROR_MESSAGE_MAX - len, format, args);
}

int dew_place_fail(const dew_place *place, const char *where, dew_error *error, int code, const char *format, ...)
{
    if (error != NULL) {
        va_list args;
        va_start(args, format);
        error->code = code;
        set_message(place, where, error, format, args);
        va_end(args);
    }
    return code;
}

int dew_json_fail(dew_json_reader *reader, int code, const dew_place *place, const char *format, ...)
{
    if (reader->error != NULL) {
        va_list args;
        va_start(args, format);
        reader->error->code = code;
        set_message(place, reader->where, reader->error, format, args);
        va_end(args);
        size_t len = strlen(reader->error->message);
        dew_format(reader->error->message + len, DEW_ERROR_MESSAGE_MAX - len, " (byte %zu)",
                   (size_t)(reader->at - reader->start));
    }
    return code;
}

#endif

const dew_field *dew_field_find(const dew_type *type, dew_str name, size_t hint)
{
    for (size_t i = 0; i < type->field_count; i++, hint++) {
        if (hint >= type->field_count)
            hint = 0;
        const dew_field *field = &type->fields[hint];
        if (field->name_len == name.len && memcmp(field->name, name.ptr, name.len) == 0)
            return field;
    }
    return NULL;
}

const dew_field *dew_list_key_field(const dew_type *list)
{
    return dew_field_find(list->item(), dew_str_of(list->key_name), 0);
}
