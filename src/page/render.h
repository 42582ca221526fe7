/* render.h - one pass of a page's view: layouts around page, and what the view asks meanwhile (dew/page.h, dew_use).
 *
 *     site layout ── view() … dew_outlet() ─┐
 *                     page's layout ── view() … dew_outlet() ─┐
 *                                       page ── view()
 *
 * The same code on both sides. Where values come from is behind `use`: on the server the query table of page/loop.h,
 * in the browser the cache of page/cache.h. A pass runs on one thread from begin to end and never suspends (rule 11).
 * What views get (values, parameters, formatted text) lives until the next pass begins, or longer. */
#ifndef DEW_PAGE_RENDER_H
#define DEW_PAGE_RENDER_H

#include "page/router.h"
#include "view/render.h"

#define DEW_LAYOUTS_MAX 16 /* around one page */

typedef struct dew_page_render dew_page_render;

/* The value, or NULL: then it is pending, or failed and *error (render arena or longer) says how. */
typedef const void *dew_page_use_fn(void *context, const dew_fn *query, const void *args, const dew_error **error);

struct dew_page_render {
    dew_render view;           /* first: the ambient pointer that view/ works with is this one */
    const dew_router *router;  /* borrowed, as all of the next */
    const dew_match *match;
    dew_page_use_fn *use;
    void *use_context;
    dew_page_error_info info;  /* for the error page */
    const char *title;         /* render arena or static; NULL: nothing said */
    int pending_count;         /* uses without a value in this pass that did not fail */
    const dew_error *failed;   /* the first failed use of this pass, or NULL */
    dew_buf scratch;           /* addresses and the like, on their way into the arena */
    /* private to render.c */
    const void *chain[DEW_LAYOUTS_MAX];
    int chain_len, chain_at;
    const dew_page *page;
    bool outlet_seen[DEW_LAYOUTS_MAX + 1];
};

/* Runs one pass of `page` (with its layouts, or without any) over a view that was begun. The caller ends the view, and
 * looks at pending_count, failed and the view's own error. */
void dew_page_render_pass(dew_page_render *render, const dew_page *page, bool with_layouts);

/* The title that holds: what dew_title said, the page's, the site's name. Never NULL. */
const char *dew_page_render_title(const dew_page_render *render);

/* What a visitor may read of a failure: `error`'s message, but for faults of the server (status 500 and above) only what
 * the code means, unless `development`. Borrowed from `error`, or static. */
const char *dew_page_error_message(const dew_error *error, bool development);

#endif
