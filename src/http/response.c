/* response.c - answers: whole and streamed bodies, and their order. Their heads are in response_head.c. See request.h.
 *
 * An answer of the connection's first request goes straight to the stream: head and body in one write. One that comes
 * before its turn is stored, as blobs, until the requests before it have been answered (flush_stored). */
#include "http/server_internal.h"

#include "base/format.h"

#include <assert.h>

/* Slices of an answer that fit on the stack of the usual path; more go out in batches. */
#define SLICES_INLINE 16
#define JSON_MAX 1024

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
            at = dew_http_put(at, DEW_S("\\u00"));
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
    char *at = dew_http_put(json, DEW_S("{\"error\":{\"code\":\""));
    at = put_json(at, end, dew_error_name(code));
    at = dew_http_put(at, DEW_S("\",\"message\":\""));
    at = put_json(at, end, message);
    at = dew_http_put(at, DEW_S("\"}}"));
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
    if (dew_http_head_write(request, &response, body.len, &head) !=
        0) { /* out of memory: the connection is of no use */
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
    int error = dew_http_head_write(request, response, len_of(response->body, response->body_count), &head);
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
    int error = dew_http_head_write(request, response, UINT64_MAX, &head);
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
