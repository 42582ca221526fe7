/* Arguments from forms: JSON of the view, fields of the visitor. */
#include "page/form.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NEW_TASK(F) F(str, board_id) F(str, title) F(i64, priority) F(bool, urgent) F(opt(i32), days)
DEW_STRUCT(new_task, NEW_TASK)
DEW_MUTATION(add_task, new_task, dew_none)
#define ARGS "_args=%7B%22board_id%22%3A%22b1%22%2C%22title%22%3A%22%22%2C%22priority%22%3A%222%22%2C%22urgent%22%3Afalse%7D"

static dew_arena arena;
static int start(void **state)
{
    (void)state;
    dew_arena_init(&arena, 1 << 20);
    return 0;
}
static int stop(void **state)
{
    (void)state;
    dew_arena_dispose(&arena);
    return 0;
}

static void fields_replace_arguments(void **state)
{
    (void)state;
    new_task t;
    assert_int_equal(dew_form_args(&arena, &add_task_fn,
                                   S(ARGS "&title=Water+%26+weed&urgent=on&days=3&_to=%2Fx&other=1"), &t, NULL, NULL),
                     0);
    assert_string_equal(t.board_id.ptr, "b1");
    assert_string_equal(t.title.ptr, "Water & weed");
    assert_int_equal(t.priority, 2);
    assert_true(t.urgent);
    assert_true(t.days.has && t.days.value == 3);
}

static void wrong_field_is_named(void **state)
{
    (void)state;
    new_task t;
    dew_str field;
    dew_error error = { 0 };
    assert_int_not_equal(dew_form_args(&arena, &add_task_fn, S(ARGS "&priority=high"), &t, &field, &error), 0);
    assert_string_equal(field.ptr, "priority");
    assert_non_null(strstr(error.message, "priority"));
    assert_int_not_equal(dew_form_args(&arena, &add_task_fn, S(ARGS "&title=%zz"), &t, &field, &error), 0);
    assert_string_equal(field.ptr, "title");
    assert_int_not_equal(dew_form_args(&arena, &add_task_fn, S("title=x"), &t, &field, &error), 0);
    assert_string_equal(field.ptr, "");
    assert_non_null(strstr(error.message, "_args"));
    assert_int_not_equal(dew_form_args(&arena, &add_task_fn, S("_args=%7B%22x%22%3A1%7D"), &t, &field, &error), 0);
}

static void target_stays_on_this_origin(void **state)
{
    (void)state;
    assert_string_equal(dew_form_target(&arena, S("_to=%2Fboard%2Fb1%3Fx%3D1"), S("/")).ptr, "/board/b1?x=1");
    const char *bad[] = { "",
                          "_to=",
                          "_to=board",
                          "_to=%2F%2Fevil.example",
                          "_to=%2F%5Cevil.example",
                          "_to=https%3A%2F%2Fevil.example",
                          "_to=%2F%09%2Fevil.example",
                          "_to=%2Fa%0d%0aSet-Cookie%3A+x",
                          "_to=%2F%ff" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_string_equal(dew_form_target(&arena, dew_str_of(bad[i]), S("/home")).ptr, "/home");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fields_replace_arguments, start, stop),
        cmocka_unit_test_setup_teardown(wrong_field_is_named, start, stop),
        cmocka_unit_test_setup_teardown(target_stays_on_this_origin, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
