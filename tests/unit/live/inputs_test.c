/* inputs_test.c - what a loader learnt about who asks, as bytes, and askers made from them. */
#include "live/inputs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Ann, with a dark theme; knows of no header. */
static bool ann_get(dew_asker *asker, dew_input_kind kind, dew_str name, dew_str *value)
{
    (void)asker;
    *value = kind == DEW_INPUT_IDENTITY ? DEW_S("ann") : dew_str_eq(name, DEW_S("theme")) ? DEW_S("dark") : DEW_S("");
    return kind != DEW_INPUT_HEADER;
}

static void ann_destroy(dew_asker *asker)
{
    (void)asker;
}

static dew_asker ann = { 1, ann_get, ann_destroy };
static dew_buf bytes, others;

static int begin(void **state)
{
    (void)state;
    dew_buf_init(&bytes, DEW_INPUTS_LEN_MAX);
    dew_buf_init(&others, DEW_INPUTS_LEN_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    dew_buf_dispose(&bytes);
    dew_buf_dispose(&others);
    return 0;
}

static dew_str write_cookies(dew_buf *out, const char *name, const char *value, const char *next_name)
{
    dew_scope_input second = { NULL, DEW_INPUT_COOKIE, dew_str_of(next_name), DEW_S("") };
    dew_scope_input first = { &second, DEW_INPUT_COOKIE, dew_str_of(name), dew_str_of(value) };
    dew_inputs_write(&first, out);
    return dew_buf_str(out);
}

static void inputs_come_back_as_they_were(void **state)
{
    (void)state;
    static const char value[] = "with \0 inside";
    dew_scope_input header = { NULL, DEW_INPUT_HEADER, DEW_S_INIT("accept"), { value, sizeof value - 1 } };
    dew_scope_input identity = { &header, DEW_INPUT_IDENTITY, DEW_S_INIT(""), DEW_S_INIT("ann") };
    dew_input_view view;
    dew_inputs_write(&identity, &bytes);
    dew_str rest = dew_buf_str(&bytes);
    assert_true(dew_inputs_next(&rest, &view));
    assert_int_equal(view.kind, DEW_INPUT_IDENTITY);
    assert_int_equal(view.name.len, 0);
    assert_string_equal(view.value.ptr, "ann"); /* NUL behind it */
    assert_true(dew_inputs_next(&rest, &view));
    assert_int_equal(view.kind, DEW_INPUT_HEADER);
    assert_true(dew_str_eq(view.name, DEW_S("accept")) && dew_str_eq(view.value, header.value));
    assert_false(dew_inputs_next(&rest, &view));
}

static void every_kind_comes_back(void **state)
{
    (void)state;
    for (int kind = DEW_INPUT_IDENTITY; kind <= DEW_INPUT_QUERY; kind++) {
        dew_scope_input input = { NULL, (dew_input_kind)kind, DEW_S_INIT("n"), DEW_S_INIT("v") };
        dew_input_view view;
        dew_buf_clear(&bytes);
        dew_inputs_write(&input, &bytes);
        dew_str rest = dew_buf_str(&bytes);
        assert_true(dew_inputs_next(&rest, &view));
        assert_int_equal(view.kind, kind);
    }
}

static void different_inputs_have_different_bytes(void **state)
{
    (void)state;
    assert_false(dew_str_eq(write_cookies(&bytes, "a", "bc", "d"), write_cookies(&others, "ab", "c", "d")));
    dew_buf_clear(&others);
    assert_false(dew_str_eq(dew_buf_str(&bytes), write_cookies(&others, "a", "b", "cd")));
    dew_buf_clear(&others);
    assert_true(dew_str_eq(dew_buf_str(&bytes), write_cookies(&others, "a", "bc", "d")));
}

static void another_asker_is_asked_for_the_same_names(void **state)
{
    (void)state;
    dew_input_view view;
    dew_str shape = write_cookies(&bytes, "theme", "light", "unset");
    assert_true(dew_inputs_ask(shape, &ann, &others));
    dew_str rest = dew_buf_str(&others);
    assert_true(dew_inputs_next(&rest, &view));
    assert_true(dew_str_eq(view.name, DEW_S("theme")) && dew_str_eq(view.value, DEW_S("dark")));
    assert_true(dew_inputs_next(&rest, &view));
    assert_true(dew_str_eq(view.name, DEW_S("unset")) && view.value.len == 0);
    assert_false(dew_inputs_next(&rest, &view));
}

static void who_does_not_know_an_input_says_so(void **state)
{
    (void)state;
    dew_scope_input header = { NULL, DEW_INPUT_HEADER, DEW_S_INIT("accept"), DEW_S_INIT("*") };
    dew_inputs_write(&header, &bytes);
    assert_false(dew_inputs_ask(dew_buf_str(&bytes), &ann, &others));
}

static void an_asker_of_inputs_knows_these_alone(void **state)
{
    (void)state;
    dew_str value;
    dew_asker *asker = dew_asker_of_inputs(write_cookies(&bytes, "theme", "dark", "unset"));
    assert_non_null(asker);
    dew_buf_clear(&bytes); /* it has a copy */
    assert_true(asker->get(asker, DEW_INPUT_COOKIE, DEW_S("theme"), &value));
    assert_true(dew_str_eq(value, DEW_S("dark")));
    assert_true(asker->get(asker, DEW_INPUT_COOKIE, DEW_S("unset"), &value));
    assert_int_equal(value.len, 0);
    assert_false(asker->get(asker, DEW_INPUT_COOKIE, DEW_S("other"), &value));
    assert_int_equal(value.len, 0);
    assert_false(asker->get(asker, DEW_INPUT_HEADER, DEW_S("theme"), &value)); /* of another kind */
    dew_asker_unref(dew_asker_ref(asker));
    dew_asker_unref(asker);
    dew_asker_unref(NULL);
}

int main(void)
{
#define INPUTS_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        INPUTS_TEST(inputs_come_back_as_they_were),         INPUTS_TEST(every_kind_comes_back),
        INPUTS_TEST(different_inputs_have_different_bytes), INPUTS_TEST(another_asker_is_asked_for_the_same_names),
        INPUTS_TEST(who_does_not_know_an_input_says_so),    INPUTS_TEST(an_asker_of_inputs_knows_these_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
