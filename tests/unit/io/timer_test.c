/* timer_test.c - timers on a held clock: order, restarts, stops, long delays, and a random model. */
#include "io/loop_internal.h"
#include "io/timer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct probe {
    dew_timer timer;
    int64_t fired_ms;
    int count;
    int64_t again_ms; /* restarts itself; -1: not */
    dew_timer *stops; /* another one, when it fires */
    int *order, place;
} probe;

static void on_due(dew_timer *timer)
{
    probe *self = dew_container_of(timer, probe, timer);
    self->fired_ms = dew_loop_now_ms(timer->loop);
    self->count++;
    if (self->order != NULL)
        self->place = (*self->order)++;
    if (self->stops != NULL)
        dew_timer_stop(self->stops);
    if (self->again_ms >= 0)
        dew_timer_start(timer, self->again_ms);
}

static void probe_init(probe *self, dew_loop *loop)
{
    *self = (probe){ .again_ms = -1 };
    dew_timer_init(&self->timer, loop, on_due);
}

static dew_loop *held_loop(void)
{
    dew_loop *loop;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    dew_loop_clock_hold(loop);
    return loop;
}

static void fires_once_at_its_time(void **state)
{
    (void)state;
    dew_loop *loop = held_loop();
    probe one;
    probe_init(&one, loop);
    int64_t start_ms = dew_loop_now_ms(loop);
    dew_timer_start(&one.timer, 1000);
    assert_true(dew_timer_is_active(&one.timer));
    dew_loop_clock_advance(loop, 999);
    assert_int_equal(one.count, 0);
    dew_loop_clock_advance(loop, 1);
    assert_int_equal(one.count, 1);
    assert_int_equal(one.fired_ms, start_ms + 1000);
    assert_false(dew_timer_is_active(&one.timer));
    dew_loop_clock_advance(loop, 100000);
    assert_int_equal(one.count, 1);
    dew_loop_destroy(loop);
}

static void a_restart_moves_it(void **state)
{
    (void)state;
    dew_loop *loop = held_loop();
    probe one;
    probe_init(&one, loop);
    dew_timer_start(&one.timer, 100);
    for (int i = 0; i < 50; i++) {
        dew_loop_clock_advance(loop, 99);
        dew_timer_start(&one.timer, 100);
    }
    assert_int_equal(one.count, 0);
    dew_loop_clock_advance(loop, 100);
    assert_int_equal(one.count, 1);
    dew_loop_destroy(loop);
}

static void a_stopped_timer_does_not_fire(void **state)
{
    (void)state;
    dew_loop *loop = held_loop();
    probe one;
    probe_init(&one, loop);
    dew_timer_stop(&one.timer); /* not started: nothing happens */
    dew_timer_start(&one.timer, 5);
    dew_timer_stop(&one.timer);
    dew_loop_clock_advance(loop, 1000);
    assert_int_equal(one.count, 0);
    dew_loop_destroy(loop);
}

static void one_due_timer_may_stop_another(void **state)
{
    (void)state;
    dew_loop *loop = held_loop();
    probe first, second;
    probe_init(&first, loop);
    probe_init(&second, loop);
    first.stops = &second.timer;
    dew_timer_start(&first.timer, 7);
    dew_timer_start(&second.timer, 7);
    dew_loop_clock_advance(loop, 7);
    assert_int_equal(first.count, 1);
    assert_int_equal(second.count, 0);
    dew_loop_destroy(loop);
}

static void a_timer_that_restarts_with_zero_does_not_hold_the_loop(void **state)
{
    (void)state;
    dew_loop *loop = held_loop();
    probe one;
    probe_init(&one, loop);
    one.again_ms = 0;
    dew_timer_start(&one.timer, 0);
    assert_int_equal(one.count, 0);
    dew_loop_clock_advance(loop, 10);
    assert_int_equal(one.count, 10);
    dew_timer_stop(&one.timer);
    dew_loop_destroy(loop);
}

static void long_delays_are_exact(void **state)
{
    (void)state;
    static const int64_t delays[] = { 1,      63,     64,       65,      4095,     4096,       4097,
                                      262143, 262144, 16777216, 3600000, 86400000, 31536000000 };
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        dew_loop *loop = held_loop();
        probe one;
        probe_init(&one, loop);
        int64_t start_ms = dew_loop_now_ms(loop);
        dew_timer_start(&one.timer, delays[i]);
        dew_loop_clock_advance(loop, delays[i] - 1);
        assert_int_equal(one.count, 0);
        dew_loop_clock_advance(loop, 1);
        assert_int_equal(one.count, 1);
        assert_int_equal(one.fired_ms, start_ms + delays[i]);
        dew_loop_destroy(loop);
    }
}

