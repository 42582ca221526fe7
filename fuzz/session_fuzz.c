/* session_fuzz.c - a client's messages (docs/protocol.md §3) to the live half, without I/O.
 *
 * Input: byte 0, bit by bit: what the connection is like; then messages, a line each. An empty line lets time pass, a line "p"
 * publishes, "b" blocks or unblocks the peer; from "a" on it is said later who may subscribe, or again at once, "y" and "n" say
 * it of the oldest, "g" asks about all that is open again. Whatever comes, each frame that goes out is one whole text frame of JSON, nothing
 * goes out after a close, and ending leaves nothing behind. Seeds: fuzz/corpus/session, made from tests/fixtures/protocol. */
#include "live/loader.h"
#include "live/session.h"
#include "type/json.h"
#include "type/schema.h"

#include <dew/serve.h>

#include <stdlib.h>

#define CHECK(condition) ((condition) ? (void)0 : abort())
#define INPUT_MAX 20000
#define TURNS_MAX 10000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* ---- what is served ---- */

#define ROW(F) F(i64, id) F(str, title)
DEW_STRUCT(row, ROW)
DEW_LIST(row_list, row, id)
#define NUMBER(F) F(i64, number)
DEW_STRUCT(number, NUMBER)
#define ASKED(F) F(str, text) F(opt(i32), n)
DEW_STRUCT(asked, ASKED)
DEW_QUERY(items, dew_none, row_list)
DEW_QUERY(current, dew_none, number)
DEW_QUERY(echo, asked, asked)
DEW_SIGNAL(ticked, "ticked")

static int64_t ticks; /* the process handles one input after the other */

static int load_items(dew_scope *scope, const dew_none *none, row_list *out)
{
    (void)none;
    int failed = ticked_watch(scope);
    size_t count = (size_t)(ticks % 4) + 1;
    out->items = dew_arena_calloc(dew_scope_arena(scope), count, sizeof *out->items);
    if (out->items == NULL)
        return DEW_E_NOMEM;
    out->count = count;
    for (size_t i = 0; i < count; i++)
        out->items[i] = (row){ (int64_t)i * 3 + ticks % 2, DEW_S("a \"row\"") };
    return failed;
}

static int load_current(dew_scope *scope, const dew_none *none, number *out)
{
    (void)none;
    out->number = ticks;
    if (ticks % 5 == 4)
        return dew_fail(scope, DEW_E_CONFLICT, "not now");
    return ticked_watch(scope);
}

static int load_echo(dew_scope *scope, const asked *args, asked *out)
{
    *out = *args;
    if (args->n.has && args->n.value > 3)
        out->text = dew_scope_cookie(scope, "who");
    return 0;
}

static const items_query_options items_options = { .load = load_items };
static const current_query_options current_options = { .load = load_current };
static const echo_query_options echo_options = { .load = load_echo };
static dew_live_fn served[] = { { .fn = &items_fn, .options = (const dew_query_options *)&items_options },
                                { .fn = &current_fn, .options = (const dew_query_options *)&current_options },
                                { .fn = &echo_fn, .options = (const dew_query_options *)&echo_options } };

/* ---- the world around ---- */

typedef struct world {
    dew_live *live;
    dew_live_worker *worker;
    dew_loader *loader;
    dew_session *session;
    int64_t now_ms, commit;
    bool is_woken, is_blocked, is_closed;
    bool asks;                  /* who may subscribe is said later */
    dew_admission *waiting[16]; /* those that wait for it, the oldest first */
    size_t waiting_count;
} world;

static const dew_live_fn *find(void *context, dew_str name)
{
    (void)context;
    for (size_t i = 0; i < sizeof served / sizeof *served; i++)
        if (dew_str_eq(name, dew_str_of(served[i].fn->name)))
            return &served[i];
    return NULL;
}

static void wake(void *context, unsigned to)
{
    (void)to;
    ((world *)context)->is_woken = true;
}

static int64_t now_ms(void *context)
{
    return ((world *)context)->now_ms;
}

static int start(void *context, unsigned worker, dew_run *run)
{
    (void)worker;
    return dew_loader_start(((world *)context)->loader, run);
}

static void cancel(void *context, unsigned worker, dew_run *run)
{
    (void)worker;
    dew_loader_cancel(((world *)context)->loader, run);
}

static bool asker_get(dew_asker *asker, dew_input_kind kind, dew_str name, dew_str *value)
{
    (void)asker, (void)kind, (void)name;
    *value = DEW_S("somebody");
    return true;
}

static void asker_destroy(dew_asker *asker)
{
    (void)asker;
}

/* ---- the connection ---- */

static dew_str payload_of(dew_str frame)
{
    CHECK(frame.len >= 2 && (unsigned char)frame.ptr[0] == 0x81);
    size_t at = 2, payload_len = (unsigned char)frame.ptr[1];
    size_t more = payload_len == 126 ? 2 : payload_len == 127 ? 8 : 0;
    CHECK(payload_len < 128 && frame.len >= at + more);
    if (more != 0)
        payload_len = 0;
    for (size_t i = 0; i < more; i++)
        payload_len = payload_len << 8 | (unsigned char)frame.ptr[at + i];
    CHECK(frame.len == at + more + payload_len);
    return dew_str_make(frame.ptr + at + more, payload_len);
}

static int peer_send(void *connection, dew_blob *frame)
{
    world *w = connection;
    CHECK(!w->is_closed);
    dew_error error = { 0 };
    CHECK(dew_json_check(payload_of(dew_blob_str(frame)), NULL, &error) == 0);
    return w->is_blocked ? DEW_E_BUSY : 0;
}

