/* error.c - names, statuses and words of the error codes. Pure; any thread; native and wasm32. */
#include <dew/error.h>

#include "base/format.h"

#include <stdarg.h>

/* By index -code. Tables of their own: what the browser build does not ask for is not in it. */
#define NAME(name, value, status, text)   #name,
#define STATUS(name, value, status, text) status,
#define TEXT(name, value, status, text)   text,
#define CHECK(name, value, status, text)  _Static_assert((value) == -__COUNTER__ - 1, "codes have no gaps");
DEW_ERRORS(CHECK)
static const char *const names[] = { "OK", DEW_ERRORS(NAME) };
static const short statuses[] = { 200, DEW_ERRORS(STATUS) };
static const char *const texts[] = { "done", DEW_ERRORS(TEXT) };

#define CODES (sizeof names / sizeof *names)

static size_t index_of(int code)
{
    size_t index = code <= 0 ? 0 - (size_t)code : 1;
    return index < CODES ? index : 1;
}

const char *dew_error_name(int code)
{
    return names[index_of(code)];
}

int dew_error_status(int code)
{
    return statuses[index_of(code)];
}

const char *dew_error_text(int code)
{
    return texts[index_of(code)];
}

int dew_error_from_name(dew_str name)
{
#ifdef __wasm__
    /* their first letters and lengths tell them apart (a unit test sees to it), and are fewer bytes */
#define KEY(name, value, status, text) (uint16_t)(#name[0] << 8 | (sizeof(#name) - 1)),
    static const uint16_t keys[] = { DEW_ERRORS(KEY) };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (name.len > 0 && keys[i] == (name.ptr[0] << 8 | (name.len & 0xff)))
            return -1 - (int)i;
#else
    for (size_t i = 0; i < CODES; i++)
        if (dew_str_eq(name, dew_str_of(names[i])))
            return -(int)i;
#endif
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

void dew_error_redact(dew_error *error)
{
    char *line_end = memchr(error->message, '\n', sizeof error->message);
    if (line_end != NULL)
        *line_end = '\0';
    if (error->message[0] == '\0' || dew_error_status(error->code) >= 500)
        dew_error_set(error, error->code, "%s", dew_error_text(error->code));
}
