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
