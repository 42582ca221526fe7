/* outcome_mt_test.c - what a visitor gets for each way in which a handler may end: pages, their state, RPC, sockets, forms. A
 * whole application on real sockets. */
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

/* ---- an application whose handlers end as they are told ---- */

#define WAY(F) F(i32, status) F(str, to) F(str, code)
DEW_STRUCT(way, WAY)
#define TOTAL(F) F(i64, number)
DEW_STRUCT(total, TOTAL)
DEW_ROUTE(end, "/end", way)
DEW_QUERY(end_query, way, total)
DEW_QUERY(moody, dew_none, total) /* redirects while the fixture says so; watches `mood` */
DEW_QUERY(count, dew_none, total)
DEW_ACTION(end_action, way, dew_none)
DEW_ACTION(home_action, dew_none, dew_none)
DEW_MUTATION(end_mutation, way, dew_none)
DEW_MUTATION(home_mutation, dew_none, dew_none)
DEW_SIGNAL(mood, "mood")

static void end_view(void)
{
    const total *t = need(use_end_query(end_params()));
    el(p) textf("%lld", (long long)t->number);
}
static void moody_view(void)
{
    const total *t = need(use_moody());
    el(p) textf("%lld", (long long)t->number);
}
static const dew_page end_page = { .route = &end_route, .view = end_view }, moody_page = { .path = "/moody", .view = moody_view };
DEW_SITE(outcome, .name = "Outcomes", .pages = DEW_PAGES(&end_page, &moody_page))

typedef struct fixture {
    char dir[64];
    dew_app *app;
    int port;
    bool redirects;     /* atomic access only */
    char last_log[512]; /* of an error; one at a time in these tests, read after the answer */
    int logged;
} fixture;

static int end_with(dew_scope *scope, const way *how)
{
    if (how->status != 0)
        return dew_redirect(scope, how->status, how->to.ptr);
    if (how->code.len != 0)
        return dew_deny(scope, dew_error_from_name(how->code), "secret %s", how->to.ptr);
    return 0;
}

static int load_end_query(dew_scope *scope, const way *how, total *out)
{
    (void)out;
    return end_with(scope, how);
}
static int run_end_action(dew_scope *scope, const way *how, dew_none *out)
{
    (void)out;
    return end_with(scope, how);
}
static int run_home_action(dew_scope *scope, const dew_none *none, dew_none *out)
{
    (void)none, (void)out;
    return dew_redirect(scope, 302, dew_scope_url(scope, end, .to = S("a b")));
}
static int load_moody(dew_scope *scope, const dew_none *none, total *out)
{
    (void)none, (void)out;
    int failed = mood_watch(scope);
    if (failed == 0 && __atomic_load_n(&((fixture *)dew_scope_context(scope))->redirects, __ATOMIC_ACQUIRE))
        return dew_redirect(scope, 303, dew_scope_path(scope, "/login"));
    return failed;
}
static int load_count(dew_scope *scope, const dew_none *none, total *out)
{
    (void)none;
    return dew_sql(scope, out, "SELECT count(*) AS number FROM item");
}
static int run_end_mutation(dew_tx *tx, const way *how, dew_none *out)
{
    (void)out;
    int failed = dew_exec(tx, "INSERT INTO item (title) VALUES (?)", how->to);
    if (failed != 0)
        return failed;
    if (how->status != 0)
        return dew_tx_redirect(tx, how->status, how->to.ptr);
    return how->code.len != 0 ? dew_tx_fail(tx, dew_error_from_name(how->code), "secret %s", how->to.ptr) : 0;
}
static int run_home_mutation(dew_tx *tx, const dew_none *none, dew_none *out)
{
    (void)none, (void)out;
    return dew_tx_redirect(tx, 301, dew_tx_path(tx, "/items"));
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(end_query, .load = load_end_query),
    DEW_SERVE_QUERY(moody, .load = load_moody),
    DEW_SERVE_QUERY(count, .load = load_count),
    DEW_SERVE_ACTION(end_action, .run = run_end_action),
    DEW_SERVE_ACTION(home_action, .run = run_home_action),
    DEW_SERVE_MUTATION(end_mutation, .run = run_end_mutation),
    DEW_SERVE_MUTATION(home_mutation, .run = run_home_mutation),
    DEW_SERVED_END
};
static const dew_migration migrations[] = {
    { "001.sql", "CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL) STRICT;" }, { NULL, NULL }
};

