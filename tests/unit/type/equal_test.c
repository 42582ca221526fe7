/* equal_test.c - equality by value: by a type's descriptor, and as each struct has it written out (dew/same.h). What both are held
 * to is the canonical text. */
#include "type/equal.h"

#include "base/buffer.h"
#include "type/copy.h"
#include "type/json.h"
#include "unit/type/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define VALUES 2000
#define LONGEST 80

static bool both(const everything *a, const everything *b)
{
    const bool same = dew_same_everything_(a, b);
    assert_int_equal(same, dew_value_equal(DEW_TYPE(everything), a, b));
    return same;
}

static void values_are_equal_when_their_texts_are(void **state)
{
    (void)state;
    uint64_t seed = 3;
    int differ = 0;
    dew_buf first = { .max = 16 << 20 }, second = { .max = 16 << 20 };
    for (int i = 0; i < VALUES; i++) {
        dew_arena arena;
        dew_arena_init(&arena, 16 << 20);
        everything a = { 0 }, b = { 0 };
        sample_value(&arena, &seed, DEW_TYPE(everything), &a);
        assert_int_equal(dew_value_copy(&arena, DEW_TYPE(everything), &a, &b), 0);
        assert_true(both(&a, &b));
        /* one member of another value */
        everything other = { 0 };
        sample_value(&arena, &seed, DEW_TYPE(everything), &other);
        const dew_type *type = DEW_TYPE(everything);
        const dew_field *field = &type->fields[(size_t)i % type->field_count];
        const size_t end = field + 1 < type->fields + type->field_count ? field[1].offset : type->size;
        memcpy((char *)&b + field->offset, (const char *)&other + field->offset, end - field->offset);
        dew_buf_clear(&first);
        dew_buf_clear(&second);
        dew_error error = { 0 };
        assert_int_equal(dew_json_write(&first, type, &a, &error), 0);
        assert_int_equal(dew_json_write(&second, type, &b, &error), 0);
        const bool is_equal = dew_str_eq(dew_buf_str(&first), dew_buf_str(&second));
        differ += !is_equal;
        if (both(&a, &b) != is_equal)
            fail_msg("field %s: %.*s and %.*s", field->name, (int)first.len, first.ptr, (int)second.len, second.ptr);
        assert_int_equal(both(&b, &a), is_equal);
        dew_arena_dispose(&arena);
    }
    assert_true(differ > VALUES / 2);
    dew_buf_dispose(&first);
    dew_buf_dispose(&second);
}

/* Of each length, wherever it begins in a word; nothing is read past the end (AddressSanitizer). */
static void texts_differ_by_any_byte(void **state)
{
    (void)state;
    for (size_t len = 0; len <= LONGEST; len++)
        for (size_t shift = 0; shift < 8; shift++) {
            char *left = malloc(len + shift + 1), *right = malloc(len + 1);
            dew_str a = { left + shift, len }, b = { right, len };
            char *x = left + shift, *y = right;
            for (size_t i = 0; i < len; i++)
                x[i] = y[i] = (char)('a' + i % 26);
            char *exact = malloc(len != 0 ? len : 1);
            memcpy(exact, y, len);
            const dew_str whole = { exact, len };
            assert_true(dew_text_equal_(&a, &whole));
            for (size_t i = 0; i < len; i++) {
                y[i] ^= 1;
                assert_false(dew_text_equal_(&a, &b));
                assert_false(dew_text_equal_(&b, &a));
                y[i] ^= 1;
            }
            const dew_str longer = { right, len + 1 };
            right[len] = 'x';
            assert_false(dew_text_equal_(&a, &longer));
            free(exact);
            free(left);
            free(right);
        }
    const dew_str none = { NULL, 0 }, empty = { "", 0 };
    assert_true(dew_text_equal_(&none, &empty));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_equal_when_their_texts_are),
        cmocka_unit_test(texts_differ_by_any_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
