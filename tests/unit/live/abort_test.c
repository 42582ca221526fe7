/* abort_test.c - what ends a query's run: its own time-out, who waited for it, the server; and loaders that do not look. The
 * names are those of the reference's table and edge cases. A real database, and a clock that stands still. */
#include "unit/sql/sql_fixture.h"

#include "io/fiber.h"
#include "io/loop.h"
#include "live/live.h"
#include "live/loader.h"

#define NUMBER(F) F(i64, n)
DEW_STRUCT(number, NUMBER)
#define WORDS(F) F(i64, n) F(str, text)
DEW_STRUCT(words, WORDS)
DEW_QUERY(obedient, number, words)
DEW_QUERY(deaf, number, words)
DEW_QUERY(restless, number, words)
DEW_QUERY(endless, number, words)
DEW_QUERY(quick, number, words)
DEW_CHANNEL(moved, "moved/:n", number, dew_none)

static fixture *f;
static dew_loop *loop;
static dew_sql *sql;
static dew_loader *loader;
static dew_topics *topics;
static dew_live_data data;
static dew_orphans orphans;
static int done_count, called, returned;
static dew_end end_seen;
static int code_seen;
static dew_fiber *fiber; /* of the loader that does not look */
static bool may_return;

static void told(void *context, const dew_cause *cause)
{
    (void)context;
    end_seen = cause->end;
}

static int load_obedient(dew_scope *scope, const number *args, words *out)
{
    called++;
    (void)dew_on_end(scope, told, NULL);
    out->n = args->n;
    code_seen = dew_sleep(scope, 3600000);
    return code_seen;
}

/* Does not look at its scope, then does all that a loader may do. */
static int load_deaf(dew_scope *scope, const number *args, words *out)
{
    called++;
    (void)dew_on_end(scope, told, NULL);
    (void)dew_scope_cookie(scope, "theme");
    fiber = dew_fiber_current();
    while (!may_return)
        dew_fiber_suspend();
    code_seen = dew_sleep(scope, 1000);
    if (code_seen != 0 && dew_sql(scope, out, "SELECT v AS n, 'late' AS text FROM t") != code_seen)
        code_seen = 2;
    if (code_seen != 0 && moved_watch(scope, *args) != code_seen)
        code_seen = 3;
    if (code_seen != 0 && dew_scope_cookie(scope, "lang").len + dew_scope_identity(scope).len != 0)
        code_seen = 4;
    out->n = args->n;
    out->text = dew_scope_fmt(scope, "for %lld", (long long)args->n);
    returned++;
    return 0;
}

/* Publishes under itself, so that it is run again and again. */
static int load_restless(dew_scope *scope, const number *args, words *out)
{
    uint64_t workers;
    called++;
    out->n = args->n;
    code_seen = moved_watch(scope, *args);
    if (code_seen == 0)
        code_seen = dew_sleep(scope, 30);
    dew_topics_publish(topics, DEW_S("moved{\"n\":\"3\"}"), &workers);
    return code_seen;
}

/* A statement without end. */
static int load_endless(dew_scope *scope, const number *args, words *out)
{
    (void)args;
    called++;
    code_seen = dew_sql(scope, out,
                        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
                        " SELECT count(*) AS n, '' AS text FROM c");
    return code_seen;
}

static int load_quick(dew_scope *scope, const number *args, words *out)
{
    (void)args;
    return dew_sql(scope, out, "SELECT v AS n, '' AS text FROM t");
}

static const dew_query_options *untyped(const void *options)
{
    return options;
}

static const obedient_query_options obedient_250 = { .load = load_obedient, .timeout = DEW_MS(250) },
                                    obedient_default = { .load = load_obedient },
                                    obedient_never = { .load = load_obedient, .timeout = DEW_NEVER };
static const deaf_query_options deaf_250 = { .load = load_deaf, .timeout = DEW_MS(250) },
                                deaf_0 = { .load = load_deaf, .timeout = DEW_MS(0) },
                                deaf_default = { .load = load_deaf };
static const restless_query_options restless_70 = { .load = load_restless, .timeout = DEW_MS(70) };
static const quick_query_options quick_default = { .load = load_quick };
static const endless_query_options endless_hour = { .load = load_endless, .timeout = DEW_MS(3600000) };

