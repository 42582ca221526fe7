/* fiber_internal.h - stacks, contexts and the pool of a loop's fibers. Shared by fiber.c, the two ways to switch stacks
 * (fiber_fcontext.c, fiber_portable.c: one of them is built, see DEW_FIBER_PORTABLE) and fiber_group.c. */
#ifndef DEW_IO_FIBER_INTERNAL_H
#define DEW_IO_FIBER_INTERNAL_H

#include "io/fiber.h"
#include "io/fiber_group.h"
#include "io/timer.h"

#ifdef DEW_FIBER_PORTABLE
#include <setjmp.h>
#endif

/* A place where execution can go on: of a fiber, or of the thread that runs the loop. */
typedef struct dew_context {
#ifdef DEW_FIBER_PORTABLE
    sigjmp_buf at;
#else
    void *at; /* fcontext_t */
#endif
    const void *stack; /* lowest address; of the thread's own stack only what ASan told */
    size_t stack_size;
    void *asan_fake_stack;
    void *tsan_fiber;
} dew_context;

/* Makes `context`, whose stack is set, start in dew_context_enter at the first switch to it. 0 or DEW_E_NOMEM. */
int dew_context_make(dew_context *context) DEW_MUST_USE;

/* fiber.c: the first function on a new stack. Never returns. */
_Noreturn void dew_context_enter(dew_context *context);

/* Leaves `from`, goes on in `to`; returns when somebody switches back to `from`. */
void dew_context_jump(dew_context *from, dew_context *to);

typedef struct dew_fiber_pool {
    dew_link kept; /* fibers that ended, at most DEW_FIBER_KEEP_MAX */
    size_t kept_count, alive_count;
    uint64_t spawn_count, spawns_seen; /* in all; as of the last look of `idle` */
    dew_timer idle;                    /* runs while stacks are kept */
    dew_link waiting;                  /* of dew_deferred: run when a fiber has ended */
    size_t max;
    size_t stack_size;
    dew_fiber *current;
    dew_context thread; /* the loop's own stack, while a fiber runs */
    bool is_held;
} dew_fiber_pool;

void dew_fiber_pool_init(dew_loop *loop, size_t max, size_t stack_size); /* of the loop; 0: the defaults */
void dew_fiber_pool_dispose(dew_fiber_pool *pool);                       /* asserts that none is alive */

/* dew_fiber_spawn, with a group (or NULL) to be told of the end. */
int dew_fiber_spawn_in(dew_loop *loop, dew_fiber_group *group, const char *name, dew_fiber_fn *fn,
                       void *arg) DEW_MUST_USE;
void dew_fiber_group_leave(dew_fiber_group *group);

#endif
