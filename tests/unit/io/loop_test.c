/* loop_test.c - turns, deferred calls, the inbox from the loop's own thread, stopping. */
#include "io/clock.h"
#include "io/inbox.h"
#include "io/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct step {
    dew_deferred deferred;
    dew_msg msg;
    dew_loop *loop;
    struct step *then; /* deferred by this one when it runs */
    bool then_next;
    int *order, ran, dropped;
} step;

static void run_step(dew_deferred *deferred)
{
    step *self = dew_container_of(deferred, step, deferred);
    self->ran = ++*self->order;
    if (self->then != NULL && self->then_next)
        dew_loop_defer_next(self->loop, &self->then->deferred);
    else if (self->then != NULL)
        dew_loop_defer(self->loop, &self->then->deferred);
}

static void run_msg(dew_loop *loop, dew_msg *msg)
{
    step *self = dew_container_of(msg, step, msg);
    assert_ptr_equal(loop, self->loop);
    assert_ptr_equal(dew_loop_current(), loop);
    self->ran = ++*self->order;
}

static void drop_msg(dew_msg *msg)
{
    dew_container_of(msg, step, msg)->dropped++;
}

static step make_step(dew_loop *loop, int *order)
{
    return (
        step){ .deferred.run = run_step, .msg = { .run = run_msg, .drop = drop_msg }, .loop = loop, .order = order };
}

static dew_loop *make_loop(size_t inbox_max)
{
    dew_loop *loop;
    assert_int_equal(dew_loop_create(&(dew_loop_options){ .inbox_max = inbox_max, .index = 3 }, &loop), 0);
    return loop;
}

static void deferred_calls_run_in_order_and_within_the_turn(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    int order = 0;
    step a = make_step(loop, &order), b = a, c = a;
    a.then = &c;
    dew_loop_defer(loop, &a.deferred);
    dew_loop_defer(loop, &b.deferred);
    dew_loop_defer(loop, &a.deferred);
    dew_loop_turn(loop, false);
    assert_int_equal(a.ran, 1);
    assert_int_equal(b.ran, 2);
    assert_int_equal(c.ran, 3);
    assert_int_equal(order, 3);
    dew_loop_destroy(loop);
}

static void a_call_deferred_to_the_next_turn_lets_the_turn_end(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    int order = 0;
    step a = make_step(loop, &order);
    a.then = &a; /* goes on for ever */
    a.then_next = true;
    dew_loop_defer_next(loop, &a.deferred);
    for (int i = 1; i <= 10; i++) {
        dew_loop_turn(loop, true); /* does not wait: there is something for the next turn */
        assert_int_equal(order, i);
    }
    dew_deferred_cancel(&a.deferred);
    dew_loop_turn(loop, false);
    assert_int_equal(order, 10);
    dew_loop_destroy(loop);
}

static void a_cancelled_call_does_not_run(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    int order = 0;
    step a = make_step(loop, &order);
    dew_deferred_cancel(&a.deferred);
    dew_loop_defer(loop, &a.deferred);
    dew_deferred_cancel(&a.deferred);
    dew_loop_turn(loop, false);
    assert_int_equal(order, 0);
    dew_loop_destroy(loop);
}

static void messages_arrive_in_order_and_wake_the_loop(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    int order = 0;
    step steps[10];
    for (int i = 0; i < 10; i++) {
        steps[i] = make_step(loop, &order);
        assert_int_equal(dew_loop_post(loop, &steps[i].msg), 0);
    }
    assert_int_equal(dew_loop_inbox_count(loop), 10);
    dew_loop_turn(loop, true);
    for (int i = 0; i < 10; i++)
        assert_int_equal(steps[i].ran, i + 1);
    assert_int_equal(dew_loop_inbox_count(loop), 0);
    dew_loop_destroy(loop);
}

static void a_full_inbox_refuses_all_but_answers(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(2);
    int order = 0;
    step a = make_step(loop, &order), b = a, c = a, d = a;
    assert_int_equal(dew_loop_post(loop, &a.msg), 0);
    assert_int_equal(dew_loop_post(loop, &b.msg), 0);
    assert_int_equal(dew_loop_post(loop, &c.msg), DEW_E_BUSY);
    assert_int_equal(dew_loop_post_answer(loop, &d.msg), 0);
    dew_loop_turn(loop, true);
    assert_int_equal(order, 3);
    assert_int_equal(dew_loop_post(loop, &c.msg), 0);
    dew_loop_turn(loop, true);
    assert_int_equal(c.ran, 4);
    dew_loop_destroy(loop);
}

static void undelivered_messages_are_dropped(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    int order = 0;
    step a = make_step(loop, &order);
    assert_int_equal(dew_loop_post(loop, &a.msg), 0);
    dew_loop_destroy(loop);
    assert_int_equal(a.ran, 0);
    assert_int_equal(a.dropped, 1);
}

static void a_stop_that_came_before_the_run_counts(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    dew_loop_stop(loop);
    dew_loop_run(loop);
    assert_null(dew_loop_current());
    dew_loop_destroy(loop);
}

static void stop_now(dew_loop *loop, dew_msg *msg)
{
    (void)msg;
    dew_loop_stop(loop);
}

static void runs_until_it_is_stopped_and_can_run_again(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    dew_loop_set_data(loop, &loop);
    assert_ptr_equal(dew_loop_data(loop), &loop);
    assert_int_equal(dew_loop_index(loop), 3);
    for (int i = 0; i < 3; i++) {
        dew_msg msg = { .run = stop_now };
        assert_int_equal(dew_loop_post(loop, &msg), 0);
        dew_loop_run(loop);
    }
    assert_true(dew_loop_usage_get(loop).turns >= 3);
    dew_loop_destroy(loop);
    dew_loop_destroy(NULL);
}

static void clocks_and_randomness_are_there(void **state)
{
    (void)state;
    int64_t before = dew_clock_now_ns();
    assert_true(dew_clock_now_ns() >= before);
    assert_true(dew_clock_wall_us() > 1600000000000000);
    unsigned char bytes[32] = { 0 }, zero[32] = { 0 };
    assert_int_equal(dew_random_bytes(bytes, sizeof bytes), 0);
    assert_memory_not_equal(bytes, zero, sizeof bytes);
    assert_true(dew_random_u64() != dew_random_u64());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deferred_calls_run_in_order_and_within_the_turn),
        cmocka_unit_test(a_call_deferred_to_the_next_turn_lets_the_turn_end),
        cmocka_unit_test(a_cancelled_call_does_not_run),
        cmocka_unit_test(messages_arrive_in_order_and_wake_the_loop),
        cmocka_unit_test(a_full_inbox_refuses_all_but_answers),
        cmocka_unit_test(undelivered_messages_are_dropped),
        cmocka_unit_test(a_stop_that_came_before_the_run_counts),
        cmocka_unit_test(runs_until_it_is_stopped_and_can_run_again),
        cmocka_unit_test(clocks_and_randomness_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
