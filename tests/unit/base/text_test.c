/* text_test.c - hashes against published vectors; UTF-8, base64, error codes. */
#include "base/base64.h"
#include "base/hash.h"
#include "base/utf8.h"

#include <dew/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void siphash_1_3_gives_the_published_values(void **state)
{
    (void)state;
    unsigned char in[64];
    for (int i = 0; i < 64; i++)
        in[i] = (unsigned char)i;
    dew_hash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
    assert_true(dew_hash_keyed(key, in, 0) == 0xabac0158050fc4dc);
    assert_true(dew_hash_keyed(key, in, 1) == 0xc9f49bf37d57ca93);
    assert_true(dew_hash_keyed(key, in, 63) == 0x9d199062b7bbb3a8);
}

static void xxh32_gives_the_published_values(void **state)
{
    static const struct {
        const char *text;
        uint32_t hash;
    } cases[] = {
        { "", 0x02cc5d05 },
        { "a", 0x550d7456 },
        { "ab", 0x4999fc53 },
        { "abc", 0x32d153ff },
        { "abcd", 0xa3643705 },
        { "abcde", 0x9738f19b },
        { "abcdefgh", 0x0bb3c6bb },
        { "abcdefghijklmnop", 0x9d2d8b62 },
        { "abcdefghijklmnopqrstuvwxyz0123456789", 0x42ae804d },
        { "Nobody inspects the spammish repetition", 0xe2293b2f },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(dew_xxh32(cases[i].text, strlen(cases[i].text), 0) == cases[i].hash);
    /* the reference implementation's own sanity buffer */
    unsigned char buffer[101];
    uint32_t generator = 0x9E3779B1;
    for (size_t i = 0; i < sizeof buffer; i++, generator *= generator)
        buffer[i] = (unsigned char)(generator >> 24);
    assert_true(dew_xxh32(NULL, 0, 0x9E3779B1) == 0x36b78ae7);
    assert_true(dew_xxh32(buffer, 1, 0) == 0xb85cbee5);
    assert_true(dew_xxh32(buffer, 1, 0x9E3779B1) == 0xd5845d64);
    assert_true(dew_xxh32(buffer, 14, 0) == 0xe5aa0ab4);
    assert_true(dew_xxh32(buffer, 14, 0x9E3779B1) == 0x4481951d);
    assert_true(dew_xxh32(buffer, 101, 0) == 0x1f1aa412);
    assert_true(dew_xxh32(buffer, 101, 0x9E3779B1) == 0x498ec8e2);
}

static void value_hash_is_xxh32_by_two_seeds(void **state)
{
    (void)state;
    char text[300];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 131 + i / 7);
    for (size_t from = 0; from < 5; from++)
        for (size_t len = 0; len + from <= sizeof text; len++) {
            dew_value_hash hash = dew_hash_value(dew_str_make(text + from, len));
            assert_int_equal(hash.high, dew_xxh32(text + from, len, 0));
            assert_int_equal(hash.low, dew_xxh32(text + from, len, 1));
        }
}

static void value_hash_is_sixteen_hex_digits(void **state)
{
    (void)state;
    char hex[DEW_VALUE_HASH_LEN];
    dew_value_hash hash = dew_hash_value(DEW_S("")), back;
    dew_hash_value_hex(hash, hex);
    assert_memory_equal(hex, "02cc5d050b2cb792", DEW_VALUE_HASH_LEN);
    assert_true(dew_hash_value_parse(dew_str_make(hex, sizeof hex), &back));
    assert_memory_equal(&hash, &back, sizeof hash);
    assert_false(dew_hash_value_parse(DEW_S("02CC5D050b2cb792"), &back));
    assert_false(dew_hash_value_parse(DEW_S("02cc5d050b2cb79"), &back));
    assert_false(dew_hash_value_parse(DEW_S("02cc5d050b2cb79:"), &back));
}

/* Decodes by the definition: the slow way that cannot be wrong. */
static bool is_valid_by_definition(const unsigned char *at, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = at[i] < 0x80 ? 1 : at[i] >> 5 == 6 ? 2 : at[i] >> 4 == 14 ? 3 : at[i] >> 3 == 30 ? 4 : 0;
        if (n == 0 || i + n > len)
            return false;
        uint32_t code = n == 1 ? at[i] : at[i] & (0x7Fu >> n);
        for (size_t k = 1; k < n; k++) {
            if (at[i + k] >> 6 != 2)
                return false;
            code = code << 6 | (at[i + k] & 63);
        }
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        if (code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
            return false;
        i += n;
    }
    return true;
}

