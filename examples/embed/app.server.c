/* app.server.c - a daemon with a main loop and threads of its own, and Dew beside them.
 *
 *     embed [--port N] [--data DIR]
 *
 * One thread measures and publishes; with --data another writes the logbook by mutations. Without it there is no
 * database file. The main thread does what daemons do: it waits for a signal. */
#include "station.h"

#include <dew/server.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

DEW_ASSETS(embed)
DEW_MIGRATIONS(embed)
extern const dew_site embed_site;

/* Guarded by lock. */
typedef struct station {
    pthread_mutex_t lock;
    int64_t number;
    double celsius;
    bool keeps_log;
    atomic_bool stopping;
    dew_app *app;
} station;

static reading read_now(station *s)
{
    pthread_mutex_lock(&s->lock);
    reading now = { s->number, s->celsius, s->keeps_log };
    pthread_mutex_unlock(&s->lock);
    return now;
}

static int load_latest(dew_scope *scope, const dew_none *none, reading *out)
{
    (void)none;
    int failed = measured_watch(scope);
    if (failed != 0)
        return failed;
    *out = read_now(dew_scope_context(scope));
    return 0;
}

static int load_logbook(dew_scope *scope, const dew_none *none, entry_list *out)
{
    (void)none;
    return dew_sql(scope, out, "SELECT id, number, celsius FROM entry ORDER BY id DESC LIMIT 10");
}

static int run_log(dew_tx *tx, const new_entry *e, dew_none *out)
{
    (void)out;
    return dew_exec(tx, "INSERT INTO entry (number, celsius) VALUES (?, ?)", e->number, e->celsius);
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(latest, .load = load_latest),
    DEW_SERVE_QUERY(logbook, .load = load_logbook),
    DEW_SERVE_MUTATION(log_entry, .run = run_log),
    DEW_SERVED_END
};

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* The program's own work: change the data, then publish. */
static void *measure(void *arg)
{
    station *s = arg;
    while (!atomic_load(&s->stopping)) {
        pthread_mutex_lock(&s->lock);
        s->number++;
        s->celsius = 18 + (double)(s->number * 7 % 50) / 10;
        pthread_mutex_unlock(&s->lock);
        if (measured_publish(s->app) != 0)
            fputs("embed: the page lags behind\n", stderr);
        pause_ms(500);
    }
    return NULL;
}

static void on_logged(void *context, const dew_mutated *result)
{
    (void)context;
    if (result->code != 0)
        fprintf(stderr, "embed: the logbook: %s\n", result->message);
}

static void *keep_log(void *arg)
{
    station *s = arg;
    while (!atomic_load(&s->stopping)) {
        reading now = read_now(s);
        if (dew_mutate(s->app, log_entry, on_logged, NULL, .number = now.number, .celsius = now.celsius) != 0)
            fputs("embed: the logbook is busy\n", stderr);
        pause_ms(1000);
    }
    return NULL;
}

static int usage(void)
{
    fputs("usage: embed [--port N] [--data DIR]\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static station s = { .lock = PTHREAD_MUTEX_INITIALIZER };
    dew_app_config config = {
        .site = &embed_site, .assets = &embed_assets, .served = DEW_SERVED(served), .context = &s
    };
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc)
            return usage();
        if (strcmp(argv[i], "--port") == 0)
            config.port = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--data") == 0)
            config.data_dir = argv[i + 1];
        else
            return usage();
    }
    if (config.data_dir != NULL) {
        config.migrations = embed_migrations;
        s.keeps_log = true;
    }

    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);

    dew_error error;
    if (dew_app_start(&config, &s.app, &error) != 0) {
        fprintf(stderr, "embed: %s\n", error.message);
        return 1;
    }
    printf("%s\n", dew_app_url(s.app));
    fflush(stdout);

    pthread_t measuring, logging;
    pthread_create(&measuring, NULL, measure, &s);
    if (s.keeps_log)
        pthread_create(&logging, NULL, keep_log, &s);
    int signal_number;
    sigwait(&ends, &signal_number);
    atomic_store(&s.stopping, true);
    pthread_join(measuring, NULL);
    if (s.keeps_log)
        pthread_join(logging, NULL);
    dew_app_stop(s.app);
    return 0;
}
