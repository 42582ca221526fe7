/* stream_mt_test.c - pages that are sent in chunks (docs/protocol.md §4, "What comes late"), through real sockets: what stands in the
 * first part, the order of what follows, errors, how it ends. */
#include "app/hook.h"
#include "support/stream_sample.h"
#include "support/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static dew_app *app;
static int port;

static void ignore_line(void *context, dew_log_level level, const char *message)
{
    (void)context, (void)level, (void)message;
}

static void start_as(bool is_short, unsigned workers, const app_hook *hook)
{
    static const dew_duration none, some = DEW_MS(30);
    dew_error error = { 0 };
    const dew_app_config config = { .site = &stream_site,
                                    .assets = &stream_assets,
                                    .served = DEW_SERVED(stream_served, stream_guarded_served, stream_refused_served),
                                    .workers = workers,
                                    .log = ignore_line,
                                    .drain = DEW_MS(1),
                                    .request_timeout = is_short ? some : none };
    if (app_start_hooked(&config, hook, &app, &error) != 0)
        fail_msg("%s", error.message);
    port = dew_app_port(app);
}

static void start_with(bool is_short, unsigned workers)
{
    start_as(is_short, workers, NULL);
}

static int start(void **state)
{
    (void)state;
    parts_reset();
    start_with(false, 2);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    dew_app_stop(app);
    return 0;
}

/* Chunks and states end so when more follows. */
#define SHELL_END "later.js\"></script>\n"
#define TOKEN(n) "<script type=\"application/json\" class=\"dew-late\">{\"fn\":\"part\",\"schema\":"
#define ARGS(n) "\"args\":{\"number\":" #n "}"

