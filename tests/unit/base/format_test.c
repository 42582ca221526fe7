/* format_test.c - formatting and numbers: against the C library, whose conversions are exact too, and against texts that
 * ECMAScript gives. */
#include "base/format.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MANY 100000

#pragma GCC diagnostic ignored "-Wformat-security" /* formats made at run time */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717u;
}

/* Any bit pattern, or a number with few digits, a small or large integer, a subnormal, a power of two. Finite. */
static double random_f64(uint64_t *state)
{
    uint64_t bits = next_random(state);
    double value;
    switch (bits % 8) {
    case 0:
        return (double)(int64_t)(bits >> 24) / 1000;
    case 1:
        return (double)(int64_t)(bits >> (bits >> 3) % 64);
    case 2:
        bits &= 0x800fffffffffffff;
        break;
    case 3:
        bits &= 0xfff0000000000000;
        break;
    case 4:
        return (double)(int64_t)(bits >> 50) / 64;
    default:
        break;
    }
    memcpy(&value, &bits, sizeof value);
    return isfinite(value) ? value : 1;
}

static void check_f64(const char *expected, double value)
{
    char text[DEW_FORMAT_F64_MAX + 1];
    size_t len = dew_format_f64(text, value);
    assert_true(len <= DEW_FORMAT_F64_MAX);
    text[len] = '\0';
    assert_string_equal(text, expected);
}

static void writes_f64_as_ecmascript_does(void **state)
{
    (void)state;
    check_f64("0", 0.0);
    check_f64("0", -0.0);
    check_f64("NaN", NAN);
    check_f64("Infinity", INFINITY);
    check_f64("-Infinity", -INFINITY);
    check_f64("0.1", 0.1);
    check_f64("0.30000000000000004", 0.1 + 0.2);
    check_f64("-1.5", -1.5);
    check_f64("100", 100);
    check_f64("123456789012345680000", 123456789012345680000.0);
    check_f64("100000000000000000000", 1e20);
    check_f64("1e+21", 1e21);
    check_f64("1.5e+300", 1.5e300);
    check_f64("0.000001", 1e-6);
    check_f64("1e-7", 1e-7);
    check_f64("1.2e-7", 1.2e-7);
    check_f64("5e-324", 5e-324);
    check_f64("2.2250738585072014e-308", 0x1p-1022);
    check_f64("-1.7976931348623157e+308", -0x1.fffffffffffffp1023);
    check_f64("5.684341886080802e-14", 0x1p-44); /* the nearest of 16 digits does not read back, its neighbour does */
    check_f64("9007199254740992", 0x1p53);
    check_f64("9007199254740994", 0x1p53 + 2);
    check_f64("4.35", 4.35);
    check_f64("1.7976931348623157e+308", 0x1.fffffffffffffp1023);
    check_f64("-0.0000033333333333333333", -0.0000033333333333333333); /* the longest text */
}

/* Significant digits of a text, leading and trailing zeros not counted. */
static int digits_of(const char *text)
{
    int digits = 0, zeros = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (digits == 0 && *text == '0'))
            continue;
        digits++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return digits - zeros;
}

static void f64_text_is_shortest_and_reads_back(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252;
    for (int i = 0; i < MANY; i++) {
        double value = random_f64(&seed), back;
        char text[DEW_FORMAT_F64_MAX + 1], other[64];
        text[dew_format_f64(text, value)] = '\0';
        assert_true(strtod(text, NULL) == value);
        assert_true(dew_parse_f64(dew_str_of(text), &back));
        assert_true(back == value);
        int digits = digits_of(text);
        assert_in_range(digits, value == 0 ? 0 : 1, 17);
        if (digits > 1) { /* one digit less does not do; of the same length, none is nearer */
            snprintf(other, sizeof other, "%.*e", digits - 2, value);
            assert_true(strtod(other, NULL) != value);
            snprintf(other, sizeof other, "%.*e", digits - 1, value);
            assert_true(strtod(other, NULL) != value || fabs(strtod(other, NULL) - strtod(text, NULL)) == 0);
        }
    }
}

static void parse_is_correctly_rounded(void **state)
{
    (void)state;
    uint64_t seed = 1234567;
    for (int i = 0; i < MANY; i++) {
        char text[900];
        double value = random_f64(&seed), parsed;
        snprintf(text, sizeof text, "%.*e", i % 50 == 0 ? 780 : (int)(next_random(&seed) % 25), value);
        bool fits = dew_parse_f64(dew_str_of(text), &parsed);
        assert_int_equal(fits, isfinite(strtod(text, NULL)));
        if (fits)
            assert_true(parsed == strtod(text, NULL));
    }
}

