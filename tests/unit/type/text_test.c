/* text_test.c - plain text of scalars, and times. */
#include "type/text.h"

#include "type/time.h"
#include "unit/type/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static void reads_and_writes_each_kind(void **state)
{
    (void)state;
    static const struct {
        dew_type_fn *type;
        const char *text, *written; /* written NULL: refused */
    } cases[] = {
        { dew_tf_bool, "true", "true" },
        { dew_tf_bool, "on", "true" },
        { dew_tf_bool, "1", "true" },
        { dew_tf_bool, "", "false" },
        { dew_tf_bool, "0", "false" },
        { dew_tf_bool, "yes", NULL },
        { dew_tf_i32, "-2147483648", "-2147483648" },
        { dew_tf_i32, "2147483648", NULL },
        { dew_tf_i32, "1.0", NULL },
        { dew_tf_i32, " 1", NULL },
        { dew_tf_i32, "+1", NULL },
        { dew_tf_i64, "9223372036854775807", "9223372036854775807" },
        { dew_tf_i64, "-9223372036854775808", "-9223372036854775808" },
        { dew_tf_i64, "9223372036854775808", NULL },
        { dew_tf_i64, "-9223372036854775809", NULL },
        { dew_tf_i64, "01", NULL },
        { dew_tf_i64, "-0", NULL },
        { dew_tf_i64, "-", NULL },
        { dew_tf_i64, "", NULL },
        { dew_tf_f64, "1.50", "1.5" },
        { dew_tf_f64, "1e400", NULL },
        { dew_tf_f64, "x", NULL },
        { dew_tf_str, "a\"b", "a\"b" },
        { dew_tf_str, "\xff", NULL },
        { dew_tf_bytes, "aGk=", "aGk=" },
        { dew_tf_bytes, "aGk", NULL },
        { dew_tf_bytes, "aGl=", NULL },
        { dew_tf_time, "2026-01-31T23:59:59Z", "2026-01-31T23:59:59.000000Z" },
        { dew_tf_time, "2026-01-31", NULL },
        { dew_tf_json, "[1, 2]", "[1, 2]" },
        { dew_tf_json, "[1,", NULL },
        { dew_tf_column, "doing", "doing" },
        { dew_tf_column, "2", NULL },
        { dew_tf_tags, "[]", NULL },
        { dew_tf_task, "{}", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        union {
            bool flag;
            int32_t small;
            int64_t large;
            double real;
            dew_str text;
            task whole;
        } value;
        dew_arena arena;
        dew_buf buf;
        dew_error error = { 0 };
        dew_arena_init(&arena, 1 << 16);
        dew_buf_init(&buf, 1 << 16);
        int code = dew_text_read(&arena, cases[i].type(), dew_str_of(cases[i].text), &value, "field", &error);
        if ((code == 0) != (cases[i].written != NULL))
            fail_msg("%s: %d %s", cases[i].text, code, error.message);
        if (code == 0) {
            assert_int_equal(dew_text_write(&buf, cases[i].type(), &value), 0);
            assert_true(dew_str_eq(dew_buf_str(&buf), dew_str_of(cases[i].written)));
        } else {
            assert_memory_equal(error.message, "field: ", 7);
        }
        dew_arena_dispose(&arena);
        dew_buf_dispose(&buf);
    }
}

static void reads_offsets_and_fractions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time; /* INT64_MIN: refused */
    } cases[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "1970-01-01T00:00:00.000001Z", 1 },
        { "1970-01-01t01:00:00.5+01:00", 500000 },
        { "1969-12-31T23:00:00-01:00", 0 },
        { "1969-12-31T23:59:59.999999z", -1 },
        { "2000-02-29T00:00:00Z", 951782400000000 },
        { "0000-01-01T00:00:00Z", DEW_TIME_MIN },
        { "9999-12-31T23:59:59.999999Z", DEW_TIME_MAX },
        { "0000-01-01T00:00:00+00:01", INT64_MIN },
        { "1900-02-29T00:00:00Z", INT64_MIN },
        { "2026-13-01T00:00:00Z", INT64_MIN },
        { "2026-00-01T00:00:00Z", INT64_MIN },
        { "2026-04-31T00:00:00Z", INT64_MIN },
        { "2026-01-01T24:00:00Z", INT64_MIN },
        { "2026-01-01T00:00:60Z", INT64_MIN },
        { "2026-01-01T00:00:00", INT64_MIN },
        { "2026-01-01T00:00:00.Z", INT64_MIN },
        { "2026-01-01T00:00:00.1234567Z", INT64_MIN },
        { "2026-01-01 00:00:00Z", INT64_MIN },
        { "2026-01-01T00:00:00+0100", INT64_MIN },
        { "2026-01-01T00:00:00Zx", INT64_MIN },
        { "2026-1-01T00:00:00ZZ", INT64_MIN },
        { "", INT64_MIN },
        { "2026-01-01T00:00:00.123456", INT64_MIN },
        { "2026-01-01T00:00:00+24:00", INT64_MIN },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t time = INT64_MIN;
        assert_int_equal(dew_time_read(dew_str_of(cases[i].text), &time), cases[i].time != INT64_MIN);
        assert_true(time == cases[i].time);
    }
}

static void writes_times_as_the_c_library_does(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 50000; i++) {
        int64_t time = (int64_t)(sample_random(&seed) % (uint64_t)(DEW_TIME_MAX - DEW_TIME_MIN)) + DEW_TIME_MIN, back;
        int64_t fraction = (time % 1000000 + 1000000) % 1000000;
        time_t seconds = (time_t)((time - fraction) / 1000000);
        struct tm tm;
        char expected[64], text[DEW_TIME_TEXT_LEN + 1] = { 0 };
        assert_non_null(gmtime_r(&seconds, &tm));
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)fraction);
        assert_true(dew_time_write(text, time));
        assert_string_equal(text, expected);
        assert_true(dew_time_read(dew_str_of(text), &back));
        assert_true(back == time);
    }
    char text[DEW_TIME_TEXT_LEN];
    assert_false(dew_time_write(text, DEW_TIME_MIN - 1));
    assert_false(dew_time_write(text, DEW_TIME_MAX + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_each_kind),
        cmocka_unit_test(reads_offsets_and_fractions),
        cmocka_unit_test(writes_times_as_the_c_library_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