static size_t count_of(const stream_reader *reader, const char *part)
{
    size_t count = 0;
    for (const char *at = reader->seen; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

static stream_reader get(const char *path)
{
    char line[256];
    snprintf(line, sizeof line, "GET %s HTTP/1.1", path);
    return stream_open(0, port, line);
}

static void leave(stream_reader *reader)
{
    close(reader->fd);
    stream_dispose(reader);
}

/* ---- what is sent ---- */

static void the_page_is_there_before_any_part_is(void **state)
{
    (void)state;
    stream_reader reader = get("/three");
    assert_non_null(strstr(reader.head, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(reader.head, "Cache-Control: private, no-store\r\n"));
    assert_true(reader.is_chunked);
    assert_null(strstr(reader.head, "Content-Length"));
    stream_await(&reader, SHELL_END);
    assert_int_equal(count_of(&reader, "<i>waiting</i>"), 3);
    assert_true(
        stream_has(&reader,
                   "\"queries\":[],\"late\":[{\"fn\":\"part\",\"args\":{\"number\":1}},{\"fn\":\"part\",\"args\":{"
                   "\"number\":2}},{\"fn\":\"part\",\"args\":{\"number\":3}}]}</script>"
                   "<script type=\"module\" async src=\"/_dew/client.1.later.js\"></script>\n"));
    assert_true(stream_has(&reader, "<noscript><meta http-equiv=\"refresh\" content=\"0; url=/three?_whole=1\"><p><a "
                                    "href=\"/three?_whole=1\">The whole page</a></p></noscript>"));
    assert_false(stream_has(&reader, "dew-late"));
    assert_false(stream_has(&reader, "</body>"));
    leave(&reader);
}

static void parts_come_in_the_order_in_which_they_are_there(void **state)
{
    (void)state;
    stream_reader reader = get("/three");
    stream_await(&reader, SHELL_END);
    for (int i = 3; i >= 1; i--) {
        char value[64];
        snprintf(value, sizeof value, "\"value\":{\"text\":\"part %d\"}}</script><!---->\n", i);
        assert_false(stream_has(&reader, value));
        part_let_go(i);
        stream_await(&reader, value);
        assert_int_equal(count_of(&reader, "class=\"dew-late\""), 4 - i);
    }
    assert_true(stream_rest(&reader));
    const char *first = strstr(reader.seen, TOKEN(3)), *end = strstr(reader.seen, "</body></html>");
    assert_non_null(first);
    assert_non_null(strstr(first, ARGS(3) ",\"at\":[\"0\",\"0\"],\"hash\":\""));
    assert_non_null(end);
    assert_int_equal(strlen(end), strlen("</body></html>"));
    for (int i = 1; i <= 3; i++)
        assert_int_equal(part_begun(i), 1);
    leave(&reader);
}

static void the_connection_is_used_again(void **state)
{
    (void)state;
    stream_reader reader = get("/three");
    for (int i = 1; i <= 3; i++)
        part_let_go(i);
    assert_true(stream_rest(&reader));
    int fd = reader.fd;
    stream_dispose(&reader);
    for (int i = 0; i < 2; i++) {
        stream_reader again = stream_open(fd, port, i == 0 ? "GET /three HTTP/1.1" : "HEAD /plain HTTP/1.1");
        assert_non_null(strstr(again.head, "HTTP/1.1 200 OK\r\n"));
        if (i == 0)
            assert_true(stream_rest(&again));
        stream_dispose(&again);
    }
    close(fd);
}

static void a_page_that_waits_for_nothing_comes_whole(void **state)
{
    (void)state;
    web_answer answer = web_get(port, "/plain", NULL);
    assert_non_null(web_header(&answer, "Content-Length"));
    assert_null(strstr(answer.body, "\"late\""));
    assert_null(strstr(answer.body, "later.js"));
    assert_non_null(strstr(answer.body, "\"queries\":[]}</script></body></html>"));
    web_answer_free(&answer);
}

/* The page waits for `base`: meanwhile part 1 comes, and stands in the page; part 10 fails, and is told after it. */
static void what_is_there_before_the_page_stands_in_it_and_no_failure_is_the_pages(void **state)
{
    (void)state;
    parts_reset();
    start_with(false, 1); /* so that what another client is told comes after it */
    int fd = web_connect(port);
    const char request[] = "GET /based HTTP/1.1\r\nHost: localhost\r\n\r\n";
    web_send(fd, request, sizeof request - 1);
    for (int number = 1; number <= 10; number += 9) {
        part_await_begun(number);
        part_let_go(number);
        (void)part_await_end(number);
    }
    web_answer other = web_get(port, "/health", NULL); /* a turn or two later; both results have been told */
    web_answer_free(&other);
    part_let_go(20);
    stream_reader reader = stream_read(fd);
    assert_non_null(strstr(reader.head, "HTTP/1.1 200 OK\r\n"));
    assert_true(stream_rest(&reader));
    assert_true(stream_has(&reader, "<p>part 20</p><p>part 1</p><i>waiting</i>"));
    assert_true(stream_has(&reader, "\"late\":[{\"fn\":\"part\",\"args\":{\"number\":10}}]"));
    assert_true(stream_has(&reader, "\"error\":{\"code\":\"CONFLICT\""));
    assert_int_equal(count_of(&reader, "CONFLICT"), 1);
    assert_int_equal(count_of(&reader, "class=\"dew-late\""), 1);
    assert_int_equal(part_begun(1), 1);
    leave(&reader);
    dew_app_stop(app);
}

static void over_http_1_0_until_the_connections_end(void **state)
{
    (void)state;
    stream_reader reader = stream_open(0, port, "GET /three HTTP/1.0\r\nConnection: keep-alive");
    assert_non_null(strstr(reader.head, "Connection: close\r\n"));
    assert_false(reader.is_chunked);
    stream_await(&reader, SHELL_END);
    for (int i = 1; i <= 3; i++)
        part_let_go(i);
    assert_true(stream_rest(&reader));
    assert_string_equal(reader.seen + reader.seen_len - strlen("</body></html>"), "</body></html>");
    assert_int_equal(count_of(&reader, "class=\"dew-late\""), 3);
    leave(&reader);
}

static void head_has_the_head_alone_and_loads_nothing(void **state)
{
    (void)state;
    stream_reader reader = stream_open(0, port, "HEAD /three HTTP/1.1");
    assert_non_null(strstr(reader.head, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(reader.head, "Content-Type: text/html"));
    assert_null(strstr(reader.head, "Content-Length"));
    stream_reader next = stream_open(reader.fd, port, "HEAD /plain HTTP/1.1"); /* nothing stands between the two */
    assert_non_null(strstr(next.head, "HTTP/1.1 200 OK\r\n"));
    for (int i = 1; i <= 3; i++)
        assert_int_equal(part_begun(i), 0);
    stream_dispose(&next);
    leave(&reader);
}

static void a_pages_state_does_not_wait(void **state)
{
    (void)state;
    web_answer answer = web_get(port, "/three", "Accept: application/vnd.dew.state+json\r\n");
    assert_non_null(strstr(answer.body, "\"queries\":[]}"));
    assert_int_equal(part_begun(1), 0);
    web_answer_free(&answer);
}

static void behind_guards_of_page_and_query(void **state)
{
    (void)state;
    stream_reader reader = get("/behind");
    stream_await(&reader, SHELL_END);
    part_await_begun(21);
    part_let_go(21);
    stream_await(&reader, "\"value\":{\"text\":\"part 21\"}}</script><!---->\n");
    assert_true(stream_has(&reader, "{\"fn\":\"guarded_part\",\"schema\""));
    part_let_go(1);
    assert_true(stream_rest(&reader));
    assert_int_equal(count_of(&reader, "class=\"dew-late\""), 2);
    leave(&reader);
}

/* ---- errors ---- */

static void failures_come_as_errors_that_the_page_cannot_be_broken_with(void **state)
{
    (void)state;
    stream_reader reader = get("/failing");
    stream_await(&reader, SHELL_END);
    for (int i = 10; i <= 13; i++)
        part_let_go(i);
    assert_true(stream_rest(&reader));
    assert_true(stream_has(&reader, "\"args\":{\"number\":10},\"error\":{\"code\":\"CONFLICT\",\"message\":\"\\u003c/"
                                    "script>\\u003cb>\\u2028\"}}</script><!---->\n"));
    assert_true(stream_has(
        &reader,
        "\"error\":{\"code\":\"INTERNAL\",\"message\":\"a fault in the program; the log has the details (error "));
    assert_false(stream_has(&reader, "secret"));
    assert_true(stream_has(&reader, "\"error\":{\"code\":\"REDIRECT\",\"message\":\"see "
                                    "/login\",\"status\":303,\"location\":\"/login\"}}</script><!---->\n"));
    assert_true(
        stream_has(&reader, "\"value\":{\"text\":\"\\u003c/script>\\u003c!--\\u2028\\u2029\"}}</script><!---->\n"));
    leave(&reader);
}

static void what_is_not_there_in_time_is_an_error(void **state)
{
    (void)state;
    parts_reset();
    start_with(true, 2);
    stream_reader reader = get("/three");
    assert_true(stream_rest(&reader));
    assert_int_equal(count_of(&reader, "\"error\":{\"code\":\"TIMEOUT\""), 3);
    assert_string_equal(reader.seen + reader.seen_len - strlen("</body></html>"), "</body></html>");
    assert_int_equal(part_await_end(1), DEW_END_DEADLINE);
    leave(&reader);
    dew_app_stop(app);
}

/* ---- the end ---- */

static void a_client_that_hangs_up_ends_the_loaders(void **state)
{
    (void)state;
    stream_reader reader = get("/three");
    stream_await(&reader, SHELL_END);
    for (int i = 1; i <= 3; i++)
        part_await_begun(i);
    leave(&reader);
    for (int i = 1; i <= 3; i++)
        assert_int_equal(part_await_end(i), DEW_END_CLIENT_GONE);
}

static void others_that_wait_for_them_get_them(void **state)
{
    (void)state;
    parts_reset();
    start_with(false, 1); /* so that they share a run */
    stream_reader reader = get("/three");
    stream_await(&reader, SHELL_END);
    stream_reader second = stream_open(0, port, "GET /three HTTP/1.1");
    stream_await(&second, SHELL_END);
    leave(&reader);
    part_let_go(2);
    stream_await(&second, "part 2");
    assert_int_equal(part_begun(2), 1);
    leave(&second);
    dew_app_stop(app);
}

static void a_server_that_stops_ends_them_in_order(void **state)
{
    (void)state;
    parts_reset();
    start_with(false, 2);
    stream_reader reader = get("/three");
    stream_await(&reader, SHELL_END);
    part_let_go(2);
    stream_await(&reader, "part 2");
    dew_app_stop(app);
    assert_true(stream_rest(&reader));
    assert_int_equal(count_of(&reader, "\"error\":{\"code\":\"CLOSED\""), 2);
    assert_string_equal(reader.seen + reader.seen_len - strlen("</body></html>"), "</body></html>");
    char byte;
    assert_int_equal(recv(reader.fd, &byte, 1, 0), 0);
    leave(&reader);
}

/* Four times as much as may wait: what is not taken stays where it is, and comes when there is room. */
static void a_client_that_does_not_read_gets_all_when_it_does(void **state)
{
    (void)state;
    web_set_receive_len(4096);
    stream_reader reader = get("/large");
    web_set_receive_len(0);
    for (int i = 14; i <= 17; i++) {
        part_let_go(i);
        (void)part_await_end(i);
    }
    assert_true(stream_rest(&reader));
    assert_int_equal(count_of(&reader, "class=\"dew-late\""), 4);
    assert_true(reader.seen_len > 4 * LARGE_LEN);
    leave(&reader);
}

/* The answer before it, of which the client has read the head alone, has filled the connection's queue when the page is sent. */
static void the_page_comes_whole_behind_an_answer_that_still_waits(void **state)
{
    (void)state;
    parts_reset();
    start_with(false, 1); /* so that what another client is told comes after it */
    web_set_receive_len(4096);
    int fd = web_connect(port);
    web_set_receive_len(0);
    const char requests[] = "GET /large?_whole=2 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            "GET /based HTTP/1.1\r\nHost: localhost\r\n\r\n";
    web_send(fd, requests, sizeof requests - 1);
    part_await_begun(20);
    for (int i = 14; i <= 17; i++)
        part_let_go(i);
    stream_reader before = stream_read(fd);
    part_let_go(20);
    (void)part_await_end(20);
    for (int i = 0; i < 2; i++) {
        web_answer other = web_get(port, "/health", NULL); /* a turn or two later: the page has been sent */
        web_answer_free(&other);
    }
    assert_true(stream_rest(&before));
    assert_true(before.seen_len > 8 * LARGE_LEN);
    stream_dispose(&before);
    stream_reader reader = stream_read(fd);
    stream_await(&reader, SHELL_END);
    assert_true(stream_has(&reader, "<p>part 20</p>"));
    part_let_go(1);
    part_let_go(10);
    assert_true(stream_rest(&reader));
    assert_int_equal(count_of(&reader, "class=\"dew-late\""), 2);
    leave(&reader);
    dew_app_stop(app);
}

static void pass_by(void *context, const char *point)
{
    (void)context, (void)point;
}

static void a_comment_comes_while_nothing_does(void **state)
{
    (void)state;
    static const app_hook often = { .at = pass_by, .beat_ms = 1 };
    parts_reset();
    start_as(false, 2, &often);
    stream_reader reader = get("/three");
    stream_await(&reader, SHELL_END "<!---->\n<!---->\n");
    leave(&reader);
    dew_app_stop(app);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        EACH(the_page_is_there_before_any_part_is),
        EACH(parts_come_in_the_order_in_which_they_are_there),
        EACH(the_connection_is_used_again),
        EACH(a_page_that_waits_for_nothing_comes_whole),
        cmocka_unit_test(what_is_there_before_the_page_stands_in_it_and_no_failure_is_the_pages),
        EACH(over_http_1_0_until_the_connections_end),
        EACH(head_has_the_head_alone_and_loads_nothing),
        EACH(a_pages_state_does_not_wait),
        EACH(behind_guards_of_page_and_query),
        EACH(failures_come_as_errors_that_the_page_cannot_be_broken_with),
        cmocka_unit_test(what_is_not_there_in_time_is_an_error),
        EACH(a_client_that_hangs_up_ends_the_loaders),
        cmocka_unit_test(others_that_wait_for_them_get_them),
        cmocka_unit_test(a_server_that_stops_ends_them_in_order),
        EACH(a_client_that_does_not_read_gets_all_when_it_does),
        cmocka_unit_test(the_page_comes_whole_behind_an_answer_that_still_waits),
        cmocka_unit_test(a_comment_comes_while_nothing_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
