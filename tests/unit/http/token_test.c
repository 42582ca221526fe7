/* token_test.c - the scans agree with the table, byte by byte and at every place; lists. */
#include "http/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static bool is_control(uint8_t byte)
{
    return byte < 0x20 || byte == 0x7f;
}

static void scans_stop_at_the_first_byte_of_their_kind(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 20; len++)
        for (size_t place = 0; place < len; place++)
            for (unsigned byte = 0; byte < 256; byte++) {
                char *text = malloc(len); /* ends where the allocation ends */
                assert_non_null(text);
                memset(text, 'x', len);
                text[place] = (char)byte;
                const char *end = text + len, *hit = text + place;
                assert_ptr_equal(dew_http_find_control(text, end), is_control((uint8_t)byte) ? hit : end);
                assert_ptr_equal(dew_http_find_no_tchar(text, end),
                                 dew_http_is((char)byte, DEW_HTTP_TCHAR) ? end : hit);
                assert_ptr_equal(dew_http_find_no_target(text, end),
                                 dew_http_is((char)byte, DEW_HTTP_TARGET) ? end : hit);
                free(text);
            }
}

static void scans_are_exact_next_to_other_bytes(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            const char text[8] = { 'a', (char)first, (char)second, (char)first, 'b', (char)second, 'c', 'd' };
            const char *end = text + sizeof text, *at = text;
            while (at < end && !is_control((uint8_t)*at))
                at++;
            assert_ptr_equal(dew_http_find_control(text, end), at);
            for (at = text; at < end && dew_http_is(*at, DEW_HTTP_TCHAR);)
                at++;
            assert_ptr_equal(dew_http_find_no_tchar(text, end), at);
            for (at = text; at < end && dew_http_is(*at, DEW_HTTP_TARGET);)
                at++;
            assert_ptr_equal(dew_http_find_no_target(text, end), at);
        }
}

static void classes_follow_the_grammar(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        bool is_alnum = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        bool is_tchar = is_alnum || (byte != 0 && strchr("!#$%&'*+-.^_`|~", (int)byte) != NULL);
        bool is_cookie = byte == 0x21 || (byte >= 0x23 && byte <= 0x2b) || (byte >= 0x2d && byte <= 0x3a) ||
                         (byte >= 0x3c && byte <= 0x5b) || (byte >= 0x5d && byte <= 0x7e);
        bool is_host = is_alnum || (byte != 0 && strchr("-._~!$&'()*+=%:[]", (int)byte) != NULL);
        assert_int_equal(dew_http_is((char)byte, DEW_HTTP_TCHAR), is_tchar);
        assert_int_equal(dew_http_is((char)byte, DEW_HTTP_COOKIE), is_cookie);
        assert_int_equal(dew_http_is((char)byte, DEW_HTTP_HOST), is_host);
        assert_int_equal(dew_http_is((char)byte, DEW_HTTP_TARGET), byte >= 0x21 && byte <= 0x7e && byte != '#');
    }
}

static void lists_split_at_commas_outside_quotes(void **state)
{
    (void)state;
    dew_str rest = DEW_S(" a ,, \"b,\\\",c\";d\t,"), element;
    assert_true(dew_http_list_next(&rest, &element));
    assert_true(dew_str_eq(element, DEW_S("a")));
    assert_true(dew_http_list_next(&rest, &element));
    assert_true(dew_str_eq(element, DEW_S("\"b,\\\",c\";d")));
    assert_false(dew_http_list_next(&rest, &element));
    assert_true(dew_http_list_has(DEW_S("keep-alive, UPGRADE"), DEW_S("upgrade")));
    assert_false(dew_http_list_has(DEW_S("keep-alive, upgraded"), DEW_S("upgrade")));
    assert_false(dew_http_list_has(DEW_S("\"a"), DEW_S("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scans_stop_at_the_first_byte_of_their_kind),
        cmocka_unit_test(scans_are_exact_next_to_other_bytes),
        cmocka_unit_test(classes_follow_the_grammar),
        cmocka_unit_test(lists_split_at_commas_outside_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
