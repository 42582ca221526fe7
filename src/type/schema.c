/* schema.c - see schema.h. XXH32 over the hashes of both types. */
#include "type/schema.h"

#include "base/format.h"
#include "type/hash.h"

void dew_fn_schema(const dew_fn *fn, char hex[DEW_SCHEMA_LEN + 1])
{
    char both[2 * DEW_VALUE_HASH_LEN];
    dew_hash_value_hex(dew_schema_hash(fn->args()), both);
    dew_hash_value_hex(dew_schema_hash(fn->value()), both + DEW_VALUE_HASH_LEN);
    dew_format(hex, DEW_SCHEMA_LEN + 1, "%08x", (unsigned)dew_xxh32(both, sizeof both, 0));
}
