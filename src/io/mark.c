/* mark.c - what a loop is running now, for the watchdog on another thread to read. Written by the loop's thread
 * alone. */
#include "io/loop_internal.h"
#include "io/watchdog.h"

static void mark(dew_loop *loop, const char *label)
{
    /* the label first: a reader that sees the new count sees the new label as well */
    __atomic_store_n(&loop->mark.label, label, __ATOMIC_RELAXED);
    __atomic_store_n(&loop->mark.changes, loop->mark.changes + 1, __ATOMIC_RELEASE);
}

const char *dew_watchdog_begin(dew_loop *loop, const char *label)
{
    const char *previous = loop->mark.label;
    mark(loop, label);
    return previous;
}

void dew_watchdog_end(dew_loop *loop, const char *previous)
{
    mark(loop, previous);
}
