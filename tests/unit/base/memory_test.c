/* memory_test.c - arena, buffer, map and blob: what they promise, their maxima, and each allocation failing in turn.
 * wraps: malloc calloc realloc */
#include "base/blob.h"
#include "base/buffer.h"
#include "base/map.h"
#include "support/failing_allocations.h"
#include "type/copy.h"
#include "type/diff.h"
#include "type/json.h"
#include "unit/type/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- allocations that fail: the Nth from now, or none (-1) ---- */

static int fail_in = -1;

static bool fails(void)
{
    return fail_in >= 0 && fail_in-- == 0;
}

/* ---- arena ---- */

static void arena_gives_aligned_memory_up_to_its_maximum(void **state)
{
    (void)state;
    dew_arena arena;
    dew_arena_init(&arena, 100000);
    size_t given = 0;
    for (size_t len = 1; len < 100000; len = len * 3 / 2 + 1) {
        char *p = dew_arena_alloc(&arena, len);
        if (p == NULL)
            break;
        assert_int_equal((uintptr_t)p % 16, 0);
        memset(p, 0x5a, len);
        given += len;
    }
    assert_in_range(given, 30000, 100000);
    assert_true(arena.held_len <= 100000);
    assert_null(dew_arena_alloc(&arena, SIZE_MAX));
    assert_null(dew_arena_alloc(&arena, SIZE_MAX - 8));
    assert_null(dew_arena_calloc(&arena, SIZE_MAX / 2, 3));
    assert_null(dew_arena_text(&arena, SIZE_MAX));
    dew_arena_dispose(&arena);
    dew_arena_dispose(&arena);
    dew_arena_dispose(NULL);
    dew_arena zeroed = { 0 };
    assert_null(dew_arena_alloc(&zeroed, 1));
    dew_arena_reset(&zeroed);
    dew_arena_dispose(&zeroed);
}

static void arena_grows_the_last_allocation_in_place(void **state)
{
    (void)state;
    dew_arena arena;
    dew_arena_init(&arena, 1 << 20);
    char *a = dew_arena_alloc(&arena, 10);
    memcpy(a, "0123456789", 10);
    char *b = dew_arena_grow(&arena, a, 10, 1000);
    assert_ptr_equal(a, b);
    memset(b + 10, 1, 990);
    char *other = dew_arena_alloc(&arena, 1);
    *other = 'x';
    char *c = dew_arena_grow(&arena, b, 1000, 2000);
    assert_ptr_not_equal(b, c);
    assert_memory_equal(c, "0123456789\1", 11);
    assert_ptr_equal(dew_arena_grow(&arena, c, 2000, 5), c);
    assert_non_null(dew_arena_grow(&arena, NULL, 0, 5));
    assert_null(dew_arena_grow(&arena, c, 2000, SIZE_MAX));
    assert_int_equal(*other, 'x');
    dew_arena_dispose(&arena);
}

static void arena_reset_keeps_one_small_chunk(void **state)
{
    (void)state;
    dew_arena arena;
    dew_arena_init(&arena, 10 << 20);
    char *first = dew_arena_alloc(&arena, 100);
    for (int i = 0; i < 1000; i++)
        assert_non_null(dew_arena_alloc(&arena, 1000));
    dew_arena_reset(&arena);
    assert_in_range(arena.held_len, 1, 8192);
    assert_ptr_equal(dew_arena_alloc(&arena, 100), first);
    dew_arena_dispose(&arena);
    assert_non_null(dew_arena_alloc(&arena, 1 << 20));
    dew_arena_reset(&arena);
    assert_int_equal(arena.held_len, 0);
    dew_arena_dispose(&arena);
}

