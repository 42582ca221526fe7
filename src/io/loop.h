/* loop.h - an event loop: one per worker thread. Waits for sockets, timers and messages, and calls their handlers.
 *
 * A loop belongs to the thread that runs it, and so does everything made on it (streams, timers, fibers): every
 * function of src/io that takes a loop or something made on one is called on that thread, or on the creating thread
 * before the loop first runs. The exceptions say "any thread": dew_loop_stop here, and posting (io/inbox.h).
 *
 * One turn: timers that are due → what was deferred → wait for sockets and messages, call their handlers → what was
 * deferred meanwhile. While it runs, SIGPIPE is blocked on its thread (and nowhere else), so that writing to a peer
 * that has gone raises no signal in a host program. */
#ifndef DEW_IO_LOOP_H
#define DEW_IO_LOOP_H

#include "base/list.h"

#include <dew/error.h>

typedef struct dew_loop dew_loop;

/* Zero takes the default. */
typedef struct dew_loop_options {
    size_t inbox_max;        /* messages waiting in the inbox: DEW_LOOP_INBOX_MAX */
    size_t fiber_max;        /* fibers alive at once: DEW_FIBER_COUNT_MAX (io/fiber.h) */
    size_t fiber_stack_size; /* bytes of address space each: DEW_FIBER_STACK_SIZE (io/fiber.h) */
    unsigned index;          /* its place among the workers, see dew_loop_index */
} dew_loop_options;

/* Messages from other threads that wait for one loop; past it senders get DEW_E_BUSY. */
#define DEW_LOOP_INBOX_MAX 65536

/* options may be NULL. The caller destroys it. */
int dew_loop_create(const dew_loop_options *options, dew_loop **out) DEW_MUST_USE;

/* Not while it runs. Closes what is still open on it (streams get on_close), drops messages that were not delivered
 * (io/inbox.h: their drop is called). Every fiber must have ended: asserted. Takes NULL. */
void dew_loop_destroy(dew_loop *loop);

/* Runs turns until dew_loop_stop; a stop that came before counts. The calling thread owns the loop meanwhile. */
void dew_loop_run(dew_loop *loop);

/* One turn. With `wait` it sleeps until there is something to do (or a stop), else it only looks. For tests and for the
 * start of a program. */
void dew_loop_turn(dew_loop *loop, bool wait);

/* Makes dew_loop_run return at the end of the present turn. Any thread, as long as the loop is not destroyed. */
void dew_loop_stop(dew_loop *loop);

/* The loop that the calling thread is running; NULL outside of one. */
dew_loop *dew_loop_current(void);

/* Milliseconds of the monotonic clock at the start of this turn (of this handler's round): a load, no system call. */
int64_t dew_loop_now_ms(const dew_loop *loop);

/* Which worker this is, as given in the options. */
unsigned dew_loop_index(const dew_loop *loop);

/* One pointer for whoever owns the loop (the app's worker object). */
void dew_loop_set_data(dew_loop *loop, void *data);
void *dew_loop_data(const dew_loop *loop);

/* Something of an optional module that lives as long as the loop (the connections of outgoing HTTP): found by the address
 * of something static of its module. Stands inside the module's object. */
typedef struct dew_loop_part {
    dew_link link; /* private */
    const void *key;
    void (*dispose)(struct dew_loop_part *part); /* by dew_loop_destroy, before what is open on the loop is closed */
} dew_loop_part;
void dew_loop_part_add(dew_loop *loop, dew_loop_part *part);
dew_loop_part *dew_loop_part_find(const dew_loop *loop, const void *key); /* NULL: none */

/* How long the loop waited since its creation, in steps of a millisecond, and how many turns it took. The rest was
 * work. */
typedef struct dew_loop_usage {
    int64_t idle_ms;
    uint64_t turns;
} dew_loop_usage;
dew_loop_usage dew_loop_usage_get(const dew_loop *loop);

/* Work put off to the end of the turn. Stands inside the caller's object; zeroed with `run` set is ready. */
typedef struct dew_deferred {
    dew_link link; /* private */
    void (*run)(struct dew_deferred *deferred);
} dew_deferred;

/* Runs it once at the end of this turn, after the handlers that are under way and before the loop waits again, in order
 * of calls. Deferring it again before it ran changes nothing. What a deferred call defers runs in the same turn. */
void dew_loop_defer(dew_loop *loop, dew_deferred *deferred);

/* As dew_loop_defer, but in the next turn: sockets and timers get their share in between. For what goes on and on. */
void dew_loop_defer_next(dew_loop *loop, dew_deferred *deferred);

/* Not to run after all. Safe when it was not deferred. */
void dew_deferred_cancel(dew_deferred *deferred);

/* For tests: from here on the loop's clock stands still and timers fire only through dew_loop_clock_advance, which
 * moves it and runs what became due, in order of time, then one turn without waiting. */
void dew_loop_clock_hold(dew_loop *loop);
void dew_loop_clock_advance(dew_loop *loop, int64_t ms);

#endif
