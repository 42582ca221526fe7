/* connection.c - one connection: what comes, what waits, what has been answered, and its end. See server.h for its life,
 * server_internal.h for who owns what. Beside it: connection_read.c (bytes into requests), connection_wait.c (how long
 * each step may take).
 *
 * on_read ─> take ─> process ─> dew_http_conn_read ─> handler
 * What cannot be taken (half a head, or too many requests under way) waits in `input`; then reading pauses, which the
 * stream bounds, and goes on from `resume` at the end of a turn in which an answer went out. */
#include "http/server_internal.h"

#include <stdlib.h>

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
    DEW_LEVEL_ADD(&server->stats->connection_count, -1);
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
    DEW_LEVEL_ADD(&request->server->stats->gone_count, 1);
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

/* The peer's end stands behind requests that are not looked at yet. Those under way are for nobody. */
static void on_hang_up(dew_stream *stream)
{
    conn *c = dew_stream_data(stream);
    if (c->request_count != 0)
        dew_http_conn_break(c);
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
        size_t used = dew_http_conn_read(c, bytes + at, len - at);
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
            dew_http_conn_continue(next);
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
        .on_read = on_read, .on_end = on_end, .on_hang_up = on_hang_up, .on_drain = on_drain, .on_close = on_close
    };
    conn *c = malloc(sizeof *c);
    if (c == NULL)
        return DEW_E_NOMEM;
    *c = (conn){ .server = server, .stream = stream, .resume.run = on_resume, .room.run = on_room };
    dew_list_init(&c->requests);
    dew_list_push_back(&server->connections, &c->link);
    dew_buf_init(&c->input, DEW_HTTP_HEAD_CEILING + DEW_STREAM_READ_LEN);
    dew_http_conn_wait_init(c);
    DEW_LEVEL_ADD(&server->stats->connection_count, 1);
    dew_stream_set_queue_max(stream, SIZE_MAX);
    dew_stream_attach(stream, &events, c);
    dew_stream_read_start(stream);
    dew_http_conn_watch(c);
    return 0;
}