static void arena_text_is_terminated(void **state)
{
    (void)state;
    dew_arena arena;
    dew_arena_init(&arena, 1 << 20);
    for (size_t len = 0; len < 100; len++) {
        char text[100];
        memset(text, 'a', sizeof text);
        dew_str copy = dew_arena_str(&arena, dew_str_make(text, len));
        assert_int_equal(strlen(copy.ptr), len);
        assert_int_equal((uintptr_t)dew_arena_alloc(&arena, 8) % 16, 0);
    }
    assert_string_equal(dew_arena_str(&arena, dew_str_of(NULL)).ptr, "");
    dew_arena_dispose(&arena);
}

/* ---- buffer ---- */

static void buffer_fails_once_and_stays_failed(void **state)
{
    (void)state;
    dew_buf buf;
    dew_buf_init(&buf, 300);
    for (int i = 0; i < 30; i++)
        dew_buf_put_lit(&buf, "0123456789");
    assert_int_equal(buf.error, 0);
    assert_int_equal(buf.len, 300);
    dew_buf_put_char(&buf, 'x');
    assert_int_equal(buf.error, DEW_E_LIMIT);
    dew_buf_consume(&buf, 295);
    assert_true(dew_str_eq(dew_buf_str(&buf), DEW_S("56789")));
    dew_buf_put_char(&buf, 'x');
    assert_int_equal(buf.len, 5);
    dew_buf_clear(&buf);
    dew_buf_put_i64(&buf, INT64_MIN);
    dew_buf_putf(&buf, " %s %d", "and", 7);
    assert_true(dew_str_eq(dew_buf_str(&buf), DEW_S("-9223372036854775808 and 7")));
    dew_buf_putf(&buf, "%400d", 1);
    assert_int_equal(buf.error, DEW_E_LIMIT);
    dew_buf_dispose(&buf);
    dew_buf_dispose(NULL);
    dew_buf zeroed = { 0 };
    dew_buf_put_char(&zeroed, 'x');
    assert_int_equal(zeroed.error, DEW_E_LIMIT);
    dew_buf_putf(&zeroed, "x");
    dew_buf_dispose(&zeroed);
}

static void buffer_formats_across_growth(void **state)
{
    (void)state;
    dew_buf buf;
    dew_buf_init(&buf, 100000);
    for (int i = 0; i < 1000; i++)
        dew_buf_putf(&buf, "%d,", i);
    assert_int_equal(buf.error, 0);
    assert_int_equal(buf.len, 10 * 2 + 90 * 3 + 900 * 4);
    dew_buf_dispose(&buf);
}

/* ---- map ---- */

static void map_finds_what_was_put_and_not_removed(void **state)
{
    (void)state;
    enum { KEYS = 500 };
    static char names[KEYS][16];
    bool is_there[KEYS] = { false };
    dew_map map;
    dew_map_init(&map, 400, (dew_hash_key){ 1, 2 });
    uint64_t seed = 3;
    size_t count = 0;
    for (int i = 0; i < KEYS; i++)
        snprintf(names[i], sizeof names[i], "k%d", i);
    for (int step = 0; step < 20000; step++) {
        size_t i = sample_random(&seed) % KEYS;
        if (sample_random(&seed) % 2 == 0) {
            int code = dew_map_put(&map, dew_str_of(names[i]), &names[i]);
            assert_int_equal(code, is_there[i] || count < 400 ? 0 : DEW_E_LIMIT);
            count += code == 0 && !is_there[i];
            is_there[i] = is_there[i] || code == 0;
        } else {
            assert_ptr_equal(dew_map_remove(&map, dew_str_of(names[i])), is_there[i] ? &names[i] : NULL);
            count -= is_there[i];
            is_there[i] = false;
        }
        assert_int_equal(map.count, count);
    }
    size_t seen = 0, cursor = 0;
    for (dew_map_slot *slot; (slot = dew_map_next(&map, &cursor)) != NULL; seen++)
        assert_string_equal(slot->key.ptr, slot->value);
    assert_int_equal(seen, count);
    for (int i = 0; i < KEYS; i++)
        assert_ptr_equal(dew_map_get(&map, dew_str_of(names[i])), is_there[i] ? &names[i] : NULL);
    dew_map_dispose(&map);
    dew_map_dispose(NULL);
}

