/* hash.h - the hashes of the house.
 *
 * dew_hash_keyed  SipHash-1-3 (Aumasson, Bernstein 2012) under a secret key: for tables whose keys a peer can choose.
 * dew_xxh32       XXH32 (Collet; github.com/Cyan4973/xxHash, doc/xxhash_spec.md): 32-bit arithmetic only.
 * dew_hash_mix    puts one more number into a hash that never leaves the program and that no peer can choose.
 * dew_value_hash  what frames carry: XXH32 with seed 0 and with seed 1, as 16 lower-case hex digits. Computable in
 *                 JavaScript with Math.imul, without BigInt (design rule 5).
 * Pure; native and wasm32. */
#ifndef DEW_BASE_HASH_H
#define DEW_BASE_HASH_H

#include <dew/str.h>

typedef struct dew_hash_key {
    uint64_t k0, k1;
} dew_hash_key;

uint64_t dew_hash_keyed(dew_hash_key key, const void *bytes, size_t len);
uint32_t dew_xxh32(const void *bytes, size_t len, uint32_t seed);

static inline uint64_t dew_hash_mix(uint64_t hash, uint64_t with)
{
    hash = (hash ^ with) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 32;
}

#define DEW_VALUE_HASH_LEN 16
typedef struct dew_value_hash {
    uint32_t high, low; /* seed 0, seed 1 */
} dew_value_hash;

dew_value_hash dew_hash_value(dew_str canonical);
void dew_hash_value_hex(dew_value_hash hash, char hex[DEW_VALUE_HASH_LEN]);
bool dew_hash_value_parse(dew_str hex, dew_value_hash *out);

static inline bool dew_value_hash_eq(dew_value_hash a, dew_value_hash b)
{
    return a.high == b.high && a.low == b.low;
}

#endif
