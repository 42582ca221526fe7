/* session.c - see session.h: what a client says, and what becomes of its subscriptions until they have a value.
 * What is sent to it, and when, is in flush.c. Worker's thread. */
#include "live/session_internal.h"

#include "http/ws.h"
#include "type/json.h"

#include <assert.h>
#include <stdlib.h>

/* ---- the client's messages: docs/protocol.md §3 ---- */

DEW_ARRAY(dew_wire_position, i64)
#define DEW_WIRE_HAVE(F) F(dew_wire_position, at) F(opt(str), epoch) F(str, hash)
DEW_STRUCT(dew_wire_have, DEW_WIRE_HAVE)
#define DEW_WIRE_MESSAGE(F)                                                                                           \
    F(str, type) F(opt(i32), id) F(opt(str), fn) F(opt(str), schema) F(opt(str), shard) F(opt(json), args)            \
    F(opt(str), fields) F(opt(dew_wire_have), have) F(opt(i64), seq) F(opt(i32), protocol) F(opt(str), build) F(opt(str), client)         \
    F(opt(str), tab) F(opt(str), epoch) F(opt(i64), commit) F(opt(str), location)
DEW_STRUCT(dew_wire_message, DEW_WIRE_MESSAGE)

#define CLOSE_BAD_MESSAGE 4400
#define CLOSE_NOT_CONNECTED 4408
#define CLOSE_OTHER_BUILD 4409
#define CLOSE_LIMIT 4413
/* What parsing one message may take: its text twice over, and the values. */
#define MESSAGE_ARENA_MAX (4 * (size_t)DEW_SESSION_MESSAGE_MAX)

/* ---- making and ending ---- */

dew_session *dew_session_create(dew_live_worker *worker, const dew_session_peer *peer, void *connection,
                                dew_asker *asker, dew_str build)
{
    dew_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return NULL;
    session->worker = worker;
    session->peer = peer;
    session->connection = connection;
    session->asker = dew_asker_ref(asker);
    session->build = build;
    dew_list_init(&session->subscriptions);
    dew_list_push_back(&worker->sessions, &session->link);
    worker->session_count++;
    return session;
}

void dew_session_destroy(dew_session *session)
{
    if (session == NULL)
        return;
    dew_live_worker *worker = session->worker;
    dew_live_at(worker, DEW_LIVE_AT_DISCONNECT, (dew_str){ "", 0 });
    while (!dew_list_is_empty(&session->subscriptions))
        dew_session_drop(dew_container_of(session->subscriptions.next, dew_subscription, of_session));
    dew_list_unlink(&session->waiting);
    dew_list_unlink(&session->link);
    worker->session_count--;
    dew_asker_unref(session->located);
    dew_asker_unref(session->asker);
    free(session);
    dew_live_settle(worker);
}

void dew_session_end(dew_session *session, int status, const char *reason)
{
    if (session->is_closed)
        return;
    session->is_closed = true;
    session->peer->close(session->connection, status, reason);
}

/* ---- sending ---- */

static int put(dew_session *session, dew_blob *frame)
{
    if (session->is_closed)
        return DEW_E_CLOSED;
    int failed = session->peer->send(session->connection, frame);
    if (failed == DEW_E_BUSY)
        session->is_blocked = true;
    else if (failed != 0)
        session->is_closed = true; /* the peer knows */
    return failed;
}

bool dew_session_put(dew_session *session, dew_blob *frame)
{
    if (frame == NULL) {
        dew_session_end(session, DEW_WS_TRY_LATER, "out of memory");
        return false;
    }
    int failed = put(session, frame);
    dew_blob_unref(frame);
    return failed == 0;
}

int dew_session_send(dew_session *session, dew_str json)
{
    dew_blob *frame = dew_frame_text(json);
    if (frame == NULL)
        return DEW_E_NOMEM;
    int failed = put(session, frame);
    dew_blob_unref(frame);
    return failed;
}

void dew_session_mark(dew_session *session)
{
    if (session->waiting.next == NULL)
        dew_list_push_back(&session->worker->waiting, &session->waiting);
}

void dew_session_writable(dew_session *session)
{
    session->is_blocked = false;
    dew_session_mark(session);
    dew_live_settle(session->worker);
}

void dew_session_owe(dew_session *session, int64_t commit)
{
    if (commit <= 0)
        return;
    session->owed = dew_max_i64(session->owed, commit);
    dew_session_mark(session);
    dew_live_settle(session->worker);
}

