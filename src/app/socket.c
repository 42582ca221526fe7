/* socket.c - GET /_dew/ws: a WebSocket with a live session on it, and the calls that its client makes.
 *
 * Life: upgrade → session → … → on_close: the session and every call under way are let go. Frames of the session go out as
 * they are, shared; answers to calls are made here. An answer that a slow client has no room for is held, and goes before
 * all else once there is (on_drain). The worker's thread. */
#include "app/socket.h"

#include "app/admit.h"
#include "app/asker.h"
#include "app/endpoints.h"
#include "app/invoke.h"
#include "app/origin.h"
#include "app/reply.h"
#include "base/format.h"
#include "http/ws_connection.h"
#include "live/session.h"

#include <stdlib.h>

/* Calls of one connection under way at once. */
#define SOCKET_CALLS_MAX 1000
/* Bytes that wait for a slow client before frames are held back. */
#define SOCKET_QUEUE_MAX ((size_t)256 << 10)
/* Bytes of answers held back for a slow client, unless it is a single one; past it the client is closed with 1013. */
#define SOCKET_ANSWERS_MAX ((size_t)4 << 20)
/* Longest time that a client is asked to wait. */
#define RETRY_MAX_MS 3600000
/* For the client's first message (docs/protocol.md §3). */
#define SOCKET_CONNECT_MS 10000
/* Between two questions whether a client is who it was and may see what it sees, when the configuration does not say. */
#define SOCKET_AGAIN_MS 60000
/* Close status: it is somebody else now, it was silent, or a limit was passed (docs/protocol.md §3). */
#define SOCKET_CLOSE_IDENTITY 4401
#define SOCKET_CLOSE_SILENT   4408
#define SOCKET_CLOSE_LIMIT    4413

typedef struct socket_client socket_client;

typedef struct socket_call {
    dew_link link; /* in client->calls, or answered, in client->answers */
    socket_client *client;
    app_invocation *invocation;
    dew_buf answer;
    int64_t commit; /* that a frame is owed for once the answer is sent; 0: none */
    int32_t id;
    bool is_mutation;
} socket_call;

struct socket_client {
    app_worker *worker;
    dew_ws *ws; /* NULL once it is closing */
    dew_session *session;
    dew_asker *asker;
    dew_link calls, of_worker;
    dew_link answers; /* held back, in order */
    size_t call_count, answers_len;
    unsigned retry_ms; /* of the good-bye */
    bool is_leaving;   /* it is told good-bye once no call is under way */
    dew_timer connect; /* until the client has said who it is */
    dew_timer again;   /* then: is it who it was, and may it see what it sees? */
};

static int peer_send(void *connection, dew_blob *frame)
{
    socket_client *client = connection;
    if (client->ws == NULL)
        return DEW_E_CLOSED;
    int code = dew_ws_send_frame(client->ws, frame);
    return code == DEW_E_LIMIT ? DEW_E_BUSY : code;
}

static void peer_close(void *connection, int status, const char *reason)
{
    socket_client *client = connection;
    if (client->ws != NULL)
        dew_ws_close(client->ws, (uint16_t)status, dew_str_of(reason));
}

static void leave_when_done(socket_client *client)
{
    if (!client->is_leaving || client->call_count != 0 || client->ws == NULL)
        return;
    char text[64];
    size_t len = dew_format(text, sizeof text, "{\"type\":\"bye\",\"retry_ms\":%u}", client->retry_ms);
    (void)!dew_session_send(client->session, dew_str_make(text, len)); /* who cannot be told will find out */
    dew_ws_close(client->ws, DEW_WS_GOING_AWAY, DEW_S(""));
}

static void call_free(socket_call *call)
{
    socket_client *client = call->client;
    dew_list_unlink(&call->link);
    client->call_count--;
    dew_buf_dispose(&call->answer);
    free(call);
    leave_when_done(client);
}

static void answer_write(socket_call *call, const app_outcome *outcome)
{
    dew_buf *text = &call->answer;
    dew_buf_init(text, DEW_SESSION_FRAME_MAX);
    dew_buf_put_lit(text, "{\"type\":\"answer\",\"id\":");
    dew_buf_put_i64(text, call->id);
    dew_buf_put_char(text, ',');
    size_t at = text->len;
    app_outcome_write(text, outcome);
    if (text->error == 0) {
        /* the outcome is an object of its own: its opening brace is not needed here */
        memmove(text->ptr + at, text->ptr + at + 1, text->len - at - 1);
        text->len--;
    }
}

/* DEW_E_BUSY: not sent, on_drain follows. Otherwise the call is over. */
static int answer_send(socket_call *call)
{
    socket_client *client = call->client;
    int code =
        call->answer.error != 0 ? call->answer.error : dew_session_send(client->session, dew_buf_str(&call->answer));
    if (code == DEW_E_BUSY)
        return code;
    app_at(client->worker->app, APP_AT_ANSWERED);
    if (code == 0)
        dew_session_owe(client->session, call->commit);
    else if (code != DEW_E_CLOSED)
        peer_close(client, DEW_WS_TRY_LATER, dew_error_text(code));
    call_free(call);
    return code;
}

