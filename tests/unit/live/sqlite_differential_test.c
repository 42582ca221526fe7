/* sqlite_differential_test.c - random SQL writes against loaders on a real database: after each commit, what every subscriber
 * shows equals a fresh run of its loader. What the read sets miss shows here as a stale value. */
#include "unit/sql/sql_fixture.h"

#include "live/live_internal.h"
#include "live/loader.h"
#include "live/session.h"
#include "type/diff.h"
#include "type/json.h"
#include "type/schema.h"

#include <sys/stat.h>

/* Other numbers of steps with DEW_TEST_STEPS: a million in make soak. Sanitizers make a step several times as long. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STEPS 10000
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STEPS 10000
#endif
#endif
#ifndef STEPS
#define STEPS 100000
#endif

#define PICK(F) F(i64, n) F(str, g)
DEW_STRUCT(pick, PICK)
#define LINE(F) F(i64, id) F(i64, v) F(opt(str), note)
DEW_STRUCT(line, LINE)
DEW_LIST(line_list, line, id)
#define SUM(F) F(i64, count) F(i64, sum)
DEW_STRUCT(sum, SUM)

DEW_QUERY(by_id, pick, line_list)
DEW_QUERY(by_group, pick, line_list)
DEW_QUERY(total, dew_none, sum)
DEW_QUERY(joined, pick, line_list)
DEW_QUERY(hop, pick, line_list)
DEW_QUERY(between, pick, line_list)
DEW_QUERY(notes, pick, line_list)
DEW_QUERY(orphans, dew_none, line_list)
DEW_QUERY(ranked, pick, line_list)

static const char schema[] = "CREATE TABLE t (id INTEGER PRIMARY KEY, g TEXT NOT NULL, v INTEGER NOT NULL, note TEXT);"
                             "CREATE INDEX t_g ON t(g);"
                             "CREATE TABLE u (id INTEGER PRIMARY KEY, t_id INTEGER NOT NULL, w INTEGER NOT NULL);"
                             "CREATE UNIQUE INDEX u_t ON u(t_id, w);"
                             "CREATE VIEW rich AS SELECT id, g, v FROM t WHERE v > 5;"
                             "CREATE TABLE log (id INTEGER PRIMARY KEY, at INTEGER);"
                             "CREATE TRIGGER t_log AFTER DELETE ON t BEGIN DELETE FROM u WHERE t_id = old.id; INSERT "
                             "INTO log (at) VALUES (old.v); END;";

static int load_by_id(dew_scope *scope, const pick *p, line_list *out)
{
    return dew_sql(scope, out, "SELECT id, v, note FROM t WHERE id = ?", p->n);
}

static int load_by_group(dew_scope *scope, const pick *p, line_list *out)
{
    return dew_sql(scope, out, "SELECT id, v, note FROM t WHERE g = ? ORDER BY id", p->g);
}

static int load_total(dew_scope *scope, const dew_none *none, sum *out)
{
    (void)none;
    return dew_sql(scope, out, "SELECT count(*) AS count, coalesce(sum(v), 0) AS sum FROM t");
}

static int load_joined(dew_scope *scope, const pick *p, line_list *out)
{
    return dew_sql(
        scope, out,
        "SELECT u.id AS id, u.w AS v, t.note AS note FROM t JOIN u ON u.t_id = t.id WHERE t.g = ? ORDER BY u.id", p->g);
}

/* The second statement depends on what the first one found. */
static int load_hop(dew_scope *scope, const pick *p, line_list *out)
{
    line_list found;
    int code = dew_sql_into(scope, line_list, &found, "SELECT id, v, note FROM t WHERE id = ?", p->n);
    if (code != 0 || found.count == 0)
        return code;
    return dew_sql(scope, out, "SELECT id, w AS v, NULL AS note FROM u WHERE t_id = ? ORDER BY id", found.items[0].v);
}

static int load_between(dew_scope *scope, const pick *p, line_list *out)
{
    return dew_sql(scope, out, "SELECT id, v, NULL AS note FROM t WHERE v BETWEEN ? AND ? + 3 OR g = ? ORDER BY id",
                   p->n, p->n, p->g);
}

static int load_notes(dew_scope *scope, const pick *p, line_list *out)
{
    return dew_sql(scope, out, "SELECT id, 0 AS v, note FROM t WHERE g = ? AND note IS NOT NULL ORDER BY id", p->g);
}

