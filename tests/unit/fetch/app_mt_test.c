/* app_mt_test.c - dew_fetch in an application: from a loader, live too, an action, an endpoint, a guard and a task; and what an
 * upstream sees when the visitor hangs up. The upstream is a second application, which tells what became of its requests. */
#include "support/web_client.h"

#include <dew/dew.h>
#include <dew/fetch.h>
#include <dew/server.h>

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- the upstream ---- */

enum { LOADER, ACTION, ENDPOINT, GUARD, TASK, IDS };

/* What it saw of each. Atomic access only. */
static struct {
    int asked, begun, hung_up;
} seen[IDS];

#define UPSTREAM_ASKED(F) F(i32, id)
DEW_STRUCT(upstream_asked, UPSTREAM_ASKED)
#define UPSTREAM_TOLD(F) F(i32, id) F(str, trace)
DEW_STRUCT(upstream_told, UPSTREAM_TOLD)

static int count(int *counter)
{
    return __atomic_add_fetch(counter, 1, __ATOMIC_ACQ_REL);
}

static void until(const int *counter, int wanted)
{
    while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) < wanted)
        sched_yield();
}

static int tell(dew_scope *scope, const upstream_asked *asked, upstream_told *out)
{
    count(&seen[asked->id].asked);
    out->id = asked->id;
    out->trace = dew_scope_header(scope, "traceparent");
    return 0;
}

/* Never answers. */
static int hold(dew_scope *scope, const upstream_asked *asked, upstream_told *out)
{
    (void)out;
    count(&seen[asked->id].begun);
    int code = dew_sleep(scope, 3600000);
    const dew_cause *cause = dew_scope_cause(scope);
    if (cause != NULL && cause->end == DEW_END_CLIENT_GONE)
        count(&seen[asked->id].hung_up);
    return code;
}

static const dew_served upstream_served[] = {
    DEW_SERVE_ENDPOINT("GET", "/tell/:id", upstream_asked, upstream_told, .run = tell),
    DEW_SERVE_ENDPOINT("GET", "/hold/:id", upstream_asked, upstream_told, .run = hold, .timeout = DEW_NEVER),
    DEW_SERVED_END,
};

/* ---- the application ---- */

DEW_DEP(upstream_url, const char *)

static int ask(dew_scope *scope, const char *what, int id, upstream_told *out)
{
    dew_response answer;
    dew_str at = dew_scope_fmt(scope, "%s/%s/%d", upstream_url_get(scope), what, id);
    int failed = dew_fetch(scope, &answer, at.ptr, .timeout = DEW_NEVER);
    return failed != 0 ? failed : dew_response_json(scope, &answer, upstream_told, out);
}

#define ASKED(F) F(bool, for_ever)
DEW_STRUCT(asked, ASKED)
DEW_QUERY(told, asked, upstream_told)
DEW_QUERY(nothing, dew_none, upstream_told)
DEW_ACTION(act, asked, upstream_told)

static int load_told(dew_scope *scope, const asked *how, upstream_told *out)
{
    return ask(scope, how->for_ever ? "hold" : "tell", LOADER, out);
}

static int load_nothing(dew_scope *scope, const dew_none *none, upstream_told *out)
{
    (void)scope, (void)none, (void)out;
    return 0;
}

static int run_act(dew_scope *scope, const asked *how, upstream_told *out)
{
    return ask(scope, how->for_ever ? "hold" : "tell", ACTION, out);
}

static int serve(dew_scope *scope, const asked *how, upstream_told *out)
{
    return ask(scope, how->for_ever ? "hold" : "tell", ENDPOINT, out);
}

static int asks(dew_scope *scope, dew_next *next)
{
    upstream_told told;
    dew_passed passed;
    bool for_ever = dew_str_eq(dew_scope_query(scope, "for_ever"), DEW_S("true"));
    int failed = ask(scope, for_ever ? "hold" : "tell", GUARD, &told);
    return failed != 0 ? failed : dew_next_run(next, &passed);
}

/* Once an answer, then waits until the application ends. */
static int run_task(dew_scope *scope)
{
    upstream_told told;
    int failed = ask(scope, "tell", TASK, &told);
    return failed != 0 ? failed : ask(scope, "hold", TASK, &told);
}

DEW_ROUTE(page, "/page", asked)
DEW_ROUTE(guarded, "/guarded", asked)

static void page_view(void)
{
    const upstream_told *it = need(use_told(page_params()));
    el(p) textf("told %d %s", (int)it->id, it->trace.ptr);
}

static void guarded_view(void)
{
    (void)need(use_nothing());
    el(p) text("within");
}

static const dew_page page = { .route = &page_route, .view = page_view },
                      guarded = { .route = &guarded_route, .view = guarded_view };
DEW_SITE(fetching, .name = "Fetching", .pages = DEW_PAGES(&page, &guarded))

