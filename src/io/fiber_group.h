/* fiber_group.h - spawn several fibers and wait for all of them, from a fiber. Loop's thread only. */
#ifndef DEW_IO_FIBER_GROUP_H
#define DEW_IO_FIBER_GROUP_H

#include "io/fiber.h"

/* Stands on the waiter's stack. Private; zeroed is empty. */
typedef struct dew_fiber_group {
    dew_fiber *waiter;
    size_t running;
} dew_fiber_group;

/* As dew_fiber_spawn, counted. The group must live until dew_fiber_group_wait has returned. */
int dew_fiber_group_spawn(dew_fiber_group *group, dew_loop *loop, const char *name, dew_fiber_fn *fn,
                          void *arg) DEW_MUST_USE;

/* Returns when every fiber of the group has ended; at once when none runs. On a fiber. One waiter. */
void dew_fiber_group_wait(dew_fiber_group *group);

#endif
