/* The ring of kept changes: ways from one version to another, one budget for all, least recently resumed goes first. */
#include "live/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static dew_ring_budget *budget;

static int setup(void **state)
{
    (void)state;
    budget = dew_ring_budget_create(100);
    return budget == NULL;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(dew_ring_budget_held(budget), 0);
    dew_ring_budget_destroy(budget);
    return 0;
}

static dew_value_hash hash_of(uint64_t version)
{
    return (dew_value_hash){ (uint32_t)version, 7 };
}

static void push(dew_ring *ring, uint64_t from, uint64_t to, size_t len)
{
    dew_blob *blob = dew_blob_create(len);
    memset(blob->data, 'x', len);
    dew_ring_push(ring, from, hash_of(from), (dew_position){ (int64_t)from, 0 }, to, blob);
    dew_blob_unref(blob);
}

static size_t chain(dew_ring *ring, uint64_t from, uint64_t to, size_t max_len)
{
    dew_blob *segments[DEW_RING_SEGMENTS_MAX];
    size_t count = dew_ring_chain(ring, from, to, max_len, segments);
    for (size_t i = 0; i < count; i++)
        dew_blob_unref(segments[i]);
    return count;
}

static void a_way_is_there_whole_or_not_at_all(void **state)
{
    (void)state;
    dew_ring *ring = dew_ring_create(budget);
    push(ring, 1, 3, 10);
    push(ring, 3, 8, 10);
    push(ring, 8, 9, 10);
    assert_int_equal(chain(ring, 1, 9, 100), 3);
    assert_int_equal(chain(ring, 3, 9, 100), 2);
    assert_int_equal(chain(ring, 3, 8, 100), 1);
    assert_int_equal(chain(ring, 2, 9, 100), 0); /* nobody was ever there */
    assert_int_equal(chain(ring, 9, 9, 100), 0);
    assert_int_equal(chain(ring, 3, 10, 100), 0);
    assert_int_equal(chain(ring, 1, 9, 29), 0); /* longer than the whole */
    dew_ring_unref(ring);
}

static void a_value_is_found_by_its_hash_the_newest_first(void **state)
{
    (void)state;
    dew_position at = { 0, 0 };
    dew_ring *ring = dew_ring_create(budget);
    push(ring, 1, 3, 5);
    dew_blob *blob = dew_blob_create(5);
    dew_ring_push(ring, 3, hash_of(1), (dew_position){ 3, 4 }, 5, blob); /* the same value again */
    dew_blob_unref(blob);
    assert_int_equal(dew_ring_find(ring, hash_of(1), &at), 3);
    assert_int_equal(at.commit, 3);
    assert_int_equal(at.topic, 4);
    assert_int_equal(dew_ring_find(ring, hash_of(5), &at), 0); /* nothing leads on from the newest */
    dew_ring_unref(ring);
}

static void a_gap_empties_the_ring(void **state)
{
    (void)state;
    dew_ring *ring = dew_ring_create(budget);
    push(ring, 1, 3, 10);
    push(ring, 4, 5, 10);
    assert_int_equal(chain(ring, 1, 3, 100), 0);
    assert_int_equal(chain(ring, 4, 5, 100), 1);
    assert_int_equal(dew_ring_budget_held(budget), 10);
    dew_ring_unref(ring);
}

static void the_least_recently_resumed_goes_first(void **state)
{
    (void)state;
    dew_position at;
    dew_ring *a = dew_ring_create(budget), *b = dew_ring_create(budget), *c = dew_ring_create(budget);
    push(a, 1, 2, 40);
    push(b, 1, 2, 40);
    assert_int_equal(dew_ring_find(a, hash_of(1), &at), 1); /* a is used */
    push(c, 1, 2, 40);
    assert_int_equal(chain(a, 1, 2, 100), 1);
    assert_int_equal(chain(b, 1, 2, 100), 0);
    assert_int_equal(chain(c, 1, 2, 100), 1);
    assert_true(dew_ring_budget_held(budget) <= 100);
    dew_ring_unref(a);
    dew_ring_unref(b);
    dew_ring_unref(c);
}

static void one_ring_keeps_its_newest_within_the_budget(void **state)
{
    (void)state;
    dew_ring *ring = dew_ring_create(budget);
    for (uint64_t version = 1; version <= 10; version++)
        push(ring, version, version + 1, 30);
    assert_int_equal(chain(ring, 8, 11, 1000), 3);
    assert_int_equal(chain(ring, 7, 11, 1000), 0);
    push(ring, 11, 12, 101); /* does not fit at all */
    assert_int_equal(dew_ring_budget_held(budget), 0);
    for (uint64_t version = 12; version < 12 + DEW_RING_SEGMENTS_MAX + 9; version++)
        push(ring, version, version + 1, 1);
    assert_int_equal(dew_ring_budget_held(budget), DEW_RING_SEGMENTS_MAX);
    dew_ring_unref(ring);
}

static void a_segment_outlives_its_ring(void **state)
{
    (void)state;
    dew_blob *segments[DEW_RING_SEGMENTS_MAX];
    dew_ring *ring = dew_ring_create(budget);
    push(ring, 1, 2, 10);
    assert_int_equal(dew_ring_chain(ring, 1, 2, 100, segments), 1);
    dew_ring_unref(ring);
    assert_int_equal(segments[0]->data[9], 'x');
    dew_blob_unref(segments[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_way_is_there_whole_or_not_at_all, setup, teardown),
        cmocka_unit_test_setup_teardown(a_value_is_found_by_its_hash_the_newest_first, setup, teardown),
        cmocka_unit_test_setup_teardown(a_gap_empties_the_ring, setup, teardown),
        cmocka_unit_test_setup_teardown(the_least_recently_resumed_goes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(one_ring_keeps_its_newest_within_the_budget, setup, teardown),
        cmocka_unit_test_setup_teardown(a_segment_outlives_its_ring, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
