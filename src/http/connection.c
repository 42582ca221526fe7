/* connection.c - bytes of one connection into requests, and how long each step may take. See server.h for the life of a
 * connection, server_internal.h for who owns what.
 *
 * on_read ─> take ─> process ─┬─ head_take ──> dispatch ─> handler
 *                             └─ body_take ─┘
 * What cannot be taken (half a head, or too many requests under way) waits in `input`; then reading pauses, which the
 * stream bounds, and goes on from `resume` at the end of a turn in which an answer went out. */
#include "http/host.h"
#include "http/server_internal.h"

#include <stdlib.h>

static void fault(dew_http_request *request, dew_http_fault what);

/* --- waiting --- */

static enum wait wait_of(const conn *c)
{
    bool is_queued = dew_stream_queued_len(c->stream) != 0;
    if (c->is_lingering)
        return is_queued ? WAIT_WRITE : WAIT_LINGER;
    if (c->reading != NULL)
        return c->reading->is_reading_body ? WAIT_BODY : WAIT_HEAD;
    if (is_queued)
        return WAIT_WRITE;
    if (c->request_count != 0)
        return WAIT_NONE;
    return c->is_served ? WAIT_IDLE : WAIT_FIRST;
}

static int64_t wait_ms(const dew_http_limits *limits, enum wait wait)
{
    switch (wait) {
    case WAIT_FIRST:
    case WAIT_HEAD:
        return limits->head_timeout_ms;
    case WAIT_IDLE:
        return limits->keep_alive_timeout_ms;
    case WAIT_BODY:
        return limits->body_window_ms;
    case WAIT_WRITE:
        return limits->write_timeout_ms;
    case WAIT_LINGER:
        return limits->linger_timeout_ms;
    default:
        return -1;
    }
}

/* How far the present wait has come: bytes of the body, or bytes that the peer took. */
static uint64_t progress_of(const conn *c)
{
    return c->wait == WAIT_BODY ? c->reading->body_seen : c->sent_len - dew_stream_queued_len(c->stream);
}

/* The timer is moved only when it would fire too late; when it fires early it looks again. So a request costs two
 * stores here. */
static void wait_start(conn *c, enum wait wait)
{
    int64_t ms = wait_ms(&c->server->limits, wait), now_ms = dew_loop_now_ms(c->server->loop);
    c->wait = (uint8_t)wait;
    c->deadline_ms = ms < 0 ? INT64_MAX : now_ms + ms;
    if (wait == WAIT_BODY || wait == WAIT_WRITE)
        c->mark_len = progress_of(c);
    if (ms >= 0 && (!dew_timer_is_active(&c->timer) || c->armed_ms > c->deadline_ms)) {
        c->armed_ms = c->deadline_ms;
        dew_timer_start(&c->timer, ms);
    }
}

void dew_http_conn_watch(conn *c)
{
    enum wait wait = wait_of(c);
    if (wait == c->wait && wait != WAIT_IDLE)
        return;
    wait_start(c, wait);
    if (wait == WAIT_BODY)
        c->mark_len = 0; /* what came with the head counts */
}

static void expire(conn *c)
{
    const dew_http_limits *limits = &c->server->limits;
    uint64_t wanted = 1;
    switch ((enum wait)c->wait) {
    case WAIT_HEAD:
        fault(c->reading, DEW_HTTP_FAULT_HEAD_SLOW);
        return;
    case WAIT_BODY:
        wanted = (uint64_t)limits->body_rate_min * (uint64_t)limits->body_window_ms / 1000;
        if (progress_of(c) - c->mark_len < wanted)
            fault(c->reading, DEW_HTTP_FAULT_BODY_SLOW);
        else
            wait_start(c, WAIT_BODY);
        return;
    case WAIT_WRITE:
        if (progress_of(c) == c->mark_len)
            dew_http_conn_break(c);
        else
            wait_start(c, WAIT_WRITE);
        return;
    default:
        dew_http_conn_break(c);
    }
}

static void on_due(dew_timer *timer)
{
    conn *c = dew_container_of(timer, conn, timer);
    int64_t left_ms = c->deadline_ms - dew_loop_now_ms(c->server->loop);
    if (c->deadline_ms == INT64_MAX || dew_stream_is_closing(c->stream))
        return;
    if (left_ms <= 0) {
        expire(c);
        return;
    }
    c->armed_ms = c->deadline_ms;
    dew_timer_start(&c->timer, left_ms);
}

/* --- the end --- */

void dew_http_conn_break(conn *c)
{
    dew_stream_close(c->stream);
}

void dew_http_conn_end(conn *c)
{
    c->is_stopped = c->is_lingering = true;
    dew_buf_dispose(&c->input);
    dew_stream_shutdown(c->stream);
    if (c->is_paused) {
        c->is_paused = false;
        dew_stream_read_start(c->stream);
    }
    if (c->is_half_closed && dew_stream_queued_len(c->stream) == 0)
        dew_http_conn_break(c);
    else
        dew_http_conn_watch(c);
}

