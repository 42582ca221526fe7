/* region.c - regions: what waits or fails inside one is replaced by its loading or error view. See dew/region.h.
 *
 *     begin: notes where the output stands        end: failed → cut back, error view; needed → cut back, loading view
 *
 * They stand on the C stack, linked from the innermost outwards: page in its layouts in the whole render, which is what views
 * are inherited by. While a region's loading or error view runs, the region around is the innermost. Both sides; on the thread that
 * renders. */
#include "page/head.h"
#include "page/stored.h"
#include "view/memo.h"
#ifdef __wasm__
#include "page/retry.h"
#endif

#include <stdarg.h>

/* On the server what waits is drawn only in a pass that no other follows. */
#ifdef __wasm__
#define IS_AGAIN(render) false
#else
#define IS_AGAIN(render) ((render)->is_half |= (render)->is_again)
#endif

void dew_wait_(void)
{
    dew_region_scope *scope = dew_page_render_current()->region;
    dew_memo_never(); /* who waits is not seen by what it has drawn */
    if (scope != NULL)
        scope->is_needed = true;
}

dew_region_scope *dew_region_begin_(dew_region_scope *scope)
{
    dew_page_render *render = dew_page_render_current();
    scope->around = render->region;
    scope->title = render->title;
    dew_head_mark(scope);
    dew_store_mark(scope);
    render->region = scope;
    dew_view_mark(&scope->mark);
    return scope;
}

/* The region's own view for what waits, or failed, or the one that it inherits. NULL: none. */
static dew_view_fn *view_of(const dew_page_render *render, const dew_region_scope *scope)
{
    const bool has_failed = scope->failed != NULL;
    for (; scope->around != NULL; scope = scope->around) {
        dew_view_fn *view = has_failed ? scope->views.error : scope->views.loading;
        if (view != NULL)
            return view;
    }
    return has_failed ? dew_page_error_view(render) : scope->views.loading;
}

void dew_region_end_(dew_region_scope *scope)
{
    dew_page_render *render = dew_page_render_current();
    const dew_page_failure shown = render->shown;
    render->region = scope->around;
    if (scope->failed != NULL)
        render->shown = (dew_page_failure){ scope->failed->code, scope->failed->message };
    else if (!scope->is_needed || IS_AGAIN(render))
        return;
    dew_view_fn *view = view_of(render, scope);
#ifndef __wasm__ /* what nobody else can show: there is the browser yet, and it shows it as it can */
    render->is_view_failure |= scope->is_view && view == dew_plain_error_view;
    if (render->failed == NULL && scope->failed != NULL && (scope->around == NULL || render->is_view_failure))
        render->failed = scope->failed;
#endif
    dew_view_cut(&scope->mark);
    render->title = scope->title;
    dew_head_cut(scope);
    dew_store_cut(scope);
#ifdef __wasm__
    if (dew_retrying)
        dew_retry_cut_(scope, scope->mark.nodes);
#endif
    if (view != NULL)
        view();
#ifdef __wasm__
    if (dew_retrying)
        dew_retry_shown_(scope, scope->mark.nodes);
#endif
    render->shown = shown;
}

/* ---- views that fail ---- */

/* The same words on both sides, whatever the server's mode, so that hydration finds what it expects. */
static void view_failed(int code, const char *message)
{
    dew_page_render *render = dew_page_render_current();
    dew_region_scope *scope = render->region;
    dew_memo_never();
    dew_error *error = dew_arena_calloc(render->view.arena, 1, sizeof *error);
    if (error == NULL) {
        dew_render_fail(&render->view, DEW_E_NOMEM);
        return;
    }
    dew_error_set(error, code, "%s", message);
    dew_error_redact(error);
    if (scope == NULL) /* a hook has nothing to show */
        return;
    if (scope->failed != NULL)
        return;
    scope->failed = error;
    scope->is_view = true;
}

#ifdef __wasm__
#ifdef DEW_DEVELOPMENT
__attribute__((import_module("dew"), import_name("view_failed"))) void host_view_failed(const char *message);
#endif

void dew_view_fail_(int code, const char *message)
{
#ifdef DEW_DEVELOPMENT /* there is no log that would have the details: the console has */
    if (dew_error_status(code) >= 500)
        host_view_failed(message);
#endif
    view_failed(code, message);
}
#else
void dew_view_fail(int code, const char *format, ...)
{
    dew_page_render *render = dew_page_render_current();
    dew_error whole = { .code = code };
    va_list args;
    va_start(args, format);
    dew_vformat(whole.message, sizeof whole.message, format, args);
    va_end(args);
    view_failed(code, whole.message);
    if (render->view_failed != NULL)
        render->view_failed(render->use_context, &whole);
}

void dew_retry(dew_event *event)
{
    (void)event; /* the browser's */
}
#endif

const char *dew_here(void)
{
    dew_str location = dew_location();
    return dew_fmt("%.*s", (int)location.len, location.ptr);
}
