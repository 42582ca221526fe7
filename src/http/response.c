/* response.c - answers: their heads, whole and streamed bodies, and their order. See request.h.
 *
 * An answer of the connection's first request goes straight to the stream: head and body in one write. One that comes
 * before its turn is stored, as blobs, until the requests before it have been answered (flush_stored). */
#include "http/server_internal.h"

#include "base/format.h"
#include "http/token.h"

#include <assert.h>

/* Slices of an answer that fit on the stack of the usual path; more go out in batches. */
#define SLICES_INLINE 16
/* Fixed parts of a head: status line, Date, Content-Length, Connection, names and line ends. */
#define HEAD_FIXED_MAX 256
#define JSON_MAX 1024
/* The client has gone, as logs of others say it; no client ever sees it. */
#define CLIENT_GONE 499

/* --- heads --- */

/* X(status, reason): RFC 9110 §15, 6585, 6455 */
#define STATUSES(X)                                                                                                   \
    X(101, "Switching Protocols") X(200, "OK") X(201, "Created") X(202, "Accepted") X(204, "No Content")              \
    X(206, "Partial Content") X(301, "Moved Permanently") X(302, "Found") X(303, "See Other") X(304, "Not Modified")  \
    X(307, "Temporary Redirect") X(308, "Permanent Redirect") X(400, "Bad Request") X(401, "Unauthorized")            \
    X(403, "Forbidden") X(404, "Not Found") X(405, "Method Not Allowed") X(406, "Not Acceptable")                     \
    X(408, "Request Timeout") X(409, "Conflict") X(410, "Gone") X(411, "Length Required")                             \
    X(412, "Precondition Failed") X(413, "Content Too Large") X(414, "URI Too Long") X(415, "Unsupported Media Type") \
    X(416, "Range Not Satisfiable") X(417, "Expectation Failed") X(421, "Misdirected Request")                        \
    X(422, "Unprocessable Content") X(426, "Upgrade Required") X(429, "Too Many Requests")                            \
    X(431, "Request Header Fields Too Large") X(499, "Client Closed Request") X(500, "Internal Server Error")         \
    X(501, "Not Implemented") X(502, "Bad Gateway") X(503, "Service Unavailable") X(504, "Gateway Timeout")           \
    X(505, "HTTP Version Not Supported") X(507, "Insufficient Storage")

