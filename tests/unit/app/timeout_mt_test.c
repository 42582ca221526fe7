/* timeout_mt_test.c - time-outs of loaders that do not look at their scope, in a running application: who waits has his answer
 * while the loader goes on as an orphan, which is counted; dew_with_timeout in a loader and in an action. */
#include "support/web_client.h"

#include <dew/dew.h>
#include <dew/server.h>

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SHOWN(F) F(str, text)
DEW_STRUCT(shown, SHOWN)

DEW_QUERY(deaf, dew_none, shown)      /* has a time-out of its own; blocks while the gate is shut */
DEW_QUERY(patient, dew_none, shown)   /* the same, with more time */
DEW_QUERY(deaf_too, dew_none, shown)  /* has that of the configuration */
DEW_QUERY(profile, dew_none, shown)   /* gives the upstream a time */
DEW_QUERY(restful, dew_none, shown)   /* blocks while the gate is shut, without a time-out */
DEW_ACTION(fetch_profile, dew_none, shown)
DEW_ACTION(stall, dew_none, shown)      /* has a time-out; blocks while the gate is shut */
DEW_ACTION(stall_long, dew_none, shown) /* the same without */
DEW_ACTION(hurried, dew_none, shown)    /* its guard wants to give the rest a time */
DEW_SIGNAL(stirred, "stirred")

/* ---- the gate: what blocks waits for it ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the next two */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_open;
static int blocked;

static int block(void *ctx)
{
    (void)ctx;
    pthread_mutex_lock(&lock);
    blocked++;
    pthread_cond_broadcast(&changed);
    while (!is_open)
        pthread_cond_wait(&changed, &lock);
    blocked--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return 0;
}

