/* live_sim_client.c - clients as docs/protocol.md describes them, and what they assert: a step always fits what they have,
 * the hash is right, a cut never falls, and after each frame everything shown is what the database held at that cut. */
#include "support/live_sim_internal.h"

#include "type/diff.h"
#include "type/json.h"

#include <stdio.h>
#include <stdlib.h>

DEW_ARRAY(sim_at, i64)
#define SIM_ERROR(F) F(str, code) F(str, message)
DEW_STRUCT(sim_error, SIM_ERROR)
#define SIM_CHANGE(F)                                                                                                 \
    F(i64, query) F(opt(sim_at), from) F(opt(sim_at), to) F(opt(json), ops) F(opt(json), value) F(opt(str), hash)     \
    F(opt(sim_error), error)
DEW_STRUCT(sim_change, SIM_CHANGE)
DEW_ARRAY(sim_changes, sim_change)
#define SIM_MESSAGE(F)                                                                                                \
    F(str, type) F(opt(i32), id) F(opt(i64), query) F(opt(str), status) F(opt(sim_at), at) F(opt(json), value)        \
    F(opt(str), hash) F(opt(sim_error), error) F(opt(i64), to) F(opt(sim_changes), changes) F(opt(i64), commit)       \
    F(opt(str), epoch) F(opt(i32), protocol) F(opt(str), build)
DEW_STRUCT(sim_message, SIM_MESSAGE)

#define VALUE_ARENA_MAX (1 << 20)

static bool one_in(sim_world *world, uint64_t n)
{
    return sim_random(world, n) == 0;
}

/* ---- who asks ---- */

static bool asker_get(dew_asker *asker, dew_input_kind kind, dew_str name, dew_str *value)
{
    const sim_asker *self = dew_container_of(asker, sim_asker, asker);
    (void)name;
    *value = dew_str_of(kind == DEW_INPUT_IDENTITY ? self->identity : self->cookie);
    return true;
}

static void asker_destroy(dew_asker *asker)
{
    free(dew_container_of(asker, sim_asker, asker));
}

static sim_asker *asker_create(unsigned index)
{
    sim_asker *asker = calloc(1, sizeof *asker);
    assert_non_null(asker);
    asker->asker = (dew_asker){ 1, asker_get, asker_destroy };
    snprintf(asker->identity, sizeof asker->identity, "u%u", index % 3);
    snprintf(asker->cookie, sizeof asker->cookie, "c%u", index % 2);
    return asker;
}

/* ---- what is shown ---- */

static const dew_type *type_of(const sim_sub *sub)
{
    return sim_fn(sub->fn)->fn->value();
}

/* Takes a new value; frees the old one last, since the new may have been made from it. */
static void show(sim_sub *sub, dew_arena *arena, void *value, dew_str hash)
{
    dew_buf json;
    char hex[DEW_VALUE_HASH_LEN];
    dew_buf_init(&json, VALUE_ARENA_MAX);
    assert_int_equal(dew_json_write(&json, type_of(sub), value, NULL), 0);
    dew_value_hash mine = dew_hash_value(dew_buf_str(&json));
    dew_hash_value_hex(mine, hex);
    assert_true(dew_str_eq(dew_str_make(hex, sizeof hex), hash));
    sub->json = dew_arena_str(arena, dew_buf_str(&json));
    dew_buf_dispose(&json);
    dew_arena_dispose(&sub->arena);
    sub->arena = *arena;
    sub->value = value;
    sub->hash = mine;
    sub->has_value = true;
}

static void show_json(sim_sub *sub, dew_str text, dew_str hash)
{
    dew_arena arena;
    dew_arena_init(&arena, VALUE_ARENA_MAX);
    void *value = dew_arena_calloc(&arena, 1, type_of(sub)->size);
    assert_int_equal(dew_json_read(&arena, text, type_of(sub), value, NULL, NULL), 0);
    show(sub, &arena, value, hash);
}

static void show_ops(sim_sub *sub, dew_str ops, dew_str hash)
{
    dew_arena arena;
    dew_arena_init(&arena, VALUE_ARENA_MAX);
    void *value = dew_arena_calloc(&arena, 1, type_of(sub)->size);
    assert_true(sub->has_value);
    assert_int_equal(dew_patch(&arena, type_of(sub), sub->value, ops, value, NULL), 0);
    show(sub, &arena, value, hash);
}

static void forget(sim_sub *sub)
{
    dew_arena_dispose(&sub->arena);
    sub->has_value = false;
    sub->value = NULL;
    sub->json = (dew_str){ NULL, 0 };
}

