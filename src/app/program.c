/* program.c - dew_app_main: a process that is the application. */
#include "app/app_internal.h"
#include "app/args.h"
#include "app/drain.h"
#include "app/log.h"
#include "base/format.h"
#include "io/signal.h"

#include <stdio.h>
#include <stdlib.h>

/* How long the process waits for handlers that go on though their scopes have ended, once the drain's own time is over. */
#define PATIENCE_MS 5000

/* A loop on this thread that does nothing but wait for SIGTERM, SIGINT or SIGHUP. */
typedef struct end_watch {
    dew_loop *loop;
    dew_signal_watch *signals;
    unsigned count; /* of signals that came */
    dew_timer patience;
    bool is_patience_lost;
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

static void patience_lost(dew_timer *timer)
{
    end_watch *end = dew_container_of(timer, end_watch, patience);
    end->is_patience_lost = true;
    dew_loop_stop(end->loop);
}

/* From the first signal to the last worker's end. A second signal ends what is under way; a third, or PATIENCE_MS, the
 * waiting for what does not look at its end: false. */
static bool drain(end_watch *end, dew_app *app)
{
    bool is_hurried = false;
    int64_t drain_ms = dew_duration_ms(app->config.drain, DEW_APP_DRAIN_MS);
    dew_timer_init(&end->patience, end->loop, patience_lost);
    if (drain_ms < DEW_TIMER_DELAY_MAX_MS)
        dew_timer_start(&end->patience, drain_ms + PATIENCE_MS);
    app_drain(app, drained, end->loop);
    while (!app_is_drained(app) && !end->is_patience_lost && end->count < 3) {
        dew_loop_run(end->loop);
        if (end->count > 1 && !is_hurried) {
            is_hurried = true;
            app_drain_hurry(app);
            dew_timer_start(&end->patience, PATIENCE_MS);
        }
    }
    dew_timer_stop(&end->patience);
    return app_is_drained(app);
}

/* Threads of the program's own code still run: nothing can be freed under them. What was acknowledged is on the disk. */
_Noreturn static void leave_them(dew_app *app)
{
    app_log(app, DEW_LOG_ERROR,
            "handlers go on though their scopes have ended (dew_offload without dew_scope_is_ended?): "
            "the process ends without them");
    fflush(NULL);
    dew_process_leave(0);
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
        if (!drain(&end, app))
            leave_them(app);
        dew_app_stop(app);
    } else {
        fprintf(stderr, "%s: %s\n", name, error.message);
    }
    end_watch_close(&end);
    return code == 0 ? 0 : 1;
}

/* Under `dew dev` pages load its script, which reloads them (src/cli/front.c serves it). The head is never freed: there is
 * one, for as long as the process lives. */
static void join_dev(dew_app_config *config, dew_site *site)
{
    static const char script[] = "<script src=\"{/}_dew/dev.js\"></script>";
    const char *given = config->site->head != NULL ? config->site->head : "";
    size_t cap = sizeof script + strlen(given);
    char *head = malloc(cap);
    if (head == NULL)
        return;
    dew_format(head, cap, "%s%s", script, given);
    *site = *config->site;
    site->head = head;
    config->site = site;
    config->development = true;
}

int dew_app_main(int argc, char **argv, const dew_app_config *given)
{
    dew_app_config config = *given;
    dew_args_hosts hosts;
    dew_error error = { 0 };
    dew_site site;
    dew_standard_files_ensure();
    if (argc > 1 && strcmp(argv[1], "--under-dew-dev") == 0) { /* what only `dew dev` says, and first */
        if (config.site != NULL)
            join_dev(&config, &site);
        argv[1] = argv[0];
        argv++, argc--;
    }
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
