/* places.server.c - see places.h. */
#include "places.h"

#include <dew/server.h>

#include <stdatomic.h>

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

enum { WINDOWS = 3 };
static _Atomic int let_go_of[WINDOWS]; /* the last number of each: of number % WINDOWS */

static int wait_for(dew_scope *scope, int number)
{
    int code = number < 0 ? dew_fail(scope, DEW_E_INVALID, "no such number") : 0;
    while (code == 0 && atomic_load(&let_go_of[number % WINDOWS]) < number)
        code = dew_sleep(scope, 1);
    return code;
}

static int load_late_echo(dew_scope *scope, const late_at *key, given *out)
{
    out->s = key->s;
    return wait_for(scope, key->number);
}

static int load_late_refusal(dew_scope *scope, const late_at *key, given *out)
{
    (void)out;
    const int code = wait_for(scope, key->number);
    return code != 0 ? code : dew_fail(scope, DEW_E_NOT_FOUND, "%s", key->s.ptr);
}

static int run_let_go(dew_scope *scope, const late_at *args, dew_none *out)
{
    (void)out;
    if (args->number < 0)
        return dew_fail(scope, DEW_E_INVALID, "no such number");
    atomic_store(&let_go_of[args->number % WINDOWS], args->number);
    return 0;
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(echo, .load = load_echo),
    DEW_SERVE_ACTION(refuse, .run = run_refuse),
    DEW_SERVE_QUERY(late_echo, .load = load_late_echo, .stream = true),
    DEW_SERVE_QUERY(late_refusal, .load = load_late_refusal, .stream = true),
    DEW_SERVE_ACTION(let_go, .run = run_let_go),
    DEW_SERVE_ACTION(lead_on, .run = run_lead_on),
    DEW_SERVED_END
};

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &places_site, .assets = &places_assets, .served = DEW_SERVED(served) });
}
