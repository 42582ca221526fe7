/* server.c - a server's own state: configuration, the date, beginning and end. See server.h. */
#include "http/server_internal.h"

#include "io/clock.h"

#include <stdlib.h>

static const dew_http_limits defaults = {
    .body_max = BODY_MAX,
    .connection_max = CONNECTION_MAX,
    .pipeline_max = PIPELINE_MAX,
    .stream_queue_max = STREAM_QUEUE_MAX,
    .head_timeout_ms = HEAD_TIMEOUT_MS,
    .keep_alive_timeout_ms = KEEP_ALIVE_TIMEOUT_MS,
    .body_rate_min = BODY_RATE_MIN,
    .body_window_ms = BODY_WINDOW_MS,
    .write_timeout_ms = WRITE_TIMEOUT_MS,
    .linger_timeout_ms = LINGER_TIMEOUT_MS,
};

static dew_http_limits limits_of(const dew_http_limits *given)
{
    dew_http_limits limits = *given;
#define OR_DEFAULT(field) limits.field = limits.field != 0 ? limits.field : defaults.field
    OR_DEFAULT(body_max);
    OR_DEFAULT(connection_max);
    OR_DEFAULT(pipeline_max);
    OR_DEFAULT(stream_queue_max);
    OR_DEFAULT(head_timeout_ms);
    OR_DEFAULT(keep_alive_timeout_ms);
    OR_DEFAULT(body_rate_min);
    OR_DEFAULT(body_window_ms);
    OR_DEFAULT(write_timeout_ms);
    OR_DEFAULT(linger_timeout_ms);
#undef OR_DEFAULT
    return limits;
}

static void on_drain_due(dew_timer *timer);
static void on_end(dew_deferred *deferred);

int dew_http_server_create(dew_loop *loop, const dew_http_server_options *options, dew_http_server **out)
{
    dew_http_server *server = malloc(sizeof *server);
    if (server == NULL)
        return DEW_E_NOMEM;
    *server = (dew_http_server){ .loop = loop,
                                 .limits = limits_of(&options->limits),
                                 .handler = options->handler,
                                 .context = options->context,
                                 .hosts = options->hosts,
                                 .date_due_ms = INT64_MIN,
                                 .flush.run = dew_ws_flush_unsent,
                                 .end.run = on_end };
    server->stats = options->stats != NULL ? options->stats : &server->own_stats;
    dew_list_init(&server->connections);
    dew_list_init(&server->websockets);
    dew_list_init(&server->unsent);
    dew_list_init(&server->pool);
    dew_timer_init(&server->drain, loop, on_drain_due);
    *out = server;
    return 0;
}

static void on_refused_end(dew_stream *stream, int error)
{
    (void)error;
    dew_stream_close(stream);
}

/* Over the limit: told in one write, as far as the kernel takes it. */
static void refuse(dew_stream *stream)
{
    static const dew_stream_events events = { .on_end = on_refused_end };
    static const dew_str answer = DEW_S_INIT("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                                             "Content-Length: 86\r\nConnection: close\r\n\r\n"
                                             "{\"error\":{\"code\":\"BUSY\",\"message\":\"too many connections "
                                             "(connection_max), try later\"}}");
    dew_stream_attach(stream, &events, NULL);
    if (dew_stream_write_bytes(stream, answer.ptr, answer.len) == 0)
        dew_stream_shutdown(stream);
    dew_stream_close(stream);
}

void dew_http_server_adopt(dew_http_server *server, dew_stream *stream)
{
    DEW_LEVEL_ADD(&server->stats->accepted_count, 1);
    if (server->is_closing || server->stats->connection_count >= server->limits.connection_max ||
        dew_http_conn_create(server, stream) != 0)
        refuse(stream);
}

/* --- the date --- */

const char *dew_http_server_date(dew_http_server *server)
{
    int64_t now_ms = dew_loop_now_ms(server->loop);
    if (now_ms >= server->date_due_ms) {
        int64_t wall_ms = dew_clock_wall_us() / 1000;
        dew_http_date_write(server->date, wall_ms / 1000);
        server->date_due_ms = now_ms + 1000 - wall_ms % 1000;
    }
    return server->date;
}

/* --- the end --- */

static void on_end(dew_deferred *deferred)
{
    dew_http_server *server = dew_container_of(deferred, dew_http_server, end);
    void (*on_closed)(void *) = server->on_closed;
    void *context = server->closed_context;
    dew_timer_stop(&server->drain);
    dew_deferred_cancel(&server->flush);
    for (dew_link *link; (link = dew_list_pop_front(&server->pool)) != NULL;)
        dew_http_request_destroy(dew_container_of(link, dew_http_request, link));
    free(server);
    if (on_closed != NULL)
        on_closed(context);
}

void dew_http_server_check_end(dew_http_server *server)
{
    if (!server->is_closing || server->is_alone || server->stats->connection_count != 0 ||
        server->stats->pending_count != 0)
        return;
    server->is_alone = true;
    dew_loop_defer(server->loop, &server->end);
}

static void on_drain_due(dew_timer *timer)
{
    dew_http_server *server = dew_container_of(timer, dew_http_server, drain);
    dew_list_each_safe(link, &server->connections)
        dew_http_conn_break(dew_container_of(link, conn, link));
    dew_ws_close_all(server, true);
}

void dew_http_server_close(dew_http_server *server, int64_t drain_ms, void (*on_closed)(void *context), void *context)
{
    server->is_closing = true;
    server->on_closed = on_closed;
    server->closed_context = context;
    dew_list_each_safe(link, &server->connections) {
        conn *c = dew_container_of(link, conn, link);
        if (dew_list_is_empty(&c->requests) && !c->is_lingering)
            dew_http_conn_end(c);
    }
    dew_ws_close_all(server, false);
    dew_timer_start(&server->drain, drain_ms);
    dew_http_server_check_end(server);
}

dew_loop *dew_http_server_loop(const dew_http_server *server)
{
    return server->loop;
}

dew_http_stats dew_http_server_stats(const dew_http_server *server)
{
    return *server->stats;
}
