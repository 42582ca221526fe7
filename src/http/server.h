/* server.h - an HTTP/1.1 server on one loop: connections in, requests to a handler, answers back in order.
 *
 * One server per worker; everything runs on its loop's thread. What a peer can make grow or last is bounded by
 * dew_http_limits, and passing a limit is answered with the limit's name. Requests and answers: http/request.h;
 * WebSockets: http/ws_connection.h.
 *
 * A connection:
 *
 *     adopt ─> idle ── bytes ─> head ──> body ──> handler ──> answer ──> idle …
 *                └─ keep_alive   └─ head_timeout   └─ peer gone: on_gone
 *                   _timeout        408   └─ body_rate_min: 408
 *     A fault, `Connection: close` or closing the server ends it after the answer: our end is sent, and what still comes
 *     is read and dropped for a while (linger), so that the answer is not lost to a reset. */
#ifndef DEW_HTTP_SERVER_H
#define DEW_HTTP_SERVER_H

#include "http/parser.h"
#include "io/stream.h"

typedef struct dew_http_server dew_http_server;
typedef struct dew_http_request dew_http_request;

/* Zero takes the default, which is given behind each. */
typedef struct dew_http_limits {
    dew_http_head_limits head;    /* of a request's head: see http/parser.h */
    size_t body_max;              /* bytes of a body: 1 MiB; 413 */
    size_t connection_max;        /* open connections, WebSockets included: 16384; 503 */
    size_t pipeline_max;          /* requests of one connection under way at once: 16; then reading pauses */
    size_t stream_queue_max;      /* bytes that wait on one streamed answer: 1 MiB; dew_http_write refuses */
    int64_t head_timeout_ms;      /* from the first byte of a head to its end: 10 s; 408 */
    int64_t keep_alive_timeout_ms; /* between requests: 60 s; closes */
    size_t body_rate_min;         /* bytes per second that a body must bring: 500; 408 … */
    int64_t body_window_ms;       /* … measured over windows of: 5 s */
    int64_t write_timeout_ms;     /* without the peer taking a byte of what waits for it: 30 s; closes */
    int64_t linger_timeout_ms;    /* for the peer's end after ours: 2 s; closes */
} dew_http_limits;

/* A request is there, with its body. Answer now or later, exactly once: see http/request.h. */
typedef void dew_http_handler(void *context, dew_http_request *request);

/* What it did and has; for metrics and tests. Written by the server's thread, read by any (base/level.h). */
typedef struct dew_http_stats {
    uint64_t accepted_count, request_count, fault_count, gone_count;
    size_t connection_count, websocket_count, pending_count; /* now; pending: handed out and not yet answered */
} dew_http_stats;
typedef struct dew_http_server_options {
    dew_http_limits limits;
    dew_http_handler *handler;
    void *context;            /* borrowed; passed to the handler */
    const char *const *hosts; /* names that Host may hold, as in http/host.h; NULL-terminated, borrowed. NULL: any Host
                                 (no guard against DNS rebinding) */
    dew_http_stats *stats;    /* counted here, from what stands there; borrowed until on_closed. NULL: the server's own */
} dew_http_server_options;

/* options is copied. 0 or DEW_E_NOMEM. */
int dew_http_server_create(dew_loop *loop, const dew_http_server_options *options, dew_http_server **out) DEW_MUST_USE;

/* Takes a fresh connection (from a listener's on_accept). Taken in any case: over the limit, or out of memory, it is
 * answered 503 and closed. */
void dew_http_server_adopt(dew_http_server *server, dew_stream *stream);

/* Ends it in peace: idle connections close, requests under way are answered with `Connection: close`, WebSockets are
 * closed with 1001; what is left after drain_ms is cut off. New connections are closed. When the last connection and the
 * last request are gone, on_closed (may be NULL) is called from the loop and the server is freed: never within this
 * call. A request that is never answered keeps it alive. */
void dew_http_server_close(dew_http_server *server, int64_t drain_ms, void (*on_closed)(void *context), void *context);

dew_loop *dew_http_server_loop(const dew_http_server *server);

/* A copy. The server's thread. */
dew_http_stats dew_http_server_stats(const dew_http_server *server);

#endif