/* Many timers with random starts, restarts and stops: each fires at its time and at no other, in order. */
static void agrees_with_a_plain_model(void **state)
{
    (void)state;
    enum { COUNT = 200, STEPS = 20000 };
    dew_loop *loop = held_loop();
    static probe probes[COUNT];
    static int64_t due[COUNT]; /* -1: not running */
    static int expected[COUNT];
    unsigned seed = 1;
    for (int i = 0; i < COUNT; i++) {
        probe_init(&probes[i], loop);
        due[i] = -1;
        expected[i] = 0;
    }
    for (int step = 0; step < STEPS; step++) {
        seed = seed * 1664525 + 1013904223;
        int i = (int)(seed >> 8) % COUNT;
        int64_t delay = (seed >> 16) % 3 == 0 ? seed % 100000 : seed % 200;
        int64_t now_ms = dew_loop_now_ms(loop);
        if (step % 5 == 4) {
            int64_t by = seed % 150;
            for (int k = 0; k < COUNT; k++)
                if (due[k] >= 0 && due[k] <= now_ms + by) {
                    expected[k]++;
                    due[k] = -1 - due[k]; /* remembers when */
                }
            dew_loop_clock_advance(loop, by);
            for (int k = 0; k < COUNT; k++) {
                assert_int_equal(probes[k].count, expected[k]);
                if (due[k] < -1) {
                    assert_int_equal(probes[k].fired_ms, -1 - due[k]);
                    due[k] = -1;
                }
                assert_int_equal(dew_timer_is_active(&probes[k].timer), due[k] >= 0);
            }
        } else if (step % 7 == 6) {
            dew_timer_stop(&probes[i].timer);
            due[i] = -1;
        } else {
            dew_timer_start(&probes[i].timer, delay);
            due[i] = now_ms + (delay > 0 ? delay : 1);
        }
    }
    for (int i = 0; i < COUNT; i++)
        dew_timer_stop(&probes[i].timer);
    dew_loop_destroy(loop);
}

static void fires_by_the_real_clock_too(void **state)
{
    (void)state;
    dew_loop *loop;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    probe one, never;
    probe_init(&one, loop);
    probe_init(&never, loop);
    dew_timer_start(&one.timer, 2);
    dew_timer_start(&never.timer, 1000000);
    while (one.count == 0)
        dew_loop_turn(loop, true);
    assert_int_equal(never.count, 0);
    dew_timer_stop(&never.timer);
    dew_loop_destroy(loop);
}

static void due_timers_fire_in_order_of_time(void **state)
{
    (void)state;
    dew_loop *loop = held_loop();
    int order = 0;
    probe late, early;
    probe_init(&late, loop);
    probe_init(&early, loop);
    late.order = early.order = &order;
    dew_timer_start(&late.timer, 70);
    dew_timer_start(&early.timer, 69);
    dew_loop_clock_advance(loop, 500);
    assert_int_equal(early.place, 0);
    assert_int_equal(late.place, 1);
    dew_loop_destroy(loop);
}

static void an_idle_loop_wakes_for_nothing_but_what_is_due(void **state)
{
    (void)state;
    dew_loop *loop = held_loop();
    probe one, stopped;
    probe_init(&one, loop);
    probe_init(&stopped, loop);
    int64_t start_ms = dew_loop_now_ms(loop);
    dew_timer_start(&stopped.timer, 300);
    dew_timer_start(&one.timer, 5000);
    dew_timer_stop(&stopped.timer);
    assert_int_equal(dew_wheel_next_ms(&loop->wheel), start_ms + 5000);
    dew_timer_stop(&one.timer);
    assert_true(dew_wheel_next_ms(&loop->wheel) == INT64_MAX);
    dew_loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_once_at_its_time),
        cmocka_unit_test(a_restart_moves_it),
        cmocka_unit_test(a_stopped_timer_does_not_fire),
        cmocka_unit_test(one_due_timer_may_stop_another),
        cmocka_unit_test(a_timer_that_restarts_with_zero_does_not_hold_the_loop),
        cmocka_unit_test(long_delays_are_exact),
        cmocka_unit_test(due_timers_fire_in_order_of_time),
        cmocka_unit_test(an_idle_loop_wakes_for_nothing_but_what_is_due),
        cmocka_unit_test(agrees_with_a_plain_model),
        cmocka_unit_test(fires_by_the_real_clock_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
