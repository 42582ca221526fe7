/* fiber_test.c - spawning, suspending, resuming, nesting, groups, limits, reuse of stacks. */
#include "io/fiber.h"
#include "io/fiber_group.h"
#include "io/loop_internal.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static dew_loop *make_loop(size_t fiber_max)
{
    dew_loop *loop;
    assert_int_equal(dew_loop_create(&(dew_loop_options){ .fiber_max = fiber_max }, &loop), 0);
    return loop;
}

typedef struct task {
    dew_loop *loop;
    dew_fiber *fiber;
    int steps;
    bool may_go;
} task;

static void three_steps(void *arg)
{
    task *self = arg;
    self->fiber = dew_fiber_current();
    self->steps = 1;
    while (!self->may_go)
        dew_fiber_suspend();
    self->steps = 2;
    dew_fiber_yield();
    self->steps = 3;
}

static void runs_until_it_suspends_and_goes_on_when_resumed(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    task one = { .loop = loop };
    assert_null(dew_fiber_current());
    assert_int_equal(dew_fiber_spawn(loop, "three steps", three_steps, &one), 0);
    assert_null(dew_fiber_current());
    assert_int_equal(one.steps, 1);
    assert_ptr_equal(dew_fiber_loop(one.fiber), loop);
    assert_int_equal(dew_fiber_count(loop), 1);

    dew_fiber_resume(one.fiber); /* without its condition: it waits again */
    dew_loop_turn(loop, false);
    assert_int_equal(one.steps, 1);

    one.may_go = true;
    dew_fiber_resume(one.fiber);
    dew_fiber_resume(one.fiber); /* twice is once */
    assert_int_equal(one.steps, 1);
    dew_loop_turn(loop, false);
    assert_int_equal(one.steps, 2);
    dew_loop_turn(loop, true);
    assert_int_equal(one.steps, 3);
    assert_int_equal(dew_fiber_count(loop), 0);
    dew_loop_destroy(loop);
}

static void resumes_itself(void *arg)
{
    int *steps = arg;
    dew_fiber_resume(dew_fiber_current());
    dew_fiber_suspend(); /* returns at once */
    ++*steps;
}

static void a_resume_before_the_suspend_is_not_lost(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    int steps = 0;
    assert_int_equal(dew_fiber_spawn(loop, "itself", resumes_itself, &steps), 0);
    assert_int_equal(steps, 1);
    dew_loop_destroy(loop);
}

static void sleeper(void *arg)
{
    dew_fiber_sleep_ms(1000);
    ++*(int *)arg;
}

static void sleeps_by_the_loops_clock(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    dew_loop_clock_hold(loop);
    int woken = 0;
    for (int i = 0; i < 10; i++)
        assert_int_equal(dew_fiber_spawn(loop, "sleeper", sleeper, &woken), 0);
    dew_loop_clock_advance(loop, 999);
    assert_int_equal(woken, 0);
    dew_loop_clock_advance(loop, 1);
    assert_int_equal(woken, 10);
    dew_loop_destroy(loop);
}

typedef struct parent {
    dew_loop *loop;
    int children_done, failed;
    bool is_done;
} parent;

static void child(void *arg)
{
    parent *self = arg;
    dew_fiber_sleep_ms(self->children_done % 3);
    self->children_done++;
}

static void quick_child(void *arg)
{
    ((parent *)arg)->children_done++;
}

static void waits_for_children(void *arg)
{
    parent *self = arg;
    dew_fiber_group group = { 0 };
    for (int i = 0; i < 20; i++)
        self->failed |= dew_fiber_group_spawn(&group, self->loop, "child", i % 2 ? child : quick_child, self);
    dew_fiber_group_wait(&group);
    self->is_done = self->children_done == 20;
    dew_fiber_group_wait(&group); /* nothing left: at once */
}

static void a_group_waits_for_all(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    parent one = { .loop = loop };
    assert_int_equal(dew_fiber_spawn(loop, "parent", waits_for_children, &one), 0);
    assert_false(one.is_done);
    while (dew_fiber_count(loop) != 0)
        dew_loop_turn(loop, true);
    assert_int_equal(one.failed, 0);
    assert_true(one.is_done);
    dew_loop_destroy(loop);
}

static void the_number_of_fibers_is_bounded(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(2);
    task tasks[3] = { 0 };
    assert_int_equal(dew_fiber_spawn(loop, "a", three_steps, &tasks[0]), 0);
    assert_int_equal(dew_fiber_spawn(loop, "b", three_steps, &tasks[1]), 0);
    assert_int_equal(dew_fiber_spawn(loop, "c", three_steps, &tasks[2]), DEW_E_BUSY);
    assert_int_equal(tasks[2].steps, 0);
    for (int i = 0; i < 2; i++) {
        tasks[i].may_go = true;
        dew_fiber_resume(tasks[i].fiber);
    }
    while (dew_fiber_count(loop) != 0)
        dew_loop_turn(loop, true);
    int steps = 0;
    assert_int_equal(dew_fiber_spawn(loop, "d", resumes_itself, &steps), 0);
    dew_loop_destroy(loop);
}

/* Uses most of the stack, and leaves rubbish on it for the next fiber. */
static void deep(void *arg)
{
    volatile char frame[DEW_FIBER_STACK_SIZE / 2];
    memset((char *)(uintptr_t)frame, 0x5a, sizeof frame);
    dew_fiber_yield();
    *(int *)arg += frame[sizeof frame - 1] == 0x5a && frame[0] == 0x5a;
}