static int load_orphans(dew_scope *scope, const dew_none *none, line_list *out)
{
    (void)none;
    return dew_sql(
        scope, out,
        "SELECT id, w AS v, NULL AS note FROM u WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.id = u.t_id) ORDER BY id");
}

static int load_ranked(dew_scope *scope, const pick *p, line_list *out)
{
    return dew_sql(scope, out,
                   "WITH best AS (SELECT id, v FROM rich WHERE g = ?) "
                   "SELECT id, v, NULL AS note FROM best ORDER BY v DESC, id LIMIT 3",
                   p->g);
}

#define OPTIONS(name) static const name##_query_options name##_options = { .load = load_##name };
OPTIONS(by_id) OPTIONS(by_group) OPTIONS(total) OPTIONS(joined) OPTIONS(hop) OPTIONS(between) OPTIONS(notes) OPTIONS(orphans) OPTIONS(ranked)
#define SERVED(name) { &name##_fn, (const dew_query_options *)(const void *)&name##_options, "" }
static dew_live_fn fns[] = { SERVED(by_id), SERVED(by_group), SERVED(total), SERVED(joined), SERVED(hop), SERVED(between),
                             SERVED(notes), SERVED(orphans), SERVED(ranked) };
#define FN_COUNT (sizeof fns / sizeof *fns)

/* ---- the world: one worker ---- */

static fixture *f;
static dew_live *live;
static dew_loader *loader;
static bool woken;
static uint64_t seed = 88172645463325252u;

static uint64_t random_below(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed * UINT64_C(0x9e3779b97f4a7c15) >> 33) % below;
}

static const dew_live_fn *env_find(void *context, dew_str name)
{
    (void)context;
    for (size_t i = 0; i < FN_COUNT; i++)
        if (dew_str_eq(dew_str_of(fns[i].fn->name), name))
            return &fns[i];
    return NULL;
}

static void env_wake(void *context, unsigned to)
{
    (void)context, (void)to;
    woken = true;
}

static int64_t env_now_ms(void *context)
{
    (void)context;
    return 0;
}

static int env_start(void *context, unsigned worker, dew_run *run)
{
    (void)context, (void)worker;
    return dew_loader_start(loader, run);
}

static void env_cancel(void *context, unsigned worker, dew_run *run)
{
    (void)context, (void)worker;
    dew_loader_cancel(loader, run);
}

static void run_until_quiet(void)
{
    while (woken || dew_loader_count(loader) > 0) {
        woken = false;
        dew_live_turn(dew_live_worker_at(live, 0));
        dew_loader_drain(loader);
    }
}

/* ---- one subscriber with many subscriptions ---- */

DEW_ARRAY(wire_at, i64)
#define CHANGE(F) F(i64, query) F(wire_at, from) F(wire_at, to) F(opt(json), ops) F(opt(json), value) F(str, hash)
DEW_STRUCT(change, CHANGE)
DEW_ARRAY(changes, change)
#define MESSAGE(F)                                                                                                    \
    F(str, type) F(opt(i32), id) F(opt(i64), query) F(opt(str), status) F(opt(wire_at), at) F(opt(json), value)       \
    F(opt(str), hash) F(opt(i64), to) F(opt(changes), changes) F(opt(i64), commit) F(opt(str), epoch) F(opt(i32), protocol)
DEW_STRUCT(message, MESSAGE)

typedef struct shown {
    const dew_live_fn *fn;
    char args[64];
    int64_t query;
    dew_arena arena;
    void *value;
    dew_str json;
} shown;

#define SUBS 36
static shown subs[SUBS];

static void show(shown *s, dew_str whole, dew_str ops)
{
    dew_arena arena;
    const dew_type *type = s->fn->fn->value();
    dew_arena_init(&arena, 8 << 20);
    void *value = dew_arena_calloc(&arena, 1, type->size);
    if (ops.len != 0)
        assert_int_equal(dew_patch(&arena, type, s->value, ops, value, NULL), 0);
    else
        assert_int_equal(dew_json_read(&arena, whole, type, value, NULL, NULL), 0);
    dew_buf json;
    dew_buf_init(&json, 1 << 20);
    assert_int_equal(dew_json_write(&json, type, value, NULL), 0);
    s->json = dew_arena_str(&arena, dew_buf_str(&json));
    dew_buf_dispose(&json);
    dew_arena_dispose(&s->arena);
    s->arena = arena;
    s->value = value;
}

