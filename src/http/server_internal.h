/* server_internal.h - what server.c, connection*.c, request.c, response*.c and ws_*.c share.
 *
 * Who owns what:
 *   server ── connections (list) ── stream, input (only while something is half there)
 *     │            └── requests under way, in order (list); `reading` is the last of them while it is not whole
 *     ├── websockets (list)
 *     └── idle requests (pool): each with its arena's first chunk and its body's buffer
 *
 * Invariants:
 *   - A request is in the pool, or in its connection's list, or gone (connection NULL) and with its handler.
 *   - Only the first request of a connection's list writes to the stream; the others store what they have (stored).
 *   - A connection is freed in one place, on_close of its stream, or when it becomes a WebSocket.
 *   - Streams never call handlers from within calls of ours, so only handlers of requests come back to us. */
#ifndef DEW_HTTP_SERVER_INTERNAL_H
#define DEW_HTTP_SERVER_INTERNAL_H

#include "base/buffer.h"
#include "base/level.h"
#include "http/chunked.h"
#include "http/date.h"
#include "http/request.h"
#include "io/timer.h"

/* Requests kept for reuse, and what one may keep of its body's buffer. */
#define POOL_COUNT_MAX 64
#define POOL_BODY_MAX 16384

#define BODY_MAX ((size_t)1 << 20)
#define CONNECTION_MAX 16384
#define PIPELINE_MAX 16
#define STREAM_QUEUE_MAX ((size_t)1 << 20)
#define HEAD_TIMEOUT_MS 10000
#define KEEP_ALIVE_TIMEOUT_MS 60000
#define BODY_RATE_MIN 500
#define BODY_WINDOW_MS 5000
#define WRITE_TIMEOUT_MS 30000
#define LINGER_TIMEOUT_MS 2000

/* Unsent bytes past which no further request of a connection is looked at. */
#define WRITE_HIGH_LEN 65536
/* Bytes dropped while lingering, past which the peer is cut off. */
#define LINGER_READ_MAX ((size_t)1 << 22)

typedef struct conn conn;

struct dew_http_server {
    dew_loop *loop;
    dew_http_limits limits; /* defaults put in */
    dew_http_handler *handler;
    void *context;
    const char *const *hosts;
    dew_link connections, websockets;
    dew_link unsent;    /* of the websockets, those that have something to send at the end of a turn, in that order */
    dew_deferred flush; /* ws_send.c: of unsent */
    dew_link pool; /* of requests */
    size_t pool_count;
    dew_http_stats own_stats, *stats; /* stats: own_stats, or the options' */
    int64_t date_due_ms; /* when `date` is out of date, on the loop's clock */
    char date[DEW_HTTP_DATE_LEN];
    char last_host[64]; /* the last that was looked up and allowed; last_host_len 0: none yet */
    size_t last_host_len;
    bool is_closing, is_alone; /* is_alone: last connection and request gone, end is on its way */
    dew_timer drain;
    dew_deferred end;
    void (*on_closed)(void *context);
    void *closed_context;
};

enum wait {
    WAIT_NONE,   /* an answer is being made: the handler has its own deadline */
    WAIT_FIRST,  /* a fresh connection, no byte yet */
    WAIT_IDLE,   /* between requests */
    WAIT_HEAD,
    WAIT_BODY,
    WAIT_WRITE,  /* the peer does not take what waits for it */
    WAIT_LINGER, /* our end is sent */
};

struct conn {
    dew_http_server *server;
    dew_stream *stream;
    dew_link link;     /* in server->connections */
    dew_link requests; /* dew_http_request.link */
    dew_http_request *reading; /* the one that is not whole yet, or NULL; in `requests`, last */
    size_t request_count;      /* of `requests` */
    dew_buf input;             /* bytes that came and could not be taken yet */
    dew_timer timer;
    dew_deferred resume; /* goes on with input after an answer */
    dew_deferred room;   /* tells the first request of it that was refused before its turn */
    int64_t armed_ms, deadline_ms;
    uint64_t sent_len, mark_len; /* bytes given to the stream; progress at the last look of the timer */
    size_t lingered_len;
    uint8_t wait;
    bool is_processing;  /* in conn_process: answers do not start it again */
    bool is_paused;
    bool is_stopped;     /* no further request is read */
    bool is_lingering;
    bool is_exclusive;   /* a request that asks for an upgrade is being answered: what follows may not be HTTP */
    bool is_served;      /* at least one request was answered */
    bool is_half_closed; /* the peer sent its end: close when all is written */
    struct dew_ws *ws;   /* it has become one: the stream is there now */
};

