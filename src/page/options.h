/* options.h - what holds for a page: what the application, its layouts and the page itself say (dew/page.h), as one.
 *
 *     items[0]  the application (dew_site)        accumulates: hooks, loads, meta    ↓ from here on
 *     items[1]  outermost layout
 *       …       inner layouts, with a view or without
 *     items[n]  the page                          inherited: the first that says it  ↑ from here on
 *
 * Pure; both sides. In the browser what is not called is not linked. */
#ifndef DEW_PAGE_OPTIONS_H
#define DEW_PAGE_OPTIONS_H

#include <dew/page.h>

#define DEW_LAYOUTS_MAX 16 /* around one page */

/* Passes of a page that does not say (forbidden_rerenders). */
#define DEW_PAGE_PASSES_MAX 25
#define DEW_HOVER_DELAY_MS 30
#define DEW_PREFETCHED_STALE_MS 10000

/* What is said about one page, from the application inwards. Borrowed from site, layouts and page. */
typedef struct dew_levels {
    int count;
    const dew_inherited *items[DEW_LAYOUTS_MAX + 2];
} dew_levels;

/* page NULL: of an address that has none, and of the error page: the application and its layouts. Of more layouts than
 * DEW_LAYOUTS_MAX the outer ones are left out (which the render tells of). */
void dew_page_levels(const dew_site *site, const dew_page *page, dew_levels *out);

/* Field by field, with what holds when nobody says it: nothing in the result is "inherited", and no count left out but
 * allowed_rerenders, which is then DEW_NO_LIMIT. A page that is not rendered on the server (DEW_SSR_OFF) has no state to prefetch there:
 * its on_navigate is DEW_PREFETCH_QUERIES when nobody says it. */
dew_ssr dew_levels_ssr(const dew_levels *levels);
dew_prefetch dew_levels_prefetch(const dew_levels *levels);

/* The view for what waits, or failed, in levels->items[from]: its own, or that of the next one outwards that has one. NULL: none. */
dew_view_fn *dew_levels_loading(const dew_levels *levels, int from);
dew_view_fn *dew_levels_error(const dew_levels *levels, int from);

#endif
