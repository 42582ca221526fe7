/* copy_test.c - values that stand on their own: copies, and how much memory one takes. */
#include "type/copy.h"

#include "base/sanitizer.h"
#include "type/equal.h"
#include "unit/type/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define VALUES 500

static void a_copy_is_equal_and_stands_on_its_own(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < VALUES; i++) {
        dew_arena from, to;
        dew_arena_init(&from, 16 << 20);
        dew_arena_init(&to, 16 << 20);
        everything value = { 0 }, again = { 0 }, copy = { 0 };
        uint64_t same = seed;
        sample_value(&from, &seed, DEW_TYPE(everything), &value);
        sample_value(&to, &same, DEW_TYPE(everything), &again);
        assert_int_equal(dew_value_copy(&to, DEW_TYPE(everything), &value, &copy), 0);
        dew_arena_dispose(&from); /* poisoned under AddressSanitizer */
        assert_true(dew_value_equal(DEW_TYPE(everything), &copy, &again));
        dew_arena_dispose(&to);
    }
}

/* What dew_value_owned_len says is enough: an arena of that size, which may not grow, holds what is taken. */
static void what_a_value_owns_fits_into_the_length_that_is_said(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < VALUES; i++) {
        dew_arena from;
        dew_arena_init(&from, 16 << 20);
        everything value = { 0 };
        sample_value(&from, &seed, DEW_TYPE(everything), &value);
        const everything before = value;
        size_t len = dew_value_owned_len(DEW_TYPE(everything), &value);
        char *room = malloc(len + 1);
        dew_arena fixed = { .at = room, .end = room + len };
#ifndef DEW_ASAN /* there, allocations have zones around them */
        assert_int_equal(dew_value_own(&fixed, DEW_TYPE(everything), &value), 0);
        assert_true(dew_value_equal(DEW_TYPE(everything), &value, &before));
#endif
        (void)fixed, (void)before;
        free(room);
        dew_arena_dispose(&from);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_is_equal_and_stands_on_its_own),
        cmocka_unit_test(what_a_value_owns_fits_into_the_length_that_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
