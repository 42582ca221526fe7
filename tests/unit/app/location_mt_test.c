/* location_mt_test.c - where the reader is, as handlers see it, through every door; and the words of clients who lie about it.
 *
 * labels: multi-worker */
#include "support/web_client.h"

#include <dew/dew.h>
#include <dew/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define BOARD_KEY(F) F(str, board_id) F(opt(i32), delay)
DEW_STRUCT(board_key, BOARD_KEY)
DEW_ROUTE(board, "/board/:board_id", board_key)
#define PLACE(F) F(str, pattern) F(str, board_id) F(str, delay) F(i64, runs)
DEW_STRUCT(place, PLACE)
#define TYPED(F) F(str, board_id) F(i32, delay)
DEW_STRUCT(typed, TYPED)

DEW_QUERY(where, dew_none, place)     /* reads all of it */
DEW_QUERY(board_of, dew_none, place)  /* reads the board alone */
DEW_QUERY(typed_place, dew_none, typed)
DEW_QUERY(anywhere, dew_none, place)
DEW_ACTION(here, dew_none, place)
DEW_SIGNAL(moved, "moved")

static long runs;

static void board_view(void)
{
    const place *at = need(use_where());
    el(p) textf("%s board %s delay %s", at->pattern.ptr, at->board_id.ptr, at->delay.ptr);
}

static void typed_view(void)
{
    const typed *at = need(use_typed_place());
    el(p) textf("board %s after %d", at->board_id.ptr, at->delay);
}

static void unplaced_view(void)
{
    const place *at = need(use_anywhere());
    el(p) text(at->board_id);
}

static const dew_page unplaced = { .path = "/unplaced", .view = unplaced_view };
static const dew_page board = { .route = &board_route, .view = board_view },
                      plain = { .path = "/plain", .view = board_view },
                      board_typed = { .path = "/typed/:board_id", .view = typed_view };
DEW_SITE(places, .name = "Places", .pages = DEW_PAGES(&board, &plain, &board_typed, &unplaced))

static void read_place(dew_scope *scope, place *out)
{
    out->pattern = dew_str_of(dew_scope_pattern(scope));
    out->board_id = dew_scope_param(scope, "board_id");
    out->delay = dew_scope_query(scope, "delay");
    out->runs = __atomic_add_fetch(&runs, 1, __ATOMIC_ACQ_REL);
}

static int load_where(dew_scope *scope, const dew_none *none, place *out)
{
    (void)none;
    read_place(scope, out);
    return moved_watch(scope);
}

static int load_board_of(dew_scope *scope, const dew_none *none, place *out)
{
    (void)none;
    *out = (place){ .pattern = S(""), .board_id = dew_scope_param(scope, "board_id"), .delay = S("") };
    out->runs = __atomic_add_fetch(&runs, 1, __ATOMIC_ACQ_REL);
    return 0;
}

static int load_anywhere(dew_scope *scope, const dew_none *none, place *out)
{
    (void)scope, (void)none;
    *out = (place){ .pattern = S(""), .board_id = S("any"), .delay = S("") };
    return 0;
}

static int load_typed(dew_scope *scope, const dew_none *none, typed *out)
{
    (void)none;
    board_key key;
    int failed = dew_scope_params(scope, board, &key);
    *out = (typed){ key.board_id, key.delay.value };
    return failed;
}

static int run_here(dew_scope *scope, const dew_none *none, place *out)
{
    (void)none;
    read_place(scope, out);
    return 0;
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(where, .load = load_where),       DEW_SERVE_QUERY(board_of, .load = load_board_of),
    DEW_SERVE_QUERY(typed_place, .load = load_typed), DEW_SERVE_ACTION(here, .run = run_here),
    DEW_SERVE_QUERY(anywhere, .load = load_anywhere), DEW_SERVED_END
};

static dew_app *app;
static int port;

static int set_up(void **state)
{
    (void)state;
    dew_error error = { 0 };
    runs = 0;
    int failed = dew_app_start(&(dew_app_config){ .site = &places_site, .served = DEW_SERVED(served), .workers = 2 },
                               &app, &error);
    if (failed != 0)
        fail_msg("%s", error.message);
    port = dew_app_port(app);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dew_app_stop(app);
    return 0;
}

static void assert_answer(web_answer answer, int status, const char *part)
{
    if (answer.status != status || answer.body == NULL || strstr(answer.body, part) == NULL)
        fail_msg("wanted %d with %s, got %d: %s", status, part, answer.status, answer.body);
    web_answer_free(&answer);
}

static void assert_heard(int fd, const char *part)
{
    char *text = web_socket_read(fd, NULL);
    if (text == NULL || strstr(text, part) == NULL)
        fail_msg("wanted %s, got %s", part, text != NULL ? text : "the end");
    free(text);
}

#define AT(id, delay) "\"pattern\":\"/board/:board_id\",\"board_id\":\"" id "\",\"delay\":\"" delay "\""
#define NOWHERE "\"pattern\":\"\",\"board_id\":\"\",\"delay\":\"\""

