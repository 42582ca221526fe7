/* loop_internal.h - the part of a loop that does not depend on what waits for the sockets: timers, deferred calls,
 * inbox, fibers, the watchdog's mark. An implementation embeds it first.
 *
 * Which implementation is behind the door is decided at link time: io_uv*.c is one, the simulator's io_sim*.c will be
 * the other; all other files of src/io belong to both. */
#ifndef DEW_IO_LOOP_INTERNAL_H
#define DEW_IO_LOOP_INTERNAL_H

#include "io/fiber_internal.h"
#include "io/loop.h"
#include "io/mailbox_internal.h"
#include "io/wheel_internal.h"

/* How a loop wakes a watchdog that sleeps while all loops are idle (mark.c). */
typedef struct dew_bell {
    unsigned is_asleep;                   /* atomic access only */
    void (*ring)(struct dew_bell *bell);  /* any thread; only one of those that find it asleep does something */
} dew_bell;

/* What the watchdog reads from its own thread. Label and count are atomic; the count changes with every change of the
 * label. */
typedef struct dew_mark {
    const char *label; /* NULL: idle */
    unsigned changes;
    dew_bell *bell; /* NULL: no watchdog; set while the loop does not run */
} dew_mark;

struct dew_loop {
    dew_wheel wheel;
    dew_link deferred, deferred_next;
    dew_link parts; /* of dew_loop_part */
    dew_io_mailbox inbox;
    dew_fiber_pool fibers;
    dew_mark mark;
    void *data;
    unsigned index;
    bool is_running;    /* within dew_loop_run, _turn or _destroy */
    bool is_clock_held; /* tests */
    int64_t held_now_ms;
    dew_loop_usage usage;
};

/* loop.c, for implementations. */
void dew_loop_core_init(dew_loop *loop, const dew_loop_options *options, int64_t now_ms);
void dew_loop_core_dispose(dew_loop *loop);      /* last: asserts that no fiber is alive */
void dew_loop_dispose_parts(dew_loop *loop);     /* first in dew_loop_destroy; raises no SIGPIPE meanwhile */
void dew_loop_run_deferred(dew_loop *loop);      /* at the end of a turn */
void dew_loop_run_deferred_next(dew_loop *loop); /* once per turn */
void dew_loop_run_inbox(dew_loop *loop);         /* when woken */
void dew_loop_drop_inbox(dew_loop *loop);        /* closes it */
void dew_loop_set_current(dew_loop *loop);       /* of this thread; NULL: none */

/* For assertions: the calling thread may touch what belongs to this loop. */
static inline bool dew_loop_is_mine(const dew_loop *loop)
{
    return !loop->is_running || dew_loop_current() == loop;
}

/* What an implementation must give. */
void dew_loop_wake(dew_loop *loop);      /* the inbox has messages, or a stop; any thread */
void dew_loop_want_turn(dew_loop *loop); /* deferred_next has something: do not wait */

#endif
