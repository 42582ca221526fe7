/* gone_mt_test.c - a client that goes away while its answer is being made: the scopes of all that is done for it end, and
 * their cause is DEW_END_CLIENT_GONE. Real sockets: closed, reset, half closed; pages, calls, batches, forms, WebSockets. */
#include "support/web_client.h"

#include <dew/dew.h>
#include <dew/server.h>

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define KEYS 64

#define HELD_KEY(F) F(i32, id)
DEW_STRUCT(held_key, HELD_KEY)
#define HELD_VALUE(F) F(i32, id)
DEW_STRUCT(held_value, HELD_VALUE)

DEW_QUERY(held, held_key, held_value)       /* waits without end */
DEW_QUERY(watched, held_key, held_value)    /* waits without end from its second run on */
DEW_ACTION(hold, held_key, dew_none)        /* waits without end */
DEW_SIGNAL(stirred, "stirred")

/* What became of the handler of each key. Atomic access only. */
static struct {
    int begun, ended;  /* how often */
    int end, code;     /* of the last: its scope's cause, what waiting returned */
} seen[KEYS];

static int get(const int *number)
{
    return __atomic_load_n(number, __ATOMIC_ACQUIRE);
}

static int wait_for_ever(dew_scope *scope, int id)
{
    __atomic_add_fetch(&seen[id].begun, 1, __ATOMIC_ACQ_REL);
    int code = dew_sleep(scope, 3600000);
    const dew_cause *cause = dew_scope_cause(scope);
    __atomic_store_n(&seen[id].end, cause != NULL ? (int)cause->end : DEW_END_NONE, __ATOMIC_RELEASE);
    __atomic_store_n(&seen[id].code, code, __ATOMIC_RELEASE);
    __atomic_add_fetch(&seen[id].ended, 1, __ATOMIC_ACQ_REL);
    return code;
}

static int load_held(dew_scope *scope, const held_key *key, held_value *out)
{
    out->id = key->id;
    return wait_for_ever(scope, key->id);
}

static int load_watched(dew_scope *scope, const held_key *key, held_value *out)
{
    int failed = stirred_watch(scope);
    out->id = key->id;
    if (failed == 0 && __atomic_add_fetch(&seen[key->id].begun, 1, __ATOMIC_ACQ_REL) > 1)
        failed = wait_for_ever(scope, key->id);
    return failed;
}

static int run_hold(dew_scope *scope, const held_key *key, dew_none *out)
{
    (void)out;
    return wait_for_ever(scope, key->id);
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(held, .load = load_held, .timeout = DEW_NEVER),
    DEW_SERVE_QUERY(watched, .load = load_watched),
    DEW_SERVE_ACTION(hold, .run = run_hold, .timeout = DEW_NEVER),
    DEW_SERVED_END,
};

static void held_view(int id)
{
    const held_value *value = need(use_held((held_key){ id }));
    el(p) textf("%d", value->id);
}

static void one_view(void)
{
    held_view(1);
}

static void two_view(void)
{
    held_view(2);
}

/* One that waits inside another pass: both loaders of the page are under way at once. */
static void both_view(void)
{
    const held_value *first = use_held((held_key){ 1 }), *second = use_held((held_key){ 2 });
    el(p) textf("%d", need(first)->id + need(second)->id);
}

static const dew_page one_page = { .path = "/one", .view = one_view }, two_page = { .path = "/two", .view = two_view },
                      both_page = { .path = "/both", .view = both_view };
DEW_SITE(gone, .name = "Gone", .pages = DEW_PAGES(&one_page, &two_page, &both_page))

/* ---- the fixture ---- */

static dew_app *app;
static int port;

