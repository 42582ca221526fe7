/* key.h - what read sets and write sets are made of: tables, columns and values as 64-bit numbers.
 *
 * A table is the hash of its name without regard to ASCII case; a value is the hash of its normal form, which is the
 * same for two SQL values exactly when `=` under BINARY collation holds between them:
 *
 *     NULL      its own, equal to nothing (never used to match)
 *     number    1 and 1.0 are one; an integral REAL that int64 can hold is that integer; -0.0 is 0
 *     text      its bytes;  blob: its bytes; never equal to each other or to a number
 *
 * Two different values may share a hash (chance 2^-64): that makes a set too wide, never too narrow. Value hashes are
 * keyed by a secret of the process, so that no visitor can aim at one.
 * Pure; any thread. */
#ifndef DEW_SQL_KEY_H
#define DEW_SQL_KEY_H

#include "base/hash.h"
#include "sql/sqlite.h"

typedef uint64_t dew_table_key; /* 0 is no table */
typedef uint64_t dew_value_key;

/* Columns as a mask: bit i is column i of the table, bit 63 every column from 63 on. */
#define DEW_COLUMNS_ALL UINT64_MAX
static inline uint64_t dew_column_bit(int column)
{
    return UINT64_C(1) << (column < 63 ? column : 63);
}

dew_table_key dew_key_of_table(dew_str name);

dew_value_key dew_key_of_null(void);
dew_value_key dew_key_of_i64(dew_hash_key secret, int64_t value);
dew_value_key dew_key_of_f64(dew_hash_key secret, double value);
dew_value_key dew_key_of_text(dew_hash_key secret, dew_str text);
dew_value_key dew_key_of_blob(dew_hash_key secret, dew_str bytes);

/* Of what SQLite holds. Borrowed for the call. */
dew_value_key dew_key_of_sqlite(dew_hash_key secret, sqlite3_value *value);

#endif
