/* Results: who shares what, one run for many who ask, nothing stale, bounded memory. Rule 1 inside one loader and over a render. */
#include "support/live_sim_internal.h"

#include "live/results.h"

static sim_world *world;
static dew_live_worker *worker;

typedef struct asked {
    dew_waiter waiter;
    dew_result *result;
    int code, count;
} asked;

static void on_ready(dew_waiter *waiter, dew_result *result, const dew_error *error)
{
    asked *a = dew_container_of(waiter, asked, waiter);
    a->result = result;
    a->code = result == NULL ? error->code : 0;
    a->count++;
}

static int begin(void **state)
{
    (void)state;
    world = sim_create(&(sim_options){ .seed = 7, .workers = 1, .clients = 3 });
    worker = dew_live_worker_at(sim_live(world), 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    sim_destroy(world);
    return 0;
}

static void ask(asked *a, int fn, const char *args, unsigned who)
{
    *a = (asked){ .waiter.ready = on_ready };
    dew_ask question = { sim_fn(fn), { "", 0 }, dew_str_of(args), &sim_client_at(world, who)->asker->asker, NULL };
    int got = dew_results_get(worker, &question, &a->result, &a->waiter);
    assert_true(got >= 0);
    a->count = got;
}

static void let_go(asked *a)
{
    dew_result_unref(a->result);
    a->result = NULL;
}

static uint64_t runs(void)
{
    return dew_live_worker_stats(worker).runs;
}

static void those_who_ask_together_get_one_run(void **state)
{
    (void)state;
    asked a[3];
    for (unsigned i = 0; i < 3; i++)
        ask(&a[i], SIM_TOTAL, "{\"a\":0,\"b\":0}", i);
    assert_int_equal(runs(), 1);
    sim_run_all(world);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(a[i].count, 1);
        assert_ptr_equal(a[i].result, a[0].result); /* it reads nothing of who asks: shared by all */
    }
    asked late;
    ask(&late, SIM_TOTAL, "{\"a\":0,\"b\":0}", 1);
    assert_ptr_equal(late.result, a[0].result);
    assert_int_equal(runs(), 1);
    let_go(&late);
    for (unsigned i = 0; i < 3; i++)
        let_go(&a[i]);
}

static void different_people_never_share(void **state)
{
    (void)state;
    asked a[3];
    for (unsigned i = 0; i < 3; i++)
        ask(&a[i], SIM_MINE, "{\"a\":0,\"b\":0}", i); /* nobody knows yet that it reads the identity */
    sim_run_all(world);
    for (unsigned i = 0; i < 3; i++) {
        char who[16];
        snprintf(who, sizeof who, "\"who\":\"u%u\"", i);
        assert_non_null(strstr(a[i].result->json->data, who));
    }
    uint64_t before = runs();
    for (unsigned i = 0; i < 3; i++) {
        asked again;
        ask(&again, SIM_MINE, "{\"a\":0,\"b\":0}", i);
        assert_ptr_equal(again.result, a[i].result); /* each his own */
        let_go(&again);
        let_go(&a[i]);
    }
    assert_int_equal(runs(), before);
}

static void a_write_drops_what_it_touches_before_it_is_told(void **state)
{
    (void)state;
    asked a, b;
    ask(&a, SIM_CELL, "{\"a\":0,\"b\":1}", 0);
    sim_run_all(world);
    sim_write(world, 0, 1, 500); /* the worker has not read its postbox yet */
    ask(&b, SIM_CELL, "{\"a\":0,\"b\":1}", 0);
    assert_int_equal(b.count, 0); /* not from memory */
    sim_run_all(world);
    assert_non_null(strstr(b.result->json->data, "\"500\""));
    let_go(&a);
    let_go(&b);
}

