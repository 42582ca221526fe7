/* outcome.c - redirects and refusals of handlers that have a scope (dew/outcome.h). On the scope's worker. */
#include "base/outcome.h"
#include "base/format.h"
#include "scope/scope.h"

#include <dew/outcome.h>

#include <stdarg.h>

int dew_redirect(dew_scope *scope, int status, const char *url)
{
    return dew_redirect_set(&scope->error, status, url);
}

int dew_deny(dew_scope *scope, int code, const char *format, ...)
{
    bool is_code = code < 0 && dew_error_from_name(dew_str_of(dew_error_name(code))) == code;
    if (!is_code || dew_error_status(code) < 400)
        return dew_fail(scope, DEW_E_INTERNAL, "dew_deny: %d is no code that refuses", code);
    va_list args;
    va_start(args, format);
    scope->error.code = code;
    dew_vformat(scope->error.message, sizeof scope->error.message, format, args);
    va_end(args);
    return code;
}
