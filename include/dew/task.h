/* dew/task.h - work that runs beside requests for as long as the application does.
 *
 *     static int run_mailer(dew_scope *scope)              until it is told to end: sends what comes
 *     {
 *         int code = 0;
 *         while (code == 0) {
 *             DEW_WITH_SCOPE(round, scope, .own_memory = true) {         each round's memory is freed with it
 *                 const letter_list *due;
 *                 code = query_letters_due(round, &due);
 *                 …
 *             }
 *             if (code == 0)
 *                 code = dew_sleep(scope, 1000);
 *         }
 *         return code;
 *     }
 *     static int sweep(dew_scope *scope) { return invoke_forget_old(scope); }
 *
 *     .tasks = DEW_TASKS({ .name = "mailer", .run = run_mailer }, { .name = "sweep", .run = sweep, .every = DEW_MS(60000) }),
 *
 * A task runs on a fiber of one worker, in a scope of its own: it waits, asks and calls others as an action does, as nobody in
 * particular (no cookies, no headers; .identify sees none). It has no deadline. It starts once the application listens.
 *
 * Without .every a task is meant to run on. When it fails, or returns at all, it starts again after 250 ms, then 500 ms, and so on,
 * at most 30 s (each up to a quarter less, by chance); a run of 60 s starts the count over. Failures and returns are logged.
 *
 * With .every it runs at once and then every so often, counted from start to start; never beside itself: a start that comes
 * while it still runs is left out. A failure is logged, and the next start is the next.
 *
 * When the application drains, the scopes of its tasks end (DEW_END_DRAINING): what they wait for returns, dew_on_end is called, and
 * nothing is started any more. dew_app_stop waits until they have returned.
 *
 * Each task runs once per application, whatever the number of workers; and since a data directory is one program's at a time,
 * once per database. Metrics: dew_task_runs_total, dew_task_failures_total, dew_task_running, by name. */
#ifndef DEW_TASK_H
#define DEW_TASK_H

#ifdef __wasm__
#error "dew/task.h is for the server: include it from a *.server.c file"
#endif

#include <dew/duration.h>

struct dew_scope;

/* Tasks of one application. */
#define DEW_TASKS_MAX 256

typedef struct dew_task {
    const char *name;                    /* A-Z a-z 0-9 _ - . and at most 64; no two alike. NULL ends the list */
    int (*run)(struct dew_scope *scope); /* 0 or DEW_E_…, with dew_fail's words. What it allocates is freed when it returns */
    dew_duration every;                  /* from start to start, 1 ms at least; left out: it runs on */
} dew_task;

#define DEW_TASKS(...) (const dew_task[]){ __VA_ARGS__, { .name = 0 } }

#endif
