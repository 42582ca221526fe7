/* budget_mt_test.c - the time that a whole request has (dew_app_config.request_timeout), and other ends of a visit, on real
 * sockets. */
#include "support/app_sample.h"
#include "support/web_client.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct fixture {
    char dir[64];
    app_sample sample;
    dew_app *app;
    int port;
} fixture;

static void start(fixture *f, dew_duration whole)
{
    dew_app_config config = sample_config(&f->sample, f->dir);
    config.request_timeout = whole;
    dew_error error = { 0 };
    if (dew_app_start(&config, &f->app, &error) != 0)
        fail_msg("%s", error.message);
    f->port = dew_app_port(f->app);
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/dew-budget-XXXXXX");
    *state = f;
    return mkdtemp(f->dir) != NULL ? 0 : -1;
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

static void assert_status(web_answer answer, int status, const char *part)
{
    if (answer.status != status || answer.body == NULL || strstr(answer.body, part) == NULL)
        fail_msg("wanted %d with %s, got %d: %s", status, part, answer.status, answer.body != NULL ? answer.body : "");
    web_answer_free(&answer);
}

/* Waits until so many loaders of `slow` sleep. */
static void await_sleeping(fixture *f, long count)
{
    while (__atomic_load_n(&f->sample.sleeping, __ATOMIC_ACQUIRE) != count)
        nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
}

static void a_page_that_takes_longer_is_504_at_once_and_its_loaders_end(void **state)
{
    fixture *f = *state;
    start(f, (dew_duration)DEW_MS(30));
    assert_status(web_get(f->port, "/never", NULL), 504, "<html");
    await_sleeping(f, 0);
    assert_status(web_get(f->port, "/never", "Accept: application/vnd.dew.state+json\r\n"), 504,
                  "\"code\":\"TIMEOUT\"");
    await_sleeping(f, 0);
    assert_status(web_get(f->port, "/items", NULL), 200, "tomatoes");
}

static void a_query_called_takes_no_longer_either(void **state)
{
    fixture *f = *state;
    start(f, (dew_duration)DEW_MS(30));
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"slow\",\"args\":{\"ms\":600000}}"), 504, "\"code\":\"TIMEOUT\"");
    await_sleeping(f, 0);
    int fd = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"call\",\"id\":1,\"fn\":\"slow\",\"args\":{\"ms\":600000}}");
    free(web_socket_expect(fd, "\"id\":1,\"error\":{\"code\":\"TIMEOUT\""));
    close(fd);
}

static void an_action_has_its_own_time_or_that_of_the_request(void **state)
{
    fixture *f = *state;
    start(f, (dew_duration)DEW_MS(30));
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"preload_slow\",\"args\":{\"ms\":600000}}"), 504,
                  "\"code\":\"TIMEOUT\"");
    await_sleeping(f, 0);
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"linger\",\"args\":{\"ms\":60}}"), 200,
                  "\"value\""); /* .timeout: 2 s */
}

static void zero_refuses_what_has_to_wait_and_nothing_else(void **state)
{
    fixture *f = *state;
    start(f, (dew_duration)DEW_MS(0));
    assert_status(web_get(f->port, "/", NULL), 200, "Sample");
    assert_status(web_get(f->port, "/slow", NULL), 504, "<html");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"slow\",\"args\":{\"ms\":600000}}"), 504, "TIMEOUT");
}

static void never_is_a_value(void **state)
{
    fixture *f = *state;
    start(f, (dew_duration)DEW_NEVER);
    assert_status(web_get(f->port, "/slow", NULL), 200, "<p>0</p>");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"slow\",\"args\":{\"ms\":1}}"), 200, "\"number\"");
}

static void a_negative_time_is_refused_at_start(void **state)
{
    fixture *f = *state;
    dew_app_config config = sample_config(&f->sample, f->dir);
    dew_error error = { 0 };
    config.request_timeout = (dew_duration)DEW_MS(-1);
    assert_int_equal(dew_app_start(&config, &f->app, &error), DEW_E_INVALID);
    assert_non_null(strstr(error.message, "request_timeout"));
}

static void waiting_frame(void)
{
    (void)need(use_slow((sample_wait){ 600000 }));
    dew_outlet();
}
static void plain_view(void)
{
    el(p) text("plain");
}
static const dew_layout frame = { .view = waiting_frame };
static const dew_page plain_page = { .path = "/", .view = plain_view };
static const dew_site framed_site = { .name = "Framed", .pages = DEW_PAGES(&plain_page), .layout = &frame };

