/* travel.client.c - what the browser itself answers. See travel.h. */
#include "travel.h"

static int load_spot(dew_client_run *run, const place_key *at, said *out)
{
    const dew_client_response *file = dew_client_get(run, dew_client_text(run, "/spot.json?%lld", (long long)at->id));
    if (file == NULL)
        return DEW_E_PENDING;
    return dew_client_read(run, file, said, out);
}
DEW_SERVE_CLIENT_QUERY(spot, .load = load_spot)

void warm_in_browser(void)
{
    prefetch_note((place_key){ 104 });
}

void far_view(void)
{
    el(h1) text("Far");
    el(p, .id = "spot") text(need(use_spot((place_key){ 6 }))->text);
}
