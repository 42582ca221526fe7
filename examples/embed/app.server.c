/* app.server.c - a daemon with a main loop and threads of its own, and Dew beside them.
 *
 *     embed [--port N] [--data DIR]
 *
 * One thread measures and publishes; with --data another writes the logbook by mutations. Without it there is no
 * database file. The main thread does what daemons do: it waits for a signal.
 *
 * Dew runs the loaders and actions below on threads of its own, so what they share with the daemon is guarded. It
 * installs no signal handler, never exits, and hands each line that it would log to the daemon. */
#include "station.h"

#include <dew/server.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

DEW_ASSETS(embed)
DEW_MIGRATIONS(embed)
extern const dew_site embed_site;

#define MEASURE_MS 500
#define LOG_MS     1000

typedef struct station {
    bool keeps_log; /* set before any thread starts */
    dew_app *app;   /* set before our threads start; in Dew's handlers dew_scope_app gives it */

    pthread_mutex_t lock;  /* guards what follows; held for moments, never while calling Dew */
    pthread_cond_t ending; /* is_ending has become true */
    bool is_ending, is_paused;
    int64_t number;
    double celsius;
} station;

/* ---- what the page may ask and do: on Dew's threads ---- */

static reading read_now(station *s)
{
    pthread_mutex_lock(&s->lock);
    reading now = { s->number, s->celsius, s->is_paused, s->keeps_log };
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

static int run_set_pause(dew_scope *scope, const pausing *wanted, dew_none *out)
{
    (void)out;
    station *s = dew_scope_context(scope);
    pthread_mutex_lock(&s->lock);
    s->is_paused = wanted->on;
    pthread_mutex_unlock(&s->lock);
    return measured_publish(dew_scope_app(scope));
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
    DEW_SERVE_ACTION(set_pause, .run = run_set_pause),
    DEW_SERVE_QUERY(logbook, .load = load_logbook),
    DEW_SERVE_MUTATION(log_entry, .run = run_log),
    DEW_SERVED_END
};

static void log_line(void *context, dew_log_level level, const char *message)
{
    (void)context;
    if (level >= DEW_LOG_WARN)
        fprintf(stderr, "embed: %s\n", message);
}

/* ---- the daemon's own threads ---- */

/* Waits; false once the daemon ends. */
static bool wait_ms(station *s, long ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&s->lock);
    while (!s->is_ending && pthread_cond_timedwait(&s->ending, &s->lock, &until) == 0)
        continue;
    bool goes_on = !s->is_ending;
    pthread_mutex_unlock(&s->lock);
    return goes_on;
}

/* Changes the data, then publishes: whoever looks sees the new reading. */
static void *measure(void *arg)
{
    station *s = arg;
    do {
        pthread_mutex_lock(&s->lock);
        bool is_paused = s->is_paused;
        if (!is_paused) {
            s->number++;
            s->celsius = 18 + (double)(s->number * 7 % 50) / 10;
        }
        pthread_mutex_unlock(&s->lock);
        if (!is_paused && measured_publish(s->app) != 0)
            fputs("embed: the page lags behind\n", stderr);
    } while (wait_ms(s, MEASURE_MS));
    return NULL;
}

/* On a thread of Dew's, once the entry is on the disk, or has failed. */
static void on_logged(void *context, const dew_mutated *result)
{
    (void)context;
    if (result->code != 0)
        fprintf(stderr, "embed: the logbook: %s\n", result->message);
}

static void *keep_log(void *arg)
{
    station *s = arg;
    do {
        reading now = read_now(s);
        if (!now.is_paused &&
            dew_mutate(s->app, log_entry, on_logged, NULL, .number = now.number, .celsius = now.celsius) != 0)
            fputs("embed: the logbook is busy\n", stderr);
    } while (wait_ms(s, LOG_MS));
    return NULL;
}

/* ---- the program ---- */

static bool options_read(int argc, char **argv, dew_app_config *config)
{
    for (int i = 1; i < argc; i += 2) {
        const char *value = argv[i + 1]; /* the last one is NULL */
        char *end;
        if (value == NULL)
            return false;
        if (strcmp(argv[i], "--data") == 0) {
            config->data_dir = value;
        } else if (strcmp(argv[i], "--port") == 0) {
            config->port = (int)strtol(value, &end, 10);
            if (end == value || *end != '\0')
                return false;
        } else {
            return false;
        }
    }
    return true;
}

/* Until one of these signals comes. */
static int run(station *s, const sigset_t *ends)
{
    pthread_t measuring, logging;
    if (pthread_create(&measuring, NULL, measure, s) != 0)
        return 1;
    bool is_logging = s->keeps_log && pthread_create(&logging, NULL, keep_log, s) == 0;

    int signal_number;
    sigwait(ends, &signal_number);

    pthread_mutex_lock(&s->lock);
    s->is_ending = true;
    pthread_cond_broadcast(&s->ending);
    pthread_mutex_unlock(&s->lock);
    pthread_join(measuring, NULL);
    if (is_logging)
        pthread_join(logging, NULL);
    return s->keeps_log && !is_logging;
}

int main(int argc, char **argv)
{
    static station s = { .lock = PTHREAD_MUTEX_INITIALIZER };
    pthread_condattr_t steady; /* a clock that is set does not hurry or delay us */
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&s.ending, &steady);

    dew_app_config config = {
        .site = &embed_site,
        .assets = &embed_assets,
        .served = DEW_SERVED(served),
        .context = &s,
        .log = log_line,
    };
    if (!options_read(argc, argv, &config)) {
        fputs("usage: embed [--port N] [--data DIR]\n", stderr);
        return 2;
    }
    if (config.data_dir != NULL) {
        config.migrations = embed_migrations;
        s.keeps_log = true;
    }

    /* before any thread, Dew's too: signals wait for sigwait */
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
    int code = run(&s, &ends);
    dew_app_stop(s.app); /* after our threads: nothing of ours calls Dew any more */
    return code;
}
