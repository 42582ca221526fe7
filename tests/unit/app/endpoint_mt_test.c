/* endpoint_mt_test.c - the program's own addresses (include/dew/endpoint.h): arguments from three places, answers, refusals.
 *
 * labels: multi-worker
 * wraps: malloc calloc realloc */
#include "support/failing_allocations.h"
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

static unsigned fail_every, allocation; /* atomic access only: every so manieth fails on the workers; 0: none */
static _Thread_local bool is_spared;

static bool fails(void)
{
    unsigned every = __atomic_load_n(&fail_every, __ATOMIC_RELAXED);
    return every != 0 && !is_spared && __atomic_add_fetch(&allocation, 1, __ATOMIC_RELAXED) % every == 0;
}

#define COLOUR_ENUM(V) V(colour, red) V(colour, blue)
DEW_ENUM(colour, COLOUR_ENUM)
#define NEW_TASK(F) F(str, board_id) F(str, title) F(opt(i32), rank) F(opt(colour), colour) F(opt(bool), done) F(opt(f64), cost)
DEW_STRUCT(new_task, NEW_TASK)
#define TASK(F) F(i64, id) F(str, board_id) F(str, title) F(opt(i32), rank) F(opt(colour), colour) F(opt(bool), done) F(opt(f64), cost)
DEW_STRUCT(task, TASK)
#define TASK_ID(F) F(i64, id)
DEW_STRUCT(task_id, TASK_ID)
#define LABEL(F) F(str, text)
DEW_STRUCT(label, LABEL)
DEW_LIST(label_list, label, text)
#define LABELS(F) F(i64, id) F(label_list, labels)
DEW_STRUCT(labels, LABELS)

DEW_MUTATION(keep_task, task_id, label)
static int run_keep_task(dew_tx *tx, const task_id *args, label *out)
{
    (void)args;
    out->text = dew_tx_identity(tx);
    return 0;
}

static int add(dew_scope *scope, const new_task *args, task *out)
{
    (void)scope;
    if (args->title.len == 0)
        return dew_fail(scope, DEW_E_UNPROCESSABLE, "title: say what is to be done");
    *out = (task){ .id = 7,
                   .board_id = args->board_id,
                   .title = args->title,
                   .rank = args->rank,
                   .colour = args->colour,
                   .done = args->done,
                   .cost = args->cost };
    return 0;
}

static int get(dew_scope *scope, const task_id *args, task *out)
{
    if (args->id == 404)
        return dew_fail(scope, DEW_E_NOT_FOUND, "no task %lld", (long long)args->id);
    if (args->id == 500)
        return dew_fail(scope, DEW_E_INTERNAL, "the disk at /dev/sda is on fire");
    *out = (task){ .id = args->id, .board_id = S("b1"), .title = S("Water") };
    return 0;
}

static int drop(dew_scope *scope, const task_id *args, dew_none *out)
{
    (void)scope, (void)args, (void)out;
    return 0;
}

static int set_labels(dew_scope *scope, const labels *args, label *out)
{
    out->text = dew_scope_fmt(scope, "%zu", args->labels.count);
    return 0;
}

static int newest(dew_scope *scope, const dew_none *args, label *out)
{
    (void)scope, (void)args;
    out->text = S("newest");
    return 0;
}

static int who(dew_scope *scope, const dew_none *args, label *out)
{
    (void)args;
    return invoke_keep_task(scope, (task_id){ 1 }, out);
}

DEW_MUTATION(move_on, dew_none, dew_none)
static int run_move_on(dew_tx *tx, const dew_none *args, dew_none *out)
{
    (void)args, (void)out;
    return dew_tx_redirect(tx, 303, "/api/tasks/2");
}

static int moved(dew_scope *scope, const task_id *args, dew_none *out)
{
    (void)out;
    return args->id == 1 ? dew_redirect(scope, 308, "/api/tasks/1") : invoke_move_on(scope);
}

static int only_ann(dew_scope *scope, dew_next *next)
{
    const task_id *id = dew_next_args(next, task_id);
    if (id == NULL || id->id != 3 || !dew_str_eq(dew_scope_identity(scope), S("ann")))
        return dew_deny(scope, DEW_E_DENIED, "only Ann sees task 3");
    return dew_next_run(next, NULL);
}

