/* The request scope: inputs are noted once and in one order, a replay sees the noted ones only, the end is told once. */
#include "scope/scope.h"

#include <dew/location.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static dew_arena arena;
static dew_scope scope;

static dew_str cookie(void *context, const char *name)
{
    (void)context;
    return strcmp(name, "session") == 0 ? S("abc") : (dew_str){ NULL, 0 };
}

static dew_str header(void *context, const char *name)
{
    (void)context;
    return strcmp(name, "accept-language") == 0 ? S("de") : (dew_str){ NULL, 0 };
}

static dew_str location(void *context, dew_input_kind kind, const char *name)
{
    (void)context;
    if (kind == DEW_INPUT_PATTERN)
        return S("/board/:board_id");
    if (kind == DEW_INPUT_PARAM)
        return strcmp(name, "board_id") == 0 ? S("b1") : (dew_str){ NULL, 0 };
    return strcmp(name, "rows") == 0 ? S("50") : strcmp(name, "board_id") == 0 ? S("other") : (dew_str){ NULL, 0 };
}

static const dew_scope_source source = { .cookie = cookie, .header = header, .location = location };

static dew_str identify(dew_scope *s)
{
    return dew_scope_cookie(s, "session").len > 0 ? S("ann") : (dew_str){ NULL, 0 };
}

static int setup(void **state)
{
    (void)state;
    dew_arena_init(&arena, 1 << 20);
    dew_scope_init(&scope, &arena);
    scope.source = &source;
    scope.identify = identify;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dew_scope_dispose(&scope);
    dew_arena_dispose(&arena);
    return 0;
}

static void identity_stands_for_what_identify_reads(void **state)
{
    (void)state;
    assert_true(dew_str_eq(dew_scope_identity(&scope), S("ann")));
    assert_true(dew_str_eq(dew_scope_identity(&scope), S("ann")));
    assert_int_equal(scope.input_count, 1);
    assert_int_equal(scope.inputs->kind, DEW_INPUT_IDENTITY);
}

static void inputs_are_noted_once_and_sorted(void **state)
{
    (void)state;
    assert_true(dew_str_eq(dew_scope_header(&scope, "Accept-Language"), S("de")));
    assert_true(dew_str_eq(dew_scope_cookie(&scope, "session"), S("abc")));
    assert_int_equal(dew_scope_cookie(&scope, "absent").len, 0);
    (void)dew_scope_header(&scope, "ACCEPT-language");
    assert_int_equal(scope.input_count, 3);
    assert_true(dew_str_eq(scope.inputs->name, S("absent")));
    assert_true(dew_str_eq(scope.inputs->next->name, S("session")));
    assert_true(dew_str_eq(scope.inputs->next->next->name, S("accept-language")));
}

static void a_replay_sees_the_noted_inputs_only(void **state)
{
    (void)state;
    (void)dew_scope_identity(&scope);
    (void)dew_scope_cookie(&scope, "absent");

    dew_scope again;
    dew_scope_init(&again, &arena);
    dew_scope_replay(&again, scope.inputs);
    assert_true(dew_str_eq(dew_scope_identity(&again), S("ann")));
    assert_int_equal(dew_scope_cookie(&again, "absent").len, 0);
    assert_false(again.missed);
    assert_int_equal(dew_scope_cookie(&again, "session").len, 0);
    assert_true(again.missed);
}

#define BOARD(F) F(str, board_id) F(opt(i32), rows) F(i64, from) F(str, word)
DEW_STRUCT(board_key, BOARD)
DEW_ROUTE(board, "/board/:board_id", board_key)
DEW_ROUTE(board_list, "/board", board_key)
#define WRONG(F) F(i32, board_id)
DEW_STRUCT(wrong_key, WRONG)
DEW_ROUTE(wrong, "/board/:board_id", wrong_key)

