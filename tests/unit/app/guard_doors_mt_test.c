/* guard_doors_mt_test.c - guards before every door of a whole application, and clients who look for one without.
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

#define BOARD_KEY(F) F(str, board_id) F(opt(str), other)
DEW_STRUCT(board_key, BOARD_KEY)
DEW_ROUTE(board, "/board/:board_id", board_key)
#define TEXT(F) F(str, text)
DEW_STRUCT(words, TEXT)
#define FLAT(F) F(i64, id)
DEW_STRUCT(flat, FLAT)

DEW_QUERY(secret, dew_none, words)
DEW_QUERY(tasks, board_key, words)
DEW_QUERY(slow_news, dew_none, words)
DEW_QUERY(plain_news, dew_none, words)
DEW_QUERY(meddler, dew_none, words)
DEW_MUTATION(add_task, board_key, flat)
DEW_ACTION(ring, dew_none, words)
DEW_SIGNAL(alarm_raised, "alarm")
DEW_SIGNAL(told, "told")
DEW_DEP(visitor, int)

/* What guards did, and what they are told to do. Atomic access only. */
static long asked, audited, audited_status, revoked, ended, slow_ms, forgetful, strict_after, redirecting;
static long nobody_any_more; /* .identify knows nobody */

static long get(const long *at) { return __atomic_load_n(at, __ATOMIC_ACQUIRE); }
static void put(long *at, long value) { __atomic_store_n(at, value, __ATOMIC_RELEASE); }
static void count(long *at) { __atomic_add_fetch(at, 1, __ATOMIC_ACQ_REL); }

/* ---- guards ---- */

static int require_user(dew_scope *scope, dew_next *next)
{
    count(&asked);
    if (dew_scope_identity(scope).len == 0 && get(&redirecting) != 0)
        return dew_redirect(scope, 303, "/open");
    if (dew_scope_identity(scope).len == 0 || get(&revoked) != 0)
        return dew_fail(scope, DEW_E_UNAUTHENTICATED, "log in first");
    int failed = get(&slow_ms) != 0 ? dew_sleep(scope, (unsigned)get(&slow_ms)) : 0;
    if (failed != 0) {
        count(&ended);
        return failed;
    }
    if (get(&forgetful) != 0)
        return 0;
    visitor_set(scope, 7);
    return dew_next_run(next, NULL);
}

static int audit(dew_scope *scope, dew_next *next)
{
    dew_passed passed;
    int code = dew_next_run(next, &passed);
    put(&audited_status, passed.status);
    count(&audited);
    return get(&strict_after) != 0 ? dew_fail(scope, DEW_E_RATE, "too often") : code;
}

static int own_board(dew_scope *scope, dew_next *next)
{
    const board_key *key = dew_next_args(next, board_key);
    if (key == NULL || !dew_str_eq(key->board_id, dew_scope_identity(scope)))
        return dew_fail(scope, DEW_E_DENIED, "this board is not yours");
    return dew_next_run(next, NULL);
}

/* ---- pages ---- */

static void secret_view(void)
{
    const words *w = need(use_secret());
    el(p) text(w->text);
}

static void board_view(void)
{
    const words *w = need(use_tasks((board_key){ .board_id = param("board_id") }));
    el(p) text(w->text);
}

static void outside_view(void)
{
    const words *w = need(use_tasks((board_key){ .board_id = S("ann") }));
    el(p) text(w->text);
}

static void other_board_view(void) /* of the guarded page, but asking for another board */
{
    const words *w = need(use_tasks((board_key){ .board_id = param("other") }));
    el(p) text(w->text);
}

static void open_view(void)
{
    const words *w = need(use_plain_news());
    el(p) text(w->text);
}

static void slow_view(void)
{
    const words *w = need(use_slow_news());
    el(p) text(w->text);
}

static void frame_view(void)
{
    el(main) dew_outlet();
}

static const dew_layout members = { .view = frame_view };
DEW_ROUTE(peek, "/peek/:board_id", board_key)
static const dew_page slow_page = { .path = "/slow", .view = slow_view, .layout = &members };
static const dew_page leaky = { .path = "/leaky", .view = open_view, .layout = &members };
static const dew_page secret_page = { .path = "/secret", .view = secret_view, .layout = &members },
                      board = { .route = &board_route, .view = board_view },
                      peek = { .route = &peek_route, .view = other_board_view },
                      outside = { .path = "/outside", .view = outside_view },
                      open_page = { .path = "/open", .view = open_view };
