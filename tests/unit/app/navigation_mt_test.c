/* navigation_mt_test.c - a newer navigation of a tab drops the older ones that are under way, also on another worker and
 * over a connection that stays open. labels: multi-worker */
#include "app/navigations.h"

#include "support/held.h"
#include "support/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define WORKERS 3

static dew_app *app;
static int port;

static int start(void **state)
{
    (void)state;
    held_reset();
    dew_app_config config = { .site = &held_site, .served = DEW_SERVED(held_served), .workers = WORKERS };
    dew_error error = { 0 };
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    port = dew_app_port(app);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    dew_app_stop(app);
    return 0;
}

/* Asks for a page's state as the navigation `name` ("tab.n"; NULL: of none) over this connection. */
static void go_over(int fd, const char *path, const char *name)
{
    char text[512];
    int len =
        snprintf(text, sizeof text,
                 "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/vnd.dew.state+json\r\n%s%s%s\r\n", path,
                 name != NULL ? "Dew-Navigation: " : "", name != NULL ? name : "", name != NULL ? "\r\n" : "");
    web_send(fd, text, (size_t)len);
}

static int go(const char *path, const char *name)
{
    int fd = web_connect(port);
    go_over(fd, path, name);
    return fd;
}

static void expect(int fd, int status, const char *part)
{
    web_answer answer = web_read(fd, false);
    if (answer.status != status || strstr(answer.body, part) == NULL)
        fail_msg("wanted %d with %s, got %d: %s", status, part, answer.status, answer.body);
    web_answer_free(&answer);
}

static void expect_superseded(int fd)
{
    expect(fd, 499, "\"code\":\"CANCELLED\",\"message\":\"a newer navigation of this tab came\"");
    held_assert_ended(1, DEW_END_SUPERSEDED, DEW_E_CANCELLED);
}

/* Connections go to the workers in turn, so the next ones are of each of them. */
static void from_every_worker(void **state)
{
    for (int others = 0; others < WORKERS; others++) {
        if (others > 0)
            assert_int_equal(start(state), 0);
        int older = go("/one", "tab.1");
        held_await_begun(1, 1);
        for (int i = 0; i < others; i++)
            close(web_connect(port));
        int newer = go("/three", "tab.2");
        expect(newer, 200, "\"fn\":\"at_once\"");
        expect_superseded(older);
        go_over(older, "/three", "tab.3"); /* its connection is as good as before */
        expect(older, 200, "\"fn\":\"at_once\"");
        close(older);
        close(newer);
        if (others < WORKERS - 1)
            stop(state);
    }
}

static void over_the_same_connection(void **state)
{
    (void)state;
    int fd = go("/one", "tab.1");
    held_await_begun(1, 1);
    go_over(fd, "/three", "tab.2");
    expect_superseded(fd);
    expect(fd, 200, "\"fn\":\"at_once\"");
    close(fd);
}

static void every_older_one(void **state)
{
    (void)state;
    int first = go("/one", "tab.1"), second = go("/two", "tab.2");
    held_await_begun(1, 1);
    held_await_begun(2, 1);
    int newer = go("/three", "tab.9");
    expect(newer, 200, "at_once");
    expect_superseded(first);
    expect(second, 499, "CANCELLED");
    held_assert_ended(2, DEW_END_SUPERSEDED, DEW_E_CANCELLED);
    close(first);
    close(second);
    close(newer);
}

static void nobody_elses(void **state)
{
    (void)state;
    static const char *const others[] = { "tab.1", "tab.2", "other.9", "ta.9",   "tab1.9", "tab.",
                                          "tab",   ".9",    "tab.-3",  "tab.9x", "t b.9",  "tab.99999999999999999999",
                                          NULL };
    int fd = go("/one", "tab.2");
    held_await_begun(1, 1);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        for (int worker = 0; worker < WORKERS; worker++) {
            int other = go("/three", others[i]);
            expect(other, 200, "at_once");
            close(other);
        }
    web_answer page = web_get(port, "/three", "Dew-Navigation: tab.3\r\n"); /* a document: the tab's next life */
    assert_int_equal(page.status, 200);
    web_answer_free(&page);
    assert_int_equal(held_get(1).ended, 0);
    int newer = go("/three", "tab.3");
    expect_superseded(fd);
    expect(newer, 200, "at_once");
    close(newer);
    close(fd);
}

/* Another reader waits for the same run. */
static void what_others_wait_for_goes_on(void **state)
{
    (void)state;
    int fd = web_connect(port);
    go_over(fd, "/one", "tab.1");
    go_over(fd, "/one", "other.1");
    held_await_begun(1, 1);
    go_over(fd, "/three", "tab.2");
    expect(fd, 499, "CANCELLED");
    assert_int_equal(held_get(1).ended, 0);
    assert_int_equal(held_get(1).begun, 1);
    close(fd);
    held_assert_ended(1, DEW_END_CLIENT_GONE, DEW_E_CANCELLED);
}

static void who_hung_up_is_not_told(void **state)
{
    (void)state;
    int older = go("/one", "tab.1");
    held_await_begun(1, 1);
    close(older);
    held_assert_ended(1, DEW_END_CLIENT_GONE, DEW_E_CANCELLED);
    int newer = go("/three", "tab.2");
    expect(newer, 200, "at_once");
    close(newer);
}

/* ---- the table ---- */

static size_t superseded_count;

static void superseded(app_navigation *navigation)
{
    assert_null(navigation->link.next);
    superseded_count++;
}

static void the_table_is_bounded(void **state)
{
    (void)state;
    static app_navigation some[APP_NAVIGATIONS_MAX + 10];
    app_worker worker = { .index = 0 };
    dew_app one = { .workers = &worker, .worker_count = 1 };
    worker.app = &one;
    app_navigations_init(&worker.navigations);
    superseded_count = 0;
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        some[i] = (app_navigation){
            .worker = &worker, .tab = DEW_S("tab"), .number = (int64_t)i + 1, .superseded = superseded
        };
        app_navigation_wait(&some[i]);
    }
    assert_int_equal(worker.navigations.count, APP_NAVIGATIONS_MAX);
    app_navigation_end(&some[0]);
    app_navigation_end(&some[0]);
    app_navigation_begin(&(app_navigation){ .worker = &worker, .tab = DEW_S("tab"), .number = 100 });
    assert_int_equal(superseded_count, 98);
    app_navigation_begin(&(app_navigation){ .worker = &worker, .tab = DEW_S("tab"), .number = INT64_MAX });
    assert_int_equal(superseded_count, APP_NAVIGATIONS_MAX - 1);
    assert_int_equal(worker.navigations.count, 0);
}

static void names_are_checked(void **state)
{
    (void)state;
    app_navigation navigation = { 0 };
    assert_true(app_navigation_read(DEW_S("a-Z_09.12"), &navigation));
    assert_true(dew_str_eq(navigation.tab, DEW_S("a-Z_09")));
    assert_int_equal(navigation.number, 12);
    assert_true(app_navigation_read(DEW_S("12345678901234567890123456789012.1"), &navigation));
    static const char *const wrong[] = {
        "", "a", "a.", ".1", "a.0", "a.-1", "a.1.2", "a b.1", "\xc3\xa4.1", "123456789012345678901234567890123.1"
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(app_navigation_read(dew_str_of(wrong[i]), &navigation));
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        EACH(from_every_worker),
        EACH(over_the_same_connection),
        EACH(every_older_one),
        EACH(nobody_elses),
        EACH(what_others_wait_for_goes_on),
        EACH(who_hung_up_is_not_told),
        cmocka_unit_test(the_table_is_bounded),
        cmocka_unit_test(names_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
