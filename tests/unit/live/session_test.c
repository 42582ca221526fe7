/* Sessions on a simulated worker: what is sent, what is not, and what is shared. The client's own assertions (a step fits, the
 * hash is right, a cut is one) stand in support/live_sim_client.c and hold here too. */
#include "live/ring.h"
#include "support/live_sim_internal.h"

static sim_world *world;

static sim_client *client(unsigned index)
{
    return sim_client_at(world, index);
}

/* `clients` of them, showing nothing yet, all on one worker. */
static void begin(unsigned workers, unsigned clients)
{
    world = sim_create(&(sim_options){ .seed = 42, .workers = workers, .clients = clients });
    for (unsigned i = 0; i < clients; i++)
        for (unsigned slot = 0; slot < SIM_SUBS_MAX; slot++)
            client(i)->subs[slot].is_used = false;
}

static int end(void **state)
{
    (void)state;
    sim_destroy(world);
    return 0;
}

static void run(unsigned clients)
{
    sim_run_all(world);
    for (unsigned i = 0; i < clients; i++)
        sim_client_read(client(i));
    sim_run_all(world);
}

static bool has(unsigned index, size_t message, const char *part)
{
    return message < sim_client_messages(client(index)) &&
           strstr(sim_client_message(client(index), message).ptr, part) != NULL;
}

static void connect_all(unsigned clients)
{
    for (unsigned i = 0; i < clients; i++)
        sim_client_connect(client(i), 0);
    run(clients);
    run(clients);
}

/* ---- what a page leads to ---- */

static void a_page_is_current_and_nothing_more_is_sent(void **state)
{
    (void)state;
    begin(1, 1);
    sim_client_shows(client(0), 0, SIM_LIST, 0, 0);
    sim_client_shows(client(0), 1, SIM_COUNT, 0, 0);
    sim_client_render(client(0));
    sim_run_all(world);
    assert_true(sim_client_is_quiet(client(0)) || !client(0)->is_rendering);
    uint64_t runs = dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).runs;
    sim_client_connect(client(0), 0);
    sim_run_all(world);
    assert_int_equal(sim_client_messages(client(0)), 3);
    assert_true(has(0, 1, "\"status\":\"current\"") && has(0, 2, "\"status\":\"current\""));
    assert_int_equal(dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).runs,
                     runs); /* the page's results serve */
}

static void a_write_between_page_and_subscribe_is_not_missed(void **state)
{
    (void)state;
    begin(2, 1);
    sim_client_shows(client(0), 0, SIM_CELL, 0, 1);
    sim_client_render(client(0));
    sim_run_all(world);
    sim_client_is_quiet(client(0));
    sim_write(world, 0, 1, 77);
    sim_client_connect(client(0), 1);
    run(1);
    run(1);
    assert_true(dew_str_eq(sim_client_json(client(0), 0), DEW_S("{\"x\":\"77\",\"y\":\"0\",\"who\":\"\"}")));
}

/* ---- precision ---- */

static void a_write_elsewhere_wakes_and_sends_nothing(void **state)
{
    (void)state;
    begin(1, 1);
    sim_client_shows(client(0), 0, SIM_CELL, 0, 1);
    connect_all(1);
    dew_live_stats before = dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0));
    sim_write(world, 0, 0, 5); /* another row, in the same bucket of stamps */
    sim_write(world, 1, 1, 5); /* another table */
    sim_run_all(world);
    dew_live_stats after = dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0));
    assert_int_equal(after.runs, before.runs);
    assert_int_equal(sim_client_messages(client(0)), 0);
}

static void an_unchanged_result_sends_nothing(void **state)
{
    (void)state;
    begin(1, 1);
    sim_client_shows(client(0), 0, SIM_CELL, 0, 1);
    sim_write(world, 0, 1, 4);
    connect_all(1);
    uint64_t runs = dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).runs;
    sim_write(world, 0, 1, 4);
    sim_run_all(world);
    assert_int_equal(dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).runs, runs + 1);
    assert_int_equal(sim_client_messages(client(0)), 0);
}

