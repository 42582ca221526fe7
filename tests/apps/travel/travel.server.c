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

static const dew_served served[] = {
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