/* The counter that the shown value has; -1: none. */
static int64_t counter_shown(const sim_sub *sub)
{
    const sim_value *value = sub->value;
    return sub->fn == SIM_COUNT ? value->x : sub->fn == SIM_BOTH ? value->y : -1;
}

static int64_t counter_now(const sim_client *client, const sim_sub *sub)
{
    const int64_t *counters = client->world->counters;
    return sub->fn == SIM_COUNT ? counters[sub->a] : sub->fn == SIM_BOTH ? counters[sub->b] : -1;
}

static void check_at(const sim_client *client, const sim_sub *sub, int64_t commit, int64_t counter)
{
    dew_arena arena;
    dew_arena_init(&arena, VALUE_ARENA_MAX);
    dew_str expected = sim_expect(client->world, &arena, client, sub, commit, counter);
    if (!dew_str_eq(expected, sub->json))
        fail_msg("client %u fn %d(%d,%d) at %lld of %lld: shows %s, should %s", client->index, sub->fn, sub->a, sub->b,
                 (long long)commit, (long long)client->world->db.visible, sub->json.ptr, expected.ptr);
    dew_arena_dispose(&arena);
}

/* ---- reading ---- */

static dew_position position(const dew_opt_sim_at *at)
{
    assert_true(at->has);
    assert_int_equal(at->value.count, 2);
    return (dew_position){ at->value.items[0], at->value.items[1] };
}

static void take_change(sim_sub *sub, const sim_change *change)
{
    if (change->error.has) {
        sub->has_error = true;
        return;
    }
    dew_position from = position(&change->from), to = position(&change->to);
    assert_true(dew_position_covers(sub->at, from)); /* nothing was missed */
    assert_false(dew_position_covers(sub->at, to));  /* nothing comes twice */
    int64_t before = sub->has_value ? counter_shown(sub) : -1;
    if (change->ops.has)
        show_ops(sub, change->ops.value, change->hash.value);
    else
        show_json(sub, change->value.value, change->hash.value);
    assert_true(counter_shown(sub) >= before); /* in order */
    sub->at = to;
    sub->has_error = false;
}

static void take_frame(sim_client *client, const sim_message *message)
{
    int64_t to = message->to.value;
    assert_true(message->to.has && to >= client->cut);
    client->frames++;
    for (size_t i = 0; message->changes.has && i < message->changes.value.count; i++) {
        const sim_change *change = &message->changes.value.items[i];
        for (int slot = 0; slot < SIM_SUBS_MAX; slot++)
            if (client->subs[slot].is_subscribed && client->subs[slot].query == change->query)
                take_change(&client->subs[slot], change);
    }
    client->cut = to;
    if (to >= client->owed)
        client->owed = 0;
    for (int slot = 0; slot < SIM_SUBS_MAX; slot++) {
        sim_sub *sub = &client->subs[slot];
        if (!sub->is_subscribed)
            continue;
        if (sub->has_value && !sub->has_error)
            check_at(client, sub, to, counter_shown(sub));
        /* As docs/protocol.md has it, a query in error keeps its position; some clients move it all the same. */
        if (!sub->has_error || client->index % 2 == 0)
            sub->at.commit = dew_max_i64(sub->at.commit, to);
    }
}

static void take_subscribed(sim_client *client, const sim_message *message)
{
    assert_true(message->id.has && message->id.value / 10 < SIM_SUBS_MAX);
    sim_sub *sub = &client->subs[message->id.value / 10];
    if (!sub->is_used || sub->is_leaving)
        return;
    if (message->error.has) {
        assert_int_equal(sub->fn, SIM_FAILS);
        sub->is_subscribed = false;
        sub->has_error = true;
        return;
    }
    sub->is_subscribed = true;
    sub->has_error = false;
    sub->query = message->query.value;
    int64_t had = sub->has_value ? sub->at.commit : 0;
    sub->at = position(&message->at);
    int64_t before = sub->has_value ? counter_shown(sub) : -1;
    if (dew_str_eq(message->status.value, DEW_S("value"))) {
        if (sub->fn != SIM_FAILS &&
            sub->fn != SIM_COUNT) /* these may stand where they last did not fail, or read no table */
            assert_true(sub->at.commit >= had);
        show_json(sub, message->value.value, message->hash.value);
    } else {
        assert_true(sub->has_value);
    }
    assert_true(counter_shown(sub) >= before);
    if (dew_str_eq(message->status.value, DEW_S("current")) && client->cut == sub->at.commit)
        check_at(client, sub, sub->at.commit, counter_shown(sub));
}

