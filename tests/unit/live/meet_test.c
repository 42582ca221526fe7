/* meet_test.c - writes that do not stop: sessions whose queries never stand at one commit by themselves step all the same.
 *
 * The simulated workers take turns, one per commit, so no two homes ever read at the same one. What a client asserts with
 * each message (all that it shows is of one commit, a step fits, the hash is right) is in support/live_sim_client.c.
 *
 * wraps: malloc calloc realloc */
#include "support/failing_allocations.h"
#include "support/live_sim_internal.h"

#include <stdlib.h>

static sim_world *world;
static unsigned written;    /* commits of write_once */
static dew_session *raw[2]; /* sessions of no simulated client; ended with the world */

/* ---- allocations that fail ---- */

static int fail_in = -1; /* the Nth allocation from now, of those that live/ makes; -1: none */
static bool is_guarded;

static bool fails(void)
{
    return is_guarded && fail_in >= 0 && fail_in-- == 0;
}

static void guard(bool is_on)
{
    is_guarded = is_on;
}

/* ---- the world ---- */

static sim_client *client(unsigned index)
{
    return sim_client_at(world, index);
}

static dew_live_stats stats_of(unsigned worker)
{
    return dew_live_worker_stats(dew_live_worker_at(sim_live(world), worker));
}

/* Clients that show a cell and the list that it stands in: two queries, at two homes, that each write below touches. */
static void begin(unsigned workers, unsigned clients)
{
    written = 0;
    world = sim_create(&(sim_options){ .seed = 42, .workers = workers, .clients = clients });
    for (unsigned i = 0; i < clients; i++) {
        for (unsigned slot = 0; slot < SIM_SUBS_MAX; slot++)
            client(i)->subs[slot].is_used = false;
        sim_client_shows(client(i), 0, SIM_CELL, 0, 1);
        sim_client_shows(client(i), 1, SIM_LIST, 0, 0);
    }
}

static int end(void **state)
{
    (void)state;
    fail_in = -1;
    sim_hold(world, -1);
    for (int i = 0; i < 2; i++) {
        dew_session_destroy(raw[i]);
        raw[i] = NULL;
    }
    sim_destroy(world);
    return 0;
}

static void write_once(void)
{
    sim_write(world, 0, 1, 1000 + ++written);
    sim_step_worker(world, written % world->options.workers);
    world->now_ms += 10;
}

/* The first `readers` clients read what comes. */
static void write_on(int count, unsigned readers)
{
    for (int i = 0; i < count; i++) {
        write_once();
        for (unsigned c = 0; c < readers; c++)
            sim_client_read(client(c));
    }
}

static void run(unsigned clients)
{
    for (int i = 0; i < 2; i++) {
        sim_run_all(world);
        for (unsigned c = 0; c < clients; c++)
            sim_client_read(client(c));
    }
    sim_run_all(world);
}

static void connect_all(unsigned clients)
{
    for (unsigned i = 0; i < clients; i++)
        sim_client_connect(client(i), 0);
    run(clients);
}

/* ---- what must go on ---- */

static void frames_come_while_writes_go_on(void **state)
{
    (void)state;
    begin(3, 2);
    connect_all(1);
    for (unsigned i = 0; i < 3; i++)
        assert_true(stats_of(i).queries <= 1); /* two homes */
    for (int part = 0; part < 10; part++) {
        uint64_t frames = sim_client_frames(client(0));
        if (part == 5)
            sim_client_connect(client(1), 1); /* into the thick of it */
        write_on(100, 2);
        assert_true(sim_client_frames(client(0)) > frames);
    }
    assert_true(client(1)->subs[0].has_value && sim_client_frames(client(1)) >= 4);
    assert_true(stats_of(0).met > 0 && stats_of(1).met > 0);
    sim_settle(world);
}

static void a_meeting_is_held_once_for_all_sessions_of_a_worker(void **state)
{
    (void)state;
    begin(3, 4);
    connect_all(4);
    write_on(300, 4);
    dew_live_stats one = stats_of(0);
    assert_true(one.meetings > 0);
    assert_true(one.met >= 4 * (one.meetings - 1)); /* the last may be under way */
    for (unsigned i = 1; i < 4; i++)
        assert_int_equal(sim_client_frames(client(i)), sim_client_frames(client(0)));
    assert_int_equal(one.wholes, 2 * sim_client_frames(client(0))); /* both queries, said once per frame for all four */
    sim_settle(world);
}

