/* timing_mt_test.c - the header Server-Timing: when it is there, and what it says. */
#include "support/app_sample.h"
#include "support/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct fixture {
    char dir[64];
    app_sample sample;
    dew_app *app;
    int port;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/dew-timing-XXXXXX");
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

static void start(fixture *f, bool server_timing, bool development)
{
    dew_app_config config = sample_config(&f->sample, f->dir);
    config.server_timing = server_timing;
    config.development = development;
    dew_error error = { 0 };
    if (dew_app_start(&config, &f->app, &error) != 0)
        fail_msg("%s", error.message);
    f->port = dew_app_port(f->app);
}

static double ms_after(const char *header, const char *what)
{
    const char *at = strstr(header, what);
    double ms = -1;
    if (at == NULL || sscanf(at + strlen(what), ";dur=%lf", &ms) != 1)
        fail_msg("no %s in %s", what, header);
    return ms;
}

static void each_part_is_told(void **state)
{
    fixture *f = *state;
    start(f, true, false);
    web_answer answer = web_get(f->port, "/slow", NULL);
    const char *header = web_header(&answer, "server-timing");
    assert_non_null(header);
    assert_true(ms_after(header, "load;desc=\"slow\"") >= 40); /* it slept for 50 */
    assert_true(ms_after(header, ", sql") == 0);
    assert_true(ms_after(header, ", render") > 0);
    assert_non_null(strstr(header, ", passes;desc=\"2\""));
    web_answer_free(&answer);
    answer = web_get(f->port, "/pair",
                     "Accept: application/vnd.dew.state+json\r\n"); /* two loaders with SQL, side by side */
    header = web_header(&answer, "server-timing");
    assert_non_null(header);
    assert_true(ms_after(header, "load;desc=\"total\"") > 0);
    assert_true(ms_after(header, "load;desc=\"total_late\"") > 0);
    assert_true(ms_after(header, ", sql") > 0);
    web_answer_free(&answer);
}

static void a_page_from_memory_has_no_loads(void **state)
{
    fixture *f = *state;
    start(f, true, false);
    for (int i = 0; i < 2; i++) {
        web_answer answer = web_get(f->port, "/items", NULL);
        const char *header = web_header(&answer, "server-timing");
        assert_non_null(header);
        assert_int_equal(strstr(header, "load;") != NULL, i == 0);
        assert_int_equal(strstr(header, "passes;desc=\"1\"") != NULL, i == 1);
        web_answer_free(&answer);
    }
}

static void it_is_there_in_development_and_on_request_alone(void **state)
{
    fixture *f = *state;
    start(f, false, true);
    web_answer answer = web_get(f->port, "/items", NULL);
    assert_non_null(web_header(&answer, "server-timing"));
    web_answer_free(&answer);
    dew_app_stop(f->app);
    start(f, false, false);
    answer = web_get(f->port, "/items", NULL);
    assert_int_equal(answer.status, 200);
    assert_null(web_header(&answer, "server-timing"));
    web_answer_free(&answer);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(each_part_is_told),
        EACH(a_page_from_memory_has_no_loads),
        EACH(it_is_there_in_development_and_on_request_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
