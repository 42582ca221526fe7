/* cookie_test.c - Cookie and Set-Cookie, and signatures. */
#include "http/cookie.h"

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
    assert_non_null(text.ptr);
    assert_int_equal(text.len, strlen(wanted));
    if (text.len != 0)
        assert_memory_equal(text.ptr, wanted, text.len);
}

static void reads_cookies(void **state)
{
    (void)state;
    dew_str header = DEW_S("a=1; b = \"two\" ;junk; c=x=y;; d=;a=9");
    assert_text(dew_http_cookie_get(header, DEW_S("a")), "1");
    assert_text(dew_http_cookie_get(header, DEW_S("b")), "two");
    assert_text(dew_http_cookie_get(header, DEW_S("c")), "x=y");
    assert_text(dew_http_cookie_get(header, DEW_S("d")), "");
    assert_null(dew_http_cookie_get(header, DEW_S("junk")).ptr);
    assert_null(dew_http_cookie_get(header, DEW_S("A")).ptr);
    assert_null(dew_http_cookie_get(dew_str_make(NULL, 0), DEW_S("a")).ptr);
}

static void writes_cookies_that_scripts_and_other_sites_do_not_get(void **state)
{
    (void)state;
    dew_str out;
    dew_http_cookie cookie = { .name = DEW_S("id"), .value = DEW_S("x=1") };
    assert_int_equal(dew_http_cookie_write(&arena, &cookie, &out), 0);
    assert_text(out, "id=x=1; Path=/; HttpOnly; SameSite=Lax");
    cookie = (dew_http_cookie){ .name = DEW_S("id"),
                                .path = DEW_S("/a"),
                                .domain = DEW_S("e.org"),
                                .max_age_s = 60,
                                .is_secure = true,
                                .is_script_seen = true,
                                .same_site = DEW_HTTP_COOKIE_NONE };
    assert_int_equal(dew_http_cookie_write(&arena, &cookie, &out), 0);
    assert_text(out, "id=; Path=/a; Domain=e.org; Max-Age=60; Secure; SameSite=None");
    cookie = (dew_http_cookie){ .name = DEW_S("id"), .max_age_s = -1, .same_site = DEW_HTTP_COOKIE_STRICT };
    assert_int_equal(dew_http_cookie_write(&arena, &cookie, &out), 0);
    assert_text(out, "id=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
}

static void refuses_what_would_break_the_header(void **state)
{
    (void)state;
    const dew_http_cookie bad[] = {
        { .name = DEW_S("") },
        { .name = DEW_S("a b") },
        { .name = DEW_S("a"), .value = DEW_S("b;c") },
        { .name = DEW_S("a"), .value = DEW_S("b\r\nX: y") },
        { .name = DEW_S("a"), .value = DEW_S("b c") },
        { .name = DEW_S("a"), .path = DEW_S("x") },
        { .name = DEW_S("a"), .path = DEW_S("/;Domain=e") },
        { .name = DEW_S("a"), .domain = DEW_S("e\n") },
        { .name = DEW_S("a"), .same_site = DEW_HTTP_COOKIE_NONE },
    };
    dew_str out;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(dew_http_cookie_write(&arena, &bad[i], &out), DEW_E_INVALID);
}

static void knows_its_own_signatures_only(void **state)
{
    (void)state;
    dew_str key = DEW_S("0123456789abcdef0123456789abcdef"), name = DEW_S("user"), text;
    assert_int_equal(dew_http_cookie_sign(&arena, key, name, DEW_S("ann"), &text), 0);
    assert_int_equal(text.len, 3 + DEW_HTTP_COOKIE_SIGNATURE_LEN);
    assert_text(dew_http_cookie_verify(key, name, text), "ann");
    assert_null(dew_http_cookie_verify(DEW_S("other"), name, text).ptr);
    assert_null(dew_http_cookie_verify(key, DEW_S("admin"), text).ptr);
    assert_null(dew_http_cookie_verify(key, name, DEW_S("ann")).ptr);
    char *changed = (char *)(uintptr_t)text.ptr;
    for (size_t i = 0; i < text.len; i++) {
        changed[i] ^= 1;
        assert_null(dew_http_cookie_verify(key, name, text).ptr);
        changed[i] ^= 1;
    }
    dew_http_cookie cookie = { .name = name, .value = text };
    assert_int_equal(dew_http_cookie_write(&arena, &cookie, &text), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_cookies, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_cookies_that_scripts_and_other_sites_do_not_get, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_would_break_the_header, setup, teardown),
        cmocka_unit_test_setup_teardown(knows_its_own_signatures_only, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
