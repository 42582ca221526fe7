/* page.c - GET of a page: a visit on behalf of an HTTP request. */
#include "app/asker.h"
#include "app/endpoints.h"
#include "app/navigations.h"
#include "app/reply.h"
#include "app/visit.h"
#include "http/token.h"
#include "type/json.h"

typedef struct page_request {
    app_worker *worker;
    dew_http_request *request;
    app_visit *visit; /* NULL once answered */
    app_navigation navigation; /* that of the tab whose state it is; empty: of none */
    app_output output;
} page_request;

/* The header may be there more than once. */
static app_output output_of(dew_http_request *request)
{
    const dew_str accept = DEW_S("accept");
    dew_str first = dew_http_request_header(request, accept), name, value;
    app_output output = app_accept(first);
    if (first.len == 0 || output == APP_OUTPUT_HTML)
        return output;
    dew_buf all;
    dew_buf_init(&all, DEW_HTTP_ARENA_MAX);
    for (size_t i = 0; dew_http_request_header_at(request, i, &name, &value); i++)
        if (dew_http_eq_nocase(name, accept)) {
            dew_buf_put_str(&all, value);
            dew_buf_put_char(&all, ',');
        }
    output = all.error == 0 ? app_accept(dew_buf_str(&all)) : output;
    dew_buf_dispose(&all);
    return output;
}

/* As data: fetch would follow by itself, to pages that have no state and to other origins, which do not answer it. */
static void redirect_tell(page_request *page, const app_visited *outcome)
{
    dew_buf *text = &page->worker->page;
    dew_buf_clear(text);
    dew_buf_put_lit(text, "{\"redirect\":");
    int code = dew_json_put_str(text, outcome->location);
    dew_buf_put_lit(text, ",\"status\":");
    dew_buf_put_i64(text, outcome->status);
    dew_buf_put_char(text, '}');
    if (code == 0 && text->error == 0)
        app_reply_page(page->request,
                       &(app_visited){ .status = 200,
                                       .body = dew_buf_str(text),
                                       .cookies = outcome->cookies,
                                       .cookie_count = outcome->cookie_count },
                       page->output);
    else
        (void)dew_http_respond_error(page->request, code != 0 ? code : text->error, NULL);
}

static void head_reply(dew_http_request *request, const app_visited *outcome)
{
    if (app_reply_page_begin(request, outcome) == 0)
        dew_http_end(request);
}

static void visited(void *owner, const app_visited *outcome)
{
    page_request *page = owner;
    dew_http_request *request = page->request;
    app_navigation_end(&page->navigation);
    if (outcome->location.len != 0 && page->output != APP_OUTPUT_HTML)
        redirect_tell(page, outcome);
    else if (outcome->location.len != 0)
        app_reply_page_redirect(request, outcome);
    else if (outcome->is_open) /* of HEAD: as long as that of GET is not known */
        head_reply(request, outcome);
    else
        app_reply_page(request, outcome, page->output);
}

/* ---- in pieces ---- */

static bool begin(void *owner, const app_visited *outcome)
{
    return app_reply_page_begin(((page_request *)owner)->request, outcome) == 0;
}

/* A peer that has gone is told of by `gone`. */
static bool more(void *owner, dew_str piece)
{
    dew_io_slice slice = { .ptr = piece.ptr, .len = piece.len };
    return dew_http_write(((page_request *)owner)->request, &slice, 1) != DEW_E_LIMIT;
}

static void end(void *owner)
{
    dew_http_end(((page_request *)owner)->request);
}

static void drained(dew_http_request *request, void *data)
{
    (void)request;
    app_visit_go_on(((page_request *)data)->visit);
}

static dew_asker *who(void *owner)
{
    page_request *page = owner;
    return app_asker_of_page(page->worker, page->request);
}

static void gone(dew_http_request *request, void *data)
{
    page_request *page = data;
    app_navigation_end(&page->navigation);
    app_visit_end(page->visit, DEW_END_CLIENT_GONE);
    dew_http_abandon(request);
}

static void superseded(app_navigation *navigation)
{
    page_request *page = dew_container_of(navigation, page_request, navigation);
    app_visit_end(page->visit, DEW_END_SUPERSEDED);
    (void)dew_http_respond_error(page->request, DEW_E_CANCELLED, "a newer navigation of this tab came");
}

/* The tab goes here, and no longer where it went before. */
static void navigation_begin(page_request *page)
{
    dew_str header = dew_http_request_header(page->request, DEW_S("dew-navigation"));
    page->navigation.worker = page->worker;
    page->navigation.superseded = superseded;
    if (app_navigation_read(header, &page->navigation))
        app_navigation_begin(&page->navigation);
}

void app_page_handle(app_worker *worker, dew_http_request *request)
{
    page_request *page = dew_arena_calloc(dew_http_request_arena(request), 1, sizeof *page);
    if (page == NULL) {
        (void)dew_http_respond_error(request, DEW_E_NOMEM, NULL);
        return;
    }
    static const app_visit_owner whole = { .who = who, .done = visited },
                                 in_pieces = { who, visited, begin, more, end };
    *page = (page_request){ .worker = worker, .request = request, .output = output_of(request) };
    if (page->output == APP_OUTPUT_NONE) {
        app_reply_unacceptable(request);
        return;
    }
    if (page->output != APP_OUTPUT_HTML)
        navigation_begin(page);
    const bool is_head = dew_http_request_method(request) == DEW_HTTP_HEAD;
    app_visit *visit =
        app_visit_start(worker, dew_http_request_target(request), page->output, is_head ? &whole : &in_pieces, page);
    if (visit != NULL) { /* otherwise it is answered, and `page` is gone */
        page->visit = visit;
        if (page->navigation.number != 0)
            app_navigation_wait(&page->navigation);
        dew_http_request_watch(request, &(dew_http_watch){ .on_gone = gone, .on_drain = drained, .data = page });
    }
}
