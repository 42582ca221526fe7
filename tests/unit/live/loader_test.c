/* loader_test.c - loaders on fibers of a loop whose clock stands still: time-outs, cancelling, what they asked and watched. */
#include "live/loader.h"

#include "io/loop.h"
#include "live/live.h"

#include <dew/scope.h>
#include <dew/serve.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NUMBER(F) F(i64, n)
DEW_STRUCT(number, NUMBER)
DEW_QUERY(sleepy, number, number)
DEW_QUERY(quick, number, number)
DEW_QUERY(stern, number, number)
DEW_CHANNEL(moved, "moved/:n", number, dew_none)

static int load_sleepy(dew_scope *scope, const number *args, number *out)
{
    out->n = args->n + 1;
    return dew_sleep(scope, 1000);
}

static int load_quick(dew_scope *scope, const number *args, number *out)
{
    out->n = (int64_t)dew_scope_cookie(scope, "theme").len + args->n;
    int failed = moved_watch(scope, *args);
    return failed != 0 ? failed : moved_watch(scope, *args);
}

static int load_stern(dew_scope *scope, const number *args, number *out)
{
    (void)args, (void)out;
    return dew_fail(scope, DEW_E_DENIED, "not for %s", dew_scope_identity(scope).ptr);
}

static const sleepy_query_options sleepy_options = { .load = load_sleepy, .timeout = DEW_MS(50) };
static const sleepy_query_options patient_options = { .load = load_sleepy };
static const quick_query_options quick_options = { .load = load_quick };
static const stern_query_options stern_options = { .load = load_stern };
#define SERVED(fn, options) { &fn, (const dew_query_options *)(const void *)&options, "" }
static const dew_live_fn sleepy_live = SERVED(sleepy_fn, sleepy_options),
                         patient_live = SERVED(sleepy_fn, patient_options),
                         quick_live = SERVED(quick_fn, quick_options), stern_live = SERVED(stern_fn, stern_options);

static dew_loop *loop;
static dew_loader *loader;
static dew_topics *topics;
static int done_count;
static bool knows_cookies;