static void set_open(bool open)
{
    pthread_mutex_lock(&lock);
    is_open = open;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void await_blocked(int count)
{
    pthread_mutex_lock(&lock);
    while (blocked != count)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

/* ---- the application ---- */

static int load_deaf(dew_scope *scope, const dew_none *none, shown *out)
{
    (void)none;
    int code = stirred_watch(scope);
    if (code != 0)
        return code;
    if (dew_offload(scope, block, NULL) == 0)
        out->text = S("in time");
    else
        out->text = dew_scope_fmt(scope, "late: %s", dew_scope_cause(scope)->text);
    return 0;
}

/* In the scope's arena. */
typedef struct upstream_call {
    const char *who;
    dew_str answer;
} upstream_call;

static int ask_upstream(dew_scope *scope, void *context)
{
    upstream_call *call = context;
    (void)!dew_offload(scope, block, NULL);
    call->answer = dew_scope_fmt(scope, "profile of %s", call->who);
    return 0;
}

static int profile_or_none(dew_scope *scope, shown *out)
{
    upstream_call *call = dew_arena_calloc(dew_scope_arena(scope), 1, sizeof *call);
    if (call == NULL)
        return DEW_E_NOMEM;
    call->who = "ann";
    int code = dew_with_timeout(scope, "users.profile", 30, ask_upstream, call);
    if (code != 0 && code != DEW_E_LOADER_TIMEOUT)
        return code;
    out->text = code == 0 ? call->answer : S("no profile today");
    return 0;
}

static int load_profile(dew_scope *scope, const dew_none *none, shown *out)
{
    (void)none;
    int code = stirred_watch(scope);
    return code != 0 ? code : profile_or_none(scope, out);
}

static int run_fetch_profile(dew_scope *scope, const dew_none *none, shown *out)
{
    (void)none;
    return profile_or_none(scope, out);
}

static int run_stall(dew_scope *scope, const dew_none *none, shown *out)
{
    (void)none;
    (void)!dew_offload(scope, block, NULL);
    out->text = dew_scope_fmt(scope, "for \"%.*s\"", DEW_STR_FMT(dew_scope_cookie(scope, "theme")));
    return 0;
}

static int go_on(dew_scope *scope, void *next)
{
    (void)scope;
    return dew_next_run(next, NULL);
}

static int hurry(dew_scope *scope, dew_next *next)
{
    return dew_with_timeout(scope, "the rest", 1000, go_on, next);
}

static int run_hurried(dew_scope *scope, const dew_none *none, shown *out)
{
    (void)scope, (void)none;
    out->text = S("never");
    return 0;
}

static void deaf_view(void)
{
    const shown *value = need(use_deaf());
    el(p) text(value->text);
}

static void profile_view(void)
{
    const shown *value = need(use_profile());
    el(p) text(value->text);
}

static void restful_view(void)
{
    const shown *value = need(use_restful());
    el(p) text(value->text);
}

static const dew_page deaf_page = { .path = "/deaf", .view = deaf_view },
                      profile_page = { .path = "/profile", .view = profile_view },
                      restful_page = { .path = "/restful", .view = restful_view };
DEW_SITE(gated, .name = "Gated", .pages = DEW_PAGES(&deaf_page, &profile_page, &restful_page))

static const dew_served served[] = {
    DEW_SERVE_QUERY(deaf, .load = load_deaf, .timeout = DEW_MS(30)),
    DEW_SERVE_QUERY(deaf_too, .load = load_deaf),
    DEW_SERVE_QUERY(patient, .load = load_deaf, .timeout = DEW_MS(1000)),
    DEW_SERVE_QUERY(profile, .load = load_profile, .timeout = DEW_NEVER),
    DEW_SERVE_QUERY(restful, .load = load_deaf, .timeout = DEW_NEVER),
    DEW_SERVE_ACTION(fetch_profile, .run = run_fetch_profile),
    DEW_SERVE_ACTION(stall, .run = run_stall, .timeout = DEW_MS(30)),
    DEW_SERVE_ACTION(hurried, .run = run_hurried, .use = DEW_USE(hurry)),
    DEW_SERVE_ACTION(stall_long, .run = run_stall),
    DEW_SERVED_END
};

static const dew_served negative[] = { DEW_SERVE_QUERY(deaf, .load = load_deaf, .timeout = DEW_MS(-1)), DEW_SERVED_END };

static dew_app *app;

static void quiet(void *context, dew_log_level level, const char *line)
{
    (void)context, (void)level, (void)line;
}

static dew_app_config config_of(void)
{
    return (dew_app_config){ .site = &gated_site, .loader_timeout = DEW_MS(30), .development = true, .log = quiet };
}

static int setup(void **state)
{
    (void)state;
    static const dew_served *const lists[] = { served, NULL };
    dew_app_config config = config_of();
    dew_error error = { 0 };
    config.served = lists;
    set_open(false);
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    set_open(true);
    dew_app_stop(app);
    await_blocked(0);
    return 0;
}

static void assert_says(web_answer answer, int status, const char *part)
{
    if (answer.status != status || strstr(answer.body, part) == NULL)
        fail_msg("wanted %d with %s, got %d: %s", status, part, answer.status, answer.body);
    web_answer_free(&answer);
}

/* Asks until it was in time: what is not blocked is so sooner or later, however busy the machine. */
static void await_says(const char *target, const char *part)
{
    for (;;) {
        web_answer answer = web_get(dew_app_port(app), target, NULL);
        bool is_said = answer.status == 200 && strstr(answer.body, part) != NULL;
        web_answer_free(&answer);
        if (is_said)
            return;
        assert_int_equal(stirred_publish(app), 0); /* what is kept of it is out of date */
    }
}

static long metric(const char *name)
{
    char start[64];
    snprintf(start, sizeof start, "\n%s ", name);
    web_answer answer = web_get(dew_app_port(app), "/_dew/metrics", NULL);
    const char *at = strstr(answer.body, start);
    WEB_CHECK(at != NULL);
    long value = strtol(at + strlen(start), NULL, 10);
    web_answer_free(&answer);
    return value;
}

static void await_orphans(long now)
{
    while (metric("dew_orphans") != now)
        sched_yield();
}

/* ---- first loads ---- */

static void a_page_whose_loader_ignores_its_deadline_answers_504_while_it_goes_on(void **state)
{
    (void)state;
    int port = dew_app_port(app);
    assert_says(web_get(port, "/deaf", NULL), 504, "deaf took longer than 30 ms");
    await_blocked(1);
    assert_int_equal(metric("dew_orphans"), 1);
    set_open(true);
    await_orphans(0);
    assert_int_equal(metric("dew_orphans_total"), 1);
    await_says("/deaf", "in time"); /* nothing is left of the late one */
}

static void a_call_says_loader_timeout(void **state)
{
    (void)state;
    assert_says(web_rpc(dew_app_port(app), NULL, "{\"fn\":\"deaf\"}"), 504, "\"code\":\"LOADER_TIMEOUT\"");
}

static void the_configurations_time_holds_for_queries_without_one(void **state)
{
    (void)state;
    assert_says(web_rpc(dew_app_port(app), NULL, "{\"fn\":\"deaf_too\"}"), 504, "deaf_too took longer than 30 ms");
}

static void a_client_that_leaves_ends_a_loader_that_does_not_look(void **state)
{
    (void)state;
    int fd = web_connect(dew_app_port(app));
    static const char request[] = "GET /restful HTTP/1.1\r\nHost: localhost\r\n\r\n";
    web_send(fd, request, sizeof request - 1);
    await_blocked(1);
    assert_int_equal(metric("dew_orphans"), 0);
    close(fd);
    await_orphans(1);
    set_open(true);
    await_orphans(0);
}

/* ---- dew_with_timeout ---- */

static void a_loader_goes_on_without_what_took_too_long(void **state)
{
    (void)state;
    int port = dew_app_port(app);
    assert_says(web_get(port, "/profile", NULL), 200, "no profile today");
    assert_int_equal(metric("dew_orphans"), 1);
    set_open(true);
    await_orphans(0); /* and the page's memory with it: LeakSanitizer, AddressSanitizer */
    await_says("/profile", "profile of ann");
}

static void an_action_does_too(void **state)
{
    (void)state;
    int port = dew_app_port(app);
    assert_says(web_rpc(port, NULL, "{\"fn\":\"fetch_profile\"}"), 200, "no profile today");
    assert_int_equal(metric("dew_orphans"), 1);
    set_open(true);
    await_orphans(0);
}

/* ---- actions ---- */

static void a_guards_rest_of_the_way_is_not_for_another_fiber(void **state)
{
    (void)state;
    assert_says(web_rpc(dew_app_port(app), NULL, "{\"fn\":\"hurried\"}"), 501, "dew_next_run");
}

static void an_action_that_ignores_its_deadline_answers_504_while_it_goes_on(void **state)
{
    (void)state;
    assert_says(web_rpc(dew_app_port(app), "Cookie: theme=dark\r\n", "{\"fn\":\"stall\"}"), 504,
                "\"code\":\"TIMEOUT\"");
    await_blocked(1);
    assert_int_equal(metric("dew_orphans"), 1);
    set_open(true);
    await_orphans(0);
    assert_int_equal(metric("dew_orphans_total"), 1);
}

static void a_client_that_leaves_an_action_that_does_not_look_leaves_an_orphan(void **state)
{
    (void)state;
    int fd = web_connect(dew_app_port(app));
    static const char request[] = "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                  "Content-Length: 19\r\n\r\n{\"fn\":\"stall_long\"}";
    web_send(fd, request, sizeof request - 1);
    await_blocked(1);
    close(fd);
    await_orphans(1);
    set_open(true);
    await_orphans(0);
    assert_says(web_rpc(dew_app_port(app), "Cookie: theme=dark\r\n", "{\"fn\":\"stall_long\"}"), 200, "for \\\"dark");
}

/* ---- live ---- */

static void a_live_query_whose_re_run_takes_too_long_is_in_error_until_one_does_not(void **state)
{
    (void)state;
    set_open(true);
    int fd = web_socket(dew_app_port(app), "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"patient\"}");
    free(web_socket_expect(fd, "\"in time\""));
    set_open(false);
    assert_int_equal(stirred_publish(app), 0);
    free(web_socket_expect(fd, "\"error\":{\"code\":\"LOADER_TIMEOUT\""));
    await_orphans(1);
    set_open(true);
    free(web_socket_expect(fd, "\"type\":\"frame\"")); /* tried again after a while */
    await_orphans(0);
    close(fd);
}

/* ---- start and stop ---- */

static void negative_times_are_refused_at_start_by_name(void **state)
{
    (void)state;
    static const dew_served *const lists[] = { negative, NULL };
    dew_app *none = NULL;
    dew_error error = { 0 };
    dew_app_config config = config_of();
    config.served = lists;
    assert_int_equal(dew_app_start(&config, &none, &error), DEW_E_INVALID);
    assert_non_null(strstr(error.message, "deaf: its .timeout is -1 ms"));
    config = config_of();
    config.served = NULL;
    config.loader_timeout = (dew_duration)DEW_MS(-5);
    assert_int_equal(dew_app_start(&config, &none, &error), DEW_E_INVALID);
    assert_non_null(strstr(error.message, "loader_timeout: -5 ms"));
}

static void *stop(void *arg)
{
    (void)arg;
    dew_app_stop(app);
    return NULL;
}

static void the_drain_waits_for_orphans(void **state)
{
    (void)state;
    setup(NULL);
    assert_says(web_get(dew_app_port(app), "/deaf", NULL), 504, "");
    await_blocked(1);
    assert_int_equal(metric("dew_orphans"), 1);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, stop, NULL), 0);
    set_open(true);
    assert_int_equal(pthread_join(thread, NULL), 0); /* and asserts that no fiber is left on its loop */
    await_blocked(0);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(a_page_whose_loader_ignores_its_deadline_answers_504_while_it_goes_on),
        EACH(a_call_says_loader_timeout),
        EACH(the_configurations_time_holds_for_queries_without_one),
        EACH(a_client_that_leaves_ends_a_loader_that_does_not_look),
        EACH(a_loader_goes_on_without_what_took_too_long),
        EACH(an_action_does_too),
        EACH(a_guards_rest_of_the_way_is_not_for_another_fiber),
        EACH(an_action_that_ignores_its_deadline_answers_504_while_it_goes_on),
        EACH(a_client_that_leaves_an_action_that_does_not_look_leaves_an_orphan),
        EACH(a_live_query_whose_re_run_takes_too_long_is_in_error_until_one_does_not),
        cmocka_unit_test(negative_times_are_refused_at_start_by_name),
        cmocka_unit_test(the_drain_waits_for_orphans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
