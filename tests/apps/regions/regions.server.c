/* regions.server.c - see regions.h. */
#include "regions.h"

#include <dew/server.h>

static int is_mended; /* atomic access only */

static int load_reading(dew_scope *scope, const sensor *of, reading *out)
{
    if (of->number >= 200)
        return dew_fail(scope, DEW_E_INTERNAL, "the secret of sensor %d", of->number);
    if (of->number >= 100 && !__atomic_load_n(&is_mended, __ATOMIC_ACQUIRE))
        return dew_fail(scope, DEW_E_DENIED, "sensor %d is broken", of->number);
    out->degrees = 10 * of->number;
    return 0;
}

static int64_t gone; /* a bit for each sensor that was let go; atomic access only */

static int load_slow(dew_scope *scope, const sensor *of, reading *out)
{
    int code = 0;
    while (code == 0 && (__atomic_load_n(&gone, __ATOMIC_ACQUIRE) & (int64_t)1 << of->number) == 0)
        code = dew_sleep(scope, 1);
    if (code == 0 && of->number % 10 == 3)
        code = dew_fail(scope, DEW_E_DENIED, "sensor %d is broken", of->number);
    if (code == 0 && of->number % 10 == 9)
        code = dew_redirect(scope, 303, "/plain");
    out->degrees = 100 * of->number;
    return code;
}

static int run_let_go(dew_scope *scope, const sensor *of, dew_none *out)
{
    (void)scope, (void)out;
    __atomic_fetch_or(&gone, (int64_t)1 << of->number, __ATOMIC_RELEASE);
    return 0;
}

static int run_mend(dew_scope *scope, const dew_none *none, dew_none *out)
{
    (void)scope, (void)none, (void)out;
    __atomic_store_n(&is_mended, 1, __ATOMIC_RELEASE);
    return 0;
}

static int run_spoil(dew_scope *scope, const dew_none *none, dew_none *out)
{
    (void)scope, (void)none, (void)out;
    __atomic_store_n(&is_mended, 0, __ATOMIC_RELEASE);
    return 0;
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(read_sensor, .load = load_reading, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(slow_sensor, .load = load_slow, .stream = true),
    DEW_SERVE_ACTION(let_go, .run = run_let_go),
    DEW_SERVE_ACTION(mend, .run = run_mend),
    DEW_SERVE_ACTION(spoil, .run = run_spoil),
    DEW_SERVED_END
};

DEW_ASSETS(regions)

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &regions_site, .assets = &regions_assets, .served = DEW_SERVED(served) });
}