static void answer_hold(socket_call *call)
{
    socket_client *client = call->client;
    if (client->answers_len != 0 && client->answers_len + call->answer.len > SOCKET_ANSWERS_MAX) {
        peer_close(client, DEW_WS_TRY_LATER, "answers are not read");
        call_free(call);
        return;
    }
    dew_list_unlink(&call->link);
    dew_list_push_back(&client->answers, &call->link);
    client->answers_len += call->answer.len;
}

static void invoked(void *owner, const app_outcome *outcome)
{
    socket_call *call = owner;
    call->invocation = NULL;
    app_at(call->client->worker->app, APP_AT_ANSWER);
    call->commit = outcome->code == 0 && call->is_mutation ? outcome->commit : 0;
    answer_write(call, outcome);
    if (!dew_list_is_empty(&call->client->answers) || answer_send(call) == DEW_E_BUSY)
        answer_hold(call);
}

static bool is_mutation(const app_worker *worker, dew_str fn)
{
    const dew_registered *entry = dew_registry_find(&worker->app->registry, fn);
    return entry != NULL && entry->fn->kind == DEW_FN_MUTATION;
}

static void peer_call(void *connection, const dew_session_call *given)
{
    socket_client *client = connection;
    if (client->call_count >= SOCKET_CALLS_MAX) {
        peer_close(client, SOCKET_CLOSE_LIMIT, "more than 1000 calls are under way");
        return;
    }
    socket_call *call = calloc(1, sizeof *call);
    if (call == NULL) {
        peer_close(client, DEW_WS_TRY_LATER, "out of memory");
        return;
    }
    *call = (socket_call){ .client = client, .id = given->id, .is_mutation = is_mutation(client->worker, given->fn) };
    dew_list_push_back(&client->calls, &call->link);
    client->call_count++;
    app_call what = { .fn = given->fn,
                      .args = given->args,
                      .fields = given->fields,
                      .schema = given->schema,
                      .shard = given->shard,
                      .client = given->client,
                      .location = given->location,
                      .seq = given->seq,
                      .has_seq = given->has_seq };
    app_at(client->worker->app, APP_AT_CALL);
    call->invocation = app_invoke(client->worker, &what, client->asker, invoked, call);
    if (call->invocation == NULL) {
        call_free(call);
        peer_close(client, DEW_WS_TRY_LATER, "out of memory");
    }
}

static int peer_locate(void *connection, dew_asker *asker, dew_str location, dew_asker **out, dew_error *error)
{
    return app_asker_at(((socket_client *)connection)->worker, asker, location, out, error);
}

static void peer_cancel(void *connection, int32_t id)
{
    socket_client *client = connection;
    dew_list_each(link, &client->calls) {
        socket_call *call = dew_container_of(link, socket_call, link);
        if (call->id == id) {
            app_invocation_cancel(call->invocation);
            return;
        }
    }
}

static int peer_admit(void *connection, const dew_live_fn *fn, dew_str args, dew_asker *asker, dew_admission *admission,
                      dew_error *refusal)
{
    const dew_registered *entry = dew_container_of((dew_live_fn *)fn, dew_registered, live);
    return app_admit(((socket_client *)connection)->worker, entry, args, asker, 0, admission, refusal);
}

static void peer_admit_leave(void *connection, dew_admission *admission)
{
    (void)connection;
    app_admit_leave(admission, DEW_END_CLIENT_GONE);
}

static const dew_session_peer session_peer = {
    .send = peer_send,
    .close = peer_close,
    .call = peer_call,
    .cancel = peer_cancel,
    .locate = peer_locate,
    .admit = peer_admit,
    .admit_leave = peer_admit_leave,
};

static void calls_leave(dew_link *calls)
{
    dew_list_each_safe(link, calls) {
        socket_call *call = dew_container_of(link, socket_call, link);
        app_invocation_leave(call->invocation);
        call_free(call);
    }
}

static void client_free(socket_client *client)
{
    calls_leave(&client->calls);
    calls_leave(&client->answers);
    dew_timer_stop(&client->connect);
    dew_timer_stop(&client->again);
    dew_list_unlink(&client->of_worker);
    dew_session_destroy(client->session);
    dew_asker_unref(client->asker);
    free(client);
}

static void again_later(socket_client *client)
{
    const dew_app_config *config = &client->worker->app->config;
    int64_t ms = dew_duration_ms(config->guard_again, SOCKET_AGAIN_MS);
    bool is_needed = config->identify != NULL || client->worker->app->guarding.has_queries;
    if (is_needed && ms < DEW_TIMER_DELAY_MAX_MS)
        dew_timer_start(&client->again, ms);
}

