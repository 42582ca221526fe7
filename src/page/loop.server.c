/* loop.server.c - see loop.h: hooks, passes, and when they end. The queries are in queries.server.c. */
#include "page/loop_internal.h"

#include "base/outcome.h"
#include "page/prefetch.h"
#include "view/html.h"

/* ---- the loop ---- */

/* Without a browser half there is nobody else to render; a view of the browser's alone is NULL here. */
static dew_ssr_mode mode_of(const dew_page_loop *loop)
{
    if (!loop->config.has_browser && loop->match.page->view != NULL)
        return DEW_SSR_FULL;
    return loop->config.no_ssr ? DEW_SSR_OFF : loop->plan->mode;
}

void dew_page_loop_begin(dew_page_loop *loop, const dew_page_loop_config *config, dew_arena *arena, dew_buf *html,
                         dew_str target)
{
    /* one by one: it is large, and most of it is not worth zeroing for each request */
    loop->config = *config;
    loop->arena = arena;
    loop->html = html;
    loop->status = 200;
    loop->error.code = loop->use_error.code = 0;
    loop->use_shown = NULL;
    loop->told = 0;
    loop->is_bare = loop->is_told = loop->is_streaming = false;
    loop->location = (dew_str){ NULL, 0 };
    loop->mode = loop->mode_passes = loop->store_passes = 0;
    loop->is_stopped = loop->has_complained = false;
    loop->query_count = loop->pass_count = 0;
    loop->queries = NULL;
    loop->queries_end = &loop->queries;
    dew_page_loop_clear_pending(loop);
    dew_router_match(config->router, arena, target, &loop->match);
    loop->plan = loop->match.plan;
    loop->hook_runs = loop->plan->has_prefetch ? 0 : -1;
    dew_page_render_init(&loop->render, config->router, &loop->match, dew_page_loop_use, loop);
    loop->render.cookie = config->cookie;
    loop->render.cookie_context = config->context;
    dew_render *view = &loop->render.view;
    view->arena = arena;
    view->development = config->development;
    view->url_prefix = dew_router_prefix(config->router);
    view->location = loop->match.location;
    loop->render.view_failed = dew_page_loop_view_failed;
    if (loop->match.redirect.len != 0) {
        loop->status = 308;
        loop->location = loop->match.redirect;
    } else if (loop->match.code != 0) {
        dew_page_loop_fail(loop, loop->match.code, loop->match.error.message);
    } else if (mode_of(loop) == DEW_SSR_OFF) {
        loop->mode = DEW_LOOP_BARE;
        loop->render.page = loop->match.page; /* whose title it has */
    }
}

static bool redirect(dew_page_loop *loop, const char *message)
{
    int status;
    dew_str location;
    if (!dew_redirect_parse(message, &status, &location))
        return false;
    location = dew_arena_str(loop->arena, location);
    if (location.ptr == NULL)
        return false;
    loop->status = status;
    loop->location = location;
    return true;
}

/* Of loop->error, for the visitor. */
static void show_failure(dew_page_loop *loop)
{
    loop->shown = loop->error;
    dew_page_loop_tell(loop, &loop->shown);
    loop->is_told = true;
    loop->status = dew_error_status(loop->error.code);
    loop->render.shown = (dew_page_failure){ loop->error.code, loop->shown.message };
}

void dew_page_loop_fail(dew_page_loop *loop, int code, const char *message)
{
    dew_page_loop_clear_pending(loop);
    if (code == DEW_E_REDIRECT && message != NULL && redirect(loop, message))
        return;
    loop->hook_runs = -1;
    loop->is_streaming = false; /* of what was shown by then */
    loop->mode_passes = loop->store_passes = 0;
    if (loop->render.staged != NULL) /* the error page has stores of its own */
        loop->render.staged->drop(loop->render.staged);
    dew_error_set(&loop->error, code == DEW_E_REDIRECT ? DEW_E_INTERNAL : code, "%s",
                  message != NULL ? message : dew_error_text(code));
    loop->mode = loop->mode < DEW_LOOP_ERROR ? DEW_LOOP_ERROR : DEW_LOOP_PLAIN;
    show_failure(loop);
}

/* The view failed while the error page was shown: the first failure stays the one that is told. */
static void fail_again(dew_page_loop *loop, const dew_error *error)
{
    if (loop->mode == DEW_LOOP_PAGE || error->code == DEW_E_REDIRECT)
        dew_page_loop_fail(loop, error->code, error->message);
    else
        loop->mode = DEW_LOOP_PLAIN;
}

/* What no region could show: the view's own failure is left to the browser, if there is one. */
static void fail_pass(dew_page_loop *loop, const dew_error *error)
{
    const bool is_view = loop->render.is_view_failure || loop->render.view.failed != 0;
    if (!is_view || !loop->config.has_browser || error->code == DEW_E_REDIRECT || loop->mode != DEW_LOOP_PAGE) {
        fail_again(loop, error);
        return;
    }
    loop->error = *error;
    loop->is_streaming = false; /* of what was shown by then */
    loop->mode = DEW_LOOP_BARE;
    show_failure(loop);
}