static void meetings_keep_their_distance(void **state)
{
    (void)state;
    begin(3, 1);
    connect_all(1);
    int64_t before = world->now_ms;
    write_on(1000, 1);
    uint64_t most = (uint64_t)((world->now_ms - before) / DEW_MEETING_GAP_MS) + 1;
    assert_in_range(stats_of(0).meetings, 2, most);
    sim_settle(world);
}

static void without_writes_no_meeting_is_held(void **state)
{
    (void)state;
    begin(3, 2);
    connect_all(2);
    for (int i = 0; i < 200; i++) {
        sim_write(world, 0, 1, 1000 + i);
        world->now_ms += 1000;
        run(2);
    }
    assert_int_equal(stats_of(0).meetings, 0);
}

/* What a client has from a meeting is the home's last word, when nothing is written any more. */
static void after_the_last_write_all_follow_their_homes(void **state)
{
    (void)state;
    for (int count = 20; count < 120; count++) {
        begin(3, 2);
        connect_all(2);
        write_on(count, 2);
        sim_settle(world);
        uint64_t wholes = stats_of(0).wholes;
        sim_write(world, 0, 1, 5); /* from here on steps are the homes' again */
        run(2);
        sim_write(world, 0, 2, 6);
        run(2);
        assert_true(stats_of(0).wholes <= wholes + 2);
        sim_client_check(client(0), true);
        sim_client_check(client(1), true);
        if (count < 119)
            end(state);
    }
}

/* ---- what may go wrong ---- */

static void without_snapshots_it_waits_for_a_pause(void **state)
{
    (void)state;
    begin(3, 1);
    world->env.snapshot_open = NULL;
    connect_all(1);
    uint64_t frames = sim_client_frames(client(0));
    write_on(300, 1);
    assert_int_equal(sim_client_frames(client(0)), frames);
    sim_settle(world);
    assert_true(sim_client_frames(client(0)) > frames);
}

static void who_does_not_read_is_left_out(void **state)
{
    (void)state;
    begin(3, 2);
    connect_all(2);
    client(1)->queue_max = 1;
    write_on(300, 1);
    assert_true(sim_client_frames(client(0)) >= 5);
    assert_int_equal(sim_client_messages(client(1)), 1);
    sim_client_read(client(1));
    write_on(300, 2);
    assert_true(sim_client_frames(client(1)) >= 5);
    sim_settle(world);
}

/* Does one of these loaders read in the first worker's snapshot? */
static bool is_reading(int fn)
{
    for (size_t i = 0; i < world->job_counts[0]; i++)
        if (world->jobs[0][i].run->snapshot != NULL && world->jobs[0][i].run->fn == sim_fn(fn))
            return true;
    return false;
}

/* A loader hangs in the snapshot: who needs it waits, the others step; then it is told to end, and its home is in error. */
static void a_loader_that_hangs_is_waited_for_a_bounded_time(void **state)
{
    (void)state;
    begin(3, 2);
    sim_client_shows(client(1), 1, SIM_TOTAL, 0, 0);
    connect_all(2);
    while (!is_reading(SIM_LIST))
        write_on(1, 2);
    sim_hold(world, SIM_LIST);
    write_on(30, 2);
    assert_true(is_reading(SIM_LIST));
    uint64_t frames = sim_client_frames(client(1));
    sim_time_passes(world, DEW_LIVE_LATE_MS);
    assert_true(world->cancelled > 0);
    assert_true(world->is_open[0] && is_reading(SIM_LIST)); /* open as long as it reads there */
    write_on(100, 2);
    assert_true(sim_client_frames(client(1)) > frames);
    assert_true(client(0)->subs[1].has_error); /* TIMEOUT */
    uint64_t meetings = stats_of(0).meetings;
    sim_hold(world, -1);
    write_on(200, 2);
    assert_true(stats_of(0).meetings > meetings);
    sim_settle(world);
    assert_false(client(0)->subs[1].has_error);
}

static unsigned raw_frames, raw_closed;

static int raw_send(void *connection, dew_blob *frame)
{
    (void)connection;
    size_t len = (unsigned char)frame->data[1], head = len == 127 ? 10 : len == 126 ? 4 : 2;
    raw_frames += strncmp(frame->data + head, "{\"type\":\"frame\"", 15) == 0;
    return 0;
}

static void raw_close(void *connection, int status, const char *reason)
{
    (void)connection, (void)status, (void)reason;
    raw_closed++;
}

static const dew_session_peer raw_peer = { .send = raw_send, .close = raw_close };

