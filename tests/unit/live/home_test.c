/* home_test.c - when a home runs its queries: once for all that came meanwhile, again after a failure, and not for nothing. */
#include "support/live_sim_internal.h"

static sim_world *world;

static sim_client *client(void)
{
    return sim_client_at(world, 0);
}

static uint64_t runs(void)
{
    return dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).runs;
}

static void read_all(void)
{
    for (int i = 0; i < 2; i++) {
        sim_run_all(world);
        sim_client_read(client());
    }
}

/* One worker, home of all; one client that shows this query and the cell (1, 1), once both have run. */
static void begin(int fn, int a, int b)
{
    world = sim_create(&(sim_options){ .seed = 7, .workers = 1, .clients = 1 });
    for (unsigned slot = 0; slot < SIM_SUBS_MAX; slot++)
        client()->subs[slot].is_used = false;
    sim_client_shows(client(), 0, fn, a, b);
    sim_client_shows(client(), 1, SIM_CELL, 1, 1);
    sim_write(world, 0, 1, 4);
    sim_write(world, 1, 1, 4);
    sim_client_connect(client(), 0);
    read_all();
    read_all();
}

static int end(void **state)
{
    (void)state;
    sim_destroy(world);
    return 0;
}

static void writes_during_a_run_lead_to_one_more(void **state)
{
    (void)state;
    begin(SIM_LIST, 0, 0);
    uint64_t before = runs();
    sim_hold(world, SIM_LIST);
    for (int i = 0; i < 20; i++) {
        sim_write(world, 0, 1, 100 + i);
        sim_run_all(world);
    }
    assert_int_equal(runs(), before + 1);
    sim_hold(world, -1);
    read_all();
    assert_int_equal(runs(), before + 1); /* it reads as late as it can, so one was enough */
    sim_write(world, 0, 1, 5);
    read_all();
    assert_int_equal(runs(), before + 2);
    sim_client_check(client(), true);
}

static void a_commit_of_unknown_writes_wakes_what_reads_tables_alone(void **state)
{
    (void)state;
    begin(SIM_COUNT, 0, 0);
    uint64_t before = runs();
    dew_live_commit(sim_live(world), ++world->db.visible, NULL);
    read_all();
    assert_int_equal(runs(), before + 1); /* the cell, not the count */
}

static void a_commit_told_twice_wakes_once(void **state)
{
    (void)state;
    begin(SIM_LIST, 0, 0);
    uint64_t before = runs();
    int64_t number = sim_write(world, 0, 1, 9);
    read_all();
    dew_live_commit(sim_live(world), number, NULL);
    read_all();
    assert_int_equal(runs(), before + 1);
}

static void a_publish_wakes_its_topic_alone(void **state)
{
    (void)state;
    begin(SIM_COUNT, 0, 0);
    uint64_t before = runs();
    sim_publish(world, 1);
    read_all();
    assert_int_equal(runs(), before);
    sim_publish(world, 0);
    sim_publish(world, 0);
    read_all();
    assert_int_equal(runs(), before + 1); /* both, heard of in one turn */
    sim_client_check(client(), true);
}

static void a_failed_query_is_tried_again_later_and_later(void **state)
{
    (void)state;
    begin(SIM_FAILS, 0, 1);
    sim_write(world, 0, 1, 6);
    read_all();
    assert_true(client()->subs[0].has_error);
    for (int64_t wait = DEW_LIVE_RETRY_FIRST_MS; wait < DEW_LIVE_RETRY_LAST_MS; wait *= 2) {
        uint64_t before = runs();
        sim_time_passes(world, wait - 1);
        read_all();
        assert_int_equal(runs(), before);
        sim_time_passes(world, 1);
        read_all();
        assert_int_equal(runs(), before + 1);
    }
}

static void a_failed_query_runs_at_once_when_it_is_touched(void **state)
{
    (void)state;
    begin(SIM_FAILS, 0, 1);
    sim_write(world, 0, 1, 6);
    read_all();
    uint64_t before = runs();
    sim_write(world, 0, 1, 7);
    read_all();
    assert_int_equal(runs(), before + 1);
    assert_false(client()->subs[0].has_error);
    sim_write(world, 0, 1, 6); /* and the next failure waits briefly again */
    read_all();
    before = runs();
    sim_time_passes(world, DEW_LIVE_RETRY_FIRST_MS);
    read_all();
    assert_int_equal(runs(), before + 1);
}

static void a_position_above_is_answered_without_a_run(void **state)
{
    (void)state;
    begin(SIM_LIST, 0, 0);
    sim_client_disconnect(client());
    for (int i = 0; i < 3; i++)
        sim_publish(world, 0); /* of no concern to the list; but its client has heard of them */
    client()->subs[0].at.topic += 3;
    uint64_t before = runs();
    sim_client_connect(client(), 0);
    read_all();
    assert_true(client()->subs[0].is_subscribed);
    assert_int_equal(runs(), before);
    sim_client_check(client(), true);
}

/* The query itself is kept for who comes back; its run is not, and is no failure. */
static void a_run_for_nobody_is_cancelled(void **state)
{
    (void)state;
    begin(SIM_LIST, 0, 0);
    sim_hold(world, SIM_LIST);
    sim_write(world, 0, 1, 8);
    sim_run_all(world);
    uint64_t before = runs();
    assert_int_equal(world->cancelled, 0);
    sim_client_disconnect(client());
    sim_run_all(world);
    assert_int_equal(world->cancelled, 1);
    sim_client_connect(client(), 0);
    sim_run_all(world); /* while it still ends */
    assert_int_equal(runs(), before);
    sim_hold(world, -1);
    read_all();
    read_all();
    assert_int_equal(runs(), before + 1);
    assert_false(client()->subs[0].has_error);
    sim_client_check(client(), true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(writes_during_a_run_lead_to_one_more, end),
        cmocka_unit_test_teardown(a_commit_of_unknown_writes_wakes_what_reads_tables_alone, end),
        cmocka_unit_test_teardown(a_commit_told_twice_wakes_once, end),
        cmocka_unit_test_teardown(a_publish_wakes_its_topic_alone, end),
        cmocka_unit_test_teardown(a_failed_query_is_tried_again_later_and_later, end),
        cmocka_unit_test_teardown(a_failed_query_runs_at_once_when_it_is_touched, end),
        cmocka_unit_test_teardown(a_position_above_is_answered_without_a_run, end),
        cmocka_unit_test_teardown(a_run_for_nobody_is_cancelled, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
