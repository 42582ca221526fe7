/* options.c - see options.h. */
#include "page/options.h"

void dew_page_levels(const dew_site *site, const dew_page *page, dew_levels *out)
{
    const dew_layout *chain[DEW_LAYOUTS_MAX];
    const dew_layout *layout = page != NULL && page->layout != NULL ? page->layout : site->layout;
    int layouts = 0;
    for (; layout != NULL && layouts < DEW_LAYOUTS_MAX; layout = layout->parent)
        chain[layouts++] = layout;
    out->count = 0;
    out->items[out->count++] = &site->inherited;
    while (layouts > 0)
        out->items[out->count++] = &chain[--layouts]->inherited;
    if (page != NULL)
        out->items[out->count++] = &page->inherited;
}

dew_ssr dew_levels_ssr(const dew_levels *levels)
{
    dew_ssr all = { .mode = DEW_SSR_INHERITED };
    for (int i = levels->count - 1; i >= 0; i--) {
        const dew_ssr *own = &levels->items[i]->ssr;
        if (all.mode == DEW_SSR_INHERITED)
            all.mode = own->mode;
        if (all.allowed_rerenders.plus_one == 0)
            all.allowed_rerenders = own->allowed_rerenders;
        if (all.forbidden_rerenders.plus_one == 0)
            all.forbidden_rerenders = own->forbidden_rerenders;
        if (all.prefetch_loaders == DEW_SWITCH_INHERITED)
            all.prefetch_loaders = own->prefetch_loaders;
    }
    if (all.mode == DEW_SSR_INHERITED)
        all.mode = DEW_SSR_FULL;
    if (all.allowed_rerenders.plus_one == 0)
        all.allowed_rerenders = (dew_count)DEW_NO_LIMIT;
    if (all.forbidden_rerenders.plus_one == 0)
        all.forbidden_rerenders = (dew_count)DEW_COUNT(DEW_PAGE_PASSES_MAX);
    if (all.prefetch_loaders == DEW_SWITCH_INHERITED)
        all.prefetch_loaders = DEW_OFF;
    return all;
}

dew_prefetch dew_levels_prefetch(const dew_levels *levels)
{
    dew_prefetch all = { .on_navigate = DEW_POLICY_INHERITED };
    for (int i = levels->count - 1; i >= 0; i--) {
        const dew_prefetch *own = &levels->items[i]->prefetch;
        if (all.on_navigate == DEW_POLICY_INHERITED)
            all.on_navigate = own->on_navigate;
        if (all.on_hover == DEW_POLICY_INHERITED)
            all.on_hover = own->on_hover;
        if (all.hover_delay.biased_ms == 0)
            all.hover_delay = own->hover_delay;
        if (all.stale.biased_ms == 0)
            all.stale = own->stale;
    }
    if (all.on_navigate == DEW_POLICY_INHERITED)
        all.on_navigate =
            dew_levels_ssr(levels).mode == DEW_SSR_OFF ? DEW_PREFETCH_QUERIES : DEW_PREFETCH_STATE_AND_CLIENT_QUERIES;
    if (all.on_hover == DEW_POLICY_INHERITED)
        all.on_hover = DEW_PREFETCH_NONE;
    if (all.hover_delay.biased_ms == 0)
        all.hover_delay = (dew_duration)DEW_MS(DEW_HOVER_DELAY_MS);
    if (all.stale.biased_ms == 0)
        all.stale = (dew_duration)DEW_MS(DEW_PREFETCHED_STALE_MS);
    return all;
}

dew_view_fn *dew_levels_loading(const dew_levels *levels, int from)
{
    while (from >= 0 && levels->items[from]->loading == NULL)
        from--;
    return from >= 0 ? levels->items[from]->loading : NULL;
}

dew_view_fn *dew_levels_error(const dew_levels *levels, int from)
{
    while (from >= 0 && levels->items[from]->error == NULL)
        from--;
    return from >= 0 ? levels->items[from]->error : NULL;
}
