/* A query without parameters takes none. */
// expect: too many arguments
#include "types.h"

#ifdef OK
const task_list *f(void);
const task_list *f(void)
{
    return use_all_tasks();
}
#else
const task_list *f(void);
const task_list *f(void)
{
    return use_all_tasks((board_key){ S("b1") });
}
#endif
