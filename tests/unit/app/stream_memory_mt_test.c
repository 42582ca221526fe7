/* stream_memory_mt_test.c - pages in chunks (stream_mt_test.c) while the server's n-th allocation fails, for every n: what comes is never
 * broken in the midst of something, and all is well afterwards.
 *
 * wraps: malloc calloc realloc */
#include "support/failing_allocations.h"
#include "support/stream_sample.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define TRIES_MAX 5000

static long left = -1; /* allocations of the server's threads that still succeed; -1: all. Atomic access only */
static pthread_t test_thread;
static long is_started; /* atomic access only */

static bool fails(void)
{
    if (__atomic_load_n(&is_started, __ATOMIC_ACQUIRE) == 0 || pthread_equal(pthread_self(), test_thread))
        return false;
    long had = __atomic_load_n(&left, __ATOMIC_ACQUIRE);
    return had >= 0 && __atomic_fetch_sub(&left, 1, __ATOMIC_ACQ_REL) == 0;
}

static void ignore_line(void *context, dew_log_level level, const char *message)
{
    (void)context, (void)level, (void)message;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

/* Returns how many parts have come. */
static size_t ask(int port, const char *line)
{
    stream_reader reader = stream_open(0, port, line);
    bool is_whole = stream_rest(&reader);
    assert_int_equal(count_of(reader.seen, "class=\"dew-late\""), count_of(reader.seen, "</script><!---->\n"));
    if (is_whole && strstr(reader.head, " 200 ") != NULL)
        assert_int_equal(count_of(reader.seen, "</body></html>"), 1);
    size_t count = count_of(reader.seen, "\"value\":{\"text\":\"part ");
    if (strstr(line, "_whole=1") != NULL && !stream_has(&reader, "<h1>Three</h1>"))
        assert_int_equal(count, 0);
    close(reader.fd);
    stream_dispose(&reader);
    return count;
}

static void every_one_of(int port, const char *line)
{
    assert_int_equal(ask(port, line), 3);
    bool has_failed = true;
    for (long n = 0; has_failed && n < TRIES_MAX; n++) {
        __atomic_store_n(&left, n, __ATOMIC_RELEASE);
        (void)ask(port, line);
        has_failed = __atomic_exchange_n(&left, -1, __ATOMIC_ACQ_REL) < 0;
        assert_int_equal(ask(port, line), 3);
    }
    assert_false(has_failed);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    dew_app *app;
    dew_error error = { 0 };
    const dew_app_config config = { .site = &stream_site,
                                    .assets = &stream_assets,
                                    .served = DEW_SERVED(stream_served, stream_guarded_served, stream_refused_served),
                                    .log = ignore_line };
    test_thread = pthread_self();
    assert_int_equal(dew_app_start(&config, &app, &error), 0);
    for (int i = 1; i <= 3; i++)
        part_let_go(i);
    __atomic_store_n(&is_started, 1, __ATOMIC_RELEASE);
    every_one_of(dew_app_port(app), "GET /three HTTP/1.1\r\nConnection: close");
    every_one_of(dew_app_port(app), "GET /three?_whole=1 HTTP/1.1\r\nConnection: close");
    dew_app_stop(app);
    __atomic_store_n(&is_started, 0, __ATOMIC_RELEASE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation_may_fail) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
