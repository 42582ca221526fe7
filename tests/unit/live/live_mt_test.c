/* live_mt_test.c - workers on threads of their own, a writer and publishers beside them; for TSan above all. Every client
 * sees numbers that only grow, and in the end the last ones. */
#include "live/live.h"
#include "live/session.h"
#include "type/json.h"

#include <dew/query.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define WORKERS 3
#define ROWS 4
#define COUNTERS 2
#define COMMITS 3000
#define PUBLISHES 1500
#define CLIENTS 4 /* per worker */

#define ARG(F) F(i32, a)
DEW_STRUCT(mt_arg, ARG)
#define NUMBER(F) F(i64, x)
DEW_STRUCT(mt_number, NUMBER)
DEW_QUERY(mt_row, mt_arg, mt_number)
DEW_QUERY(mt_count, mt_arg, mt_number)
DEW_CHANNEL(mt_counted, "mt/:a", mt_arg, dew_none)

static const dew_query_options no_options;
static const dew_live_fn fns[] = { { &mt_row_fn, &no_options, "1" }, { &mt_count_fn, &no_options, "2" } };

/* ---- a database of numbers: a row's value is the commit that wrote it last ---- */

typedef struct row {
    int64_t commits[COMMITS];
    _Atomic int count;
    _Atomic int64_t stamp;
} row;

static struct world {
    row rows[ROWS];
    _Atomic int64_t visible;
    _Atomic int64_t counters[COUNTERS];
    _Atomic int writers;  /* threads that still write or publish */
    _Atomic int content;  /* workers whose clients show the last values */
    _Atomic unsigned turns; /* of all workers: writers wait for some, so that both sides get on together */
    _Atomic unsigned frames;
    dew_live *live;
} world;

/* Gives up after a while: what was written may concern nobody. */
static void let_workers_turn(unsigned count)
{
    unsigned before = atomic_load(&world.turns);
    for (int i = 0; i < 20000 && atomic_load(&world.turns) - before < count; i++)
        ;
}

static int64_t row_at(const row *r, int64_t commit)
{
    for (int i = atomic_load_explicit(&r->count, memory_order_acquire); i-- > 0;)
        if (r->commits[i] <= commit)
            return r->commits[i];
    return 0;
}

static int64_t commit_now(void *context)
{
    (void)context;
    return atomic_load_explicit(&world.visible, memory_order_acquire);
}

static int64_t stamp(void *context, const void *reads)
{
    (void)context;
    return atomic_load_explicit(&world.rows[*(const int *)reads].stamp, memory_order_acquire);
}

static void buckets(void *context, const void *row_index, dew_bucket_fn *each, void *each_context)
{
    (void)context;
    each(each_context, 1 + (uint64_t) * (const int *)row_index);
}

static bool touches(void *context, const void *writes, const void *reads)
{
    (void)context;
    return *(const int *)writes == *(const int *)reads;
}

static bool knows(void *context, uint64_t epoch, int64_t commit)
{
    (void)context, (void)epoch, (void)commit;
    return false;
}

static void writes_destroy(void *context, void *writes)
{
    (void)context;
    free(writes);
}

static const dew_live_data data = { NULL, commit_now, stamp, buckets, buckets, touches, knows, writes_destroy };

static void *write_rows(void *arg)
{
    (void)arg;
    for (int64_t number = 1; number <= COMMITS; number++) {
        int *index = malloc(sizeof *index);
        *index = (int)(number * 7 / 3 % ROWS);
        row *r = &world.rows[*index];
        int count = atomic_load_explicit(&r->count, memory_order_relaxed);
        atomic_store_explicit(&r->stamp, number, memory_order_release);
        r->commits[count] = number;
        atomic_store_explicit(&r->count, count + 1, memory_order_release);
        atomic_store_explicit(&world.visible, number, memory_order_release);
        dew_live_commit(world.live, number, index);
        if (number % 3 == 0)
            let_workers_turn(2);
    }
    atomic_fetch_sub(&world.writers, 1);
    return NULL;
}