static dew_str status_line(int status)
{
    switch (status) {
#define CASE(code, reason)                                                                                            \
    case code:                                                                                                        \
        return DEW_S("HTTP/1.1 " #code " " reason "\r\nDate: ");
        STATUSES(CASE)
#undef CASE
    default:
        return DEW_S("");
    }
}

static char *put(char *at, dew_str text)
{
    if (text.len != 0)
        memcpy(at, text.ptr, text.len);
    return at + text.len;
}

static char *put_status(char *at, int status)
{
    dew_str line = status_line(status);
    if (line.len != 0)
        return put(at, line);
    at = put(at, DEW_S("HTTP/1.1 "));
    at += dew_format_i64(at, status);
    return put(at, DEW_S(" \r\nDate: "));
}

static bool headers_are_valid(const dew_http_response *response)
{
    if (!dew_http_is_value(response->content_type))
        return false;
    for (size_t i = 0; i < response->header_count; i++)
        if (!dew_http_is_all(response->headers[i].name, DEW_HTTP_TCHAR) ||
            !dew_http_is_value(response->headers[i].value))
            return false;
    return true;
}

static size_t head_max(const dew_http_response *response)
{
    size_t len = HEAD_FIXED_MAX + response->content_type.len + response->head_lines.len;
    for (size_t i = 0; i < response->header_count; i++)
        len += response->headers[i].name.len + response->headers[i].value.len + 4;
    return len;
}

static char *put_framing(char *at, const dew_http_request *request, int status, uint64_t body_len)
{
    if (request->is_chunked_out)
        at = put(at, DEW_S("Transfer-Encoding: chunked\r\n"));
    else if (body_len != UINT64_MAX && status != 204 && status != 304) {
        at = put(at, DEW_S("Content-Length: "));
        at += dew_format_u64(at, body_len);
        at = put(at, DEW_S("\r\n"));
    }
    if (request->closes)
        at = put(at, DEW_S("Connection: close\r\n"));
    else if (request->head.minor == 0)
        at = put(at, DEW_S("Connection: keep-alive\r\n"));
    return at;
}

/* Writes the head into the request's arena. body_len UINT64_MAX: not known, streamed. Decides whether the connection
 * ends with it and whether a body goes out. */
static int head_write(dew_http_request *request, const dew_http_response *response, uint64_t body_len, dew_str *out)
{
    int status = response->status != 0 ? response->status : 200;
    if (status == CLIENT_GONE && request->server->is_closing)
        status = 503; /* not he: what was done for him was cut short */
    if (!headers_are_valid(response))
        return DEW_E_INVALID;
    char *start = dew_arena_alloc(&request->arena, head_max(response));
    if (start == NULL)
        return DEW_E_NOMEM;
    bool is_streamed = body_len == UINT64_MAX;
    request->is_bodyless = request->head.method == DEW_HTTP_HEAD || status == 204 || status == 304;
    request->is_chunked_out = is_streamed && !request->is_bodyless && request->head.minor == 1;
    request->closes |= request->server->is_closing;
    request->closes |= is_streamed && !request->is_bodyless && request->head.minor == 0;
    char *at = put_status(start, status);
    at = put(at, dew_str_make(dew_http_server_date(request->server), DEW_HTTP_DATE_LEN));
    at = put(at, DEW_S("\r\n"));
    if (response->content_type.len != 0)
        at = put(put(put(at, DEW_S("Content-Type: ")), response->content_type), DEW_S("\r\n"));
    for (size_t i = 0; i < response->header_count; i++) {
        at = put(put(at, response->headers[i].name), DEW_S(": "));
        at = put(put(at, response->headers[i].value), DEW_S("\r\n"));
    }
    at = put(at, response->head_lines);
    at = put_framing(at, request, status, body_len);
    at = put(at, DEW_S("\r\n"));
    *out = dew_str_make(start, (size_t)(at - start));
    return 0;
}

/* --- order --- */

static bool is_first(const dew_http_request *request)
{
    return request->conn->requests.next == &request->link;
}

static int store_one(dew_http_request *request, const dew_io_slice *slice)
{
    if (slice->len == 0)
        return 0;
    if (request->stored_count == request->stored_cap) {
        size_t cap = request->stored_cap != 0 ? request->stored_cap * 2 : 8;
        void *moved = dew_arena_grow(&request->arena, request->stored, request->stored_cap * sizeof *request->stored,
                                     cap * sizeof *request->stored);
        if (moved == NULL)
            return DEW_E_NOMEM;
        request->stored = moved;
        request->stored_cap = cap;
    }
    dew_io_slice kept = *slice;
    if (kept.blob != NULL) {
        dew_blob_ref(kept.blob);
    } else {
        kept.blob = dew_blob_copy(dew_str_make(slice->ptr, slice->len));
        if (kept.blob == NULL)
            return DEW_E_NOMEM;
        kept.ptr = kept.blob->data;
    }
    request->stored[request->stored_count++] = kept;
    request->stored_len += kept.len;
    return 0;
}

/* Writes now, or stores until it is this request's turn. On an error but DEW_E_LIMIT the connection is closing. */
static int emit(dew_http_request *request, const dew_io_slice *slices, size_t count)
{
    if (dew_http_request_is_gone(request))
        return DEW_E_CLOSED;
    if (is_first(request))
        return dew_http_conn_write(request->conn, slices, count);
    for (size_t i = 0; i < count; i++)
        if (store_one(request, &slices[i]) != 0) {
            dew_http_conn_break(request->conn);
            return DEW_E_NOMEM;
        }
    return 0;
}

/* The answer is complete. */
static void answer_end(dew_http_request *request)
{
    request->is_ended = true;
    if (request->conn == NULL)
        dew_http_request_release(request);
    else if (is_first(request))
        dew_http_conn_finish(request);
}

void dew_http_flush_stored(dew_http_request *request)
{
    for (size_t at = 0; at < request->stored_count; at += DEW_STREAM_SLICE_MAX) {
        size_t count = request->stored_count - at;
        if (dew_http_conn_write(request->conn, request->stored + at,
                                count < DEW_STREAM_SLICE_MAX ? count : DEW_STREAM_SLICE_MAX) != 0)
            break; /* the connection is closing: on_close gives the request back */
    }
    for (size_t i = 0; i < request->stored_count; i++)
        dew_blob_unref(request->stored[i].blob);
    request->stored_count = request->stored_len = 0;
    if (dew_stream_is_closing(request->conn->stream))
        return;
    if (request->is_ended) {
        dew_http_conn_finish(request);
        return;
    }
    if (request->is_refused) /* from here on the stream tells, but only of what it had to queue */
        dew_http_conn_drain(request->conn);
    request->is_refused = false;
    dew_http_conn_watch(request->conn);
}

/* --- whole answers --- */

/* More slices than fit on the stack: the head, then batches. */
static int emit_many(dew_http_request *request, dew_str head, const dew_io_slice *body, size_t count)
{
    dew_io_slice first = { head.ptr, head.len, NULL };
    int error = emit(request, &first, 1);
    for (size_t at = 0; at < count && error == 0; at += DEW_STREAM_SLICE_MAX)
        error = emit(request, body + at, count - at < DEW_STREAM_SLICE_MAX ? count - at : DEW_STREAM_SLICE_MAX);
    return error;
}

static uint64_t len_of(const dew_io_slice *slices, size_t count)
{
    uint64_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += slices[i].len;
    return len;
}

/* Sends head and body and gives the request back. */
static int send(dew_http_request *request, dew_str head, const dew_http_response *response)
{
    dew_io_slice slices[SLICES_INLINE];
    size_t count = request->is_bodyless ? 0 : response->body_count;
    int error;
    request->is_begun = true;
    if (count >= SLICES_INLINE) {
        error = emit_many(request, head, response->body, count);
    } else if (count == 1 && response->head_room >= head.len) {
        const dew_io_slice *body = response->body;
        char *start = (char *)(uintptr_t)body->ptr - head.len;
        memcpy(start, head.ptr, head.len);
        slices[0] = (dew_io_slice){ start, head.len + body->len, NULL };
        error = emit(request, slices, 1);
    } else {
        slices[0] = (dew_io_slice){ head.ptr, head.len, NULL };
        if (count != 0)
            memcpy(slices + 1, response->body, count * sizeof *slices);
        error = emit(request, slices, count + 1);
    }
    answer_end(request);
    return error;
}

/* Appends text as it stands in a JSON string, as far as it fits. */
static char *put_json(char *at, const char *end, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (; *text != '\0' && end - at > 6; text++) {
        if (*text == '"' || *text == '\\') {
            *at++ = '\\';
            *at++ = *text;
        } else if ((uint8_t)*text < 0x20) {
            at = put(at, DEW_S("\\u00"));
            *at++ = digits[*text >> 4];
            *at++ = digits[*text & 15];
        } else {
            *at++ = *text;
        }
    }
    return at;
}

/* {"error":{"code":…,"message":…}} */
static dew_str error_json(char json[JSON_MAX], int code, const char *message)
{
    const char *end = json + JSON_MAX - 3;
    char *at = put(json, DEW_S("{\"error\":{\"code\":\""));
    at = put_json(at, end, dew_error_name(code));
    at = put(at, DEW_S("\",\"message\":\""));
    at = put_json(at, end, message);
    at = put(at, DEW_S("\"}}"));
    return dew_str_make(json, (size_t)(at - json));
}

static const dew_str json_type = DEW_S_INIT("application/json");

void dew_http_respond_fault(dew_http_request *request, dew_http_fault fault, size_t limit)
{
    char message[DEW_ERROR_MESSAGE_MAX], json[JSON_MAX];
    const char *text = dew_http_fault_text(fault);
    if (strstr(text, "%zu") != NULL) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* a text of the table, with one %zu */
        dew_format(message, sizeof message, text, limit);
#pragma GCC diagnostic pop
        text = message;
    }
    dew_str body = error_json(json, dew_http_fault_code(fault), text);
    dew_io_slice slice = { body.ptr, body.len, NULL };
    dew_http_response response = {
        .status = dew_http_fault_status(fault), .content_type = json_type, .body = &slice, .body_count = 1
    };
    if (fault == DEW_HTTP_FAULT_UPGRADE_VERSION)
        response.head_lines = DEW_S("Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n");
    dew_str head;
    if (head_write(request, &response, body.len, &head) != 0) { /* out of memory: the connection is of no use */
        dew_http_conn_break(request->conn);
        answer_end(request);
        return;
    }
    (void)!send(request, head, &response); /* on failure the connection is closing */
}

