/* log.c - see log.h. */
#include "app/log.h"

#include "app/app_internal.h"
#include "base/format.h"
#include "base/outcome.h"
#include "io/random.h"

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

/* A redirect that does not say where to is a fault of the program. */
static void redirect_check(dew_error *error)
{
    int status;
    dew_str location;
    if (error->code == DEW_E_REDIRECT && !dew_redirect_parse(error->message, &status, &location))
        dew_error_set(error, DEW_E_INTERNAL, "a redirect without an address: return what dew_redirect returns");
}

void app_failure_show(dew_app *app, dew_str name, dew_error *error)
{
    char id[DEW_ERROR_ID_LEN + 1];
    redirect_check(error);
    bool is_fault = dew_error_status(error->code) >= 500;
    if (is_fault) {
        bool is_ours = error->code == DEW_E_INTERNAL || error->code == DEW_E_IO || error->code == DEW_E_NOMEM;
        dew_error_id_make(id, dew_random_u64());
        app_log(app, is_ours ? DEW_LOG_ERROR : DEW_LOG_WARN, "error %s: %.*s: %s: %s", id, DEW_STR_FMT(name),
                dew_error_name(error->code), error->message[0] != '\0' ? error->message : dew_error_text(error->code));
    }
    if (!app->config.development || error->message[0] == '\0')
        dew_error_redact(error);
    if (is_fault)
        dew_error_id_put(error, id);
}
