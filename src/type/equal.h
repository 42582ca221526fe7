/* equal.h - are two values of a type the same? Pure; any thread; native and wasm32. */
#ifndef DEW_TYPE_EQUAL_H
#define DEW_TYPE_EQUAL_H

#include <dew/type.h>

/* True exactly when both have the same canonical text (type/json.h); 0 and -0 are equal, NaN is equal to nothing. */
bool dew_value_equal(const dew_type *type, const void *a, const void *b);

#endif