static const dew_served served[] = {
    DEW_SERVE_ENDPOINT("GET", "/api/secret/:id", task_id, task, .run = get, .use = DEW_USE(only_ann)),
    DEW_SERVE_ENDPOINT("POST", "/api/old/:id", task_id, dew_none, .run = moved),
    DEW_SERVE_MUTATION(move_on, .run = run_move_on),
    DEW_SERVE_ENDPOINT("POST", "/api/boards/:board_id/tasks", new_task, task, .run = add),
    DEW_SERVE_ENDPOINT("GET", "/api/tasks/:id", task_id, task, .run = get),
    DEW_SERVE_ENDPOINT("DELETE", "/api/tasks/:id", task_id, dew_none, .run = drop),
    DEW_SERVE_ENDPOINT("PUT", "/api/tasks/:id/labels", labels, label, .run = set_labels),
    DEW_SERVE_ENDPOINT("GET", "/api/tasks/newest", dew_none, label, .run = newest),
    DEW_SERVE_ENDPOINT("POST", "/api/who", dew_none, label, .run = who, .timeout = DEW_MS(60000)),
    DEW_SERVE_MUTATION(keep_task, .run = run_keep_task),
    DEW_SERVED_END
};

static void home_view(void)
{
    el(h1) text("Home");
}
static const dew_page home = { .path = "/", .view = home_view }, board = { .path = "/board/:id", .view = home_view };
DEW_SITE(endpoint, .name = "Tasks", .pages = DEW_PAGES(&home, &board))

static dew_str identify(dew_scope *scope)
{
    return dew_scope_cookie(scope, "user");
}

static void log_line(void *context, dew_log_level level, const char *message)
{
    (void)context, (void)level, (void)message;
}

static const dew_app_config sample = { .site = &endpoint_site, .served = DEW_SERVED(served), .identify = identify, .log = log_line };

typedef struct fixture {
    char dir[64];
    dew_app *app;
    int port;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/dew-endpoint-XXXXXX");
    *state = f;
    dew_error error;
    dew_app_config config = sample;
    config.data_dir = f->dir;
    if (mkdtemp(f->dir) == NULL || dew_app_start(&config, &f->app, &error) != 0)
        return -1;
    f->port = dew_app_port(f->app);
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    dew_app_stop(f->app);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    int failed = system(command);
    free(f);
    return failed;
}

#define JSON "Content-Type: application/json\r\n"

static web_answer ask(void **state, const char *method, const char *target, const char *headers, const char *body)
{
    return web_request(((fixture *)*state)->port, method, target, headers, body);
}

static void assert_ask(void **state, const char *method, const char *target, const char *headers, const char *body,
                       int status, const char *part)
{
    web_answer answer = ask(state, method, target, headers, body);
    if (answer.status != status || strstr(answer.body, part) == NULL)
        fail_msg("%s %s: wanted %d with %s, got %d: %s", method, target, status, part, answer.status, answer.body);
    web_answer_free(&answer);
}

/* ---- tests ---- */

static void arguments_come_from_path_query_and_body(void **state)
{
    assert_ask(
        state, "POST", "/api/boards/b%201/tasks?rank=-2&colour=blue", JSON,
        " { \"title\" : \"a\\\"b\" , \"done\" : true }\n", 200,
        "{\"id\":\"7\",\"board_id\":\"b 1\",\"title\":\"a\\\"b\",\"rank\":-2,\"colour\":\"blue\",\"done\":true}");
    assert_ask(state, "POST", "/api/boards/b1/tasks?title=W+a&cost=1.5", NULL, NULL, 200,
               "\"board_id\":\"b1\",\"title\":\"W a\",\"cost\":1.5}");
    assert_ask(state, "POST", "/api/boards/b1/tasks?title=x", JSON, "{ }", 200, "\"title\":\"x\"}");
    assert_ask(state, "PUT", "/api/tasks/3/labels", "Content-Type: application/json; charset=utf-8\r\n",
               "{\"labels\":[{\"text\":\"a\"},{\"text\":\"b\"}]}", 200, "{\"text\":\"2\"}");
}

