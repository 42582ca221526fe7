/* render.c - see render.h. */
#include "page/render.h"

#include "base/format.h"
#include "page/head.h"
#include "view/memo.h"
#ifdef __wasm__
#include "page/retry.h"
#include "view/tree.h"
#endif

void dew_page_render_init(dew_page_render *render, const dew_router *router, const dew_match *match,
                          dew_page_use_fn *use, void *use_context)
{
#ifdef __wasm__
    *render = (dew_page_render){ .router = router, .match = match, .use = use, .use_context = use_context };
#else /* once a request: what each pass sets, and the messages, are not worth zeroing */
    memset(&render->view, 0, offsetof(dew_render, problem));
    render->view.problem.code = 0;
    render->router = router;
    render->match = match;
    render->use = use;
    render->seed = NULL;
    render->use_context = use_context;
    render->cookie = NULL;
    render->is_sent = false;
    render->late_status = 0;
    render->head = NULL;
    render->status = 0;
    render->staged = NULL;
    render->said = NULL;
    render->is_keeping = render->in_island = false;
    render->view_failed = NULL;
    render->title = NULL;
    render->failed = NULL;
    render->region = NULL;
    render->unmet_count = 0;
    render->page = NULL;
    render->shown.code = 0;
#endif
    dew_buf_init(&render->scratch, DEW_PAGE_ARGS_MAX);
}

void dew_page_render_dispose(dew_page_render *render)
{
    if (render != NULL)
        dew_buf_dispose(&render->scratch);
}

/* ---- a pass ---- */

void dew_page_render_hooks(dew_page_render *render, const dew_page *page)
{
    render->page = page;
    render->title = NULL;
    render->region = NULL;
#ifndef __wasm__
    render->is_again = render->is_half = render->is_view_failure = false;
    render->failed = NULL;
#endif
    render->has_outlet = true; /* they have none */
}

/* Pages and layouts are regions. */
static void run_in_region(dew_view_fn *view, dew_view_fn *loading, dew_view_fn *error)
{
    dew_region_scope scope = { .views = { loading, error } };
    dew_region_begin_(&scope);
    view();
    dew_region_end_(&scope);
}

static void run_pass(dew_page_render *render, const dew_page *page, dew_view_fn *view)
{
    const dew_site *site = dew_router_site(render->router);
    dew_page_render_hooks(render, page);
    render->inner = view;
    render->chain_at = DEW_LAYOUTS_MAX;
    const dew_layout *layout = page != NULL && page->layout != NULL ? page->layout : site->layout;
    for (; layout != NULL && render->chain_at > 0; layout = layout->parent)
        render->chain[--render->chain_at] = layout;
    if (layout != NULL)
        dew_render_problem(&render->view, "more than %d layouts around one page", DEW_LAYOUTS_MAX);
    dew_head_begin(render, site, page);
    render->has_outlet = false;
    run_in_region(dew_outlet, site->loading, NULL);
}

void dew_page_render_pass(dew_page_render *render, const dew_page *page)
{
    run_pass(render, page, page->view);
}

/* In the browser an element knows whose it is (view/tree.h). Returns who it was before. */
static const void *owner_enter(const void *owner)
{
#ifdef __wasm__
    const void *before = dew_tree_owner;
    dew_tree_owner = owner;
    return before;
#else
    return owner;
#endif
}

void dew_outlet(void)
{
    dew_page_render *render = dew_page_render_current();
    if (render->has_outlet) {
        dew_render_problem(&render->view, "a layout calls dew_outlet() a second time: once per layout");
        return;
    }
    const void *around = owner_enter(render->page);
    if (render->chain_at == DEW_LAYOUTS_MAX) {
        const dew_page *page = render->page;
        render->has_outlet = true; /* a page has none */
        if (page != NULL)
            run_in_region(render->inner, page->loading, page->error);
        else
            render->inner();
    } else {
        const dew_layout *layout = render->chain[render->chain_at++];
        owner_enter(layout);
        if (layout->view == NULL && layout->loading == NULL && layout->error == NULL)
            dew_outlet(); /* only options: no region, which would look like something that is drawn around */
        else
            run_in_region(layout->view != NULL ? layout->view : dew_outlet, layout->loading, layout->error);
        render->chain_at--;
    }
    owner_enter(around);
    render->has_outlet = true; /* of the layout that called; what was inside has its own past */
}

const char *dew_page_render_title(const dew_page_render *render)
{
    if (render->title != NULL)
        return render->title;
    if (render->page != NULL && render->page->title != NULL) /* of a page that no pass was made of */
        return render->page->title;
    const char *name = dew_router_site(render->router)->name;
    return name != NULL ? name : "";
}

