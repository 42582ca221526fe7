/* json_test.c - the reader against a table of JSON texts, typed errors, the writer's bytes, random round trips. */
#include "type/json.h"

#include "type/copy.h"
#include "type/equal.h"
#include "type/hash.h"
#include "unit/type/sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MANY 2000

/* ---- conformance: y_ must be taken, n_ refused; i_ (RFC 8259 leaves it open) as we chose ---- */

struct conformance {
    const char *name, *text;
    size_t len; /* 0: strlen */
};

static const struct conformance table[] = {
    { "y_array_empty", "[]", 0 },
    { "y_array_heterogeneous", "[null, 1, \"1\", {}]", 0 },
    { "y_array_spaces", " [ 1 , 2 ]\t\r\n", 0 },
    { "y_number", "[123e65]", 0 },
    { "y_number_0e+1", "[0e+1]", 0 },
    { "y_number_0e1", "[0e1]", 0 },
    { "y_number_minus_zero", "[-0]", 0 },
    { "y_number_real_capital_e", "[1E22]", 0 },
    { "y_number_real_fraction_exponent", "[123.456e78]", 0 },
    { "y_number_double_close_to_zero", "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000000001]", 0 },
    { "y_object_basic", "{\"asd\":\"sdf\"}", 0 },
    { "y_object_duplicated_key", "{\"a\":\"b\",\"a\":\"c\"}", 0 },
    { "y_object_empty_key", "{\"\":0}", 0 },
    { "y_object_escaped_null_in_key", "{\"foo\\u0000bar\": 42}", 0 },
    { "y_string_surrogates", "[\"\\uD801\\udc37\"]", 0 },
    { "y_string_all_escapes", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", 0 },
    { "y_string_null_escape", "[\"\\u0000\"]", 0 },
    { "y_string_utf8", "[\"€𝄞\"]", 0 },
    { "y_string_noncharacter", "[\"\\uFFFF\xF4\x8F\xBF\xBF\"]", 0 },
    { "y_string_u2028", "[\"\xE2\x80\xA8\"]", 0 },
    { "y_string_del", "[\"\x7f\"]", 0 },
    { "y_structure_lonely_string", "\"asd\"", 0 },
    { "y_structure_lonely_false", "false", 0 },
    { "y_structure_lonely_null", "null", 0 },
    { "y_structure_lonely_int", "42", 0 },
    { "y_structure_nested", "[[[[[[[[[[[[[[[[{\"a\":[]}]]]]]]]]]]]]]]]]", 0 },
    { "n_nothing", "", 0 },
    { "n_only_space", " ", 0 },
    { "n_array_1_true_without_comma", "[1 true]", 0 },
    { "n_array_comma_after_close", "[\"\"],", 0 },
    { "n_array_double_comma", "[1,,2]", 0 },
    { "n_array_extra_comma", "[\"\",]", 0 },
    { "n_array_just_comma", "[,]", 0 },
    { "n_array_inner_colon", "[\"x\":1]", 0 },
    { "n_array_unclosed", "[\"\"", 0 },
    { "n_array_unclosed_new_lines", "[1,\n1\n,1", 0 },
    { "n_array_star", "[*]", 0 },
    { "n_incomplete_false", "[fals]", 0 },
    { "n_incomplete_null", "[nul]", 0 },
    { "n_incomplete_true", "tru", 0 },
    { "n_capitalized_true", "[True]", 0 },
    { "n_number_plus", "[+1]", 0 },
    { "n_number_leading_zero", "[-01]", 0 },
    { "n_number_double_zero", "[00]", 0 },
    { "n_number_dot_first", "[.5]", 0 },
    { "n_number_dot_last", "[1.]", 0 },
    { "n_number_e_last", "[1e]", 0 },
    { "n_number_e_plus_last", "[1.0e+]", 0 },
    { "n_number_dot_e", "[1.e5]", 0 },
    { "n_number_minus", "[-]", 0 },
    { "n_number_minus_minus", "[--1]", 0 },
    { "n_number_two_dots", "[1.2.3]", 0 },
    { "n_number_hex", "[0x1]", 0 },
    { "n_number_infinity", "[Infinity]", 0 },
    { "n_number_nan", "[NaN]", 0 },
    { "n_number_space_inside", "[1 000]", 0 },
    { "n_number_letters", "[1a]", 0 },
    { "n_object_no_colon", "{\"a\" 1}", 0 },
    { "n_object_double_colon", "{\"a\"::1}", 0 },
    { "n_object_comma_last", "{\"a\":1,}", 0 },
    { "n_object_two_commas", "{\"a\":1,,\"b\":2}", 0 },
    { "n_object_key_without_quotes", "{a:1}", 0 },
    { "n_object_number_key", "{1:1}", 0 },
    { "n_object_single_quotes", "{'a':0}", 0 },
    { "n_object_value_missing", "{\"a\":}", 0 },
    { "n_object_unclosed", "{\"a\":1", 0 },
    { "n_object_wrong_end", "{\"a\":1]", 0 },
    { "n_string_1_surrogate_then_escape", "[\"\\uD800\\\"]", 0 },
    { "n_string_escape_x", "[\"\\x00\"]", 0 },
    { "n_string_escaped_backslash_bad", "[\"\\\\\\\"]", 0 },
    { "n_string_incomplete_escape", "[\"\\\"]", 0 },
    { "n_string_incomplete_unicode", "[\"\\u00A\"]", 0 },
    { "n_string_bad_unicode", "[\"\\uqqqq\"]", 0 },
    { "n_string_tab", "[\"\t\"]", 0 },
    { "n_string_newline", "[\"new\nline\"]", 0 },
    { "n_string_nul", "[\"a\0a\"]", 7 },
    { "n_string_unclosed", "\"", 0 },
    { "n_string_unclosed_long", "[\"abcdefghijklmnop", 0 },
    { "n_string_single_quote", "['x']", 0 },
    { "n_structure_trailing", "[1]x", 0 },
    { "n_structure_nul_after", "1\0", 2 },
    { "n_structure_comment", "[1] // x", 0 },
    { "n_structure_bom", "\xEF\xBB\xBF{}", 0 },
    { "n_structure_two_values", "1 2", 0 },
    { "n_structure_form_feed", "[\f1]", 0 },
    { "n_structure_no_break_space", "[\xC2\xA0]", 0 },
    { "n_structure_close_only", "]", 0 },
    /* left open by the RFC: we refuse what has no UTF-8 */
    { "n_i_string_lone_high_surrogate", "[\"\\uDADA\"]", 0 },
    { "n_i_string_lone_low_surrogate", "[\"\\uDFAA\"]", 0 },
    { "n_i_string_surrogates_reversed", "[\"\\uDd1e\\uD834\"]", 0 },
    { "n_i_string_overlong", "[\"\xC0\xAF\"]", 0 },
    { "n_i_string_overlong_6_bytes", "[\"\xFC\x83\xBF\xBF\xBF\xBF\"]", 0 },
    { "n_i_string_surrogate_bytes", "[\"\xED\xA0\x80\"]", 0 },
    { "n_i_string_above_10ffff", "[\"\xF4\x90\x80\x80\"]", 0 },
    { "n_i_string_lone_continuation", "[\"\x81\"]", 0 },
    { "n_i_string_truncated", "[\"\xE0\xFF\"]", 0 },
    { "n_i_string_latin1", "[\"\xE9\"]", 0 },
    { "y_i_number_huge_exponent", "[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999969999999006]", 0 },
    { "y_i_number_very_big_int", "[-237462374673276894279832749832423479823246327846]", 0 },
};

static void takes_and_refuses_as_rfc_8259_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t len = table[i].len != 0 ? table[i].len : strlen(table[i].text);
        char *exact = malloc(len + (len == 0)); /* so that a read past the end is seen */
        assert_non_null(exact);
        memcpy(exact, table[i].text, len);
        dew_error error = { 0 };
        int code = dew_json_check(dew_str_make(exact, len), "x", &error);
        if ((code == 0) != (table[i].name[0] == 'y'))
            fail_msg("%s: %d %s", table[i].name, code, error.message);
        free(exact);
    }
}