int dew_http_respond(dew_http_request *request, const dew_http_response *response)
{
    dew_str head;
    assert(request->is_dispatched && !request->is_begun);
    if (dew_http_request_is_gone(request)) {
        answer_end(request);
        return DEW_E_CLOSED;
    }
    int error = head_write(request, response, len_of(response->body, response->body_count), &head);
    if (error == 0)
        return send(request, head, response);
    dew_http_respond_fault(request, DEW_HTTP_FAULT_INTERNAL, 0);
    return error;
}

int dew_http_respond_text(dew_http_request *request, int status, dew_str content_type, dew_str body)
{
    dew_io_slice slice = { body.ptr, body.len, NULL };
    dew_http_response response = { .status = status, .content_type = content_type, .body = &slice, .body_count = 1 };
    return dew_http_respond(request, &response);
}

int dew_http_respond_error(dew_http_request *request, int code, const char *message)
{
    char json[JSON_MAX];
    return dew_http_respond_text(request, dew_error_status(code), json_type,
                                 error_json(json, code, message != NULL ? message : dew_error_text(code)));
}

/* --- streamed answers --- */

/* The head, if one is given, and what is behind it as one chunk, unless that is nothing or has no place in this answer. */
static int emit_piece(dew_http_request *request, dew_str head, const dew_io_slice *slices, size_t count)
{
    dew_io_slice all[DEW_STREAM_SLICE_MAX];
    char size_line[20];
    size_t at = 0;
    assert(count <= DEW_STREAM_SLICE_MAX - 3);
    const uint64_t len = len_of(slices, count);
    const bool has_body = len != 0 && !request->is_bodyless;
    const bool is_chunk = has_body && request->is_chunked_out;
    if (head.len != 0)
        all[at++] = (dew_io_slice){ head.ptr, head.len, NULL };
    if (is_chunk)
        all[at++] =
            (dew_io_slice){ size_line, dew_format(size_line, sizeof size_line, "%llx\r\n", (unsigned long long)len),
                            NULL };
    for (size_t i = 0; has_body && i < count; i++)
        all[at++] = slices[i];
    if (is_chunk)
        all[at++] = (dew_io_slice){ "\r\n", 2, NULL };
    int error = at != 0 ? emit(request, all, at) : 0;
    if (error == 0 && has_body)
        dew_http_conn_watch(request->conn);
    return error;
}