static void *publish(void *arg)
{
    mt_arg key = { (int)(intptr_t)arg };
    for (int i = 0; i < PUBLISHES; i++) {
        atomic_fetch_add(&world.counters[key.a], 1);
        while (dew_live_publish(world.live, &mt_counted_channel, &key, NULL) == DEW_E_BUSY)
            ;
        if (i % 3 == 0)
            let_workers_turn(1);
    }
    atomic_fetch_sub(&world.writers, 1);
    return NULL;
}

/* ---- workers ---- */

typedef struct client {
    dew_session *session;
    unsigned slot;
    int fn, a;
    int64_t shown, cut;
    bool has_value;
} client;

typedef struct worker {
    pthread_mutex_t lock; /* guards woken */
    pthread_cond_t wake;
    bool woken;
    unsigned index;
    dew_run *runs[1024];
    size_t run_count;
    client clients[CLIENTS];
    dew_asker asker;
    pthread_t thread;
    int64_t now_ms;
} worker;

static worker workers[WORKERS];

static void env_wake(void *context, unsigned to)
{
    (void)context;
    pthread_mutex_lock(&workers[to].lock);
    workers[to].woken = true;
    pthread_cond_signal(&workers[to].wake);
    pthread_mutex_unlock(&workers[to].lock);
}

static const dew_live_fn *env_find(void *context, dew_str name)
{
    (void)context;
    for (size_t i = 0; i < 2; i++)
        if (dew_str_eq(name, dew_str_of(fns[i].fn->name)))
            return &fns[i];
    return NULL;
}

static int64_t env_now_ms(void *context)
{
    (void)context;
    return 0;
}

static int env_start(void *context, unsigned index, dew_run *run)
{
    (void)context;
    workers[index].runs[workers[index].run_count++] = run;
    return 0;
}

static const dew_live_env env = {
    .find = env_find, .wake = env_wake, .now_ms = env_now_ms, .start = env_start
};

static int load(dew_run *run)
{
    int a = ((const mt_arg *)run->args)->a;
    mt_number *out = run->result->value;
    if (run->fn == &fns[0]) {
        int64_t commit = commit_now(NULL);
        int *reads = dew_arena_alloc(&run->result->arena, sizeof *reads);
        *reads = a;
        out->x = row_at(&world.rows[a], commit);
        dew_run_read(run, reads, commit, commit);
        return 0;
    }
    mt_arg key = { a };
    dew_buf topic;
    dew_buf_init(&topic, DEW_TOPIC_MAX);
    int failed = dew_topic_write(&topic, &mt_counted_channel, &key, NULL);
    out->x = atomic_load(&world.counters[a]);
    failed = failed != 0 ? failed : dew_run_watch(run, dew_buf_str(&topic));
    dew_buf_dispose(&topic);
    return failed;
}

static void run_loaders(worker *w)
{
    while (w->run_count > 0) {
        dew_run *run = w->runs[--w->run_count];
        int code;
        do {
            code = dew_run_begin(run);
            if (code == 0)
                code = load(run);
        } while (dew_run_settle(run, code));
        dew_run_finish(run);
    }
}

/* ---- clients: one number each ---- */

static int64_t number_after(const char *text, const char *mark)
{
    const char *at = strstr(text, mark);
    assert_non_null(at);
    return strtoll(at + strlen(mark), NULL, 10);
}

static int peer_send(void *connection, dew_blob *frame)
{
    client *c = connection;
    size_t len = (unsigned char)frame->data[1], head = len == 127 ? 10 : len == 126 ? 4 : 2;
    const char *text = frame->data + head; /* a blob ends with NUL */
    for (const char *at = text; (at = strstr(at, "\"value\":{")) != NULL; at++) {
        int64_t x = number_after(at, "\"x\":\"");
        assert_true(!c->has_value || x > c->shown); /* each step is news, and forward */
        c->shown = x;
        c->has_value = true;
    }
    if (strncmp(text, "{\"type\":\"frame\"", 15) == 0) {
        int64_t to = number_after(text, "\"to\":\"");
        assert_true(to >= c->cut);
        atomic_fetch_add(&world.frames, 1);
        c->cut = to;
    }
    return 0;
}

static void peer_close(void *connection, int status, const char *reason)
{
    (void)connection;
    fail_msg("closed: %d %s", status, reason);
}

static const dew_session_peer peer = { .send = peer_send, .close = peer_close };