static void limits_depth(void **state)
{
    (void)state;
    char text[2 * DEW_JSON_DEPTH_MAX + 2];
    memset(text, '[', DEW_JSON_DEPTH_MAX + 1);
    memset(text + DEW_JSON_DEPTH_MAX + 1, ']', DEW_JSON_DEPTH_MAX + 1);
    assert_int_equal(dew_json_check(dew_str_make(text + 1, 2 * DEW_JSON_DEPTH_MAX), NULL, NULL), 0);
    assert_int_equal(dew_json_check(dew_str_make(text, 2 * DEW_JSON_DEPTH_MAX + 2), NULL, NULL), DEW_E_LIMIT);
}

/* ---- typed reading ---- */

struct fixture {
    dew_arena arena;
    dew_buf buf;
    dew_error error;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    dew_arena_init(&f->arena, 64 << 20);
    dew_buf_init(&f->buf, 1 << 20);
    *state = f;
    return f != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    dew_arena_dispose(&f->arena);
    dew_buf_dispose(&f->buf);
    free(f);
    return 0;
}

#define ARGS(F) F(task_list, tasks) F(opt(named), named) F(opt(numbers), numbers) F(opt(everything), all)
DEW_STRUCT(args, ARGS)

static void says_what_is_wrong_and_where(void **state)
{
    static const struct {
        const char *text;
        int code;
        const char *message;
    } cases[] = {
        { "[]", DEW_E_TYPE, "args: expected object, found array (byte 0)" },
        { "", DEW_E_INVALID, "args: expected object, found the end of the text (byte 0)" },
        { "{}", DEW_E_TYPE, "args.tasks: the field is missing (byte 2)" },
        { "{\"tasks\":null}", DEW_E_TYPE, "args.tasks: expected array, found null (byte 9)" },
        { "{\"tasks\":[],\"tusks\":1}", DEW_E_TYPE, "args.tusks: unknown field (byte 20)" },
        { "{\"tasks\":[],\"tasks\":[]}", DEW_E_TYPE, "args.tasks: the field stands there twice (byte 20)" },
        { "{\"tasks\":[],\"named\":null}", DEW_E_TYPE, "args.named: expected object, found null (byte 20)" },
        { "{\"tasks\":[{\"id\":\"1\",\"title\":7}]}", DEW_E_TYPE,
          "args.tasks[0].title: expected string, found number (byte 28)" },
        { "{\"tasks\":[{\"id\":1.5}]}", DEW_E_TYPE,
          "args.tasks[0].id: expected a 64-bit integer, found 1.5 (byte 16)" },
        { "{\"tasks\":[{\"id\":\"x\"}]}", DEW_E_RANGE,
          "args.tasks[0].id: expected a 64-bit integer as a string (byte 19)" },
        { "{\"tasks\":[{\"id\":9223372036854775808}]}", DEW_E_RANGE,
          "args.tasks[0].id: the number does not fit a 64-bit integer (byte 16)" },
        { "{\"tasks\":[{\"id\":true}]}", DEW_E_TYPE,
          "args.tasks[0].id: expected integer as a string, found boolean (byte 16)" },
        { "{\"tasks\":[],\"named\":{\"name\":\"a\",\"count\":2147483648}}", DEW_E_RANGE,
          "args.named.count: the number does not fit a 32-bit integer (byte 40)" },
        { "{\"tasks\":[],\"named\":{\"name\":\"a\",\"count\":01}}", DEW_E_INVALID,
          "args.named.count: malformed number (byte 40)" },
        { "{\"tasks\":[],\"numbers\":[1,1e999]}", DEW_E_RANGE,
          "args.numbers[1]: the number does not fit a 64-bit float (byte 25)" },
        { "{\"tasks\":[{\"id\":\"1\",\"title\":\"\",\"column\":\"gone\"}]}", DEW_E_TYPE,
          "args.tasks[0].column: \"gone\" is none of the names of column (byte 46)" },
        { "{\"tasks\":[{\"id\":\"1\",\"title\":\"\",\"column\":\"done\",\"due\":\"2026-02-29T00:00:00Z\"}]}",
          DEW_E_RANGE, "args.tasks[0].due: expected a time such as 2026-01-31T23:59:59Z (byte 75)" },
        { "{\"tasks\":[],\"all\":{\"raw\":\"a\"}}", DEW_E_TYPE, "args.all.raw: the string is not base64 (byte 28)" },
        { "{\"tasks\":[]} 1", DEW_E_INVALID, "args: text after the value (byte 13)" },
        { "{\"tasks\":[] \"x\":1}", DEW_E_INVALID, "args: expected `,` or `}` (byte 12)" },
        { "{\"tasks\":[{\"title\":\"\\ud800\"}]}", DEW_E_INVALID,
          "args.tasks[0].title: a wrong escape, or half a surrogate pair, in a string (byte 27)" },
        { "{\"tasks\":[{\"title\":\"a\xff\"}]}", DEW_E_INVALID,
          "args.tasks[0].title: the text is not UTF-8 (byte 21)" },
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        args out = { .tasks = { .count = 77 } };
        assert_int_equal(dew_json_read(&f->arena, dew_str_of(cases[i].text), DEW_TYPE(args), &out, "args", &f->error),
                         cases[i].code);
        assert_string_equal(f->error.message, cases[i].message);
        assert_int_equal(f->error.code, cases[i].code);
        assert_int_equal(out.tasks.count, 77); /* written on success only */
    }
}

