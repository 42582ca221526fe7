/* counter.server.c - reads the counter and adds to it. Changes the data first, then publishes. */
#include "counter.server.h"

#include "counter.h"

static int load_count(dew_scope *scope, const dew_none *none, count *out)
{
    (void)none;
    int failed = counter_changed_watch(scope);
    if (failed != 0)
        return failed;
    out->number = atomic_load(&((showcase *)dew_scope_context(scope))->count);
    return 0;
}

static int run_increment(dew_scope *scope, const dew_none *none, dew_none *out)
{
    (void)none, (void)out;
    atomic_fetch_add(&((showcase *)dew_scope_context(scope))->count, 1);
    return counter_changed_publish(dew_scope_app(scope));
}

const dew_served counter_served[] = {
    DEW_SERVE_QUERY(current_count, .load = load_count),
    DEW_SERVE_ACTION(increment, .run = run_increment),
    DEW_SERVED_END
};
