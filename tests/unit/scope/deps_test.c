/* deps_test.c - typed dependencies: the scope's own over its parents' over the application's. */
#include "scope/scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct limits {
    int rows;
    double rate;
} limits;

DEW_DEP(upstream, const char *)
DEW_DEP(budget, limits)

static dew_arena arena;
static dew_scope scope;

static int setup(void **state)
{
    (void)state;
    dew_arena_init(&arena, 1 << 20);
    dew_scope_init(&scope, &arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dew_scope_dispose(&scope);
    dew_arena_dispose(&arena);
    return 0;
}

static void an_absent_one_is_zero_and_not_had(void **state)
{
    (void)state;
    assert_null(upstream_get(&scope));
    assert_false(upstream_has(&scope));
    assert_int_equal(budget_get(&scope).rows, 0);
}

static void a_zero_value_is_had(void **state)
{
    (void)state;
    assert_int_equal(upstream_set(&scope, NULL), 0);
    assert_true(upstream_has(&scope));
}

static void the_request_is_over_the_application(void **state)
{
    (void)state;
    scope.provided = DEW_DEPS(DEW_PROVIDE(upstream, "application"), DEW_PROVIDE(budget, .rows = 5, .rate = 0.5));
    assert_string_equal(upstream_get(&scope), "application");
    assert_int_equal(budget_get(&scope).rows, 5);
    assert_int_equal(upstream_set(&scope, "request"), 0);
    assert_string_equal(upstream_get(&scope), "request");
    assert_int_equal(upstream_set(&scope, "again"), 0);
    assert_string_equal(upstream_get(&scope), "again");
    assert_int_equal(budget_get(&scope).rows, 5);
}

static void removing_hides_the_applications_too(void **state)
{
    (void)state;
    scope.provided = DEW_DEPS(DEW_PROVIDE(upstream, "application"));
    assert_int_equal(upstream_remove(&scope), 0);
    assert_false(upstream_has(&scope));
    assert_null(upstream_get(&scope));
    assert_int_equal(upstream_set(&scope, "back"), 0);
    assert_string_equal(upstream_get(&scope), "back");
}

static void a_child_sees_its_parents_and_keeps_its_own(void **state)
{
    (void)state;
    assert_int_equal(upstream_set(&scope, "parent"), 0);
    DEW_WITH_SCOPE(child, &scope, )
    {
        assert_string_equal(upstream_get(child), "parent");
        assert_int_equal(upstream_set(child, "child"), 0);
        assert_string_equal(upstream_get(child), "child");
        assert_int_equal(upstream_remove(child), 0);
        assert_false(upstream_has(child));
    }
    assert_string_equal(upstream_get(&scope), "parent");
}

static void out_of_memory_fails_the_handler(void **state)
{
    (void)state;
    dew_arena small;
    dew_scope poor;
    dew_arena_init(&small, 0);
    dew_scope_init(&poor, &small);
    assert_int_equal(upstream_set(&poor, "x"), DEW_E_NOMEM);
    assert_int_equal(poor.error.code, DEW_E_NOMEM);
    assert_int_equal(upstream_remove(&poor), DEW_E_NOMEM);
    dew_scope_dispose(&poor);
    dew_arena_dispose(&small);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(an_absent_one_is_zero_and_not_had),          EACH(a_zero_value_is_had),
        EACH(the_request_is_over_the_application),        EACH(removing_hides_the_applications_too),
        EACH(a_child_sees_its_parents_and_keeps_its_own), EACH(out_of_memory_fails_the_handler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
