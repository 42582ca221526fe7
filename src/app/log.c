/* log.c - see log.h. */
#include "app/log.h"

#include "app/app_internal.h"
#include "base/format.h"

#include <stdarg.h>
#include <stdio.h>

void app_log(dew_app *app, dew_log_level level, const char *format, ...)
{
    static const char *const names[] = { "debug", "info", "warning", "error" };
    char message[1024];
    va_list args;
    va_start(args, format);
    dew_vformat(message, sizeof message, format, args);
    va_end(args);
    if (app->config.log != NULL)
        app->config.log(app->config.log_context, level, message);
    else
        fprintf(stderr, "dew: %s: %s\n", names[level], message);
}

void app_failure_show(dew_app *app, const char *name, dew_error *error)
{
    if (error->code == DEW_E_INTERNAL || error->code == DEW_E_IO)
        app_log(app, DEW_LOG_ERROR, "%s: %s", name,
                error->message[0] != '\0' ? error->message : dew_error_text(error->code));
    if (!app->config.development || error->message[0] == '\0')
        dew_error_redact(error);
}
