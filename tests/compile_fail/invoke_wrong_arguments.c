/* A mutation takes the arguments that it was declared with. */
// expect: incompatible type
#include "types.h"
#include <dew/server.h>

int change(dew_scope *scope);
int change(dew_scope *scope)
{
#ifdef OK
    return invoke_move_task(scope, (move){ 1, S("done") });
#else
    return invoke_move_task(scope, (board_key){ S("b1") });
#endif
}