static void a_mutation_is_owed_a_frame_when_nothing_changed(void **state)
{
    (void)state;
    begin(2, 2);
    sim_client_shows(client(0), 0, SIM_CELL, 0, 1);
    sim_client_shows(client(1), 0, SIM_CELL, 0, 1);
    connect_all(2);
    sim_client_mutate(client(0), 1, 1, 9);
    sim_run_all(world);
    assert_int_equal(sim_client_messages(client(0)), 1);
    assert_true(has(0, 0, "{\"type\":\"frame\",\"to\":\"1\"}"));
    assert_int_equal(sim_client_messages(client(1)), 0);
}

static void a_burst_of_writes_is_one_run_and_one_frame(void **state)
{
    (void)state;
    begin(1, 1);
    sim_client_shows(client(0), 0, SIM_CELL, 0, 1);
    connect_all(1);
    uint64_t runs = dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).runs;
    for (int i = 0; i < 50; i++)
        sim_write(world, 0, 1, 100 + i);
    sim_run_all(world);
    assert_int_equal(dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).runs, runs + 1);
    assert_int_equal(sim_client_messages(client(0)), 1);
    assert_true(has(0, 0, "\"to\":\"50\""));
}

/* ---- sharing ---- */

static void many_subscribers_get_the_same_bytes_once(void **state)
{
    (void)state;
    begin(1, 3);
    for (unsigned i = 0; i < 3; i++)
        sim_client_shows(client(i), 0, SIM_LIST, 1, 0);
    connect_all(3);
    uint64_t runs = dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).runs;
    sim_write(world, 1, 2, 6);
    sim_run_all(world);
    assert_int_equal(dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).runs, runs + 1);
    assert_ptr_equal(sim_client_blob(client(0), 0), sim_client_blob(client(1), 0));
    assert_ptr_equal(sim_client_blob(client(0), 0), sim_client_blob(client(2), 0));
    assert_true(has(0, 0, "\"ops\":{")); /* a step, not the whole list */
}

static void two_identities_share_no_byte(void **state)
{
    (void)state;
    begin(1, 2); /* u0 and u1 */
    sim_client_shows(client(0), 0, SIM_MINE, 0, 0);
    sim_client_shows(client(1), 0, SIM_MINE, 0, 0);
    int row0 = '0' % SIM_ROWS, row1 = '1' % SIM_ROWS;
    sim_write(world, 0, row0, 2);
    sim_write(world, 0, row1, 2);
    connect_all(2);
    assert_non_null(strstr(sim_client_json(client(0), 0).ptr, "\"who\":\"u0\""));
    assert_non_null(strstr(sim_client_json(client(1), 0).ptr, "\"who\":\"u1\""));
    sim_write(world, 0, row0, 4);
    sim_run_all(world);
    assert_int_equal(sim_client_messages(client(0)), 1);
    assert_int_equal(sim_client_messages(client(1)), 0); /* woken by nobody else's row */
    sim_write(world, 0, row1, 4);
    sim_run_all(world);
    assert_ptr_not_equal(sim_client_blob(client(0), 0), sim_client_blob(client(1), 0));
    assert_null(strstr(sim_client_message(client(0), 0).ptr, "u1"));
    assert_null(strstr(sim_client_message(client(1), 0).ptr, "u0"));
}

static void a_loader_that_comes_to_read_more_is_split(void **state)
{
    (void)state;
    begin(2, 2);
    for (unsigned i = 0; i < 2; i++) {
        sim_client_shows(client(i), 0, SIM_MINE, 0, 0);
        memcpy(client(i)->asker->identity, "u7", 3); /* the same person, with two cookies */
    }
    sim_write(world, 0, '7' % SIM_ROWS, 2);
    connect_all(2);
    assert_true(dew_str_eq(sim_client_json(client(0), 0), sim_client_json(client(1), 0)));
    sim_write(world, 0, '7' % SIM_ROWS, 3); /* odd: the cookie counts */
    for (int i = 0; i < 6; i++)
        run(2);
    assert_non_null(strstr(sim_client_json(client(0), 0).ptr, "\"y\":\"48\"")); /* c0 */
    assert_non_null(strstr(sim_client_json(client(1), 0).ptr, "\"y\":\"49\"")); /* c1 */
}

/* ---- away and back ---- */

