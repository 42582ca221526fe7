/* hash.h - hashes of values and of the shapes of types. Pure; any thread; native and wasm32. */
#ifndef DEW_TYPE_HASH_H
#define DEW_TYPE_HASH_H

#include "base/hash.h"

#include <dew/type.h>

/* The hash of *value: of its canonical text (type/json.h). Whoever has that text calls dew_hash_value(text) instead.
 * Errors as dew_json_write, and DEW_E_LIMIT when the text would be longer than text_max. */
int dew_hash_typed(const dew_type *type, const void *value, size_t text_max, dew_value_hash *out) DEW_MUST_USE;

/* The hash of a type's shape: kinds, nesting, names of fields and enum constants, keys of lists; not of C names and C
 * layouts. Two programs whose hashes agree understand each other's values (design rule 12). */
dew_value_hash dew_schema_hash(const dew_type *type);

#endif
