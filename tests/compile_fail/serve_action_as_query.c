/* An action is not served as a query. */
// expect: increment_query_options
#include "types.h"
#include <dew/server.h>

#ifdef OK
static int run(dew_scope *scope, const dew_none *none, dew_none *out)
{
    (void)scope, (void)none, (void)out;
    return 0;
}
const dew_served served[] = { DEW_SERVE_ACTION(increment, .run = run), DEW_SERVED_END };
#else
static int run(dew_scope *scope, const dew_none *none, dew_none *out)
{
    (void)scope, (void)none, (void)out;
    return 0;
}
const dew_served served[] = { DEW_SERVE_QUERY(increment, .load = run), DEW_SERVED_END };
#endif
