/* A query's value is of its own type. */
// expect: incompatible-pointer-types
#include "types.h"

#ifdef OK
typedef task_list value;
#else
typedef move value;
#endif
const value *f(void);
const value *f(void)
{
    return use_all_tasks();
}