static void on_message(dew_ws *ws, dew_ws_opcode opcode, dew_str payload)
{
    socket_client *client = dew_ws_data(ws);
    if (opcode != DEW_WS_TEXT) {
        dew_ws_close(ws, DEW_WS_UNACCEPTABLE, DEW_S("messages are text"));
        return;
    }
    app_at(client->worker->app, APP_AT_MESSAGE);
    dew_session_message(client->session, payload);
    if (dew_timer_is_active(&client->connect) && dew_session_is_connected(client->session)) {
        dew_timer_stop(&client->connect);
        again_later(client);
    }
}

static void on_drain(dew_ws *ws)
{
    socket_client *client = dew_ws_data(ws);
    while (!dew_list_is_empty(&client->answers)) {
        socket_call *call = dew_container_of(client->answers.next, socket_call, link);
        size_t len = call->answer.len;
        if (answer_send(call) == DEW_E_BUSY)
            return; /* comes again */
        client->answers_len -= len;
    }
    dew_session_writable(client->session);
}

static void on_close(dew_ws *ws, uint16_t code, dew_str reason)
{
    (void)code, (void)reason;
    socket_client *client = dew_ws_data(ws);
    dew_app *app = client->worker->app;
    client->ws = NULL;
    app_at(app, APP_AT_CLOSED);
    client_free(client);
    app_at(app, APP_AT_GONE);
}

static void silent(dew_timer *timer)
{
    peer_close(dew_container_of(timer, socket_client, connect), SOCKET_CLOSE_SILENT, "no connect message in time");
}

/* Who the connection is, and what it may see, is asked again now and then. */
static void again(dew_timer *timer)
{
    socket_client *client = dew_container_of(timer, socket_client, again);
    if (!app_asker_is_the_same(client->asker)) {
        peer_close(client, SOCKET_CLOSE_IDENTITY, "who you are has changed");
        return;
    }
    again_later(client);
    dew_session_admit_again(client->session);
}

static void on_going_away(dew_ws *ws)
{
    socket_client *client = dew_ws_data(ws);
    client->is_leaving = true;
    leave_when_done(client);
}

static const dew_ws_events socket_events = {
    .on_message = on_message, .on_drain = on_drain, .on_going_away = on_going_away, .on_close = on_close
};

void app_socket_handle(app_worker *worker, dew_http_request *request)
{
    if (dew_http_request_method(request) != DEW_HTTP_GET) {
        app_reply_method(request, "GET");
        return;
    }
    if (app_origin_check(request) != 0) {
        (void)dew_http_respond_error(request, DEW_E_DENIED, "this socket is asked for by another site");
        return;
    }
    socket_client *client = calloc(1, sizeof *client);
    dew_asker *asker = app_asker_of_request(worker, request);
    if (client == NULL || asker == NULL) {
        free(client);
        dew_asker_unref(asker);
        (void)dew_http_respond_error(request, DEW_E_NOMEM, NULL);
        return;
    }
    *client = (socket_client){ .worker = worker, .asker = asker };
    dew_list_init(&client->calls);
    dew_list_init(&client->answers);
    dew_list_push_back(&worker->sockets, &client->of_worker);
    client->session = dew_session_create(worker->live, &session_peer, client, asker, dew_str_of(worker->app->build_id));
    if (client->session == NULL) {
        client_free(client);
        (void)dew_http_respond_error(request, DEW_E_NOMEM, NULL);
        return;
    }
    app_at(worker->app, APP_AT_UPGRADE);
    const dew_ws_options options = { .message_max = DEW_SESSION_MESSAGE_MAX, .queue_max = SOCKET_QUEUE_MAX };
    if (dew_http_upgrade_ws(request, &socket_events, client, &options, &client->ws) != 0) {
        client->ws = NULL;
        client_free(client);
        return;
    }
    dew_timer_init(&client->connect, worker->loop, silent);
    dew_timer_init(&client->again, worker->loop, again);
    dew_timer_start(&client->connect, SOCKET_CONNECT_MS);
    app_at(worker->app, APP_AT_OPENED);
}

void app_sockets_spread(app_worker *worker)
{
    const dew_app *app = worker->app;
    int64_t spread_ms = dew_duration_ms(app->config.drain_spread, DEW_APP_DRAIN_SPREAD_MS), count = 0, place = 0;
    spread_ms = spread_ms < RETRY_MAX_MS ? spread_ms : RETRY_MAX_MS;
    dew_list_each(link, &worker->sockets)
        count++;
    dew_list_each(link, &worker->sockets) {
        socket_client *client = dew_container_of(link, socket_client, of_worker);
        client->retry_ms =
            (unsigned)((place++ * app->worker_count + worker->index) * spread_ms / (count * app->worker_count));
    }
}
