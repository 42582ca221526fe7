/* prefetch.c - see prefetch.h. */
#include "app/prefetch.h"

#include "page/router.h"

static dew_view_fn *hook_of(void *context, const dew_layout *layout, const dew_page *page)
{
    const dew_app_config *config = context;
    if (layout == NULL && page == NULL)
        return config->on_prefetch;
    for (const dew_served *const *list = config->served; list != NULL && *list != NULL; list++)
        for (const dew_served *item = *list; item->options != NULL; item++)
            if ((page != NULL && item->page == page) || (layout != NULL && item->layout == layout))
                return ((const dew_page_served_options *)item->options)->on_prefetch;
    return NULL;
}

/* Is there one at all? */
static bool has_hooks(const dew_app_config *config)
{
    bool found = config->on_prefetch != NULL;
    for (const dew_served *const *list = config->served; list != NULL && *list != NULL; list++)
        for (const dew_served *item = *list; item->options != NULL; item++)
            found = found || ((item->page != NULL || item->layout != NULL) && item->fn == NULL &&
                              ((const dew_page_served_options *)item->options)->on_prefetch != NULL);
    return found;
}

int app_hooks_make(dew_app *app, dew_error *error)
{
    return has_hooks(&app->config) ? dew_router_plan(app->router, hook_of, &app->config, error) : 0;
}