static bool asker_get(dew_asker *asker, dew_input_kind kind, dew_str name, dew_str *value)
{
    (void)asker, (void)kind, (void)name;
    *value = dew_str_make("", 0);
    return true;
}

static void asker_destroy(dew_asker *asker)
{
    (void)asker;
}

static void connect_client(worker *w, client *c)
{
    char text[160];
    dew_live_worker *live = dew_live_worker_at(world.live, w->index);
    *c = (client){ .slot = (unsigned)(c - w->clients) };
    c->fn = (int)(c->slot % 2);
    c->a = (int)((c->slot / 2 + w->index) % (c->fn == 0 ? ROWS : COUNTERS));
    c->session = dew_session_create(live, &peer, c, &w->asker, (dew_str){ "", 0 });
    dew_session_message(c->session, DEW_S("{\"type\":\"connect\",\"protocol\":1}"));
    int len = snprintf(text, sizeof text, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"%s\",\"args\":{\"a\":%d}}",
                       fns[c->fn].fn->name, c->a);
    dew_session_message(c->session, dew_str_make(text, (size_t)len));
}

static bool is_content(const worker *w)
{
    if (atomic_load(&world.writers) > 0 || w->run_count > 0)
        return false;
    for (const client *c = w->clients; c < w->clients + CLIENTS; c++) {
        int64_t last = c->fn == 0 ? row_at(&world.rows[c->a], COMMITS) : atomic_load(&world.counters[c->a]);
        if (!c->has_value || c->shown != last)
            return false;
    }
    return true;
}

static void *work(void *arg)
{
    worker *w = arg;
    bool was_content = false;
    for (int i = 0; i < CLIENTS; i++)
        connect_client(w, &w->clients[i]);
    for (unsigned turn = 0; atomic_load(&world.content) < WORKERS; turn++) {
        pthread_mutex_lock(&w->lock);
        while (!w->woken && w->run_count == 0 && !was_content && atomic_load(&world.writers) > 0)
            pthread_cond_wait(&w->wake, &w->lock);
        w->woken = false;
        pthread_mutex_unlock(&w->lock);
        dew_live_turn(dew_live_worker_at(world.live, w->index));
        run_loaders(w);
        atomic_fetch_add(&world.turns, 1);
        if (turn % 97 == 0 && !was_content) { /* one comes anew now and then */
            client *c = &w->clients[turn / 97 % CLIENTS];
            dew_session_destroy(c->session);
            connect_client(w, c);
        }
        if (!was_content && is_content(w)) {
            was_content = true;
            atomic_fetch_add(&world.content, 1);
        }
    }
    for (int i = 0; i < CLIENTS; i++)
        dew_session_destroy(w->clients[i].session);
    run_loaders(w);
    dew_live_worker_stop(dew_live_worker_at(world.live, w->index));
    return NULL;
}

static void test_numbers_only_grow_and_the_last_arrive(void **state)
{
    (void)state;
    pthread_t writer, publishers[COUNTERS];
    dew_live_config config = {
        .workers = WORKERS, .epoch = 5, .hash_key = { 1, 2 }, .env = &env, .data = &data, .ring_budget = 2000
    };
    assert_int_equal(dew_live_create(&config, &world.live), 0);
    atomic_store(&world.writers, 1 + COUNTERS);
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i].index = i;
        workers[i].asker = (dew_asker){ 1, asker_get, asker_destroy };
        pthread_mutex_init(&workers[i].lock, NULL);
        pthread_cond_init(&workers[i].wake, NULL);
    }
    for (unsigned i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    assert_int_equal(pthread_create(&writer, NULL, write_rows, NULL), 0);
    for (intptr_t i = 0; i < COUNTERS; i++)
        assert_int_equal(pthread_create(&publishers[i], NULL, publish, (void *)i), 0);
    pthread_join(writer, NULL);
    for (int i = 0; i < COUNTERS; i++)
        pthread_join(publishers[i], NULL);
    for (unsigned i = 0; i < WORKERS; i++)
        env_wake(NULL, i); /* the writers have ended: look once more */
    for (unsigned i = 0; i < WORKERS; i++)
        pthread_join(workers[i].thread, NULL);
    dew_live_destroy(world.live);
    print_message("%u turns, %u frames\n", world.turns, world.frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_numbers_only_grow_and_the_last_arrive) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
