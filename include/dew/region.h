/* dew/region.h - parts of a page that wait, fail and start over by themselves, while the rest lives on.
 *
 *     static void forecast(void)
 *     {
 *         const weather *w = need(use_weather((place){ param("city") }));
 *         el(p) textf("%d degrees", w->degrees);
 *     }
 *     static void waiting(void) { el(p, .class = "skeleton") text("…"); }
 *     static void failed(void)
 *     {
 *         el(p) text(dew_page_error().message);
 *         el(a, .href = dew_here(), .on_click_do = DO(dew_retry, 0)) text("Try again");
 *     }
 *
 *     static void city_page(void)
 *     {
 *         el(h1) text(param("city"));
 *         region(.loading = waiting, .error = failed) forecast();
 *         client_only(waiting) map();
 *     }
 *
 * A query that failed is shown by the error view of the innermost region around its use; a query that need() waits for, by the
 * loading view, unless the server loads it before it answers. Whatever the region has drawn is taken back for that, and what it said
 * of the page (dew_title, dew/head.h) and to stores (dew/store.h). Views that
 * are left out are inherited: from the region around, then as dew/page.h says. Without a loading view nothing shows; without an
 * error view a plain one of Dew's. A page is a region inside its layouts, and a layout one inside those around it, by their fields
 * .loading and .error. What fails or waits in a loading or error view itself is the region's around.
 *
 * The response has the highest status of all that failed, unless a view that shows says another (dew_status); a redirect goes
 * before everything.
 *
 * need() leaves the function that it stands in, so what comes after a region in the same function would be left out with it: give
 * what waits a function of its own, as above. A view that handles the NULL of use_… itself waits for nothing.
 * Inside a render only. Native and wasm32. */
#ifndef DEW_REGION_H
#define DEW_REGION_H

#include <dew/page.h>
#include <dew/view.h>

/* What stands in for a region's content; NULL: inherited. */
typedef struct dew_region {
    dew_view_fn *loading;
    dew_view_fn *error; /* dew_page_error() tells what happened */
} dew_region;

/* A handler of events (.on_click_do = DO(dew_retry, 0)), and for other handlers to call: in a region's error view it loads anew the queries
 * of that region that failed (those in regions inside it, too), elsewhere all of the page that did; what is shown stays until they are there. Keeps the browser from following the link that it stands at, which without scripts does the same. */
void dew_retry(dew_event *event);

/* The address of the page being rendered, as text for a link to itself. Render arena. */
const char *dew_here(void);

/* The view cannot show what it was asked for: as a query that failed with this code. To be followed by `return`. Where no region around
 * has an error view, none inherited either, the server sends the page without content under the code's status, and the browser
 * renders it. `format` as dew_fmt; of a code whose status is 500 or above the visitor reads what the code means, the log the rest. */
void dew_view_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
#ifdef __wasm__
void dew_view_fail_(int code, const char *message);
#define dew_view_fail(code, ...) dew_view_fail_(code, dew_fmt(__VA_ARGS__))
#endif

/* ---- what one side alone renders ----
 * client_only(skeleton) { … }    the server draws skeleton() in its place, or nothing: client_only() { … }
 * server_only { … }              goes once the page is live
 * Hydration changes nothing: the browser takes the server's nodes over first. A whole page or layout: its view is one such block. */
#ifdef __wasm__
bool dew_client_only_(dew_view_fn *fallback);
bool dew_server_only_(void);
#else
__attribute__((always_inline, unused)) static inline bool dew_client_only_(dew_view_fn *fallback)
{
    if (fallback != NULL)
        fallback();
    return false; /* a constant: the body is not even compiled in */
}
#define dew_server_only_() true
#endif

/* ---- behind the macros ---- */
typedef struct dew_region_scope {
    dew_region views;
    bool is_needed;                    /* need() found nothing */
    bool is_view;                      /* what failed is a view, not a query */
    const dew_error *failed;           /* the first in here, which its error view tells */
    struct dew_region_scope *around;   /* NULL: of the whole render */
    const char *title;                 /* what it was, as the next three */
    struct dew_head_entry *head;
    int status;                        /* server only */
    struct dew_store_said *said;
    dew_view_mark_ mark;
} dew_region_scope;

/* region(.loading = a, .error = b) body →
 *     for (dew_region_scope scope __attribute__((cleanup(dew_region_end_))) = { .views = { .loading = a, .error = b } },
 *          *open = dew_region_begin_(&scope); open != NULL; open = NULL) body */
#define DEW_REGION_(scope, open, ...)                                                                                 \
    for (dew_region_scope scope __attribute__((cleanup(dew_region_end_))) = { .views = { __VA_ARGS__ } },             \
                          *open = dew_region_begin_(&scope);                                                          \
         open != NULL; open = NULL)
#define dew_region(...) DEW_REGION_(DEW_CAT(dew_region_, __COUNTER__), DEW_CAT(dew_open_, __COUNTER__), __VA_ARGS__)
#define DEW_ON_ONE_SIDE_(once, begin)  for (bool once = (begin); once; once = false)
#define dew_client_only(...)                                                                                          \
    DEW_ON_ONE_SIDE_(DEW_CAT(dew_once_, __COUNTER__),                                                                        \
              dew_client_only_(((struct { dew_view_fn *fallback; }){ __VA_ARGS__ }).fallback))
#define dew_server_only DEW_ON_ONE_SIDE_(DEW_CAT(dew_once_, __COUNTER__), dew_server_only_())

dew_region_scope *dew_region_begin_(dew_region_scope *scope);
void dew_region_end_(dew_region_scope *scope);

#ifndef DEW_NO_SHORT_NAMES
#define region(...)      dew_region(__VA_ARGS__)
#define client_only(...) dew_client_only(__VA_ARGS__)
#define server_only      dew_server_only
#endif

#endif
