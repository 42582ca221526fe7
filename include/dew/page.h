/* dew/page.h - pages, layouts and routes: what a view asks while it renders, and how addresses are written.
 *
 *     #define BOARD_KEY(F) F(str, board_id)
 *     DEW_STRUCT(board_key, BOARD_KEY)
 *     DEW_ROUTE(board, "/board/:board_id", board_key)      board_params() → board_key; board_url(key), dew_url(board, .board_id = …)
 *     const dew_page board = { .route = &board_route, .view = board_page, .layout = &site };
 *
 * Everything here is valid only while a render runs, on the thread that runs it. Native and wasm32. */
#ifndef DEW_PAGE_H
#define DEW_PAGE_H

#include <dew/query.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An address and the type of its parameters. Fields named in the path (":board_id") are read from it; the others from
 * the query string ("?rows=50"). A path field is required; a query field that is absent is zero, or absent when it is
 * optional. A value that the type cannot read makes the page "not found" in the path, 400 in the query string. */
typedef struct dew_route {
    const char *name, *pattern;
    dew_type_fn *params;
} dew_route;

/* A component of the page's own: it draws, and asks for what it needs. */
typedef void dew_view_fn(void);

/* ---- what the application, its layouts and a page may each say ----
 * What is left out is inherited, field by field: a page's from its layouts, the inner before the outer, then from the
 * application. What accumulates is done by all of them, from the application inwards. */

/* Where a page is rendered first. */
typedef enum dew_ssr_mode {
    DEW_SSR_INHERITED,
    DEW_SSR_FULL, /* on the server, with its data; the application's, unless it says otherwise */
    DEW_SSR_DATA, /* its data is loaded on the server, where its views run to find it; what they draw shows in the browser alone */
    DEW_SSR_OFF,  /* the browser loads and renders */
} dew_ssr_mode;

typedef enum dew_switch { DEW_SWITCH_INHERITED, DEW_ON, DEW_OFF } dew_switch;

typedef struct dew_ssr {
    dew_ssr_mode mode;
    dew_count allowed_rerenders;   /* passes for what stores and cookies changed; then the last pass is used as it is. Left out: no limit */
    dew_count forbidden_rerenders; /* passes of any kind, the first one included: 25 when left out. Where one more would be needed the
                                      last is used as it is, and one error in the log names what did not settle. Checked first */
    dew_switch prefetch_loaders;   /* DEW_ON: what .loads declares is loaded before the first pass; left out: DEW_OFF */
} dew_ssr;

/* What is loaded of a page before it is shown instead of the one before. */
typedef enum dew_policy {
    DEW_POLICY_INHERITED,
    DEW_PREFETCH_NONE,                     /* nothing: it is shown at once, with its loading views */
    DEW_PREFETCH_HOOKS,                    /* what its on_prefetch hooks ask for */
    DEW_PREFETCH_SERVER_QUERIES,           /* hooks, and declared queries that are loaded on the server */
    DEW_PREFETCH_CLIENT_QUERIES,           /* hooks, and declared queries that are loaded in the browser */
    DEW_PREFETCH_QUERIES,                  /* hooks, and all declared queries */
    DEW_PREFETCH_STATE,                    /* all queries of the page, found by rendering it on the server */
    DEW_PREFETCH_STATE_AND_CLIENT_QUERIES, /* that, hooks, and declared queries that are loaded in the browser */
} dew_policy;

typedef struct dew_prefetch {
    dew_policy on_navigate;   /* left out: DEW_PREFETCH_STATE_AND_CLIENT_QUERIES */
    dew_policy on_hover;      /* of a link that leads to it; left out: DEW_PREFETCH_NONE */
    dew_duration hover_delay; /* left out: 30 ms */
    dew_duration stale;       /* how long what a hover brought is good for; left out: 10 s */
} dew_prefetch;

/* .loads = DEW_LOADS(DEW_LOAD(idea), DEW_LOAD_WITH(author, author_of_idea)): queries that a page or layout is known to need, so
 * that they can be loaded before it is rendered. The arguments of idea are the address's parameters of the same names (at
 * start one that the address does not have is refused); those of author are made by void author_of_idea(author_key *args), which
 * gets them zeroed and may ask for what a view may ask for: while that is pending, or when it failed, author is not asked for; nor as long
 * as a need() of it finds nothing, of whatever kind, or after dew_view_fail(). It is run again whenever something has come that hooks or loads
 * asked for; a load that is left out to the end is found by the view, if that wants it. */
