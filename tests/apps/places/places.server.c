/* places.server.c - see places.h. */
#include "places.h"

#include <dew/server.h>

DEW_ASSETS(places)

/* Asked from /away it leads to the page of the text, from /broken it fails with the text. */
static int load_echo(dew_scope *scope, const given *key, given *out)
{
    const char *at = dew_scope_pattern(scope);
    dew_str asked = dew_scope_query(scope, "s");
    if (strcmp(at, "/away") == 0)
        return dew_redirect(scope, 303, dew_scope_url(scope, places, .s = asked));
    if (strcmp(at, "/broken") == 0)
        return dew_fail(scope, DEW_E_NOT_FOUND, "%s", asked.ptr);
    *out = *key;
    return 0;
}

static int run_refuse(dew_scope *scope, const given *args, dew_none *out)
{
    (void)out;
    return dew_deny(scope, DEW_E_UNPROCESSABLE, "refused: %s", args->s.ptr);
}

static int run_lead_on(dew_scope *scope, const given *args, dew_none *out)
{
    (void)out;
    return dew_redirect(scope, 303, dew_scope_url(scope, places, .s = args->s));
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(echo, .load = load_echo),
    DEW_SERVE_ACTION(refuse, .run = run_refuse),
    DEW_SERVE_ACTION(lead_on, .run = run_lead_on),
    DEW_SERVED_END
};

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &places_site, .assets = &places_assets, .served = DEW_SERVED(served) });
}
