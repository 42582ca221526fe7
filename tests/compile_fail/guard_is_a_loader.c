/* A guard gets the rest of the way, not arguments. */
// expect: incompatible-(function-)?pointer-types
#include "types.h"
#include <dew/server.h>

#ifdef OK
static int guard(dew_scope *scope, dew_next *next)
{
    (void)scope;
    return dew_next_run(next, NULL);
}
#else
static int guard(dew_scope *scope, const board_key *key)
{
    (void)scope, (void)key;
    return 0;
}
#endif
static int load(dew_scope *scope, const board_key *key, task_list *out)
{
    (void)scope, (void)key, (void)out;
    return 0;
}
const dew_served served[] = { DEW_SERVE_QUERY(board_tasks, .load = load, .use = DEW_USE(guard)), DEW_SERVED_END };
