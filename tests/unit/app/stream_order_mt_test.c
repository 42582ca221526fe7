/* stream_order_mt_test.c - pages that are sent in order (docs/protocol.md §4, "In order"), through real sockets: nothing that was sent
 * is wrong afterwards, whatever comes. */
#include "support/stream_sample.h"
#include "support/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static dew_app *app;
static int port;
static long status_lines, cookie_lines, again_lines; /* of the log; atomic access only */

static void count_line(void *context, dew_log_level level, const char *message)
{
    (void)context, (void)level;
    if (strstr(message, "dew_status(404) in a view") != NULL)
        __atomic_add_fetch(&status_lines, 1, __ATOMIC_ACQ_REL);
    if (strstr(message, "cookie marked is set by a view") != NULL)
        __atomic_add_fetch(&cookie_lines, 1, __ATOMIC_ACQ_REL);
    if (strstr(message, "/titled?_whole=1: what a streamed query brings changes") != NULL)
        __atomic_add_fetch(&again_lines, 1, __ATOMIC_ACQ_REL);
}

static int start_with(bool is_short)
{
    static const dew_duration none, some = DEW_MS(30);
    dew_error error = { 0 };
    const dew_app_config config = { .site = &stream_site,
                                    .assets = &stream_assets,
                                    .served = DEW_SERVED(stream_served, stream_guarded_served, stream_refused_served),
                                    .workers = 2,
                                    .log = count_line,
                                    .request_timeout = is_short ? some : none };
    parts_reset();
    status_lines = cookie_lines = again_lines = 0;
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    port = dew_app_port(app);
    return 0;
}

static int start(void **state)
{
    (void)state;
    return start_with(false);
}

static int stop(void **state)
{
    (void)state;
    dew_app_stop(app);
    return 0;
}

static void leave(stream_reader *reader)
{
    close(reader->fd);
    stream_dispose(reader);
}

#define ENDS(reader, text)                                                                                             \
    assert_string_equal((reader).seen + (reader).seen_len - strlen(text), text)

static void what_stands_before_the_first_that_waits_is_sent(void **state)
{
    (void)state;
    stream_reader reader = stream_open(0, port, "GET /three?_whole=1 HTTP/1.1");
    assert_non_null(strstr(reader.head, "HTTP/1.1 200 OK\r\n"));
    assert_true(reader.is_chunked);
    stream_await(&reader, "<h1>Three</h1>");
    ENDS(reader, "<div id=\"app\"><h1>Three</h1>");
    part_let_go(1);
    stream_await(&reader, "part 1");
    ENDS(reader, "<h1>Three</h1><p>part 1</p>");
    part_let_go(3);
    (void)part_await_end(3);
    part_let_go(2);
    assert_true(stream_rest(&reader));
    assert_false(stream_has(&reader, "waiting"));
    assert_false(stream_has(&reader, "dew-late"));
    assert_false(stream_has(&reader, "<noscript>"));
    ENDS(reader, "</body></html>");
    for (int i = 1; i <= 3; i++)
        assert_int_equal(part_begun(i), 1);
    leave(&reader);
}

/* Byte for byte, but for the address. */
static void it_is_the_page_that_waits_for_all(void **state)
{
    (void)state;
    for (int i = 1; i <= 3; i++)
        part_let_go(i);
    stream_reader reader = stream_open(0, port, "GET /three?_whole=1 HTTP/1.1");
    assert_true(stream_rest(&reader));
    web_answer answer = web_get(port, "/three?_whole=2", NULL);
    assert_non_null(web_header(&answer, "Content-Length"));
    for (char *at = answer.body; (at = strstr(at, "_whole=2")) != NULL;)
        at[7] = '1';
    assert_string_equal(reader.seen, answer.body);
    web_answer_free(&answer);
    leave(&reader);
}

static void failures_show_in_their_regions(void **state)
{
    (void)state;
    stream_reader reader = stream_open(0, port, "GET /failing?_whole=1 HTTP/1.1");
    for (int i = 13; i >= 10; i--)
        part_let_go(i);
    assert_true(stream_rest(&reader));
    assert_true(stream_has(&reader, "<b>&lt;/script"));
    assert_true(stream_has(&reader, "<b>a fault in the program; the log has the details (error "));
    assert_true(stream_has(&reader, "<b>see /login</b>"));
    assert_true(stream_has(&reader, "\"status\":200,"));
    assert_false(stream_has(&reader, "secret"));
    leave(&reader);
}