DEW_SITE(doors, .name = "Doors", .pages = DEW_PAGES(&secret_page, &board, &peek, &outside, &open_page, &leaky, &slow_page))

/* ---- what is served ---- */

static int load_secret(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none;
    if (dew_scope_query(scope, "moved").len != 0)
        return dew_redirect(scope, 307, "/open");
    out->text = S("the treasure");
    return alarm_raised_watch(scope);
}

static int load_tasks(dew_scope *scope, const board_key *key, words *out)
{
    out->text = dew_scope_fmt(scope, "tasks of %s", key->board_id.ptr);
    return told_watch(scope);
}

static int load_news(dew_scope *scope, const dew_none *none, words *out)
{
    (void)scope, (void)none;
    out->text = S("fair weather");
    return 0;
}

static int load_slow(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none;
    out->text = S("at last");
    return dew_sleep(scope, 600000);
}

static int load_meddler(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none;
    out->text = S("");
    return alarm_raised_watch(scope);
}

static int run_add(dew_tx *tx, const board_key *key, flat *out)
{
    int failed = dew_exec(tx, "INSERT INTO task (board_id) VALUES (?)", key->board_id);
    out->id = dew_tx_last_id(tx);
    return failed;
}

static int run_ring(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none;
    out->text = dew_scope_fmt(scope, "rung by %d", visitor_get(scope));
    return 0;
}

static const dew_served secret_served[] = {
    DEW_SERVE_LAYOUT(members, .use = DEW_USE(require_user)),
    DEW_SERVE_PAGE(secret_page, .use = DEW_USE(audit)),
    DEW_SERVE_PAGE(leaky),
    DEW_SERVE_CHANNEL(alarm_raised, .use = DEW_USE(require_user)),
    DEW_SERVE_PAGE(slow_page, .use = DEW_USE(audit)),
    DEW_SERVE_QUERY(secret, .load = load_secret),
    DEW_SERVE_QUERY(slow_news, .load = load_slow),
    DEW_SERVE_ACTION(ring, .run = run_ring),
    DEW_SERVE_ENDPOINT("GET", "/api/ring", dew_none, words, .run = run_ring),
    DEW_SERVED_END
};
static const dew_served board_served[] = {
    DEW_SERVE_PAGE(board, .use = DEW_USE(own_board)),
    DEW_SERVE_PAGE(peek),
    DEW_SERVE_QUERY(tasks, .load = load_tasks),
    DEW_SERVE_MUTATION(add_task, .run = run_add, .use = DEW_USE(audit)),
    DEW_SERVED_END
};
static const dew_served open_served[] = {
    DEW_SERVE_QUERY(plain_news, .load = load_news), DEW_SERVE_QUERY(meddler, .load = load_meddler), DEW_SERVED_END
};
static const dew_migration migrations[] = {
    { "001_task.sql", "CREATE TABLE task (id INTEGER PRIMARY KEY, board_id TEXT NOT NULL) STRICT;" }, { NULL, NULL }
};

static dew_str identify(dew_scope *scope)
{
    return get(&nobody_any_more) != 0 ? S("") : dew_scope_cookie(scope, "user");
}

static char dir[64];
static dew_app *app;
static int port;
static long log_lines, warned;

static void log_line(void *context, dew_log_level level, const char *message)
{
    (void)context, (void)level;
    if (strstr(message, "/leaky shows the query plain_news") != NULL)
        count(&warned);
    if (strstr(message, "require_user closes") != NULL || strstr(message, "the channel has guards") != NULL)
        count(&log_lines);
}

static dew_app_config config_of(void)
{
    return (dew_app_config){ .site = &doors_site,
                             .served = DEW_SERVED(secret_served, board_served, open_served),
                             .identify = identify,
                             .data_dir = dir,
                             .migrations = migrations,
                             .log = log_line,
                             .workers = 2 };
}

static void start(const dew_app_config *config)
{
    dew_error error = { 0 };
    if (dew_app_start(config, &app, &error) != 0)
        fail_msg("%s", error.message);
    port = dew_app_port(app);
}

