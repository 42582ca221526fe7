/* hash.c - see hash.h. Both read little-endian words, whatever the machine. */
#include "base/hash.h"

/* ---- SipHash-1-3 ---- */

static uint64_t read_64(const unsigned char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static uint64_t rotate_64(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate_64(v[1], 13) ^ v[0];
    v[0] = rotate_64(v[0], 32);
    v[2] += v[3];
    v[3] = rotate_64(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate_64(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate_64(v[1], 17) ^ v[2];
    v[2] = rotate_64(v[2], 32);
}

uint64_t dew_hash_keyed(dew_hash_key key, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t v[4] = { key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261,
                      key.k1 ^ 0x7465646279746573 };
    uint64_t last = (uint64_t)len << 56;
    size_t left = len;
    for (; left >= 8; left -= 8, at += 8) {
        uint64_t word = read_64(at);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    for (size_t i = 0; i < left; i++)
        last |= (uint64_t)at[i] << (8 * i);
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- XXH32 ---- */

#define PRIME_1 0x9E3779B1u
#define PRIME_2 0x85EBCA77u
#define PRIME_3 0xC2B2AE3Du
#define PRIME_4 0x27D4EB2Fu
#define PRIME_5 0x165667B1u

static uint32_t read_32(const unsigned char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

static uint32_t rotate_32(uint32_t word, int bits)
{
    return word << bits | word >> (32 - bits);
}

static uint32_t lane_step(uint32_t lane, uint32_t word)
{
    return rotate_32(lane + word * PRIME_2, 13) * PRIME_1;
}

/* What is left after the steps of sixteen bytes; the length is in the hash already. */
static uint32_t tail_hash(const unsigned char *at, size_t left, uint32_t hash)
{
    for (; left >= 4; left -= 4, at += 4)
        hash = rotate_32(hash + read_32(at) * PRIME_3, 17) * PRIME_4;
    for (; left > 0; left--, at++)
        hash = rotate_32(hash + *at * PRIME_5, 11) * PRIME_1;
    hash = (hash ^ hash >> 15) * PRIME_2;
    hash = (hash ^ hash >> 13) * PRIME_3;
    return hash ^ hash >> 16;
}

uint32_t dew_xxh32(const void *bytes, size_t len, uint32_t seed)
{
    const unsigned char *at = bytes;
    uint32_t hash = seed + PRIME_5;
    size_t left = len;
    if (left >= 16) {
        uint32_t a = seed + PRIME_1 + PRIME_2, b = seed + PRIME_2, c = seed, d = seed - PRIME_1;
        for (; left >= 16; left -= 16, at += 16) {
            a = lane_step(a, read_32(at));
            b = lane_step(b, read_32(at + 4));
            c = lane_step(c, read_32(at + 8));
            d = lane_step(d, read_32(at + 12));
        }
        hash = rotate_32(a, 1) + rotate_32(b, 7) + rotate_32(c, 12) + rotate_32(d, 18);
    }
    return tail_hash(at, left, hash + (uint32_t)len);
}

/* ---- the hash of a value ---- */

#ifndef __wasm__ /* there it is made for what has changed only, and bytes count more */
/* Both halves in one pass: they share loads and products, and neither waits for the other. As dew_xxh32 twice. */
static dew_value_hash hash_both(dew_str text)
{
    const unsigned char *at = (const unsigned char *)text.ptr;
    uint32_t a = PRIME_1 + PRIME_2, b = PRIME_2, c = 0, d = 0 - PRIME_1;
    uint32_t e = a + 1, f = b + 1, g = 1, h = d + 1;
    size_t left = text.len;
    for (; left >= 16; left -= 16, at += 16) {
        uint32_t w = read_32(at) * PRIME_2, x = read_32(at + 4) * PRIME_2, y = read_32(at + 8) * PRIME_2,
                 z = read_32(at + 12) * PRIME_2;
        a = rotate_32(a + w, 13) * PRIME_1;
        e = rotate_32(e + w, 13) * PRIME_1;
        b = rotate_32(b + x, 13) * PRIME_1;
        f = rotate_32(f + x, 13) * PRIME_1;
        c = rotate_32(c + y, 13) * PRIME_1;
        g = rotate_32(g + y, 13) * PRIME_1;
        d = rotate_32(d + z, 13) * PRIME_1;
        h = rotate_32(h + z, 13) * PRIME_1;
    }
    uint32_t first = rotate_32(a, 1) + rotate_32(b, 7) + rotate_32(c, 12) + rotate_32(d, 18);
    uint32_t second = rotate_32(e, 1) + rotate_32(f, 7) + rotate_32(g, 12) + rotate_32(h, 18);
    return (dew_value_hash){ tail_hash(at, left, first + (uint32_t)text.len),
                             tail_hash(at, left, second + (uint32_t)text.len) };
}
#endif

dew_value_hash dew_hash_value(dew_str canonical)
{
#ifndef __wasm__
    if (canonical.len >= 16)
        return hash_both(canonical);
#endif
    return (dew_value_hash){ dew_xxh32(canonical.ptr, canonical.len, 0), dew_xxh32(canonical.ptr, canonical.len, 1) };
}

void dew_hash_value_hex(dew_value_hash hash, char hex[DEW_VALUE_HASH_LEN])
{
    uint64_t word = (uint64_t)hash.high << 32 | hash.low;
    for (int i = DEW_VALUE_HASH_LEN; i-- > 0; word >>= 4)
        hex[i] = "0123456789abcdef"[word & 15];
}

bool dew_hash_value_parse(dew_str hex, dew_value_hash *out)
{
    uint64_t word = 0;
    if (hex.len != DEW_VALUE_HASH_LEN)
        return false;
    for (size_t i = 0; i < hex.len; i++) {
        unsigned digit = (unsigned char)hex.ptr[i];
        if (digit - '0' <= 9)
            digit -= '0';
        else if (digit - 'a' <= 5)
            digit -= 'a' - 10;
        else
            return false;
        word = word << 4 | digit;
    }
    *out = (dew_value_hash){ (uint32_t)(word >> 32), (uint32_t)word };
    return true;
}
