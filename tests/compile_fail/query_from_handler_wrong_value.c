/* A query's value comes back as a pointer to what everybody shares. */
// expect: incompatible-(function-)?pointer-types
#include "types.h"
#include <dew/server.h>

int ask(dew_scope *scope);
int ask(dew_scope *scope)
{
#ifdef OK
    const task_list *tasks;
#else
    const task *tasks;
#endif
    return query_board_tasks(scope, (board_key){ S("b1") }, &tasks);
}
