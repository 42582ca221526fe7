/* log.h - what an application says to who runs it: one line at a time, to the program's callback or to standard error. */
#ifndef DEW_APP_LOG_H
#define DEW_APP_LOG_H

#include <dew/app.h>

/* Logs one line, without its end, printf-like (base/format.h); what is longer than 1023 bytes is cut. Any thread. */
void app_log(dew_app *app, dew_log_level level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A handler's failure, on its way to a visitor: left with what visitors may read, all of it in development. One whose status
 * is 500 or above is logged before, and carries the id that stands in that line (base/outcome.h). `name`: of the function or
 * the page. A redirect without an address becomes DEW_E_INTERNAL. Any thread. */
void app_failure_show(dew_app *app, dew_str name, dew_error *error);

#endif