static void where_the_reader_is_is_noted(void **state)
{
    (void)state;
    assert_string_equal(dew_scope_pattern(&scope), "/board/:board_id");
    assert_true(dew_str_eq(dew_scope_param(&scope, "board_id"), S("b1")));
    assert_true(dew_str_eq(dew_scope_query(&scope, "rows"), S("50")));
    assert_int_equal(dew_scope_param(&scope, "rows").len, 0);
    assert_int_equal(scope.input_count, 4);

    dew_scope again;
    dew_scope_init(&again, &arena);
    dew_scope_replay(&again, scope.inputs);
    assert_string_equal(dew_scope_pattern(&again), "/board/:board_id");
    assert_true(dew_str_eq(dew_scope_query(&again, "rows"), S("50")));
    assert_false(again.missed);
    assert_int_equal(dew_scope_query(&again, "board_id").len, 0); /* the path's is known, the query string's is not */
    assert_true(again.missed);
}

static void a_routes_parameters_are_typed(void **state)
{
    (void)state;
    board_key key;
    assert_int_equal(dew_scope_params(&scope, board, &key), 0);
    assert_true(dew_str_eq(key.board_id, S("b1")));
    assert_true(key.rows.has);
    assert_int_equal(key.rows.value, 50);
    assert_int_equal(key.from, 0);
    assert_non_null(key.word.ptr);
    assert_int_equal(scope.input_count, 5);
    assert_int_equal(dew_scope_params(&scope, board_list, &key), DEW_E_NOT_FOUND);
    assert_int_equal(scope.error.code, DEW_E_NOT_FOUND);
    wrong_key number;
    assert_int_equal(dew_scope_params(&scope, wrong, &number), DEW_E_NOT_FOUND); /* no such page: "b1" is no number */
}

static dew_str identify_by_place(dew_scope *s)
{
    return dew_scope_param(s, "board_id");
}

static void who_it_is_does_not_depend_on_where(void **state)
{
    (void)state;
    scope.identify = identify_by_place;
    assert_int_equal(dew_scope_identity(&scope).len, 0);
    assert_int_equal(scope.input_count, 1);
}

static void without_a_request_the_reader_is_nowhere(void **state)
{
    (void)state;
    scope.source = NULL;
    assert_string_equal(dew_scope_pattern(&scope), "");
    assert_int_equal(dew_scope_param(&scope, "board_id").len, 0);
}

static void too_many_inputs_fail_the_handler(void **state)
{
    (void)state;
    for (int i = 0; i <= DEW_SCOPE_INPUTS_MAX; i++)
        (void)dew_scope_cookie(&scope, dew_scope_fmt(&scope, "c%d", i).ptr);
    assert_int_equal(scope.error.code, DEW_E_LIMIT);
}

static int told;
static dew_end told_end;
static void on_end(dew_scope_listener *listener, const dew_cause *cause)
{
    (void)listener;
    told++;
    told_end = cause->end;
}

static void the_end_is_told_once_and_to_late_comers(void **state)
{
    (void)state;
    dew_scope_listener kept = { .on_end = on_end }, undone = { .on_end = on_end }, late = { .on_end = on_end };
    told = 0;
    dew_scope_listen(&scope, &kept);
    dew_scope_listen(&scope, &undone);
    dew_scope_unlisten(&undone);
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    dew_scope_end(&scope, DEW_END_DEADLINE);
    assert_int_equal(told, 1);
    assert_int_equal(told_end, DEW_END_CLIENT_GONE);
    dew_scope_listen(&scope, &late);
    assert_int_equal(told, 2);
    dew_scope_unlisten(&kept);
    assert_true(dew_scope_is_ended(&scope));
}

static void a_deadline_that_has_passed_ends_the_scope(void **state)
{
    (void)state;
    scope.deadline_ns = 100;
    assert_int_equal(dew_scope_check(&scope, 99), 0);
    assert_int_equal(dew_scope_check(&scope, 100), DEW_E_TIMEOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(identity_stands_for_what_identify_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(inputs_are_noted_once_and_sorted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_replay_sees_the_noted_inputs_only, setup, teardown),
        cmocka_unit_test_setup_teardown(where_the_reader_is_is_noted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_routes_parameters_are_typed, setup, teardown),
        cmocka_unit_test_setup_teardown(who_it_is_does_not_depend_on_where, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_request_the_reader_is_nowhere, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_inputs_fail_the_handler, setup, teardown),
        cmocka_unit_test_setup_teardown(the_end_is_told_once_and_to_late_comers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_deadline_that_has_passed_ends_the_scope, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
