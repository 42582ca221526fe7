/* router.h - from an address to a page and its parameters, and back.
 *
 * The table is a tree of path segments, made once from the site's pages and never changed: any thread may match.
 *
 *     "/board/:board_id"  "/board/new"  "/table"
 *
 *         (root) ── board ── new       page
 *            │         └──── :         page      a literal segment is tried before the parameter, at every level
 *            └───── table              page
 *
 * One address, one page: with a slash at its end (but for the root's) it is redirected to the one without; empty, "."
 * and ".." segments match nothing. Segments are compared after decoding.
 * Natively; in the browser, which is told its address by the server, the same is found without a table, and the host takes
 * the address apart. */
#ifndef DEW_PAGE_ROUTER_H
#define DEW_PAGE_ROUTER_H

#include "base/buffer.h"

#include <dew/page.h>

#define DEW_ROUTE_SEGMENTS_MAX 32 /* of a pattern, and of a path that can match */
#define DEW_ROUTE_PARAMS_MAX 16   /* of a pattern */
#define DEW_ROUTES_MAX 10000      /* pages of a site */

typedef struct dew_router dew_router;

/* Compiles the site's pages. `site` and `url_prefix` ("/live" or NULL) are borrowed for the router's life. A mistake in
 * the pages (two with the same pattern, a parameter that the route's type does not have, a kind that an address cannot
 * carry) is DEW_E_INVALID with a message that names them. *out is the caller's. */
int dew_router_create(const dew_site *site, const char *url_prefix, dew_router **out, dew_error *error) DEW_MUST_USE;

/* Makes the plans of all pages anew, with hooks that only the server has; dew_router_create has made them without. `hook_of` is
 * called for the application, each layout and each page. Errors as dew_router_create. Natively, before it is shared. */
struct dew_page_plan;
int dew_router_plan(dew_router *router,
                    dew_view_fn *(*hook_of)(void *context, const dew_layout *layout, const dew_page *page),
                    void *context, dew_error *error) DEW_MUST_USE;
void dew_router_destroy(dew_router *router); /* takes NULL */

const dew_site *dew_router_site(const dew_router *router);
dew_str dew_router_prefix(const dew_router *router); /* "" or "/live" */

/* Gives the address `pattern` to something that is no page (an endpoint), by the same rules and in the same table: *place is
 * NULL when it is the first there, and is for the caller to set before anybody matches. DEW_E_INVALID: not a pattern, or a
 * page's; messages begin with `what` ("endpoint"). Text is borrowed for the router's life. Natively, before it is shared. */
int dew_router_place(dew_router *router, const char *what, const char *pattern, void ***place,
                     dew_error *error) DEW_MUST_USE;

/* What an address came to. Text is borrowed from the arena or from the target given. */
typedef struct dew_match {
    int code;             /* 0: page; DEW_E_NOT_FOUND; DEW_E_INVALID: a query field cannot be read; DEW_E_NOMEM */
    const dew_page *page; /* set when code is 0 */
#ifndef __wasm__
    const struct dew_page_plan *plan; /* of that page; else of addresses without one (page/plan.h). Not of dew_router_find */
#endif
    dew_str location;     /* path and query as asked for, prefix included */
    dew_str query;        /* what stands after "?"; in the browser names and values in turn, decoded, a NUL after each */
    dew_str redirect;     /* not empty: go there instead (308), whatever code says */
    int value_count;
    dew_str values[DEW_ROUTE_PARAMS_MAX]; /* path parameters in the pattern's order, decoded */
    const void *params;                   /* page->route's type; NULL for pages without a typed route */
    dew_error error;                      /* message when code is not 0 */
} dew_match;

/* Finds the page of `target` ("/live/board/b1?rows=5", no fragment), fills *out whole. What it needs is taken from the
 * arena, to which match and typed parameters stay bound. */
void dew_router_match(const dew_router *router, dew_arena *arena, dew_str target, dew_match *out);

/* What was placed at `target`, which is borrowed by the match: out's query and values are then set, code is 0 or DEW_E_NOMEM. NULL: the address is a page's or
 * nobody's; out->redirect is set as it always is. Costs nothing in a router of pages alone. */
void *dew_router_find(const dew_router *router, dew_arena *arena, dew_str target, dew_match *out);

#ifdef __wasm__
/* The same in the browser. The address comes in parts, each closed by a NUL or the end: the segments of the path without the
 * prefix, an empty one, then names and values of the query string; all decoded, and borrowed by the match. */
void dew_router_match_parts(const dew_router *router, dew_arena *arena, dew_str location, dew_str parts,
                            dew_match *out);

/* Takes the first part off. Empty, and nothing taken, at the end. */
dew_str dew_part_take(dew_str *parts);
#endif

/* The page's pattern, "/board/:board_id". */
static inline const char *dew_page_pattern(const dew_page *page)
{
    return page->route != NULL ? page->route->pattern : page->path;
}

/* A parameter of the path by name; empty when the pattern has none of that name. The match's. */
dew_str dew_match_path_param(const dew_match *match, dew_str name);

/* A field of the query string, decoded: the first of that name. 0, DEW_E_NOT_FOUND, DEW_E_INVALID when it is not
 * well-formed, DEW_E_NOMEM. Text is the arena's or the match's. */
int dew_match_query(const dew_match *match, dew_arena *arena, dew_str name, dew_str *value) DEW_MUST_USE;

/* A parameter by name: path first, then query string; empty when absent. Arena. */
dew_str dew_match_param(const dew_match *match, dew_arena *arena, dew_str name);

/* Reads `route`'s typed parameters from the match; path fields are found by the pattern of the matched page. 0,
 * DEW_E_NOT_FOUND for a path value that its type cannot read, DEW_E_INVALID for a query value (named), DEW_E_NOMEM. */
int dew_match_params(const dew_match *match, dew_arena *arena, const dew_route *route, void *params,
                     dew_error *error) DEW_MUST_USE;

/* All fields zero, text empty ("", not NULL): what absent parameters are. */
void dew_params_clear(const dew_route *route, void *params);

/* Appends prefix, path and query of `route` with these parameters. Query fields that are zero or absent are left out.
 * DEW_E_INVALID when a path value is empty, "." or ".." (no address can carry it); the buffer's error otherwise. */
int dew_route_write(dew_buf *out, dew_str prefix, const dew_route *route, const void *params,
                    dew_error *error) DEW_MUST_USE;

#endif
