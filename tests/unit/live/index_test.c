/* index_test.c - the index of buckets. */
#include "live/index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static dew_index index_;
static int hits;
static const void *last_hit;

static int begin(void **state)
{
    (void)state;
    return dew_index_init(&index_);
}

static int end(void **state)
{
    (void)state;
    dew_index_dispose(&index_);
    dew_index_dispose(&index_); /* takes zeroed */
    return 0;
}

static void on_hit(void *context, void *owner)
{
    assert_ptr_equal(context, &index_);
    hits++;
    last_hit = owner;
}

static int find(uint64_t bucket)
{
    hits = 0;
    dew_index_find(&index_, bucket, on_hit, &index_);
    return hits;
}

static void each_entry_of_a_bucket_is_found_and_no_other(void **state)
{
    (void)state;
    dew_index_entry entries[3] = { { .bucket = 7, .owner = &entries[0] },
                                   { .bucket = 7, .owner = &entries[1] },
                                   { .bucket = UINT64_C(7) << 32, .owner = &entries[2] } };
    for (int i = 0; i < 3; i++)
        dew_index_add(&index_, &entries[i]);
    assert_int_equal(find(7), 2);
    assert_int_equal(find(UINT64_C(7) << 32), 1);
    assert_ptr_equal(last_hit, &entries[2]);
    assert_int_equal(find(8), 0);
    for (int i = 0; i < 3; i++)
        dew_index_remove(&index_, &entries[i]);
}

static void what_was_removed_is_not_found(void **state)
{
    (void)state;
    dew_index_entry first = { .bucket = 1 }, second = { .bucket = 1, .owner = &second }, never = { 0 };
    dew_index_add(&index_, &first);
    dew_index_add(&index_, &second);
    dew_index_remove(&index_, &first);
    dew_index_remove(&index_, &first); /* once more is fine */
    dew_index_remove(&index_, &never);
    assert_int_equal(find(1), 1);
    assert_ptr_equal(last_hit, &second);
    assert_int_equal(index_.count, 1);
    dew_index_remove(&index_, &second);
    assert_int_equal(find(1), 0);
}

static void growing_loses_nothing(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    static dew_index_entry entries[COUNT];
    for (int i = 0; i < COUNT; i++) {
        entries[i] = (dew_index_entry){ .bucket = (uint64_t)(i / 2), .owner = &entries[i] };
        dew_index_add(&index_, &entries[i]);
    }
    assert_true(index_.cap >= COUNT / 2);
    for (int i = 0; i < COUNT / 2; i++)
        assert_int_equal(find((uint64_t)i), 2);
    for (int i = 0; i < COUNT; i++)
        dew_index_remove(&index_, &entries[i]);
    assert_int_equal(index_.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_entry_of_a_bucket_is_found_and_no_other, begin, end),
        cmocka_unit_test_setup_teardown(what_was_removed_is_not_found, begin, end),
        cmocka_unit_test_setup_teardown(growing_loses_nothing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
