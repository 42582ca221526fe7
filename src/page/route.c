/* route.c - where the reader is: see dew/link.h. */
#include <dew/link.h>

#include "page/render.h"
#include "view/memo.h"

static const dew_page_render *current(void)
{
    dew_memo_read_page();
    return dew_page_render_current();
}

dew_shown dew_use_route(void)
{
    const dew_page_render *render = current();
    const dew_page *page = render->page;
    return (dew_shown){ page != NULL ? dew_page_pattern(page) : "", render->match->location, page };
}

bool dew_page_is_shown(const dew_page *page)
{
    return current()->page == page;
}

static dew_str path_of(dew_str location)
{
    const char *end = memchr(location.ptr, '?', location.len);
    return end != NULL ? dew_str_make(location.ptr, (size_t)(end - location.ptr)) : location;
}

bool dew_link_is_active(const char *url)
{
    const dew_page_render *render = current();
    dew_str own = path_of(dew_str_of(url)), shown = path_of(render->match->location);
    size_t root = dew_router_prefix(render->router).len + 1;
    return dew_str_eq(own, shown) ||
           (own.len > root && dew_str_starts_with(shown, own) && shown.len > own.len && shown.ptr[own.len] == '/');
}

const char *dew_link_current(const char *url)
{
    return dew_str_eq(current()->match->location, dew_str_of(url)) ? "page" : NULL;
}