static void reads_fields_in_any_order_with_escaped_names_and_spaces(void **state)
{
    struct fixture *f = *state;
    named out;
    assert_int_equal(dew_json_read(&f->arena,
                                   DEW_S(" { \"count\" : -5 , \"n\\u0061me\" : \"h\\u00e9\\ud83d\\ude00\\n\" } "),
                                   DEW_TYPE(named), &out, NULL, NULL),
                     0);
    assert_int_equal(out.count, -5);
    assert_string_equal(out.name.ptr, "hé😀\n");
    assert_int_equal(out.name.len, strlen(out.name.ptr));
}

static void reads_i64_as_string_or_integer(void **state)
{
    struct fixture *f = *state;
    int64_t out;
    assert_int_equal(dew_json_read(&f->arena, DEW_S("\"-9223372036854775808\""), DEW_TYPE(i64), &out, NULL, NULL), 0);
    assert_true(out == INT64_MIN);
    assert_int_equal(dew_json_read(&f->arena, DEW_S("9223372036854775807"), DEW_TYPE(i64), &out, NULL, NULL), 0);
    assert_true(out == INT64_MAX);
}

static void reads_nothing_as_an_empty_object(void **state)
{
    struct fixture *f = *state;
    dew_none none;
    assert_int_equal(dew_json_read(&f->arena, DEW_S("{}"), DEW_TYPE(dew_none), &none, NULL, NULL), 0);
    assert_int_equal(dew_json_read(&f->arena, DEW_S("{\"a\":1}"), DEW_TYPE(dew_none), &none, NULL, NULL), DEW_E_TYPE);
    assert_int_equal(dew_json_write(&f->buf, DEW_TYPE(dew_none), &none, NULL), 0);
    assert_true(dew_str_eq(dew_buf_str(&f->buf), DEW_S("{}")));
}

