/* two_sides.c - one text made by the code that both sides share: numbers, formatting, JSON, changes, hashes, of random
 * values from a fixed seed. Built natively and for the browser by tests/js/two_sides.test.mjs, which compares the bytes
 * (design rule 13). No C library. */
#include "base/format.h"
#include "type/copy.h"
#include "type/diff.h"
#include "type/equal.h"
#include "type/hash.h"
#include "type/json.h"
#include "type/text.h"
#include "unit/type/sample.h"

#define NUMBERS 4000
#define VALUES 300

static dew_buf text;
static dew_arena arena;

static void put_numbers(uint64_t *seed)
{
    for (int i = 0; i < NUMBERS; i++) {
        double number = sample_f64(seed), back = 0;
        uint64_t integer = sample_random(seed) >> sample_random(seed) % 64;
        char shortest[DEW_FORMAT_F64_MAX];
        size_t len = dew_format_f64(shortest, number);
        dew_buf_put(&text, shortest, len);
        if (!dew_parse_f64(dew_str_make(shortest, len), &back) || back != number)
            dew_buf_put_lit(&text, " IS NOT READ BACK");
        dew_buf_putf(&text, " %f %.2f %e %g %.17g %lld %llx %d %u|%8.3f|%-12d|%+05d\n", number, number, number, number,
                     number, (long long)integer, (unsigned long long)integer, (int)(integer & 0x7fffffff),
                     (unsigned)(integer & 0xffffffff), number, (int)(integer % 1000000), (int)(integer % 1000));
    }
}

static void put_hash(dew_value_hash hash)
{
    char hex[DEW_VALUE_HASH_LEN];
    dew_hash_value_hex(hash, hex);
    dew_buf_put(&text, hex, sizeof hex);
    dew_buf_put_char(&text, '\n');
}

static void put_values(uint64_t *seed)
{
    const dew_type *type = DEW_TYPE(everything);
    task_list before = { 0 };
    put_hash(dew_schema_hash(type));
    for (int i = 0; i < VALUES; i++) {
        everything value = { 0 }, back;
        sample_value(&arena, seed, type, &value);
        size_t start = text.len;
        if (dew_json_write(&text, type, &value, NULL) != 0)
            dew_buf_put_lit(&text, "NOT WRITTEN");
        dew_str json = dew_str_make(text.ptr + start, text.len - start);
        if (dew_json_read(&arena, json, type, &back, NULL, NULL) != 0 || !dew_value_equal(type, &value, &back))
            dew_buf_put_lit(&text, "NOT READ BACK");
        dew_buf_put_char(&text, '\n');
        put_hash(dew_hash_value(json));

        start = text.len;
        int code = dew_diff_write(&text, DEW_TYPE(task_list), &before, &value.tasks, SIZE_MAX);
        dew_str change = dew_str_make(text.ptr + start, text.len - start);
        if (code == 0 && (dew_patch(&arena, DEW_TYPE(task_list), &before, change, &before, NULL) != 0 ||
                          !dew_value_equal(DEW_TYPE(task_list), &before, &value.tasks)))
            dew_buf_put_lit(&text, "NOT PATCHED");
        if (code != 0 && dew_value_copy(&arena, DEW_TYPE(task_list), &value.tasks, &before) != 0)
            dew_buf_put_lit(&text, "NOT COPIED");
        dew_buf_putf(&text, " %d\n", code);
    }
}

/* The text, valid until the program ends; its length through *len. */
__attribute__((visibility("default"))) const char *two_sides(size_t *len);
const char *two_sides(size_t *len)
{
    uint64_t seed = 20260131;
    dew_buf_init(&text, 64 << 20);
    dew_arena_init(&arena, 64 << 20);
    put_numbers(&seed);
    put_values(&seed);
    dew_buf_putf(&text, "\nerror %d\n", text.error);
    *len = text.len;
    return text.ptr;
}

#ifdef __wasm__
static size_t text_len;
__attribute__((export_name("text"))) const char *export_text(void);
const char *export_text(void)
{
    dew_format_floats_();
    return two_sides(&text_len);
}
__attribute__((export_name("len"))) size_t export_len(void);
size_t export_len(void)
{
    return text_len;
}
#else
#include <stdio.h>
int main(void)
{
    size_t len;
    const char *out = two_sides(&len);
    return fwrite(out, 1, len, stdout) == len ? 0 : 1;
}
#endif