static void take_message(sim_client *client, dew_str text)
{
    dew_arena arena;
    sim_message message;
    dew_error error;
    dew_arena_init(&arena, VALUE_ARENA_MAX);
    if (getenv("SIM_TRACE") != NULL)
        print_message("client %u at %lld ← %.*s\n", client->index, (long long)client->world->db.visible, (int)text.len,
                      text.ptr);
    if (dew_json_read(&arena, text, DEW_TYPE(sim_message), &message, NULL, &error) != 0)
        fail_msg("%s in %.*s", error.message, (int)text.len, text.ptr);
    if (dew_str_eq(message.type, DEW_S("connected"))) {
        snprintf(client->epoch, sizeof client->epoch, "%.*s", (int)message.epoch.value.len, message.epoch.value.ptr);
    } else if (dew_str_eq(message.type, DEW_S("subscribed"))) {
        take_subscribed(client, &message);
    } else {
        assert_true(dew_str_eq(message.type, DEW_S("frame")));
        take_frame(client, &message);
    }
    dew_arena_dispose(&arena);
}

/* ---- the connection ---- */

static int peer_send(void *connection, dew_blob *frame)
{
    sim_client *client = connection;
    if (client->queue_count >= client->queue_max) {
        client->is_full = true;
        return DEW_E_BUSY;
    }
    client->queue[client->queue_count++] = dew_blob_ref(frame);
    return 0;
}

static void peer_close(void *connection, int status, const char *reason)
{
    (void)connection;
    fail_msg("closed with %d: %s", status, reason);
}

static void peer_call(void *connection, const dew_session_call *call)
{
    (void)connection, (void)call;
}

static const dew_session_peer peer = { .send = peer_send, .close = peer_close, .call = peer_call };

static dew_str payload_of(const dew_blob *frame)
{
    size_t len = (unsigned char)frame->data[1], head = len == 127 ? 10 : len == 126 ? 4 : 2;
    return dew_str_make(frame->data + head, frame->len - head);
}

size_t sim_client_messages(const sim_client *client)
{
    return client->queue_count;
}

dew_str sim_client_message(const sim_client *client, size_t index)
{
    return payload_of(client->queue[index]);
}

dew_blob *sim_client_blob(const sim_client *client, size_t index)
{
    return client->queue[index];
}

static void read_one(sim_client *client)
{
    dew_blob *frame = client->queue[0];
    memmove(&client->queue[0], &client->queue[1], --client->queue_count * sizeof frame);
    take_message(client, payload_of(frame));
    dew_blob_unref(frame);
    if (client->is_full && client->queue_count == 0) {
        client->is_full = false;
        dew_session_writable(client->session);
    }
}

void sim_client_read(sim_client *client)
{
    while (client->queue_count > 0)
        read_one(client);
}

static void say(sim_client *client, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (getenv("SIM_TRACE") != NULL)
        print_message("client %u at %lld → %s\n", client->index, (long long)client->world->db.visible, text);
    dew_session_message(client->session, dew_str_make(text, (size_t)len));
}

static void subscribe(sim_client *client, int slot)
{
    sim_sub *sub = &client->subs[slot];
    char have[160] = "", hex[DEW_VALUE_HASH_LEN];
    if (sub->has_value) {
        dew_hash_value_hex(sub->hash, hex);
        snprintf(have, sizeof have, ",\"have\":{\"at\":[\"%lld\",\"%lld\"],\"epoch\":\"%s\",\"hash\":\"%.16s\"}",
                 (long long)sub->at.commit, (long long)sub->at.topic, client->epoch, hex);
    }
    say(client, "{\"type\":\"subscribe\",\"id\":%d,\"fn\":\"%s\",\"schema\":\"%s\",\"args\":{\"a\":%d,\"b\":%d}%s}",
        slot * 10, sim_fn(sub->fn)->fn->name, sim_fn(sub->fn)->schema, sub->a, sub->b, have);
}

void sim_client_connect(sim_client *client, unsigned worker)
{
    assert_false(client->is_connected || client->is_rendering);
    client->worker = worker;
    client->session = dew_session_create(dew_live_worker_at(client->world->live, worker), &peer, client,
                                         &client->asker->asker, (dew_str){ "", 0 });
    assert_non_null(client->session);
    client->is_connected = true;
    client->cut = 0;
    say(client, "{\"type\":\"connect\",\"protocol\":1,\"client\":\"c%u\"}", client->index);
    for (int slot = 0; slot < SIM_SUBS_MAX; slot++)
        if (client->subs[slot].is_used)
            subscribe(client, slot);
}