bool dew_session_is_connected(const dew_session *session)
{
    return session->is_connected;
}

dew_str dew_session_client(const dew_session *session)
{
    return dew_str_make(session->client, session->client_len);
}

/* A fault of the client's: says what, then closes. */
static void fault(dew_session *session, int status, const dew_error *error)
{
    if (dew_session_put(session, dew_frame_error(error)) || session->is_blocked)
        dew_session_end(session, status, dew_error_text(error->code));
}

#define FAULT(session, status, code, ...)                                                                             \
    do {                                                                                                              \
        dew_error fault_error_;                                                                                       \
        dew_error_set(&fault_error_, (code), __VA_ARGS__);                                                            \
        fault((session), (status), &fault_error_);                                                                    \
    } while (0)

/* ---- subscriptions ---- */

static void admission_leave(dew_subscription *subscription)
{
    dew_session *session = subscription->session;
    if (subscription->admission.under_way != NULL)
        session->peer->admit_leave(session->connection, &subscription->admission);
    if (session->asked_about == subscription)
        session->asked_about = NULL;
}

void dew_session_drop(dew_subscription *subscription)
{
    dew_live_worker *worker = subscription->session->worker;
    admission_leave(subscription);
    if (subscription->resolving != NULL) {
        dew_results_leave(worker, &subscription->resolving->waiter, DEW_END_CLIENT_GONE);
        free(subscription->resolving);
    }
    free(subscription->refusal);
    if (subscription->follower != NULL) {
        dew_list_unlink(&subscription->of_follower);
        dew_follower_release(worker, subscription->follower);
    }
    dew_list_unlink(&subscription->of_session);
    subscription->session->subscription_count--;
    dew_asker_unref(subscription->asker);
    free(subscription);
}

void dew_session_refuse(dew_subscription *subscription, int code, const char *message)
{
    dew_session *session = subscription->session;
    admission_leave(subscription); /* whatever it comes to, it is too late */
    if (session->is_blocked || !dew_session_put(session, dew_frame_refused(subscription->id, code, message))) {
        if (session->is_blocked && subscription->refusal == NULL)
            subscription->refusal = malloc(sizeof *subscription->refusal);
        if (session->is_blocked && subscription->refusal != NULL) {
            dew_error_set(subscription->refusal, code, "%s", message);
            return; /* said once the peer takes it: flush.c */
        }
        dew_session_end(session, DEW_WS_TRY_LATER, "out of memory");
    }
    dew_session_drop(subscription);
}

static void attach(dew_subscription *subscription, const dew_ask *ask, dew_str inputs)
{
    dew_live_worker *worker = subscription->session->worker;
    dew_live_at(worker, DEW_LIVE_AT_RESOLVED, ask->args);
    dew_follower *follower = dew_follower_open(worker, ask, inputs);
    if (follower == NULL) {
        dew_session_refuse(subscription, DEW_E_NOMEM, dew_error_text(DEW_E_NOMEM));
        return;
    }
    subscription->follower = follower;
    dew_list_push_back(&follower->subscriptions, &subscription->of_follower);
    if (follower->is_known)
        dew_session_mark(subscription->session);
}

static void attach_result(dew_subscription *subscription, const dew_ask *ask, const dew_result *result)
{
    dew_buf inputs;
    dew_buf_init(&inputs, DEW_INPUTS_LEN_MAX);
    dew_inputs_write(result->inputs, &inputs);
    if (inputs.error == 0)
        attach(subscription, ask, dew_buf_str(&inputs));
    else
        dew_session_refuse(subscription, inputs.error, dew_error_text(inputs.error));
    dew_buf_dispose(&inputs);
}

static void on_resolved(dew_waiter *waiter, dew_result *result, const dew_error *error)
{
    dew_resolving *resolving = dew_container_of(waiter, dew_resolving, waiter);
    dew_subscription *subscription = resolving->subscription;
    subscription->resolving = NULL;
    dew_ask ask = { resolving->fn, { "", 0 }, resolving->args, subscription->asker, NULL };
    if (result != NULL)
        attach_result(subscription, &ask, result);
    else {
        dew_error shown = dew_live_error_shown(subscription->session->worker, resolving->fn, error);
        dew_session_refuse(subscription, shown.code, shown.message);
    }
    dew_result_unref(result);
    free(resolving);
}

