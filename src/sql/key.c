/* key.c - normal forms of SQL values, hashed. See key.h. */
#include "sql/key.h"

/* Finaliser of MurmurHash3 (Appleby): every input bit reaches every output bit. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ (x >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ (x >> 33);
}

dew_table_key dew_key_of_table(dew_str name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a, then mixed */
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        hash = (hash ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * UINT64_C(0x100000001b3);
    }
    hash = mix(hash);
    return hash != 0 ? hash : 1;
}

dew_value_key dew_key_of_null(void)
{
    return 0;
}

static dew_value_key not_null(uint64_t hash)
{
    return hash != 0 ? hash : 1;
}

dew_value_key dew_key_of_i64(dew_hash_key secret, int64_t value)
{
    return not_null(mix(mix((uint64_t)value ^ secret.k0) + secret.k1));
}

dew_value_key dew_key_of_f64(dew_hash_key secret, double value)
{
    if (value != value)
        return dew_key_of_null(); /* SQLite turns NaN into NULL */
    if (value >= -9223372036854775808.0 && value < 9223372036854775808.0 && (double)(int64_t)value == value)
        return dew_key_of_i64(secret, (int64_t)value);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return not_null(mix(mix(bits ^ secret.k1) + secret.k0 + 1));
}

dew_value_key dew_key_of_text(dew_hash_key secret, dew_str text)
{
    secret.k0 ^= 't';
    return not_null(dew_hash_keyed(secret, text.ptr, text.len));
}

dew_value_key dew_key_of_blob(dew_hash_key secret, dew_str bytes)
{
    secret.k0 ^= 'b';
    return not_null(dew_hash_keyed(secret, bytes.ptr, bytes.len));
}

dew_value_key dew_key_of_sqlite(dew_hash_key secret, sqlite3_value *value)
{
    const void *bytes;
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        return dew_key_of_i64(secret, sqlite3_value_int64(value));
    case SQLITE_FLOAT:
        return dew_key_of_f64(secret, sqlite3_value_double(value));
    case SQLITE_TEXT:
        bytes = sqlite3_value_text(value);
        return dew_key_of_text(secret, dew_str_make(bytes, (size_t)sqlite3_value_bytes(value)));
    case SQLITE_BLOB:
        bytes = sqlite3_value_blob(value);
        return dew_key_of_blob(secret, dew_str_make(bytes, (size_t)sqlite3_value_bytes(value)));
    default:
        return dew_key_of_null();
    }
}