void sim_client_disconnect(sim_client *client)
{
    if (!client->is_connected)
        return;
    client->is_connected = client->is_full = false;
    client->owed = 0;
    dew_session_destroy(client->session);
    client->session = NULL;
    while (client->queue_count > 0)
        dew_blob_unref(client->queue[--client->queue_count]);
    for (int slot = 0; slot < SIM_SUBS_MAX; slot++)
        client->subs[slot].is_subscribed = false;
}

/* ---- pages ---- */

static void on_result(dew_waiter *waiter, dew_result *result, const dew_error *error)
{
    sim_sub *sub = dew_container_of(waiter, sim_sub, waiter);
    sub->is_waiting = false;
    sub->held = result;
    sub->has_error = result == NULL;
    assert_true(result != NULL || error->code == DEW_E_CONFLICT);
}

static void render_ask(sim_client *client, sim_sub *sub)
{
    char args[64];
    int len = snprintf(args, sizeof args, "{\"a\":%d,\"b\":%d}", sub->a, sub->b);
    dew_ask ask = { sim_fn(sub->fn), { "", 0 }, dew_str_make(args, (size_t)len), &client->asker->asker, NULL };
    sub->waiter = (dew_waiter){ .ready = on_result };
    int got = dew_results_get(dew_live_worker_at(client->world->live, client->worker), &ask, &sub->held, &sub->waiter);
    assert_true(got >= 0);
    sub->is_waiting = got == 0;
}

static void render_done(sim_client *client, int64_t cut)
{
    client->is_rendering = false;
    dew_str epoch = dew_topics_epoch(dew_live_topics(client->world->live));
    snprintf(client->epoch, sizeof client->epoch, "%.*s", (int)epoch.len, epoch.ptr);
    for (int slot = 0; slot < SIM_SUBS_MAX; slot++) {
        sim_sub *sub = &client->subs[slot];
        if (sub->held != NULL) {
            char hex[DEW_VALUE_HASH_LEN];
            dew_hash_value_hex(sub->held->hash, hex);
            show_json(sub, dew_blob_str(sub->held->json), dew_str_make(hex, sizeof hex));
            sub->at = dew_cut_position(sub->held, cut);
            if (sub->held->reads != NULL)
                check_at(client, sub, cut, counter_shown(sub)); /* the page shows one cut */
            dew_result_unref(sub->held);
            sub->held = NULL;
        }
    }
}

/* All results are there: do they stand at one commit? */
static void render_go_on(sim_client *client)
{
    dew_result *results[SIM_SUBS_MAX];
    bool stale[SIM_SUBS_MAX];
    int64_t cut;
    for (int slot = 0; slot < SIM_SUBS_MAX; slot++) {
        if (client->subs[slot].is_waiting)
            return;
        results[slot] = client->subs[slot].held;
    }
    if (dew_cut_check(results, SIM_SUBS_MAX, &client->world->data, stale, &cut) == 0) {
        render_done(client, cut);
        return;
    }
    for (int slot = 0; slot < SIM_SUBS_MAX; slot++)
        if (stale[slot]) {
            dew_result_unref(client->subs[slot].held);
            client->subs[slot].held = NULL;
            render_ask(client, &client->subs[slot]);
        }
}

void sim_client_render(sim_client *client)
{
    assert_false(client->is_connected || client->is_rendering);
    client->is_rendering = true;
    client->worker = (unsigned)sim_random(client->world, client->world->options.workers);
    for (int slot = 0; slot < SIM_SUBS_MAX; slot++)
        if (client->subs[slot].is_used) {
            forget(&client->subs[slot]);
            render_ask(client, &client->subs[slot]);
        }
}

static void render_abandon(sim_client *client)
{
    for (int slot = 0; slot < SIM_SUBS_MAX; slot++) {
        sim_sub *sub = &client->subs[slot];
        if (sub->is_waiting)
            dew_results_leave(dew_live_worker_at(client->world->live, client->worker), &sub->waiter,
                              DEW_END_CLIENT_GONE);
        sub->is_waiting = false;
        dew_result_unref(sub->held);
        sub->held = NULL;
    }
    client->is_rendering = false;
}

/* ---- life ---- */

void sim_client_shows(sim_client *client, unsigned slot, int fn, int a, int b)
{
    client->subs[slot].is_used = true;
    client->subs[slot].fn = fn;
    client->subs[slot].a = a;
    client->subs[slot].b = b;
}

