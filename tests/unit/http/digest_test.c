/* digest_test.c - published vectors: FIPS 180-4's examples, RFC 6455 §1.3, RFC 4231. */
#include "http/digest.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_hex(const uint8_t *digest, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; hex[2 * i] != '\0'; i++) {
        assert_int_equal(digits[digest[i] >> 4], hex[2 * i]);
        assert_int_equal(digits[digest[i] & 15], hex[2 * i + 1]);
    }
}

static void sha1_matches_the_vectors(void **state)
{
    (void)state;
    uint8_t digest[DEW_SHA1_LEN];
    dew_sha1(DEW_S(""), digest);
    assert_hex(digest, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    dew_sha1(DEW_S("abc"), digest);
    assert_hex(digest, "a9993e364706816aba3e25717850c26c9cd0d89d");
    dew_sha1(DEW_S("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), digest);
    assert_hex(digest, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    dew_sha1(DEW_S("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"), digest);
    assert_hex(digest, "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
}

static void sha256_matches_the_vectors(void **state)
{
    (void)state;
    uint8_t digest[DEW_SHA256_LEN];
    dew_sha256(DEW_S(""), digest);
    assert_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    dew_sha256(DEW_S("abc"), digest);
    assert_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    dew_sha256(DEW_S("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), digest);
    assert_hex(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void hmac_matches_the_vectors(void **state)
{
    (void)state;
    uint8_t digest[DEW_SHA256_LEN];
    dew_hmac_sha256(DEW_S("Jefe"), DEW_S("what do ya want for nothing?"), digest);
    assert_hex(digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    char key[131];
    memset(key, 0xaa, sizeof key);
    dew_hmac_sha256(dew_str_make(key, sizeof key), DEW_S("Test Using Larger Than Block-Size Key - Hash Key First"),
                    digest);
    assert_hex(digest, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    assert_true(dew_digest_eq(digest, digest, sizeof digest));
    assert_false(dew_digest_eq(digest, key, sizeof digest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha1_matches_the_vectors),
        cmocka_unit_test(sha256_matches_the_vectors),
        cmocka_unit_test(hmac_matches_the_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
