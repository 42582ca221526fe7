/* render.h - one pass of a page's view: layouts around page, and what the view asks meanwhile (dew/page.h, dew_use).
 *
 *     outermost layout ── view() … dew_outlet() ─┐
 *                          page's layout ── view() … dew_outlet() ─┐
 *                                            page ── view()
 *
 * The same code on both sides. Where values come from is behind `use`: on the server the query table of page/loop.h,
 * in the browser the host's store (client/queries.js). A pass runs on one thread from begin to end and never suspends (rule 11).
 * What views get (values, parameters, formatted text) lives until the next pass begins, or longer. */
#ifndef DEW_PAGE_RENDER_H
#define DEW_PAGE_RENDER_H

#include "page/options.h"
#include "page/router.h"
#include "page/store.h"
#include "view/render.h"

#include <dew/region.h>

#define DEW_PAGE_ARGS_MAX 65536  /* bytes of one query's canonical arguments; as on the wire */

/* The value, or NULL: then it is pending, or failed and *error (alive until the pass ends) says how. */
typedef const void *dew_page_use_fn(void *context, const dew_fn *query, const void *args, const dew_error **error);
/* dew_query_seed. */
typedef void dew_page_seed_fn(void *context, const dew_fn *query, const void *args, const void *value);

/* What the visitor has sent of a cookie, undecoded; ptr NULL: nothing. Borrowed while the render lives. */
typedef dew_str dew_page_cookie_fn(void *context, const char *name);
/* A view has failed (dew_view_fail): notes the whole; what is left of it is for the visitor. */
typedef void dew_page_view_failed_fn(void *context, dew_error *error);

/* code 0: none. */
typedef struct dew_page_failure {
    int code;
    const char *message;
} dew_page_failure;

typedef struct dew_page_render {
    dew_render view;          /* first: the ambient render that view/ works with is this one */
    const dew_router *router; /* borrowed, as all of the next */
    const dew_match *match;
    dew_page_use_fn *use;
    dew_page_seed_fn *seed;   /* NULL: nothing is seeded now */
    void *use_context;        /* of use and seed */
#ifndef __wasm__
    dew_page_cookie_fn *cookie; /* NULL: nobody's are known */
    void *cookie_context;
    bool is_sent; /* given: a part of the answer has left, so that its head stands */
    int sent_status, late_status; /* if is_sent: its status; another one that views have said since, or 0 */
#endif
    dew_staged *staged;       /* of its owner; NULL: no store or cookie so far */
#ifndef __wasm__
    struct dew_store_said *said; /* stored.h */
#endif
    bool in_island;           /* what is being drawn is an island's (dew/island.h) */
    bool is_keeping;          /* what is used now goes with the page, whether or not a view uses it */
#ifndef __wasm__
    dew_page_view_failed_fn *view_failed;
#endif
    dew_page_failure shown;   /* what dew_page_error tells */
    dew_buf scratch;          /* addresses and arguments on their way into an arena */
    /* of the last pass */
    const char *title;        /* render arena; NULL: nothing said */
    int unmet_count;          /* grows with each use that has no value */
#ifndef __wasm__
    struct dew_head_entry *head; /* head.h */
    int status;               /* dew_status; 0: not said */
    bool is_again;            /* set by `use`: another pass follows, so nobody sees what this one draws instead of what waits */
    bool is_half;             /* for that reason a region has kept what it drew before it waited */
    const dew_error *failed;  /* what no region could show, or NULL */
    bool is_view_failure;     /* it is a view's, for which there is no error view */
#endif
    /* private to render.c and region.c */
    dew_region_scope *region; /* the innermost; NULL outside of views: hooks */
    const dew_page *page; /* NULL: none, but a view for what went wrong */
    dew_view_fn *inner;   /* inside all layouts */
    const dew_layout *chain[DEW_LAYOUTS_MAX]; /* from chain_at on, outermost first */
    int chain_at;
    bool has_outlet; /* what is running has called dew_outlet, or may not */
} dew_page_render;

/* The render whose views or hooks run; NULL outside of them. Any thread. */
static inline dew_page_render *dew_page_render_current(void)
{
    return (dew_page_render *)(void *)dew_render_current(); /* its first member */
}

/* Zeroes, and takes prefix and location from router and match. `match` may be filled later, before the first pass. */
void dew_page_render_init(dew_page_render *render, const dew_router *router, const dew_match *match,
                          dew_page_use_fn *use, void *use_context);
void dew_page_render_dispose(dew_page_render *render);

/* Runs the views of `page` and its layouts between the view's begin and end, which are the caller's (they differ from
 * side to side), as are the views' own failures (render->view.failed). */
void dew_page_render_pass(dew_page_render *render, const dew_page *page);

/* Between the view's begin and end: hooks of `page` may run now (page/prefetch.h). They ask as views do, and have no outlet. */
void dew_page_render_hooks(dew_page_render *render, const dew_page *page);

/* The title that holds: what dew_title said, the page's, the site's name. Never NULL. */
const char *dew_page_render_title(const dew_page_render *render);

/* The same for the failure that render->shown tells of: the site's view, or a plain one of Dew's. */
void dew_page_render_error(dew_page_render *render);

/* The site's view for render->shown; Dew's own, where it has none. */
dew_view_fn *dew_page_error_view(const dew_page_render *render);
/* A heading; where no layout or page is around, in the document's `main`, which layouts have themselves. */
void dew_plain_error_view(void);

/* "Not found" of 404; "Error" for a status without words. Static. */
const char *dew_status_text(int status);

#endif