static void stacks_are_large_and_reused(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    int good = 0;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 2 * DEW_FIBER_KEEP_MAX; i++)
            assert_int_equal(dew_fiber_spawn(loop, "deep", deep, &good), 0);
        while (dew_fiber_count(loop) != 0)
            dew_loop_turn(loop, true);
    }
    assert_int_equal(good, 3 * 2 * DEW_FIBER_KEEP_MAX);
    dew_loop_destroy(loop);
}

static void counts_a_thousand(void *arg)
{
    volatile double sum = 0.5; /* floating-point state survives switches */
    for (int i = 0; i < 1000; i++) {
        sum = sum * 1.0 + 1.0;
        dew_fiber_yield();
    }
    *(int *)arg += sum == 1000.5;
}

static void many_switches_keep_their_state(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    int good = 0;
    for (int i = 0; i < 50; i++)
        assert_int_equal(dew_fiber_spawn(loop, "counter", counts_a_thousand, &good), 0);
    while (dew_fiber_count(loop) != 0)
        dew_loop_turn(loop, true);
    assert_int_equal(good, 50);
    dew_loop_destroy(loop);
}

static void keeps_data(void *arg)
{
    dew_fiber *self = dew_fiber_current();
    assert_null(dew_fiber_data(self));
    dew_fiber_set_data(self, arg);
    dew_fiber_yield();
    *(int *)arg += dew_fiber_data(self) == arg;
}

static void each_fiber_carries_its_owner(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    int a = 0, b = 0;
    assert_int_equal(dew_fiber_spawn(loop, "a", keeps_data, &a), 0);
    assert_int_equal(dew_fiber_spawn(loop, "b", keeps_data, &b), 0);
    dew_loop_turn(loop, true);
    assert_int_equal(a + b, 2);
    dew_loop_destroy(loop);
}

static int recurse(int depth);
static int (*volatile again)(int depth) = recurse; /* no compiler makes a loop of this */

static int recurse(int depth)
{
    volatile char frame[4096];
    frame[depth % 4096] = (char)depth;
    return depth == 0 ? 0 : again(depth - 1) + frame[depth % 4096];
}

static void overflow(void *arg)
{
    *(int *)arg = recurse(1000);
}

static void an_overflow_hits_the_guard_page(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int quiet = open("/dev/null", O_WRONLY), result;
        dup2(quiet, STDERR_FILENO);
        signal(SIGSEGV, SIG_DFL);
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
        dew_loop *loop = make_loop(0);
        int error = dew_fiber_spawn(loop, "overflow", overflow, &result);
        _exit(error == 0 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void stacks_are_given_back_when_idle(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(0);
    dew_loop_clock_hold(loop);
    int good = 0;
    for (int i = 0; i < 3; i++)
        assert_int_equal(dew_fiber_spawn(loop, "deep", deep, &good), 0);
    while (dew_fiber_count(loop) != 0)
        dew_loop_turn(loop, false);
    assert_int_equal(loop->fibers.kept_count, 3);
    dew_loop_clock_advance(loop, DEW_FIBER_IDLE_MS - 1);
    int data = 0;
    assert_int_equal(dew_fiber_spawn(loop, "a", keeps_data, &data), 0); /* not idle after all */
    dew_loop_turn(loop, false);
    dew_loop_clock_advance(loop, 1);
    assert_int_equal(loop->fibers.kept_count, 3);
    dew_loop_clock_advance(loop, DEW_FIBER_IDLE_MS);
    assert_int_equal(loop->fibers.kept_count, 0);
    assert_true(dew_wheel_next_ms(&loop->wheel) == INT64_MAX); /* and then nothing wakes the loop any more */
    assert_int_equal(dew_fiber_spawn(loop, "a", keeps_data, &data), 0);
    dew_loop_turn(loop, false);
    assert_int_equal(data, 2);
    dew_loop_destroy(loop);
}

typedef struct hopeful {
    dew_deferred deferred;
    dew_loop *loop;
    int steps, told;
} hopeful;

static void on_free(dew_deferred *deferred)
{
    hopeful *self = dew_container_of(deferred, hopeful, deferred);
    self->told++;
    assert_int_equal(dew_fiber_free_count(self->loop), 1);
    assert_int_equal(dew_fiber_spawn(self->loop, "late", resumes_itself, &self->steps), 0);
}

static void who_awaits_a_free_fiber_is_told_when_one_ends(void **state)
{
    (void)state;
    dew_loop *loop = make_loop(1);
    hopeful one = { .deferred.run = on_free, .loop = loop }, none = one;
    int good = 0;
    assert_int_equal(dew_fiber_spawn(loop, "deep", deep, &good), 0);
    assert_int_equal(dew_fiber_free_count(loop), 0);
    dew_fiber_await_free(loop, &none.deferred);
    dew_fiber_await_free(loop, &one.deferred);
    dew_deferred_cancel(&none.deferred);
    for (int i = 0; i < 5; i++)
        dew_loop_turn(loop, false);
    assert_int_equal(one.told, 1);
    assert_int_equal(none.told, 0);
    assert_int_equal(dew_fiber_count(loop), 0);
    dew_loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_until_it_suspends_and_goes_on_when_resumed),
        cmocka_unit_test(a_resume_before_the_suspend_is_not_lost),
        cmocka_unit_test(sleeps_by_the_loops_clock),
        cmocka_unit_test(a_group_waits_for_all),
        cmocka_unit_test(the_number_of_fibers_is_bounded),
        cmocka_unit_test(stacks_are_large_and_reused),
        cmocka_unit_test(many_switches_keep_their_state),
        cmocka_unit_test(each_fiber_carries_its_owner),
        cmocka_unit_test(stacks_are_given_back_when_idle),
        cmocka_unit_test(who_awaits_a_free_fiber_is_told_when_one_ends),
        cmocka_unit_test(an_overflow_hits_the_guard_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
