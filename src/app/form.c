/* form.c - POST /_dew/form/<fn>: a call from a page without scripts, answered by a redirect (docs/protocol.md §2). */
#include "page/form.h"
#include "app/asker.h"
#include "app/endpoints.h"
#include "app/invoke.h"
#include "app/reply.h"
#include "page/document.h"

typedef struct form_request {
    app_worker *worker;
    dew_http_request *request;
    app_invocation *invocation;
    dew_str target;
} form_request;

/* A page that says what is wrong; the browser's Back brings the typed values again. */
static void refuse(app_worker *worker, dew_http_request *request, int code, const char *message)
{
    dew_buf_clear(&worker->page);
    dew_document_write_plain(&worker->page, worker->app->config.site, dew_error_status(code), message);
    app_reply_page(request, dew_error_status(code), dew_buf_str(&worker->page), 0, false);
}

static void invoked(void *owner, const app_outcome *outcome)
{
    form_request *form = owner;
    if (outcome->code == 0)
        app_reply_redirect(form->request, 303, form->target);
    else
        refuse(form->worker, form->request, outcome->code, outcome->message);
}

static void gone(dew_http_request *request, void *data)
{
    form_request *form = data;
    app_invocation_leave(form->invocation);
    dew_http_abandon(request);
}

void app_form_handle(app_worker *worker, dew_http_request *request, dew_str fn)
{
    dew_arena *arena = dew_http_request_arena(request);
    dew_error error = { 0 };
    const dew_registered *entry = dew_registry_find(&worker->app->registry, fn);
    if (entry == NULL || entry->fn->kind == DEW_FN_QUERY) {
        refuse(worker, request, DEW_E_NOT_FOUND, "There is no such form.");
        return;
    }
    form_request *form = dew_arena_calloc(arena, 1, sizeof *form);
    void *args = dew_arena_calloc(arena, 1, entry->fn->args()->size);
    int code = form == NULL || args == NULL
                   ? dew_error_set(&error, DEW_E_NOMEM, "%s", dew_error_text(DEW_E_NOMEM))
                   : dew_form_args(arena, entry->fn, dew_http_request_body(request), args, NULL, &error);
    if (code != 0) {
        refuse(worker, request, code, error.message);
        return;
    }
    *form = (form_request){ .worker = worker, .request = request };
    dew_str home = dew_router_prefix(worker->app->router);
    form->target = dew_form_target(arena, dew_http_request_body(request), home.len != 0 ? home : DEW_S("/"));
    dew_asker *asker = app_asker_of_request(worker, request);
    app_call call = { .fn = fn, .typed_args = args };
    if (asker != NULL)
        form->invocation = app_invoke(worker, &call, asker, invoked, form);
    dew_asker_unref(asker);
    if (form->invocation == NULL)
        refuse(worker, request, DEW_E_NOMEM, dew_error_text(DEW_E_NOMEM));
    else
        dew_http_request_watch(request, &(dew_http_watch){ .on_gone = gone, .data = form });
}