/* Empty, but for the room in front. */
static void html_clear(dew_page_loop *loop)
{
    dew_buf_clear(loop->html);
    if (dew_buf_reserve(loop->html, loop->config.html_room) == 0)
        loop->html->len = loop->config.html_room;
}

/* The views did not come to their end: whose they are. */
static void note_unfinished(dew_page_loop *loop, int code)
{
    const dew_render *view = &loop->render.view;
    const char *what = view->is_too_deep     ? "views that call each other too deep"
                       : code == DEW_E_LIMIT ? "larger than the limit of its buffer"
                                             : dew_error_text(code);
    dew_error *error = &loop->use_error;
    if (code == DEW_E_LIMIT)
        code = DEW_E_INTERNAL;
    if (view->is_too_deep && view->deep != NULL)
        dew_error_set(error, code, "%s: %s", view->deep, what);
    else if (loop->mode == DEW_LOOP_PAGE)
        dew_error_set(error, code, "page \"%s\": %s", dew_page_pattern(loop->match.page), what);
    else
        dew_error_set(error, code, "the error page: %s", what);
}

/* One pass; what made it fail, or NULL. */
static const dew_error *run_pass(dew_page_loop *loop)
{
    dew_page_render *render = &loop->render;
    loop->pass_count++;
    loop->worst = NULL;
    loop->is_streaming = false;
    loop->wait_at = SIZE_MAX;
    html_clear(loop);
    dew_html_begin(&render->view, loop->html);
    if (loop->mode == DEW_LOOP_PAGE)
        dew_page_render_pass(render, loop->match.page);
    else
        dew_page_render_error(render);
    int code = dew_html_end(&render->view);
    if (loop->worst != NULL &&
        (loop->worst->code == DEW_E_REDIRECT || render->failed != NULL || loop->mode == DEW_LOOP_ERROR))
        return loop->worst;
    if (code == 0)
        return render->failed;
    note_unfinished(loop, code);
    return &loop->use_error;
}

/* ---- before the first pass ---- */

static void complain(const dew_page_loop *loop, const char *message)
{
    if (loop->config.complain != NULL)
        loop->config.complain(loop->config.context, message);
}

/* What is wrong in views, or hooks, and does not keep the page from being shown. */
static void tell_problem(const dew_page_loop *loop)
{
    const dew_render *view = &loop->render.view;
    if (view->problem_count != 0 && loop->config.development)
        complain(loop, view->problem.message);
}

/* Runs the hooks once. Returns the failure that ends the page, or NULL; what is asked for stands in loop->pending. */
static const dew_error *run_hooks(dew_page_loop *loop)
{
    dew_page_render *render = &loop->render;
    loop->worst = NULL;
    html_clear(loop);
    dew_html_begin(&render->view, loop->html);
    dew_page_render_hooks(render, loop->plan->page);
    render->seed = dew_page_loop_seed;
    for (dew_view_fn *const *hook = loop->plan->hooks; hook != NULL && *hook != NULL; hook++)
        (*hook)();
    for (const dew_load *load = loop->plan->loads; loop->plan->asks_loads && load->query != NULL; load++)
        dew_load_ask(render, load);
    render->seed = NULL;
    int code = dew_html_end(&render->view);
    if (render->staged != NULL) /* stores are what views say; cookies stay */
        render->staged->drop(render->staged);
    if (loop->html->len > loop->config.html_room)
        dew_render_problem(&render->view, "a hook (.on_prefetch) draws: what it writes is shown nowhere");
    tell_problem(loop);
    if (code == 0)
        return NULL;
    dew_error_set(&loop->use_error, code, "what is asked for before the page: %s", dew_error_text(code));
    return &loop->use_error;
}

/* True: something has to be loaded, or the page has failed. */
static bool prefetch(dew_page_loop *loop)
{
    const dew_error *failed = run_hooks(loop);
    if (failed != NULL) {
        fail_again(loop, failed);
        return true;
    }
    if (loop->pending == NULL) {
        loop->hook_runs = -1;
        return false;
    }
    if (++loop->hook_runs == DEW_HOOK_RUNS_MAX) {
        dew_error line;
        dew_error_set(
            &line, DEW_E_LIMIT,
            "hooks (.on_prefetch) still ask for more after %d runs, the last one for %s %.*s: the page is rendered "
            "without",
            DEW_HOOK_RUNS_MAX, loop->pending->fn->name, DEW_STR_FMT(loop->pending->args_json));
        complain(loop, line.message);
        loop->hook_runs = -1;
    }
    return true;
}

/* ---- passes ---- */

/* The last pass stays as it is though more would be needed; `store` has changed in it, or it is NULL. Where it left regions
 * half drawn, since another was to follow, it is made once more, with their loading views: *failed is what that ends in. */