static int set_up(void **state)
{
    (void)state;
    long *const all[] = { &asked,     &audited,      &audited_status, &revoked,         &ended,     &slow_ms,
                          &forgetful, &strict_after, &redirecting,    &nobody_any_more, &log_lines, &warned };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        put(all[i], 0);
    strcpy(dir, "/tmp/dew-doors-XXXXXX");
    if (mkdtemp(dir) == NULL)
        return -1;
    dew_app_config config = config_of();
    config.served = (const dew_served *const[]){ secret_served, board_served, open_served, NULL };
    start(&config);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dew_app_stop(app);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

#define ANN "Cookie: user=ann\r\n"
#define STATE "Accept: application/vnd.dew.state+json\r\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

static void assert_answer(web_answer answer, int status, const char *part)
{
    if (answer.status != status || (part != NULL && (answer.body == NULL || strstr(answer.body, part) == NULL)))
        fail_msg("wanted %d with %s, got %d: %s", status, part != NULL ? part : "anything", answer.status,
                 answer.body != NULL ? answer.body : "(nothing)");
    if (status >= 400 && answer.body != NULL) {
        assert_null(strstr(answer.body, "treasure"));
        assert_null(strstr(answer.body, "tasks of"));
    }
    web_answer_free(&answer);
}

static void assert_heard(int fd, const char *part)
{
    char *text = web_socket_read(fd, NULL);
    if (text == NULL || strstr(text, part) == NULL)
        fail_msg("wanted %s, got %s", part, text != NULL ? text : "the end");
    free(text);
}

static int socket_as(const char *headers)
{
    int fd = web_socket(port, "/_dew/ws", headers);
    web_socket_hello(fd, "c1");
    return fd;
}

/* ---- the doors ---- */

static void a_page_and_its_state(void **state)
{
    (void)state;
    assert_answer(web_get(port, "/secret", NULL), 401, "<html");
    assert_answer(web_get(port, "/secret", STATE), 401, "\"code\":\"UNAUTHENTICATED\",\"message\":\"log in first\"");
    assert_answer(web_get(port, "/secret", ANN), 200, "the treasure");
    assert_answer(web_get(port, "/secret", ANN STATE), 200, "the treasure");
    assert_answer(web_get(port, "/open", NULL), 200, "fair weather");
    assert_answer(web_get(port, "/nowhere", NULL), 404, NULL);
    assert_int_equal(get(&audited_status), 200);
}

static void a_page_from_memory(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_answer(web_get(port, "/secret", ANN), 200, "the treasure");
        assert_answer(web_get(port, "/secret", NULL), 401, NULL);
    }
    assert_int_equal(get(&asked),
                     8); /* of each request once: what has let the page through is not asked for its query */
}

static void pages_behind_guards_are_private(void **state)
{
    (void)state;
    static const char *const who[] = { ANN, NULL };
    for (int i = 0; i < 2; i++) {
        web_answer answer = web_get(port, "/secret", who[i]);
        assert_string_equal(web_header(&answer, "cache-control"), "private, no-store");
        web_answer_free(&answer);
    }
}

static void a_page_for_the_program(void **state)
{
    (void)state;
    dew_rendered page;
    assert_int_equal(dew_render_url(app, "/secret", NULL, &page), 0);
    assert_int_equal(page.status, 401);
    dew_rendered_dispose(&page);
    assert_int_equal(dew_render_url(app, "/secret", (const char *const[]){ "Cookie", "user=ann", NULL }, &page), 0);
    assert_int_equal(page.status, 200);
    assert_non_null(strstr(page.body, "the treasure"));
    dew_rendered_dispose(&page);
}

static void calls_by_rpc(void **state)
{
    (void)state;
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"secret\"}"), 401, "log in first");
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"secret\"}"), 200, "the treasure");
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"secret\"}"), 401, NULL); /* it is in memory now */
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"ring\"}"), 401, NULL);
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"ring\"}"), 200, "rung by 7");
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"add_task\",\"args\":{\"board_id\":\"ann\"}}"), 403, "not yours");
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"add_task\",\"args\":{\"board_id\":\"ann\"}}"), 200, "\"id\":\"1\"");
    assert_answer(web_rpc(port, NULL, "[{\"fn\":\"plain_news\"},{\"fn\":\"secret\"}]"), 200, "log in first");
}

