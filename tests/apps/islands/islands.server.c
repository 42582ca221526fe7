/* islands.server.c - see islands.h. */
#include "islands.h"

#include <dew/server.h>

DEW_ASSETS(islands)

static int64_t counts[2]; /* of "a" and "b"; atomic access only */

static int64_t *count_of(const tally_key *of)
{
    return of->of.len != 1 ? NULL : &counts[of->of.ptr[0] == 'b'];
}

static int load_tally(dew_scope *scope, const tally_key *of, tally_value *out)
{
    int code = tally_changed_watch(scope);
    if (code == 0 && count_of(of) == NULL)
        return dew_fail(scope, DEW_E_NOT_FOUND, "nobody counts %s", of->of.ptr);
    if (code == 0)
        out->count = __atomic_load_n(count_of(of), __ATOMIC_ACQUIRE);
    return code;
}

static int load_motto(dew_scope *scope, const dew_none *none, tally_key *out)
{
    (void)scope, (void)none;
    out->of = S("As it is");
    return 0;
}

static int run_add_to(dew_scope *scope, const tally_key *of, dew_none *out)
{
    (void)out;
    if (count_of(of) == NULL)
        return dew_fail(scope, DEW_E_NOT_FOUND, "nobody counts %s", of->of.ptr);
    __atomic_fetch_add(count_of(of), 1, __ATOMIC_RELEASE);
    return tally_changed_publish(dew_scope_app(scope));
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(tally, .load = load_tally),
    DEW_SERVE_QUERY(motto, .load = load_motto, .stream = true),
    DEW_SERVE_ACTION(add_to, .run = run_add_to),
    DEW_SERVED_END,
};

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &islands_site, .assets = &islands_assets, .served = DEW_SERVED(served) });
}
