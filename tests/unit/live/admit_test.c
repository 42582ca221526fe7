/* admit_test.c - who may see what a session subscribes to: answers at once, later, and after the client has gone on.
 *
 * wraps: malloc calloc realloc */
#include "support/failing_allocations.h"
#include "support/live_sim_internal.h"

static bool armed;
static long left; /* allocations that still succeed while armed */

static bool fails(void)
{
    return armed && left-- <= 0;
}

static sim_world *world;
static char said[2048]; /* all that was sent, one after the other */
static int closed_with;
static bool is_blocked;

static int peer_send(void *connection, dew_blob *frame)
{
    (void)connection;
    if (is_blocked)
        return DEW_E_BUSY;
    size_t len = (unsigned char)frame->data[1], head = len == 127 ? 10 : len == 126 ? 4 : 2;
    strncat(said, frame->data + head, frame->len - head);
    return 0;
}

static void peer_close(void *connection, int status, const char *reason)
{
    (void)connection, (void)reason;
    closed_with = status;
}

/* What the peer answers for the i-th question; past the end: yes. */
static const char *answers; /* y: yes, n: no, l: later */
static unsigned asked, lefts;
static dew_admission *open[8];
static unsigned open_count;

static int peer_admit(void *connection, const dew_live_fn *fn, dew_str args, dew_asker *asker, dew_admission *admission,
                      dew_error *refusal)
{
    (void)connection, (void)args, (void)asker;
    assert_ptr_equal(fn, sim_fn(SIM_CELL));
    char answer = asked < strlen(answers) ? answers[asked] : 'y';
    asked++;
    if (answer == 'n')
        return dew_error_set(refusal, DEW_E_DENIED, "not you");
    if (answer == 'y')
        return 0;
    admission->under_way = &open[open_count];
    open[open_count++] = admission;
    return 1;
}

static void peer_leave(void *connection, dew_admission *admission)
{
    (void)connection;
    admission->under_way = NULL;
    lefts++;
}

static const dew_session_peer peer = {
    .send = peer_send, .close = peer_close, .admit = peer_admit, .admit_leave = peer_leave
};

static void decide(unsigned index, bool may)
{
    dew_error no;
    dew_error_set(&no, DEW_E_DENIED, "not you");
    open[index]->under_way = NULL;
    open[index]->decided(open[index], may ? NULL : &no);
    sim_run_all(world);
}

static dew_session *session;

static void says(const char *text)
{
    dew_session_message(session, dew_str_of(text));
    sim_run_all(world);
}

static void begin(const char *how)
{
    answers = how;
    session = dew_session_create(dew_live_worker_at(sim_live(world), 0), &peer, NULL,
                                 &sim_client_at(world, 0)->asker->asker, DEW_S(""));
    says("{\"type\":\"connect\",\"protocol\":1}");
    said[0] = '\0';
}

static int set_up(void **state)
{
    (void)state;
    world = sim_create(&(sim_options){ .seed = 7, .workers = 1, .clients = 1 });
    for (unsigned slot = 0; slot < SIM_SUBS_MAX; slot++)
        sim_client_at(world, 0)->subs[slot].is_used = false;
    said[0] = '\0';
    closed_with = 0;
    asked = lefts = open_count = 0;
    is_blocked = armed = false;
    sim_client_connect(sim_client_at(world, 0), 0);
    sim_run_all(world);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dew_session_destroy(session);
    sim_destroy(world);
    return 0;
}

#define SUBSCRIBE(id) "{\"type\":\"subscribe\",\"id\":" #id ",\"fn\":\"sim_cell_query\",\"args\":{\"a\":0,\"b\":1}}"
#define UNSUBSCRIBE(id) "{\"type\":\"unsubscribe\",\"id\":" #id "}"
#define NO(id) "\"id\":" #id ",\"error\":{\"code\":\"DENIED\",\"message\":\"not you\"}"
#define YES(id) "\"id\":" #id ",\"query\":"

static void assert_said(const char *part)
{
    if (strstr(said, part) == NULL)
        fail_msg("wanted %s, got %s", part, said);
}

static void assert_silent(void)
{
    assert_string_equal(said, "");
}

static void answers_at_once_and_later(void **state)
{
    (void)state;
    begin("ynll");
    says(SUBSCRIBE(1));
    assert_said(YES(1));
    says(SUBSCRIBE(2));
    assert_said(NO(2));
    said[0] = '\0';
    says(SUBSCRIBE(3));
    says(SUBSCRIBE(4));
    assert_silent();
    decide(1, false);
    assert_said(NO(4));
    said[0] = '\0';
    decide(0, true);
    assert_said(YES(3));
}