static void log_line(void *context, dew_log_level level, const char *message)
{
    fixture *f = context;
    if (level < DEW_LOG_WARN)
        return;
    snprintf(f->last_log, sizeof f->last_log, "%s", message);
    f->logged++;
}

static void start(fixture *f, const char *prefix, bool development)
{
    static const dew_served *const all[] = { served, NULL };
    dew_app_stop(f->app);
    f->app = NULL;
    const dew_app_config config = { .site = &outcome_site,
                                    .served = all,
                                    .context = f,
                                    .data_dir = f->dir,
                                    .migrations = migrations,
                                    .url_prefix = prefix,
                                    .development = development,
                                    .log = log_line,
                                    .log_context = f };
    dew_error error = { 0 };
    if (dew_app_start(&config, &f->app, &error) != 0)
        fail_msg("%s", error.message);
    f->port = dew_app_port(f->app);
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/dew-outcome-XXXXXX");
    *state = f;
    if (mkdtemp(f->dir) == NULL)
        return -1;
    start(f, NULL, false);
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    dew_app_stop(f->app);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    free(f);
    return system(command);
}

#define STATE "Accept: application/vnd.dew.state+json\r\n"
#define FORM  "Content-Type: application/x-www-form-urlencoded\r\n"

static void assert_body(web_answer answer, int status, const char *part)
{
    if (answer.status != status || answer.body == NULL || strstr(answer.body, part) == NULL)
        fail_msg("wanted %d with %s, got %d: %s", status, part, answer.status, answer.body != NULL ? answer.body : "");
    web_answer_free(&answer);
}

static void assert_goes(web_answer answer, int status, const char *location)
{
    const char *got = web_header(&answer, "location");
    if (answer.status != status || got == NULL || strcmp(got, location) != 0)
        fail_msg("wanted %d to %s, got %d to %s", status, location, answer.status, got != NULL ? got : "nowhere");
    web_answer_free(&answer);
}

/* ---- redirects ---- */

static void a_first_load_is_redirected_with_its_status(void **state)
{
    fixture *f = *state;
    static const int statuses[] = { 301, 302, 303, 307, 308 };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        char target[64];
        snprintf(target, sizeof target, "/end?status=%d&to=/login%%3Fa%%3Db", statuses[i]);
        assert_goes(web_get(f->port, target, NULL), statuses[i], "/login?a=b");
    }
    assert_goes(web_get(f->port, "/end?status=303&to=https://example.org/x", NULL), 303, "https://example.org/x");
}

static void a_redirect_that_may_lead_astray_is_refused(void **state)
{
    fixture *f = *state;
    web_answer answer = web_get(f->port, "/end?status=303&to=/a%0D%0ASet-Cookie:%20x=y", NULL);
    assert_null(web_header(&answer, "location"));
    assert_null(web_header(&answer, "set-cookie"));
    assert_body(answer, 400, "cannot be used");
    assert_body(web_get(f->port, "/end?status=303&to=//evil.example", NULL), 400, "cannot be used");
    assert_body(web_get(f->port, "/end?status=303&to=/%5Cevil.example", NULL), 400, "cannot be used");
    assert_body(web_get(f->port, "/end?status=200&to=/login", NULL), 400, "status 200");
}

static void a_state_tells_of_the_redirect_as_data(void **state)
{
    fixture *f = *state;
    web_answer answer = web_get(f->port, "/end?status=307&to=/login", STATE);
    assert_string_equal(web_header(&answer, "content-type"), "application/vnd.dew.state+json");
    assert_null(web_header(&answer, "location"));
    assert_string_equal(answer.body, "{\"redirect\":\"/login\",\"status\":307}");
    assert_int_equal(answer.status, 200);
    web_answer_free(&answer);
    assert_body(web_get(f->port, "/end/", STATE), 200, "{\"redirect\":\"/end\",\"status\":308}");
}

static void rpc_tells_of_the_redirect_as_data(void **state)
{
    fixture *f = *state;
    static const char *const fns[] = { "end_query", "end_action", "end_mutation" };
    for (size_t i = 0; i < 3; i++) {
        char body[128];
        snprintf(body, sizeof body, "{\"fn\":\"%s\",\"args\":{\"status\":303,\"to\":\"/login\",\"code\":\"\"}}",
                 fns[i]);
        web_answer answer = web_rpc(f->port, NULL, body);
        assert_string_equal(
            answer.body,
            "{\"error\":{\"code\":\"REDIRECT\",\"message\":\"see /login\",\"status\":303,\"location\":\"/login\"}}");
        assert_null(web_header(&answer, "location"));
        assert_int_equal(answer.status, 200);
        web_answer_free(&answer);
    }
}

