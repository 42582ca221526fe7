/* fiber.h - stackful coroutines: loaders and actions are straight-line C that may wait (design rule 10).
 *
 * A fiber belongs to its loop and never changes thread. Its stack is mapped memory with a guard page below, pooled per
 * loop. Fibers are for handlers that are running, never for idle connections: a parked one holds about 5 KB. No lock
 * may be held across a suspension. Switches are told to ASan, TSan and valgrind, and marked for the watchdog under the
 * fiber's name.
 *
 * Waiting, the one pattern:
 *
 *     start(&operation, on_done: sets operation.done, then dew_fiber_resume(operation.fiber));
 *     while (!operation.done)
 *         dew_fiber_suspend(); */
#ifndef DEW_IO_FIBER_H
#define DEW_IO_FIBER_H

#include "io/loop.h"

typedef struct dew_fiber dew_fiber;
typedef void dew_fiber_fn(void *arg);

/* Address space of one stack, guard page apart; only what is touched is resident. Room for SQLite and for user code. */
#define DEW_FIBER_STACK_SIZE ((size_t)256 * 1024)
/* Fibers alive at once on one loop. A stack is mapped when it is needed: 260 KB of address space, of which a fiber that
 * sleeps has touched some 10 KB, and two of the maps of which Linux grants a process 65,530 (vm.max_map_count). */
#define DEW_FIBER_COUNT_MAX 8192
/* Stacks kept ready after use; more are unmapped, and these too once no fiber has run for DEW_FIBER_IDLE_MS. */
#define DEW_FIBER_KEEP_MAX 64
#define DEW_FIBER_IDLE_MS 10000

/* Runs fn(arg) on a fiber at once, until it returns or first suspends; then this returns. `name` is shown by the
 * watchdog and lives as long as the program (a literal, a static descriptor). DEW_E_BUSY: fiber_max are alive, or as many
 * as the system has memory for; DEW_E_NOMEM: not even one. May be called from the loop's handlers and from fibers. */
int dew_fiber_spawn(dew_loop *loop, const char *name, dew_fiber_fn *fn, void *arg) DEW_MUST_USE;

/* The fiber that is running on this thread; NULL on the thread's own stack. */
dew_fiber *dew_fiber_current(void);

/* The loop of a fiber. */
dew_loop *dew_fiber_loop(const dew_fiber *fiber);

/* Leaves the running fiber until somebody resumes it. May also return for a resume meant for an earlier wait, so it
 * stands in a loop over the condition. Asserts that a fiber runs, and that no render pass does (rule 11). */
void dew_fiber_suspend(void);

/* Lets a fiber go on, at the end of this turn, from the loop's own stack: safe in any handler and in any fiber, and
 * when it is resumed already. Resumed while it is running, its next suspend returns at once. Only on its loop's
 * thread: asserted. The fiber must not have ended. */
void dew_fiber_resume(dew_fiber *fiber);

/* Lets the others run, and goes on in the next turn. */
void dew_fiber_yield(void);

/* Waits at least so long, other resumes notwithstanding. (With a deadline and a signal: scope/.) */
void dew_fiber_sleep_ms(int64_t ms);

/* One pointer for the owner; NULL at first. The scope that the fiber works for. */
void dew_fiber_set_data(dew_fiber *fiber, void *data);
void *dew_fiber_data(const dew_fiber *fiber);

/* Fibers alive on a loop (any thread), and how many more there may be. */
size_t dew_fiber_count(const dew_loop *loop);
size_t dew_fiber_free_count(const dew_loop *loop);

/* After DEW_E_BUSY: runs `deferred` once a fiber has ended, at the end of that turn; who waits longest comes first.
 * dew_deferred_cancel takes it back. */
void dew_fiber_await_free(dew_loop *loop, dew_deferred *deferred);

/* While `held` is true on this thread, suspending is a bug and asserts. The render pass sets it. */
void dew_fiber_hold(dew_loop *loop, bool held);

#endif
