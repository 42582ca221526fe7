/* A loader has the types of its query. */
// expect: incompatible-(function-)?pointer-types
#include "types.h"
#include <dew/server.h>

#ifdef OK
static int load(dew_scope *scope, const board_key *key, task_list *out)
{
    (void)scope, (void)key, (void)out;
    return 0;
}
const dew_served served[] = { DEW_SERVE_QUERY(board_tasks, .load = load), DEW_SERVED_END };
#else
static int load(dew_scope *scope, const board_key *key, task_list *out)
{
    (void)scope, (void)key, (void)out;
    return 0;
}
const dew_served served[] = { DEW_SERVE_QUERY(all_tasks, .load = load), DEW_SERVED_END };
#endif
