/* metrics_mt_test.c - who may read /_dew/metrics, and what stands there. */
#include "app/metrics.h"

#include "support/app_sample.h"
#include "support/held.h"
#include "support/web_client.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static app_sample sample;

static dew_app *start(dew_metrics who)
{
    dew_app_config config = sample_config(&sample, NULL);
    config.metrics = who;
    dew_app *app = NULL;
    dew_error error = { 0 };
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    return app;
}

static void expect(const dew_app *app, const char *headers, int status, const char *part)
{
    web_answer answer = web_get(dew_app_port(app), "/_dew/metrics", headers);
    if (answer.status != status || strstr(answer.body, part) == NULL)
        fail_msg("wanted %d with %s, got %d: %s", status, part, answer.status, answer.body);
    web_answer_free(&answer);
}

static void this_machine_reads_them_unless_a_proxy_asks(void **state)
{
    (void)state;
    static const char *const passed_on[] = { "X-Forwarded-For: 203.0.113.5\r\n", "Forwarded: for=203.0.113.5\r\n",
                                             "X-Real-IP: 203.0.113.5\r\n", "Via: 1.1 proxy\r\n",
                                             "X-Forwarded-Host: a.example\r\n" };
    dew_app *app = start(DEW_METRICS_LOCAL);
    expect(app, NULL, 200, "dew_sql_commit 0");
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        expect(app, passed_on[i], 403, "--metrics all");
    dew_app_stop(app);
}

static void they_can_be_opened_and_closed(void **state)
{
    (void)state;
    dew_app *app = start(DEW_METRICS_ALL);
    expect(app, "X-Forwarded-For: 203.0.113.5\r\n", 200, "dew_sql_statements_total");
    dew_app_stop(app);
    app = start(DEW_METRICS_OFF);
    expect(app, NULL, 404, "NOT_FOUND");
    dew_app_stop(app);
}

static void loopback_addresses_are_known(void **state)
{
    (void)state;
    static const char *const local[] = { "127.0.0.1", "127.1.2.3", "::1", "unix", "::ffff:127.0.0.1" };
    static const char *const others[] = { "",        "128.0.0.1",       "12.7.0.1",   "::2",
                                          "fe80::1", "::ffff:10.0.0.1", "2001:db8::1" };
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        assert_true(app_is_loopback(local[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(app_is_loopback(others[i]));
}

/* One value; a name that is not there fails. */
static long long level(const dew_app *app, const char *name)
{
    char line[128];
    snprintf(line, sizeof line, "\n%s ", name);
    web_answer answer = web_get(dew_app_port(app), "/_dew/metrics", NULL);
    const char *at = strstr(answer.body, line);
    if (at == NULL)
        fail_msg("no %s in %s", name, answer.body);
    long long value = strtoll(at + strlen(line), NULL, 10);
    web_answer_free(&answer);
    return value;
}

static void await_level(const dew_app *app, const char *name, long long wanted)
{
    while (level(app, name) != wanted)
        sched_yield();
}

/* Whatever is under way on any worker is there, and is not any more afterwards. The one who asks is one of them. */
static void levels_rise_and_fall(void **state)
{
    (void)state;
    enum { PAGES = 5 };
    held_reset();
    dew_app_config config = { .site = &held_site, .served = DEW_SERVED(held_served), .workers = 3 };
    dew_app *app = NULL;
    dew_error error = { 0 };
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    int pages[PAGES], socket = web_socket(dew_app_port(app), "/_dew/ws", NULL);
    web_socket_hello(socket, "c1");
    web_socket_send(socket, "{\"type\":\"call\",\"id\":1,\"fn\":\"hold\",\"args\":{\"id\":9}}");
    for (int i = 0; i < PAGES; i++) {
        pages[i] = web_connect(dew_app_port(app));
        web_send(pages[i], "GET /one HTTP/1.1\r\nHost: localhost\r\n\r\n", 39);
    }
    held_await_begun(9, 1);
    await_level(app, "dew_requests", PAGES + 1);
    await_level(app, "dew_connections", PAGES + 2);
    await_level(app, "dew_sockets", 1);
    long long fibers = level(app, "dew_fibers");
    assert_in_range(fibers, 1 + 1, 1 + 3); /* the action, and the loader on each worker that was asked */
    assert_true(level(app, "dew_arena_bytes") > 0);
    assert_true(level(app, "dew_requests_total") > PAGES);
    assert_int_equal(level(app, "dew_requests_gone_total"), 0);
    assert_int_equal(level(app, "dew_fetches") + level(app, "dew_fetches_total") + level(app, "dew_fetch_connections"),
                     0);
    for (int i = 0; i < PAGES; i++)
        close(pages[i]);
    close(socket);
    await_level(app, "dew_requests", 1);
    await_level(app, "dew_connections", 1);
    await_level(app, "dew_sockets", 0);
    await_level(app, "dew_fibers", 0);
    assert_int_equal(level(app, "dew_requests_gone_total"), PAGES);
    assert_int_equal(level(app, "dew_orphans") + level(app, "dew_orphans_total"), 0);
    dew_app_stop(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_machine_reads_them_unless_a_proxy_asks),
        cmocka_unit_test(they_can_be_opened_and_closed),
        cmocka_unit_test(loopback_addresses_are_known),
        cmocka_unit_test(levels_rise_and_fall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