static void parse_decides_ties_however_long(void **state)
{
    (void)state;
    double value;
    /* halfway between 1 and the next double, exactly; then a hair more, far behind */
    assert_true(dew_parse_f64(DEW_S("1.00000000000000011102230246251565404236316680908203125"), &value));
    assert_true(value == 1);
    char text[1200];
    int len = snprintf(text, sizeof text, "1.00000000000000011102230246251565404236316680908203125%01100d", 1);
    assert_true(dew_parse_f64(dew_str_make(text, (size_t)len), &value));
    assert_true(value == 0x1.0000000000001p0);
    assert_true(dew_parse_f64(DEW_S("2.4703282292062327208e-324"), &value)); /* just under half the least double */
    assert_true(value == 0);
    assert_true(dew_parse_f64(DEW_S("2.4703282292062328e-324"), &value));
    assert_true(value == 5e-324);
    assert_true(dew_parse_f64(DEW_S("-0"), &value));
    assert_true(value == 0 && signbit(value));
    assert_true(dew_parse_f64(DEW_S("1e-99999999999"), &value));
    assert_true(value == 0);
    assert_true(dew_parse_f64(DEW_S("0e99999999999"), &value));
    assert_true(value == 0);
    assert_true(dew_parse_f64(DEW_S("1.7976931348623158e308"), &value)); /* rounds down to the greatest */
    assert_false(dew_parse_f64(DEW_S("1.7976931348623159e308"), &value));
    static const char *const malformed[] = { "",    "-",  "+1", "01",  "1.",  ".5",    "1e", "1e+",
                                             "0x1", "1 ", " 1", "inf", "nan", "1.5.5", "--1" };
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        assert_false(dew_parse_f64(dew_str_of(malformed[i]), &value));
}

static void check(const char *format, ...)
{
    char ours[3000], theirs[3000];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(theirs, sizeof theirs, format, args);
    size_t our_len = dew_vformat(ours, sizeof ours, format, again);
    va_end(again);
    va_end(args);
    if (strcmp(ours, theirs) != 0)
        fail_msg("\"%s\": \"%s\" is not \"%s\"", format, ours, theirs);
    assert_int_equal(our_len, len);
}

static void formats_floats_as_the_c_library_does(void **state)
{
    static const char *const formats[] = { "%.*f",     "%.*e",    "%.*g",  "%+12.*f|",
                                           "%-30.*e|", "%030.*g", "% .*f", "%-+9.*g|" };
    (void)state;
    uint64_t seed = 424242;
    for (int i = 0; i < MANY; i++) {
        int precision = i % 200 == 0 ? (int)(next_random(&seed) % 1200) : (int)(next_random(&seed) % 22) - 1;
        check(formats[next_random(&seed) % 8], precision, random_f64(&seed));
    }
    check("%f %e %g %5.1f|%-8.2e|%g", 0.0, -0.0, 0.0, 9.95, 9.995, 100000.0);
    check("%.0f %.0f %.0f %.0f %.0e %g %g", 0.5, 1.5, 2.5, 0.49999999999999994, 2.5, 1e5, 999999.5);
    check("%8f|%-8f|%08f|%+f|% f", (double)INFINITY, -(double)INFINITY, (double)INFINITY, (double)INFINITY,
          (double)INFINITY);
}

static void check_u64(uint64_t value)
{
    char ours[DEW_FORMAT_I64_MAX + 1], theirs[DEW_FORMAT_I64_MAX + 8];
    ours[dew_format_u64(ours, value)] = '\0';
    snprintf(theirs, sizeof theirs, "%llu", (unsigned long long)value);
    assert_string_equal(ours, theirs);
    ours[dew_format_i64(ours, (int64_t)value)] = '\0';
    snprintf(theirs, sizeof theirs, "%lld", (long long)value);
    assert_string_equal(ours, theirs);
}

