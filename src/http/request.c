/* request.c - the life of a request, and reading it. See request.h.
 *
 *   pool ── acquire ─> reading ─> dispatched ── answered ─> release ─> pool
 *                                     └─ peer gone: conn NULL, on_gone; answered ─> release */
#include "http/server_internal.h"

#include "http/cookie.h"
#include "http/token.h"

#include <assert.h>
#include <stdlib.h>

/* --- life --- */

static dew_http_request *request_create(dew_http_server *server)
{
    dew_http_request *request = malloc(sizeof *request);
    if (request == NULL)
        return NULL;
    memset(request, 0, sizeof *request);
    request->server = server;
    dew_arena_init(&request->arena, DEW_HTTP_ARENA_MAX);
    dew_buf_init(&request->body, server->limits.body_max < SIZE_MAX ? server->limits.body_max + 1 : SIZE_MAX);
    return request;
}

void dew_http_request_destroy(dew_http_request *request)
{
    dew_arena_dispose(&request->arena);
    dew_buf_dispose(&request->body);
    free(request);
}

dew_http_request *dew_http_request_acquire(conn *c)
{
    dew_http_server *server = c->server;
    dew_link *link = dew_list_pop_front(&server->pool);
    dew_http_request *request = NULL;
    if (link != NULL) {
        request = dew_container_of(link, dew_http_request, link);
        server->pool_count--;
    } else if ((request = request_create(server)) == NULL) {
        return NULL;
    }
    request->conn = c;
    dew_list_push_back(&c->requests, &request->link);
    c->request_count++;
    return request;
}

static void stored_drop(dew_http_request *request)
{
    for (size_t i = 0; i < request->stored_count; i++)
        dew_blob_unref(request->stored[i].blob);
}

/* Back to what request_create made; arena and body keep some memory. */
static void request_clear(dew_http_request *request)
{
    dew_http_server *server = request->server;
    dew_arena arena = request->arena;
    dew_buf body = request->body;
    dew_arena_reset(&arena);
    if (body.cap > POOL_BODY_MAX)
        dew_buf_dispose(&body);
    dew_buf_clear(&body);
    memset(request, 0, offsetof(dew_http_request, head) + offsetof(dew_http_head, fields));
    request->server = server;
    request->arena = arena;
    request->body = body;
}

void dew_http_request_release(dew_http_request *request)
{
    dew_http_server *server = request->server;
    stored_drop(request);
    if (request->conn != NULL) {
        dew_list_unlink(&request->link);
        request->conn->request_count--;
        if (request->conn->reading == request)
            request->conn->reading = NULL;
    }
    if (request->is_dispatched)
        DEW_LEVEL_ADD(&server->stats->pending_count, -1);
    if (server->pool_count < POOL_COUNT_MAX && !server->is_closing) {
        request_clear(request);
        dew_list_push_front(&server->pool, &request->link);
        server->pool_count++;
    } else {
        dew_http_request_destroy(request);
    }
    dew_http_server_check_end(server);
}

/* --- reading it --- */

dew_http_method dew_http_request_method(const dew_http_request *request)
{
    return (dew_http_method)request->head.method;
}

dew_str dew_http_request_target(const dew_http_request *request)
{
    return dew_http_span_str(request->bytes, request->head.target);
}

dew_str dew_http_request_path(const dew_http_request *request)
{
    if (request->head.path.len == 0) /* absolute form without a path (RFC 9112 §3.2.1) */
        return DEW_S("/");
    return dew_http_span_str(request->bytes, request->head.path);
}

dew_str dew_http_request_query(const dew_http_request *request)
{
    return dew_http_span_str(request->bytes, request->head.query);
}

dew_str dew_http_request_host(const dew_http_request *request)
{
    return dew_http_span_str(request->bytes, request->head.host);
}

dew_str dew_http_request_body(const dew_http_request *request)
{
    return request->body.ptr != NULL ? dew_buf_str(&request->body) : DEW_S("");
}

dew_str dew_http_request_header(const dew_http_request *request, dew_str name)
{
    return dew_http_head_get(&request->head, request->bytes, name);
}

bool dew_http_request_header_at(const dew_http_request *request, size_t i, dew_str *name, dew_str *value)
{
    if (i >= request->head.field_count)
        return false;
    *name = dew_http_span_str(request->bytes, request->head.fields[i].name);
    *value = dew_http_span_str(request->bytes, request->head.fields[i].value);
    return true;
}

dew_str dew_http_request_cookie(const dew_http_request *request, dew_str name)
{
    dew_str field, value;
    for (size_t i = 0; dew_http_request_header_at(request, i, &field, &value); i++) {
        if (!dew_http_eq_nocase(field, DEW_S("cookie")))
            continue;
        dew_str found = dew_http_cookie_get(value, name);
        if (found.ptr != NULL)
            return found;
    }
    return dew_str_make(NULL, 0);
}

dew_arena *dew_http_request_arena(dew_http_request *request)
{
    return &request->arena;
}

dew_http_server *dew_http_request_server(const dew_http_request *request)
{
    return request->server;
}

void dew_http_request_peer(const dew_http_request *request, char text[DEW_ENDPOINT_TEXT_MAX])
{
    text[0] = '\0';
    if (request->conn != NULL)
        dew_stream_peer(request->conn->stream, text);
}

void dew_http_request_peer_host(const dew_http_request *request, char text[DEW_ENDPOINT_TEXT_MAX])
{
    text[0] = '\0';
    if (request->conn != NULL)
        dew_stream_peer_host(request->conn->stream, text);
}

void dew_http_request_watch(dew_http_request *request, const dew_http_watch *watch)
{
    assert(request->is_dispatched);
    request->watch = *watch;
}

bool dew_http_request_is_gone(const dew_http_request *request)
{
    return request->conn == NULL || dew_stream_is_closing(request->conn->stream);
}