/* It settles while it is asked for. */
static void what_is_refused_at_once_shows_at_once(void **state)
{
    (void)state;
    stream_reader reader = stream_open(0, port, "GET /refused?_whole=1 HTTP/1.1");
    assert_true(stream_rest(&reader));
    assert_true(stream_has(&reader, "<h1>Refused</h1><b>not for you</b>"));
    leave(&reader);
}

static void what_changes_that_was_sent_leads_to_the_page_that_waits(void **state)
{
    (void)state;
    stream_reader reader = stream_open(0, port, "GET /titled?_whole=1 HTTP/1.1");
    stream_await(&reader, "<h1>Titled</h1>");
    part_let_go(1);
    assert_true(stream_rest(&reader));
    ENDS(reader, "<h1>Titled</h1><meta http-equiv=\"refresh\" content=\"0; url=/titled?_whole=2\">"
                 "<p><a href=\"/titled?_whole=2\">Go on</a></p></body></html>");
    assert_int_equal(__atomic_load_n(&again_lines, __ATOMIC_ACQUIRE), 1);
    leave(&reader);
}

static void status_and_cookies_that_come_too_late_are_told(void **state)
{
    (void)state;
    stream_reader reader = stream_open(0, port, "GET /marked?_whole=1 HTTP/1.1");
    assert_non_null(strstr(reader.head, "HTTP/1.1 200 OK\r\n"));
    part_let_go(1);
    stream_await(&reader, "part 1");
    part_let_go(2);
    assert_true(stream_rest(&reader));
    assert_null(strstr(reader.head, "Set-Cookie"));
    assert_true(stream_has(&reader, "\"status\":200,"));
    ENDS(reader, "</body></html>");
    leave(&reader);
    assert_int_equal(__atomic_load_n(&status_lines, __ATOMIC_ACQUIRE), 1);
    assert_int_equal(__atomic_load_n(&cookie_lines, __ATOMIC_ACQUIRE), 1);
}

static void what_is_not_there_in_time_shows_so(void **state)
{
    (void)state;
    start_with(true);
    stream_reader reader = stream_open(0, port, "GET /three?_whole=1 HTTP/1.1");
    assert_true(stream_rest(&reader));
    assert_true(stream_has(&reader, "<h1>Three</h1><b>"));
    assert_true(stream_has(&reader, "\"error\":{\"code\":\"TIMEOUT\""));
    ENDS(reader, "</body></html>");
    leave(&reader);
    dew_app_stop(app);
}

static void a_client_that_hangs_up_ends_the_loaders(void **state)
{
    (void)state;
    stream_reader reader = stream_open(0, port, "GET /three?_whole=1 HTTP/1.1");
    stream_await(&reader, "<h1>Three</h1>");
    for (int i = 1; i <= 3; i++)
        part_await_begun(i);
    leave(&reader);
    for (int i = 1; i <= 3; i++)
        assert_int_equal(part_await_end(i), DEW_END_CLIENT_GONE);
}

/* All are asked for in one turn of the loop, and come in one. */
static void what_comes_at_once_costs_one_render(void **state)
{
    (void)state;
    stream_reader reader = stream_open(0, port, "GET /many?_whole=1 HTTP/1.1");
    assert_true(stream_rest(&reader));
    assert_true(stream_has(&reader, "<p>quick 0</p><p>quick 1</p>"));
    assert_true(stream_has(&reader, "<p>quick 39</p>"));
    assert_false(stream_has(&reader, "waiting"));
    assert_int_equal(many_rendered(), 2);
    leave(&reader);
}

static void a_client_that_does_not_read_gets_all_when_it_does(void **state)
{
    (void)state;
    web_set_receive_len(4096);
    stream_reader reader = stream_open(0, port, "GET /large?_whole=1 HTTP/1.1");
    web_set_receive_len(0);
    for (int i = 14; i <= 17; i++) {
        part_let_go(i);
        (void)part_await_end(i);
    }
    assert_true(stream_rest(&reader));
    assert_true(reader.seen_len > 8 * LARGE_LEN); /* in the HTML, and in the state */
    ENDS(reader, "</body></html>");
    leave(&reader);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        EACH(what_stands_before_the_first_that_waits_is_sent),
        EACH(it_is_the_page_that_waits_for_all),
        EACH(failures_show_in_their_regions),
        EACH(what_is_refused_at_once_shows_at_once),
        EACH(what_changes_that_was_sent_leads_to_the_page_that_waits),
        EACH(status_and_cookies_that_come_too_late_are_told),
        cmocka_unit_test(what_is_not_there_in_time_shows_so),
        EACH(a_client_that_hangs_up_ends_the_loaders),
        EACH(what_comes_at_once_costs_one_render),
        EACH(a_client_that_does_not_read_gets_all_when_it_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