static void integers_of_every_length_are_as_the_c_library_writes_them(void **state)
{
    (void)state;
    uint64_t seed = 9, power = 1;
    for (uint64_t value = 0; value < 20000; value++)
        check_u64(value);
    for (int digits = 1; digits <= 20; digits++, power *= 10)
        for (uint64_t near = 0; near < 3; near++) {
            check_u64(power - near);
            check_u64(power + near);
        }
    check_u64(UINT64_MAX);
    check_u64((uint64_t)INT64_MAX);
    for (int i = 0; i < MANY; i++) {
        uint64_t bits = next_random(&seed);
        check_u64(bits >> bits % 64);
    }
}

static void formats_integers_as_the_c_library_does(void **state)
{
    static const char *const flags[] = { "", "-", "0", "+", " ", "-0", "+0", "- ", "+ " };
    static const char *const sizes[] = { "hh", "h", "", "l", "ll", "z", "j", "t" };
    (void)state;
    uint64_t seed = 31337;
    for (int i = 0; i < MANY; i++) {
        char format[32], letter = "diuxXo"[next_random(&seed) % 6];
        const char *flag = flags[next_random(&seed) % 9], *size = sizes[next_random(&seed) % 8];
        if (letter != 'd' && letter != 'i' && (strchr(flag, '+') != NULL || strchr(flag, ' ') != NULL))
            flag = "-";
        bool wide = size[0] != 'h' && size[0] != '\0';
        uint64_t value = next_random(&seed) >> next_random(&seed) % 64;
        int width = (int)(next_random(&seed) % 25) + 1;
        if (next_random(&seed) % 3 == 0)
            snprintf(format, sizeof format, "<%%%s%d.%d%s%c>", flag, width, (int)(next_random(&seed) % 12), size,
                     letter);
        else
            snprintf(format, sizeof format, "<%%%s%d%s%c>", flag, width, size, letter);
        if (wide)
            check(format, value);
        else
            check(format, (unsigned)value);
    }
    check("%.0d|%.0u|%5.0x|%d", 0, 0u, 0u, INT32_MIN);
    check("%lld %llu %zu %td", (long long)INT64_MIN, (unsigned long long)UINT64_MAX, SIZE_MAX, (ptrdiff_t)-1);
}

static void formats_text_as_the_c_library_does(void **state)
{
    (void)state;
    check("plain %% %c%c|%5c|%-5c|", 'a', 'b', 'c', 'd');
    check("%s|%10s|%-10s|%.2s|%*s|%-*s|%*s|%.*s", "abc", "abc", "abc", "abc", 6, "abc", 6, "abc", -6, "abc", 2, "xyz");
    char text[64];
    dew_str slice = DEW_S("no terminator");
    assert_int_equal(dew_format(text, sizeof text, "[%.*s]", DEW_STR_FMT(dew_str_make(slice.ptr, 2))), 4);
    assert_string_equal(text, "[no]");
    dew_str nothing = { NULL, 0 };
    assert_int_equal(dew_format(text, sizeof text, "[%.*s]", DEW_STR_FMT(nothing)), 2);
    dew_format(text, sizeof text, "%p %p", (void *)0x1234abcd, (void *)NULL);
    assert_string_equal(text, "0x1234abcd 0x0");
}

static void cuts_at_the_capacity_and_says_the_whole_length(void **state)
{
    (void)state;
    char text[8] = "#######";
    assert_int_equal(dew_format(NULL, 0, "%d", 123456), 6);
    assert_int_equal(dew_format(text, 1, "%d", 123456), 6);
    assert_string_equal(text, "");
    assert_int_equal(dew_format(text, 4, "%d", 123456), 6);
    assert_string_equal(text, "123");
    assert_int_equal(text[4], '#');
    assert_int_equal(dew_format(text, 7, "%d", 123456), 6);
    assert_string_equal(text, "123456");
    const char *odd = "%y %"; /* no conversion of ours: as it stands */
    assert_int_equal((int)dew_format(text, sizeof text, odd), 4);
    assert_string_equal(text, "%y %");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_f64_as_ecmascript_does),
        cmocka_unit_test(f64_text_is_shortest_and_reads_back),
        cmocka_unit_test(parse_is_correctly_rounded),
        cmocka_unit_test(parse_decides_ties_however_long),
        cmocka_unit_test(formats_floats_as_the_c_library_does),
        cmocka_unit_test(integers_of_every_length_are_as_the_c_library_writes_them),
        cmocka_unit_test(formats_integers_as_the_c_library_does),
        cmocka_unit_test(formats_text_as_the_c_library_does),
        cmocka_unit_test(cuts_at_the_capacity_and_says_the_whole_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