static void coming_back_gives_nothing_the_kept_steps_or_the_whole(void **state)
{
    (void)state;
    begin(1, 2);
    sim_client_shows(client(0), 0, SIM_CELL, 0, 1);
    sim_client_shows(client(1), 0, SIM_CELL, 0, 1); /* keeps the query alive */
    connect_all(2);
    sim_client_disconnect(client(0));
    sim_client_connect(client(0), 0);
    sim_run_all(world);
    assert_true(has(0, 1, "\"status\":\"current\""));
    assert_int_equal(sim_client_messages(client(0)), 2);
    run(2);
    sim_client_disconnect(client(0));
    sim_write(world, 0, 1, 50);
    run(2);
    sim_write(world, 0, 1, 51);
    run(2);
    sim_client_connect(client(0), 0);
    sim_run_all(world);
    assert_true(has(0, 1, "\"status\":\"changes\""));
    assert_true(has(0, 2, "\"x\":\"50\"") && has(0, 2, "\"x\":\"51\"")); /* both steps, as they were sent */
    run(2);
    sim_client_disconnect(client(0));
    for (int i = 0; i < DEW_RING_SEGMENTS_MAX + 5; i++) {
        sim_write(world, 0, 1, 1000 + i);
        run(2);
    }
    sim_client_connect(client(0), 0);
    sim_run_all(world);
    assert_true(has(0, 1, "\"status\":\"value\""));
    run(2);
}

static void a_query_without_subscribers_is_let_go_after_a_grace(void **state)
{
    (void)state;
    begin(1, 1);
    sim_client_shows(client(0), 0, SIM_CELL, 0, 1);
    connect_all(1);
    sim_client_disconnect(client(0));
    uint64_t runs = dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).runs;
    sim_write(world, 0, 1, 3);
    sim_run_all(world);
    assert_int_equal(dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).runs,
                     runs); /* nobody looks: not run */
    sim_time_passes(world, DEW_LIVE_GRACE_MS - 1);
    assert_int_equal(dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).queries, 1);
    sim_time_passes(world, 2);
    assert_int_equal(dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).queries, 0);
    assert_int_equal(dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).followers, 0);
}

static void a_slow_reader_is_led_over_what_it_missed_in_one_step(void **state)
{
    (void)state;
    begin(1, 1);
    sim_client_shows(client(0), 0, SIM_CELL, 0, 1);
    connect_all(1);
    client(0)->queue_max = 1;
    for (int i = 0; i < 10; i++) {
        sim_write(world, 0, 1, 300 + i);
        sim_run_all(world);
    }
    assert_int_equal(sim_client_messages(client(0)), 1); /* nothing is queued for it */
    run(1);
    assert_int_equal(sim_client_frames(client(0)), 2); /* the one that waited, and one over all the rest */
    assert_true(dew_str_eq(sim_client_json(client(0), 0), DEW_S("{\"x\":\"309\",\"y\":\"0\",\"who\":\"\"}")));
}

static void a_failing_query_keeps_its_value_and_says_so(void **state)
{
    (void)state;
    begin(1, 1);
    sim_client_shows(client(0), 0, SIM_FAILS, 0, 1);
    sim_client_shows(client(0), 1, SIM_CELL, 0, 2);
    sim_write(world, 0, 1, 4);
    connect_all(1);
    sim_write(world, 0, 1, 6);
    sim_run_all(world);
    assert_true(has(0, 0, "\"error\":{\"code\":\"CONFLICT\",\"message\":\"a multiple of three\"}"));
    run(1);
    sim_write(world, 0, 2, 8); /* the others go on */
    sim_run_all(world);
    assert_true(has(0, 0, "\"x\":\"8\""));
    run(1);
    sim_write(world, 0, 1, 4); /* the same value as before the error */
    sim_run_all(world);
    assert_true(has(0, 0, "\"x\":\"4\""));
    run(1);
    assert_false(client(0)->subs[0].has_error);
}