static bool asker_get(dew_asker *asker, dew_input_kind kind, dew_str name, dew_str *value)
{
    (void)asker, (void)kind, (void)name;
    *value = DEW_S("dark");
    return true;
}

static void asker_destroy(dew_asker *asker)
{
    (void)asker;
}

static dew_asker asker = { 1, asker_get, asker_destroy };

static void on_done(dew_run *run)
{
    (void)run;
    done_count++;
}

static void begin_with(dew_duration timeout)
{
    const dew_loader_config config = { .loop = loop, .sql = sql, .orphans = &orphans, .timeout = timeout };
    dew_loader_destroy(loader);
    assert_int_equal(dew_loader_create(&config, &loader), 0);
}

static int begin(void **state)
{
    (void)state;
    done_count = called = returned = 0;
    end_seen = DEW_END_NONE;
    code_seen = 1;
    may_return = false;
    orphans = (dew_orphans){ 0, 0 };
    loader = NULL;
    f = fixture_make("CREATE TABLE t (v INTEGER NOT NULL); INSERT INTO t VALUES (7)");
    data = dew_loader_data(f->db);
    topics = dew_topics_create(1);
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    dew_loop_clock_hold(loop);
    assert_int_equal(dew_sql_create(f->db, loop, &sql), 0);
    begin_with((dew_duration){ 0 });
    return 0;
}

static int end(void **state)
{
    (void)state;
    assert_int_equal(orphans.now, 0);
    dew_loader_destroy(loader);
    dew_sql_destroy(sql); /* asserts that no connection is taken */
    dew_loop_destroy(loop);
    dew_topics_destroy(topics);
    fixture_free(f);
    return 0;
}

static dew_live_fn live_of(const dew_fn *fn, const void *options)
{
    return (dew_live_fn){ fn, untyped(options), "" };
}

static dew_run make(const dew_live_fn *fn, bool is_first)
{
    return (dew_run){ .fn = fn,
                      .args_json = DEW_S("{\"n\":\"3\"}"),
                      .asker = &asker,
                      .is_first = is_first,
                      .data = &data,
                      .topics = topics,
                      .done = on_done };
}

static void start(dew_run *run)
{
    assert_int_equal(dew_loader_start(loader, run), 0);
    dew_loop_turn(loop, false);
}

static void cancel(dew_run *run, dew_end cause)
{
    run->is_cancelled = true;
    run->cancelled_by = cause;
    dew_loader_cancel(loader, run);
}

static void let_return(void)
{
    may_return = true;
    dew_fiber_resume(fiber);
    dew_loop_turn(loop, false);
}

/* ---- the time-out ---- */

static void per_loader_deadline_aborts_the_signal_first_then_says_loader_timeout(void **state)
{
    (void)state;
    dew_live_fn fn = live_of(&obedient_fn, &obedient_250);
    dew_run run = make(&fn, true);
    start(&run);
    dew_loop_clock_advance(loop, 249);
    assert_int_equal(done_count, 0);
    dew_loop_clock_advance(loop, 2);
    assert_int_equal(end_seen, DEW_END_DEADLINE);
    assert_int_equal(code_seen, DEW_E_TIMEOUT);
    assert_int_equal(done_count, 1);
    assert_int_equal(run.code, DEW_E_LOADER_TIMEOUT);
    assert_string_equal(run.error.message, "obedient took longer than 250 ms");
    assert_int_equal(orphans.total, 0);
    dew_result_unref(run.result);
}

static void a_loader_that_ignores_its_signal_is_left_and_its_memory_kept_until_it_returns(void **state)
{
    (void)state;
    dew_live_fn fn = live_of(&deaf_fn, &deaf_250);
    dew_run run = make(&fn, true);
    start(&run);
    dew_loop_clock_advance(loop, 251);
    assert_int_equal(done_count, 1); /* who waits has his answer */
    assert_int_equal(run.code, DEW_E_LOADER_TIMEOUT);
    assert_non_null(run.result->inputs); /* told to those alone who have what it read */
    assert_int_equal(returned, 0);
    assert_int_equal(orphans.now, 1);
    assert_int_equal(dew_loader_count(loader), 0);
    dew_result_unref(run.result);
    memset(&run, 0xff, sizeof run); /* its owner has freed it */
    let_return();
    assert_int_equal(returned, 1);
    assert_int_equal(code_seen, DEW_E_TIMEOUT); /* of all that it waited for, at once */
    assert_int_equal(done_count, 1);            /* its late outcome is dropped */
    assert_int_equal(orphans.now, 0);
    assert_int_equal(orphans.total, 1);
}

