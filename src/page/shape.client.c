/* shape.client.c - where in its memory the host finds what the site's pages say of navigations (client/site.js): addresses
 * and offsets instead of functions, so that an application that has no more to say about it than that carries no more. */
#include <dew/page.h>

#include <stddef.h>

extern const dew_site *const dew_browser_site;

/* All but `site` in bytes: offsets inside a struct, those after `site_inherits` inside what is inherited. Exported by the
 * linker (tools/dew-wasm). */
const struct dew_shape {
    const dew_site *const *site;
    unsigned char site_pages, site_layout, site_inherits;
    unsigned char page_path, page_route, page_layout, page_islands, page_inherits;
    unsigned char route_pattern, layout_parent, layout_inherits;
    unsigned char prefetch, loads, on_prefetch, on_client_prefetch;
} dew_shape = {
    &dew_browser_site,
    offsetof(dew_site, pages),
    offsetof(dew_site, layout),
    offsetof(dew_site, inherited),
    offsetof(dew_page, path),
    offsetof(dew_page, route),
    offsetof(dew_page, layout),
    offsetof(dew_page, islands),
    offsetof(dew_page, inherited),
    offsetof(dew_route, pattern),
    offsetof(dew_layout, parent),
    offsetof(dew_layout, inherited),
    offsetof(dew_inherited, prefetch),
    offsetof(dew_inherited, loads),
    offsetof(dew_inherited, on_prefetch),
    offsetof(dew_inherited, on_client_prefetch),
};
