/* front_head_test.c - the head of a request on its way to the program. */
#include "cli/front_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_text(dew_str text, const char *expected)
{
    if (!dew_str_eq(text, dew_str_of(expected)))
        fail_msg("\"%.*s\", expected \"%s\"", (int)text.len, text.ptr, expected);
}

static void a_head_is_read_when_it_is_whole(void **state)
{
    (void)state;
    static const char request[] =
        "POST /a/b?c=/_dew/dev HTTP/1.1\r\nHost: localhost:1\r\naccept: text/html, */*\r\n\r\nbody";
    cli_head head;
    for (size_t len = 0; len < sizeof request - 1 - 4; len++)
        assert_int_equal(cli_head_read(dew_str_make(request, len), &head), 0);
    assert_int_equal(cli_head_read(dew_str_of(request), &head), 1);
    assert_text(head.method, "POST");
    assert_text(head.path, "/a/b");
    assert_text(head.host, "localhost:1");
    assert_true(head.wants_page);
    assert_false(head.is_upgrade);
    assert_int_equal(head.len, sizeof request - 1 - 4);
}

static void it_goes_on_as_the_only_one_of_its_connection(void **state)
{
    (void)state;
    static const char request[] =
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nKeep-Alive: 5\r\nCookie: a=b\r\n\r\n";
    cli_head head;
    assert_int_equal(cli_head_read(dew_str_of(request), &head), 1);
    dew_buf out;
    dew_buf_init(&out, CLI_HEAD_MAX);
    cli_head_write(&out, dew_str_of(request), &head);
    assert_text(dew_buf_str(&out), "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\nConnection: close\r\n\r\n");
    dew_buf_dispose(&out);
}

static void an_upgrade_goes_on_as_it_is(void **state)
{
    (void)state;
    static const char request[] =
        "GET /_dew/ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";
    cli_head head;
    assert_int_equal(cli_head_read(dew_str_of(request), &head), 1);
    assert_true(head.is_upgrade);
    dew_buf out;
    dew_buf_init(&out, CLI_HEAD_MAX);
    cli_head_write(&out, dew_str_of(request), &head);
    assert_text(dew_buf_str(&out), request);
    dew_buf_dispose(&out);
}

static void what_is_no_request_is_refused(void **state)
{
    (void)state;
    cli_head head;
    assert_int_equal(cli_head_read(S("\r\n\r\n"), &head), DEW_E_PROTOCOL);
    assert_int_equal(cli_head_read(S("GET /\r\n\r\n"), &head), DEW_E_PROTOCOL);
    assert_int_equal(cli_head_read(S("GET / FTP\r\n\r\n"), &head), DEW_E_PROTOCOL);
    char *endless = calloc(1, CLI_HEAD_MAX);
    assert_non_null(endless);
    assert_int_equal(cli_head_read(dew_str_make(endless, CLI_HEAD_MAX), &head), DEW_E_PROTOCOL);
    free(endless);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_read_when_it_is_whole),
        cmocka_unit_test(it_goes_on_as_the_only_one_of_its_connection),
        cmocka_unit_test(an_upgrade_goes_on_as_it_is),
        cmocka_unit_test(what_is_no_request_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
