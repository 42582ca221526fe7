/* stream.server.c - stations: near, far, and one whose keeper sleeps at first. Reports come from outside the program: that the keeper
 * has woken is told to whoever shows him (keeper_now), not to whoever has asked for a report. */
#include "stream.server.h"

#include "stream.h"

#include <stdatomic.h>

static _Atomic bool is_awake;

static int load_station(dew_scope *scope, const station *of, report *out)
{
    const bool is_near = dew_str_eq(of->name, S("Harbour")), is_far = dew_str_eq(of->name, S("Summit"));
    out->took_ms = is_near ? 400 : is_far ? 1500 : 900;
    const int code = dew_sleep(scope, out->took_ms);
    if (code != 0)
        return code;
    if (!is_near && !is_far && !atomic_load(&is_awake))
        return dew_fail(scope, DEW_E_NOT_FOUND, "Nobody answers there.");
    out->degrees = is_near ? 17 : is_far ? 4 : 11;
    return 0;
}

static int load_keeper(dew_scope *scope, const dew_none *none, keeper *out)
{
    (void)none;
    const int failed = keeper_told_watch(scope);
    if (failed != 0)
        return failed;
    out->awake = atomic_load(&is_awake);
    return 0;
}

static int run_tell_keeper(dew_scope *scope, const keeper *wanted, dew_none *out)
{
    (void)out;
    atomic_store(&is_awake, wanted->awake);
    return keeper_told_publish(dew_scope_app(scope));
}

const dew_served stream_served[] = {
    DEW_SERVE_QUERY(ask_station, .load = load_station, .stream = true, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(keeper_now, .load = load_keeper),
    DEW_SERVE_ACTION(tell_keeper, .run = run_tell_keeper),
    DEW_SERVED_END
};
