/* A mutation runs in a transaction, not in a scope. */
// expect: incompatible-(function-)?pointer-types
#include "types.h"
#include <dew/server.h>

#ifdef OK
static int run(dew_tx *where, const move *m, dew_none *out)
#else
static int run(dew_scope *where, const move *m, dew_none *out)
#endif
{
    (void)where, (void)m, (void)out;
    return 0;
}
const dew_served served[] = { DEW_SERVE_MUTATION(move_task, .run = run), DEW_SERVED_END };