/* ---- the Nth allocation fails ---- */

static int use_everything(void)
{
    dew_arena arena;
    dew_buf buf, change;
    dew_map map;
    dew_buf whole;
    dew_blob *blob = NULL, *taken = NULL;
    uint64_t seed = 17;
    task_list from = { 0 }, to = { 0 }, back;
    dew_arena_init(&arena, 1 << 20);
    dew_buf_init(&buf, 1 << 20);
    dew_buf_init(&change, 1 << 20);
    dew_buf_init(&whole, 1 << 20);
    dew_map_init(&map, 100, (dew_hash_key){ 0, 0 });
    int code = DEW_E_NOMEM;
    for (int64_t i = 0; i < 200; i++) {
        task *t = task_list_add(&arena, &from);
        if (t == NULL)
            goto done;
        *t = (task){ .id = i, .title = sample_text(&arena, &seed) };
        if (t->title.ptr == NULL)
            goto done;
    }
    code = dew_value_copy(&arena, DEW_TYPE(task_list), &from, &to);
    if (code != 0)
        goto done;
    to.items[3].is_urgent = true;
    to.count -= 10;
    code = dew_json_write(&buf, DEW_TYPE(task_list), &from, NULL);
    if (code == 0)
        code = dew_json_read(&arena, dew_buf_str(&buf), DEW_TYPE(task_list), &back, NULL, NULL);
    if (code == 0)
        code = dew_diff_write(&change, DEW_TYPE(task_list), &from, &to, SIZE_MAX);
    if (code == 0)
        code = dew_patch(&arena, DEW_TYPE(task_list), &from, dew_buf_str(&change), &back, NULL);
    for (size_t i = 0; i < 50 && code == 0; i++)
        code = dew_map_put(&map, from.items[i].title, &from.items[i]);
    if (code == 0 && (blob = dew_blob_copy(dew_buf_str(&buf))) == NULL)
        code = DEW_E_NOMEM;
    dew_blob_unref(blob != NULL ? dew_blob_ref(blob) : NULL);
    if (code == 0 && dew_buf_reserve(&whole, sizeof(dew_blob)) == 0) {
        whole.len = sizeof(dew_blob);
        dew_buf_put_str(&whole, dew_buf_str(&buf));
    }
    if (code == 0 && (whole.error != 0 || (taken = dew_blob_of_buf(&whole)) == NULL))
        code = DEW_E_NOMEM;
    if (code == 0)
        assert_true(dew_str_eq(dew_blob_str(taken), dew_buf_str(&buf)) && taken->data[taken->len] == '\0' &&
                    whole.ptr == NULL);
done:
    dew_blob_unref(taken);
    dew_buf_dispose(&whole);
    dew_blob_unref(blob);
    dew_map_dispose(&map);
    dew_buf_dispose(&buf);
    dew_buf_dispose(&change);
    dew_arena_dispose(&arena);
    return code;
}

static void every_failing_allocation_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    int n = 0;
    for (;; n++) {
        fail_in = n;
        int code = use_everything();
        bool reached = fail_in < 0;
        fail_in = -1;
        if (!reached) {
            assert_int_equal(code, 0);
            break;
        }
        assert_int_equal(code, DEW_E_NOMEM);
    }
    assert_in_range(n, 10, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_aligned_memory_up_to_its_maximum),
        cmocka_unit_test(arena_grows_the_last_allocation_in_place),
        cmocka_unit_test(arena_reset_keeps_one_small_chunk),
        cmocka_unit_test(arena_text_is_terminated),
        cmocka_unit_test(buffer_fails_once_and_stays_failed),
        cmocka_unit_test(buffer_formats_across_growth),
        cmocka_unit_test(map_finds_what_was_put_and_not_removed),
        cmocka_unit_test(every_failing_allocation_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
