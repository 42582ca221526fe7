/* A duration says its unit. */
// expect: dew_durations_are_written_DEW_MS
#include "types.h"
#include <dew/server.h>

static int load(dew_scope *scope, const dew_none *none, task_list *out)
{
    (void)scope, (void)none, (void)out;
    return 0;
}
#ifdef OK
const dew_served served[] = { DEW_SERVE_QUERY(all_tasks, .load = load, .timeout = DEW_MS(250)), DEW_SERVED_END };
#else
const dew_served served[] = { DEW_SERVE_QUERY(all_tasks, .load = load, .timeout = 250), DEW_SERVED_END };
#endif