static void a_run_that_hangs_holds_up_nobody_for_long(void **state)
{
    (void)state;
    begin(2, 2);
    for (unsigned i = 0; i < 2; i++) {
        sim_client_shows(client(i), 0, SIM_LIST, 0, 0);
        sim_client_shows(client(i), 1, SIM_CELL, 1, 2);
    }
    connect_all(2);
    sim_hold(world, SIM_LIST);
    sim_write(world, 0, 1, 60);
    sim_write(world, 1, 2, 80);
    sim_run_all(world); /* starts the run */
    sim_time_passes(world, DEW_LIVE_LATE_MS - 1);
    sim_run_all(world);
    assert_int_equal(sim_client_messages(client(0)), 0); /* one cut: the cell waits for the list */
    sim_time_passes(world, 1);
    sim_run_all(world);
    assert_true(has(0, 0, "\"error\":{\"code\":\"TIMEOUT\"") && has(0, 0, "\"x\":\"80\""));
    run(2);
    sim_write(world, 1, 2, 81);
    sim_write(world, 0, 1, 61);
    sim_run_all(world);
    assert_true(has(0, 0, "\"x\":\"81\"") && has(1, 0, "\"x\":\"81\""));
    run(2);
    sim_hold(world, -1);
    run(2);
    run(2);
    for (unsigned i = 0; i < 2; i++) {
        assert_false(client(i)->subs[0].has_error);
        sim_client_check(client(i), true);
    }
}

/* ---- what a client may not say ---- */

static int closed_with;
static char last_text[512];

static int raw_send(void *connection, dew_blob *frame)
{
    (void)connection;
    size_t len = (unsigned char)frame->data[1], head = len == 127 ? 10 : len == 126 ? 4 : 2;
    size_t text_len = frame->len - head < sizeof last_text - 1 ? frame->len - head : sizeof last_text - 1;
    memcpy(last_text, frame->data + head, text_len);
    last_text[text_len] = '\0';
    return 0;
}

static void raw_close(void *connection, int status, const char *reason)
{
    (void)connection, (void)reason;
    closed_with = status;
}

static int calls;
static void raw_call(void *connection, const dew_session_call *call)
{
    (void)connection;
    calls +=
        call->id == 3 && dew_str_eq(call->fn, DEW_S("add")) && call->seq == 12 && dew_str_eq(call->client, DEW_S("me"));
}

static const dew_session_peer raw_peer = { .send = raw_send, .close = raw_close, .call = raw_call };

static dew_session *raw_session(bool connected)
{
    dew_session *session = dew_session_create(dew_live_worker_at(sim_live(world), 0), &raw_peer, NULL,
                                              &client(0)->asker->asker, DEW_S("b1"));
    closed_with = 0;
    if (connected)
        dew_session_message(session, DEW_S("{\"type\":\"connect\",\"protocol\":1,\"build\":\"b1\",\"client\":\"me\"}"));
    return session;
}

static void says(dew_session *session, const char *text, const char *answer, int status)
{
    last_text[0] = '\0';
    dew_session_message(session, dew_str_of(text));
    sim_run_all(world);
    if (strstr(last_text, answer) == NULL || closed_with != status)
        fail_msg("%s was answered by %s, closed %d", text, last_text, closed_with);
}

static void a_fault_is_named_and_closes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *answer;
        int status;
        bool connected;
    } faults[] = {
        { "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"x\"}", "must be connect", 4408, false },
        { "{\"type\":\"connect\",\"protocol\":2}", "SCHEMA", 4409, false },
        { "{\"type\":\"connect\",\"protocol\":1,\"build\":\"old\"}", "SCHEMA", 4409, false },
        { "{\"type\":", "INVALID", 4400, true },
        { "[]", "TYPE", 4400, true },
        { "{\"type\":\"dance\"}", "type: unknown", 4400, true },
        { "{\"type\":\"subscribe\",\"fn\":\"x\"}", "id: missing", 4400, true },
        { "{\"type\":\"subscribe\",\"id\":\"one\",\"fn\":\"x\"}", "id", 4400, true },
        { "{\"type\":\"ping\",\"surplus\":1}", "surplus", 4400, true },
        { "{\"type\":\"call\",\"id\":1}", "fn", 4400, true },
    };
    begin(1, 1);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        dew_session *session = raw_session(faults[i].connected);
        says(session, faults[i].text, faults[i].answer, faults[i].status);
        dew_session_destroy(session);
    }
}

