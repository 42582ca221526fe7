/* stopwatch.h - nanoseconds of processor time per repetition, median of many runs: what the small measurements share. */
#ifndef DEW_BENCH_STOPWATCH_H
#define DEW_BENCH_STOPWATCH_H

#include <stdlib.h>
#include <time.h>

#define STOPWATCH_RUNS 41

static inline double stopwatch_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline int stopwatch_by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Calls run(context, times) once to warm up, then STOPWATCH_RUNS times; the median of one repetition. */
static inline double stopwatch(void (*run)(void *context, int times), void *context, int times)
{
    double ns[STOPWATCH_RUNS];
    run(context, times);
    for (int i = 0; i < STOPWATCH_RUNS; i++) {
        double start = stopwatch_now_ns();
        run(context, times);
        ns[i] = (stopwatch_now_ns() - start) / times;
    }
    qsort(ns, STOPWATCH_RUNS, sizeof *ns, stopwatch_by_value);
    return ns[STOPWATCH_RUNS / 2];
}

#endif
