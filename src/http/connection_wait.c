/* connection_wait.c - how long each step of a connection may take, and what becomes of one that takes longer: server.h,
 * dew_http_limits. */
#include "http/server_internal.h"

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
        dew_http_conn_fault(c->reading, DEW_HTTP_FAULT_HEAD_SLOW);
        return;
    case WAIT_BODY:
        wanted = (uint64_t)limits->body_rate_min * (uint64_t)limits->body_window_ms / 1000;
        if (progress_of(c) - c->mark_len < wanted)
            dew_http_conn_fault(c->reading, DEW_HTTP_FAULT_BODY_SLOW);
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

void dew_http_conn_wait_init(conn *c)
{
    c->deadline_ms = INT64_MAX;
    dew_timer_init(&c->timer, c->server->loop, on_due);
}