static void a_subscription_that_cannot_be_is_refused_alone(void **state)
{
    (void)state;
    begin(1, 1);
    dew_session *session = raw_session(true);
    says(session, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"nothing\"}", "\"id\":1,\"error\":{\"code\":\"NOT_FOUND\"",
         0);
    says(session, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"sim_cell_query\",\"args\":{\"a\":1}}", "args.b", 0);
    says(session, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"sim_cell_query\",\"args\":{\"a\":1,\"b\":\"x\"}}",
         "args.b", 0);
    says(session,
         "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"sim_cell_query\",\"schema\":\"ffffffff\",\"args\":{\"a\":1,\"b\":1}"
         "}",
         "SCHEMA", 0);
    says(session,
         "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"sim_cell_query\",\"shard\":\"eu\",\"args\":{\"a\":1,\"b\":1}}",
         "DENIED", 0);
    says(session, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"sim_cell_query\",\"args\":{ \"b\":1, \"a\":1 }}",
         "\"status\":\"value\"", 0);
    says(session,
         "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"sim_cell_query\",\"args\":{\"a\":1,\"b\":1},\"have\":{\"at\":["
         "\"1\",\"1\"],\"hash\":\"zz\"}}",
         "have.hash", 0);
    says(session,
         "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"sim_cell_query\",\"args\":{\"a\":1,\"b\":1},\"have\":{\"at\":["
         "\"1\",\"-1\"],\"hash\":\"0123456789abcdef\"}}",
         "have.at", 0);
    says(session,
         "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"sim_cell_query\",\"args\":{\"a\":1,\"b\":1},\"have\":{\"at\":["
         "\"1\",\"1\"],\"hash\":\"0123456789abcdef\"}}",
         "\"status\":\"value\"", 0);
    says(session, "{\"type\":\"ping\"}", "{\"type\":\"pong\"}", 0);
    assert_int_equal(dew_live_worker_stats(dew_live_worker_at(sim_live(world), 0)).queries,
                     1); /* one, however written */
    says(session, "{\"type\":\"call\",\"id\":3,\"fn\":\"add\",\"seq\":\"12\"}", "", 0);
    assert_int_equal(calls, 1);
    dew_session_destroy(session);
}

static void subscriptions_are_limited(void **state)
{
    (void)state;
    char text[128];
    begin(1, 1);
    dew_session *session = raw_session(true);
    for (int i = 0; i <= DEW_SESSION_SUBSCRIPTIONS_MAX; i++) {
        int len = snprintf(text, sizeof text,
                           "{\"type\":\"subscribe\",\"id\":%d,\"fn\":\"sim_cell_query\",\"args\":{\"a\":0,\"b\":%d}}",
                           i, i % SIM_ROWS);
        dew_session_message(session, dew_str_make(text, (size_t)len));
    }
    sim_run_all(world);
    assert_int_equal(closed_with, 4413);
    dew_session_destroy(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_page_is_current_and_nothing_more_is_sent, end),
        cmocka_unit_test_teardown(a_write_between_page_and_subscribe_is_not_missed, end),
        cmocka_unit_test_teardown(a_write_elsewhere_wakes_and_sends_nothing, end),
        cmocka_unit_test_teardown(an_unchanged_result_sends_nothing, end),
        cmocka_unit_test_teardown(a_mutation_is_owed_a_frame_when_nothing_changed, end),
        cmocka_unit_test_teardown(a_burst_of_writes_is_one_run_and_one_frame, end),
        cmocka_unit_test_teardown(many_subscribers_get_the_same_bytes_once, end),
        cmocka_unit_test_teardown(two_identities_share_no_byte, end),
        cmocka_unit_test_teardown(a_loader_that_comes_to_read_more_is_split, end),
        cmocka_unit_test_teardown(coming_back_gives_nothing_the_kept_steps_or_the_whole, end),
        cmocka_unit_test_teardown(a_query_without_subscribers_is_let_go_after_a_grace, end),
        cmocka_unit_test_teardown(a_slow_reader_is_led_over_what_it_missed_in_one_step, end),
        cmocka_unit_test_teardown(a_failing_query_keeps_its_value_and_says_so, end),
        cmocka_unit_test_teardown(a_run_that_hangs_holds_up_nobody_for_long, end),
        cmocka_unit_test_teardown(a_fault_is_named_and_closes, end),
        cmocka_unit_test_teardown(a_subscription_that_cannot_be_is_refused_alone, end),
        cmocka_unit_test_teardown(subscriptions_are_limited, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
