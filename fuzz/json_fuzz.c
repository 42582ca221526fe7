/* json_fuzz.c - typed JSON, changes and numbers from arbitrary bytes.
 *
 * Input: byte 0 chooses what the rest is: 0 a value of every kind, 1 raw JSON, 2 two lines: a keyed list and a change,
 * 3 a number, 4 two lines: keyed lists. What is taken is written back to a text that reads back to the same text.
 * Seeds: fuzz/corpus/json. */
#include "base/format.h"
#include "type/copy.h"
#include "type/diff.h"
#include "type/equal.h"
#include "type/json.h"

#include <stdlib.h>

#define CHECK(condition) ((condition) ? (void)0 : abort())
#define INPUT_MAX 5000
#define MEMORY_MAX (4 << 20)

#define FRUIT(V) V(fruit, apple) V(fruit, pear)
DEW_ENUM(fruit, FRUIT)
DEW_ARRAY(words, str)
#define ROW(F) F(str, id) F(i32, n) F(opt(words), tags)
DEW_STRUCT(row, ROW)
DEW_LIST(rows, row, id)
#define ALL(F)                                                                                                        \
    F(opt(bool), b) F(opt(i32), i) F(opt(i64), l) F(opt(f64), f) F(opt(str), s) F(opt(bytes), x) F(opt(time), t)      \
    F(opt(json), j) F(opt(fruit), e) F(opt(rows), r) F(opt(words), w)
DEW_STRUCT(all, ALL)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void write_value(dew_buf *out, const dew_type *type, const void *value)
{
    dew_buf_init(out, MEMORY_MAX);
    CHECK(dew_json_write(out, type, value, NULL) == 0);
}

static void check_typed(dew_arena *arena, dew_str text)
{
    dew_error error = { 0 };
    all value, again, copy;
    int code = dew_json_read(arena, text, DEW_TYPE(all), &value, "v", &error);
    CHECK(code <= 0 && (code == 0 || (error.code == code && error.message[0] != '\0')));
    if (code != 0)
        return;
    dew_buf first, second, script;
    write_value(&first, DEW_TYPE(all), &value);
    CHECK(dew_json_read(arena, dew_buf_str(&first), DEW_TYPE(all), &again, "v", &error) == 0);
    CHECK(dew_value_equal(DEW_TYPE(all), &value, &again));
    CHECK(dew_value_copy(arena, DEW_TYPE(all), &again, &copy) == 0);
    write_value(&second, DEW_TYPE(all), &copy);
    CHECK(dew_str_eq(dew_buf_str(&first), dew_buf_str(&second)));
    dew_buf_init(&script, MEMORY_MAX);
    dew_json_put_script(&script, dew_buf_str(&first));
    CHECK(script.len == 0 || memchr(script.ptr, '<', script.len) == NULL);
    dew_buf_dispose(&script);
    dew_buf_dispose(&first);
    dew_buf_dispose(&second);
}

static void check_raw(dew_arena *arena, dew_str text)
{
    dew_str raw;
    bool is_json = dew_json_check(text, NULL, NULL) == 0;
    CHECK(is_json == (dew_json_read(arena, text, DEW_TYPE(json), &raw, NULL, NULL) == 0));
}

static void check_number(dew_str text)
{
    char terminated[INPUT_MAX + 1];
    memcpy(terminated, text.ptr, text.len);
    terminated[text.len] = '\0';
    double number, back;
    if (!dew_parse_f64(text, &number))
        return;
    CHECK(strtod(terminated, NULL) == number);
    size_t len = dew_format_f64(terminated, number);
    CHECK(dew_parse_f64(dew_str_make(terminated, len), &back) && back == number);
}

/* Two lines; the first is a list of rows. */
static void check_change(dew_arena *arena, dew_str text, bool is_change)
{
    const char *newline = text.len != 0 ? memchr(text.ptr, '\n', text.len) : NULL;
    rows from, to, out;
    if (newline == NULL)
        return;
    size_t len = (size_t)(newline - text.ptr);
    dew_str rest = dew_str_make(newline + 1, text.len - len - 1);
    if (dew_json_read(arena, dew_str_make(text.ptr, len), DEW_TYPE(rows), &from, NULL, NULL) != 0)
        return;
    if (is_change) {
        if (dew_patch(arena, DEW_TYPE(rows), &from, rest, &out, NULL) == 0) {
            dew_buf written;
            write_value(&written, DEW_TYPE(rows), &out);
            dew_buf_dispose(&written);
        }
        return;
    }
    if (dew_json_read(arena, rest, DEW_TYPE(rows), &to, NULL, NULL) != 0)
        return;
    dew_buf change;
    dew_buf_init(&change, MEMORY_MAX);
    if (dew_diff_write(&change, DEW_TYPE(rows), &from, &to, SIZE_MAX) == 0) {
        CHECK(dew_patch(arena, DEW_TYPE(rows), &from, dew_buf_str(&change), &out, NULL) == 0);
        CHECK(dew_value_equal(DEW_TYPE(rows), &to, &out));
    }
    dew_buf_dispose(&change);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 1 || len > INPUT_MAX)
        return 0;
    dew_arena arena;
    dew_arena_init(&arena, MEMORY_MAX);
    dew_str text = dew_str_make((const char *)data + 1, len - 1);
    switch (data[0] - '0') {
    case 0:
        check_typed(&arena, text);
        break;
    case 1:
        check_raw(&arena, text);
        break;
    case 2:
        check_change(&arena, text, true);
        break;
    case 3:
        check_number(text);
        break;
    default:
        check_change(&arena, text, false);
        break;
    }
    dew_arena_dispose(&arena);
    return 0;
}