static void numbered_mutations_keep_their_answer(void **state)
{
    (void)state;
    static const char call[] =
        "{\"fn\":\"add_task\",\"args\":{\"board_id\":\"ann\"},\"client\":\"c0ffee\",\"seq\":\"1\"}";
    assert_answer(web_rpc(port, NULL, call), 403, NULL);
    assert_answer(web_rpc(port, ANN, call), 200, "\"id\":\"1\"");
    assert_answer(web_rpc(port, ANN, call), 200, "\"id\":\"1\"");
    assert_answer(web_rpc(port, NULL, call), 403, NULL); /* the stored answer, too, is behind the guards */
    assert_int_equal(get(&audited), 2);
}

static void calls_by_form(void **state)
{
    (void)state;
    const char *body = "_args=%7B%22board_id%22%3A%22ann%22%7D&_to=%2Fopen";
    assert_answer(web_request(port, "POST", "/_dew/form/add_task", FORM, body), 403, "not yours");
    assert_answer(web_request(port, "POST", "/_dew/form/add_task", FORM ANN, body), 303, NULL);
    assert_answer(web_request(port, "POST", "/_dew/form/ring", FORM, "_to=%2Fopen"), 401, NULL);
    assert_answer(web_request(port, "POST", "/_dew/form/ring", FORM ANN, "_to=%2Fopen"), 303, NULL);
}

static void calls_of_endpoints(void **state)
{
    (void)state;
    assert_answer(web_get(port, "/api/ring", NULL), 401, "log in first");
    assert_answer(web_get(port, "/api/ring", ANN), 200, "rung by 7");
}

static void calls_by_socket(void **state)
{
    (void)state;
    int nobody = socket_as(NULL), ann = socket_as(ANN);
    web_socket_send(nobody, "{\"type\":\"call\",\"id\":1,\"fn\":\"ring\"}");
    assert_heard(nobody, "\"code\":\"UNAUTHENTICATED\"");
    web_socket_send(nobody,
                    "{\"type\":\"call\",\"id\":2,\"fn\":\"add_task\",\"args\":{\"board_id\":\"ann\"},\"seq\":\"1\"}");
    assert_heard(nobody, "\"code\":\"DENIED\"");
    web_socket_send(ann, "{\"type\":\"call\",\"id\":1,\"fn\":\"ring\"}");
    assert_heard(ann, "rung by 7");
    web_socket_send(ann, "{\"type\":\"call\",\"id\":2,\"fn\":\"secret\"}");
    assert_heard(ann, "the treasure");
    close(nobody);
    close(ann);
}

static void subscriptions(void **state)
{
    (void)state;
    int nobody = socket_as(NULL), ann = socket_as(ANN);
    web_socket_send(ann, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"secret\"}");
    assert_heard(ann, "the treasure");
    web_socket_send(nobody,
                    "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"secret\"}"); /* shared, and known here or next door */
    assert_heard(nobody, "\"id\":1,\"error\":{\"code\":\"UNAUTHENTICATED\",\"message\":\"log in first\"}");
    web_socket_send(nobody, "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"plain_news\"}");
    assert_heard(nobody, "fair weather");
    web_socket_send(ann, "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"tasks\",\"args\":{\"board_id\":\"bob\"}}");
    assert_heard(ann, "\"code\":\"DENIED\",\"message\":\"this board is not yours\"");
    web_socket_send(ann, "{\"type\":\"subscribe\",\"id\":3,\"fn\":\"tasks\",\"args\":{\"board_id\":\"ann\"}}");
    assert_heard(ann, "tasks of ann");
    close(nobody);
    close(ann);
}

static void one_identity_by_every_door(void **state)
{
    (void)state;
    const char *tasks = "{\"fn\":\"tasks\",\"args\":{\"board_id\":\"ann\"}}";
    assert_answer(web_get(port, "/board/ann", ANN), 200, "tasks of ann");
    assert_answer(web_get(port, "/board/ann", ANN STATE), 200, "tasks of ann");
    assert_answer(web_rpc(port, ANN, tasks), 200, "tasks of ann");
    assert_answer(web_request(port, "POST", "/_dew/form/add_task", FORM ANN,
                              "_args=%7B%22board_id%22%3A%22ann%22%7D&_to=%2Fopen"),
                  303, NULL);
    int ann = socket_as(ANN);
    web_socket_send(ann,
                    "{\"type\":\"call\",\"id\":1,\"fn\":\"add_task\",\"args\":{\"board_id\":\"ann\"},\"seq\":\"1\"}");
    assert_heard(ann, "\"type\":\"answer\",\"id\":1,\"value\"");
    web_socket_send(ann, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"tasks\",\"args\":{\"board_id\":\"ann\"}}");
    free(web_socket_expect(ann, "tasks of ann"));
    close(ann);
}

