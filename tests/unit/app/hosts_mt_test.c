/* hosts_mt_test.c - which names an application answers to, wherever it listens (DNS rebinding). */
#include "support/app_sample.h"
#include "support/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static app_sample sample;

typedef struct said {
    int warnings;
    char last[1024];
} said;

static void log_line(void *context, dew_log_level level, const char *message)
{
    said *self = context;
    if (level != DEW_LOG_WARN)
        return;
    self->warnings++;
    snprintf(self->last, sizeof self->last, "%s", message);
}

static dew_app *start(const char *host, const char *const *hosts, said *said_out)
{
    dew_app_config config = sample_config(&sample, NULL);
    config.host = host;
    config.hosts = hosts;
    config.log = log_line;
    config.log_context = said_out;
    dew_app *app = NULL;
    dew_error error = { 0 };
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    return app;
}

static void expect(const dew_app *app, const char *host, int status)
{
    char line[200];
    snprintf(line, sizeof line, "Host: %s\r\n", host);
    web_answer answer = web_get(dew_app_port(app), "/current", line);
    if (answer.status != status)
        fail_msg("%s: wanted %d, got %d: %s", host, status, answer.status, answer.body);
    if (status == 421) /* the mend is named */
        assert_non_null(strstr(answer.body, "--allow-host"));
    web_answer_free(&answer);
}

static void on_every_address_only_addresses_and_localhost_are_answered(void **state)
{
    (void)state;
    said heard = { 0 };
    dew_app *app = start("0.0.0.0", NULL, &heard);
    expect(app, "192.168.7.7:8080", 200);
    expect(app, "[::1]:8080", 200);
    expect(app, "localhost:8080", 200);
    expect(app, "evil.example", 421);
    dew_app_stop(app);
    assert_int_equal(heard.warnings, 0);
}

static void names_that_the_program_gives_are_answered(void **state)
{
    (void)state;
    static const char *const names[] = { "a.example", ".b.example", NULL };
    said heard = { 0 };
    dew_app *app = start("0.0.0.0", names, &heard);
    expect(app, "a.example:8080", 200);
    expect(app, "x.b.example", 200);
    expect(app, "127.0.0.1", 200);
    expect(app, "evil.example", 421);
    dew_app_stop(app);
    app = start(NULL, names, &heard);
    expect(app, "a.example", 200);
    expect(app, "evil.example", 421);
    dew_app_stop(app);
    assert_int_equal(heard.warnings, 0);
}

static void a_star_is_warned_of(void **state)
{
    (void)state;
    static const char *const any[] = { "*", NULL };
    said heard = { 0 };
    dew_app *app = start("0.0.0.0", any, &heard);
    expect(app, "evil.example", 200);
    dew_app_stop(app);
    assert_int_equal(heard.warnings, 1);
    assert_non_null(strstr(heard.last, "DNS rebinding"));
}

static void what_is_no_name_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "https://a.example", "a.example/", "", "a b" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        dew_app_config config = sample_config(&sample, NULL);
        config.hosts = (const char *const[]){ wrong[i], NULL };
        dew_app *app = NULL;
        dew_error error = { 0 };
        assert_int_equal(dew_app_start(&config, &app, &error), DEW_E_INVALID);
        assert_non_null(strstr(error.message, "example.org"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_every_address_only_addresses_and_localhost_are_answered),
        cmocka_unit_test(names_that_the_program_gives_are_answered),
        cmocka_unit_test(a_star_is_warned_of),
        cmocka_unit_test(what_is_no_name_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
