/* A query's parameters are of its own type. */
// expect: incompatible type
#include "types.h"

#ifdef OK
const task_list *f(void);
const task_list *f(void)
{
    return use_board_tasks((board_key){ S("b1") });
}
#else
const task_list *f(void);
const task_list *f(void)
{
    return use_board_tasks((move){ 1, S("done") });
}
#endif
