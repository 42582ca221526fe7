/* form.c - POST /_dew/form/<fn>: a call from a page without scripts, answered by a redirect (docs/protocol.md §2).
 *
 * Arguments are read from urlencoded pairs, as the browser's half does it too; a multipart/form-data body is written
 * anew as these. */
#include "page/form.h"
#include "app/asker.h"
#include "app/endpoints.h"
#include "app/invoke.h"
#include "app/reply.h"
#include "base/outcome.h"
#include "base/url.h"
#include "http/multipart.h"
#include "page/document.h"
#include "page/router.h"

/* A form's fields as urlencoded pairs: each byte takes three at most. */
#define PAIRS_MAX ((size_t)4 << 20)

typedef struct form_request {
    app_worker *worker;
    dew_http_request *request;
    app_invocation *invocation;
    dew_str target;
} form_request;

/* A page that says what is wrong; the browser's Back brings the typed values again. `back`: the form's page, when known. */
static void refuse(app_worker *worker, dew_http_request *request, int code, const char *message, dew_str back)
{
    dew_buf_clear(&worker->page);
    const dew_app *app = worker->app;
    dew_document_write_plain(&worker->page, app->config.site, dew_router_prefix(app->router), dew_error_status(code),
                             message, back);
    app_reply_page(request, &(app_visited){ .status = dew_error_status(code), .body = dew_buf_str(&worker->page) },
                   false);
}

static void invoked(void *owner, const app_outcome *outcome)
{
    form_request *form = owner;
    int status;
    dew_str location = form->target;
    if (outcome->code == 0 ||
        (outcome->code == DEW_E_REDIRECT && dew_redirect_parse(outcome->message, &status, &location)))
        app_reply_redirect(form->request, 303, location); /* whatever the status: what was posted is not posted there */
    else
        refuse(form->worker, form->request, outcome->code, outcome->message, form->target);
}

static void gone(dew_http_request *request, void *data)
{
    form_request *form = data;
    app_invocation_leave(form->invocation);
    dew_http_abandon(request);
}

/* Writes a multipart body as urlencoded pairs. A file input that was left empty is passed over. */
static int pairs_write(dew_buf *out, dew_str content_type, dew_str body, dew_error *error)
{
    dew_multipart form;
    dew_multipart_part part;
    int taken = dew_multipart_begin(&form, content_type, body, error);
    while (taken == 0 && (taken = dew_multipart_next(&form, &part, error)) == 1) {
        taken = 0;
        if (part.is_file && part.value.len == 0)
            continue;
        if (part.is_file)
            return dew_error_set(error, DEW_E_MEDIA_TYPE,
                                 "%.*s: files are not taken by this form; send its text, or leave the field out",
                                 (int)part.name.len, part.name.ptr);
        dew_url_encode(out, part.name);
        dew_buf_put_char(out, '=');
        dew_url_encode(out, part.value);
        dew_buf_put_char(out, '&');
    }
    if (taken == 0 && out->error != 0)
        taken = dew_error_set(error, out->error, "%s", dew_error_text(out->error));
    return taken;
}

/* What the form says: arguments, and where to go afterwards. All in the request's arena. */
static int form_read(form_request *form, const dew_fn *fn, bool is_multipart, void *args, dew_error *error)
{
    dew_arena *arena = dew_http_request_arena(form->request);
    dew_str pairs = dew_http_request_body(form->request), home = dew_router_prefix(form->worker->app->router);
    dew_buf own;
    int code = 0;
    dew_buf_init(&own, PAIRS_MAX);
    if (is_multipart) {
        code = pairs_write(&own, dew_http_request_header(form->request, DEW_S("content-type")), pairs, error);
        pairs = dew_buf_str(&own);
    }
    if (code == 0)
        form->target = dew_form_target(arena, pairs, home.len != 0 ? home : DEW_S("/"));
    if (code == 0)
        code = dew_form_args(arena, fn, pairs, args, NULL, error);
    dew_buf_dispose(&own);
    return code;
}

/* The page that the form is on, which is where it leads back to; empty when that is none. */
static dew_str page_of(const form_request *form)
{
    dew_match match;
    dew_router_match(form->worker->app->router, dew_http_request_arena(form->request), form->target, &match);
    return match.code == 0 ? form->target : (dew_str){ NULL, 0 };
}

void app_form_handle(app_worker *worker, dew_http_request *request, dew_str fn, bool is_multipart)
{
    dew_arena *arena = dew_http_request_arena(request);
    const dew_str nowhere = { NULL, 0 };
    dew_error error = { 0 };
    const dew_registered *entry = dew_registry_find(&worker->app->registry, fn);
    if (entry == NULL || entry->fn->kind == DEW_FN_QUERY) {
        refuse(worker, request, DEW_E_NOT_FOUND, "There is no such form.", nowhere);
        return;
    }
    form_request *form = dew_arena_calloc(arena, 1, sizeof *form);
    void *args = dew_arena_calloc(arena, 1, entry->fn->args()->size);
    if (form == NULL || args == NULL) {
        refuse(worker, request, DEW_E_NOMEM, dew_error_text(DEW_E_NOMEM), nowhere);
        return;
    }
    *form = (form_request){ .worker = worker, .request = request };
    int code = form_read(form, entry->fn, is_multipart, args, &error);
    if (code != 0) {
        refuse(worker, request, code, error.message, form->target);
        return;
    }
    dew_asker *asker = app_asker_of_request(worker, request);
    app_call call = { .fn = fn, .typed_args = args, .location = page_of(form) };
    if (asker != NULL)
        form->invocation = app_invoke(worker, &call, asker, invoked, form);
    dew_asker_unref(asker);
    if (form->invocation == NULL)
        refuse(worker, request, DEW_E_NOMEM, dew_error_text(DEW_E_NOMEM), nowhere);
    else
        dew_http_request_watch(request, &(dew_http_watch){ .on_gone = gone, .data = form });
}
