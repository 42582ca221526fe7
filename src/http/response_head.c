/* response_head.c - heads of answers: status line, fields, and how the body is framed (RFC 9112 §6). See server_internal.h. */
#include "http/server_internal.h"

#include "base/format.h"
#include "http/token.h"

/* Fixed parts of a head: status line, Date, Content-Length, Connection, names and line ends. */
#define HEAD_FIXED_MAX 256
/* The client has gone, as logs of others say it; no client ever sees it. */
#define CLIENT_GONE 499

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

static char *put_status(char *at, int status)
{
    dew_str line = status_line(status);
    if (line.len != 0)
        return dew_http_put(at, line);
    at = dew_http_put(at, DEW_S("HTTP/1.1 "));
    at += dew_format_i64(at, status);
    return dew_http_put(at, DEW_S(" \r\nDate: "));
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
        at = dew_http_put(at, DEW_S("Transfer-Encoding: chunked\r\n"));
    else if (body_len != UINT64_MAX && status != 204 && status != 304) {
        at = dew_http_put(at, DEW_S("Content-Length: "));
        at += dew_format_u64(at, body_len);
        at = dew_http_put(at, DEW_S("\r\n"));
    }
    if (request->closes)
        at = dew_http_put(at, DEW_S("Connection: close\r\n"));
    else if (request->head.minor == 0)
        at = dew_http_put(at, DEW_S("Connection: keep-alive\r\n"));
    return at;
}

int dew_http_head_write(dew_http_request *request, const dew_http_response *response, uint64_t body_len, dew_str *out)
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
    at = dew_http_put(at, dew_str_make(dew_http_server_date(request->server), DEW_HTTP_DATE_LEN));
    at = dew_http_put(at, DEW_S("\r\n"));
    if (response->content_type.len != 0)
        at = dew_http_put(dew_http_put(dew_http_put(at, DEW_S("Content-Type: ")), response->content_type),
                          DEW_S("\r\n"));
    for (size_t i = 0; i < response->header_count; i++) {
        at = dew_http_put(dew_http_put(at, response->headers[i].name), DEW_S(": "));
        at = dew_http_put(dew_http_put(at, response->headers[i].value), DEW_S("\r\n"));
    }
    at = dew_http_put(at, response->head_lines);
    at = put_framing(at, request, status, body_len);
    at = dew_http_put(at, DEW_S("\r\n"));
    *out = dew_str_make(start, (size_t)(at - start));
    return 0;
}
