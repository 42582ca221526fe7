/* reply.c - see reply.h. Header lines are made once, at compile time. */
#include "app/reply.h"

#include "app/cookies.h"
#include "base/format.h"
#include "type/json.h"

/* A page that is the same for everybody may be kept, and is asked for again before it is used: the browser's way back is quick. Data
 * stands at the same address, and would take the page's place in a browser's cache. */
#define KEPT "Cache-Control: no-cache\r\nVary: Accept\r\n"
#define NOT_KEPT "Cache-Control: private, no-store\r\nVary: Accept\r\n"
#define VISITORS "Cache-Control: private, no-store\r\nVary: Accept, Cookie\r\n"
#define NOSNIFF "X-Content-Type-Options: nosniff\r\n"
#define JSON_LINES "Cache-Control: no-store\r\n" NOSNIFF

static void respond(dew_http_request *request, const dew_http_response *response)
{
    /* a peer that has gone is no fault of ours, and nothing is left to do */
    (void)dew_http_respond(request, response);
}

void app_reply_json(dew_http_request *request, int status, dew_str body)
{
    dew_io_slice slice = { .ptr = body.ptr, .len = body.len };
    respond(request, &(dew_http_response){ .status = status,
                                           .content_type = DEW_S("application/json"),
                                           .head_lines = DEW_S(JSON_LINES),
                                           .body = &slice,
                                           .body_count = 1 });
}

static dew_str caching_of(const app_visited *page, app_output output)
{
    if (page->reads_cookies)
        return DEW_S(VISITORS NOSNIFF);
    return page->is_shared && output == APP_OUTPUT_HTML ? DEW_S(KEPT NOSNIFF) : DEW_S(NOT_KEPT NOSNIFF);
}

/* Returns how many. */
static size_t put_cookies(dew_http_header *to, const app_visited *page)
{
    for (size_t i = 0; i < page->cookie_count; i++)
        to[i] = page->cookies[i];
    return page->cookie_count;
}

#define PAGE_HEADERS_MAX (2 + APP_COOKIES_MAX)
#define PASSES_MAX 16

/* Returns how many; `passes`: room for the text of one. */
static size_t put_headers(dew_http_header *more, const app_visited *page, char passes[PASSES_MAX])
{
    size_t count = put_cookies(more, page);
    if (page->timing.len != 0)
        more[count++] = (dew_http_header){ DEW_S("Server-Timing"), page->timing };
    if (page->tells_passes)
        more[count++] = (dew_http_header){ DEW_S("Dew-Passes"),
                                           dew_str_make(passes, dew_format(passes, PASSES_MAX, "%d", page->passes)) };
    return count;
}

int app_reply_page_begin(dew_http_request *request, const app_visited *page)
{
    dew_io_slice slice = { .ptr = page->body.ptr, .len = page->body.len };
    dew_http_header more[PAGE_HEADERS_MAX];
    char passes[PASSES_MAX];
    size_t count = put_headers(more, page, passes);
    return dew_http_begin(request, &(dew_http_response){ .status = page->status,
                                                         .content_type = app_output_type(APP_OUTPUT_HTML),
                                                         .headers = more,
                                                         .header_count = count,
                                                         .head_lines = caching_of(page, APP_OUTPUT_HTML),
                                                         .body = &slice,
                                                         .body_count = 1 });
}

void app_reply_page(dew_http_request *request, const app_visited *page, app_output output)
{
    dew_io_slice slice = { .ptr = page->body.ptr, .len = page->body.len };
    dew_http_header more[PAGE_HEADERS_MAX];
    char passes[PASSES_MAX];
    size_t count = put_headers(more, page, passes);
    respond(request, &(dew_http_response){ .status = page->status,
                                           .content_type = app_output_type(output),
                                           .headers = more,
                                           .header_count = count,
                                           .head_lines = caching_of(page, output),
                                           .body = &slice,
                                           .body_count = 1,
                                           .head_room = page->room });
}

void app_reply_page_redirect(dew_http_request *request, const app_visited *page)
{
    dew_http_header more[1 + APP_COOKIES_MAX];
    size_t count = put_cookies(more, page);
    more[count++] = (dew_http_header){ DEW_S("Location"), page->location };
    respond(request, &(dew_http_response){ .status = page->status,
                                           .headers = more,
                                           .header_count = count,
                                           .head_lines = DEW_S("Cache-Control: no-store\r\nVary: Accept\r\n") });
}

void app_reply_redirect(dew_http_request *request, int status, dew_str location)
{
    app_reply_page_redirect(request, &(app_visited){ .status = status, .location = location });
}

void app_error_write(dew_buf *out, int code, const char *message)
{
    dew_buf_put_lit(out, "{\"error\":{");
    dew_json_put_failure(out, code, message);
    dew_buf_put_lit(out, "}}");
}

/* `allow`: the methods that there are, or NULL. */
static void respond_error(dew_http_request *request, int code, const char *message, dew_str head_lines,
                          const char *allow)
{
    const dew_http_header header = { DEW_S("Allow"), dew_str_of(allow != NULL ? allow : "") };
    dew_buf body;
    dew_buf_init(&body, 4096);
    app_error_write(&body, code, message);
    dew_io_slice slice = { .ptr = body.ptr, .len = body.len };
    respond(request, &(dew_http_response){ .status = dew_error_status(code),
                                           .content_type = DEW_S("application/json"),
                                           .headers = &header,
                                           .header_count = allow != NULL,
                                           .head_lines = head_lines,
                                           .body = &slice,
                                           .body_count = 1 });
    dew_buf_dispose(&body);
}

void app_reply_error(dew_http_request *request, int code, const char *message)
{
    respond_error(request, code, message, DEW_S(JSON_LINES), NULL);
}

void app_reply_method(dew_http_request *request, const char *allow)
{
    dew_error error;
    dew_error_set(&error, DEW_E_METHOD, "the method is not allowed here; use %s", allow);
    respond_error(request, DEW_E_METHOD, error.message, DEW_S(JSON_LINES), allow);
}

void app_reply_unacceptable(dew_http_request *request)
{
    respond_error(request, DEW_E_NOT_ACCEPTABLE,
                  "a page is text/html, application/vnd.dew.state+json or application/vnd.dew.data+json",
                  DEW_S(NOT_KEPT NOSNIFF), NULL);
}

void app_outcome_write(dew_buf *out, const app_outcome *outcome)
{
    if (outcome->code != 0) {
        app_error_write(out, outcome->code, outcome->message);
        return;
    }
    dew_buf_put_lit(out, "{\"value\":");
    dew_buf_put_str(out, outcome->value);
    dew_buf_put_lit(out, ",\"commit\":\"");
    dew_buf_put_i64(out, outcome->commit);
    dew_buf_put_lit(out, "\"}");
}