static void a_socket_tells_of_the_redirect_as_data(void **state)
{
    fixture *f = *state;
    int fd = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(
        fd,
        "{\"type\":\"call\",\"id\":1,\"fn\":\"end_action\",\"args\":{\"status\":302,\"to\":\"/login\",\"code\":\"\"}}");
    free(web_socket_expect(fd, "\"id\":1,\"error\":{\"code\":\"REDIRECT\",\"message\":\"see "
                               "/login\",\"status\":302,\"location\":\"/login\"}}"));
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"end_query\",\"args\":{\"status\":302,\"to\":\"/"
                        "login\",\"code\":\"\"}}");
    free(web_socket_expect(fd, "\"id\":2,\"error\":{\"code\":\"REDIRECT\",\"message\":\"see "
                               "/login\",\"status\":302,\"location\":\"/login\"}}"));
    close(fd);
}

static void a_live_query_whose_next_run_redirects_says_so_and_comes_back(void **state)
{
    fixture *f = *state;
    int fd = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"moody\"}");
    free(web_socket_expect(fd, "\"status\":\"value\""));
    __atomic_store_n(&f->redirects, true, __ATOMIC_RELEASE);
    assert_int_equal(mood_publish(f->app), 0);
    free(web_socket_expect(
        fd, "\"error\":{\"code\":\"REDIRECT\",\"message\":\"see /login\",\"status\":303,\"location\":\"/login\"}}]"));
    assert_goes(web_get(f->port, "/moody", NULL), 303, "/login");
    __atomic_store_n(&f->redirects, false, __ATOMIC_RELEASE);
    assert_int_equal(mood_publish(f->app), 0);
    free(web_socket_expect(fd, "\"value\":{\"number\":\"0\"}"));
    close(fd);
}

static void a_form_goes_there_by_303_whatever_the_status(void **state)
{
    fixture *f = *state;
    assert_goes(web_request(f->port, "POST", "/_dew/form/end_action", FORM,
                            "_args={\"status\":307,\"to\":\"/login\",\"code\":\"\"}&_to=/end"),
                303, "/login");
    assert_goes(web_request(f->port, "POST", "/_dew/form/end_mutation", FORM,
                            "_args={\"status\":308,\"to\":\"/login\",\"code\":\"\"}&_to=/end"),
                303, "/login");
    assert_goes(web_request(f->port, "POST", "/_dew/form/end_action", FORM,
                            "_args={\"status\":0,\"to\":\"\",\"code\":\"\"}&_to=/end"),
                303, "/end");
}

static void a_mutation_that_redirects_is_committed(void **state)
{
    fixture *f = *state;
    assert_body(web_rpc(f->port, NULL,
                        "{\"fn\":\"end_mutation\",\"args\":{\"status\":0,\"to\":\"x\",\"code\":\"CONFLICT\"}}"),
                409, "CONFLICT");
    assert_body(web_rpc(f->port, NULL, "{\"fn\":\"count\"}"), 200, "\"number\":\"0\"");
    assert_body(web_rpc(f->port, NULL,
                        "{\"fn\":\"end_mutation\",\"args\":{\"status\":303,\"to\":\"/x\",\"code\":\"\"}}"),
                200, "REDIRECT");
    assert_body(web_rpc(f->port, NULL, "{\"fn\":\"count\"}"), 200, "\"number\":\"1\"");
    assert_body(web_rpc(f->port, NULL,
                        "{\"fn\":\"end_mutation\",\"args\":{\"status\":303,\"to\":\"//x\",\"code\":\"\"}}"),
                400, "INVALID");
    assert_body(web_rpc(f->port, NULL, "{\"fn\":\"count\"}"), 200, "\"number\":\"1\"");
}

static void a_mutation_sent_again_gets_the_same_redirect_and_changes_nothing(void **state)
{
    fixture *f = *state;
    const char *call = "{\"fn\":\"end_mutation\",\"args\":{\"status\":303,\"to\":\"/"
                       "x\",\"code\":\"\"},\"client\":\"c1\",\"seq\":\"1\"}";
    for (int i = 0; i < 2; i++)
        assert_body(web_rpc(f->port, NULL, call), 200,
                    "\"code\":\"REDIRECT\",\"message\":\"see /x\",\"status\":303,\"location\":\"/x\"");
    assert_body(web_rpc(f->port, NULL, "{\"fn\":\"count\"}"), 200, "\"number\":\"1\"");
}