static void stops_at_the_memory_given(void **state)
{
    (void)state;
    dew_arena arena;
    dew_arena_init(&arena, 200);
    tags out;
    dew_error error;
    assert_int_equal(
        dew_json_read(
            &arena,
            DEW_S("[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\",\"m\",\"n\",\"o\",\"p\"]"),
            DEW_TYPE(tags), &out, NULL, &error),
        DEW_E_NOMEM);
    dew_arena_dispose(&arena);
}

/* ---- writing ---- */

static void writes_canonical_bytes(void **state)
{
    struct fixture *f = *state;
    dew_str labels[] = { DEW_S("a"), DEW_S("") };
    task items[] = { { .id = 12,
                       .title = DEW_S("a\"b\\c/\b\t\n\f\r\x01\x1f\x7f<é"),
                       .column = column_done,
                       .due = DEW_SOME(time, 1769903999500000),
                       .is_urgent = true,
                       .labels = { true, { labels, 2, 0 } } },
                     { .id = -3 } };
    task_list list = { items, 2, 0 };
    assert_int_equal(dew_json_write(&f->buf, DEW_TYPE(task_list), &list, NULL), 0);
    dew_buf_put_char(&f->buf, '\0');
    assert_string_equal(
        f->buf.ptr, "[{\"id\":\"12\",\"title\":\"a\\\"b\\\\c/\\b\\t\\n\\f\\r\\u0001\\u001f\x7f<é\",\"column\":\"done\","
                    "\"due\":\"2026-01-31T23:59:59.500000Z\",\"is_urgent\":true,\"labels\":[\"a\",\"\"]},"
                    "{\"id\":\"-3\",\"title\":\"\",\"column\":\"todo\",\"is_urgent\":false}]");
}