static void nobody_gets_what_is_older_than_his_question(void **state)
{
    (void)state;
    asked a, b;
    ask(&a, SIM_CELL, "{\"a\":0,\"b\":1}", 0);
    world->jobs[0][0].step = 0;
    /* the run has read, and is not back yet, when a write is acknowledged and someone asks */
    dew_run *run = world->jobs[0][0].run;
    assert_int_equal(dew_run_begin(run), 0);
    sim_value *value = run->result->value;
    sim_reads *reads = dew_arena_calloc(&run->result->arena, 1, sizeof *reads);
    reads->count = 1;
    reads->items[0].table = 0;
    reads->items[0].row = 1;
    *value = (sim_value){ 1, 0, DEW_S("") };
    dew_run_read(run, reads, 0, 0);
    int64_t commit = sim_write(world, 0, 1, 600);
    ask(&b, SIM_CELL, "{\"a\":0,\"b\":1}", 1);
    world->job_counts[0] = 0;
    assert_false(dew_run_settle(run, 0));
    dew_run_finish(run);
    assert_int_equal(a.count, 1); /* he had asked before */
    assert_int_equal(b.count, 0);
    sim_run_all(world);
    assert_true(b.result->high >= commit);
    assert_non_null(strstr(b.result->json->data, "\"600\""));
    let_go(&a);
    let_go(&b);
}

static void who_leaves_is_not_called_and_a_run_for_nobody_is_cancelled(void **state)
{
    (void)state;
    asked a, b;
    ask(&a, SIM_TOTAL, "{\"a\":1,\"b\":0}", 0);
    ask(&b, SIM_TOTAL, "{\"a\":1,\"b\":0}", 1);
    dew_results_leave(worker, &a.waiter, DEW_END_CLIENT_GONE);
    dew_results_leave(worker, &a.waiter, DEW_END_CLIENT_GONE); /* twice is fine */
    assert_false(world->jobs[0][0].run->is_cancelled);
    dew_results_leave(worker, &b.waiter, DEW_END_SUPERSEDED);
    assert_true(world->jobs[0][0].run->is_cancelled);
    assert_int_equal(world->jobs[0][0].run->cancelled_by, DEW_END_SUPERSEDED); /* of the last who left */
    sim_run_all(world);
    assert_int_equal(a.count + b.count, 0);
    assert_int_equal(dew_live_worker_stats(worker).results, 0);
}

static void an_error_goes_to_all_who_asked_and_is_not_kept(void **state)
{
    (void)state;
    asked a, b;
    sim_write(world, 0, 2, 9);
    ask(&a, SIM_FAILS, "{\"a\":0,\"b\":2}", 0);
    ask(&b, SIM_FAILS, "{\"a\":0,\"b\":2}", 1);
    sim_run_all(world);
    assert_int_equal(a.code, DEW_E_CONFLICT);
    assert_int_equal(b.code, DEW_E_CONFLICT);
    assert_int_equal(dew_live_worker_stats(worker).results, 0);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    sim_destroy(world);
    world = sim_create(&(sim_options){ .seed = 7, .workers = 1, .clients = 1, .results_max_len = 40000 });
    worker = dew_live_worker_at(sim_live(world), 0);
    for (int i = 0; i < 200; i++) {
        char args[64];
        asked a;
        snprintf(args, sizeof args, "{\"a\":0,\"b\":%d}", i);
        ask(&a, SIM_TOTAL, args, 0); /* b is not looked at: as many keys as one likes */
        sim_run_all(world);
        let_go(&a);
        assert_true(dew_live_worker_stats(worker).results_len <= 40000);
    }
    assert_true(dew_live_worker_stats(worker).results > 1);
}

static void other_shards_and_long_arguments_are_refused(void **state)
{
    (void)state;
    static char args[DEW_LIVE_ARGS_MAX + 1];
    dew_result *result;
    dew_waiter waiter = { .ready = on_ready };
    dew_ask question = { sim_fn(0), DEW_S("eu"), DEW_S("{}"), &sim_client_at(world, 0)->asker->asker, NULL };
    assert_int_equal(dew_results_get(worker, &question, &result, &waiter), DEW_E_DENIED);
    question.shard = DEW_S("");
    question.args = dew_str_make(args, sizeof args);
    assert_int_equal(dew_results_get(worker, &question, &result, &waiter), DEW_E_LIMIT);
}

/* ---- rule 1 ---- */