dew_resolving *dew_resolving_create(dew_subscription *subscription, const dew_ask *ask)
{
    dew_resolving *resolving = calloc(1, sizeof *resolving + ask->args.len + 1);
    if (resolving == NULL)
        return NULL;
    char *args = (char *)(resolving + 1);
    memcpy(args, ask->args.ptr, ask->args.len);
    *resolving = (dew_resolving){ .waiter.ready = on_resolved,
                                  .subscription = subscription,
                                  .fn = ask->fn,
                                  .args = dew_str_make(args, ask->args.len) };
    return resolving;
}

/* Finds out the inputs by a run (or a result in memory). */
static void resolve_by_run(dew_subscription *subscription, const dew_ask *ask)
{
    dew_resolving *resolving = dew_resolving_create(subscription, ask);
    if (resolving == NULL) {
        dew_session_refuse(subscription, DEW_E_NOMEM, dew_error_text(DEW_E_NOMEM));
        return;
    }
    dew_result *result = NULL;
    int got = dew_results_get(subscription->session->worker, ask, &result, &resolving->waiter);
    if (got == 0) {
        subscription->resolving = resolving;
        return;
    }
    if (got > 0)
        attach_result(subscription, ask, result);
    else
        dew_session_refuse(subscription, got, dew_error_text(got));
    dew_result_unref(result);
    free(resolving);
}

/* Which live query is it? That depends on the inputs that its loader reads; as a rule they are known, since the page
 * has just been rendered. */
void dew_session_resolve(dew_subscription *subscription, const dew_ask *ask)
{
    dew_buf inputs;
    dew_buf_init(&inputs, DEW_INPUTS_LEN_MAX);
    if (dew_results_shape(subscription->session->worker, ask, &inputs) && inputs.error == 0)
        attach(subscription, ask, dew_buf_str(&inputs));
    else
        resolve_by_run(subscription, ask);
    dew_buf_dispose(&inputs);
}

void dew_session_resolve_again(dew_subscription *subscription)
{
    dew_live_worker *worker = subscription->session->worker;
    dew_follower *old = subscription->follower;
    if (subscription->is_announced) { /* what the client has now is what it was last told */
        bool is_latest = subscription->version == old->state.version;
        subscription->is_announced = false;
        subscription->is_moving = true;
        subscription->has_value = true;
        subscription->have = (dew_position){ subscription->session->cut, 0 };
        if (!subscription->is_met)
            subscription->hash = is_latest ? old->state.hash : (dew_value_hash){ 0, 0 };
        subscription->is_met = false;
        subscription->trouble = 0;
    }
    dew_ask ask = { old->fn, { "", 0 }, dew_results_key_parts(old->key).args, subscription->asker, NULL };
    subscription->follower = NULL;
    dew_list_unlink(&subscription->of_follower);
    resolve_by_run(subscription, &ask); /* ask borrows from old */
    dew_follower_release(worker, old);
}

static dew_subscription *subscription_find(dew_session *session, int32_t id)
{
    dew_list_each(link, &session->subscriptions) {
        dew_subscription *subscription = dew_container_of(link, dew_subscription, of_session);
        if (subscription->id == id)
            return subscription;
    }
    return NULL;
}

/* ---- what a client says ---- */

static void on_connect(dew_session *session, const dew_wire_message *message)
{
    bool is_other_build =
        message->build.has && session->build.len != 0 && !dew_str_eq(message->build.value, session->build);
    if (!message->protocol.has || message->protocol.value != 1 || is_other_build) {
        FAULT(session, CLOSE_OTHER_BUILD, DEW_E_SCHEMA, "the page is of another build: reload it");
        return;
    }
    dew_str client = message->client.value;
    if (client.len >= sizeof session->client) {
        FAULT(session, CLOSE_BAD_MESSAGE, DEW_E_INVALID, "client: longer than 64 characters");
        return;
    }
    dew_live_at(session->worker, DEW_LIVE_AT_CONNECT, client);
    if (client.len != 0)
        memcpy(session->client, client.ptr, client.len);
    session->client_len = (uint8_t)client.len;
    session->is_replaced =
        message->epoch.has && !dew_live_knows(session->worker->live, message->epoch.value, message->commit.value);
    session->is_connected = dew_session_put(session, dew_frame_connected(session));
}