/* The scanning by words agrees with a plain loop, whichever byte stands wherever among whichever neighbours. */
static void every_byte_is_seen_in_every_place(void **state)
{
    struct fixture *f = *state;
    static const char neighbours[] = "x !#[]\x7f";
    for (size_t k = 0; k < sizeof neighbours - 1; k++)
        for (size_t len = 1; len < 20; len++)
            for (size_t at = 0; at < len; at++)
                for (int byte = 1; byte < 0x100; byte++) {
                    char in[32], escape[8];
                    memset(in, neighbours[k], len);
                    in[at] = (char)byte;
                    dew_buf_clear(&f->buf);
                    int code = dew_json_put_str(&f->buf, dew_str_make(in, len));
                    if (byte >= 0x80) {
                        assert_int_equal(code, DEW_E_INVALID);
                        continue;
                    }
                    const char *const pair = strchr("\bb\tt\nn\ff\rr\"\"\\\\", byte);
                    if (pair != NULL && (byte < 0x20 || byte == '"' || byte == '\\'))
                        snprintf(escape, sizeof escape, "\\%c", pair[1]);
                    else
                        snprintf(escape, sizeof escape, byte < 0x20 ? "\\u%04x" : "%c", (unsigned)byte);
                    char expected[64];
                    int expected_len = snprintf(expected, sizeof expected, "\"%.*s%s%.*s\"", (int)at, in, escape,
                                                (int)(len - at - 1), in + at + 1);
                    assert_int_equal(code, 0);
                    assert_int_equal(f->buf.len, expected_len);
                    assert_memory_equal(f->buf.ptr, expected, f->buf.len);
                }
}

static void refuses_what_has_no_text(void **state)
{
    struct fixture *f = *state;
    everything value = { .real = NAN };
    assert_int_equal(dew_json_write(&f->buf, DEW_TYPE(everything), &value, &f->error), DEW_E_RANGE);
    assert_string_equal(f->error.message, "real: the number is not finite");
    value.real = 0;
    value.at = INT64_MAX;
    assert_int_equal(dew_json_write(&f->buf, DEW_TYPE(everything), &value, &f->error), DEW_E_RANGE);
    value.at = 0;
    value.col = (column)3;
    assert_int_equal(dew_json_write(&f->buf, DEW_TYPE(everything), &value, &f->error), DEW_E_RANGE);
    value.col = column_todo;
    value.first.title = DEW_S("12345678\xC3");
    assert_int_equal(dew_json_write(&f->buf, DEW_TYPE(everything), &value, &f->error), DEW_E_INVALID);
    assert_string_equal(f->error.message, "first.title: the text is not UTF-8");
}