static void a_redirect_without_an_address_is_a_fault(void **state)
{
    fixture *f = *state;
    web_answer answer =
        web_rpc(f->port, NULL, "{\"fn\":\"end_mutation\",\"args\":{\"status\":0,\"to\":\"x\",\"code\":\"REDIRECT\"}}");
    assert_null(strstr(answer.body, "secret"));
    assert_body(answer, 500, "\"code\":\"INTERNAL\"");
    assert_body(web_rpc(f->port, NULL, "{\"fn\":\"count\"}"), 200, "\"number\":\"0\"");
    assert_body(web_rpc(f->port, NULL,
                        "{\"fn\":\"end_query\",\"args\":{\"status\":0,\"to\":\"x\",\"code\":\"REDIRECT\"}}"),
                500, "INTERNAL");
}

static void addresses_are_made_below_the_prefix(void **state)
{
    fixture *f = *state;
    start(f, "/live", false);
    assert_goes(web_request(f->port, "POST", "/live/_dew/form/home_action", FORM, ""), 303, "/live/end?to=a%20b");
    assert_goes(web_request(f->port, "POST", "/live/_dew/form/home_mutation", FORM, ""), 303, "/live/items");
    __atomic_store_n(&f->redirects, true, __ATOMIC_RELEASE);
    assert_goes(web_get(f->port, "/live/moody", NULL), 303, "/live/login");
}

static void a_program_gets_the_redirect(void **state)
{
    fixture *f = *state;
    dew_rendered page = { 0 };
    assert_int_equal(dew_render_url(f->app, "/end?status=303&to=/login", NULL, &page), 0);
    assert_int_equal(page.status, 303);
    assert_string_equal(page.location, "/login");
    dew_rendered_dispose(&page);
}

/* ---- refusals ---- */

static void a_refusal_has_its_status_everywhere(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *name;
        int status;
    } cases[] = {
        { "INVALID", 400 },       { "UNAUTHENTICATED", 401 }, { "DENIED", 403 },
        { "NOT_FOUND", 404 },     { "CONFLICT", 409 },        { "RATE", 429 },
        { "UNPROCESSABLE", 422 }, { "INTERNAL", 500 },        { "BUSY", 503 },
        { "TIMEOUT", 504 },       { "LOADER_TIMEOUT", 504 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[160];
        const char *words = cases[i].status < 500 ? "secret x" : "(error ";
        snprintf(text, sizeof text, "/end?code=%s&to=x", cases[i].name);
        assert_body(web_get(f->port, text, NULL), cases[i].status, words);
        assert_body(web_get(f->port, text, STATE), cases[i].status, words);
        snprintf(text, sizeof text, "{\"fn\":\"end_action\",\"args\":{\"status\":0,\"to\":\"x\",\"code\":\"%s\"}}",
                 cases[i].name);
        assert_body(web_rpc(f->port, NULL, text), cases[i].status, words);
        snprintf(text, sizeof text, "_args={\"status\":0,\"to\":\"x\",\"code\":\"%s\"}&_to=/end", cases[i].name);
        assert_body(web_request(f->port, "POST", "/_dew/form/end_action", FORM, text), cases[i].status, words);
    }
}

static void a_refusal_never_lets_through(void **state)
{
    fixture *f = *state;
    assert_body(web_get(f->port, "/end?code=OK", NULL), 500, "(error ");
    assert_non_null(strstr(f->last_log, "no code that refuses"));
}

/* ---- ids ---- */

/* The id in what a visitor sees is that of the last line in the log, which tells the rest. */
static void assert_id(fixture *f, web_answer answer, int status, const char *name)
{
    assert_int_equal(answer.status, status);
    const char *shown = strstr(answer.body, "(error ");
    if (shown == NULL)
        fail_msg("no id in %s", answer.body);
    char id[9], line[64];
    snprintf(id, sizeof id, "%.8s", shown + strlen("(error "));
    snprintf(line, sizeof line, "error %s: %s: ", id, name);
    if (strncmp(f->last_log, line, strlen(line)) != 0)
        fail_msg("shown %s, logged %s", id, f->last_log);
    assert_non_null(strstr(f->last_log, "secret x"));
    assert_null(strstr(answer.body, "secret"));
    assert_int_equal(f->logged, 1);
    f->logged = 0;
    web_answer_free(&answer);
}