static void a_page_is_at_its_own_address(void **state)
{
    (void)state;
    assert_answer(web_get(port, "/board/b%201?delay=5", NULL), 200, "/board/:board_id board b 1 delay 5");
    assert_answer(web_get(port, "/plain?delay=%2B7", NULL), 200, "/plain board  delay +7");
    assert_answer(web_get(port, "/board/b1", "Accept: application/vnd.dew.state+json\r\n"), 200, AT("b1", ""));
    assert_answer(web_get(port, "/typed/b1", NULL), 404, "html"); /* it is no page of the route board */
    dew_rendered page;
    assert_int_equal(dew_render_url(app, "/board/b9?delay=3", NULL, &page), 0);
    assert_non_null(strstr(page.body, "board b9 delay 3"));
    dew_rendered_dispose(&page);
}

static void a_state_says_what_depends_on_the_address(void **state)
{
    (void)state;
    static const char accept[] = "Accept: application/vnd.dew.state+json\r\n";
    assert_answer(web_get(port, "/board/b1", accept), 200, "\"located\":true,\"value\":{\"pattern\"");
    web_answer answer = web_get(port, "/unplaced", accept);
    assert_non_null(strstr(answer.body, "\"hash\":\""));
    assert_null(strstr(answer.body, "located"));
    web_answer_free(&answer);
}

static void calls_say_what_is_shown(void **state)
{
    (void)state;
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"where\",\"location\":\"/board/b1?delay=5\"}"), 200, AT("b1", "5"));
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"here\",\"location\":\"/board/b2\"}"), 200, AT("b2", ""));
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"typed_place\",\"location\":\"/board/b1?delay=5\"}"), 200,
                  "{\"board_id\":\"b1\",\"delay\":5}");
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"where\"}"), 200, NOWHERE);
    int fd = web_socket(port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"call\",\"id\":1,\"fn\":\"here\",\"location\":\"/board/b3?delay=1\"}");
    assert_heard(fd, AT("b3", "1"));
    close(fd);
}

static void an_address_of_no_page_is_refused(void **state)
{
    (void)state;
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"where\",\"location\":\"/nowhere\"}"), 404,
                  "location: no page at /nowhere");
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"here\",\"location\":\"/board/:board_id/x\"}"), 404,
                  "location: no page");
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"here\",\"location\":\"http://a.example/plain\"}"), 404, "location: ");
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"where\",\"location\":\"/board/b1?delay=soon\"}"), 400,
                  "location: delay");
    int fd = web_socket(port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"where\",\"location\":\"/nowhere\"}");
    assert_heard(fd, "\"id\":1,\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"location: no page at /nowhere\"}");
    web_socket_send(fd, "{\"type\":\"call\",\"id\":2,\"fn\":\"here\",\"location\":\"/nowhere\"}");
    assert_heard(fd, "\"code\":\"NOT_FOUND\",\"message\":\"location: no page at /nowhere\"");
    close(fd);
}

static void results_are_shared_as_far_as_they_looked(void **state)
{
    (void)state;
    assert_answer(web_rpc(port, NULL, "[{\"fn\":\"board_of\",\"location\":\"/board/b1?delay=5\"}]"), 200,
                  "\"runs\":\"1\"");
    assert_answer(web_rpc(port, NULL, "[{\"fn\":\"board_of\",\"location\":\"/board/b2\"}]"), 200, "\"runs\":\"2\"");
    /* each worker has results of its own: one of both may have to run it once more */
    for (int i = 0; i < 20; i++) {
        web_answer answer = web_rpc(port, NULL, "{\"fn\":\"board_of\",\"location\":\"/board/b1?delay=6\"}");
        assert_non_null(strstr(answer.body, "\"board_id\":\"b1\""));
        web_answer_free(&answer);
    }
    assert_in_range(__atomic_load_n(&runs, __ATOMIC_ACQUIRE), 2, 4);
}

static void a_subscription_stays_where_it_was_made(void **state)
{
    (void)state;
    int fd = web_socket(port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"where\",\"location\":\"/board/b1?delay=5\"}");
    assert_heard(fd, AT("b1", "5"));
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"where\",\"location\":\"/board/b2?delay=%37\"}");
    assert_heard(fd, AT("b2", "7"));
    web_socket_send(fd, "{\"type\":\"unsubscribe\",\"id\":2}");
    web_socket_send(fd, "{\"type\":\"ping\"}");
    assert_heard(fd, "pong"); /* it has been heard */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(moved_publish(app), 0);
        assert_heard(fd, AT("b1", "5")); /* run again, for the same place */
    }
    close(fd);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(a_page_is_at_its_own_address),
        EACH(a_state_says_what_depends_on_the_address),
        EACH(calls_say_what_is_shown),
        EACH(an_address_of_no_page_is_refused),
        EACH(results_are_shared_as_far_as_they_looked),
        EACH(a_subscription_stays_where_it_was_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