void sim_client_init(sim_world *world, unsigned index)
{
    sim_client *client = &world->clients[index];
    client->world = world;
    client->index = index;
    client->asker = asker_create(index);
    client->queue_max = world->options.tiny_queues ? 1 + sim_random(world, 4) : SIM_QUEUE_MAX;
    for (unsigned slot = 0; slot < SIM_SUBS_MAX; slot++) {
        int fn = (int)sim_random(world, world->options.quiet_fails ? SIM_FAILS : SIM_FNS);
        int a = (int)sim_random(world, fn == SIM_PAIR || fn == SIM_BOTH ? SIM_ROWS : SIM_TABLES);
        int b = (int)sim_random(world, fn == SIM_BOTH ? SIM_COUNTERS : SIM_ROWS);
        bool is_twin = false;
        for (unsigned other = 0; other < slot; other++)
            is_twin |= client->subs[other].fn == fn && client->subs[other].a == a && client->subs[other].b == b;
        sim_client_shows(client, slot, fn, a, b);
        client->subs[slot].is_used = !is_twin && !one_in(world, 4);
    }
}

void sim_client_dispose(sim_client *client)
{
    if (client->is_rendering)
        render_abandon(client);
    sim_client_disconnect(client);
    for (int slot = 0; slot < SIM_SUBS_MAX; slot++)
        forget(&client->subs[slot]);
    dew_asker_unref(&client->asker->asker);
}

sim_client *sim_client_at(sim_world *world, unsigned index)
{
    return &world->clients[index];
}

dew_str sim_client_json(const sim_client *client, unsigned slot)
{
    return client->subs[slot].json;
}

uint64_t sim_client_frames(const sim_client *client)
{
    return client->frames;
}

void sim_client_mutate(sim_client *client, int table, int row, int64_t value)
{
    client->owed = sim_write(client->world, table, row, value);
    dew_session_owe(client->session, client->owed);
}

static void step_connected(sim_client *client)
{
    sim_world *world = client->world;
    int slot = (int)sim_random(world, SIM_SUBS_MAX);
    sim_sub *sub = &client->subs[slot];
    switch (sim_random(world, 24)) {
    case 0:
        sim_client_disconnect(client);
        break;
    case 1:
        sim_client_mutate(client, (int)sim_random(world, SIM_TABLES), (int)sim_random(world, SIM_ROWS),
                          (int64_t)sim_random(world, 9));
        break;
    case 2:
        if (sub->is_used && sub->is_subscribed && sub->has_value) {
            say(client, "{\"type\":\"unsubscribe\",\"id\":%d}", slot * 10);
            sub->is_subscribed = false;
            sub->is_leaving = true;
            sim_client_read(client); /* what was on its way is about the old subscription */
            sub->is_leaving = false;
            if (one_in(world, 3))
                forget(sub);
            subscribe(client, slot);
        }
        break;
    default:
        if (client->queue_count > 0)
            read_one(client);
    }
}

void sim_client_step(sim_client *client)
{
    if (client->is_rendering) {
        render_go_on(client);
        if (client->is_rendering && one_in(client->world, 40))
            render_abandon(client);
    } else if (client->is_connected) {
        step_connected(client);
    } else if (one_in(client->world, 3)) {
        sim_client_render(client);
    } else {
        sim_client_connect(client, (unsigned)sim_random(client->world, client->world->options.workers));
    }
}

bool sim_client_is_quiet(const sim_client *client)
{
    if (client->is_rendering)
        render_go_on((sim_client *)(uintptr_t)client);
    return client->is_connected && client->queue_count == 0;
}

void sim_client_check(sim_client *client, bool is_quiet)
{
    assert_true(!is_quiet || client->owed == 0);
    for (int slot = 0; slot < SIM_SUBS_MAX; slot++) {
        const sim_sub *sub = &client->subs[slot];
        if (!sub->is_used)
            continue;
        int64_t now = client->world->db.visible;
        if (sim_fails_at(client->world, sub, now)) {
            if (!sub->has_error && sub->is_subscribed)
                fail_msg("client %u slot %d fn %d(%d,%d) shows a value and not that it fails", client->index, slot,
                         sub->fn, sub->a, sub->b);
            continue;
        }
        if (sub->fn == SIM_FAILS && (sub->has_error || !sub->is_subscribed))
            continue; /* was refused, or waits for its retry */
        assert_true(sub->is_subscribed && sub->has_value);
        check_at(client, sub, now, counter_now(client, sub));
    }
}
