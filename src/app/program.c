/* program.c - dew_app_main: a process that is the application; and its log. */
#include "app/app_internal.h"
#include "app/args.h"
#include "base/format.h"
#include "io/signal.h"

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

static void stop_asked(void *context)
{
    dew_loop_stop(context);
}

/* Runs a loop on this thread that does nothing but wait for SIGTERM or SIGINT. */
static int wait_for_end(dew_error *error)
{
    dew_loop *loop = NULL;
    dew_signal_watch *watch = NULL;
    int code = dew_loop_create(NULL, &loop);
    if (code == 0)
        code = dew_signal_watch_open(loop, stop_asked, loop, &watch);
    if (code == 0)
        dew_loop_run(loop);
    else
        dew_error_set(error, code, "signals cannot be waited for: %s", dew_error_text(code));
    dew_signal_watch_close(watch);
    dew_loop_destroy(loop);
    return code;
}

int dew_app_main(int argc, char **argv, const dew_app_config *given)
{
    dew_app_config config = *given;
    dew_error error = { 0 };
    switch (dew_args_parse(argc, argv, &config, &error)) {
    case DEW_ARGS_HELP:
        printf("usage: %s [options]\n\n%s", argv[0], dew_args_usage());
        return 0;
    case DEW_ARGS_BAD:
        fprintf(stderr, "%s: %s\n", argv[0], error.message);
        return 2;
    case DEW_ARGS_RUN:
        break;
    }
    if (config.workers == 0)
        config.workers = (int)dew_worker_core_count();
    dew_app *app;
    if (dew_app_start(&config, &app, &error) != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], error.message);
        return 1;
    }
    printf("%s\n", dew_app_url(app));
    fflush(stdout);
    int code = wait_for_end(&error);
    if (code != 0)
        fprintf(stderr, "%s: %s\n", argv[0], error.message);
    dew_app_stop(app);
    return code == 0 ? 0 : 1;
}