static void a_fault_has_an_id_that_the_log_has_too(void **state)
{
    fixture *f = *state;
    assert_id(f, web_get(f->port, "/end?code=INTERNAL&to=x", NULL), 500, "/end?code=INTERNAL&to=x");
    assert_id(f, web_get(f->port, "/end?code=BUSY&to=x", STATE), 503, "/end?code=BUSY&to=x");
    assert_id(f, web_rpc(f->port, NULL, "{\"fn\":\"end_query\",\"args\":{\"status\":0,\"to\":\"x\",\"code\":\"IO\"}}"),
              500, "end_query");
    assert_id(f,
              web_rpc(f->port, NULL,
                      "{\"fn\":\"end_action\",\"args\":{\"status\":0,\"to\":\"x\",\"code\":\"TIMEOUT\"}}"),
              504, "end_action");
    assert_id(f,
              web_request(f->port, "POST", "/_dew/form/end_mutation", FORM,
                          "_args={\"status\":0,\"to\":\"x\",\"code\":\"INTERNAL\"}"),
              500, "end_mutation");
}

static void ids_are_fields_on_the_wire(void **state)
{
    fixture *f = *state;
    web_answer answer =
        web_rpc(f->port, NULL, "{\"fn\":\"end_action\",\"args\":{\"status\":0,\"to\":\"x\",\"code\":\"INTERNAL\"}}");
    char id[9] = "", wanted[160];
    assert_int_equal(sscanf(f->last_log, "error %8[0-9a-z]:", id), 1);
    snprintf(wanted, sizeof wanted,
             "{\"error\":{\"code\":\"INTERNAL\",\"message\":\"a fault in the program; the log has the details (error "
             "%s)\",\"id\":\"%s\"}}",
             id, id);
    assert_string_equal(answer.body, wanted);
    web_answer_free(&answer);
    answer = web_get(f->port, "/end?code=INTERNAL&to=x", STATE);
    assert_int_equal(sscanf(f->last_log, "error %8[0-9a-z]:", id), 1);
    snprintf(wanted, sizeof wanted, "(error %s)\",\"id\":\"%s\"}}", id, id);
    assert_body(answer, 500, wanted);
    int fd = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"end_query\",\"args\":{\"status\":0,\"to\":\"x\","
                        "\"code\":\"INTERNAL\"}}");
    char *message = web_socket_expect(fd, "\"type\":\"subscribed\"");
    assert_int_equal(sscanf(f->last_log, "error %8[0-9a-z]:", id), 1);
    snprintf(wanted, sizeof wanted, "(error %s)\",\"id\":\"%s\"}}", id, id);
    assert_non_null(strstr(message, wanted));
    free(message);
    close(fd);
}

static void a_refusal_has_no_id_and_is_not_logged(void **state)
{
    fixture *f = *state;
    web_answer answer = web_get(f->port, "/end?code=DENIED&to=x", NULL);
    assert_null(strstr(answer.body, "(error "));
    web_answer_free(&answer);
    answer = web_rpc(f->port, NULL, "{\"fn\":\"end_action\",\"args\":{\"status\":0,\"to\":\"x\",\"code\":\"RATE\"}}");
    assert_null(strstr(answer.body, "\"id\""));
    web_answer_free(&answer);
    assert_int_equal(f->logged, 0);
}

static void in_development_the_id_stands_beside_the_details(void **state)
{
    fixture *f = *state;
    start(f, NULL, true);
    web_answer answer = web_get(f->port, "/end?code=INTERNAL&to=x", NULL);
    assert_non_null(strstr(answer.body, "secret x (error "));
    web_answer_free(&answer);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(a_first_load_is_redirected_with_its_status),
        EACH(a_redirect_that_may_lead_astray_is_refused),
        EACH(a_state_tells_of_the_redirect_as_data),
        EACH(rpc_tells_of_the_redirect_as_data),
        EACH(a_socket_tells_of_the_redirect_as_data),
        EACH(a_live_query_whose_next_run_redirects_says_so_and_comes_back),
        EACH(a_form_goes_there_by_303_whatever_the_status),
        EACH(a_mutation_that_redirects_is_committed),
        EACH(a_mutation_sent_again_gets_the_same_redirect_and_changes_nothing),
        EACH(a_redirect_without_an_address_is_a_fault),
        EACH(a_program_gets_the_redirect),
        EACH(a_refusal_has_its_status_everywhere),
        EACH(a_refusal_never_lets_through),
        EACH(a_fault_has_an_id_that_the_log_has_too),
        EACH(ids_are_fields_on_the_wire),
        EACH(a_refusal_has_no_id_and_is_not_logged),
        EACH(addresses_are_made_below_the_prefix),
        EACH(in_development_the_id_stands_beside_the_details),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
