/* rendering.c - pages for the program's own threads: dew_render_start, dew_render_cancel, and dew_render_url on top.
 *
 *     start ─ message ─→ render: a visit on a worker ─→ rendered ─→ tell
 *     cancel ─ message ─→ leave: the visit's reader has gone ────────↗   (nothing, when it has been told)
 *
 * What stands behind the handle is counted: by the caller, by the visit until it has been told, by a cancel that is on its
 * way. `visit` and `is_told` belong to the worker's thread; messages of one rendering go to one worker, in order. */
#include "app/app_internal.h"
#include "app/asker.h"
#include "app/visit.h"
#include "io/gate.h"

#include <stdlib.h>

struct dew_rendering {
    dew_msg start, leave;
    dew_loop *loop; /* of the worker that it went to */
    app_worker *worker;
    app_visit *visit;
    bool is_told;
    unsigned refs;         /* atomic access only */
    unsigned is_cancelled; /* atomic access only: a cancel was asked for */
    char *url;
    char **headers; /* NULL: none */
    dew_rendered_fn *on_done;
    void *context;
};

/* ---- life ---- */

static void unref(dew_rendering *r)
{
    if (__atomic_sub_fetch(&r->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    for (char **at = r->headers; at != NULL && *at != NULL; at++)
        free(*at);
    free(r->headers);
    free(r->url);
    free(r);
}

static char *copy_of(dew_str text)
{
    char *copy = malloc(text.len + 1);
    if (copy == NULL)
        return NULL;
    if (text.len != 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

static bool copy_headers(dew_rendering *r, const char *const *headers)
{
    size_t count = 0;
    if (headers == NULL)
        return true;
    while (headers[count] != NULL)
        count++;
    r->headers = calloc(count + 1, sizeof *r->headers);
    for (size_t i = 0; r->headers != NULL && i < count; i++)
        if ((r->headers[i] = copy_of(dew_str_of(headers[i]))) == NULL)
            return false;
    return r->headers != NULL;
}

/* ---- on the worker ---- */

static void tell(dew_rendering *r, int code, dew_rendered *page)
{
    r->is_told = true;
    r->visit = NULL;
    r->on_done(r->context, code, page);
    unref(r);
}

/* NULL without any; *failed is set when memory is out. */
static char **cookies_of(const app_visited *visited, bool *failed)
{
    if (visited->cookie_count == 0)
        return NULL;
    char **cookies = calloc(visited->cookie_count + 1, sizeof *cookies);
    *failed |= cookies == NULL;
    for (size_t i = 0; cookies != NULL && i < visited->cookie_count; i++)
        *failed |= (cookies[i] = copy_of(visited->cookies[i].value)) == NULL;
    return cookies;
}

static void rendered(void *owner, const app_visited *visited)
{
    dew_rendering *r = owner;
    dew_rendered page = { .status = visited->status, .body = copy_of(visited->body), .body_len = visited->body.len };
    bool failed = page.body == NULL;
    page.cookies = cookies_of(visited, &failed);
    int code = failed ? DEW_E_NOMEM : 0;
    if (visited->location.len != 0 && (page.location = copy_of(visited->location)) == NULL)
        code = DEW_E_NOMEM;
    if (visited->is_draining || visited->status == dew_error_status(DEW_E_CANCELLED))
        code = DEW_E_CLOSED; /* who cancels is told so by `leave`: this is dew_app_stop */
    if (code != 0)
        dew_rendered_dispose(&page);
    tell(r, code, &page);
}

static dew_asker *who(void *owner)
{
    dew_rendering *r = owner;
    return app_asker_of_list(r->worker, (app_header_list)r->headers, dew_str_of(r->url));
}

static void render(dew_loop *loop, dew_msg *msg)
{
    static const app_visit_owner owner = { .who = who, .done = rendered };
    dew_rendering *r = dew_container_of(msg, dew_rendering, start);
    r->worker = app_worker_of(loop);
    __atomic_add_fetch(&r->refs, 1, __ATOMIC_RELAXED); /* for as long as this needs it */
    app_visit *visit = app_visit_start(r->worker, dew_str_of(r->url), APP_OUTPUT_HTML, &owner, r);
    if (!r->is_told)
        r->visit = visit;
    unref(r);
}

static void render_dropped(dew_msg *msg)
{
    tell(dew_container_of(msg, dew_rendering, start), DEW_E_CLOSED, &(dew_rendered){ 0 });
}

static void leave(dew_loop *loop, dew_msg *msg)
{
    (void)loop;
    dew_rendering *r = dew_container_of(msg, dew_rendering, leave);
    if (!r->is_told) {
        app_visit_end(r->visit, DEW_END_CLIENT_GONE);
        tell(r, DEW_E_CANCELLED, &(dew_rendered){ 0 });
    }
    unref(r);
}

static void leave_dropped(dew_msg *msg)
{
    unref(dew_container_of(msg, dew_rendering, leave));
}

/* ---- on the program's threads ---- */

int dew_render_start(dew_app *app, const char *url, const char *const *headers, dew_rendered_fn *on_done, void *context,
                     dew_rendering **out)
{
    dew_rendering *r = calloc(1, sizeof *r);
    if (r == NULL)
        return DEW_E_NOMEM;
    *r = (dew_rendering){ .start = { .run = render, .drop = render_dropped },
                          .leave = { .run = leave, .drop = leave_dropped },
                          .refs = 1,
                          .on_done = on_done,
                          .context = context };
    unsigned turn = __atomic_fetch_add(&app->renderings, 1, __ATOMIC_RELAXED);
    r->loop = app->workers[turn % app->worker_count].loop;
    r->url = copy_of(dew_str_of(url));
    int code = r->url != NULL && copy_headers(r, headers) ? 0 : DEW_E_NOMEM;
    if (out != NULL) {
        *out = r; /* before on_done, which may come before this returns */
        r->refs++;
    }
    if (code == 0)
        code = dew_loop_post(r->loop, &r->start);
    if (code == 0)
        return 0;
    if (out != NULL) {
        *out = NULL;
        r->refs--;
    }
    unref(r);
    return code;
}

void dew_render_cancel(dew_rendering *r)
{
    if (r == NULL || __atomic_exchange_n(&r->is_cancelled, 1, __ATOMIC_RELAXED) != 0)
        return;
    __atomic_add_fetch(&r->refs, 1, __ATOMIC_RELAXED);
    if (dew_loop_post_answer(r->loop, &r->leave) != 0)
        unref(r); /* the application has stopped, and has told */
}

void dew_render_release(dew_rendering *r)
{
    if (r != NULL)
        unref(r);
}

void dew_rendered_dispose(dew_rendered *page)
{
    if (page == NULL)
        return;
    for (char **at = page->cookies; at != NULL && *at != NULL; at++)
        free(*at);
    free(page->cookies);
    free(page->body);
    free(page->location);
    *page = (dew_rendered){ 0 };
}

/* ---- waiting for it ---- */

typedef struct waiter {
    dew_gate *done;
    dew_rendered page;
    int code;
} waiter;

static void wake(void *context, int code, dew_rendered *page)
{
    waiter *w = context;
    w->code = code;
    w->page = *page;
    dew_gate_open(w->done);
}

int dew_render_url(dew_app *app, const char *url, const char *const *headers, dew_rendered *out)
{
    waiter w = { .done = dew_gate_create() };
    if (w.done == NULL)
        return DEW_E_NOMEM;
    int code = dew_render_start(app, url, headers, wake, &w, NULL);
    if (code == 0) {
        dew_gate_wait(w.done);
        code = w.code;
    }
    if (code == 0)
        *out = w.page;
    dew_gate_destroy(w.done);
    return code;
}
