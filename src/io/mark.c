/* mark.c - what a loop is running now, for the watchdog on another thread to read. Written by the loop's thread
 * alone.
 *
 * A watchdog with nothing to watch sleeps, and a loop that was idle wakes it. Neither may miss the other: the loop
 * writes its mark and then looks whether the watchdog sleeps; the watchdog writes that it sleeps and then looks at the
 * marks. All four are sequentially consistent, so at least one of the two sees what the other wrote. */
#include "io/loop_internal.h"
#include "io/watchdog.h"

/* The label first: a reader that sees the new count sees the new label as well. */
static void mark(dew_mark *mark, const char *label)
{
    __atomic_store_n(&mark->label, label, __ATOMIC_RELAXED);
    __atomic_store_n(&mark->changes, mark->changes + 1, __ATOMIC_RELEASE);
}

/* From idle to busy. */
static void mark_first(dew_mark *mark, const char *label)
{
    __atomic_store_n(&mark->label, label, __ATOMIC_RELAXED);
    __atomic_store_n(&mark->changes, mark->changes + 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&mark->bell->is_asleep, __ATOMIC_SEQ_CST) != 0)
        mark->bell->ring(mark->bell);
}

const char *dew_watchdog_begin(dew_loop *loop, const char *label)
{
    const char *previous = loop->mark.label;
    if (previous == NULL && loop->mark.bell != NULL)
        mark_first(&loop->mark, label);
    else
        mark(&loop->mark, label);
    return previous;
}

void dew_watchdog_end(dew_loop *loop, const char *previous)
{
    mark(&loop->mark, previous);
}