static dew_page_step stop(dew_page_loop *loop, bool is_error, const char *store, const dew_error **failed)
{
    const dew_page_query *last = loop->pending;
    if (is_error && !loop->has_complained) {
        dew_error line;
        dew_str args = last != NULL ? last->args_json : (dew_str){ "", 0 };
        dew_error_set(&line, DEW_E_LIMIT,
                      "the page did not settle in %d passes (.ssr.forbidden_rerenders) and is shown as it is: the last "
                      "one %s %s%s%.*s; "
                      "look for values that differ in each (time, chance)",
                      loop->mode_passes, last != NULL ? "asked for" : "changed", last != NULL ? last->fn->name : store,
                      last != NULL ? " " : "", DEW_STR_FMT(args));
        complain(loop, line.message);
        loop->has_complained = true;
    }
    loop->is_stopped = true;
    if (loop->render.is_half) {
        loop->pass_count--; /* the same one */
        *failed = run_pass(loop);
    }
    dew_page_loop_clear_pending(loop);
    if (loop->render.staged != NULL)
        loop->render.staged->drop(loop->render.staged);
    return DEW_PAGE_SETTLED;
}

/* What follows a pass that did not fail. *again: the next one, at once; *failed: as of stop. */
static dew_page_step after_pass(dew_page_loop *loop, bool *again, const dew_error **failed)
{
    dew_staged *staged = loop->render.staged;
    const char *store = staged != NULL ? staged->changed(staged) : NULL;
    bool asks = loop->pending != NULL;
    *again = false;
    if (asks || store != NULL) {
        if (loop->mode_passes >= loop->plan->forbidden)
            return stop(loop, true, store, failed);
        if (!asks && loop->store_passes >= loop->plan->allowed)
            return stop(loop, false, store, failed);
    }
    if (staged != NULL)
        staged->commit(staged);
    if (asks)
        return DEW_PAGE_LOAD;
    loop->store_passes += store != NULL;
    *again = store != NULL;
    return DEW_PAGE_SETTLED;
}

/* The pass was the last. */
static void settle(dew_page_loop *loop)
{
    tell_problem(loop);
    if (loop->mode != DEW_LOOP_PAGE)
        return;
    loop->status = loop->worst != NULL ? dew_error_status(loop->worst->code) : 200;
    loop->error.code = 0; /* of a pass before what was read again */
    if (loop->worst != NULL) {
        loop->error = *loop->worst;
        if (loop->worst == &loop->view_error)
            dew_page_loop_tell(loop, &loop->view_error);
    }
    loop->is_bare = mode_of(loop) == DEW_SSR_DATA;
    if (loop->is_bare)
        html_clear(loop);
}

dew_page_step dew_page_loop_step(dew_page_loop *loop)
{
    if (loop->config.is_data)
        return dew_page_loop_step_data(loop);
    if (loop->location.len == 0 && dew_page_loop_is_waiting(loop))
        return DEW_PAGE_LOAD;
    while ((loop->mode == DEW_LOOP_PAGE || loop->mode == DEW_LOOP_ERROR) && loop->location.len == 0) {
        dew_page_loop_clear_pending(loop);
        if (loop->hook_runs >= 0 && prefetch(loop)) {
            if (loop->pending != NULL)
                return DEW_PAGE_LOAD;
            continue;
        }
        bool again = false;
        loop->mode_passes++;
        loop->is_stopped = false;
        const dew_error *failed = run_pass(loop);
        dew_page_step step = failed == NULL ? after_pass(loop, &again, &failed) : DEW_PAGE_SETTLED;
        if (failed != NULL) {
            fail_pass(loop, failed);
            continue;
        }
        if (again)
            continue;
        if (step == DEW_PAGE_SETTLED)
            settle(loop);
        return step;
    }
    loop->is_bare = loop->mode == DEW_LOOP_BARE;
    html_clear(loop);
    return loop->location.len != 0 ? DEW_PAGE_REDIRECT : DEW_PAGE_SETTLED;
}

void dew_page_loop_reload(dew_page_loop *loop, dew_page_query *query)
{
    query->state = DEW_QUERY_PENDING;
    if (!query->is_streamed)
        dew_page_loop_add_pending(loop, query);
}

void dew_page_loop_resume(dew_page_loop *loop, int sent_status)
{
    loop->mode_passes = loop->store_passes = 0;
    loop->render.is_sent = true;
    loop->render.sent_status = sent_status;
}

size_t dew_page_loop_room(const dew_page_loop *loop)
{
    return loop->config.html_room < loop->html->len ? loop->config.html_room : loop->html->len;
}

dew_str dew_page_loop_html(const dew_page_loop *loop)
{
    size_t room = dew_page_loop_room(loop);
    return loop->html->ptr != NULL ? dew_str_make(loop->html->ptr + room, loop->html->len - room) : DEW_S("");
}

bool dew_page_loop_has_failed(const dew_page_loop *loop)
{
    return loop->mode >= DEW_LOOP_ERROR;
}

bool dew_page_loop_is_plain(const dew_page_loop *loop)
{
    return loop->mode == DEW_LOOP_PLAIN;
}

void dew_page_loop_dispose(dew_page_loop *loop)
{
    if (loop != NULL)
        dew_page_render_dispose(&loop->render);
}