static void a_torn_loader_runs_again_and_in_the_end_in_one_transaction(void **state)
{
    (void)state;
    asked a;
    ask(&a, SIM_PAIR, "{\"a\":1,\"b\":1}", 0);
    dew_run *run = world->jobs[0][0].run;
    for (int i = 0; i < DEW_RUN_TRIES; i++) {
        assert_false(run->one_transaction);
        assert_int_equal(dew_run_begin(run), 0);
        ((sim_value *)run->result->value)->who = DEW_S("");
        sim_reads *reads = dew_arena_calloc(&run->result->arena, 1, sizeof *reads);
        *reads = (sim_reads){ 2, { { 0, 1 }, { 1, 1 } } };
        int64_t low = world->db.visible;
        sim_write(world, 0, 1, 40 + i); /* between the two statements */
        dew_run_read(run, reads, low, world->db.visible);
        assert_true(dew_run_settle(run, 0));
    }
    assert_true(run->one_transaction);
    sim_run_all(world);
    assert_int_equal(a.result->low, a.result->high);
    let_go(&a);
}

static void statements_at_different_commits_are_fine_when_nothing_read_was_touched(void **state)
{
    (void)state;
    asked a;
    ask(&a, SIM_PAIR, "{\"a\":1,\"b\":1}", 0);
    dew_run *run = world->jobs[0][0].run;
    assert_int_equal(dew_run_begin(run), 0);
    ((sim_value *)run->result->value)->who = DEW_S("");
    sim_reads *reads = dew_arena_calloc(&run->result->arena, 1, sizeof *reads);
    *reads = (sim_reads){ 2, { { 0, 1 }, { 1, 1 } } };
    sim_write(world, 0, 4, 1);
    dew_run_read(run, reads, 0, 1);
    assert_false(dew_run_settle(run, 0));
    world->job_counts[0] = 0;
    dew_run_finish(run);
    assert_int_equal(a.result->high, 1);
    let_go(&a);
}

static void a_cut_names_what_must_be_read_again(void **state)
{
    (void)state;
    asked a, b, c;
    bool stale[4];
    int64_t commit;
    ask(&a, SIM_CELL, "{\"a\":0,\"b\":1}", 0);
    ask(&b, SIM_CELL, "{\"a\":0,\"b\":4}", 0);
    sim_run_all(world);
    sim_write(world, 0, 1, 7);
    ask(&c, SIM_CELL, "{\"a\":1,\"b\":1}", 0);
    sim_run_all(world);
    dew_result *results[] = { a.result, b.result, NULL, c.result };
    assert_int_equal(dew_cut_check(results, 4, dew_live_worker_data(worker), stale, &commit), 1);
    assert_int_equal(commit, 1);
    assert_true(stale[0] && !stale[1] && !stale[2] && !stale[3]);
    let_go(&a);
    ask(&a, SIM_CELL, "{\"a\":0,\"b\":1}", 0);
    sim_run_all(world);
    results[0] = a.result;
    assert_int_equal(dew_cut_check(results, 4, dew_live_worker_data(worker), stale, &commit), 0);
    assert_int_equal(dew_cut_position(b.result, commit).commit, 1); /* read at 0, and right at 1 */
    let_go(&a);
    let_go(&b);
    let_go(&c);
}

int main(void)
{
#define RESULTS_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        RESULTS_TEST(those_who_ask_together_get_one_run),
        RESULTS_TEST(different_people_never_share),
        RESULTS_TEST(a_write_drops_what_it_touches_before_it_is_told),
        RESULTS_TEST(nobody_gets_what_is_older_than_his_question),
        RESULTS_TEST(who_leaves_is_not_called_and_a_run_for_nobody_is_cancelled),
        RESULTS_TEST(an_error_goes_to_all_who_asked_and_is_not_kept),
        RESULTS_TEST(memory_is_bounded),
        RESULTS_TEST(other_shards_and_long_arguments_are_refused),
        RESULTS_TEST(a_torn_loader_runs_again_and_in_the_end_in_one_transaction),
        RESULTS_TEST(statements_at_different_commits_are_fine_when_nothing_read_was_touched),
        RESULTS_TEST(a_cut_names_what_must_be_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
