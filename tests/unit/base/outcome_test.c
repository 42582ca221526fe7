/* What the message of an error carries beside words: redirects and ids. */
#include "base/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void assert_goes(int status, const char *url)
{
    dew_error error = { 0 };
    int got = 0;
    dew_str location = { NULL, 0 };
    assert_int_equal(dew_redirect_set(&error, status, url), DEW_E_REDIRECT);
    assert_int_equal(error.code, DEW_E_REDIRECT);
    assert_true(dew_redirect_parse(error.message, &got, &location));
    assert_int_equal(got, status);
    assert_string_equal(location.ptr, url);
    assert_int_equal(location.len, strlen(url));
}

static void redirects_are_carried(void **state)
{
    (void)state;
    static const int statuses[] = { 301, 302, 303, 307, 308 };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        assert_goes(statuses[i], "/login");
    assert_goes(303, "/");
    assert_goes(303, "/board/b%C3%A4?to=%2Fx&y=1#part");
    assert_goes(303, "https://example.org");
    assert_goes(303, "http://example.org:8080/a//b");
}

static void other_statuses_are_refused(void **state)
{
    (void)state;
    static const int statuses[] = { 0, -1, 200, 300, 304, 305, 306, 309, 400, 3030 };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        dew_error error = { 0 };
        assert_int_equal(dew_redirect_set(&error, statuses[i], "/login"), DEW_E_INVALID);
        assert_int_equal(error.code, DEW_E_INVALID);
    }
}

static void addresses_that_lead_astray_are_refused(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",
        "login",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/a\r\nSet-Cookie: a=b",
        "/a\rb",
        "/a\nb",
        "/\t/evil",
        " /login",
        "/a b",
        "/\xc3\xa4",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/",
        "http:/a",
        "http://",
        "https:///a",
        "HTTP\\://a",
        "/a\\b",
        "/a\x7f",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        dew_error error = { 0 };
        if (dew_redirect_set(&error, 303, urls[i]) != DEW_E_INVALID)
            fail_msg("\"%s\" is taken", urls[i]);
        char message[128];
        int status;
        dew_str location;
        snprintf(message, sizeof message, "303 %s", urls[i]);
        if (dew_redirect_parse(message, &status, &location))
            fail_msg("\"%s\" is read", message);
    }
    dew_error error = { 0 };
    assert_int_equal(dew_redirect_set(&error, 303, NULL), DEW_E_INVALID);
}

static void the_longest_address_is_carried_whole(void **state)
{
    (void)state;
    char url[DEW_ERROR_MESSAGE_MAX];
    memset(url, 'a', sizeof url);
    url[0] = '/';
    url[251] = '\0';
    assert_goes(308, url);
    url[251] = 'a';
    url[252] = '\0';
    dew_error error = { 0 };
    assert_int_equal(dew_redirect_set(&error, 308, url), DEW_E_LIMIT);
}

static void words_are_no_redirect(void **state)
{
    (void)state;
    static const char *const words[] = { "",           "303",        "303 ",      "303 login", "it is elsewhere",
                                         "30x /login", "200 /login", "303/login " };
    int status;
    dew_str location;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_false(dew_redirect_parse(words[i], &status, &location));
}

static void ids_stand_at_the_end(void **state)
{
    (void)state;
    dew_error error = { 0 };
    char id[DEW_ERROR_ID_LEN + 1], other[DEW_ERROR_ID_LEN + 1];
    dew_error_id_make(id, 0x123456789abcdef0);
    dew_error_id_make(other, 0x123456789abcdef1);
    assert_int_equal(strlen(id), DEW_ERROR_ID_LEN);
    assert_string_not_equal(id, other);
    assert_int_equal(dew_error_id("").len, 0);
    dew_error_set(&error, DEW_E_INTERNAL, "the sensor is gone");
    assert_int_equal(dew_error_id(error.message).len, 0);
    dew_error_id_put(&error, id);
    assert_true(dew_str_eq(dew_error_id(error.message), dew_str_of(id)));
    assert_true(dew_str_starts_with(dew_str_of(error.message), DEW_S("the sensor is gone (error ")));
}

static void a_long_message_makes_room_for_its_id(void **state)
{
    (void)state;
    dew_error error = { .code = DEW_E_INTERNAL };
    memset(error.message, 'x', sizeof error.message - 1);
    char id[DEW_ERROR_ID_LEN + 1];
    dew_error_id_make(id, 7);
    dew_error_id_put(&error, id);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    assert_true(dew_str_eq(dew_error_id(error.message), dew_str_of(id)));
}

static void what_only_looks_like_an_id_is_none(void **state)
{
    (void)state;
    static const char *const messages[] = { " (error UPPERCAS)", " (error 1234567)", "x (error )", "(error 22222222)",
                                            " (error 2222222\n)" };
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        assert_int_equal(dew_error_id(messages[i]).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redirects_are_carried),
        cmocka_unit_test(other_statuses_are_refused),
        cmocka_unit_test(addresses_that_lead_astray_are_refused),
        cmocka_unit_test(the_longest_address_is_carried_whole),
        cmocka_unit_test(words_are_no_redirect),
        cmocka_unit_test(ids_stand_at_the_end),
        cmocka_unit_test(a_long_message_makes_room_for_its_id),
        cmocka_unit_test(what_only_looks_like_an_id_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