/* Checks the arguments against the query's type; *args: their canonical text. */
static int canonical_args(dew_arena *arena, const dew_live_fn *fn, const dew_wire_message *message, dew_buf *args,
                          dew_error *error)
{
    const dew_type *type = fn->fn->args();
    void *value = dew_arena_calloc(arena, 1, type->size);
    if (value == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    dew_str text = message->args.has ? message->args.value : DEW_S("{}");
    int failed = dew_json_read(arena, text, type, value, "args", error);
    if (failed == 0)
        failed = dew_json_write(args, type, value, error);
    if (failed == 0 && args->error != 0)
        failed = dew_error_set(error, DEW_E_LIMIT, "args: longer than %u bytes", DEW_LIVE_ARGS_MAX);
    return failed;
}

/* A position of another process start says nothing about topics, and a commit from a database that is no longer there
 * (its number is above all of ours) nothing at all. One of this process may be ahead by one of what the writer has said:
 * readers see a commit first. */
static int take_have(dew_subscription *subscription, const dew_wire_have *have, dew_error *error)
{
    const dew_live *live = subscription->session->worker->live;
    dew_topics *topics = live->topics;
    bool is_ours = have->epoch.has && dew_str_eq(have->epoch.value, dew_topics_epoch(topics));
    if (have->at.count != 2 || have->at.items[0] < 0 || have->at.items[1] < 0)
        return dew_error_set(error, DEW_E_INVALID,
                             "have.at: give two numbers from 0 on, a commit and a topic position");
    if (!dew_hash_value_parse(have->hash, &subscription->hash))
        return dew_error_set(error, DEW_E_INVALID, "have.hash: give the 16 hexadecimal digits of the value");
    if (!have->epoch.has || !dew_live_knows(live, have->epoch.value, have->at.items[0]))
        return 0; /* not known, or of a database that is no longer there: gets the whole */
    subscription->has_value = true;
    subscription->have.commit = dew_min_i64(have->at.items[0], dew_live_present(live).commit + is_ours);
    if (is_ours)
        subscription->have.topic = dew_min_i64(have->at.items[1], dew_topics_now(topics));
    subscription->need = subscription->have.topic;
    return 0;
}

/* Who asks: the client, at the address that it says to show. */
static int locate(dew_subscription *subscription, const dew_wire_message *message, dew_error *error)
{
    dew_session *session = subscription->session;
    dew_asker *asker = session->asker;
    if (message->location.has && message->location.value.len != 0 && session->peer->locate != NULL) {
        dew_asker *before = session->located;
        dew_asker *from = before != NULL ? before : session->asker;
        int code = session->peer->locate(session->connection, from, message->location.value, &session->located, error);
        if (code != 0)
            return code;
        dew_asker_unref(before);
        asker = session->located;
    }
    subscription->asker = dew_asker_ref(asker);
    return 0;
}

static void on_subscribe(dew_session *session, const dew_wire_message *message, dew_arena *arena)
{
    const dew_live_env *env = session->worker->live->env;
    if (!message->id.has || subscription_find(session, message->id.value) != NULL) {
        FAULT(session, CLOSE_BAD_MESSAGE, DEW_E_INVALID, "id: missing, or of an open subscription");
        return;
    }
    if (session->subscription_count >= DEW_SESSION_SUBSCRIPTIONS_MAX) {
        FAULT(session, CLOSE_LIMIT, DEW_E_LIMIT, "more than %d subscriptions", DEW_SESSION_SUBSCRIPTIONS_MAX);
        return;
    }
    dew_subscription *subscription = calloc(1, sizeof *subscription);
    if (subscription == NULL) {
        dew_session_end(session, DEW_WS_TRY_LATER, "out of memory");
        return;
    }
    subscription->session = session;
    subscription->id = message->id.value;
    dew_list_push_back(&session->subscriptions, &subscription->of_session);
    session->subscription_count++;
    dew_live_at(session->worker, DEW_LIVE_AT_SUBSCRIBE, message->fn.value);

    dew_error error = { 0 };
    dew_buf args;
    dew_buf_init(&args, DEW_LIVE_ARGS_MAX);
    const dew_live_fn *fn = message->fn.has ? env->find(env->context, message->fn.value) : NULL;
    if (fn == NULL)
        dew_error_set(&error, DEW_E_NOT_FOUND, "fn: no such query");
    else if (message->shard.has && !dew_str_eq(message->shard.value, DEW_S("default")) && message->shard.value.len != 0)
        dew_error_set(&error, DEW_E_DENIED, "shard: only the default one is granted");
    else if (message->schema.has && !dew_str_eq(message->schema.value, dew_str_of(fn->schema)))
        dew_error_set(&error, DEW_E_SCHEMA, "%s has another shape here: reload the page", fn->fn->name);
    else if (locate(subscription, message, &error) == 0 && canonical_args(arena, fn, message, &args, &error) == 0 &&
             message->have.has)
        (void)take_have(subscription, &message->have.value, &error);
    dew_ask ask = { fn, { "", 0 }, dew_buf_str(&args), subscription->asker, NULL };
    if (error.code == 0)
        dew_session_admit(subscription, &ask);
    else
        dew_session_refuse(subscription, error.code, error.message);
    dew_buf_dispose(&args);
}

static void on_unsubscribe(dew_session *session, const dew_wire_message *message)
{
    dew_subscription *subscription = message->id.has ? subscription_find(session, message->id.value) : NULL;
    dew_live_at(session->worker, DEW_LIVE_AT_UNSUBSCRIBE, (dew_str){ "", 0 });
    if (subscription == NULL)
        return; /* refused before it could know */
    bool is_asked_about = subscription->admission.under_way != NULL;
    dew_session_drop(subscription);
    dew_session_mark(session); /* it may have held up the others */
    if (is_asked_about)
        dew_session_admit_go_on(session); /* it was its turn */
}

static void on_call(dew_session *session, const dew_wire_message *message)
{
    if (!message->id.has || !message->fn.has) {
        FAULT(session, CLOSE_BAD_MESSAGE, DEW_E_INVALID, "a call needs id and fn");
        return;
    }
    dew_session_call call = {
        .id = message->id.value,
        .fn = message->fn.value,
        .args = message->args.value,
        .fields = message->fields.has ? message->fields.value : (dew_str){ NULL, 0 },
        .schema = message->schema.value,
        .shard = message->shard.value,
        .client = dew_session_client(session),
        .location = message->location.value,
        .seq = message->seq.value,
        .has_seq = message->seq.has,
    };
    session->peer->call(session->connection, &call);
}

static void on_cancel(dew_session *session, const dew_wire_message *message)
{
    if (message->id.has)
        session->peer->cancel(session->connection, message->id.value);
    else
        FAULT(session, CLOSE_BAD_MESSAGE, DEW_E_INVALID, "cancel needs the id of a call");
}

static void dispatch(dew_session *session, const dew_wire_message *message, dew_arena *arena)
{
    dew_str type = message->type;
    if (dew_str_eq(type, DEW_S("ping"))) {
        dew_session_put(session, dew_frame_text(DEW_S("{\"type\":\"pong\"}")));
    } else if (!session->is_connected) {
        if (dew_str_eq(type, DEW_S("connect")))
            on_connect(session, message);
        else
            FAULT(session, CLOSE_NOT_CONNECTED, DEW_E_PROTOCOL, "the first message must be connect");
    } else if (dew_str_eq(type, DEW_S("subscribe"))) {
        on_subscribe(session, message, arena);
    } else if (dew_str_eq(type, DEW_S("unsubscribe"))) {
        on_unsubscribe(session, message);
    } else if (dew_str_eq(type, DEW_S("call"))) {
        on_call(session, message);
    } else if (dew_str_eq(type, DEW_S("cancel"))) {
        on_cancel(session, message);
    } else {
        FAULT(session, CLOSE_BAD_MESSAGE, DEW_E_PROTOCOL, "type: unknown here");
    }
}

void dew_session_message(dew_session *session, dew_str text)
{
    if (session->is_closed)
        return;
    dew_arena arena;
    dew_wire_message message;
    dew_error error;
    dew_arena_init(&arena, MESSAGE_ARENA_MAX);
    if (text.len > DEW_SESSION_MESSAGE_MAX)
        FAULT(session, DEW_WS_TOO_BIG, DEW_E_LIMIT, "a message of more than %u bytes", DEW_SESSION_MESSAGE_MAX);
    else if (dew_json_read(&arena, text, DEW_TYPE(dew_wire_message), &message, "message", &error) != 0)
        fault(session, CLOSE_BAD_MESSAGE, &error);
    else
        dispatch(session, &message, &arena);
    dew_arena_dispose(&arena);
    dew_live_settle(session->worker);
}