static void a_field_given_twice_is_named(void **state)
{
    assert_ask(state, "POST", "/api/boards/b1/tasks", JSON, "{\"title\":\"x\",\"board_id\":\"b2\"}", 400,
               "board_id: given twice, in the path and in the body");
    assert_ask(state, "POST", "/api/boards/b1/tasks?title=y", JSON, "{\"title\":\"x\"}", 400,
               "title: given twice, in the query string and in the body");
    assert_ask(state, "POST", "/api/boards/b1/tasks?title=y&board_id=b2", NULL, NULL, 400,
               "board_id: given twice, in the path and in the query string");
    assert_ask(state, "GET", "/api/tasks/1?id=1", NULL, NULL, 400, "id: given twice");
    assert_ask(state, "POST", "/api/boards/b1/tasks?title=y&title=z", NULL, NULL, 400,
               "title: given twice, in the query string and in the query string");
    assert_ask(state, "POST", "/api/boards/b1/tasks", JSON, "{\"title\":\"x\",\"title\":\"y\"}", 400,
               "title: the field stands there twice");
}

static void what_is_wrong_is_named(void **state)
{
    assert_ask(state, "POST", "/api/boards/b1/tasks", JSON, "{}", 400, "title: the field is missing");
    assert_ask(state, "POST", "/api/boards/b1/tasks?colour=green", JSON, "{\"title\":\"x\"}", 400, "colour: ");
    assert_ask(state, "POST", "/api/boards/b1/tasks?size=1", JSON, "{\"title\":\"x\"}", 400, "size: unknown field");
    assert_ask(state, "POST", "/api/boards/b1/tasks", JSON, "{\"title\":\"x\",\"size\":1}", 400, "size: unknown field");
    assert_ask(state, "POST", "/api/boards/b1/tasks", JSON, "{\"title\":1}", 400, "title: expected string");
    assert_ask(state, "POST", "/api/boards/b1/tasks", JSON, "[1]", 400, "body: expected an object");
    assert_ask(state, "POST", "/api/boards/b1/tasks", JSON, "{\"title\":\"x\"", 400, "body");
    assert_ask(state, "POST", "/api/boards/b1/tasks", JSON, "{\"title\":\"}", 400, "body");
    assert_ask(state, "POST", "/api/boards/b1/tasks", JSON, " \n", 400, "body");
    assert_ask(state, "POST", "/api/boards/b1/tasks?title=%", NULL, NULL, 400, "query string");
    assert_ask(state, "PUT", "/api/tasks/3/labels?labels=a", NULL, NULL, 400, "labels: a query string cannot give it");
    assert_ask(state, "GET", "/api/tasks/one", NULL, NULL, 404, "id: ");
    assert_ask(state, "POST", "/api/boards/b1/tasks", JSON, "{\"title\":\"\"}", 422, "title: say what is to be done");
}

static void failures_have_their_codes_status(void **state)
{
    assert_ask(state, "GET", "/api/tasks/404", NULL, NULL, 404,
               "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"no task 404\"}}");
    web_answer answer = ask(state, "GET", "/api/tasks/500", NULL, NULL);
    assert_int_equal(answer.status, 500);
    assert_non_null(strstr(answer.body, "\"id\":\""));
    assert_null(strstr(answer.body, "/dev/sda"));
    web_answer_free(&answer);
}

static void a_redirect_is_one(void **state)
{
    static const struct {
        const char *target, *location;
        int status;
    } cases[] = { { "/api/old/1", "/api/tasks/1", 308 }, { "/api/old/2", "/api/tasks/2", 303 } };
    for (size_t i = 0; i < 2; i++) {
        web_answer answer = ask(state, "POST", cases[i].target, NULL, NULL);
        assert_int_equal(answer.status, cases[i].status);
        assert_string_equal(web_header(&answer, "location"), cases[i].location);
        web_answer_free(&answer);
    }
}

static void no_value_is_204(void **state)
{
    web_answer answer = ask(state, "DELETE", "/api/tasks/1", NULL, NULL);
    assert_int_equal(answer.status, 204);
    assert_int_equal(answer.body_len, 0);
    web_answer_free(&answer);
}