static dew_session *raw_session(int index)
{
    raw_frames = raw_closed = 0;
    dew_session *session = raw[index] = dew_session_create(dew_live_worker_at(sim_live(world), 0), &raw_peer, NULL,
                                                           &client(0)->asker->asker, (dew_str){ "", 0 });
    assert_non_null(session);
    dew_session_message(session, DEW_S("{\"type\":\"connect\",\"protocol\":1}"));
    return session;
}

static void raw_subscribe(dew_session *session, int id, const char *fn, int b)
{
    char text[160];
    int len = snprintf(text, sizeof text,
                       "{\"type\":\"subscribe\",\"id\":%d,\"fn\":\"%s\",\"args\":{\"a\":0,\"b\":%d}}", id, fn, b);
    dew_session_message(session, dew_str_make(text, (size_t)len));
}

/* One that would need more runs than a meeting has waits for a pause; it does not keep the others from stepping. */
static void a_session_with_too_much_behind_waits(void **state)
{
    (void)state;
    begin(3, 1);
    connect_all(1);
    dew_session *session = raw_session(0);
    for (int i = 0; i < 2 * DEW_MEETING_RUNS_MAX; i++) { /* too many even without those of one home */
        raw_subscribe(session, i, "sim_total_query", i);
        if (i % 64 == 0)
            sim_run_all(world);
    }
    run(1);
    raw_frames = 0;
    uint64_t frames = sim_client_frames(client(0));
    for (int i = 0; i < 300; i++) {
        write_on(1, 1);
        for (int step = 0; step < 500; step++) { /* a home reads all of its queries at one commit */
            sim_step_worker(world, written % 3);
            assert_false(is_reading(SIM_TOTAL)); /* not even some of them */
        }
    }
    assert_true(sim_client_frames(client(0)) > frames + 5);
    assert_int_equal(raw_frames, 0);
    run(1);
    assert_true(raw_frames > 0);
}

static void a_worker_stops_with_a_meeting_under_way(void **state)
{
    unsigned under_way = 0;
    for (int count = 1; count < 150; count++) {
        begin(3, 2);
        connect_all(2);
        write_on(count, 2);
        for (unsigned i = 0; i < 2; i++)
            sim_client_disconnect(client(i));
        under_way += world->is_open[0];
        for (unsigned i = 0; i < 3; i++)
            dew_live_worker_stop(dew_live_worker_at(sim_live(world), i));
        if (count < 149)
            end(state);
    }
    assert_true(under_way > 10);
}

/* Whatever allocation fails: nothing is lost that cannot be asked for again, and in the end all is right. */
static void memory_that_runs_out_harms_nobody_for_long(void **state)
{
    unsigned failures = 0;
    for (int nth = 0; nth < 400; nth++) {
        begin(3, 1);
        for (int i = 0; i < 2; i++) {
            dew_session *session = raw_session(i);
            raw_subscribe(session, 1, "sim_cell_query", 1);
            raw_subscribe(session, 2, "sim_rows_query", 0);
        }
        sim_run_all(world);
        world->guard = guard;
        while (!world->is_open[0])
            write_once();
        fail_in = nth;
        for (int i = 0; i < 100; i++)
            write_once();
        failures += fail_in < 0;
        fail_in = -1;
        sim_time_passes(world, DEW_LIVE_RETRY_LAST_MS);
        sim_settle(world); /* with a client that comes now */
        if (nth < 399)
            end(state);
    }
    assert_true(failures > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(frames_come_while_writes_go_on, end),
        cmocka_unit_test_teardown(a_meeting_is_held_once_for_all_sessions_of_a_worker, end),
        cmocka_unit_test_teardown(meetings_keep_their_distance, end),
        cmocka_unit_test_teardown(without_writes_no_meeting_is_held, end),
        cmocka_unit_test_teardown(after_the_last_write_all_follow_their_homes, end),
        cmocka_unit_test_teardown(without_snapshots_it_waits_for_a_pause, end),
        cmocka_unit_test_teardown(who_does_not_read_is_left_out, end),
        cmocka_unit_test_teardown(a_loader_that_hangs_is_waited_for_a_bounded_time, end),
        cmocka_unit_test_teardown(a_session_with_too_much_behind_waits, end),
        cmocka_unit_test_teardown(a_worker_stops_with_a_meeting_under_way, end),
        cmocka_unit_test_teardown(memory_that_runs_out_harms_nobody_for_long, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
