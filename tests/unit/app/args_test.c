/* args_test.c - the command line of dew_app_main. */
#include "app/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static dew_args_hosts hosts;

static dew_args_outcome parse(dew_app_config *config, dew_error *error, const char *const *words)
{
    static char name[] = "program";
    char *argv[24] = { name };
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)words[argc - 1];
    *error = (dew_error){ 0 };
    return dew_args_parse(argc, argv, config, &hosts, error);
}

#define WORDS(...) (const char *const[]){ __VA_ARGS__, NULL }

static void options_go_into_the_configuration(void **state)
{
    (void)state;
    dew_app_config config = { .port = 1 };
    dew_error error;
    assert_int_equal(parse(&config, &error, WORDS(NULL)), DEW_ARGS_RUN);
    assert_int_equal(config.port, 1);
    assert_int_equal(parse(&config, &error,
                           WORDS("--port", "0", "--host", "::1", "--data", "d", "--workers", "3", "--metrics", "off",
                                 "--url-prefix", "/b", "--development")),
                     DEW_ARGS_RUN);
    assert_int_equal(config.port, 0);
    assert_string_equal(config.host, "::1");
    assert_string_equal(config.data_dir, "d");
    assert_int_equal(config.workers, 3);
    assert_string_equal(config.url_prefix, "/b");
    assert_true(config.development);
    assert_int_equal(config.metrics, DEW_METRICS_OFF);
    assert_int_equal(parse(&config, &error, WORDS("--port", "1", "--help")), DEW_ARGS_HELP);
}

static void the_time_for_a_request_may_be_none(void **state)
{
    (void)state;
    dew_app_config config = { 0 };
    dew_error error;
    assert_int_equal(parse(&config, &error, WORDS("--request-timeout", "0")), DEW_ARGS_RUN);
    assert_int_equal(dew_duration_ms(config.request_timeout, 7), 0);
    assert_int_equal(parse(&config, &error, WORDS("--request-timeout", "5")), DEW_ARGS_RUN);
    assert_int_equal(dew_duration_ms(config.request_timeout, 7), 5000);
    assert_int_equal(parse(&config, &error, WORDS("--request-timeout", "never")), DEW_ARGS_RUN);
    assert_int_equal(dew_duration_ms(config.request_timeout, 7), INT64_MAX);
}

static void hosts_are_added_to_those_of_the_program(void **state)
{
    (void)state;
    dew_app_config config = { .hosts = (const char *const[]){ "a.example", NULL } };
    dew_error error;
    assert_int_equal(parse(&config, &error, WORDS("--allow-host", "b.example", "--port", "1", "--allow-host", "*")),
                     DEW_ARGS_RUN);
    assert_string_equal(config.hosts[0], "a.example");
    assert_string_equal(config.hosts[1], "b.example");
    assert_string_equal(config.hosts[2], "*");
    assert_null(config.hosts[3]);
    config = (dew_app_config){ 0 };
    assert_int_equal(parse(&config, &error, WORDS(NULL)), DEW_ARGS_RUN);
    assert_null(config.hosts[0]);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *words[3], *part;
    } cases[] = {
        { { "--port", "65536" }, "--port 65536" },
        { { "--port", "-1" }, "--port -1" },
        { { "--port", "80x" }, "--port 80x" },
        { { "--port", "" }, "--port" },
        { { "--workers", "65" }, "--workers 65: give a number from 0 to 64" },
        { { "--workers", "two" }, "--workers two" },
        { { "--request-timeout", "soon" },
          "--request-timeout soon: give a number of seconds from 0 to 86400, or never" },
        { { "--request-timeout", "-1" }, "--request-timeout -1" },
        { { "--metrics", "me" }, "--metrics me: give local, all or off" },
        { { "--port" }, "--port" },
        { { "--allow-host" }, "--allow-host" },
        { { "--colour", "red" }, "--colour" },
        { { "8080" }, "8080" },
        { { "--port=80" }, "--port=80" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dew_app_config config = { 0 };
        dew_error error;
        assert_int_equal(parse(&config, &error, cases[i].words), DEW_ARGS_BAD);
        if (strstr(error.message, cases[i].part) == NULL)
            fail_msg("%s does not name %s", error.message, cases[i].part);
    }
}

static void workers_are_one_per_core_as_far_as_allowed(void **state)
{
    (void)state;
    assert_int_equal(dew_args_workers(1), 1);
    assert_int_equal(dew_args_workers(64), 64);
    assert_int_equal(dew_args_workers(65), 64);
    assert_int_equal(dew_args_workers(256), 64);
}

static void every_option_is_in_the_usage(void **state)
{
    (void)state;
    static const char *const names[] = { "--port N",      "--host A", "--allow-host NAME", "--data DIR", "--workers N",
                                         "--development", "--help" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_non_null(strstr(dew_args_usage(), names[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_go_into_the_configuration),
        cmocka_unit_test(the_time_for_a_request_may_be_none),
        cmocka_unit_test(hosts_are_added_to_those_of_the_program),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(workers_are_one_per_core_as_far_as_allowed),
        cmocka_unit_test(every_option_is_in_the_usage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