static void get_answers_head(void **state)
{
    web_answer answer = ask(state, "HEAD", "/api/tasks/1", NULL, NULL);
    assert_int_equal(answer.status, 200);
    assert_string_equal(web_header(&answer, "content-type"), "application/json");
    assert_int_equal(answer.body_len, 0);
    web_answer_free(&answer);
    assert_ask(state, "GET", "/api/tasks/newest", NULL, NULL, 200, "newest");
}

static void another_method_is_told_which_would_do(void **state)
{
    web_answer answer = ask(state, "PATCH", "/api/tasks/1", JSON, "{}");
    assert_int_equal(answer.status, 405);
    assert_string_equal(web_header(&answer, "allow"), "GET, HEAD, DELETE");
    web_answer_free(&answer);
    answer = ask(state, "GET", "/api/boards/b1/tasks", NULL, NULL);
    assert_int_equal(answer.status, 405);
    assert_string_equal(web_header(&answer, "allow"), "POST");
    web_answer_free(&answer);
    answer = ask(state, "OPTIONS", "/api/tasks/1", NULL, NULL);
    assert_int_equal(answer.status, 204);
    assert_string_equal(web_header(&answer, "allow"), "GET, HEAD, DELETE");
    web_answer_free(&answer);
}

static void a_slash_too_many_is_redirected(void **state)
{
    web_answer answer = ask(state, "POST", "/api/boards/b1/tasks/?title=x", NULL, NULL);
    assert_int_equal(answer.status, 308);
    assert_string_equal(web_header(&answer, "location"), "/api/boards/b1/tasks?title=x");
    web_answer_free(&answer);
}

static void only_json_bodies_are_read(void **state)
{
    assert_ask(state, "POST", "/api/boards/b1/tasks", "Content-Type: text/plain\r\n", "{\"title\":\"x\"}", 415,
               "send application/json");
    assert_ask(state, "POST", "/api/boards/b1/tasks", NULL, "{\"title\":\"x\"}", 415, "send application/json");
}

static void a_body_over_the_limit_is_413(void **state)
{
    enum { LEN = (1 << 20) + 1 };
    char *body = malloc(LEN + 1);
    memset(body, ' ', LEN);
    body[LEN] = '\0';
    assert_ask(state, "POST", "/api/boards/b1/tasks", JSON, body, 413, "body_max");
    free(body);
}

static void pages_of_other_sites_are_refused(void **state)
{
    assert_ask(state, "DELETE", "/api/tasks/1", "Sec-Fetch-Site: cross-site\r\n", NULL, 403, "another site");
    assert_ask(state, "POST", "/api/boards/b1/tasks?title=x", "Origin: https://evil.example\r\n", NULL, 403,
               "another site");
    assert_ask(state, "GET", "/api/tasks/1", "Sec-Fetch-Site: cross-site\r\n", NULL, 200, "Water");
}

static void the_caller_is_who_sends_it(void **state)
{
    assert_ask(state, "POST", "/api/who", "Cookie: user=ann\r\n", NULL, 200, "{\"text\":\"ann\"}");
}

static void guards_stand_before_them(void **state)
{
    assert_ask(state, "GET", "/api/secret/3", "Cookie: user=ann\r\n", NULL, 200, "Water");
    assert_ask(state, "GET", "/api/secret/4", "Cookie: user=ann\r\n", NULL, 403, "only Ann sees task 3");
    assert_ask(state, "GET", "/api/secret/3", "Cookie: user=bob\r\n", NULL, 403, "only Ann sees task 3");
    assert_ask(state, "GET", "/api/secret/3", NULL, NULL, 403, "{\"error\":{\"code\":\"DENIED\"");
}

static void rpc_does_not_know_them(void **state)
{
    web_answer answer = web_rpc(((fixture *)*state)->port, NULL, "{\"fn\":\"POST /api/who\"}");
    assert_int_equal(answer.status, 404);
    web_answer_free(&answer);
}

static void assert_refused(const dew_served *list, const char *part)
{
    dew_app_config config = sample;
    config.served = (const dew_served *const[]){ list, NULL };
    dew_app *app = NULL;
    dew_error error = { 0 };
    assert_int_equal(dew_app_start(&config, &app, &error), DEW_E_INVALID);
    if (strstr(error.message, part) == NULL)
        fail_msg("wanted %s, got: %s", part, error.message);
}

