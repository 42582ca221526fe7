/* A mutation's arguments are of its own type. */
// expect: incompatible type
#include "types.h"

#ifdef OK
dew_call f(void);
dew_call f(void)
{
    return call_move_task((move){ 1, S("done") });
}
#else
dew_call f(void);
dew_call f(void)
{
    return call_move_task((board_key){ S("b1") });
}
#endif