static bool asker_get(dew_asker *asker, dew_input_kind kind, dew_str name, dew_str *value)
{
    (void)asker;
    *value = kind == DEW_INPUT_IDENTITY ? DEW_S("ann") : dew_str_eq(name, DEW_S("theme")) ? DEW_S("dark") : DEW_S("");
    return kind != DEW_INPUT_COOKIE || knows_cookies;
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

static int begin(void **state)
{
    (void)state;
    done_count = 0;
    knows_cookies = true;
    topics = dew_topics_create(1);
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    assert_int_equal(dew_loader_create(&(dew_loader_config){ .loop = loop }, &loader), 0);
    dew_loop_clock_hold(loop);
    return 0;
}

static int end(void **state)
{
    (void)state;
    dew_loader_destroy(loader);
    dew_loop_destroy(loop);
    dew_topics_destroy(topics);
    return 0;
}

static dew_run make(const dew_live_fn *fn, bool is_first)
{
    return (dew_run){ .fn = fn,
                      .args_json = DEW_S("{\"n\":\"3\"}"),
                      .asker = &asker,
                      .is_first = is_first,
                      .topics = topics,
                      .done = on_done };
}

static void start(dew_run *run)
{
    assert_int_equal(dew_loader_start(loader, run), 0);
    assert_int_equal(done_count, 0); /* never within the call */
    dew_loop_turn(loop, false);
}

static void a_loader_gives_its_value_and_what_it_depends_on(void **state)
{
    (void)state;
    dew_run run = make(&quick_live, true);
    start(&run);
    assert_int_equal(done_count, 1);
    assert_int_equal(run.code, 0);
    assert_true(dew_str_eq(dew_blob_str(run.result->json), DEW_S("{\"n\":\"7\"}")));
    assert_int_equal(run.result->topic_count, 1); /* watched twice is once */
    assert_non_null(run.result->inputs);
    assert_true(dew_str_eq(run.result->inputs->name, DEW_S("theme")));
    assert_null(run.result->inputs->next);
    assert_null(run.result->reads);
    dew_result_unref(run.result);
}

static void what_the_asker_does_not_know_is_noticed(void **state)
{
    (void)state;
    knows_cookies = false;
    dew_run run = make(&quick_live, false);
    start(&run);
    assert_true(run.input_missing);
    dew_result_unref(run.result);
}

static void a_failure_has_its_words_and_its_inputs(void **state)
{
    (void)state;
    dew_run run = make(&stern_live, true);
    start(&run);
    assert_int_equal(run.code, DEW_E_DENIED);
    assert_string_equal(run.error.message, "not for ann");
    assert_non_null(run.result->inputs); /* so it is not told to others */
    dew_result_unref(run.result);
}

static void a_loader_ends_with_its_time_out(void **state)
{
    (void)state;
    dew_run run = make(&sleepy_live, true);
    start(&run);
    dew_loop_clock_advance(loop, 49);
    assert_int_equal(done_count, 0);
    dew_loop_clock_advance(loop, 2);
    assert_int_equal(done_count, 1);
    assert_int_equal(run.code, DEW_E_LOADER_TIMEOUT);
    assert_string_equal(run.error.message, "sleepy took longer than 50 ms");
    dew_result_unref(run.result);
}

static void a_live_run_has_no_time_out_of_its_own(void **state)
{
    (void)state;
    dew_run run = make(&patient_live, false);
    start(&run);
    dew_loop_clock_advance(loop, 1000);
    assert_int_equal(run.code, 0);
    assert_int_equal(done_count, 1);
    dew_result_unref(run.result);
}

static void a_cancelled_loader_ends_at_once(void **state)
{
    (void)state;
    dew_run run = make(&patient_live, true), waiting = make(&patient_live, true);
    start(&run);
    run.is_cancelled = true;
    dew_loader_cancel(loader, &run);
    dew_loop_turn(loop, false);
    assert_int_equal(done_count, 1);
    assert_int_equal(run.code, DEW_E_CANCELLED);
    assert_int_equal(dew_loader_start(loader, &waiting), 0);
    waiting.is_cancelled = true; /* before it began */
    dew_loader_cancel(loader, &waiting);
    dew_loop_turn(loop, false);
    assert_int_equal(waiting.code, DEW_E_CANCELLED);
    dew_result_unref(run.result);
    dew_result_unref(waiting.result);
}

static void runs_wait_in_line_for_a_fiber(void **state)
{
    (void)state;
    dew_loader *crowded;
    dew_loop *small;
    dew_run runs[5];
    assert_int_equal(dew_loop_create(&(dew_loop_options){ .fiber_max = 2 }, &small), 0);
    assert_int_equal(dew_loader_create(&(dew_loader_config){ .loop = small }, &crowded), 0);
    dew_loop_clock_hold(small);
    for (int i = 0; i < 5; i++) {
        runs[i] = make(&patient_live, false);
        assert_int_equal(dew_loader_start(crowded, &runs[i]), 0);
    }
    dew_loop_turn(small, false);
    for (int i = 0; i < 3; i++) {
        dew_loop_clock_advance(small, 1001);
        dew_loop_clock_advance(small, 2);
    }
    assert_int_equal(done_count, 5);
    for (int i = 0; i < 5; i++)
        dew_result_unref(runs[i].result);
    dew_loader_destroy(crowded);
    dew_loop_destroy(small);
}

enum { MANY = 3 * DEW_LOADER_STARTS_MAX };

static void many_are_started_a_few_in_each_turn_and_in_their_order(void **state)
{
    (void)state;
    static dew_run runs[MANY];
    for (int i = 0; i < MANY; i++) {
        runs[i] = make(&quick_live, true);
        assert_int_equal(dew_loader_start(loader, &runs[i]), 0);
    }
    for (int turn = 1; done_count < MANY; turn++) {
        int before = done_count;
        dew_loop_turn(loop, false); /* what it puts off to the next keeps it from waiting */
        assert_true(turn <= 5);
        assert_true(done_count - before <= DEW_LOADER_STARTS_MAX);
        for (int i = 0; i < done_count; i++)
            assert_non_null(runs[i].result);
    }
    for (int i = 0; i < MANY; i++)
        dew_result_unref(runs[i].result);
}

static void those_in_line_for_the_next_turn_can_leave(void **state)
{
    (void)state;
    static dew_run runs[MANY];
    for (int i = 0; i < MANY; i++) {
        runs[i] = make(&patient_live, true);
        assert_int_equal(dew_loader_start(loader, &runs[i]), 0);
    }
    dew_loop_turn(loop, false);
    for (int i = 0; i < MANY; i++)
        dew_loader_cancel(loader, &runs[i]);
    for (int turn = 0; done_count < MANY; turn++) {
        assert_true(turn < 5);
        dew_loop_turn(loop, false);
    }
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(runs[i].code, DEW_E_CANCELLED);
        dew_result_unref(runs[i].result);
    }
}

int main(void)
{
#define LOADER_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        LOADER_TEST(a_loader_gives_its_value_and_what_it_depends_on),
        LOADER_TEST(what_the_asker_does_not_know_is_noticed),
        LOADER_TEST(a_failure_has_its_words_and_its_inputs),
        LOADER_TEST(a_loader_ends_with_its_time_out),
        LOADER_TEST(a_live_run_has_no_time_out_of_its_own),
        LOADER_TEST(a_cancelled_loader_ends_at_once),
        LOADER_TEST(many_are_started_a_few_in_each_turn_and_in_their_order),
        LOADER_TEST(those_in_line_for_the_next_turn_can_leave),
        LOADER_TEST(runs_wait_in_line_for_a_fiber),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