static void utf8_validation_is_that_of_the_definition(void **state)
{
    (void)state;
    for (uint32_t word = 0; word < 1 << 24; word += word < 1 << 16 ? 1 : 7) { /* two bytes: all; three: every seventh */
        unsigned char bytes[12] = { (unsigned char)(word >> 16),
                                    (unsigned char)(word >> 8),
                                    (unsigned char)word,
                                    0x80,
                                    'a',
                                    'b',
                                    'c',
                                    'd',
                                    'e',
                                    'f',
                                    'g',
                                    'h' };
        if (dew_utf8_is_valid(dew_str_make((char *)bytes, 12)) != is_valid_by_definition(bytes, 12) ||
            dew_utf8_is_valid(dew_str_make((char *)bytes, 3)) != is_valid_by_definition(bytes, 3))
            fail_msg("%06x", word);
    }
    assert_true(dew_utf8_is_valid(dew_str_of(NULL)));
    assert_int_equal(dew_utf8_valid_len(DEW_S("abcdefghijk\xC3")), 11);
}

static void utf8_encodes_every_code_point(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char bytes[4];
        if (code >= 0xD800 && code < 0xE000)
            continue;
        size_t len = dew_utf8_encode(bytes, code);
        if (dew_utf8_sequence_len(bytes, bytes + len) != len)
            fail_msg("%x", code);
    }
}

static void base64_goes_both_ways(void **state)
{
    static const char *const pairs[][2] = { { "", "" },
                                            { "f", "Zg==" },
                                            { "fo", "Zm8=" },
                                            { "foo", "Zm9v" },
                                            { "foob", "Zm9vYg==" },
                                            { "fooba", "Zm9vYmE=" },
                                            { "foobar", "Zm9vYmFy" } };
    (void)state;
    char text[16];
    size_t len;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) { /* RFC 4648 §10 */
        assert_int_equal(dew_base64_encode(text, dew_str_of(pairs[i][0])), strlen(pairs[i][1]));
        assert_memory_equal(text, pairs[i][1], strlen(pairs[i][1]));
        assert_true(dew_base64_decode(text, &len, dew_str_of(pairs[i][1])));
        assert_int_equal(len, strlen(pairs[i][0]));
        assert_memory_equal(text, pairs[i][0], len);
    }
    static const char *const malformed[] = { "Z",    "Zg",       "Zg=",  "Zg=a", "Zh==", "Zm9=",
                                             "Z g=", "Zg==Zg==", "====", "Zm-_", "=Zg=" };
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        assert_false(dew_base64_decode(text, &len, dew_str_of(malformed[i])));
}

static void error_codes_have_names_both_ways(void **state)
{
    (void)state;
    assert_string_equal(dew_error_name(0), "OK");
    for (int code = -1; code >= DEW_E_UNPROCESSABLE; code--) {
        assert_int_equal(dew_error_from_name(dew_str_of(dew_error_name(code))), code);
        assert_in_range(dew_error_status(code), 400, 599);
    }
    assert_string_equal(dew_error_name(1), "INTERNAL");
    assert_string_equal(dew_error_name(-1000), "INTERNAL");
    assert_string_equal(dew_error_name(INT32_MIN), "INTERNAL");
    assert_int_equal(dew_error_from_name(DEW_S("NO_SUCH")), DEW_E_INTERNAL);
    dew_error error;
    assert_int_equal(dew_error_set(&error, DEW_E_LIMIT, "%300d", 1), DEW_E_LIMIT);
    assert_int_equal(strlen(error.message), DEW_ERROR_MESSAGE_MAX - 1);
    assert_int_equal(dew_error_set(NULL, DEW_E_LIMIT, "x"), DEW_E_LIMIT);
}

/* The browser half knows the codes by these alone. */
static void error_names_differ_in_first_letter_or_length(void **state)
{
    (void)state;
    for (int a = -1; a >= DEW_E_UNPROCESSABLE; a--)
        for (int b = a - 1; b >= DEW_E_UNPROCESSABLE; b--) {
            const char *x = dew_error_name(a), *y = dew_error_name(b);
            assert_true(x[0] != y[0] || strlen(x) != strlen(y));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_1_3_gives_the_published_values),
        cmocka_unit_test(xxh32_gives_the_published_values),
        cmocka_unit_test(value_hash_is_xxh32_by_two_seeds),
        cmocka_unit_test(value_hash_is_sixteen_hex_digits),
        cmocka_unit_test(utf8_validation_is_that_of_the_definition),
        cmocka_unit_test(utf8_encodes_every_code_point),
        cmocka_unit_test(base64_goes_both_ways),
        cmocka_unit_test(error_codes_have_names_both_ways),
        cmocka_unit_test(error_names_differ_in_first_letter_or_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
