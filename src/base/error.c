/* error.c - names, statuses and words of the error codes. Pure; any thread; native and wasm32. */
#include <dew/error.h>

#include "base/format.h"

#include <stdarg.h>

struct entry {
    int code, status;
    const char *name, *text;
};

#define ENTRY(name, value, status, text) { value, status, #name, text },
static const struct entry entries[] = { { 0, 200, "OK", "done" }, DEW_ERRORS(ENTRY) };
#undef ENTRY

static const struct entry *entry_of(int code)
{
    size_t index = code <= 0 ? 0 - (size_t)code : 1;
    return &entries[index < sizeof entries / sizeof *entries ? index : 1];
}

const char *dew_error_name(int code)
{
    return entry_of(code)->name;
}

int dew_error_status(int code)
{
    return entry_of(code)->status;
}

const char *dew_error_text(int code)
{
    return entry_of(code)->text;
}

int dew_error_from_name(dew_str name)
{
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (dew_str_eq(name, dew_str_of(entries[i].name)))
            return entries[i].code;
    return DEW_E_INTERNAL;
}

int dew_error_set(dew_error *error, int code, const char *format, ...)
{
    if (error != NULL) {
        va_list args;
        va_start(args, format);
        error->code = code;
        dew_vformat(error->message, sizeof error->message, format, args);
        va_end(args);
    }
    return code;
}