static void conn_free(conn *c)
{
    dew_http_server *server = c->server;
    dew_timer_stop(&c->timer);
    dew_deferred_cancel(&c->resume);
    dew_deferred_cancel(&c->room);
    dew_list_unlink(&c->link);
    dew_buf_dispose(&c->input);
    free(c);
    server->stats.connection_count--;
    dew_http_server_check_end(server);
}

/* Parts a request from its connection. Its handler, when it has it, learns of it and gives it back. */
static void request_lose(dew_http_request *request)
{
    if (!request->is_dispatched || request->is_ended) {
        dew_http_request_release(request);
        return;
    }
    dew_list_unlink(&request->link);
    request->conn->request_count--;
    request->conn = NULL;
    request->server->stats.gone_count++;
    if (request->watch.on_gone != NULL)
        request->watch.on_gone(request, request->watch.data);
}

static void on_close(dew_stream *stream)
{
    conn *c = dew_stream_data(stream);
    c->is_processing = true; /* what handlers do in on_gone starts nothing here */
    while (!dew_list_is_empty(&c->requests))
        request_lose(dew_container_of(c->requests.next, dew_http_request, link));
    conn_free(c);
}

static void on_end(dew_stream *stream, int error)
{
    conn *c = dew_stream_data(stream);
    c->is_half_closed = true;
    if (error != 0 || c->request_count != 0 || dew_stream_queued_len(stream) == 0)
        dew_http_conn_break(c);
    else
        dew_http_conn_end(c);
}

/* --- requests --- */

static void fault(dew_http_request *request, dew_http_fault what)
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
    c->server->stats.fault_count++;
    dew_http_respond_fault(request, what, limit);
    if (!c->is_processing && !dew_stream_is_closing(c->stream))
        dew_http_conn_watch(c);
}

