/* holder_test.c - snapshots of a real database: loaders that read in one see one commit, whatever is written meanwhile. */
#include "unit/sql/sql_fixture.h"

#include "io/loop.h"
#include "live/holder.h"
#include "live/loader.h"

#define NUMBER(F) F(i64, n)
DEW_STRUCT(number, NUMBER)
DEW_QUERY(quick, dew_none, number)
DEW_QUERY(lasting, dew_none, number)

static int load_quick(dew_scope *scope, const dew_none *none, number *out)
{
    (void)none;
    return dew_sql(scope, out, "SELECT v AS n FROM t");
}

/* Takes many times the slice that a statement has of the loop. */
static int load_lasting(dew_scope *scope, const dew_none *none, number *out)
{
    (void)none;
    return dew_sql(scope, out,
                   "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 300000)"
                   " SELECT v + 0 * (SELECT count(*) FROM c) AS n FROM t");
}

static const quick_query_options quick_options = { .load = load_quick };
static const lasting_query_options lasting_options = { .load = load_lasting };
static const dew_live_fn quick_live = { &quick_fn, (const dew_query_options *)(const void *)&quick_options, "" },
                         lasting_live = { &lasting_fn, (const dew_query_options *)(const void *)&lasting_options, "" };

#define HOLDERS (DEW_SQL_CONNECTIONS_MAX + 1)

static fixture *f;
static dew_loop *loop;
static dew_sql *sql;
static dew_loader *loader;
static dew_topics *topics;
static dew_live_data data;
static dew_holder *holders[HOLDERS];
static dew_snapshot snapshots[HOLDERS];
static int outcomes[HOLDERS]; /* 1: not heard yet */
static dew_run *done[4];      /* in the order in which they came back */
static size_t done_count;

static bool asker_get(dew_asker *self, dew_input_kind kind, dew_str name, dew_str *value)
{
    (void)self, (void)kind, (void)name, (void)value;
    return false;
}

static void asker_destroy(dew_asker *self)
{
    (void)self;
}

static dew_asker asker = { 1, asker_get, asker_destroy };

static void on_opened(dew_snapshot *snapshot, int code)
{
    outcomes[snapshot - snapshots] = code;
}

static void on_done(dew_run *run)
{
    done[done_count++] = run;
}

static int begin(void **state)
{
    (void)state;
    done_count = 0;
    f = fixture_make("CREATE TABLE t (v INTEGER NOT NULL); INSERT INTO t VALUES (7)");
    topics = dew_topics_create(1);
    data = dew_loader_data(f->db);
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    assert_int_equal(dew_sql_create(f->db, loop, &sql), 0);
    assert_int_equal(dew_loader_create(&(dew_loader_config){ .loop = loop, .sql = sql }, &loader), 0);
    for (int i = 0; i < HOLDERS; i++) {
        assert_int_equal(dew_holder_create(loop, sql, &holders[i]), 0);
        snapshots[i] = (dew_snapshot){ .opened = on_opened };
        outcomes[i] = 1;
    }
    dew_loop_clock_hold(loop);
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (int i = 0; i < HOLDERS; i++)
        dew_holder_destroy(holders[i]);
    dew_loader_destroy(loader);
    dew_sql_destroy(sql);
    dew_loop_destroy(loop);
    dew_topics_destroy(topics);
    fixture_free(f);
    return 0;
}

static void open_snapshot(int index)
{
    assert_int_equal(dew_holder_open(holders[index], &snapshots[index]), 0);
    assert_int_equal(outcomes[index], 1); /* never within the call */
    dew_loop_turn(loop, false);
}

static void close_snapshot(int index)
{
    dew_holder_close(holders[index], &snapshots[index]);
    dew_loop_turn(loop, false);
    assert_true(dew_holder_is_idle(holders[index]));
}

static void start(dew_run *run, const dew_live_fn *fn, void *snapshot)
{
    *run = (dew_run){ .fn = fn,
                      .args_json = DEW_S("{}"),
                      .asker = &asker,
                      .snapshot = snapshot,
                      .data = &data,
                      .topics = topics,
                      .done = on_done };
    assert_int_equal(dew_loader_start(loader, run), 0);
}

static void wait_for(size_t count)
{
    while (done_count < count)
        dew_loop_turn(loop, false);
}

static void assert_gave(dew_run *run, int64_t n, int64_t commit)
{
    assert_int_equal(run->code, 0);
    assert_int_equal(((const number *)run->result->value)->n, n);
    assert_int_equal(run->result->high, commit);
    dew_result_unref(run->result);
}

