/* fault.h - what a peer can do wrong in HTTP: one list, with the status, the error code and the words of the answer.
 *
 * Texts with %zu name a limit, and are given its value. They go to the peer, so they name no internals. */
#ifndef DEW_HTTP_FAULT_H
#define DEW_HTTP_FAULT_H

#include <dew/error.h>

/* X(name, HTTP status, DEW_E_ code, text) */
#define DEW_HTTP_FAULTS(X)                                                                                            \
    X(REQUEST_LINE, 400, INVALID, "the request line is malformed")                                                    \
    X(METHOD, 501, UNSUPPORTED, "the method is not known here")                                                       \
    X(TARGET, 400, INVALID, "the request target is malformed")                                                        \
    X(TARGET_LONG, 414, LIMIT, "the request target is longer than %zu bytes (target_max)")                            \
    X(VERSION, 505, UNSUPPORTED, "the protocol version is not HTTP/1.0 or HTTP/1.1")                                  \
    X(LINE_END, 400, INVALID, "a line of the head does not end with CR LF, or holds a control character")             \
    X(FOLDED, 400, INVALID, "a header line starts with white space: folded lines are not accepted")                   \
    X(FIELD_NAME, 400, INVALID, "a header name is malformed")                                                         \
    X(FIELD_COUNT, 431, LIMIT, "there are more than %zu header lines (field_count_max)")                              \
    X(HEAD_LONG, 431, LIMIT, "the head is longer than %zu bytes (head_max)")                                          \
    X(HOST, 400, INVALID, "Host is missing, given twice or malformed")                                                \
    X(HOST_UNKNOWN, 421, INVALID,                                                                                     \
      "this server was not told that it has this name: start it with --allow-host NAME (dew_app_config.hosts)")       \
    X(LENGTH, 400, INVALID, "Content-Length is malformed or given twice")                                             \
    X(LENGTH_AND_CODING, 400, INVALID, "Content-Length and Transfer-Encoding exclude each other")                     \
    X(CODING, 400, INVALID, "Transfer-Encoding must end with chunked, once, and needs HTTP/1.1")                      \
    X(CODING_UNKNOWN, 501, UNSUPPORTED, "the only transfer coding known here is chunked")                             \
    X(EXPECT, 417, UNSUPPORTED, "the only expectation known here is 100-continue")                                    \
    X(BODY_LONG, 413, LIMIT, "the body is longer than %zu bytes (body_max)")                                          \
    X(CHUNK, 400, INVALID, "a chunk of the body is malformed")                                                        \
    X(CHUNK_EXTENSION, 400, LIMIT, "the chunk extensions are longer than %zu bytes together (chunk_extension_max)")   \
    X(TRAILER, 400, INVALID, "a trailer line is malformed")                                                           \
    X(TRAILER_LONG, 431, LIMIT, "the trailers are longer than %zu bytes together (trailer_max)")                      \
    X(HEAD_SLOW, 408, TIMEOUT, "the head did not arrive within %zu ms (head_timeout)")                                \
    X(BODY_SLOW, 408, TIMEOUT, "the body arrives more slowly than %zu bytes per second (body_rate_min)")              \
    X(CONNECTIONS, 503, BUSY, "there are more than %zu connections (connection_max)")                                 \
    X(NOMEM, 503, NOMEM, "out of memory: try again later")                                                            \
    X(INTERNAL, 500, INTERNAL, "the answer could not be made")                                                        \
    X(UPGRADE, 400, PROTOCOL, "the WebSocket handshake is malformed (RFC 6455 section 4.2.1)")                        \
    X(UPGRADE_VERSION, 426, UNSUPPORTED, "the WebSocket version must be 13")

#define DEW_HTTP_FAULT_ENUM_(name, status, code, text) DEW_HTTP_FAULT_##name,
typedef enum dew_http_fault { DEW_HTTP_FAULT_NONE, DEW_HTTP_FAULTS(DEW_HTTP_FAULT_ENUM_) } dew_http_fault;
#undef DEW_HTTP_FAULT_ENUM_

/* The HTTP status of the answer; 200 for NONE. */
int dew_http_fault_status(dew_http_fault fault);

/* DEW_E_…; 0 for NONE. */
int dew_http_fault_code(dew_http_fault fault);

/* Format with at most one %zu. Static. */
const char *dew_http_fault_text(dew_http_fault fault);

#endif
