/* An endpoint's handler has the types that it is served with. */
// expect: incompatible-(function-)?pointer-types
#include "types.h"
#include <dew/server.h>

#ifdef OK
static int run(dew_scope *scope, const board_key *key, task_list *out)
#else
static int run(dew_scope *scope, const move *key, task_list *out)
#endif
{
    (void)scope, (void)key, (void)out;
    return 0;
}
const dew_served served[] = { DEW_SERVE_ENDPOINT("GET", "/api/boards/:board_id", board_key, task_list, .run = run), DEW_SERVED_END };