static void a_guard_may_lead_elsewhere(void **state)
{
    (void)state;
    put(&redirecting, 1);
    web_answer answer = web_get(port, "/secret", NULL);
    assert_string_equal(web_header(&answer, "location"), "/open");
    assert_answer(answer, 303, NULL);
    assert_answer(web_get(port, "/secret", STATE), 200, "{\"redirect\":\"/open\",\"status\":303}");
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"secret\"}"), 200, "\"status\":303,\"location\":\"/open\"");
    answer = web_request(port, "POST", "/_dew/form/ring", FORM, "_to=%2Fsecret");
    assert_string_equal(web_header(&answer, "location"), "/open");
    assert_answer(answer, 303, NULL);
    answer = web_get(port, "/api/ring", NULL);
    assert_string_equal(web_header(&answer, "location"), "/open");
    web_answer_free(&answer);
    int fd = socket_as(NULL);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"secret\"}");
    assert_heard(fd, "\"code\":\"REDIRECT\",\"message\":\"see /open\",\"status\":303,\"location\":\"/open\"");
    web_socket_send(fd, "{\"type\":\"call\",\"id\":2,\"fn\":\"ring\"}");
    assert_heard(fd, "\"location\":\"/open\"");
    close(fd);
    assert_answer(web_get(port, "/secret", ANN), 200, "the treasure"); /* nothing of it was kept */
}

static void a_guard_that_fails_after_a_redirect_lets_it_not_out(void **state)
{
    (void)state;
    put(&strict_after, 1);
    assert_answer(web_get(port, "/secret?moved=1", ANN), 429, NULL);
    put(&strict_after, 0);
    web_answer answer = web_get(port, "/secret?moved=1", ANN);
    assert_string_equal(web_header(&answer, "location"), "/open");
    assert_answer(answer, 307, NULL);
    assert_int_equal(get(&audited_status), 307);
}

/* ---- clients who look for a way round ---- */

static void naming_another_address_opens_nothing(void **state)
{
    (void)state;
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"secret\",\"location\":\"/open\"}"), 401, NULL);
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"secret\",\"location\":\"/nowhere\"}"), 404, "location: no page");
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"tasks\",\"args\":{\"board_id\":\"bob\"},\"location\":\"/board/ann\"}"),
                  403, "not yours");
    int fd = socket_as(NULL);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"secret\",\"location\":\"/open\"}");
    assert_heard(fd, "\"code\":\"UNAUTHENTICATED\"");
    web_socket_send(fd, "{\"type\":\"call\",\"id\":2,\"fn\":\"ring\",\"location\":\"/open\"}");
    assert_heard(fd, "\"code\":\"UNAUTHENTICATED\"");
    close(fd);
}

static void another_page_that_shows_it_opens_nothing(void **state)
{
    (void)state;
    assert_answer(web_get(port, "/outside", NULL), 403, NULL);
    assert_answer(web_get(port, "/outside", ANN), 200, "tasks of ann");
    assert_answer(web_get(port, "/outside", "Cookie: user=bob\r\n"), 403, NULL);
}

static void a_page_that_lets_choose_the_arguments_opens_nothing(void **state)
{
    (void)state;
    assert_answer(web_get(port, "/peek/ann?other=ann", ANN), 200, "tasks of ann");
    assert_answer(web_get(port, "/peek/ann?other=bob", ANN), 403, NULL);
}

static void a_repeated_or_odd_request_opens_nothing(void **state)
{
    (void)state;
    assert_answer(web_get(port, "/secret?user=ann", NULL), 401, NULL);
    assert_answer(web_get(port, "/%73ecret", NULL), 401, NULL);
    assert_answer(web_request(port, "HEAD", "/secret", NULL, NULL), 401, NULL);
    assert_answer(web_rpc(port, "Dew-User: ann\r\nX-User: ann\r\n", "{\"fn\":\"secret\"}"), 401, NULL);
}

static void a_guarded_channel_is_not_watched_from_elsewhere(void **state)
{
    (void)state;
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"meddler\"}"), 500, "\"code\":\"INTERNAL\"");
    assert_int_equal(get(&log_lines), 1);
}