static void addresses_of_others_are_refused_at_start(void **state)
{
    (void)state;
    assert_refused((const dew_served[]){ DEW_SERVE_ENDPOINT("POST", "/board/:id", task_id, task, .run = get),
                                         DEW_SERVED_END },
                   "endpoint \"/board/:id\" has the address of page \"/board/:id\"");
    assert_refused((const dew_served[]){ DEW_SERVE_ENDPOINT("GET", "/health", dew_none, label, .run = newest),
                                         DEW_SERVED_END },
                   "endpoint GET /health: this address is Dew's own");
    assert_refused((const dew_served[]){ DEW_SERVE_ENDPOINT("GET", "/_dew/x", dew_none, label, .run = newest),
                                         DEW_SERVED_END },
                   "Dew's own");
    assert_refused((const dew_served[]){ DEW_SERVE_ENDPOINT("GET", "/a/:id", task_id, task, .run = get),
                                         DEW_SERVE_ENDPOINT("GET", "/a/:id", task_id, task, .run = get),
                                         DEW_SERVED_END },
                   "endpoints GET /a/:id and GET /a/:id have the same address");
    assert_refused((const dew_served[]){ DEW_SERVE_ENDPOINT("GET", "/a/:name", task_id, task, .run = get),
                                         DEW_SERVED_END },
                   ":name is no field of task_id");
    assert_refused((const dew_served[]){ DEW_SERVE_ENDPOINT("GET", "/a/:id/:id", task_id, task, .run = get),
                                         DEW_SERVED_END },
                   ":id stands there twice");
    assert_refused((const dew_served[]){ DEW_SERVE_ENDPOINT("FETCH", "/a/:id", task_id, task, .run = get),
                                         DEW_SERVED_END },
                   "the method is one of GET");
    assert_refused((const dew_served[]){ DEW_SERVE_ENDPOINT("GET", "a/:id", task_id, task, .run = get),
                                         DEW_SERVED_END },
                   "begins with a slash");
    assert_refused((const dew_served[]){ DEW_SERVE_ENDPOINT("GET", "/a/:id", task_id, task), DEW_SERVED_END },
                   "without a handler");
}

static void below_a_prefix(void **state)
{
    fixture *f = *state;
    dew_app *app;
    dew_error error;
    dew_app_config config = sample;
    config.url_prefix = "/live";
    assert_int_equal(dew_app_start(&config, &app, &error), 0);
    fixture with_prefix = { .port = dew_app_port(app) }, *other = &with_prefix;
    assert_ask((void **)&other, "GET", "/live/api/tasks/1", NULL, NULL, 200, "Water");
    assert_ask((void **)&other, "GET", "/api/tasks/1", NULL, NULL, 404, "");
    dew_app_stop(app);
    (void)f;
}

static void allocations_may_fail(void **state)
{
    is_spared = true;
    for (unsigned every = 2; every < 40; every++) {
        __atomic_store_n(&fail_every, every, __ATOMIC_RELAXED);
        web_answer answer = ask(state, "POST", "/api/boards/b1/tasks?rank=1", JSON, "{\"title\":\"x\"}");
        web_answer_free(&answer);
        answer = ask(state, "POST", "/api/who", NULL, NULL);
        web_answer_free(&answer);
    }
    __atomic_store_n(&fail_every, 0, __ATOMIC_RELAXED);
    assert_ask(state, "POST", "/api/boards/b1/tasks?rank=1", JSON, "{\"title\":\"x\"}", 200, "\"rank\":1}");
    is_spared = false;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(arguments_come_from_path_query_and_body),
        TEST(a_field_given_twice_is_named),
        TEST(what_is_wrong_is_named),
        TEST(failures_have_their_codes_status),
        TEST(a_redirect_is_one),
        TEST(no_value_is_204),
        TEST(get_answers_head),
        TEST(another_method_is_told_which_would_do),
        TEST(a_slash_too_many_is_redirected),
        TEST(only_json_bodies_are_read),
        TEST(a_body_over_the_limit_is_413),
        TEST(pages_of_other_sites_are_refused),
        TEST(the_caller_is_who_sends_it),
        TEST(guards_stand_before_them),
        TEST(rpc_does_not_know_them),
        cmocka_unit_test(addresses_of_others_are_refused_at_start),
        TEST(below_a_prefix),
        TEST(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
