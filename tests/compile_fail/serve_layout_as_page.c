/* A layout is no page. */
// expect: incompatible-(function-)?pointer-types
#include "types.h"
#include <dew/server.h>

static int guard(dew_scope *scope, dew_next *next)
{
    (void)scope;
    return dew_next_run(next, NULL);
}
static const dew_layout frame = { .parent = NULL };
#ifdef OK
const dew_served served[] = { DEW_SERVE_LAYOUT(frame, .use = DEW_USE(guard)), DEW_SERVED_END };
#else
const dew_served served[] = { DEW_SERVE_PAGE(frame, .use = DEW_USE(guard)), DEW_SERVED_END };
#endif
