/* warm.client.c - what a page is known to need, asked for before it is shown (client/prefetch.js): hooks and declared loads, in
 * the browser. Linked with applications that have some (tools/dew-wasm). */
#include "page/aside.h"
#include "page/prefetch.h"

enum { WARM_HOOKS = 1, WARM_SERVER = 2, WARM_CLIENT = 4 }; /* as in client/prefetch.js */

void dew_loads_declared_(void *args)
{
    (void)args; /* never called: who declares loads names it, so that this file is linked */
}

static bool is_client(const dew_fn *query)
{
    return query->kind != DEW_FN_QUERY;
}

static bool is_server(const dew_fn *query)
{
    return !is_client(query);
}

static dew_page_use_fn *use_of_host;
static int pending;

static const void *use_counted(void *context, const dew_fn *query, const void *args, const dew_error **error)
{
    const void *value = use_of_host(context, query, args, error);
    pending += value == NULL && *error == NULL;
    return value;
}

/* Returns how many of them have no value yet and have not failed. Asks, once, for what `what` says of the page at this address; the host hears of each query by its import `use`, and
 * asks again when it has got some. */
__attribute__((export_name("dew_warm"))) int dew_warm(const char *text, size_t len, unsigned what)
{
    dew_aside aside;
    dew_aside_begin(&aside, dew_str_make(text, len));
    use_of_host = aside.render.use;
    aside.render.use = use_counted;
    pending = 0;
    if (aside.match.code == 0) {
        dew_levels levels;
        dew_page_levels(dew_router_site(aside.render.router), aside.match.page, &levels);
        if (what & WARM_HOOKS)
            dew_levels_run_hooks(&aside.render, &levels);
        if (what & (WARM_SERVER | WARM_CLIENT))
            dew_levels_ask_loads(&aside.render, &levels,
                                 what & WARM_SERVER ? what & WARM_CLIENT ? NULL : is_server : is_client);
    }
    dew_aside_end(&aside);
    return pending;
}
