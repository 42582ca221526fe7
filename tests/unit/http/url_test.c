/* url_test.c - percent-encoding, path checks, query strings and forms. */
#include "http/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static dew_arena arena;

static int setup(void **state)
{
    (void)state;
    dew_arena_init(&arena, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dew_arena_dispose(&arena);
    return 0;
}

static void assert_text(dew_str text, const char *wanted)
{
    assert_int_equal(text.len, strlen(wanted));
    if (text.len != 0)
        assert_memory_equal(text.ptr, wanted, text.len);
}

static void decodes_escapes_and_refuses_bad_ones(void **state)
{
    (void)state;
    static const char *bad[] = { "%", "%4", "%4g", "%g4", "a%00", "%ff", "%c3", "%ed%a0%80" };
    dew_str out;
    assert_int_equal(dew_url_decode(&arena, DEW_S("a%20b%C3%a4+"), &out), 0);
    assert_text(out, "a b\xc3\xa4+");
    assert_int_equal(dew_url_form_decode(&arena, DEW_S("a%20b%2B+"), &out), 0);
    assert_text(out, "a b+ ");
    dew_str plain = DEW_S("plain");
    assert_int_equal(dew_url_decode(&arena, plain, &out), 0);
    assert_ptr_equal(out.ptr, plain.ptr);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(dew_url_decode(&arena, dew_str_of(bad[i]), &out), DEW_E_INVALID);
}

static void encodes_what_is_not_unreserved(void **state)
{
    (void)state;
    char dst[100];
    size_t len = dew_url_encode(dst, DEW_S("aZ09-._~ /?&=\xc3\xa4\0"));
    assert_text(dew_str_make(dst, len), "aZ09-._~%20%2F%3F%26%3D%C3%A4%00");
    dew_str back;
    len = dew_url_encode(dst, DEW_S("100% & more/"));
    assert_int_equal(dew_url_decode(&arena, dew_str_make(dst, len), &back), 0);
    assert_text(back, "100% & more/");
}

static void checks_paths(void **state)
{
    (void)state;
    static const char *good[] = { "/", "/a", "/a/", "//a", "/.well-known/x", "/...", "/a..b", "/%2e%2e%2e", "/a%20b" };
    static const char *bad[] = { "",         "a",      "/.",    "/..",      "/a/..",  "/a/../b",   "/%2e",
                                 "/%2E%2e/", "/.%2e/", "/a%2f", "/a%2F../", "/a%5cb", "/a\\b",     "/%00",
                                 "/%",       "/%zz",   "/%c3",  "*",        "/a/./b", "/%5C..%5c", "/a/%2e." };
    dew_str out;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(dew_url_path_check(&arena, dew_str_of(good[i]), &out), 0);
    assert_text(out, "/a b");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (dew_url_path_check(&arena, dew_str_of(bad[i]), &out) != DEW_E_INVALID)
            fail_msg("%s", bad[i]);
}

static void reads_pairs_in_order(void **state)
{
    (void)state;
    dew_url_form form;
    assert_int_equal(dew_url_form_read(&arena, DEW_S("&a=1&&b=x%3Dy+z&a=2&c&=d&e="), &form), 0);
    assert_int_equal(form.count, 6);
    assert_text(dew_url_form_get(&form, DEW_S("a")), "1");
    assert_text(dew_url_form_get(&form, DEW_S("b")), "x=y z");
    assert_text(form.pairs[2].value, "2");
    assert_non_null(dew_url_form_get(&form, DEW_S("c")).ptr);
    assert_text(dew_url_form_get(&form, DEW_S("")), "d");
    assert_null(dew_url_form_get(&form, DEW_S("z")).ptr);
    assert_int_equal(dew_url_form_read(&arena, DEW_S(""), &form), 0);
    assert_int_equal(form.count, 0);
    assert_int_equal(dew_url_form_read(&arena, DEW_S("a=%f"), &form), DEW_E_INVALID);
}

static void bounds_pairs_and_memory(void **state)
{
    (void)state;
    char text[2 * (DEW_HTTP_FORM_COUNT_MAX + 1)];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 == 0 ? 'a' : '&';
    dew_url_form form;
    assert_int_equal(dew_url_form_read(&arena, dew_str_make(text, sizeof text), &form), DEW_E_LIMIT);
    assert_int_equal(dew_url_form_read(&arena, dew_str_make(text, sizeof text - 2), &form), 0);
    dew_arena small = { 0 };
    assert_int_equal(dew_url_form_read(&small, DEW_S("a=b"), &form), DEW_E_NOMEM);
    dew_str out;
    assert_int_equal(dew_url_decode(&small, DEW_S("%20"), &out), DEW_E_NOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(decodes_escapes_and_refuses_bad_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(encodes_what_is_not_unreserved, setup, teardown),
        cmocka_unit_test_setup_teardown(checks_paths, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_pairs_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(bounds_pairs_and_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