static void dispatch(conn *c, dew_http_request *request)
{
    dew_http_server *server = c->server;
    if (request->body.len != 0) {
        if (dew_buf_reserve(&request->body, 1) != 0) {
            fault(request, DEW_HTTP_FAULT_NOMEM);
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
    server->stats.pending_count++;
    server->stats.request_count++;
    server->handler(server->context, request);
}

static void send_continue(dew_http_request *request)
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
        fault(request, DEW_HTTP_FAULT_NOMEM);
        return;
    }
    request->bytes = memcpy(copy, bytes, head->at);
    dew_http_fault what = head_check(c->server, request);
    if (what != DEW_HTTP_FAULT_NONE) {
        fault(request, what);
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
        send_continue(request);
}

/* Returns what it took; 0: the head is not whole. */
static size_t head_take(conn *c, dew_http_request *request, const char *bytes, size_t len)
{
    switch (dew_http_head_parse(&request->head, bytes, len, &c->server->limits.head)) {
    case DEW_HTTP_MORE:
        return 0;
    case DEW_HTTP_FAULT:
        fault(request, (dew_http_fault)request->head.fault);
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
        fault(request, what);
    else if (is_whole)
        dispatch(c, request);
    return what != DEW_HTTP_FAULT_NONE ? len : used;
}

/* --- input --- */

static bool can_take(const conn *c)
{
    if (c->is_stopped || c->is_exclusive || c->ws != NULL || dew_stream_is_closing(c->stream))
        return false;
    return c->reading != NULL ||
           (c->request_count < c->server->limits.pipeline_max && dew_stream_queued_len(c->stream) <= WRITE_HIGH_LEN);
}

/* Returns what it took. */
static size_t process(conn *c, const char *bytes, size_t len)
{
    size_t at = 0;
    c->is_processing = true;
    while (at < len && can_take(c)) {
        if (c->reading == NULL && (c->reading = dew_http_request_acquire(c)) == NULL) {
            dew_http_conn_break(c);
            break;
        }
        dew_http_request *request = c->reading;
        size_t used = request->is_reading_body ? body_take(c, request, bytes + at, len - at)
                                               : head_take(c, request, bytes + at, len - at);
        if (used == 0)
            break;
        at += used;
    }
    c->is_processing = false;
    return at;
}

/* Keeps what was not taken. False when it could not. */
static bool input_keep(conn *c, const char *rest, size_t len)
{
    if (len == 0 || c->is_stopped) {
        dew_buf_dispose(&c->input);
    } else if (c->input.len != 0) {
        dew_buf_consume(&c->input, c->input.len - len);
    } else {
        dew_buf_put(&c->input, rest, len);
    }
    return c->input.error == 0;
}

static void pause_or_start(conn *c)
{
    bool is_blocked = c->input.len != 0 && !can_take(c);
    if (is_blocked && !c->is_paused)
        dew_stream_read_pause(c->stream);
    else if (!is_blocked && c->is_paused)
        dew_stream_read_start(c->stream);
    c->is_paused = is_blocked;
}

/* Takes what waits in `input` and then these bytes. */
static void take(conn *c, const char *bytes, size_t len)
{
    if (c->input.len != 0) {
        dew_buf_put(&c->input, bytes, len);
        bytes = c->input.ptr;
        len = c->input.len;
    }
    size_t used = c->input.error == 0 ? process(c, bytes, len) : 0;
    if (c->ws != NULL) {
        dew_ws_feed(c->ws, bytes + used, len - used);
        conn_free(c);
        return;
    }
    if (!input_keep(c, bytes + used, len - used))
        dew_http_conn_break(c);
    if (dew_stream_is_closing(c->stream))
        return;
    pause_or_start(c);
    dew_http_conn_watch(c);
}

static void on_read(dew_stream *stream, const char *bytes, size_t len)
{
    conn *c = dew_stream_data(stream);
    if (!c->is_stopped) {
        take(c, bytes, len);
        return;
    }
    c->lingered_len += len;
    if (c->lingered_len > LINGER_READ_MAX)
        dew_http_conn_break(c);
}

static void on_resume(dew_deferred *deferred)
{
    conn *c = dew_container_of(deferred, conn, resume);
    if (!dew_stream_is_closing(c->stream) && !c->is_stopped)
        take(c, "", 0);
}

static void resume_later(conn *c)
{
    if (!c->is_processing && (c->input.len != 0 || c->is_paused))
        dew_loop_defer_next(c->server->loop, &c->resume);
}

/* What the first request had waiting is gone. */
static void tell_room(conn *c)
{
    if (dew_list_is_empty(&c->requests))
        return;
    dew_http_request *first = dew_container_of(c->requests.next, dew_http_request, link);
    if (first->is_begun && !first->is_ended && first->watch.on_drain != NULL)
        first->watch.on_drain(first, first->watch.data);
}

static void on_room(dew_deferred *deferred)
{
    conn *c = dew_container_of(deferred, conn, room);
    if (!dew_stream_is_closing(c->stream) && dew_stream_queued_len(c->stream) == 0)
        tell_room(c);
}

void dew_http_conn_drain(conn *c)
{
    dew_loop_defer(c->server->loop, &c->room);
}

static void on_drain(dew_stream *stream)
{
    conn *c = dew_stream_data(stream);
    if (c->is_half_closed) {
        dew_http_conn_break(c);
        return;
    }
    tell_room(c);
    resume_later(c);
    dew_http_conn_watch(c);
}

/* --- answers --- */

int dew_http_conn_write(conn *c, const dew_io_slice *slices, size_t count)
{
    int error = dew_stream_write(c->stream, slices, count);
    if (error == 0)
        for (size_t i = 0; i < count; i++)
            c->sent_len += slices[i].len;
    else if (error != DEW_E_LIMIT)
        dew_http_conn_break(c);
    return error;
}

void dew_http_conn_finish(dew_http_request *request)
{
    conn *c = request->conn;
    bool closes = request->closes;
    if (request->head.asks_upgrade)
        c->is_exclusive = false;
    dew_http_request_release(request);
    c->is_served = true;
    if (dew_stream_is_closing(c->stream))
        return;
    if (closes) {
        dew_http_conn_end(c);
        return;
    }
    if (!dew_list_is_empty(&c->requests)) {
        dew_http_request *next = dew_container_of(c->requests.next, dew_http_request, link);
        if (next->wants_continue && next->body_seen == 0)
            send_continue(next);
        dew_http_flush_stored(next);
        if (dew_stream_is_closing(c->stream))
            return;
    }
    resume_later(c);
    if (!c->is_processing)
        dew_http_conn_watch(c);
}

void dew_http_conn_hand_over(conn *c, struct dew_ws *ws)
{
    c->ws = ws;
    if (c->is_processing)
        return; /* take goes on with it */
    dew_ws_feed_later(ws, &c->input);
    conn_free(c);
}

int dew_http_conn_create(dew_http_server *server, dew_stream *stream)
{
    static const dew_stream_events events = {
        .on_read = on_read, .on_end = on_end, .on_drain = on_drain, .on_close = on_close
    };
    conn *c = malloc(sizeof *c);
    if (c == NULL)
        return DEW_E_NOMEM;
    *c = (conn){
        .server = server, .stream = stream, .deadline_ms = INT64_MAX, .resume.run = on_resume, .room.run = on_room
    };
    dew_list_init(&c->requests);
    dew_list_push_back(&server->connections, &c->link);
    dew_buf_init(&c->input, DEW_HTTP_HEAD_CEILING + DEW_STREAM_READ_LEN);
    dew_timer_init(&c->timer, server->loop, on_due);
    server->stats.connection_count++;
    dew_stream_set_queue_max(stream, SIZE_MAX);
    dew_stream_attach(stream, &events, c);
    dew_stream_read_start(stream);
    dew_http_conn_watch(c);
    return 0;
}
