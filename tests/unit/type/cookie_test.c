/* What a cookie holds: each kind there and back, and whatever a visitor may send instead. */
#include "type/cookie.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define THEME(V) V(theme, light) V(theme, dark)
DEW_ENUM(theme, THEME)
#define CHOICE(F) F(str, name) F(opt(i64), many) F(bool, sure)
DEW_STRUCT(choice, CHOICE)

static dew_str written(dew_buf *buf, const dew_type *type, const void *value)
{
    dew_buf_clear(buf);
    assert_int_equal(dew_cookie_text_write(buf, type, value), 0);
    for (size_t i = 0; i < buf->len; i++) { /* cookie-octets alone */
        unsigned char c = (unsigned char)buf->ptr[i];
        assert_true(c > 0x20 && c < 0x7f && strchr("\",;\\", c) == NULL);
    }
    return dew_buf_str(buf);
}

static void there_and_back(void **state)
{
    (void)state;
    dew_arena arena;
    dew_buf buf;
    dew_arena_init(&arena, 1 << 20);
    dew_buf_init(&buf, 1 << 20);
    theme dark = theme_dark, theme_back;
    assert_true(dew_str_eq(written(&buf, DEW_TYPE(theme), &dark), DEW_S("dark")));
    assert_true(dew_cookie_text_read(&arena, DEW_TYPE(theme), dew_buf_str(&buf), &theme_back));
    assert_int_equal(theme_back, theme_dark);
    int64_t number = -12, number_back;
    assert_true(dew_str_eq(written(&buf, DEW_TYPE(i64), &number), DEW_S("-12")));
    assert_true(dew_cookie_text_read(&arena, DEW_TYPE(i64), dew_buf_str(&buf), &number_back));
    assert_int_equal(number_back, -12);
    dew_str text = DEW_S("a; b=\"ü\", \\ % \x01 </script>"), text_back;
    written(&buf, DEW_TYPE(str), &text);
    assert_true(dew_cookie_text_read(&arena, DEW_TYPE(str), dew_buf_str(&buf), &text_back));
    assert_string_equal(text_back.ptr, text.ptr);
    choice one = { DEW_S("x;y"), { true, 7 }, true }, back;
    written(&buf, DEW_TYPE(choice), &one);
    assert_true(dew_cookie_text_read(&arena, DEW_TYPE(choice), dew_buf_str(&buf), &back));
    assert_string_equal(back.name.ptr, "x;y");
    assert_int_equal(back.many.value, 7);
    dew_buf_dispose(&buf);
    dew_arena_dispose(&arena);
}

static void what_cannot_be_read_is_zero(void **state)
{
    (void)state;
    static const char *const junk[] = { "",
                                        "%",
                                        "%4",
                                        "%zz",
                                        "%00",
                                        "%ff",
                                        "\xff\xfe",
                                        "blue",
                                        "99999999999999999999",
                                        "{",
                                        "%7B%22name%22",
                                        "{}",
                                        "[[[[[[[[[[[[[[[[",
                                        "null",
                                        "-",
                                        "0x1",
                                        "1e9",
                                        "dark%",
                                        "dark ",
                                        "\x01" };
    dew_arena arena;
    dew_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
        theme theme_back = theme_dark;
        int64_t number = 5;
        choice back = { .sure = true };
        assert_false(dew_cookie_text_read(&arena, DEW_TYPE(theme), dew_str_of(junk[i]), &theme_back));
        assert_int_equal(theme_back, theme_light);
        assert_false(dew_cookie_text_read(&arena, DEW_TYPE(i64), dew_str_of(junk[i]), &number));
        assert_int_equal(number, 0);
        assert_false(dew_cookie_text_read(&arena, DEW_TYPE(choice), dew_str_of(junk[i]), &back));
        assert_false(back.sure);
    }
    static char longer[DEW_COOKIE_MAX + 1];
    memset(longer, 'x', sizeof longer);
    dew_str text;
    assert_false(dew_cookie_text_read(&arena, DEW_TYPE(str), dew_str_make(longer, sizeof longer), &text));
    assert_string_equal(text.ptr, "");
    assert_false(dew_cookie_text_read(&arena, DEW_TYPE(str), (dew_str){ NULL, 0 }, &text));
    assert_string_equal(text.ptr, "");
    dew_arena_dispose(&arena);
}

static void without_memory_it_is_zero(void **state)
{
    (void)state;
    dew_arena arena;
    choice back;
    dew_arena_init(&arena, 0);
    assert_false(
        dew_cookie_text_read(&arena, DEW_TYPE(choice), DEW_S("%7B%22name%22%3A%22x%22%2C%22sure%22%3Atrue%7D"), &back));
    assert_false(back.sure);
    dew_arena_dispose(&arena);
}

static void what_has_no_text_is_an_error(void **state)
{
    (void)state;
    dew_buf buf;
    dew_buf_init(&buf, 64);
    dew_str bad = DEW_S("\xff"), many = DEW_S("                                                ");
    assert_int_not_equal(dew_cookie_text_write(&buf, DEW_TYPE(str), &many), 0); /* three times as long, encoded */
    dew_buf_dispose(&buf);
    dew_buf_init(&buf, 1 << 20);
    choice one = { .name = bad };
    assert_int_equal(dew_cookie_text_write(&buf, DEW_TYPE(choice), &one), DEW_E_INVALID);
    dew_buf_dispose(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(what_cannot_be_read_is_zero),
        cmocka_unit_test(without_memory_it_is_zero),
        cmocka_unit_test(what_has_no_text_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