static const dew_served served[] = {
    DEW_SERVE_QUERY(told, .load = load_told, .timeout = DEW_NEVER, .max_age = DEW_MS(0)),
    DEW_SERVE_ACTION(act, .run = run_act, .timeout = DEW_NEVER),
    DEW_SERVE_ENDPOINT("GET", "/endpoint", asked, upstream_told, .run = serve, .timeout = DEW_NEVER),
    DEW_SERVED_END,
};
static const dew_served behind_guard[] = {
    DEW_SERVE_PAGE(guarded, .use = DEW_USE(asks)),
    DEW_SERVE_QUERY(nothing, .load = load_nothing),
    DEW_SERVED_END,
};

static dew_app *upstream, *app;
static int port;

/* What the configurations point to lives as long as the applications. */
static const char *url;
static const dew_provided deps[] = { { &upstream_url_dep, &url }, { NULL, NULL } };
static const dew_served *const upstream_lists[] = { upstream_served, NULL }, *const lists[] = { served, behind_guard, NULL };
static const dew_task tasks[] = { { .name = "asks", .run = run_task }, { .name = NULL } };

static int setup(void **state)
{
    (void)state;
    dew_error error;
    memset(seen, 0, sizeof seen);
    dew_app_config there = { .site = &fetching_site, .served = upstream_lists, .workers = 2 };
    if (dew_app_start(&there, &upstream, &error) != 0)
        fail_msg("%s", error.message);
    url = dew_app_url(upstream);
    dew_app_config here = { .site = &fetching_site, .served = lists, .deps = deps, .tasks = tasks, .workers = 2 };
    if (dew_app_start(&here, &app, &error) != 0)
        fail_msg("%s", error.message);
    port = dew_app_port(app);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dew_app_stop(app);
    dew_app_stop(upstream);
    return 0;
}

static void assert_told(web_answer answer, const char *part)
{
    if (answer.status != 200 || strstr(answer.body, part) == NULL)
        fail_msg("%d %s", answer.status, answer.body);
    web_answer_free(&answer);
}

static void every_handler_may_fetch(void **state)
{
    (void)state;
    assert_told(web_get(port, "/page", NULL), "told 0");
    assert_told(web_rpc(port, NULL, "{\"fn\":\"act\",\"args\":{\"for_ever\":false}}"), "{\"id\":1");
    assert_told(web_get(port, "/endpoint?for_ever=false", NULL), "{\"id\":2");
    assert_told(web_get(port, "/guarded", NULL), "within");
    assert_int_equal(seen[GUARD].asked, 1);
    until(&seen[TASK].begun, 1);
    assert_int_equal(seen[TASK].asked, 1);
}

static void the_visitors_trace_reaches_the_upstream(void **state)
{
    (void)state;
#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert_told(web_get(port, "/page", "traceparent: " TRACE "\r\n"), "told 0 " TRACE);
    assert_told(web_get(port, "/page", "traceparent: 00-x\r\n"), "told 0 <");
}

/* A re-run knows no headers but those that the loader reads: the trace is none of them. */
static void a_subscribed_query_that_fetches_settles(void **state)
{
    (void)state;
    int fd = web_socket(port, "/_dew/ws", "traceparent: " TRACE "\r\n");
    web_socket_hello(fd, "c");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"told\",\"args\":{\"for_ever\":false}}");
    free(web_socket_expect(fd, "\"subscribed\""));
    int asked_count = __atomic_load_n(&seen[LOADER].asked, __ATOMIC_ACQUIRE);
    assert_in_range(asked_count, 1, 2); /* to learn what it reads, then at its home */
    web_socket_send(fd, "{\"type\":\"ping\"}");
    free(web_socket_expect(fd, "pong"));
    assert_int_equal(__atomic_load_n(&seen[LOADER].asked, __ATOMIC_ACQUIRE), asked_count);
    close(fd);
}

/* The upstream hears of it though it has not answered, and never would. */
static void a_visitor_who_hangs_up_is_hung_up_for_at_the_upstream(void **state)
{
    (void)state;
    static const struct {
        int id;
        const char *request;
    } cases[] = {
        { LOADER, "GET /page?for_ever=true HTTP/1.1\r\nHost: localhost\r\n\r\n" },
        { ENDPOINT, "GET /endpoint?for_ever=true HTTP/1.1\r\nHost: localhost\r\n\r\n" },
        { GUARD, "GET /guarded?for_ever=true HTTP/1.1\r\nHost: localhost\r\n\r\n" },
        { ACTION,
          "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 38\r\n"
          "\r\n{\"fn\":\"act\",\"args\":{\"for_ever\":true}} " },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = web_connect(port);
        web_send(fd, cases[i].request, strlen(cases[i].request));
        until(&seen[cases[i].id].begun, 1);
        close(fd);
        until(&seen[cases[i].id].hung_up, 1);
    }
}

static void tasks_are_hung_up_for_when_the_application_ends(void **state)
{
    (void)state;
    until(&seen[TASK].begun, 1);
    dew_app_stop(app);
    app = NULL;
    until(&seen[TASK].hung_up, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_handler_may_fetch),
        TEST(the_visitors_trace_reaches_the_upstream),
        TEST(a_subscribed_query_that_fetches_settles),
        TEST(a_visitor_who_hangs_up_is_hung_up_for_at_the_upstream),
        TEST(tasks_are_hung_up_for_when_the_application_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
