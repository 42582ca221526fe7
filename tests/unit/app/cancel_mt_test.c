/* cancel_mt_test.c - calls that a client takes back over its WebSocket: {"type":"cancel","id":N}. Each is answered all the same,
 * and the answer is the truth. */
#include "support/held.h"
#include "support/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct fixture {
    char dir[64];
    dew_app *app;
    int port, fd;
} fixture;

static int start(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    *state = f;
    held_reset();
    strcpy(f->dir, "/tmp/dew-cancel-XXXXXX");
    if (mkdtemp(f->dir) == NULL)
        return -1;
    dew_app_config config = { .site = &held_site,
                              .served = DEW_SERVED(held_served),
                              .workers = 2,
                              .data_dir = f->dir,
                              .migrations = held_migrations };
    dew_error error = { 0 };
    if (dew_app_start(&config, &f->app, &error) != 0)
        fail_msg("%s", error.message);
    f->port = dew_app_port(f->app);
    f->fd = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(f->fd, "c1");
    return 0;
}

static int stop(void **state)
{
    fixture *f = *state;
    close(f->fd);
    dew_app_stop(f->app);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    int failed = system(command);
    free(f);
    return failed;
}

static void say(const fixture *f, const char *text)
{
    web_socket_send(f->fd, text);
}

static void hear(const fixture *f, const char *part)
{
    free(web_socket_expect(f->fd, part));
}

#define CALL(id, fn, key) "{\"type\":\"call\",\"id\":" #id ",\"fn\":\"" fn "\",\"args\":{\"id\":" #key "}}"
#define CANCEL(id) "{\"type\":\"cancel\",\"id\":" #id "}"
#define CANCELLED(id) "{\"type\":\"answer\",\"id\":" #id ",\"error\":{\"code\":\"CANCELLED\""

static void a_query(void **state)
{
    const fixture *f = *state;
    say(f, CALL(5, "held", 1));
    held_await_begun(1, 1);
    say(f, CANCEL(5));
    hear(f, CANCELLED(5));
    held_assert_ended(1, DEW_END_CLIENT_GONE, DEW_E_CANCELLED);
}

static void an_action(void **state)
{
    const fixture *f = *state;
    say(f, CALL(5, "hold", 2));
    held_await_begun(2, 1);
    say(f, CANCEL(5));
    say(f, CANCEL(5)); /* again: nothing */
    hear(f, CANCELLED(5));
    held_assert_ended(2, DEW_END_CLIENT_GONE, DEW_E_CANCELLED);
}

static void an_action_that_is_done_all_the_same(void **state)
{
    const fixture *f = *state;
    say(f, CALL(5, "ignore", 3));
    held_await_begun(3, 1);
    say(f, CANCEL(5));
    hear(f, "{\"type\":\"answer\",\"id\":5,\"value\":{\"id\":3}");
    held_assert_ended(3, DEW_END_CLIENT_GONE, DEW_E_CANCELLED);
}

static void no_note_was_kept(const fixture *f)
{
    say(f, "{\"type\":\"call\",\"id\":90,\"fn\":\"notes\"}");
    hear(f, "\"id\":90,\"value\":{\"id\":0}");
}

static void a_mutation_is_undone(void **state)
{
    const fixture *f = *state;
    say(f, CALL(5, "endless", 4));
    held_await_begun(4, 1);
    say(f, CANCEL(5));
    hear(f, CANCELLED(5));
    assert_int_equal(held_await_end(4).code, DEW_E_CANCELLED);
    no_note_was_kept(f);
}

/* Its number is free again: what was not done may be asked for once more. */
static void a_numbered_mutation_is_undone(void **state)
{
    const fixture *f = *state;
    say(f, "{\"type\":\"call\",\"id\":5,\"fn\":\"endless\",\"args\":{\"id\":5},\"seq\":\"1\"}");
    held_await_begun(5, 1);
    say(f, CANCEL(5));
    hear(f, CANCELLED(5));
    no_note_was_kept(f);
    say(f, "{\"type\":\"call\",\"id\":6,\"fn\":\"note\",\"args\":{\"id\":5},\"seq\":\"1\"}");
    hear(f, "{\"type\":\"answer\",\"id\":6,\"value\":{\"id\":5}");
}

/* The one between is done; a cancel that comes after its answer is nothing. */
static void one_between_two_that_are_cancelled_is_done(void **state)
{
    const fixture *f = *state;
    say(f, CALL(5, "endless", 6));
    held_await_begun(6, 1);
    say(f, CALL(6, "note", 6));
    say(f, CALL(7, "note", 7));
    say(f, CANCEL(7)); /* it waits for the writer: never begun */
    say(f, CANCEL(5));
    hear(f, "{\"type\":\"answer\",\"id\":6,\"value\":{\"id\":6}");
    say(f, CANCEL(6));
    say(f, "{\"type\":\"call\",\"id\":90,\"fn\":\"notes\"}");
    hear(f, "\"id\":90,\"value\":{\"id\":1}");
}

static void what_waits_for_the_writer_is_never_begun(void **state)
{
    const fixture *f = *state;
    say(f, CALL(5, "endless", 7));
    held_await_begun(7, 1);
    say(f, CALL(6, "note", 7));
    say(f, CANCEL(6));
    say(f, "{\"type\":\"ping\"}");
    hear(f, "pong"); /* both are there */
    say(f, CANCEL(5));
    hear(f, CANCELLED(6));
    no_note_was_kept(f);
}

/* Neither an unknown id, nor a subscription's; and others' calls of the same function go on. */
static void only_that_call_is_meant(void **state)
{
    const fixture *f = *state;
    say(f, CALL(5, "hold", 8));
    say(f, CALL(6, "hold", 9));
    say(f, "{\"type\":\"subscribe\",\"id\":7,\"fn\":\"held\",\"args\":{\"id\":10}}");
    for (int id = 8; id <= 10; id++)
        held_await_begun(id, 1);
    say(f, CANCEL(99));
    say(f, CANCEL(7));
    say(f, CANCEL(6));
    hear(f, CANCELLED(6));
    say(f, "{\"type\":\"ping\"}");
    hear(f, "pong");
    assert_int_equal(held_get(8).ended + held_get(10).ended, 0);
}

/* Two calls share a run; the one that is not cancelled has its answer from it. */
static void a_run_that_others_wait_for_goes_on(void **state)
{
    const fixture *f = *state;
    say(f, CALL(5, "held", 11));
    say(f, CALL(6, "held", 11));
    held_await_begun(11, 1);
    say(f, CANCEL(5));
    hear(f, CANCELLED(5));
    assert_int_equal(held_get(11).ended, 0);
    say(f, CANCEL(6));
    hear(f, CANCELLED(6));
    held_assert_ended(11, DEW_END_CLIENT_GONE, DEW_E_CANCELLED);
    assert_int_equal(held_get(11).begun, 1);
}

static void cancelling_nothing_is_a_fault(void **state)
{
    const fixture *f = *state;
    int code;
    say(f, "{\"type\":\"cancel\"}");
    hear(f, "cancel needs the id of a call");
    assert_null(web_socket_read(f->fd, &code));
    assert_int_equal(code, 4400);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        EACH(a_query),
        EACH(an_action),
        EACH(an_action_that_is_done_all_the_same),
        EACH(a_mutation_is_undone),
        EACH(a_numbered_mutation_is_undone),
        EACH(one_between_two_that_are_cancelled_is_done),
        EACH(what_waits_for_the_writer_is_never_begun),
        EACH(only_that_call_is_meant),
        EACH(a_run_that_others_wait_for_goes_on),
        EACH(cancelling_nothing_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