/* ---- guards that wait, leave, forget ---- */

static void guards_may_wait(void **state)
{
    (void)state;
    put(&slow_ms, 3);
    assert_answer(web_get(port, "/secret", ANN), 200, "the treasure");
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"ring\"}"), 200, "rung by 7");
    int fd = socket_as(ANN);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"secret\"}");
    assert_heard(fd, "the treasure");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"secret\"}");
    web_socket_send(fd, "{\"type\":\"unsubscribe\",\"id\":2}"); /* while its guard waits */
    web_socket_send(fd, "{\"type\":\"call\",\"id\":3,\"fn\":\"secret\"}");
    free(web_socket_expect(fd, "\"id\":3,\"value\""));
    close(fd);
}

static void who_leaves_ends_the_guards_that_wait(void **state)
{
    (void)state;
    put(&slow_ms, 600000);
    int page = web_connect(port), rpc = web_connect(port), fd = socket_as(ANN);
    const char get_page[] = "GET /secret HTTP/1.1\r\nHost: 127.0.0.1\r\n" ANN "\r\n";
    const char post[] = "POST /_dew/rpc HTTP/1.1\r\nHost: 127.0.0.1\r\n" ANN
                        "Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"fn\":\"secret\"}";
    web_send(page, get_page, sizeof get_page - 1);
    web_send(rpc, post, sizeof post - 1);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"secret\"}");
    web_socket_send(fd, "{\"type\":\"call\",\"id\":2,\"fn\":\"ring\"}");
    while (get(&asked) < 4)
        usleep(1000);
    close(page);
    close(rpc);
    close(fd);
    while (get(&ended) < 4)
        usleep(1000);
    assert_int_equal(get(&ended), 4);
}

static void a_guard_that_forgets_next_closes_every_door(void **state)
{
    (void)state;
    put(&forgetful, 1);
    assert_answer(web_get(port, "/secret", ANN), 403, NULL);
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"secret\"}"), 403, NULL);
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"ring\"}"), 403, NULL);
    int fd = socket_as(ANN);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"secret\"}");
    assert_heard(fd, "\"code\":\"DENIED\"");
    close(fd);
    assert_int_equal(get(&log_lines), 4);
}

static void a_guard_that_fails_afterwards_keeps_the_answer_back(void **state)
{
    (void)state;
    put(&strict_after, 1);
    assert_answer(web_get(port, "/secret", ANN), 429, NULL);
    assert_answer(web_get(port, "/secret", ANN STATE), 429, "too often");
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"add_task\",\"args\":{\"board_id\":\"ann\"}}"), 429, "too often");
    put(&strict_after, 0);
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"add_task\",\"args\":{\"board_id\":\"ann\"}}"), 200, "\"id\":\"2\"");
}

/* ---- later ---- */

static void the_applications_guards_stand_before_everything(void **state)
{
    (void)state;
    dew_app_stop(app);
    dew_app_config config = config_of();
    config.served = (const dew_served *const[]){ secret_served, board_served, open_served, NULL };
    config.use = (dew_guard_list)DEW_USE(require_user);
    start(&config);
    assert_answer(web_get(port, "/open", NULL), 401, NULL);
    assert_answer(web_get(port, "/nowhere", NULL), 401, NULL); /* nobody learns which pages there are */
    assert_answer(web_get(port, "/open/", NULL), 401, NULL);
    assert_answer(web_get(port, "/nowhere", ANN), 404, NULL);
    assert_answer(web_get(port, "/open", ANN), 200, "fair weather");
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"plain_news\"}"), 401, NULL);
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"plain_news\"}"), 200, "fair weather");
    assert_answer(web_get(port, "/health", NULL), 200, NULL);
    int fd = socket_as(NULL);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"plain_news\"}");
    assert_heard(fd, "\"code\":\"UNAUTHENTICATED\"");
    close(fd);
}