static int start(void **state)
{
    (void)state;
    memset(seen, 0, sizeof seen);
    dew_app_config config = { .site = &gone_site, .served = DEW_SERVED(served), .workers = 2 };
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

/* The handler of this key has begun so many times. */
static void await_begun(int id, int times)
{
    while (get(&seen[id].begun) < times)
        sched_yield();
}

/* It has ended, since its client had gone. */
static void await_gone(int id)
{
    while (get(&seen[id].ended) == 0)
        sched_yield();
    assert_int_equal(get(&seen[id].end), DEW_END_CLIENT_GONE);
    assert_int_equal(get(&seen[id].code), DEW_E_CANCELLED);
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
    await_begun(1, 1);
    close(fd);
    await_gone(1);
}

static void a_page_whose_client_resets(void **state)
{
    (void)state;
    int fd = ask(GET("/one"));
    await_begun(1, 1);
    reset(fd);
    await_gone(1);
}

/* Its end is its hanging up, though it would still read: nobody can tell the two apart in time. No answer. */
static void a_page_whose_client_half_closes(void **state)
{
    (void)state;
    int fd = ask(GET("/one"));
    await_begun(1, 1);
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
    await_begun(1, 1);
    await_begun(2, 1);
    close(fd);
    await_gone(1);
    await_gone(2);
}

static void pipelined_requests_that_are_under_way(void **state)
{
    (void)state;
    int fd = ask(GET("/one") GET("/two"));
    await_begun(1, 1);
    await_begun(2, 1);
    reset(fd);
    await_gone(1);
    await_gone(2);
}

static void half_a_request_behind_it(void **state)
{
    (void)state;
    int fd = ask(GET("/one") "POST /_dew/rpc HTTP/1.1\r\nHost: loc");
    await_begun(1, 1);
    close(fd);
    await_gone(1);
}

static void half_a_body_behind_it(void **state)
{
    (void)state;
    int fd = ask(GET("/one") "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"fn\":");
    await_begun(1, 1);
    close(fd);
    await_gone(1);
}

/* More requests than are looked at, and more bytes of them than the server takes in: it has stopped reading. */
static void sent_more_than_is_read(void (*leave)(int fd))
{
    int fd = ask(GET("/one"));
    await_begun(1, 1);
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
    await_begun(3, 1);
    await_begun(4, 1);
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
        await_begun(id, 1);
    close(fd);
    for (int id = 5; id <= 7; id++)
        await_gone(id);
}

static void a_form(void **state)
{
    (void)state;
    int fd = post("/_dew/form/hold", "application/x-www-form-urlencoded", "_args=%7B%22id%22%3A8%7D");
    await_begun(8, 1);
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
    await_begun(9, 1);
    web_socket_send(fd, "{\"type\":\"unsubscribe\",\"id\":1}");
    web_socket_send(fd, "{\"type\":\"ping\"}");
    free(web_socket_expect(fd, "pong"));
    assert_int_equal(get(&seen[9].ended), 0);
    assert_int_equal(get(&seen[9].begun), 1);
    int other = post("/_dew/rpc", "application/json", two);
    close(fd);
    close(other);
    await_gone(9);
}

/* ---- WebSocket ---- */

static void socket_closes(void (*leave)(int fd))
{
    int fd = web_socket(port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"held\",\"args\":{\"id\":10}}");
    web_socket_send(fd, "{\"type\":\"call\",\"id\":1,\"fn\":\"held\",\"args\":{\"id\":11}}");
    web_socket_send(fd, "{\"type\":\"call\",\"id\":2,\"fn\":\"hold\",\"args\":{\"id\":12}}");
    for (int id = 10; id <= 12; id++)
        await_begun(id, 1);
    leave(fd);
    for (int id = 10; id <= 12; id++)
        await_gone(id);
}

static void half_close(int fd)
{
    shutdown(fd, SHUT_WR);
}

static void close_frame(int fd)
{
    web_socket_frame(fd, 0x88, "\x03\xe8", 2, true);
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
    assert_int_equal(stirred_publish(app), 0);
    await_begun(13, 3); /* by the loader, and again by its waiting */
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
    await_begun(14, 1);
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