static void stops_at_the_buffers_maximum(void **state)
{
    (void)state;
    named value = { .name = DEW_S("\n\n\n\n\n\n\n\n\n\n") };
    for (size_t max = 0; max < 60; max++) {
        dew_buf buf;
        dew_buf_init(&buf, max);
        int code = dew_json_write(&buf, DEW_TYPE(named), &value, NULL);
        assert_true(code == 0 || code == DEW_E_LIMIT);
        assert_true(buf.len <= max);
        dew_buf_dispose(&buf);
    }
}

static void escapes_for_script_elements(void **state)
{
    struct fixture *f = *state;
    dew_json_put_script(&f->buf, DEW_S("{\"a\":\"</script><!--\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA é\xE2\"}"));
    assert_true(dew_str_eq(dew_buf_str(&f->buf),
                           DEW_S("{\"a\":\"\\u003c/script>\\u003c!--\\u2028\\u2029\xE2\x80\xAA é\xE2\"}")));
    dew_json_put_script(&f->buf, DEW_S(""));
}

/* ---- properties ---- */

static void what_is_written_reads_back_equal(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 20260101;
    for (int i = 0; i < MANY; i++) {
        everything value = { 0 }, back, copy;
        sample_value(&f->arena, &seed, DEW_TYPE(everything), &value);
        dew_buf_clear(&f->buf);
        assert_int_equal(dew_json_write(&f->buf, DEW_TYPE(everything), &value, &f->error), 0);
        dew_value_hash first = dew_hash_value(dew_buf_str(&f->buf)), second;
        if (dew_json_read(&f->arena, dew_buf_str(&f->buf), DEW_TYPE(everything), &back, "v", &f->error) != 0)
            fail_msg("%s in %.*s", f->error.message, (int)f->buf.len, f->buf.ptr);
        assert_true(dew_value_equal(DEW_TYPE(everything), &value, &back));
        assert_int_equal(dew_value_copy(&f->arena, DEW_TYPE(everything), &back, &copy), 0);
        assert_int_equal(dew_hash_typed(DEW_TYPE(everything), &copy, 1 << 20, &second), 0);
        assert_memory_equal(&first, &second, sizeof first);
        /* one change anywhere is seen */
        copy.first.id++;
        assert_false(dew_value_equal(DEW_TYPE(everything), &value, &copy));
        dew_arena_reset(&f->arena);
    }
}

static void no_damaged_text_breaks_the_reader(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 7;
    for (int i = 0; i < MANY; i++) {
        everything value = { 0 }, back;
        sample_value(&f->arena, &seed, DEW_TYPE(everything), &value);
        dew_buf_clear(&f->buf);
        assert_int_equal(dew_json_write(&f->buf, DEW_TYPE(everything), &value, &f->error), 0);
        size_t len = f->buf.len - sample_random(&seed) % 8;
        char *text = malloc(len);
        assert_non_null(text);
        memcpy(text, f->buf.ptr, len);
        for (int n = 0; n < 3; n++)
            text[sample_random(&seed) % len] = (char)("\"\\{}[],:0-e.tn \xff"[sample_random(&seed) % 16]);
        int code = dew_json_read(&f->arena, dew_str_make(text, len), DEW_TYPE(everything), &back, "v", &f->error);
        assert_true(code <= 0);
        free(text);
        dew_arena_reset(&f->arena);
    }
}