static void in_one_transaction_the_connection_is_given_back_with_the_answer(void **state)
{
    (void)state;
    dew_live_fn fn = live_of(&deaf_fn, &deaf_250);
    dew_run runs[DEW_SQL_CONNECTIONS_MAX];
    dew_fiber *fibers[DEW_SQL_CONNECTIONS_MAX];
    for (int i = 0; i < DEW_SQL_CONNECTIONS_MAX; i++) {
        runs[i] = make(&fn, true);
        runs[i].one_transaction = true;
        start(&runs[i]);
        fibers[i] = fiber;
    }
    dew_loop_clock_advance(loop, 251);
    assert_int_equal(done_count, DEW_SQL_CONNECTIONS_MAX);
    dew_run next = make(&fn, true);
    next.one_transaction = true;
    start(&next);
    assert_int_equal(called, DEW_SQL_CONNECTIONS_MAX + 1); /* it has one */
    let_return();
    dew_loop_clock_advance(loop, 249);
    cancel(&next, DEW_END_CLIENT_GONE);
    dew_loop_turn(loop, false);
    dew_result_unref(next.result);
    for (int i = 0; i < DEW_SQL_CONNECTIONS_MAX; i++) {
        dew_fiber_resume(fibers[i]);
        dew_loop_turn(loop, false);
        dew_result_unref(runs[i].result);
    }
}

static void a_statement_under_way_is_over_before_who_waits_goes_on(void **state)
{
    (void)state;
    dew_live_fn fn = live_of(&endless_fn, &endless_hour);
    dew_run run = make(&fn, true);
    start(&run);
    assert_int_equal(called, 1);
    dew_loop_clock_advance(loop, 3600001); /* seen by the timer, before the statement looks at the real clock */
    for (int i = 0; done_count == 0 && i < 10; i++)
        dew_loop_turn(loop, false);
    assert_int_equal(run.code, DEW_E_LOADER_TIMEOUT);
    assert_int_equal(code_seen, DEW_E_TIMEOUT);
    assert_int_equal(orphans.total, 0);
    dew_result_unref(run.result);
    fn = live_of(&quick_fn, &quick_default);
    for (int i = 0; i < DEW_SQL_CONNECTIONS_MAX + 1; i++) { /* the connection is usable */
        run = make(&fn, true);
        start(&run);
        assert_int_equal(run.code, 0);
        assert_true(dew_str_eq(dew_blob_str(run.result->json), DEW_S("{\"n\":\"7\",\"text\":\"\"}")));
        dew_result_unref(run.result);
    }
}

static void ms_0_is_the_next_turn(void **state)
{
    (void)state;
    dew_live_fn fn = live_of(&deaf_fn, &deaf_0);
    dew_run run = make(&fn, true);
    start(&run);
    assert_int_equal(called, 1);
    dew_loop_turn(loop, false); /* no time passes */
    assert_int_equal(run.code, DEW_E_LOADER_TIMEOUT);
    dew_result_unref(run.result);
    let_return();
}

static void all_tries_of_a_run_have_one_deadline(void **state)
{
    (void)state;
    dew_live_fn fn = live_of(&restless_fn, &restless_70);
    dew_run run = make(&fn, true);
    start(&run);
    for (int ms = 0; ms < 60; ms++)
        dew_loop_clock_advance(loop, 1);
    assert_int_equal(done_count, 0);
    for (int ms = 0; ms < 12; ms++)
        dew_loop_clock_advance(loop, 1);
    assert_int_equal(called, 3); /* in the third when the time was up */
    assert_int_equal(done_count, 1);
    assert_int_equal(run.code, DEW_E_LOADER_TIMEOUT);
    dew_result_unref(run.result);
}

