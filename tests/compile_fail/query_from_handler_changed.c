/* What a query gave is everybody's: nobody changes it. */
// expect: read-only|const-qualified
#include "types.h"
#include <dew/server.h>

int ask(dew_scope *scope);
int ask(dew_scope *scope)
{
    const task_list *tasks;
    int code = query_board_tasks(scope, (board_key){ S("b1") }, &tasks);
#ifndef OK
    if (code == 0)
        tasks->count = 0;
#endif
    return code;
}
