/* connection_read.c - bytes of a connection into one request: its head, its body, and on to the handler.
 *
 *     dew_http_conn_read ─┬─ head_take ──> dispatch ─> handler
 *                         └─ body_take ─┘
 * What is wrong is answered at once, and ends the connection (dew_http_conn_fault). */
#include "http/host.h"
#include "http/server_internal.h"

void dew_http_conn_fault(dew_http_request *request, dew_http_fault what)
{
    conn *c = request->conn;
    const dew_http_limits *limits = &c->server->limits;
    size_t limit = 0;
    switch (what) {
    case DEW_HTTP_FAULT_BODY_LONG:
        limit = limits->body_max;
        break;
    case DEW_HTTP_FAULT_HEAD_SLOW:
        limit = (size_t)limits->head_timeout_ms;
        break;
    case DEW_HTTP_FAULT_BODY_SLOW:
        limit = limits->body_rate_min;
        break;
    case DEW_HTTP_FAULT_CHUNK_EXTENSION:
        limit = DEW_HTTP_CHUNK_EXTENSION_MAX;
        break;
    case DEW_HTTP_FAULT_TRAILER_LONG:
        limit = DEW_HTTP_TRAILER_MAX;
        break;
    default:
        limit = dew_http_head_limit(&limits->head, what);
    }
    c->is_stopped = request->closes = true;
    c->reading = NULL;
    DEW_LEVEL_ADD(&c->server->stats->fault_count, 1);
    dew_http_respond_fault(request, what, limit);
    if (!c->is_processing && !dew_stream_is_closing(c->stream))
        dew_http_conn_watch(c);
}

static void dispatch(conn *c, dew_http_request *request)
{
    dew_http_server *server = c->server;
    if (request->body.len != 0) {
        if (dew_buf_reserve(&request->body, 1) != 0) {
            dew_http_conn_fault(request, DEW_HTTP_FAULT_NOMEM);
            return;
        }
        request->body.ptr[request->body.len] = '\0';
    }
    c->reading = NULL;
    c->wait = WAIT_NONE; /* the next head has its own time */
    c->deadline_ms = INT64_MAX;
    c->is_exclusive = request->head.asks_upgrade;
    request->is_reading_body = false;
    request->is_dispatched = true;
    DEW_LEVEL_ADD(&server->stats->pending_count, 1);
    DEW_LEVEL_ADD(&server->stats->request_count, 1);
    server->handler(server->context, request);
}

void dew_http_conn_continue(dew_http_request *request)
{
    static const dew_io_slice text = { "HTTP/1.1 100 Continue\r\n\r\n", 25, NULL };
    request->wants_continue = false;
    (void)!dew_http_conn_write(request->conn, &text, 1); /* on failure the stream is closing */
}

/* Most requests name the host of the one before. */
static bool host_is_allowed(dew_http_server *server, dew_str host)
{
    if (host.len != 0 && host.len == server->last_host_len && memcmp(host.ptr, server->last_host, host.len) == 0)
        return true;
    if (!dew_http_host_is_allowed(server->hosts, host))
        return false;
    if (host.len <= sizeof server->last_host) {
        memcpy(server->last_host, host.ptr, host.len);
        server->last_host_len = host.len;
    }
    return true;
}

/* The fault of a whole head, if any: what the parser cannot know. */
static dew_http_fault head_check(dew_http_server *server, const dew_http_request *request)
{
    const dew_http_head *head = &request->head;
    if (server->hosts != NULL && !head->has_host)
        return DEW_HTTP_FAULT_HOST;
    if (server->hosts != NULL && !host_is_allowed(server, dew_http_request_host(request)))
        return DEW_HTTP_FAULT_HOST_UNKNOWN;
    if (head->content_length > server->limits.body_max)
        return DEW_HTTP_FAULT_BODY_LONG;
    return DEW_HTTP_FAULT_NONE;
}

/* The head is whole: head.at bytes at `bytes`. `has_more`: bytes of the body are there already. */
static void head_done(conn *c, dew_http_request *request, const char *bytes, bool has_more)
{
    dew_http_head *head = &request->head;
    char *copy = dew_arena_alloc(&request->arena, head->at);
    if (copy == NULL) {
        dew_http_conn_fault(request, DEW_HTTP_FAULT_NOMEM);
        return;
    }
    request->bytes = memcpy(copy, bytes, head->at);
    dew_http_fault what = head_check(c->server, request);
    if (what != DEW_HTTP_FAULT_NONE) {
        dew_http_conn_fault(request, what);
        return;
    }
    request->closes = !head->is_kept_alive;
    request->body_left = head->content_length;
    request->is_reading_body = head->is_chunked || head->content_length != 0;
    if (!request->is_reading_body) {
        dispatch(c, request);
        return;
    }
    c->wait = WAIT_NONE;
    request->wants_continue = head->expects_continue && !has_more;
    if (request->wants_continue && c->request_count == 1)
        dew_http_conn_continue(request);
}

/* Returns what it took; 0: the head is not whole. */
static size_t head_take(conn *c, dew_http_request *request, const char *bytes, size_t len)
{
    switch (dew_http_head_parse(&request->head, bytes, len, &c->server->limits.head)) {
    case DEW_HTTP_MORE:
        return 0;
    case DEW_HTTP_FAULT:
        dew_http_conn_fault(request, (dew_http_fault)request->head.fault);
        return len;
    default:
        break;
    }
    size_t head_len = request->head.at;
    head_done(c, request, bytes, len > head_len);
    return head_len;
}

static dew_http_fault body_put(dew_http_request *request, dew_str data)
{
    if (data.len > request->server->limits.body_max - request->body.len)
        return DEW_HTTP_FAULT_BODY_LONG;
    dew_buf_put_str(&request->body, data);
    return request->body.error != 0 ? DEW_HTTP_FAULT_NOMEM : DEW_HTTP_FAULT_NONE;
}

/* Returns what it took, at least 1. */
static size_t body_take(conn *c, dew_http_request *request, const char *bytes, size_t len)
{
    size_t used = len < request->body_left ? len : (size_t)request->body_left;
    dew_str data = dew_str_make(bytes, used);
    dew_http_fault what = DEW_HTTP_FAULT_NONE;
    bool is_whole = false;
    if (request->head.is_chunked) {
        dew_http_progress progress = dew_http_chunked_decode(&request->chunked, bytes, len, &used, &data);
        is_whole = progress == DEW_HTTP_DONE;
        if (progress == DEW_HTTP_FAULT)
            what = (dew_http_fault)request->chunked.fault;
    } else {
        request->body_left -= used;
        is_whole = request->body_left == 0;
    }
    request->body_seen += used;
    if (what == DEW_HTTP_FAULT_NONE)
        what = body_put(request, data);
    if (what != DEW_HTTP_FAULT_NONE)
        dew_http_conn_fault(request, what);
    else if (is_whole)
        dispatch(c, request);
    return what != DEW_HTTP_FAULT_NONE ? len : used;
}

size_t dew_http_conn_read(conn *c, const char *bytes, size_t len)
{
    dew_http_request *request = c->reading;
    return request->is_reading_body ? body_take(c, request, bytes, len) : head_take(c, request, bytes, len);
}