static void survives_each_arena_limit(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 99;
    everything value = { 0 }, back;
    sample_value(&f->arena, &seed, DEW_TYPE(everything), &value);
    assert_int_equal(dew_json_write(&f->buf, DEW_TYPE(everything), &value, &f->error), 0);
    bool succeeded = false;
    for (size_t max = 0; max < 20000 && !succeeded; max += 64) {
        dew_arena small;
        dew_arena_init(&small, max);
        int code = dew_json_read(&small, dew_buf_str(&f->buf), DEW_TYPE(everything), &back, "v", &f->error);
        assert_true(code == 0 || code == DEW_E_NOMEM);
        succeeded = code == 0 && dew_value_copy(&small, DEW_TYPE(everything), &value, &back) == 0;
        dew_arena_dispose(&small);
    }
    assert_true(succeeded);
}

/* ---- shapes ---- */

#define NAMED_2(F) F(str, name) F(i64, count)
DEW_STRUCT(named_2, NAMED_2)
#define NAMED_3(F) F(str, name) F(opt(i32), count)
DEW_STRUCT(named_3, NAMED_3)
#define NAMED_4(F) F(str, name) F(i32, number)
DEW_STRUCT(named_4, NAMED_4)
#define NAMED_5(F) F(str, name) F(i32, count)
DEW_STRUCT(named_5, NAMED_5)
DEW_ARRAY(named_array, named)
DEW_LIST(named_by_count, named, count)

static void schema_hash_tells_shapes_apart(void **state)
{
    (void)state;
    const dew_type *types[] = {
        DEW_TYPE(named),      DEW_TYPE(named_2),     DEW_TYPE(named_3),        DEW_TYPE(named_4),
        DEW_TYPE(named_list), DEW_TYPE(named_array), DEW_TYPE(named_by_count), DEW_TYPE(column),
        DEW_TYPE(i64),        DEW_TYPE(str),         DEW_TYPE(dew_none),       DEW_TYPE(everything)
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (size_t j = 0; j < i; j++) {
            dew_value_hash a = dew_schema_hash(types[i]), b = dew_schema_hash(types[j]);
            assert_true(a.high != b.high && a.low != b.low);
        }
    dew_value_hash a = dew_schema_hash(DEW_TYPE(named)),
                   b = dew_schema_hash(DEW_TYPE(named_5)); /* only the C name differs */
    assert_memory_equal(&a, &b, sizeof a);
}

static void lists_grow_and_copy_what_is_not_theirs(void **state)
{
    struct fixture *f = *state;
    task fixed[3] = { { .id = 1 }, { .id = 2 }, { .id = 3 } };
    task_list list = { fixed, 3, 0 };
    for (int64_t id = 4; id < 100; id++) {
        task *t = task_list_add(&f->arena, &list);
        assert_non_null(t);
        t->id = id;
    }
    assert_ptr_not_equal(list.items, fixed);
    for (size_t i = 0; i < list.count; i++)
        assert_true(list.items[i].id == (int64_t)i + 1);
    assert_int_equal(list.count, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_and_refuses_as_rfc_8259_says),
        cmocka_unit_test(limits_depth),
        cmocka_unit_test_setup_teardown(says_what_is_wrong_and_where, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_fields_in_any_order_with_escaped_names_and_spaces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_i64_as_string_or_integer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_nothing_as_an_empty_object, set_up, tear_down),
        cmocka_unit_test(stops_at_the_memory_given),
        cmocka_unit_test_setup_teardown(writes_canonical_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_byte_is_seen_in_every_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_has_no_text, set_up, tear_down),
        cmocka_unit_test(stops_at_the_buffers_maximum),
        cmocka_unit_test_setup_teardown(escapes_for_script_elements, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_written_reads_back_equal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_damaged_text_breaks_the_reader, set_up, tear_down),
        cmocka_unit_test_setup_teardown(survives_each_arena_limit, set_up, tear_down),
        cmocka_unit_test(schema_hash_tells_shapes_apart),
        cmocka_unit_test_setup_teardown(lists_grow_and_copy_what_is_not_theirs, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
