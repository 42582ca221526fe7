/* gone_mt_test.c - a client that goes away while its answer is being made: the scopes of all that is done for it end, and
 * their cause is DEW_END_CLIENT_GONE. Real sockets: closed, reset, half closed; pages, calls, batches, forms, WebSockets. */
#include "support/held.h"
#include "support/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- the fixture ---- */

static dew_app *app;
static int port;

static int start(void **state)
{
    (void)state;
    held_reset();
    dew_app_config config = { .site = &held_site, .served = DEW_SERVED(held_served), .workers = 2 };
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

/* It has ended, since its client had gone. */
static void await_gone(int id)
{
    held_assert_ended(id, DEW_END_CLIENT_GONE, DEW_E_CANCELLED);
}

static void say(int fd, const char *text)
{
    web_send(fd, text, strlen(text));
}

static int ask(const char *text)
{
    int fd = web_connect(port);
    say(fd, text);
    return fd;
}

static int post(const char *path, const char *type, const char *body)
{
    char text[4096];
    int len = snprintf(text, sizeof text,
                       "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", path,
                       type, strlen(body), body);
    assert_true(len > 0 && (size_t)len < sizeof text);
    return ask(text);
}

static void reset(int fd)
{
    struct linger now = { .l_onoff = 1 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n"

/* ---- HTTP ---- */

static void a_page_whose_client_closes(void **state)
{
    (void)state;
    int fd = ask(GET("/one"));
    held_await_begun(1, 1);
    close(fd);
    await_gone(1);
}

static void a_page_whose_client_resets(void **state)
{
    (void)state;
    int fd = ask(GET("/one"));
    held_await_begun(1, 1);
    reset(fd);
    await_gone(1);
}

/* Its end is its hanging up, though it would still read: nobody can tell the two apart in time. No answer. */
static void a_page_whose_client_half_closes(void **state)
{
    (void)state;
    int fd = ask(GET("/one"));
    held_await_begun(1, 1);
    shutdown(fd, SHUT_WR);
    await_gone(1);
    assert_int_equal(web_read(fd, false).status, 0);
    close(fd);
}

/* What is answered before its end is read is answered. */
static void a_half_close_behind_an_answer_loses_nothing(void **state)
{
    (void)state;
    int fd = ask(GET("/health"));
    shutdown(fd, SHUT_WR);
    web_answer answer = web_read(fd, false);
    assert_int_equal(answer.status, 200);
    web_answer_free(&answer);
    close(fd);
}

static void all_loaders_of_a_page(void **state)
{
    (void)state;
    int fd = ask(GET("/both"));
    held_await_begun(1, 1);
    held_await_begun(2, 1);
    close(fd);
    await_gone(1);
    await_gone(2);
}

static void pipelined_requests_that_are_under_way(void **state)
{
    (void)state;
    int fd = ask(GET("/one") GET("/two"));
    held_await_begun(1, 1);
    held_await_begun(2, 1);
    reset(fd);
    await_gone(1);
    await_gone(2);
}

static void half_a_request_behind_it(void **state)
{
    (void)state;
    int fd = ask(GET("/one") "POST /_dew/rpc HTTP/1.1\r\nHost: loc");
    held_await_begun(1, 1);
    close(fd);
    await_gone(1);
}

static void half_a_body_behind_it(void **state)
{
    (void)state;
    int fd = ask(GET("/one") "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"fn\":");
    held_await_begun(1, 1);
    close(fd);
    await_gone(1);
}

/* More requests than are looked at, and more bytes of them than the server takes in: it has stopped reading. */
static void sent_more_than_is_read(void (*leave)(int fd))
{
    int fd = ask(GET("/one"));
    held_await_begun(1, 1);
    for (int i = 0; i < 16; i++)
        say(fd, GET("/health"));
    char *much = malloc(100000);
    for (size_t at = 0; at < 100000; at++)
        much[at] = GET("/health")[at % (sizeof GET("/health") - 1)];
    web_send(fd, much, 100000);
    free(much);
    leave(fd);
    await_gone(1);
}

static void hang_up(int fd)
{
    close(fd);
}

static void a_close_behind_more_than_is_read(void **state)
{
    (void)state;
    sent_more_than_is_read(hang_up);
}

static void a_reset_behind_more_than_is_read(void **state)
{
    (void)state;
    sent_more_than_is_read(reset);
}

static void a_call_over_rpc(void **state)
{
    (void)state;
    int query = post("/_dew/rpc", "application/json", "{\"fn\":\"held\",\"args\":{\"id\":3}}");
    int action = post("/_dew/rpc", "application/json", "{\"fn\":\"hold\",\"args\":{\"id\":4}}");
    held_await_begun(3, 1);
    held_await_begun(4, 1);
    close(query);
    reset(action);
    await_gone(3);
    await_gone(4);
}

static void every_call_of_a_batch(void **state)
{
    (void)state;
    int fd = post("/_dew/rpc", "application/json",
                  "[{\"fn\":\"held\",\"args\":{\"id\":5}},{\"fn\":\"nothing\"},{\"fn\":\"hold\",\"args\":{\"id\":6}},"
                  "{\"fn\":\"held\",\"args\":{\"id\":7}}]");
    for (int id = 5; id <= 7; id++)
        held_await_begun(id, 1);
    close(fd);
    for (int id = 5; id <= 7; id++)
        await_gone(id);
}

static void a_form(void **state)
{
    (void)state;
    int fd = post("/_dew/form/hold", "application/x-www-form-urlencoded", "_args=%7B%22id%22%3A8%7D");
    held_await_begun(8, 1);
    close(fd);
    await_gone(8);
}

/* Two wait for one run: it ends with the last of them. */
static void a_run_that_others_wait_for_goes_on(void **state)
{
    (void)state;
    const char *two = "[{\"fn\":\"held\",\"args\":{\"id\":9}},{\"fn\":\"held\",\"args\":{\"id\":9}}]";
    int fd = web_socket(port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"held\",\"args\":{\"id\":9}}");
    web_socket_send(fd, "{\"type\":\"call\",\"id\":1,\"fn\":\"held\",\"args\":{\"id\":9}}");
    held_await_begun(9, 1);
    web_socket_send(fd, "{\"type\":\"unsubscribe\",\"id\":1}");
    web_socket_send(fd, "{\"type\":\"ping\"}");
    free(web_socket_expect(fd, "pong"));
    assert_int_equal(held_get(9).ended, 0);
    assert_int_equal(held_get(9).begun, 1);
    int other = post("/_dew/rpc", "application/json", two);
    close(fd);
    close(other);
    await_gone(9);
}

/* ---- WebSocket ---- */

static void half_close(int fd)
{
    shutdown(fd, SHUT_WR);
}

static void close_frame(int fd)
{
    web_socket_frame(fd, 0x88, "\x03\xe8", 2, true);
}

static void socket_closes(void (*leave)(int fd))
{
    int fd = web_socket(port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"held\",\"args\":{\"id\":10}}");
    web_socket_send(fd, "{\"type\":\"call\",\"id\":1,\"fn\":\"held\",\"args\":{\"id\":11}}");
    web_socket_send(fd, "{\"type\":\"call\",\"id\":2,\"fn\":\"hold\",\"args\":{\"id\":12}}");
    for (int id = 10; id <= 12; id++)
        held_await_begun(id, 1);
    leave(fd);
    for (int id = 10; id <= 12; id++)
        await_gone(id);
    if (leave == half_close || leave == close_frame)
        close(fd);
}

static void a_socket_that_closes(void **state)
{
    (void)state;
    socket_closes(hang_up);
}

static void a_socket_that_is_reset(void **state)
{
    (void)state;
    socket_closes(reset);
}

static void a_socket_that_half_closes(void **state)
{
    (void)state;
    socket_closes(half_close);
}

static void a_socket_that_says_goodbye(void **state)
{
    (void)state;
    socket_closes(close_frame);
}

static void a_live_query_that_loads_anew(void **state)
{
    (void)state;
    int fd = web_socket(port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"watched\",\"args\":{\"id\":13}}");
    free(web_socket_expect(fd, "\"value\":{\"id\":13}"));
    assert_int_equal(held_stir(app), 0);
    held_await_begun(13, 1);
    close(fd);
    await_gone(13);
}

/* Whoever unsubscribes has gone as far as that query is concerned. */
static void a_subscription_that_is_taken_back(void **state)
{
    (void)state;
    int fd = web_socket(port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"held\",\"args\":{\"id\":14}}");
    held_await_begun(14, 1);
    web_socket_send(fd, "{\"type\":\"unsubscribe\",\"id\":1}");
    await_gone(14);
    close(fd);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        EACH(a_page_whose_client_closes),
        EACH(a_page_whose_client_resets),
        EACH(a_page_whose_client_half_closes),
        EACH(a_half_close_behind_an_answer_loses_nothing),
        EACH(all_loaders_of_a_page),
        EACH(pipelined_requests_that_are_under_way),
        EACH(half_a_request_behind_it),
        EACH(half_a_body_behind_it),
        EACH(a_close_behind_more_than_is_read),
        EACH(a_reset_behind_more_than_is_read),
        EACH(a_call_over_rpc),
        EACH(every_call_of_a_batch),
        EACH(a_form),
        EACH(a_run_that_others_wait_for_goes_on),
        EACH(a_socket_that_closes),
        EACH(a_socket_that_is_reset),
        EACH(a_socket_that_half_closes),
        EACH(a_socket_that_says_goodbye),
        EACH(a_live_query_that_loads_anew),
        EACH(a_subscription_that_is_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
