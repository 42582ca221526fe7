/* A query with parameters is not asked without. */
// expect: too few arguments
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
    return use_board_tasks();
}
#endif
