/* What a guard sees has the type that it asked for. */
// expect: incompatible-(function-)?pointer-types
#include "types.h"
#include <dew/server.h>

int guard(dew_scope *scope, dew_next *next);
int guard(dew_scope *scope, dew_next *next)
{
    (void)scope;
#ifdef OK
    const board_key *key = dew_next_args(next, board_key);
#else
    const task *key = dew_next_args(next, board_key);
#endif
    return key != NULL ? dew_next_run(next, NULL) : DEW_E_DENIED;
}
