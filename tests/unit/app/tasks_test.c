/* tasks_test.c - tasks on a loop whose clock stands still: when they start, start again and end.
 *
 * wraps: malloc calloc realloc */
#include "app/tasks.h"
#include "io/fiber.h"
#include "support/failing_allocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static int fail_in = -1; /* the Nth allocation from now fails; -1: none */

static bool fails(void)
{
    return fail_in >= 0 && fail_in-- == 0;
}

/* ---- tasks ---- */

static struct {
    int runs, ends;
    unsigned sleep_ms; /* how long a run takes; 0: it does not wait */
    int code;          /* what it comes to */
    dew_end end;
} seen;

static void on_end(void *context, const dew_cause *cause)
{
    (void)context;
    seen.ends++;
    seen.end = cause->end;
}

static int work(dew_scope *scope)
{
    seen.runs++;
    dew_on_end(scope, on_end, NULL);
    int code = seen.sleep_ms != 0 ? dew_sleep(scope, seen.sleep_ms) : 0;
    if (code != 0)
        return code;
    return seen.code != 0 ? dew_fail(scope, seen.code, "the post office is closed") : 0;
}

/* ---- the world ---- */

typedef struct world {
    dew_app app;
    app_worker worker;
    char log[4096];
} world;

static void keep_line(void *context, dew_log_level level, const char *message)
{
    world *w = context;
    size_t len = strlen(w->log);
    snprintf(w->log + len, sizeof w->log - len, "%d %s\n", (int)level, message);
}

static int make(world *w, const dew_task *tasks, dew_error *error)
{
    memset(w, 0, sizeof *w);
    memset(&seen, 0, sizeof seen);
    assert_int_equal(dew_loop_create(NULL, &w->worker.loop), 0);
    dew_loop_clock_hold(w->worker.loop);
    w->worker.app = &w->app;
    dew_list_init(&w->worker.scopes);
    w->app.workers = &w->worker;
    w->app.worker_count = 1;
    const dew_live_config live = { .workers = 1, .epoch = 1, .env = &w->app.env };
    assert_int_equal(dew_live_create(&live, &w->app.live), 0); /* scopes ask how far the channels are */
    w->app.config = (dew_app_config){ .tasks = tasks, .log = keep_line, .log_context = w };
    return app_tasks_make(&w->app, error);
}

static void start(world *w, const dew_task *tasks)
{
    dew_error error;
    assert_int_equal(make(w, tasks, &error), 0);
}

static void go(world *w)
{
    app_tasks_start(&w->app);
    dew_loop_turn(w->worker.loop, false);
}

static void pass(world *w, int64_t ms)
{
    dew_loop_clock_advance(w->worker.loop, ms);
}

static void stop(world *w)
{
    app_tasks_end(&w->worker);
    pass(w, 0);
    assert_int_equal(dew_fiber_count(w->worker.loop), 0);
    app_tasks_free(&w->app);
    dew_live_destroy(w->app.live);
    dew_loop_destroy(w->worker.loop);
}

/* Milliseconds until the next run, looked for one by one. */
static int64_t wait_for_run(world *w, int64_t max_ms)
{
    int before = seen.runs;
    for (int64_t ms = 1; ms <= max_ms; ms++) {
        pass(w, 1);
        if (seen.runs != before)
            return ms;
    }
    fail_msg("no run within %lld ms", (long long)max_ms);
    return 0;
}

static const dew_task mailer[] = { { .name = "mailer", .run = work }, { .name = NULL } };
static const dew_task sweep[] = { { .name = "sweep", .run = work, .every = DEW_MS(1000) }, { .name = NULL } };

/* ---- tests ---- */

static void a_task_starts_with_the_application(void **state)
{
    (void)state;
    world w;
    start(&w, mailer);
    seen.sleep_ms = 3600000;
    pass(&w, 5000);
    assert_int_equal(seen.runs, 0);
    go(&w);
    assert_int_equal(seen.runs, 1);
    stop(&w);
}

