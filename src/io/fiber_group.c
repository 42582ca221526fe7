/* fiber_group.c - see fiber_group.h. */
#include "io/fiber_internal.h"

#include <assert.h>

int dew_fiber_group_spawn(dew_fiber_group *group, dew_loop *loop, const char *name, dew_fiber_fn *fn, void *arg)
{
    group->running++; /* first: it may end within the call */
    int error = dew_fiber_spawn_in(loop, group, name, fn, arg);
    if (error != 0)
        group->running--;
    return error;
}

void dew_fiber_group_leave(dew_fiber_group *group)
{
    assert(group->running != 0);
    if (--group->running == 0 && group->waiter != NULL)
        dew_fiber_resume(group->waiter);
}

void dew_fiber_group_wait(dew_fiber_group *group)
{
    assert(group->waiter == NULL && dew_fiber_current() != NULL);
    group->waiter = dew_fiber_current();
    while (group->running != 0)
        dew_fiber_suspend();
    group->waiter = NULL;
}
