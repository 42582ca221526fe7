/* Calls: sent once, resent when that is safe, and always brought to an end. */
#include "page/outbox.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MOVE(F) F(i64, task_id)
DEW_STRUCT(move, MOVE)
DEW_MUTATION(move_task, move, dew_none)
DEW_ACTION(ring, dew_none, dew_none)

typedef struct world {
    dew_outbox outbox;
    char sent[16][256];
    int sent_count;
    int ended_count, ended_code;
    uint32_t ended_node;
} world;

static void on_send(void *context, dew_str text)
{
    world *w = context;
    memcpy(w->sent[w->sent_count], text.ptr, text.len);
    w->sent[w->sent_count++][text.len] = '\0';
}

static void on_end(void *context, const dew_outbox_call *call, int code, dew_str message)
{
    world *w = context;
    w->ended_count++;
    w->ended_code = code;
    w->ended_node = call->node;
    assert_true(code == 0 || message.len > 0);
}

static int start(void **state)
{
    static world w;
    w = (world){ 0 };
    dew_outbox_init(&w.outbox, on_send, on_end, &w);
    *state = &w;
    return 0;
}

static int stop(void **state)
{
    dew_outbox_dispose(&((world *)*state)->outbox);
    return 0;
}

static void mutate(world *w, int64_t id)
{
    assert_int_equal(dew_outbox_add(&w->outbox, &move_task_fn, &(move){ id }, 5, false, NULL), 0);
}

static void call_is_sent_and_answered(void **state)
{
    world *w = *state;
    dew_outbox_opened(&w->outbox);
    mutate(w, 7);
    assert_string_equal(w->sent[0],
                        "{\"type\":\"call\",\"id\":1,\"fn\":\"move_task\",\"args\":{\"task_id\":\"7\"},\"seq\":\"1\"}");
    dew_outbox_answer(&w->outbox, 2, 0, S(""));
    assert_int_equal(w->ended_count, 0);
    dew_outbox_answer(&w->outbox, 1, 0, S(""));
    assert_int_equal(w->ended_count, 1);
    assert_int_equal(w->ended_node, 5);
    dew_outbox_answer(&w->outbox, 1, 0, S(""));
    assert_int_equal(w->ended_count, 1);
}

static void refusal_reaches_the_visitor(void **state)
{
    world *w = *state;
    dew_outbox_opened(&w->outbox);
    mutate(w, 7);
    dew_outbox_answer(&w->outbox, 1, DEW_E_CONSTRAINT, S("no"));
    assert_int_equal(w->ended_code, DEW_E_CONSTRAINT);
}

static void calls_wait_for_the_connection_in_order(void **state)
{
    world *w = *state;
    mutate(w, 1);
    mutate(w, 2);
    assert_int_equal(w->sent_count, 0);
    dew_outbox_opened(&w->outbox);
    assert_non_null(strstr(w->sent[0], "\"seq\":\"1\""));
    assert_non_null(strstr(w->sent[1], "\"seq\":\"2\""));
}

static void mutations_are_sent_again_with_the_same_number(void **state)
{
    world *w = *state;
    dew_outbox_opened(&w->outbox);
    mutate(w, 1);
    mutate(w, 2);
    dew_outbox_answer(&w->outbox, 1, 0, S(""));
    dew_outbox_closed(&w->outbox);
    mutate(w, 3);
    dew_outbox_opened(&w->outbox);
    assert_int_equal(w->sent_count, 4);
    assert_string_equal(w->sent[1], w->sent[2]);
    assert_non_null(strstr(w->sent[3], "\"seq\":\"3\""));
    assert_int_equal(w->ended_count, 1);
}

static void sent_action_is_never_sent_again(void **state)
{
    world *w = *state;
    dew_outbox_opened(&w->outbox);
    assert_int_equal(dew_outbox_add(&w->outbox, &ring_fn, &(dew_none){ 0 }, 0, false, NULL), 0);
    assert_string_equal(w->sent[0], "{\"type\":\"call\",\"id\":1,\"fn\":\"ring\",\"args\":{}}");
    dew_outbox_closed(&w->outbox);
    assert_int_equal(w->ended_code, DEW_E_CLOSED);
    assert_int_equal(dew_outbox_add(&w->outbox, &ring_fn, &(dew_none){ 0 }, 0, false, NULL), 0);
    dew_outbox_closed(&w->outbox); /* was never sent: may go */
    dew_outbox_opened(&w->outbox);
    assert_int_equal(w->sent_count, 2);
    assert_int_equal(w->ended_count, 1);
}

static void full_outbox_refuses(void **state)
{
    world *w = *state;
    for (int i = 0; i < DEW_OUTBOX_CALLS_MAX; i++)
        mutate(w, i);
    dew_error error = { 0 };
    assert_int_equal(dew_outbox_add(&w->outbox, &move_task_fn, &(move){ 1 }, 0, false, &error), DEW_E_LIMIT);
    assert_non_null(strstr(error.message, "1000"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        CASE(call_is_sent_and_answered),
        CASE(refusal_reaches_the_visitor),
        CASE(calls_wait_for_the_connection_in_order),
        CASE(mutations_are_sent_again_with_the_same_number),
        CASE(sent_action_is_never_sent_again),
        CASE(full_outbox_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
