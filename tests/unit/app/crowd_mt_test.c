/* crowd_mt_test.c - thousands of loaders that wait at once: others are served, who is too many is told so, and those who
 * hang up leave nothing behind. */
#include "support/app_sample.h"
#include "support/web_client.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FEW 1 /* ThreadSanitizer knows 8,128 threads, fibers among them, and each takes a megabyte of it */
#endif
#endif

#define BATCH 500 /* calls of one request */

static app_sample sample;
static dew_app *app;

static int start(void **state)
{
    (void)state;
    sample = (app_sample){ 0 };
    dew_app_config config = sample_config(&sample, NULL);
    dew_error error = { 0 };
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    dew_app_stop(app);
    return 0;
}

static long sleeping(void)
{
    return __atomic_load_n(&sample.sleeping, __ATOMIC_ACQUIRE);
}

/* Asks for so many values of `slow`, each another one, in one request; its connection. */
static int ask(int first, int count)
{
    char *body = malloc((size_t)count * 64 + 512), *text = malloc((size_t)count * 64 + 1024);
    int at = sprintf(body, "[");
    for (int i = 0; i < count; i++)
        at += sprintf(body + at, "%s{\"fn\":\"slow\",\"args\":{\"ms\":%d}}", i > 0 ? "," : "", 1000000 + first + i);
    sprintf(body + at, "]");
    int len = sprintf(text,
                      "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      "Content-Length: %zu\r\n\r\n%s",
                      strlen(body), body);
    int fd = web_connect(dew_app_port(app));
    web_send(fd, text, (size_t)len);
    free(body);
    free(text);
    return fd;
}

static void assert_served(const char *path)
{
    web_answer answer = web_get(dew_app_port(app), path, NULL);
    assert_int_equal(answer.status, 200);
    web_answer_free(&answer);
}

static void assert_busy(web_answer answer)
{
    if (answer.status != 503 || strstr(answer.body, "try again later") == NULL)
        fail_msg("wanted 503, got %d: %s", answer.status, answer.body);
    web_answer_free(&answer);
}

static void thousands_of_loaders_sleep_at_once(void **state)
{
    (void)state;
#ifdef FEW
    enum { BATCHES = 1 };
#else
    enum { BATCHES = 10 };
#endif
    int fds[BATCHES];
    for (int i = 0; i < BATCHES; i++)
        fds[i] = ask(i * BATCH, BATCH);
    while (sleeping() < BATCHES * BATCH)
        sched_yield();
    assert_served("/current"); /* its loader gets a fiber, too */
    assert_served("/health");
    for (int i = 0; i < BATCHES; i++)
        close(fds[i]);
    while (sleeping() > 0) /* nobody waits for them any more */
        sched_yield();
    assert_served("/slow");
}

static void who_is_too_many_is_told(void **state)
{
    (void)state;
#ifdef FEW
    skip();
#endif
    enum { BATCHES = 19, FIBERS = 8192, IN_LINE = 1024 };
    int fds[BATCHES];
    for (int i = 0; i < BATCHES; i++)
        fds[i] = ask(i * BATCH, BATCH);
    while (sleeping() < FIBERS)
        sched_yield();
    for (int i = 0; i < 2; i++)
        assert_served("/health"); /* all that was sent before has been read: the line is full as well */
    assert_busy(web_rpc(dew_app_port(app), NULL, "{\"fn\":\"slow\",\"args\":{\"ms\":7}}"));
    assert_busy(web_rpc(dew_app_port(app), NULL, "{\"fn\":\"tick\"}")); /* an action does not wait in line */
    assert_busy(web_get(dew_app_port(app), "/slow", NULL));
    assert_int_equal(sleeping(), FIBERS);
    for (int i = 0; i < BATCHES; i++)
        close(fds[i]);
    while (sleeping() > 0)
        sched_yield();
    assert_served("/slow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(thousands_of_loaders_sleep_at_once, start, stop),
        cmocka_unit_test_setup_teardown(who_is_too_many_is_told, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