int dew_http_begin(dew_http_request *request, const dew_http_response *response)
{
    dew_str head;
    assert(request->is_dispatched && !request->is_begun);
    if (dew_http_request_is_gone(request)) {
        answer_end(request);
        return DEW_E_CLOSED;
    }
    int error = head_write(request, response, UINT64_MAX, &head);
    if (error != 0) {
        dew_http_respond_fault(request, DEW_HTTP_FAULT_INTERNAL, 0);
        return error;
    }
    request->is_begun = true;
    error = emit_piece(request, head, response->body, response->body_count);
    if (error != 0)
        answer_end(request);
    return error;
}

size_t dew_http_queued_len(const dew_http_request *request)
{
    if (dew_http_request_is_gone(request))
        return 0;
    return is_first(request) ? dew_stream_queued_len(request->conn->stream) : request->stored_len;
}

int dew_http_write(dew_http_request *request, const dew_io_slice *slices, size_t count)
{
    assert(request->is_begun && !request->is_ended);
    if (dew_http_request_is_gone(request))
        return DEW_E_CLOSED;
    if (len_of(slices, count) == 0 || request->is_bodyless)
        return 0;
    if (dew_http_queued_len(request) > request->server->limits.stream_queue_max) {
        request->is_refused = !is_first(request);
        return DEW_E_LIMIT;
    }
    return emit_piece(request, (dew_str){ NULL, 0 }, slices, count);
}

void dew_http_end(dew_http_request *request)
{
    static const dew_io_slice last = { "0\r\n\r\n", 5, NULL };
    assert(request->is_begun && !request->is_ended);
    request->closes |= request->server->is_closing; /* since it was begun */
    if (request->is_chunked_out)
        (void)!emit(request, &last, 1); /* on failure the connection is closing */
    answer_end(request);
}

void dew_http_abandon(dew_http_request *request)
{
    if (request->conn != NULL)
        dew_http_conn_break(request->conn);
    request->is_ended = true;
    dew_http_request_release(request);
}
