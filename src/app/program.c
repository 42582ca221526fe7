/* program.c - dew_app_main: a process that is the application. */
#include "app/app_internal.h"
#include "app/args.h"
#include "app/drain.h"
#include "io/signal.h"

#include <stdio.h>

/* A loop on this thread that does nothing but wait for SIGTERM, SIGINT or SIGHUP. */
typedef struct end_watch {
    dew_loop *loop;
    dew_signal_watch *signals;
    unsigned count; /* of signals that came */
} end_watch;

static void stop_asked(void *context)
{
    end_watch *end = context;
    end->count++;
    dew_loop_stop(end->loop);
}

static void drained(void *context)
{
    dew_loop_stop(context);
}

/* From the first signal to the last worker's end; a second signal ends the waiting. */
static void drain(end_watch *end, dew_app *app)
{
    bool is_hurried = false;
    app_drain(app, drained, end->loop);
    while (!app_is_drained(app)) {
        dew_loop_run(end->loop);
        if (end->count > 1 && !is_hurried) {
            is_hurried = true;
            app_drain_hurry(app);
        }
    }
}

static int end_watch_open(end_watch *end, dew_error *error)
{
    int code = dew_loop_create(NULL, &end->loop);
    if (code == 0)
        code = dew_signal_watch_open(end->loop, stop_asked, end, &end->signals);
    return code == 0 ? 0 : dew_error_set(error, code, "signals cannot be waited for: %s", dew_error_text(code));
}

static void end_watch_close(end_watch *end)
{
    dew_signal_watch_close(end->signals);
    dew_loop_destroy(end->loop);
}

/* Serves until a signal; the exit code. The signals are watched before anybody hears that it is ready. */
static int run(const char *name, const dew_app_config *config)
{
    dew_error error = { 0 };
    dew_app *app = NULL;
    end_watch end = { 0 };
    int code = end_watch_open(&end, &error);
    if (code == 0)
        code = dew_app_start(config, &app, &error);
    if (code == 0) {
        printf("%s\n", dew_app_url(app));
        fflush(stdout);
        while (end.count == 0)
            dew_loop_run(end.loop);
        drain(&end, app);
        dew_app_stop(app);
    } else {
        fprintf(stderr, "%s: %s\n", name, error.message);
    }
    end_watch_close(&end);
    return code == 0 ? 0 : 1;
}

int dew_app_main(int argc, char **argv, const dew_app_config *given)
{
    dew_app_config config = *given;
    dew_args_hosts hosts;
    dew_error error = { 0 };
    dew_standard_files_ensure();
    switch (dew_args_parse(argc, argv, &config, &hosts, &error)) {
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
        config.workers = dew_args_workers(dew_worker_core_count());
    return run(argv[0], &config);
}
