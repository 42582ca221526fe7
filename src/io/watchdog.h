/* watchdog.h - names whoever holds a loop for over 20 ms (design rule 9).
 *
 * Each loop has a mark: the label of what it is running, and a count that changes with it. Marking is two stores and no
 * clock. The watchdog, on a thread of its own, looks at all marks every few milliseconds: a mark unchanged for longer
 * than the threshold is reported: when it passes it, after 1, 10, 100 s, …, and when it is over. src/io marks what it calls by itself
 * ("read", "timer", "message", …, and each fiber by its name); handlers may put a closer name on top.
 *
 * While every loop is idle it sleeps: the first loop that has something to run wakes it, one system call for all that is
 * run until it finds them idle again, at least a period later. */
#ifndef DEW_IO_WATCHDOG_H
#define DEW_IO_WATCHDOG_H

#include "io/loop.h"

/* What the loop is about to run. `label` lives as long as the program. Returns what was marked before, for _end. Loop's
 * thread. Must not span a suspension (a fiber marks itself again after it). */
const char *dew_watchdog_begin(dew_loop *loop, const char *label);
void dew_watchdog_end(dew_loop *loop, const char *previous);

typedef struct dew_watchdog dew_watchdog;

#define DEW_WATCHDOG_THRESHOLD_MS 20
#define DEW_WATCHDOG_PERIOD_MS 5

typedef struct dew_watchdog_report {
    const char *label;
    unsigned loop_index;
    int64_t held_ms; /* so far, or in all; as seen by sampling */
    bool is_over;    /* the loop is free again */
} dew_watchdog_report;

typedef struct dew_watchdog_options {
    dew_loop *const *loops; /* copied; none may run yet, and each lives until the watchdog is stopped */
    size_t loop_count;
    int64_t threshold_ms; /* 0: DEW_WATCHDOG_THRESHOLD_MS */
    int64_t period_ms;    /* 0: DEW_WATCHDOG_PERIOD_MS */
    bool without_thread;  /* tests: nothing looks but dew_watchdog_sample */
    void *context;
    void (*on_held)(void *context, const dew_watchdog_report *report); /* on the watchdog's thread */
} dew_watchdog_options;

int dew_watchdog_start(const dew_watchdog_options *options, dew_watchdog **out) DEW_MUST_USE;

/* One look at every mark, at the given time. Is any loop busy? The thread calls it; tests call it with times of their
 * own. */
bool dew_watchdog_sample(dew_watchdog *watchdog, int64_t now_ns);

/* Sleeps from here on, unless a loop is busy; then false. The thread calls it when a look found all idle. */
bool dew_watchdog_sleep(dew_watchdog *watchdog);
bool dew_watchdog_is_asleep(const dew_watchdog *watchdog);

/* Joins, frees; none of the loops runs any more. Takes NULL. */
void dew_watchdog_stop(dew_watchdog *watchdog);

#endif
