/* stream.server.c - stations: near, far, and one that nobody reaches at the first try. */
#include "stream.server.h"

#include "stream.h"

static int load_station(dew_scope *scope, const station *of, report *out)
{
    const bool is_near = dew_str_eq(of->name, S("Harbour")), is_far = dew_str_eq(of->name, S("Summit"));
    out->took_ms = is_near ? 400 : is_far ? 1500 : 900;
    const int code = dew_sleep(scope, out->took_ms);
    if (code != 0)
        return code;
    if (!is_near && !is_far && !of->again)
        return dew_fail(scope, DEW_E_NOT_FOUND, "Nobody answers there.");
    out->degrees = is_near ? 17 : is_far ? 4 : 11;
    return 0;
}

const dew_served stream_served[] = {
    DEW_SERVE_QUERY(ask_station, .load = load_station, .stream = true, .max_age = DEW_MS(0)),
    DEW_SERVED_END
};