typedef struct dew_load {
    const dew_fn *query;
    void (*args)(void *args); /* NULL: the route's; *args is zeroed */
} dew_load;
#define DEW_LOAD(query_) { &query_##_fn, NULL }
#define DEW_LOAD_WITH(query_, args_)                                                                                  \
    { &query_##_fn, _Generic(&(args_), void (*)(query_##_args *): (void (*)(void *))(args_)) }
#ifdef __wasm__
void dew_loads_declared_(void *args); /* named, so that what runs them in the browser is linked */
#define DEW_LOADS(...) (const dew_load[]){ __VA_ARGS__, { NULL, dew_loads_declared_ } }
#else
#define DEW_LOADS(...) (const dew_load[]){ __VA_ARGS__, { NULL, NULL } }
#endif

#define DEW_INHERITED_FIELDS_                                                                                         \
    dew_ssr ssr;                                                                                                      \
    dew_prefetch prefetch;                                                                                            \
    dew_view_fn *loading;          /* instead of what waits for a query; NULL at all of them: nothing */              \
    dew_view_fn *error;            /* instead of what needs a query that failed: dew_page_error() */                  \
    dew_view_fn *meta;             /* dew_title, dew_meta; accumulates */                                             \
    const dew_load *loads;         /* DEW_LOADS(…); accumulates */                                                    \
    dew_view_fn *on_prefetch;      /* a hook: warms queries, before the first pass and before a navigation; accumulates */ \
    dew_view_fn *on_client_prefetch; /* the same in the browser alone: DEW_IN_BROWSER(fn), fn in a *.client.c */      \
    const struct dew_travel *travel; /* DEW_TRAVEL(…): whether it may be left and entered, and that it was: dew/link.h; accumulates */
/* HOOKS ask, and draw nothing: fetch_me() (a value, or NULL while it is pending or when it failed), prefetch_accounts(…), me_set(…),
 * param(), board_params(). They run as views do, and again until nothing that they asked for is pending, 25 times at most:
 *     static void warm(void)
 *     {
 *         const me *who = need(fetch_me());
 *         if (who->is_admin)
 *             prefetch_accounts((accounts_key){ who->id });
 *     }
 * What they set of stores, and in the browser of cookies, is forgotten.
 * What they ask for is there for the page, whether or not a view uses it; what fails is the views' matter, if they ask for it.
 * On the server they always run, once per request, before the first pass; hooks that it alone has: DEW_SERVE_PAGE and
 * DEW_SERVE_LAYOUT(…, .on_prefetch = fn), dew_app_config.on_prefetch. */

/* What a page, a layout and the application say in the same words. */
typedef struct dew_inherited { DEW_INHERITED_FIELDS_ } dew_inherited;
#define DEW_INHERITED_ union { struct { DEW_INHERITED_FIELDS_ }; dew_inherited inherited; };

/* fn in the browser, NULL on the server, where it is not compiled. */
#ifdef __wasm__
#define DEW_IN_BROWSER(fn_) (fn_)
#else
#define DEW_IN_BROWSER(fn_) NULL
#endif

typedef struct dew_layout {
    dew_view_fn *view;               /* calls dew_outlet() where the page goes; NULL: it only passes on what it says */
    const struct dew_layout *parent; /* around this one; NULL: none */
    DEW_INHERITED_
} dew_layout;

typedef struct dew_page {
    const char *path;         /* "/board/:board_id"; or */
    const dew_route *route;   /* the same, typed */
    dew_view_fn *view;
    const dew_layout *layout; /* NULL: the application's */
    const char *title;        /* NULL: what dew_title() says, or the application's name */
    const struct dew_islands *islands; /* DEW_ISLANDS(…): the page is static but for these (dew/island.h); NULL: all of it is live */
    DEW_INHERITED_
} dew_page;

/* What both sides know of the application; made by DEW_SITE in a file of both sides. What fails outside of
 * any region with an error view (dew/region.h), and an address without a page, shows `not_found` or `error`, under the code's status. */
typedef struct dew_site {
    const char *name;
    const dew_page *const *pages; /* NULL-terminated */
    const dew_layout *layout;     /* for pages without one */
    dew_view_fn *not_found;       /* NULL: as error */
    const char *lang;             /* of <html>; NULL: "en" */
    const char *head;             /* markup for <head>: stylesheets, icon, scripts of your own, as it is, but that {/} stands
                                     for "/" below the url_prefix: href="{/}site.css"; NULL: none */
    DEW_INHERITED_                /* error: NULL: a plain one, a heading, which has a <main> of its own outside
                                     of layouts only; dew_page_error() tells what happened */
} dew_site;

/* DEW_SITE(showcase, .name = "Showcase", .pages = DEW_PAGES(&home, &board))
 * Defines showcase_site; in the browser build it is the program's one site. */
#ifdef __wasm__
#define DEW_SITE(name_, ...)                                                                                          \
    extern const dew_site name_##_site;                                                                               \
    const dew_site name_##_site = { __VA_ARGS__ };                                                                    \
    extern const dew_site *const dew_browser_site;                                                                    \
    const dew_site *const dew_browser_site = &name_##_site;
#else
#define DEW_SITE(name_, ...)                                                                                          \
    extern const dew_site name_##_site;                                                                               \
    const dew_site name_##_site = { __VA_ARGS__ };
#endif
#define DEW_PAGES(...) (const dew_page *const[]){ __VA_ARGS__, NULL }

/* A parameter of the path or of the query string by name, decoded; empty when absent. Borrowed until the render ends. */
dew_str dew_param(const char *name);

/* Where the page goes inside a layout's view. Once per layout. */
void dew_outlet(void);

/* The document's title, from inside a view; the last call wins. */
void dew_title(const char *format, ...) __attribute__((format(printf, 1, 2)));
#ifdef __wasm__
void dew_title_set_(const char *title); /* text of the render */
#define dew_title(...) dew_title_set_(dew_fmt(__VA_ARGS__))
#endif

/* Inside the error page: what happened. */
typedef struct dew_page_error_info {
    int code;            /* DEW_E_… */
    int status;          /* HTTP */
    const char *message; /* fit for a visitor */
} dew_page_error_info;
dew_page_error_info dew_page_error(void);

/* The address of the page being rendered, path and query. */
dew_str dew_location(void);

/* Fills *params (the route's type) from the current location. */
void dew_route_params(const dew_route *route, void *params);
#ifndef __wasm__
/* On the server, in a handler: dew_scope_params (dew/location.h). */
struct dew_scope;
int dew_scope_route_params(struct dew_scope *scope, const dew_route *route, void *params) DEW_MUST_USE;
#define DEW_ROUTE_IN_SCOPE_(name_, params_)                                                                           \
    __attribute__((unused)) static inline int name_##_scope_params(struct dew_scope *scope_, dew_c_##params_ *to_)    \
    {                                                                                                                 \
        return dew_scope_route_params(scope_, &name_##_route, to_);                                                   \
    }
#else
#define DEW_ROUTE_IN_SCOPE_(name_, params_)
#endif
/* The route's address with these parameters, percent-encoded; render arena. Query fields that are zero are left out. */
const char *dew_route_url(const dew_route *route, const void *params);

/* An address of the site that has no route, for links and files of public/: "/icon.svg" → "/live/icon.svg" under the
 * url_prefix "/live". `path` begins with "/" and is taken as it is: it is no format, and what is to be percent-encoded in it has been;
 * with values it is dew_path(fmt("/tags/%d", n)). In views and hooks (dew/link.h: and for dew_navigate). Render arena; never NULL. */
const char *dew_path(const char *path);

#define DEW_ROUTE(name_, pattern_, params_)                                                                           \
    extern const dew_route name_##_route;                                                                             \
    __attribute__((weak)) const dew_route name_##_route = { #name_, pattern_, dew_tf_##params_ };                     \
    typedef dew_c_##params_ name_##_route_params;                                                                     \
    __attribute__((unused)) static inline dew_c_##params_ name_##_params(void)                                        \
    {                                                                                                                 \
        dew_c_##params_ params;                                                                                       \
        dew_route_params(&name_##_route, &params);                                                                    \
        return params;                                                                                                \
    }                                                                                                                 \
    __attribute__((unused)) static inline const char *name_##_url(dew_c_##params_ params)                             \
    {                                                                                                                 \
        return dew_route_url(&name_##_route, &params);                                                                \
    }                                                                                                                 \
    DEW_ROUTE_IN_SCOPE_(name_, params_)
/* dew_url(board, .board_id = S("b1")) → "/board/b1", below the url_prefix */
#define dew_url(route_, ...) route_##_url((route_##_route_params){ __VA_ARGS__ })

/* The region that is being rendered (dew/region.h) cannot go on without a value that is not there. */
void dew_wait_(void);

#ifndef DEW_NO_SHORT_NAMES
/* const task_list *tasks = need(use_board_tasks(key)); in a function that returns void: returns from it while the value is
 * not there, and the elements that it has open are closed; the page, or the region that this is called in, shows its loading view then
 * (dew/region.h), and renders again once it is. */
#define need(use)                                                                                                     \
    __extension__({                                                                                                   \
        __typeof__(use) dew_needed_ = (use);                                                                          \
        if (dew_needed_ == NULL) {                                                                                    \
            dew_wait_();                                                                                              \
            return;                                                                                                   \
        }                                                                                                             \
        dew_needed_;                                                                                                  \
    })
#define param(name) dew_param(name)
#endif

#ifdef __cplusplus
}
#endif
#endif