static void what_reads_in_a_snapshot_sees_one_commit(void **state)
{
    (void)state;
    dew_run first, second, outside;
    open_snapshot(0);
    assert_int_equal(outcomes[0], 0);
    int64_t commit = snapshots[0].commit;
    assert_int_equal(commit, dew_db_number(f->db));
    start(&first, &quick_live, snapshots[0].handle);
    wait_for(1);
    assert_int_equal(mutate(f, "UPDATE t SET v = 8"), 0);
    start(&second, &quick_live, snapshots[0].handle);
    wait_for(2);
    start(&outside, &quick_live, NULL);
    wait_for(3);
    assert_gave(&first, 7, commit);
    assert_gave(&second, 7, commit);
    assert_gave(&outside, 8, commit + 1);
    close_snapshot(0);
    outcomes[0] = 1;
    open_snapshot(0); /* the next one sees what is there now */
    assert_int_equal(snapshots[0].commit, commit + 1);
    close_snapshot(0);
}

static void a_long_statement_in_a_snapshot_lets_others_run(void **state)
{
    (void)state;
    dew_run lasting, next, outside;
    open_snapshot(0);
    int64_t commit = snapshots[0].commit;
    start(&lasting, &lasting_live, snapshots[0].handle);
    start(&next, &quick_live, snapshots[0].handle);
    start(&outside, &quick_live, NULL);
    wait_for(3);
    assert_ptr_equal(done[0], &outside);
    assert_ptr_equal(done[1], &lasting); /* one statement at a time in the snapshot */
    assert_gave(&lasting, 7, commit);
    assert_gave(&next, 7, commit);
    assert_gave(&outside, 7, commit);
    close_snapshot(0);
}

static void who_waits_for_a_snapshot_may_be_told_to_end(void **state)
{
    (void)state;
    dew_run lasting, waits;
    open_snapshot(0);
    start(&lasting, &lasting_live, snapshots[0].handle);
    start(&waits, &quick_live, snapshots[0].handle);
    dew_loop_turn(loop, false);
    waits.is_cancelled = true;
    dew_loader_cancel(loader, &waits);
    wait_for(2);
    assert_ptr_equal(done[0], &waits);
    assert_int_equal(waits.code, DEW_E_CANCELLED);
    dew_result_unref(waits.result);
    assert_gave(&lasting, 7, snapshots[0].commit);
    close_snapshot(0);
}

static void open_all(void)
{
    for (int i = 0; i < HOLDERS; i++)
        open_snapshot(i);
    for (int i = 0; i < HOLDERS - 1; i++)
        assert_int_equal(outcomes[i], 0);
    assert_int_equal(outcomes[HOLDERS - 1], 1); /* every connection is taken */
}

static void a_snapshot_waits_for_a_connection(void **state)
{
    (void)state;
    open_all();
    close_snapshot(0);
    dew_loop_turn(loop, false);
    assert_int_equal(outcomes[HOLDERS - 1], 0);
    for (int i = 1; i < HOLDERS; i++)
        close_snapshot(i);
}

static void it_waits_for_a_bounded_time(void **state)
{
    (void)state;
    open_all();
    dew_loop_clock_advance(loop, DEW_LIVE_LATE_MS - 1);
    assert_int_equal(outcomes[HOLDERS - 1], 1);
    dew_loop_clock_advance(loop, 2);
    assert_int_equal(outcomes[HOLDERS - 1], DEW_E_TIMEOUT);
    assert_true(dew_holder_is_idle(holders[HOLDERS - 1]));
    for (int i = 0; i < HOLDERS - 1; i++)
        close_snapshot(i);
}

static void it_waits_no_more_when_its_worker_stops(void **state)
{
    (void)state;
    open_all();
    dew_holder_end(holders[HOLDERS - 1]);
    dew_loop_turn(loop, false);
    assert_int_equal(outcomes[HOLDERS - 1], DEW_E_CANCELLED);
    for (int i = 0; i < HOLDERS - 1; i++)
        close_snapshot(i);
    outcomes[0] = 1;
    dew_holder_end(holders[0]);
    open_snapshot(0); /* nor does a new one */
    assert_int_equal(outcomes[0], DEW_E_CANCELLED);
}

static void what_cannot_be_opened_is_refused(void **state)
{
    (void)state;
    dew_holder *without;
    dew_snapshot second = { .opened = on_opened };
    assert_int_equal(dew_holder_create(loop, NULL, &without), 0);
    assert_int_equal(dew_holder_open(without, &second), DEW_E_UNSUPPORTED);
    dew_holder_destroy(without);
    open_snapshot(0);
    assert_int_equal(dew_holder_open(holders[0], &second), DEW_E_BUSY);
    close_snapshot(0);
}

int main(void)
{
#define HOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        HOLDER_TEST(what_reads_in_a_snapshot_sees_one_commit),
        HOLDER_TEST(a_long_statement_in_a_snapshot_lets_others_run),
        HOLDER_TEST(who_waits_for_a_snapshot_may_be_told_to_end),
        HOLDER_TEST(a_snapshot_waits_for_a_connection),
        HOLDER_TEST(it_waits_for_a_bounded_time),
        HOLDER_TEST(it_waits_no_more_when_its_worker_stops),
        HOLDER_TEST(what_cannot_be_opened_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