/* Its frame needs what took too long. */
static void the_error_page_is_not_waited_for(void **state)
{
    fixture *f = *state;
    dew_app_config config = sample_config(&f->sample, f->dir);
    config.site = &framed_site;
    config.request_timeout = (dew_duration)DEW_MS(30);
    dew_error error = { 0 };
    assert_int_equal(dew_app_start(&config, &f->app, &error), 0);
    f->port = dew_app_port(f->app);
    assert_status(web_get(f->port, "/", NULL), 504, "<h1>Took too long</h1>");
    assert_status(web_get(f->port, "/nowhere", NULL), 404,
                  "<h1>Not found</h1>"); /* why it is shown stays what it was */
    await_sleeping(f, 0);
}

static int sleeping_guard(dew_scope *scope, dew_next *next)
{
    int ended = dew_sleep(scope, 600000);
    return ended != 0 ? ended : dew_next_run(next, NULL);
}
static int passing_guard(dew_scope *scope, dew_next *next)
{
    int ended = dew_sleep(scope, 1);
    return ended != 0 ? ended : dew_next_run(next, NULL);
}

static void guards_have_no_more_time_than_what_they_guard(void **state)
{
    fixture *f = *state;
    dew_app_config config = sample_config(&f->sample, f->dir);
    config.request_timeout = (dew_duration)DEW_MS(30);
    dew_error error = { 0 };
    config.use = (dew_guard_list)DEW_USE(sleeping_guard);
    assert_int_equal(dew_app_start(&config, &f->app, &error), 0);
    f->port = dew_app_port(f->app);
    assert_status(web_get(f->port, "/", NULL), 504, "<html");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"current\"}"), 504, "TIMEOUT");
    dew_app_stop(f->app);
    config.use = (dew_guard_list)DEW_USE(passing_guard);
    assert_int_equal(dew_app_start(&config, &f->app, &error), 0);
    f->port = dew_app_port(f->app);
    assert_status(web_get(f->port, "/", NULL), 200, "Sample");
    assert_status(web_get(f->port, "/never", NULL), 504, "<html");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"slow\",\"args\":{\"ms\":600000}}"), 504, "TIMEOUT");
    await_sleeping(f, 0);
}

/* Runs are shared: the one whose time is up leaves, and the other gets the value. */
static void a_loader_that_others_wait_for_runs_on(void **state)
{
    fixture *f = *state;
    start(f, (dew_duration)DEW_MS(20));
    int fd = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd,
                    "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"slow\",\"args\":{\"ms\":400}}"); /* has no such time */
    await_sleeping(f, 1);
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"slow\",\"args\":{\"ms\":400}}"), 504, "TIMEOUT");
    free(web_socket_expect(fd, "\"id\":1,\"query\":"));
    close(fd);
}

static void rendered(void *context, int code, dew_rendered *page)
{
    (void)page;
    *(int *)context = code;
}

static void *visit(void *arg)
{
    fixture *f = arg;
    web_answer answer = web_get(f->port, "/never", NULL);
    WEB_CHECK(answer.status == 503);
    web_answer_free(&answer);
    return NULL;
}

static void who_waits_when_the_server_goes_down_is_told_503(void **state)
{
    fixture *f = *state;
    dew_app_config config = sample_config(&f->sample, f->dir);
    config.drain = (dew_duration)DEW_MS(20);
    dew_error error = { 0 };
    assert_int_equal(dew_app_start(&config, &f->app, &error), 0);
    f->port = dew_app_port(f->app);
    pthread_t visitor;
    assert_int_equal(pthread_create(&visitor, NULL, visit, f), 0);
    await_sleeping(f, 1);
    int told = 0;
    assert_int_equal(dew_render_start(f->app, "/never", NULL, rendered, &told, NULL), 0);
    dew_app_stop(f->app);
    f->app = NULL;
    pthread_join(visitor, NULL);
    assert_int_equal(told, DEW_E_CLOSED);
    assert_int_equal(__atomic_load_n(&f->sample.sleeping, __ATOMIC_ACQUIRE), 0);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(a_page_that_takes_longer_is_504_at_once_and_its_loaders_end),
        EACH(a_query_called_takes_no_longer_either),
        EACH(an_action_has_its_own_time_or_that_of_the_request),
        EACH(zero_refuses_what_has_to_wait_and_nothing_else),
        EACH(never_is_a_value),
        EACH(a_negative_time_is_refused_at_start),
        EACH(the_error_page_is_not_waited_for),
        EACH(guards_have_no_more_time_than_what_they_guard),
        EACH(a_loader_that_others_wait_for_runs_on),
        EACH(who_waits_when_the_server_goes_down_is_told_503),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