static void one_that_fails_starts_again_later_and_later(void **state)
{
    (void)state;
    world w;
    start(&w, mailer);
    seen.code = DEW_E_IO;
    go(&w);
    assert_non_null(strstr(w.log, "task mailer: IO: the post office is closed; it starts again in "));
    static const int64_t waits[] = { 250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        assert_in_range(wait_for_run(&w, 40000), waits[i] * 3 / 4, waits[i] + 1);
    stop(&w);
}

static void one_that_returns_starts_again(void **state)
{
    (void)state;
    world w;
    start(&w, mailer);
    go(&w);
    assert_non_null(strstr(w.log, "task mailer has returned; it starts again in "));
    assert_in_range(wait_for_run(&w, 1000), 187, 251);
    assert_in_range(wait_for_run(&w, 1000), 375, 501);
    stop(&w);
}

static void a_minute_of_work_starts_the_count_over(void **state)
{
    (void)state;
    world w;
    start(&w, mailer);
    seen.code = DEW_E_IO;
    go(&w);
    for (int i = 0; i < 5; i++)
        wait_for_run(&w, 40000);
    seen.sleep_ms = 60000;
    wait_for_run(&w, 40000);
    pass(&w, 60000);
    seen.sleep_ms = 0;
    assert_in_range(wait_for_run(&w, 1000), 187, 251);
    stop(&w);
}

static void every_is_counted_from_start_to_start(void **state)
{
    (void)state;
    world w;
    start(&w, sweep);
    seen.sleep_ms = 300;
    go(&w);
    assert_int_equal(seen.runs, 1);
    pass(&w, 999);
    assert_int_equal(seen.runs, 1);
    pass(&w, 1);
    assert_int_equal(seen.runs, 2);
    pass(&w, 1000);
    assert_int_equal(seen.runs, 3);
    assert_string_equal(w.log, "");
    stop(&w);
}

static void a_start_that_comes_during_a_run_is_left_out(void **state)
{
    (void)state;
    world w;
    start(&w, sweep);
    seen.sleep_ms = 2500;
    go(&w);
    pass(&w, 2999);
    assert_int_equal(seen.runs, 1);
    pass(&w, 1);
    assert_int_equal(seen.runs, 2);
    stop(&w);
}

static void a_failed_round_waits_for_the_next(void **state)
{
    (void)state;
    world w;
    start(&w, sweep);
    seen.code = DEW_E_CONFLICT;
    go(&w);
    assert_non_null(strstr(w.log, "task sweep: CONFLICT: the post office is closed; it starts again in 1000 ms"));
    assert_in_range(wait_for_run(&w, 2000), 1000, 1000);
    stop(&w);
}

static void the_drain_ends_it(void **state)
{
    (void)state;
    world w;
    start(&w, mailer);
    seen.sleep_ms = 3600000;
    go(&w);
    app_tasks_end(&w.worker);
    assert_int_equal(seen.ends, 1);
    assert_int_equal(seen.end, DEW_END_DRAINING);
    pass(&w, 0);
    assert_int_equal(dew_fiber_count(w.worker.loop), 0);
    pass(&w, 120000);
    assert_int_equal(seen.runs, 1);
    assert_string_equal(w.log, "");
    stop(&w);
}

static void the_drain_starts_nothing_any_more(void **state)
{
    (void)state;
    world w;
    start(&w, sweep);
    app_tasks_start(&w.app);
    app_tasks_end(&w.worker);
    pass(&w, 5000);
    assert_int_equal(seen.runs, 0);
    stop(&w);
}

static void they_are_counted(void **state)
{
    (void)state;
    static const dew_task two[] = { { .name = "mailer", .run = work },
                                    { .name = "sweep", .run = work, .every = DEW_MS(1000) },
                                    { .name = NULL } };
    world w;
    dew_buf text;
    start(&w, two);
    seen.code = DEW_E_IO;
    go(&w);
    seen.sleep_ms = 3600000;
    pass(&w, 1000);
    dew_buf_init(&text, 4096);
    app_tasks_metrics(&w.app, &text);
    dew_buf_put_char(&text, '\0');
    assert_non_null(
        strstr(text.ptr, "dew_task_runs_total{task=\"mailer\"} 2\ndew_task_runs_total{task=\"sweep\"} 2\n"));
    assert_non_null(
        strstr(text.ptr, "dew_task_failures_total{task=\"mailer\"} 1\ndew_task_failures_total{task=\"sweep\"} 1\n"));
    assert_non_null(strstr(text.ptr, "dew_task_running{task=\"mailer\"} 1\ndew_task_running{task=\"sweep\"} 1\n"));
    dew_buf_dispose(&text);
    stop(&w);
}

static void a_list_that_does_not_do_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        dew_task tasks[3];
        const char *message;
    } cases[] = {
        { { { .name = "a b", .run = work } }, "task \"a b\": a name is 1 to 64 of A-Z, a-z, 0-9, _, - and ." },
        { { { .name = "", .run = work } }, "task \"\": a name is 1 to 64 of A-Z, a-z, 0-9, _, - and ." },
        { { { .name = "a" } }, "task a has nothing to run" },
        { { { .name = "a", .run = work, .every = DEW_MS(0) } },
          "task a: .every is 1 ms or more; left out, it runs on" },
        { { { .name = "a", .run = work, .every = DEW_NEVER } },
          "task a: .every is 1 ms or more; left out, it runs on" },
        { { { .name = "a", .run = work, .every = DEW_MS(-5) } },
          "task a: .every is 1 ms or more; left out, it runs on" },
        { { { .name = "a", .run = work }, { .name = "a", .run = work } }, "two tasks have the name a" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world w;
        dew_error error = { 0 };
        assert_int_equal(make(&w, cases[i].tasks, &error), DEW_E_INVALID);
        assert_string_equal(error.message, cases[i].message);
        stop(&w);
    }
}

static void without_memory_it_is_tried_again(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        world w;
        start(&w, mailer);
        seen.sleep_ms = 3600000;
        fail_in = i;
        go(&w);
        fail_in = -1;
        pass(&w, 300);
        assert_in_range(seen.runs, 1, 2);
        assert_int_equal(dew_fiber_count(w.worker.loop), 1);
        stop(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_starts_with_the_application),
        cmocka_unit_test(one_that_fails_starts_again_later_and_later),
        cmocka_unit_test(one_that_returns_starts_again),
        cmocka_unit_test(a_minute_of_work_starts_the_count_over),
        cmocka_unit_test(every_is_counted_from_start_to_start),
        cmocka_unit_test(a_start_that_comes_during_a_run_is_left_out),
        cmocka_unit_test(a_failed_round_waits_for_the_next),
        cmocka_unit_test(the_drain_ends_it),
        cmocka_unit_test(the_drain_starts_nothing_any_more),
        cmocka_unit_test(they_are_counted),
        cmocka_unit_test(a_list_that_does_not_do_is_refused_by_name),
        cmocka_unit_test(without_memory_it_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