static void peer_close(void *connection, int status, const char *reason)
{
    world *w = connection;
    CHECK(!w->is_closed && status >= 1000 && status < 5000 && reason != NULL);
    w->is_closed = true;
}

static void peer_call(void *connection, const dew_session_call *call)
{
    world *w = connection;
    CHECK(!w->is_closed && call->fn.ptr != NULL && call->client.len <= 64);
    w->commit += call->has_seq;
}

static int peer_locate(void *connection, dew_asker *asker, dew_str location, dew_asker **out, dew_error *error)
{
    (void)connection;
    if (location.ptr[0] != '/')
        return dew_error_set(error, DEW_E_NOT_FOUND, "location: no page");
    *out = dew_asker_ref(asker);
    return 0;
}

static int peer_admit(void *connection, const dew_live_fn *fn, dew_str args, dew_asker *asker, dew_admission *admission,
                      dew_error *refusal)
{
    world *w = connection;
    CHECK(!w->is_closed && fn != NULL && args.len > 0 && asker != NULL && admission->under_way == NULL);
    if (!w->asks)
        return 0;
    if (w->waiting_count == sizeof w->waiting / sizeof *w->waiting)
        return dew_error_set(refusal, DEW_E_BUSY, "too many wait");
    admission->under_way = w;
    w->waiting[w->waiting_count++] = admission;
    return 1;
}

static void peer_admit_leave(void *connection, dew_admission *admission)
{
    world *w = connection;
    size_t i = 0;
    while (i < w->waiting_count && w->waiting[i] != admission)
        i++;
    CHECK(i < w->waiting_count);
    admission->under_way = NULL;
    w->waiting_count--;
    memmove(&w->waiting[i], &w->waiting[i + 1], (w->waiting_count - i) * sizeof *w->waiting);
}

static void decide(world *w, bool may)
{
    static const dew_error no = { DEW_E_DENIED, "not you" };
    if (w->waiting_count == 0)
        return;
    dew_admission *admission = w->waiting[0];
    peer_admit_leave(w, admission);
    admission->decided(admission, may ? NULL : &no);
}

static const dew_session_peer peer = { .send = peer_send,
                                       .close = peer_close,
                                       .call = peer_call,
                                       .locate = peer_locate,
                                       .admit = peer_admit,
                                       .admit_leave = peer_admit_leave };

/* Everything that is to be done is done. */
static void settle(world *w)
{
    int turns = 0;
    do {
        w->is_woken = false;
        dew_loader_drain(w->loader);
        dew_live_turn(w->worker);
        CHECK(turns++ < TURNS_MAX);
    } while (w->is_woken || dew_loader_count(w->loader) != 0);
}

static void take_line(world *w, dew_str line)
{
    if (line.len == 0) {
        w->now_ms += 3000;
        dew_live_tick(w->worker);
    } else if (dew_str_eq(line, DEW_S("p"))) {
        ticks++;
        CHECK(dew_live_publish(w->live, &ticked_channel, &(dew_none){ 0 }, NULL) == 0);
    } else if (dew_str_eq(line, DEW_S("b"))) {
        w->is_blocked = !w->is_blocked;
        if (!w->is_blocked)
            dew_session_writable(w->session);
    } else if (dew_str_eq(line, DEW_S("a"))) {
        w->asks = !w->asks;
    } else if (dew_str_eq(line, DEW_S("y")) || dew_str_eq(line, DEW_S("n"))) {
        decide(w, line.ptr[0] == 'y');
    } else if (dew_str_eq(line, DEW_S("g"))) {
        dew_session_admit_again(w->session);
    } else {
        dew_session_message(w->session, line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 1 || len > INPUT_MAX)
        return 0;
    ticks = 0;
    for (size_t i = 0; i < sizeof served / sizeof *served; i++)
        dew_fn_schema(served[i].fn, served[i].schema);
    world w = { .now_ms = 1000 };
    const dew_live_env env = {
        .context = &w, .find = find, .wake = wake, .now_ms = now_ms, .start = start, .cancel = cancel
    };
    const dew_live_config config = { .workers = 1, .epoch = 7, .hash_key = { 1, 2 }, .env = &env };
    const dew_loader_config loading = { 0 };
    dew_asker asker = { .refs = 1, .get = asker_get, .destroy = asker_destroy };
    CHECK(dew_live_create(&config, &w.live) == 0);
    CHECK(dew_loader_create(&loading, &w.loader) == 0);
    w.worker = dew_live_worker_at(w.live, 0);
    w.session = dew_session_create(w.worker, &peer, &w, &asker, data[0] & 1 ? DEW_S("3f2a") : DEW_S(""));
    CHECK(w.session != NULL);
    if (data[0] & 2)
        take_line(&w, DEW_S("{\"type\":\"connect\",\"protocol\":1,\"client\":\"c0ffee\",\"tab\":\"9a1b\"}"));
    const char *at = (const char *)data + 1, *end = (const char *)data + len;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        take_line(&w, dew_str_make(at, (size_t)(stop - at)));
        if (!(data[0] & 4))
            settle(&w);
        at = stop + 1;
    }
    settle(&w);
    dew_session_destroy(w.session);
    CHECK(w.waiting_count == 0);
    dew_loader_end(w.loader);
    settle(&w);
    dew_loader_destroy(w.loader);
    dew_live_destroy(w.live);
    return 0;
}
