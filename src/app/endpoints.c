/* endpoints.c - see endpoints.h. Dew's own addresses start with /_dew/ or are /health; all else is a file, an endpoint of the program's or a
 * page. */
#include "app/endpoints.h"

#include "app/endpoint.h"
#include "app/metrics.h"
#include "app/origin.h"
#include "app/reply.h"
#include "http/token.h"
#include "page/router.h"

static dew_str after(dew_str text, dew_str prefix)
{
    return dew_str_make(text.ptr + prefix.len, text.len - prefix.len);
}

static bool is_read(const dew_http_request *request)
{
    dew_http_method method = dew_http_request_method(request);
    return method == DEW_HTTP_GET || method == DEW_HTTP_HEAD;
}

/* POST from a page of this origin; otherwise it has been answered. */
static bool post_is_welcome(dew_http_request *request)
{
    if (dew_http_request_method(request) != DEW_HTTP_POST) {
        app_reply_method(request, "POST");
        return false;
    }
    if (app_origin_check(request) != 0) {
        (void)dew_http_respond_error(request, DEW_E_DENIED, "this request comes from another site");
        return false;
    }
    return true;
}

static bool media_type_is(const dew_http_request *request, dew_str type)
{
    dew_str given = dew_http_request_header(request, DEW_S("content-type"));
    size_t len = 0;
    while (len < given.len && given.ptr[len] != ';' && given.ptr[len] != ' ')
        len++;
    return dew_http_eq_nocase(dew_str_make(given.ptr, len), type);
}

static void health(const app_worker *worker, dew_http_request *request)
{
    if (is_read(request) && worker->is_draining)
        app_reply_json(request, 503, DEW_S("{\"status\":\"draining\"}"));
    else if (is_read(request))
        app_reply_json(request, 200, DEW_S("{\"status\":\"ok\"}"));
    else
        app_reply_method(request, "GET, HEAD");
}

static void rpc(app_worker *worker, dew_http_request *request)
{
    if (!post_is_welcome(request))
        return;
    if (media_type_is(request, DEW_S("application/json")))
        app_rpc_handle(worker, request);
    else
        (void)dew_http_respond_error(request, DEW_E_MEDIA_TYPE, "send application/json");
}

static void form(app_worker *worker, dew_http_request *request, dew_str fn)
{
    if (!post_is_welcome(request))
        return;
    bool is_multipart = media_type_is(request, DEW_S("multipart/form-data"));
    if (is_multipart || media_type_is(request, DEW_S("application/x-www-form-urlencoded")))
        app_form_handle(worker, request, fn, is_multipart);
    else
        (void)dew_http_respond_error(request, DEW_E_MEDIA_TYPE,
                                     "send application/x-www-form-urlencoded or multipart/form-data");
}

/* Dew's own addresses, `path` without the prefix and "/_dew/". */
static void own(app_worker *worker, dew_http_request *request, dew_str path)
{
    if (dew_str_eq(path, DEW_S("rpc")))
        rpc(worker, request);
    else if (dew_str_eq(path, DEW_S("ws")))
        app_socket_handle(worker, request);
    else if (dew_str_eq(path, DEW_S("metrics")))
        app_metrics_handle(worker, request);
    else if (dew_str_starts_with(path, DEW_S("form/")))
        form(worker, request, after(path, DEW_S("form/")));
    else
        (void)dew_http_respond_error(request, DEW_E_NOT_FOUND, "nothing is served at this address");
}

void app_handle(void *context, dew_http_request *request)
{
    app_worker *worker = context;
    dew_str path = dew_http_request_path(request);
    if (dew_http_static_serve(&worker->app->files, request))
        return;
    dew_str prefix = dew_router_prefix(worker->app->router);
    if (dew_str_starts_with(path, prefix)) {
        dew_str rest = after(path, prefix);
        if (dew_str_starts_with(rest, DEW_S("/_dew/"))) {
            own(worker, request, after(rest, DEW_S("/_dew/")));
            return;
        }
        if (dew_str_eq(rest, DEW_S("/health"))) {
            health(worker, request);
            return;
        }
    }
    if (app_endpoint_handle(worker, request))
        return;
    if (is_read(request))
        app_page_handle(worker, request);
    else
        app_reply_method(request, "GET, HEAD");
}
