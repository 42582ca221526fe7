/* prefetch.c - see prefetch.h and dew/query.h. */
#include "page/prefetch.h"

const void *dew_query_fetch(const dew_fn *query, const void *args)
{
    dew_page_render *render = dew_page_render_current();
    bool kept = render->is_keeping;
    render->is_keeping = true;
    const void *value = dew_use(query, args);
    render->is_keeping = kept;
    return value;
}

void dew_query_prefetch(const dew_fn *query, const void *args)
{
    (void)dew_query_fetch(query, args);
}

void dew_levels_run_hooks(dew_page_render *render, const dew_levels *levels)
{
    (void)render;
    for (int i = 0; i < levels->count; i++) {
        const dew_inherited *level = levels->items[i];
        if (level->on_prefetch != NULL)
            level->on_prefetch();
        if (level->on_client_prefetch != NULL)
            level->on_client_prefetch();
    }
}

/* False: they are not known yet, or cannot be. */
static bool make_args(dew_page_render *render, const dew_load *load, void *args)
{
    if (load->args == NULL) { /* the address is read as that of a route with these parameters */
        const dew_route route = { .name = load->query->name, .params = load->query->args };
        return dew_match_params(render->match, render->view.arena, &route, args, NULL) == 0;
    }
    dew_region_scope own = { 0 }, *around = render->region; /* hears of need() and dew_view_fail() as well */
    int unmet = render->unmet_count;
    render->region = &own;
    load->args(args);
    render->region = around;
    return render->unmet_count == unmet && !own.is_needed && own.failed == NULL;
}

void dew_load_ask(dew_page_render *render, const dew_load *load)
{
    void *args = dew_arena_calloc(render->view.arena, 1, load->query->args()->size);
    if (args == NULL)
        dew_render_fail(&render->view, DEW_E_NOMEM);
    else if (make_args(render, load, args))
        dew_query_prefetch(load->query, args);
}

void dew_levels_ask_loads(dew_page_render *render, const dew_levels *levels, dew_load_wanted_fn *wanted)
{
    for (int i = 0; i < levels->count; i++)
        for (const dew_load *load = levels->items[i]->loads; load != NULL && load->query != NULL; load++)
            if (wanted == NULL || wanted(load->query))
                dew_load_ask(render, load);
}
