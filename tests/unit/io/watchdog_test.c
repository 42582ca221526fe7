/* watchdog_test.c - the watchdog with times of the test's own: no thread, no waiting. */
#include "io/fiber.h"
#include "io/watchdog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct seen {
    int count;
    dew_watchdog_report last;
} seen;

static void on_held(void *context, const dew_watchdog_report *report)
{
    seen *self = context;
    self->count++;
    self->last = *report;
}

typedef struct fixture {
    dew_loop *loop;
    dew_watchdog *watchdog;
    seen seen;
    int64_t now_ns;
} fixture;

static void begin(fixture *f)
{
    *f = (fixture){ 0 };
    assert_int_equal(dew_loop_create(&(dew_loop_options){ .index = 5 }, &f->loop), 0);
    dew_watchdog_options options = {
        .loops = &f->loop, .loop_count = 1, .without_thread = true, .context = &f->seen, .on_held = on_held
    };
    assert_int_equal(dew_watchdog_start(&options, &f->watchdog), 0);
}

static void after_ms(fixture *f, int64_t ms)
{
    f->now_ns += ms * 1000000;
    dew_watchdog_sample(f->watchdog, f->now_ns);
}

static void finish(fixture *f)
{
    dew_watchdog_stop(f->watchdog);
    dew_loop_destroy(f->loop);
}

static void names_who_holds_the_loop_and_says_when_it_is_over(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    const char *before = dew_watchdog_begin(f.loop, "slow loader");
    after_ms(&f, 0);
    after_ms(&f, 20);
    assert_int_equal(f.seen.count, 0); /* over 20 ms, not at */
    after_ms(&f, 1);
    assert_int_equal(f.seen.count, 1);
    assert_string_equal(f.seen.last.label, "slow loader");
    assert_int_equal(f.seen.last.loop_index, 5);
    assert_int_equal(f.seen.last.held_ms, 21);
    assert_false(f.seen.last.is_over);
    after_ms(&f, 50);
    assert_int_equal(f.seen.count, 1); /* once */
    dew_watchdog_end(f.loop, before);
    after_ms(&f, 9);
    assert_int_equal(f.seen.count, 2);
    assert_true(f.seen.last.is_over);
    assert_int_equal(f.seen.last.held_ms, 80);
    finish(&f);
}

static void one_that_never_lets_go_is_named_again_and_again(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    const char *before = dew_watchdog_begin(f.loop, "endless loader");
    after_ms(&f, 0);
    after_ms(&f, 1000);
    assert_int_equal(f.seen.count, 1); /* past the threshold */
    after_ms(&f, 1);
    assert_int_equal(f.seen.count, 2);
    assert_false(f.seen.last.is_over);
    assert_int_equal(f.seen.last.held_ms, 1001);
    after_ms(&f, 8999);
    assert_int_equal(f.seen.count, 2);
    after_ms(&f, 1);
    assert_int_equal(f.seen.count, 3);
    after_ms(&f, 90000);
    assert_int_equal(f.seen.count, 4);
    dew_watchdog_end(f.loop, before);
    after_ms(&f, 1);
    assert_int_equal(f.seen.count, 5);
    assert_true(f.seen.last.is_over);
    finish(&f);
}

static void an_idle_loop_is_not_reported(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    for (int i = 0; i < 100; i++)
        after_ms(&f, 1000);
    assert_int_equal(f.seen.count, 0);
    finish(&f);
}

static void many_short_calls_of_one_label_are_not_one_long_call(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    for (int i = 0; i < 100; i++) {
        const char *before = dew_watchdog_begin(f.loop, "quick");
        after_ms(&f, 15);
        dew_watchdog_end(f.loop, before);
    }
    assert_int_equal(f.seen.count, 0);
    finish(&f);
}

static void holds(void *arg)
{
    fixture *f = arg;
    after_ms(f, 0);
    after_ms(f, 30); /* as if it computed for so long */
    dew_fiber_yield();
    after_ms(f, 0);
    after_ms(f, 10);
}

static void a_fiber_is_named_and_its_waiting_does_not_count(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    assert_int_equal(dew_fiber_spawn(f.loop, "query board_tasks", holds, &f), 0);
    assert_int_equal(f.seen.count, 1);
    assert_string_equal(f.seen.last.label, "query board_tasks");
    after_ms(&f, 1000); /* over: it waits */
    assert_int_equal(f.seen.count, 2);
    assert_true(f.seen.last.is_over);
    dew_loop_turn(f.loop, true);
    assert_int_equal(f.seen.count, 2);
    finish(&f);
}

static void sleeps_while_all_loops_are_idle(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    assert_false(dew_watchdog_is_asleep(f.watchdog));
    assert_false(dew_watchdog_sample(f.watchdog, 0));
    assert_true(dew_watchdog_sleep(f.watchdog));
    assert_true(dew_watchdog_is_asleep(f.watchdog));
    const char *before = dew_watchdog_begin(f.loop, "loader"); /* wakes it */
    assert_false(dew_watchdog_is_asleep(f.watchdog));
    assert_true(dew_watchdog_sample(f.watchdog, 0));
    assert_false(dew_watchdog_sleep(f.watchdog)); /* somebody is to be watched */
    assert_false(dew_watchdog_is_asleep(f.watchdog));
    dew_watchdog_end(f.loop, before);
    assert_true(dew_watchdog_sleep(f.watchdog));
    finish(&f);
}

static void who_holds_a_loop_from_a_sleep_on_is_named(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    after_ms(&f, 0);
    assert_true(dew_watchdog_sleep(f.watchdog));
    f.now_ns += INT64_C(3600) * 1000000000; /* does not count */
    const char *before = dew_watchdog_begin(f.loop, "slow loader");
    after_ms(&f, 0);
    assert_int_equal(f.seen.count, 0);
    after_ms(&f, 21);
    assert_int_equal(f.seen.count, 1);
    assert_int_equal(f.seen.last.held_ms, 21);
    dew_watchdog_end(f.loop, before);
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_who_holds_the_loop_and_says_when_it_is_over),
        cmocka_unit_test(one_that_never_lets_go_is_named_again_and_again),
        cmocka_unit_test(an_idle_loop_is_not_reported),
        cmocka_unit_test(many_short_calls_of_one_label_are_not_one_long_call),
        cmocka_unit_test(a_fiber_is_named_and_its_waiting_does_not_count),
        cmocka_unit_test(sleeps_while_all_loops_are_idle),
        cmocka_unit_test(who_holds_a_loop_from_a_sleep_on_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
