/* rendering_mt_test.c - pages for another server: dew_render_start, and dew_render_cancel before, while and after the page is
 * made; threads that start and cancel at once. The application listens nowhere. */
#include "io/gate.h"
#include "support/app_sample.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static app_sample sample;
static dew_app *app;

/* One page that was asked for. */
typedef struct asked {
    dew_gate *done;
    dew_rendering *handle;
    int code, told;
    dew_rendered page;
} asked;

static void on_done(void *context, int code, dew_rendered *page)
{
    asked *a = context;
    a->code = code;
    a->page = *page;
    a->told++;
    dew_gate_open(a->done);
}

static void ask(asked *a, const char *url, const char *const *headers)
{
    *a = (asked){ .done = dew_gate_create() };
    assert_non_null(a->done);
    assert_int_equal(dew_render_start(app, url, headers, on_done, a, &a->handle), 0);
}

static void wait_for(asked *a)
{
    if (a->done == NULL)
        return;
    dew_gate_wait(a->done);
    dew_gate_destroy(a->done);
    a->done = NULL;
}

static void finish(asked *a)
{
    wait_for(a);
    dew_render_release(a->handle);
    dew_rendered_dispose(&a->page);
    assert_int_equal(a->told, 1);
}

static void until_sleeping(long count)
{
    while (__atomic_load_n(&sample.sleeping, __ATOMIC_ACQUIRE) != count)
        sched_yield();
}

static int setup(void **state)
{
    (void)state;
    dew_error error = { 0 };
    memset(&sample, 0, sizeof sample);
    dew_app_config config = sample_config(&sample, NULL);
    config.no_listener = true;
    config.workers = 2;
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dew_app_stop(app);
    app = NULL;
    assert_int_equal(sample.sleeping, 0);
    return 0;
}

static void without_a_listener_there_is_no_address(void **state)
{
    (void)state;
    assert_int_equal(dew_app_port(app), 0);
    assert_string_equal(dew_app_url(app), "");
    dew_app_config config = sample_config(&sample, NULL);
    config.no_listener = true;
    config.port = 80;
    dew_app *none;
    dew_error error;
    assert_int_equal(dew_app_start(&config, &none, &error), DEW_E_INVALID);
    assert_non_null(strstr(error.message, "no_listener"));
}

static void a_page_is_told_with_what_was_copied_of_the_request(void **state)
{
    (void)state;
    char url[] = "/me", name[] = "Cookie", value[] = "user=ada";
    const char *headers[] = { name, value, NULL };
    asked a;
    ask(&a, url, headers);
    memset(url, 'x', sizeof url - 1);
    memset(value, 'x', sizeof value - 1);
    headers[0] = NULL;
    wait_for(&a);
    assert_int_equal(a.code, 0);
    assert_int_equal(a.page.status, 200);
    assert_non_null(strstr(a.page.body, "you are ada"));
    assert_int_equal(strlen(a.page.body), a.page.body_len);
    finish(&a);
}

static void cancelling_ends_what_the_page_waits_for(void **state)
{
    (void)state;
    asked a;
    ask(&a, "/never", NULL);
    until_sleeping(1);
    dew_render_cancel(a.handle);
    dew_render_cancel(a.handle);
    wait_for(&a);
    assert_int_equal(a.code, DEW_E_CANCELLED);
    assert_null(a.page.body);
    until_sleeping(0); /* an hour before its time */
    finish(&a);
}

static void what_others_wait_for_goes_on(void **state)
{
    (void)state;
    asked a, b;
    ask(&a, "/never", NULL);
    until_sleeping(1);
    ask(&b, "/never", NULL);
    asked behind[2]; /* one on each worker: when both are there, so is b */
    for (int i = 0; i < 2; i++)
        ask(&behind[i], "/me", NULL);
    for (int i = 0; i < 2; i++)
        finish(&behind[i]);
    dew_render_cancel(a.handle);
    wait_for(&a);
    assert_int_equal(a.code, DEW_E_CANCELLED);
    for (int i = 0; i < 2; i++)
        ask(&behind[i], "/me", NULL);
    for (int i = 0; i < 2; i++)
        finish(&behind[i]);
    assert_int_equal(b.told, 0);
    assert_true(__atomic_load_n(&sample.sleeping, __ATOMIC_ACQUIRE) >= 1);
    dew_render_cancel(b.handle);
    wait_for(&b);
    assert_int_equal(b.code, DEW_E_CANCELLED);
    until_sleeping(0);
    finish(&a);
    finish(&b);
}

static void the_handle_may_be_let_go_at_any_time(void **state)
{
    (void)state;
    asked a;
    ask(&a, "/me", NULL);
    dew_render_release(a.handle);
    a.handle = NULL;
    finish(&a);
    ask(&a, "/me", NULL);
    wait_for(&a);
    dew_render_cancel(a.handle); /* late: nothing */
    finish(&a);
    dew_render_cancel(NULL);
    dew_render_release(NULL);
}

static void stopping_tells_who_waits(void **state)
{
    (void)state;
    asked a;
    ask(&a, "/never", NULL);
    until_sleeping(1);
    dew_app_stop(app);
    app = NULL;
    wait_for(&a);
    assert_int_equal(a.code, DEW_E_CLOSED);
    finish(&a);
}

/* Pages of every kind, half of them cancelled at once. */
static void *ask_many(void *arg)
{
    static const char *const urls[] = { "/never", "/me", "/slow", "/broken", "/nowhere" };
    unsigned n = *(const unsigned *)arg;
    for (unsigned i = 0; i < 200; i++) {
        asked a = { .done = dew_gate_create() };
        const char *url = urls[(i * 7 + n) % 5];
        if (dew_render_start(app, url, NULL, on_done, &a, &a.handle) != 0)
            abort();
        if (url == urls[0] || i % 2 == 0)
            dew_render_cancel(a.handle);
        dew_gate_wait(a.done);
        if (a.code != 0 && a.code != DEW_E_CANCELLED)
            abort();
        dew_gate_destroy(a.done);
        dew_render_release(a.handle);
        dew_rendered_dispose(&a.page);
    }
    return NULL;
}

static void threads_start_and_cancel_at_once(void **state)
{
    (void)state;
    pthread_t threads[4];
    unsigned numbers[4];
    for (unsigned i = 0; i < 4; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, ask_many, &numbers[i]), 0);
    }
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    until_sleeping(0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(without_a_listener_there_is_no_address),  TEST(a_page_is_told_with_what_was_copied_of_the_request),
        TEST(cancelling_ends_what_the_page_waits_for), TEST(what_others_wait_for_goes_on),
        TEST(the_handle_may_be_let_go_at_any_time),    TEST(stopping_tells_who_waits),
        TEST(threads_start_and_cancel_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