struct dew_http_request {
    dew_link link; /* in conn->requests or server->pool */
    dew_http_server *server;
    conn *conn; /* NULL: in the pool, or the peer is gone */
    dew_arena arena;
    dew_buf body;
    dew_http_chunked chunked;
    uint64_t body_left; /* with Content-Length */
    uint64_t body_seen; /* encoded bytes that came */
    const char *bytes;  /* the head, in the arena */
    dew_http_watch watch;
    dew_io_slice *stored; /* arena; each with a blob of ours */
    size_t stored_count, stored_cap, stored_len;
    bool is_reading_body, is_dispatched;
    bool is_begun, is_ended; /* of the answer */
    bool is_refused;         /* a write was, before its turn: on_drain is owed */
    bool is_chunked_out, is_bodyless;
    bool closes; /* the connection ends after this answer */
    bool wants_continue;
    dew_http_head head; /* large; last */
};

/* request.c: pool and life */
dew_http_request *dew_http_request_acquire(conn *c);      /* NULL: out of memory. In c->requests */
void dew_http_request_release(dew_http_request *request); /* out of its list, into the pool */
void dew_http_request_destroy(dew_http_request *request); /* one from the pool */

/* connection.c */
int dew_http_conn_create(dew_http_server *server, dew_stream *stream);
void dew_http_conn_finish(dew_http_request *request); /* its answer is out: next one, or the end */
int dew_http_conn_write(conn *c, const dew_io_slice *slices, size_t count);
void dew_http_conn_end(conn *c);   /* sends our end, then lingers */
void dew_http_conn_break(conn *c); /* closes it now */
void dew_http_conn_drain(conn *c); /* has on_drain called at the end of the turn */
/* The stream is now `ws`'s, and what came behind the request goes to it, after the handler has returned. c is not to be
 * touched afterwards. */
void dew_http_conn_hand_over(conn *c, struct dew_ws *ws);

/* connection_read.c */
/* Takes bytes for c->reading: how many; 0: its head is not whole. */
size_t dew_http_conn_read(conn *c, const char *bytes, size_t len);
void dew_http_conn_fault(dew_http_request *request,
                         dew_http_fault what);          /* answers what is wrong; nothing more is read */
void dew_http_conn_continue(dew_http_request *request); /* sends 100, which the peer waits for */

/* connection_wait.c */
void dew_http_conn_wait_init(conn *c);
void dew_http_conn_watch(conn *c); /* looks what to wait for, and for how long */

/* response_head.c */
/* Writes the head into the request's arena. body_len UINT64_MAX: not known, streamed. Decides whether the connection
 * ends with it and whether a body goes out. DEW_E_INVALID: a header that would break it. DEW_E_NOMEM. */
int dew_http_head_write(dew_http_request *request, const dew_http_response *response, uint64_t body_len,
                        dew_str *out) DEW_MUST_USE;
/* Where to go on: behind the text, for which there is room. */
static inline char *dew_http_put(char *at, dew_str text)
{
    if (text.len != 0)
        memcpy(at, text.ptr, text.len);
    return at + text.len;
}

/* response.c */
void dew_http_respond_fault(dew_http_request *request, dew_http_fault fault, size_t limit);
void dew_http_flush_stored(dew_http_request *request);

/* server.c */
const char *dew_http_server_date(dew_http_server *server);
void dew_http_server_check_end(dew_http_server *server); /* after a connection or a request has gone */

/* ws_connection.c, ws_send.c */
void dew_ws_feed(struct dew_ws *ws, const char *bytes, size_t len);
void dew_ws_feed_later(struct dew_ws *ws, dew_buf *bytes); /* takes them over */
void dew_ws_close_all(dew_http_server *server, bool now);
void dew_ws_flush_unsent(dew_deferred *deferred); /* dew_http_server.flush */

#endif