static int peer_send(void *connection, dew_blob *frame)
{
    (void)connection;
    size_t len = (unsigned char)frame->data[1], head = len == 127 ? 10 : len == 126 ? 4 : 2;
    dew_arena arena;
    message m;
    dew_error error;
    dew_arena_init(&arena, 8 << 20);
    if (dew_json_read(&arena, dew_str_make(frame->data + head, frame->len - head), DEW_TYPE(message), &m, NULL,
                      &error) != 0)
        fail_msg("%s", error.message);
    if (dew_str_eq(m.type, DEW_S("subscribed"))) {
        subs[m.id.value].query = m.query.value;
        show(&subs[m.id.value], m.value.value, (dew_str){ "", 0 });
    }
    for (size_t i = 0; m.changes.has && i < m.changes.value.count; i++)
        for (size_t s = 0; s < SUBS; s++)
            if (subs[s].query == m.changes.value.items[i].query)
                show(&subs[s], m.changes.value.items[i].value.value, m.changes.value.items[i].ops.value);
    dew_arena_dispose(&arena);
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

static dew_str fresh(const shown *s, dew_arena *arena)
{
    dew_scope scope;
    const dew_type *type = s->fn->fn->value(), *args_type = s->fn->fn->args();
    void *value = dew_arena_calloc(arena, 1, type->size), *args = dew_arena_calloc(arena, 1, args_type->size);
    assert_int_equal(dew_json_read(arena, dew_str_of(s->args), args_type, args, NULL, NULL), 0);
    dew_scope_init(&scope, arena);
    scope.sql = f->sql;
    scope.out = value;
    scope.out_type = type;
    if (s->fn->options->load(&scope, args, value) != 0)
        fail_msg("%s: %s", s->fn->fn->name, scope.error.message);
    dew_buf json;
    dew_buf_init(&json, 1 << 20);
    assert_int_equal(dew_json_write(&json, type, value, NULL), 0);
    dew_str copy = dew_arena_str(arena, dew_buf_str(&json));
    dew_buf_dispose(&json);
    dew_scope_dispose(&scope);
    return copy;
}

static void check_all(const char *sql)
{
    for (size_t i = 0; i < SUBS; i++) {
        dew_arena arena;
        dew_arena_init(&arena, 8 << 20);
        dew_str expected = fresh(&subs[i], &arena);
        if (!dew_str_eq(expected, subs[i].json))
            fail_msg("after %s\n%s%s shows %s\nnot %s", sql, subs[i].fn->fn->name, subs[i].args, subs[i].json.ptr,
                     expected.ptr);
        dew_arena_dispose(&arena);
    }
}

/* ---- random SQL ---- */

static int id(void)
{
    return (int)random_below(24);
}

static const char *group(void)
{
    static const char *const groups[] = { "'a'", "'b'", "'c'", "'A'", "'b '", "''" };
    return groups[random_below(6)];
}

static void random_sql(char *sql, size_t cap)
{
    int v = (int)random_below(12);
    switch (random_below(16)) {
    case 0:
    case 1:
        snprintf(sql, cap, "INSERT OR REPLACE INTO t (id, g, v, note) VALUES (%d, %s, %d, %s)", id(), group(), v,
                 v % 3 == 0 ? "NULL" : "'n'");
        break;
    case 2:
    case 3:
        snprintf(sql, cap, "UPDATE t SET v = %d WHERE id = %d", v, id());
        break;
    case 4:
        snprintf(sql, cap, "UPDATE t SET g = %s WHERE id = %d", group(), id());
        break;
    case 5:
        snprintf(sql, cap, "UPDATE t SET note = %s WHERE g = %s", v % 4 == 0 ? "NULL" : "'m'", group());
        break;
    case 6:
        snprintf(sql, cap, "DELETE FROM t WHERE id = %d", id());
        break;
    case 7:
        snprintf(sql, cap, "UPDATE OR IGNORE t SET id = %d WHERE id = %d", id(), id());
        break;
    case 8:
    case 9:
        snprintf(sql, cap, "INSERT OR IGNORE INTO u (t_id, w) VALUES (%d, %d)", id(), v);
        break;
    case 10:
        snprintf(sql, cap, "UPDATE OR REPLACE u SET t_id = %d WHERE t_id = %d", id(), id());
        break;
    case 11:
        snprintf(sql, cap, "DELETE FROM u WHERE w = %d", v);
        break;
    case 12:
        snprintf(
            sql, cap,
            "INSERT INTO t (id, g, v) VALUES (%d, %s, %d) ON CONFLICT (id) DO UPDATE SET v = v + 1, g = excluded.g",
            id(), group(), v);
        break;
    case 13:
        snprintf(sql, cap, "UPDATE t SET v = v + 1 WHERE v < %d;;UPDATE u SET w = w WHERE id = %d", v / 3, id());
        break;
    case 14:
        snprintf(sql, cap, "INSERT INTO log (at) VALUES (%d)", v); /* nobody reads it */
        break;
    default:
        snprintf(sql, cap,
                 "DELETE FROM t WHERE g = %s AND v > %d;;INSERT OR IGNORE INTO t (id, g, v) VALUES (%d, 'c', %d)",
                 group(), v, id(), v);
    }
}

/* ---- */

static void on_commit(void *context, const dew_db_commit *commit)
{
    (void)context;
    if (live != NULL)
        dew_live_commit(live, commit->number, dew_write_set_ref(commit->writes));
}

static void open_all(void)
{
    dew_error error;
    struct stat memory;
    f = calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "%s/dew-live-XXXXXX", stat("/dev/shm", &memory) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    f->migrations[0] = (dew_migration){ "001.sql", schema };
    dew_db_config config = { .dir = f->dir, .migrations = f->migrations, .on_commit = on_commit, .manual = true };
    if (dew_db_open(&config, &f->db, &error) != 0)
        fail_msg("%s", error.message);
    assert_int_equal(dew_sql_create(f->db, NULL, &f->sql), 0);
    for (size_t i = 0; i < FN_COUNT; i++)
        dew_fn_schema(fns[i].fn, fns[i].schema);
}

static void test_differential(void **state)
{
    (void)state;
    static const dew_live_env env = {
        .find = env_find, .wake = env_wake, .now_ms = env_now_ms, .start = env_start, .cancel = env_cancel
    };
    open_all();
    dew_live_data data = dew_loader_data(f->db);
    dew_live_config config = { .workers = 1, .epoch = 1, .hash_key = { 1, 2 }, .env = &env, .data = &data };
    assert_int_equal(dew_loader_create(&(dew_loader_config){ .sql = f->sql }, &loader), 0);
    assert_int_equal(dew_live_create(&config, &live), 0);
    dew_asker asker = { 1, asker_get, asker_destroy };
    dew_session *session = dew_session_create(dew_live_worker_at(live, 0), &peer, NULL, &asker, (dew_str){ "", 0 });
    dew_session_message(session, DEW_S("{\"type\":\"connect\",\"protocol\":1}"));
    for (int i = 0; i < SUBS; i++) {
        char text[256];
        subs[i].fn = &fns[(size_t)i % FN_COUNT];
        if (subs[i].fn->fn->args() == DEW_TYPE(dew_none))
            snprintf(subs[i].args, sizeof subs[i].args, "{}");
        else
            snprintf(subs[i].args, sizeof subs[i].args, "{\"n\":\"%d\",\"g\":\"%s\"}", i / 3,
                     i % 4 == 0   ? "a"
                     : i % 4 == 1 ? "b"
                     : i % 4 == 2 ? "c"
                                  : "A");
        int len = snprintf(text, sizeof text, "{\"type\":\"subscribe\",\"id\":%d,\"fn\":\"%s\",\"args\":%s}", i,
                           subs[i].fn->fn->name, subs[i].args);
        dew_session_message(session, dew_str_make(text, (size_t)len));
    }
    run_until_quiet();
    check_all("the start");
    const char *asked = getenv("DEW_TEST_STEPS");
    long steps = asked != NULL ? strtol(asked, NULL, 10) : STEPS;
    for (long step = 0; step < steps; step++) {
        char sql[512];
        random_sql(sql, sizeof sql);
        int code = mutate(f, sql);
        assert_true(code == 0 || code == DEW_E_CONSTRAINT);
        run_until_quiet();
        check_all(sql);
    }
    dew_live_stats stats = dew_live_worker_stats(dew_live_worker_at(live, 0));
    print_message("runs %llu, of them unchanged %llu; without matching %llu\n", (unsigned long long)stats.runs,
                  (unsigned long long)stats.unchanged, (unsigned long long)steps * SUBS);
    assert_true(stats.runs < (uint64_t)steps * SUBS / 2); /* writes wake what they touch, not everything */
    dew_session_destroy(session);
    run_until_quiet();
    dew_live_destroy(live);
    live = NULL;
    dew_loader_destroy(loader);
    for (int i = 0; i < SUBS; i++)
        dew_arena_dispose(&subs[i].arena);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_differential) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
