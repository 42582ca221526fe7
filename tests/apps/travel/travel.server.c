/* travel.server.c - see travel.h. */
#include "travel.h"

#include <dew/server.h>

DEW_ASSETS(travel)

static int load_item(dew_scope *scope, const place_key *at, said *out)
{
    out->text = dew_scope_fmt(scope, "item %lld", (long long)at->id);
    return 0;
}

static int load_note(dew_scope *scope, const place_key *at, said *out)
{
    out->text = dew_scope_fmt(scope, "note %lld", (long long)at->id);
    return 0;
}

static int load_deep(dew_scope *scope, const place_key *at, said *out)
{
    out->text = dew_scope_fmt(scope, "deep %lld", (long long)at->id);
    return 0;
}

static int load_member(dew_scope *scope, const place_key *at, said *out)
{
    (void)at, (void)out;
    return dew_redirect(scope, 303, dew_scope_url(scope, list, .sort = S("member")));
}

static int load_broken(dew_scope *scope, const place_key *at, said *out)
{
    (void)out;
    return dew_fail(scope, DEW_E_NOT_FOUND, "no place %lld", (long long)at->id);
}

static int run_act(dew_scope *scope, const dew_none *args, dew_none *out)
{
    (void)scope, (void)args, (void)out;
    return 0;
}

static int times_rung; /* atomic access only */

static int load_bell(dew_scope *scope, const dew_none *none, said *out)
{
    (void)none;
    out->text = dew_scope_fmt(scope, "rung %d", __atomic_load_n(&times_rung, __ATOMIC_ACQUIRE));
    return rung_watch(scope);
}

static int run_ring(dew_scope *scope, const dew_none *args, dew_none *out)
{
    (void)args, (void)out;
    __atomic_add_fetch(&times_rung, 1, __ATOMIC_ACQ_REL);
    return rung_publish(dew_scope_app(scope));
}

static void warm_on_the_server(void)
{
    prefetch_note((place_key){ 105 });
}

static const dew_served served[] = {
    DEW_SERVE_PAGE(levels, .on_prefetch = warm_on_the_server),
    DEW_SERVE_QUERY(bell, .load = load_bell),
    DEW_SERVE_ACTION(ring, .run = run_ring),
    DEW_SERVE_QUERY(member, .load = load_member),
    DEW_SERVE_QUERY(broken, .load = load_broken),
    DEW_SERVE_ACTION(act, .run = run_act),
    DEW_SERVE_QUERY(item, .load = load_item),
    DEW_SERVE_QUERY(note, .load = load_note),
    DEW_SERVE_QUERY(deep, .load = load_deep),
    DEW_SERVED_END,
};

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &travel_site, .assets = &travel_assets, .served = DEW_SERVED(served) });
}