static void the_requests_time_is_for_its_guards_too(void **state)
{
    (void)state;
    dew_app_stop(app);
    dew_app_config config = config_of();
    config.served = (const dew_served *const[]){ secret_served, board_served, open_served, NULL };
    config.request_timeout = (dew_duration)DEW_MS(20);
    start(&config);
    assert_answer(web_get(port, "/slow", ANN), 504, NULL);
    assert_answer(web_get(port, "/slow", ANN STATE), 504, "TIMEOUT");
    put(&slow_ms, 600000);
    assert_answer(web_get(port, "/secret", ANN), 504, NULL);
    assert_answer(web_rpc(port, ANN, "{\"fn\":\"secret\"}"), 504, "TIMEOUT");
    int fd = socket_as(ANN);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"secret\"}");
    assert_heard(fd, "\"code\":\"TIMEOUT\"");
    close(fd);
}

static void in_development_open_queries_of_guarded_pages_are_named(void **state)
{
    (void)state;
    assert_answer(web_get(port, "/leaky", ANN), 200, "fair weather");
    assert_int_equal(get(&warned), 0);
    dew_app_stop(app);
    dew_app_config config = config_of();
    config.served = (const dew_served *const[]){ secret_served, board_served, open_served, NULL };
    config.development = true;
    start(&config);
    assert_answer(web_get(port, "/leaky", ANN), 200, "fair weather");
    assert_answer(web_get(port, "/leaky", ANN), 200, "fair weather");
    assert_answer(web_get(port, "/secret", ANN), 200, "the treasure");
    assert_int_equal(get(&warned), 1);
}

static void start_again(void)
{
    dew_app_stop(app);
    dew_app_config config = config_of();
    config.served = (const dew_served *const[]){ secret_served, board_served, open_served, NULL };
    config.guard_again = (dew_duration)DEW_MS(10);
    start(&config);
}

static void what_is_no_longer_granted_ends(void **state)
{
    (void)state;
    start_again();
    int fd = socket_as(ANN);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"secret\"}");
    assert_heard(fd, "the treasure");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"plain_news\"}");
    assert_heard(fd, "fair weather");
    long before = get(&asked);
    while (get(&asked) < before + 3) /* asked again and again, and nothing comes of it */
        usleep(1000);
    put(&revoked, 1);
    assert_heard(
        fd, "{\"type\":\"subscribed\",\"id\":1,\"error\":{\"code\":\"UNAUTHENTICATED\",\"message\":\"log in first\"}}");
    assert_int_equal(alarm_raised_publish(app), 0);
    web_socket_send(fd, "{\"type\":\"call\",\"id\":3,\"fn\":\"plain_news\"}");
    assert_heard(fd, "\"id\":3,\"value\":{\"text\":\"fair weather\"}"); /* no frame before it: the rest goes on */
    close(fd);
}

static void who_is_somebody_else_is_sent_off(void **state)
{
    (void)state;
    start_again();
    int fd = socket_as(ANN), code = 0;
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"tasks\",\"args\":{\"board_id\":\"ann\"}}");
    assert_heard(fd, "tasks of ann");
    put(&nobody_any_more, 1);
    char *text = web_socket_read(fd, &code);
    assert_null(text);
    assert_int_equal(code, 4401);
    close(fd);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(a_page_and_its_state),
        EACH(a_page_from_memory),
        EACH(pages_behind_guards_are_private),
        EACH(a_page_for_the_program),
        EACH(calls_by_rpc),
        EACH(numbered_mutations_keep_their_answer),
        EACH(calls_by_form),
        EACH(calls_of_endpoints),
        EACH(calls_by_socket),
        EACH(subscriptions),
        EACH(one_identity_by_every_door),
        EACH(a_guard_may_lead_elsewhere),
        EACH(a_guard_that_fails_after_a_redirect_lets_it_not_out),
        EACH(naming_another_address_opens_nothing),
        EACH(another_page_that_shows_it_opens_nothing),
        EACH(a_page_that_lets_choose_the_arguments_opens_nothing),
        EACH(a_repeated_or_odd_request_opens_nothing),
        EACH(a_guarded_channel_is_not_watched_from_elsewhere),
        EACH(guards_may_wait),
        EACH(who_leaves_ends_the_guards_that_wait),
        EACH(a_guard_that_forgets_next_closes_every_door),
        EACH(a_guard_that_fails_afterwards_keeps_the_answer_back),
        EACH(the_applications_guards_stand_before_everything),
        EACH(the_requests_time_is_for_its_guards_too),
        EACH(in_development_open_queries_of_guarded_pages_are_named),
        EACH(what_is_no_longer_granted_ends),
        EACH(who_is_somebody_else_is_sent_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