static int64_t ends_after(const dew_live_fn *fn, bool is_first, int64_t at_most_ms)
{
    dew_run run = make(fn, is_first);
    int before = done_count;
    start(&run);
    int64_t ms = 0;
    for (; done_count == before && ms < at_most_ms; ms += 50)
        dew_loop_clock_advance(loop, 50);
    if (done_count == before) {
        cancel(&run, DEW_END_CLIENT_GONE);
        dew_loop_turn(loop, false);
        ms = INT64_MAX;
    }
    dew_result_unref(run.result);
    return ms;
}

static void first_loads_have_the_default_of_the_configuration_and_live_re_runs_none(void **state)
{
    (void)state;
    dew_live_fn left_out = live_of(&obedient_fn, &obedient_default), never = live_of(&obedient_fn, &obedient_never),
                own = live_of(&obedient_fn, &obedient_250);
    assert_in_range(ends_after(&left_out, true, 60000), 30000, 30100);
    assert_true(ends_after(&left_out, false, 60000) == INT64_MAX);
    assert_true(ends_after(&never, true, 60000) == INT64_MAX);
    assert_in_range(ends_after(&own, false, 60000), 250, 350); /* its own holds for re-runs as well */
    begin_with((dew_duration)DEW_MS(1000));
    assert_in_range(ends_after(&left_out, true, 60000), 1000, 1100);
    assert_in_range(ends_after(&own, true, 60000), 250, 350);
    assert_true(ends_after(&left_out, false, 60000) == INT64_MAX);
    begin_with((dew_duration)DEW_NEVER);
    assert_true(ends_after(&left_out, true, 60000) == INT64_MAX);
}

/* ---- who waited has left ---- */

static void the_last_waiters_cause_reaches_the_loader(void **state)
{
    (void)state;
    static const struct {
        dew_end given, seen;
        int code;
    } causes[] = { { DEW_END_CLIENT_GONE, DEW_END_CLIENT_GONE, DEW_E_CANCELLED },
                   { DEW_END_NONE, DEW_END_CLIENT_GONE, DEW_E_CANCELLED },
                   { DEW_END_SUPERSEDED, DEW_END_SUPERSEDED, DEW_E_CANCELLED },
                   { DEW_END_DRAINING, DEW_END_DRAINING, DEW_E_CANCELLED },
                   { DEW_END_PROGRAM, DEW_END_PROGRAM, DEW_E_CANCELLED },
                   { DEW_END_DEADLINE, DEW_END_DEADLINE, DEW_E_TIMEOUT } }; /* of the request */
    dew_live_fn fn = live_of(&obedient_fn, &obedient_250);
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        dew_run run = make(&fn, true);
        start(&run);
        cancel(&run, causes[i].given);
        dew_loop_turn(loop, false);
        assert_int_equal(done_count, i + 1);
        assert_int_equal(end_seen, causes[i].seen);
        assert_int_equal(code_seen, causes[i].code);
        assert_int_equal(run.code, causes[i].code);
        dew_result_unref(run.result);
    }
    assert_int_equal(orphans.total, 0);
}

static void a_run_without_waiters_ends_at_once_also_when_its_loader_ignores_its_signal(void **state)
{
    (void)state;
    dew_live_fn fn = live_of(&deaf_fn, &deaf_default);
    dew_run run = make(&fn, true);
    start(&run);
    cancel(&run, DEW_END_CLIENT_GONE);
    assert_int_equal(done_count, 0); /* not within the call */
    dew_loop_turn(loop, false);
    assert_int_equal(done_count, 1);
    assert_int_equal(run.code, DEW_E_CANCELLED);
    assert_int_equal(orphans.now, 1);
    dew_result_unref(run.result);
    let_return();
    assert_int_equal(code_seen, DEW_E_CANCELLED);
}

static void pre_abort_short_circuits_without_loader_and_timer(void **state)
{
    (void)state;
    dew_live_fn fn = live_of(&obedient_fn, &obedient_250);
    dew_run run = make(&fn, true);
    assert_int_equal(dew_loader_start(loader, &run), 0);
    cancel(&run, DEW_END_CLIENT_GONE); /* before its turn has come */
    dew_loop_turn(loop, false);
    assert_int_equal(done_count, 1);
    assert_int_equal(run.code, DEW_E_CANCELLED);
    assert_int_equal(called, 0);
    assert_null(run.result); /* nothing was made for it */
}

