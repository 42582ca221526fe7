/* schema.h - the schema of a function on the wire: 8 hex digits that change when the shape of its arguments or of its value
 * does (docs/protocol.md §1, design rule 12). Pure; any thread; native and wasm32, the same digits on both. */
#ifndef DEW_TYPE_SCHEMA_H
#define DEW_TYPE_SCHEMA_H

#include <dew/query.h>

#define DEW_SCHEMA_LEN 8

/* NUL-terminated. */
void dew_fn_schema(const dew_fn *fn, char hex[DEW_SCHEMA_LEN + 1]);

#endif