static void who_is_not_in_yet_sees_nothing(void **state)
{
    (void)state;
    begin("l");
    says(SUBSCRIBE(1));
    sim_write(world, 0, 1, 5);
    sim_run_all(world);
    assert_silent();
    decide(0, true);
    assert_said("\"x\":\"5\"");
}

static void who_goes_on_is_not_answered(void **state)
{
    (void)state;
    begin("lll");
    says(SUBSCRIBE(1));
    says(UNSUBSCRIBE(1));
    assert_int_equal(lefts, 1);
    says(SUBSCRIBE(1)); /* the number is free again */
    decide(1, true);
    assert_said(YES(1));
    says(SUBSCRIBE(2));
    dew_session_destroy(session);
    session = NULL;
    assert_int_equal(lefts, 2);
}

static void what_is_open_is_asked_about_again(void **state)
{
    (void)state;
    begin("yyyyny");
    says(SUBSCRIBE(1));
    says(SUBSCRIBE(2));
    says(SUBSCRIBE(3));
    said[0] = '\0';
    dew_session_admit_again(session);
    assert_int_equal(asked, 6);
    assert_said("{\"type\":\"subscribed\"," NO(2) "}");
    said[0] = '\0';
    sim_write(world, 0, 1, 9);
    sim_run_all(world);
    assert_said("\"type\":\"frame\""); /* the others go on */
    dew_session_admit_again(session);
    assert_int_equal(asked, 8);
}

static void questions_come_one_after_the_other(void **state)
{
    (void)state;
    begin("yyylll");
    says(SUBSCRIBE(1));
    says(SUBSCRIBE(2));
    says(SUBSCRIBE(3));
    said[0] = '\0';
    dew_session_admit_again(session);
    assert_int_equal(asked, 4);
    decide(0, false);
    assert_said(NO(1));
    assert_int_equal(asked, 5);
    dew_session_admit_again(session); /* while one is under way: no second beside it */
    assert_int_equal(asked, 5);
    decide(1, true);
    assert_int_equal(asked, 6);
    dew_session_admit_again(session); /* nor another round, while the last of this one is */
    assert_int_equal(asked, 6);
    decide(2, true);
    assert_int_equal(asked, 6);
    dew_session_admit_again(session);
    assert_int_equal(asked, 8);
    assert_null(strstr(said, NO(2)));
}

static void who_unsubscribes_while_asked_about_spares_nobody(void **state)
{
    (void)state;
    begin("yyln");
    says(SUBSCRIBE(1));
    says(SUBSCRIBE(2));
    said[0] = '\0';
    dew_session_admit_again(session);
    says(UNSUBSCRIBE(1));
    assert_int_equal(lefts, 1);
    assert_said(NO(2));
}

static void a_refusal_waits_for_a_slow_client_and_nothing_else_is_said(void **state)
{
    (void)state;
    begin("yyny");
    says(SUBSCRIBE(1));
    says(SUBSCRIBE(2));
    said[0] = '\0';
    is_blocked = true;
    dew_session_admit_again(session);
    sim_write(world, 0, 1, 9);
    sim_run_all(world);
    assert_silent();
    is_blocked = false;
    dew_session_writable(session);
    sim_run_all(world);
    assert_said(NO(1));
    assert_true(strstr(said, "\"type\":\"frame\"") == NULL || strstr(said, NO(1)) < strstr(said, "\"type\":\"frame\""));
}

static void subscribe_without_memory(long allowed, bool blocked)
{
    asked = open_count = lefts = 0;
    begin("l");
    is_blocked = blocked;
    says("{\"type\":\"ping\"}"); /* a session that is blocked knows */
    armed = true;
    left = allowed;
    dew_session_message(session, DEW_S(SUBSCRIBE(1)));
    armed = false;
    if (open_count == 1 && lefts == 0) /* it got as far */
        decide(0, false);
    is_blocked = false;
    dew_session_writable(session);
    sim_run_all(world);
    assert_null(strstr(said, YES(1)));
    dew_session_destroy(session);
    session = NULL;
}

static void memory_that_runs_out_lets_nobody_in(void **state)
{
    (void)state;
    for (long n = 0; n < 12; n++) {
        subscribe_without_memory(n, false);
        subscribe_without_memory(n, true);
    }
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(answers_at_once_and_later),
        EACH(who_is_not_in_yet_sees_nothing),
        EACH(who_goes_on_is_not_answered),
        EACH(what_is_open_is_asked_about_again),
        EACH(questions_come_one_after_the_other),
        EACH(who_unsubscribes_while_asked_about_spares_nobody),
        EACH(a_refusal_waits_for_a_slow_client_and_nothing_else_is_said),
        EACH(memory_that_runs_out_lets_nobody_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