/* ---- queries ---- */

const void *dew_use(const dew_fn *query, const void *args)
{
    dew_page_render *render = dew_page_render_current();
    const dew_error *error = NULL;
    const void *value = render->use(render->use_context, query, args, &error);
    render->unmet_count += value == NULL;
#ifdef __wasm__
    if (dew_retrying && error != NULL)
        dew_retry_note_(query, args);
#endif
    if (error != NULL && render->region != NULL && render->region->failed == NULL)
        render->region->failed = error;
    return value;
}

/* ---- addresses ---- */

dew_str dew_location(void)
{
    dew_memo_read_page();
    return dew_page_render_current()->match->location;
}

dew_str dew_param(const char *name)
{
    dew_memo_read_page();
    dew_page_render *render = dew_page_render_current();
    return dew_match_param(render->match, render->view.arena, dew_str_of(name));
}

void dew_route_params(const dew_route *route, void *params)
{
    dew_memo_read_page();
    dew_page_render *render = dew_page_render_current();
    const dew_match *match = render->match;
    if (match->page != NULL && match->page->route == route && match->params != NULL) {
        memcpy(params, match->params, route->params()->size);
        return;
    }
    if (dew_match_params(match, render->view.arena, route, params, NULL) != 0)
        dew_params_clear(route, params); /* a layout looks at another page's parameters */
}

const char *dew_route_url(const dew_route *route, const void *params)
{
    dew_page_render *render = dew_page_render_current();
    dew_error error = { 0 };
    dew_buf_clear(&render->scratch);
    int code = dew_route_write(&render->scratch, dew_router_prefix(render->router), route, params, &error);
    if (code != 0) {
        dew_render_problem(&render->view, "%s", error.code != 0 ? error.message : dew_error_text(code));
        return "#";
    }
    dew_str url = dew_arena_str(render->view.arena, dew_buf_str(&render->scratch));
    if (url.ptr == NULL)
        dew_render_fail(&render->view, DEW_E_NOMEM);
    return url.ptr != NULL ? url.ptr : "#";
}

const char *dew_path(const char *path)
{
    dew_str prefix = dew_router_prefix(dew_page_render_current()->router);
    return dew_fmt("%.*s%s", (int)prefix.len, prefix.ptr, path);
}

/* ---- title and errors ---- */

#ifdef __wasm__ /* one function that formats is enough */
void dew_title_set_(const char *title)
{
    dew_memo_never();
    dew_page_render_current()->title = title;
}
#else
void dew_title(const char *format, ...)
{
    dew_page_render *render = dew_page_render_current();
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t len = dew_vformat(NULL, 0, format, args);
    char *title = dew_arena_alloc(render->view.arena, len + 1);
    if (title == NULL)
        dew_render_fail(&render->view, DEW_E_NOMEM);
    else
        dew_vformat(title, len + 1, format, again);
    va_end(again);
    va_end(args);
    if (title != NULL)
        render->title = title;
}
#endif

dew_page_error_info dew_page_error(void)
{
    const dew_page_failure *shown = &dew_page_render_current()->shown;
    dew_memo_never();
    return (dew_page_error_info){ shown->code, dew_error_status(shown->code), shown->message };
}

const char *dew_status_text(int status)
{
#ifdef __wasm__ /* the pages whose status shows are the server's */
    (void)status;
#else
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        { 400, "Bad request" },        { 401, "Not signed in" },     { 403, "Not allowed" },  { 404, "Not found" },
        { 405, "Method not allowed" }, { 409, "Conflict" },          { 413, "Too large" },    { 415, "Not accepted" },
        { 422, "Not valid" },          { 429, "Too many requests" }, { 500, "Server error" }, { 503, "Busy" },
        { 504, "Took too long" },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].status == status)
            return texts[i].text;
#endif
    return "Error";
}

static void plain_heading(const char *message)
{
    dew_el(h1) dew_text(message);
}

/* Inside of a layout or a page it may stand in a main already, and a document has one. */
void dew_plain_error_view(void)
{
    const dew_page_render *render = dew_page_render_current();
    const char *message = render->shown.message;
    dew_title("%s", message);
    if (render->region != NULL && render->region->around != NULL)
        plain_heading(message);
    else
        dew_el(main) plain_heading(message);
}

dew_view_fn *dew_page_error_view(const dew_page_render *render)
{
    const dew_site *site = dew_router_site(render->router);
    if (render->shown.code == DEW_E_NOT_FOUND && site->not_found != NULL)
        return site->not_found;
    return site->error != NULL ? site->error : dew_plain_error_view;
}

void dew_page_render_error(dew_page_render *render)
{
    run_pass(render, NULL, dew_page_error_view(render));
}
