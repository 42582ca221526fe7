/* io_uv_watchdog.c - looks at the loops' marks now and then, from a thread of its own.
 *
 * A pair (label, count) that two looks find unchanged was unchanged in between, since the count only grows. (After 2^32
 * changes it comes round; that many between two looks, to the very number, do not happen.) */
#include "io/clock.h"
#include "io/io_uv_internal.h"
#include "io/watchdog.h"

#include <stdlib.h>

typedef struct watched {
    dew_loop *loop;
    const char *label; /* as of the last look */
    unsigned changes;
    unsigned reports; /* of this pair */
    int64_t since_ns; /* when this pair was first seen */
} watched;

struct dew_watchdog {
    dew_watchdog_options options;
    dew_uv_thread thread;
    dew_bell bell;   /* the loops' */
    uv_mutex_t lock; /* guards is_stopping, and that bell.is_asleep turns 0; a leaf */
    uv_cond_t changed;
    bool is_stopping;
    size_t count;
    watched watched[];
};

static void report(dew_watchdog *watchdog, const watched *one, int64_t now_ns, bool is_over)
{
    dew_watchdog_report told = { .label = one->label,
                                 .loop_index = dew_loop_index(one->loop),
                                 .held_ms = (now_ns - one->since_ns) / 1000000,
                                 .is_over = is_over };
    watchdog->options.on_held(watchdog->options.context, &told);
}

/* How long the loop is held when the next report is due: past the threshold, then after 1, 10, 100 s, … */
static int64_t report_after_ns(unsigned reports, int64_t threshold_ns)
{
    int64_t after_ns = reports != 0 ? 1000000000 : 0;
    while (reports-- > 1 && after_ns < INT64_MAX / 10)
        after_ns *= 10;
    return after_ns > threshold_ns ? after_ns : threshold_ns;
}

bool dew_watchdog_sample(dew_watchdog *watchdog, int64_t now_ns)
{
    bool is_busy = false;
    const int64_t threshold_ns = watchdog->options.threshold_ms * 1000000;
    for (size_t i = 0; i < watchdog->count; i++) {
        watched *one = &watchdog->watched[i];
        unsigned changes = __atomic_load_n(&one->loop->mark.changes, __ATOMIC_ACQUIRE);
        const char *label = __atomic_load_n(&one->loop->mark.label, __ATOMIC_RELAXED);
        is_busy |= label != NULL;
        if (changes != one->changes || label != one->label) {
            if (one->reports != 0)
                report(watchdog, one, now_ns, true);
            one->label = label;
            one->changes = changes;
            one->since_ns = now_ns;
            one->reports = 0;
        } else if (label != NULL && now_ns - one->since_ns > report_after_ns(one->reports, threshold_ns)) {
            one->reports++;
            report(watchdog, one, now_ns, false);
        }
    }
    return is_busy;
}

/* --- sleeping: see mark.c --- */

/* A loop has something to run. */
static void wake(dew_bell *bell)
{
    dew_watchdog *watchdog = dew_container_of(bell, dew_watchdog, bell);
    uv_mutex_lock(&watchdog->lock);
    __atomic_store_n(&bell->is_asleep, 0, __ATOMIC_RELAXED);
    uv_cond_signal(&watchdog->changed);
    uv_mutex_unlock(&watchdog->lock);
}

bool dew_watchdog_is_asleep(const dew_watchdog *watchdog)
{
    return __atomic_load_n(&watchdog->bell.is_asleep, __ATOMIC_ACQUIRE) != 0;
}

bool dew_watchdog_sleep(dew_watchdog *watchdog)
{
    __atomic_store_n(&watchdog->bell.is_asleep, 1, __ATOMIC_SEQ_CST);
    for (size_t i = 0; i < watchdog->count; i++) {
        const dew_mark *mark = &watchdog->watched[i].loop->mark;
        (void)__atomic_load_n(&mark->changes, __ATOMIC_SEQ_CST); /* what came before it is seen, its label too */
        if (__atomic_load_n(&mark->label, __ATOMIC_RELAXED) != NULL) {
            __atomic_store_n(&watchdog->bell.is_asleep, 0, __ATOMIC_RELAXED);
            return false;
        }
    }
    return true;
}

static void run(void *arg)
{
    dew_watchdog *watchdog = arg;
    const uint64_t period_ns = (uint64_t)watchdog->options.period_ms * 1000000;
    bool was_woken = false; /* it sleeps again after a period: not each handler of a busy time has to wake it */
    uv_mutex_lock(&watchdog->lock);
    while (!watchdog->is_stopping) {
        uv_mutex_unlock(&watchdog->lock); /* no callback while holding a lock */
        bool is_busy = dew_watchdog_sample(watchdog, dew_clock_now_ns());
        bool sleeps = !is_busy && !was_woken && dew_watchdog_sleep(watchdog);
        was_woken = sleeps;
        uv_mutex_lock(&watchdog->lock);
        if (!sleeps && !watchdog->is_stopping)
            uv_cond_timedwait(&watchdog->changed, &watchdog->lock, period_ns);
        while (sleeps && !watchdog->is_stopping && dew_watchdog_is_asleep(watchdog))
            uv_cond_wait(&watchdog->changed, &watchdog->lock);
    }
    uv_mutex_unlock(&watchdog->lock);
}

static void free_watchdog(dew_watchdog *watchdog)
{
    for (size_t i = 0; i < watchdog->count; i++)
        watchdog->watched[i].loop->mark.bell = NULL;
    uv_cond_destroy(&watchdog->changed);
    uv_mutex_destroy(&watchdog->lock);
    free(watchdog);
}

int dew_watchdog_start(const dew_watchdog_options *options, dew_watchdog **out)
{
    dew_watchdog *watchdog = calloc(1, sizeof *watchdog + options->loop_count * sizeof(watched));
    if (watchdog == NULL)
        return DEW_E_NOMEM;
    watchdog->options = *options;
    watchdog->options.loops = NULL; /* copied below */
    if (options->threshold_ms == 0)
        watchdog->options.threshold_ms = DEW_WATCHDOG_THRESHOLD_MS;
    if (options->period_ms == 0)
        watchdog->options.period_ms = DEW_WATCHDOG_PERIOD_MS;
    watchdog->count = options->loop_count;
    watchdog->bell.ring = wake;
    for (size_t i = 0; i < options->loop_count; i++)
        watchdog->watched[i].loop = options->loops[i];
    if (uv_mutex_init(&watchdog->lock) != 0) {
        free(watchdog);
        return DEW_E_NOMEM;
    }
    if (uv_cond_init(&watchdog->changed) != 0) {
        uv_mutex_destroy(&watchdog->lock);
        free(watchdog);
        return DEW_E_NOMEM;
    }
    for (size_t i = 0; i < options->loop_count; i++)
        options->loops[i]->mark.bell = &watchdog->bell;
    int error = options->without_thread ? 0 : dew_uv_thread_start(&watchdog->thread, "dew watchdog", run, watchdog);
    if (error != 0) {
        free_watchdog(watchdog);
        return error;
    }
    *out = watchdog;
    return 0;
}

void dew_watchdog_stop(dew_watchdog *watchdog)
{
    if (watchdog == NULL)
        return;
    if (!watchdog->options.without_thread) {
        uv_mutex_lock(&watchdog->lock);
        watchdog->is_stopping = true;
        uv_cond_signal(&watchdog->changed);
        uv_mutex_unlock(&watchdog->lock);
        dew_uv_thread_join(&watchdog->thread);
    }
    free_watchdog(watchdog);
}
