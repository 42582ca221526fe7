/* digest.c - see digest.h. Both hashes pad alike (FIPS 180-4 §5.1.1) and differ in their block function. */
#include "http/digest.h"

#define BLOCK_LEN 64

typedef struct hash {
    uint32_t words[8];
    uint8_t block[BLOCK_LEN];
    uint64_t len; /* bytes so far */
    void (*on_block)(uint32_t words[8], const uint8_t block[BLOCK_LEN]);
} hash;

static uint32_t rotl(uint32_t word, unsigned by)
{
    return word << by | word >> (32 - by);
}

static uint32_t load(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void store(uint8_t *at, uint32_t word)
{
    at[0] = (uint8_t)(word >> 24);
    at[1] = (uint8_t)(word >> 16);
    at[2] = (uint8_t)(word >> 8);
    at[3] = (uint8_t)word;
}

static void sha1_block(uint32_t words[8], const uint8_t block[BLOCK_LEN])
{
    uint32_t w[80];
    for (int i = 0; i < 16; i++)
        w[i] = load(block + 4 * i);
    for (int i = 16; i < 80; i++)
        w[i] = rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = words[0], b = words[1], c = words[2], d = words[3], e = words[4];
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                              : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = rotl(a, 5) + f + e + w[i];
        e = d;
        d = c;
        c = rotl(b, 30);
        b = a;
        a = next;
    }
    words[0] += a;
    words[1] += b;
    words[2] += c;
    words[3] += d;
    words[4] += e;
}

static const uint32_t sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotr(uint32_t word, unsigned by)
{
    return rotl(word, 32 - by);
}

static void sha256_block(uint32_t words[8], const uint8_t block[BLOCK_LEN])
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = load(block + 4 * i);
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    memcpy(v, words, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t s1 = rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25);
        uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + sha256_k[i] + w[i];
        uint32_t s0 = rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22);
        uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        words[i] += v[i];
}

static void hash_add(hash *h, dew_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        h->block[h->len++ % BLOCK_LEN] = (uint8_t)text.ptr[i];
        if (h->len % BLOCK_LEN == 0)
            h->on_block(h->words, h->block);
    }
}

static void hash_end(hash *h, uint8_t *digest, size_t digest_len)
{
    uint64_t bit_len = h->len * 8;
    uint8_t len_bytes[8];
    store(len_bytes, (uint32_t)(bit_len >> 32));
    store(len_bytes + 4, (uint32_t)bit_len);
    hash_add(h, dew_str_make("\x80", 1));
    while (h->len % BLOCK_LEN != BLOCK_LEN - 8)
        hash_add(h, dew_str_make("", 1));
    hash_add(h, dew_str_make((const char *)len_bytes, 8));
    for (size_t i = 0; i < digest_len; i += 4)
        store(digest + i, h->words[i / 4]);
}

static hash sha256_start(void)
{
    return (hash){ .words = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
                              0x5be0cd19 },
                   .on_block = sha256_block };
}

void dew_sha1(dew_str text, uint8_t digest[DEW_SHA1_LEN])
{
    hash h = { .words = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 }, .on_block = sha1_block };
    hash_add(&h, text);
    hash_end(&h, digest, DEW_SHA1_LEN);
}

void dew_sha256(dew_str text, uint8_t digest[DEW_SHA256_LEN])
{
    hash h = sha256_start();
    hash_add(&h, text);
    hash_end(&h, digest, DEW_SHA256_LEN);
}

void dew_hmac_sha256(dew_str key, dew_str text, uint8_t digest[DEW_SHA256_LEN])
{
    uint8_t pad[BLOCK_LEN] = { 0 };
    if (key.len > BLOCK_LEN)
        dew_sha256(key, pad);
    else if (key.len != 0)
        memcpy(pad, key.ptr, key.len);
    for (size_t i = 0; i < BLOCK_LEN; i++)
        pad[i] ^= 0x36;
    hash inner = sha256_start();
    hash_add(&inner, dew_str_make((const char *)pad, BLOCK_LEN));
    hash_add(&inner, text);
    hash_end(&inner, digest, DEW_SHA256_LEN);
    for (size_t i = 0; i < BLOCK_LEN; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    hash outer = sha256_start();
    hash_add(&outer, dew_str_make((const char *)pad, BLOCK_LEN));
    hash_add(&outer, dew_str_make((const char *)digest, DEW_SHA256_LEN));
    hash_end(&outer, digest, DEW_SHA256_LEN);
}

bool dew_digest_eq(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *x = a, *y = b;
    uint8_t differing = 0;
    for (size_t i = 0; i < len; i++)
        differing |= x[i] ^ y[i];
    return differing == 0;
}