static void nobody_in_line_is_held_though_every_fiber_is_taken(void **state)
{
    (void)state;
    dew_loop *big = loop;
    dew_loader *first = loader;
    assert_int_equal(dew_loop_create(&(dew_loop_options){ .fiber_max = 1 }, &loop), 0);
    dew_loop_clock_hold(loop);
    loader = NULL;
    begin_with((dew_duration){ 0 });
    dew_live_fn fn = live_of(&deaf_fn, &deaf_default), hasty = live_of(&deaf_fn, &deaf_250);
    dew_run taken = make(&fn, true), leaves = make(&fn, true), late = make(&hasty, true), later = make(&fn, false);
    start(&taken);
    start(&leaves);
    start(&late);
    start(&later);
    assert_int_equal(called, 1);
    cancel(&leaves, DEW_END_CLIENT_GONE);
    dew_loop_turn(loop, false);
    assert_int_equal(leaves.code, DEW_E_CANCELLED);
    assert_int_equal(done_count, 1);
    dew_loop_clock_advance(loop, 251);
    assert_int_equal(late.code, DEW_E_LOADER_TIMEOUT); /* its time has passed in line */
    assert_string_equal(late.error.message, "deaf took longer than 250 ms");
    assert_int_equal(done_count, 2);
    assert_int_equal(called, 1);
    cancel(&later, DEW_END_CLIENT_GONE);
    dew_loop_turn(loop, false);
    assert_int_equal(dew_loader_count(loader), 1);
    let_return();
    dew_loop_clock_advance(loop, 1001);
    assert_int_equal(taken.code, 0);
    assert_true(dew_str_eq(dew_blob_str(taken.result->json), DEW_S("{\"n\":\"3\",\"text\":\"for 3\"}")));
    dew_result_unref(taken.result);
    dew_loader_destroy(loader);
    dew_loop_destroy(loop);
    loop = big;
    loader = first;
}

static void draining_ends_who_is_in_line(void **state)
{
    (void)state;
    dew_live_fn fn = live_of(&obedient_fn, &obedient_250);
    dew_run run = make(&fn, true);
    assert_int_equal(dew_loader_start(loader, &run), 0);
    dew_loader_end(loader);
    dew_loop_turn(loop, false);
    assert_int_equal(run.code, DEW_E_CANCELLED);
    assert_int_equal(called, 0);
}

static void draining_ends_every_run(void **state)
{
    (void)state;
    dew_live_fn obeys = live_of(&obedient_fn, &obedient_250), ignores = live_of(&deaf_fn, &deaf_default);
    dew_run a = make(&obeys, true), b = make(&ignores, false), late = make(&obeys, true);
    start(&a);
    start(&b);
    dew_loader_end(loader);
    dew_loop_turn(loop, false);
    assert_int_equal(done_count, 2);
    assert_int_equal(end_seen, DEW_END_DRAINING);
    assert_int_equal(a.code, DEW_E_CANCELLED);
    assert_int_equal(b.code, DEW_E_CANCELLED);
    start(&late);
    assert_int_equal(late.code, DEW_E_CANCELLED);
    assert_int_equal(called, 2);
    dew_result_unref(a.result);
    dew_result_unref(b.result);
    dew_result_unref(late.result);
    assert_int_equal(dew_fiber_count(loop), 1); /* the drain waits for it */
    let_return();
    assert_int_equal(dew_fiber_count(loop), 0);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(per_loader_deadline_aborts_the_signal_first_then_says_loader_timeout),
        EACH(a_loader_that_ignores_its_signal_is_left_and_its_memory_kept_until_it_returns),
        EACH(in_one_transaction_the_connection_is_given_back_with_the_answer),
        EACH(a_statement_under_way_is_over_before_who_waits_goes_on),
        EACH(ms_0_is_the_next_turn),
        EACH(all_tries_of_a_run_have_one_deadline),
        EACH(first_loads_have_the_default_of_the_configuration_and_live_re_runs_none),
        EACH(the_last_waiters_cause_reaches_the_loader),
        EACH(a_run_without_waiters_ends_at_once_also_when_its_loader_ignores_its_signal),
        EACH(pre_abort_short_circuits_without_loader_and_timer),
        EACH(nobody_in_line_is_held_though_every_fiber_is_taken),
        EACH(draining_ends_who_is_in_line),
        EACH(draining_ends_every_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
