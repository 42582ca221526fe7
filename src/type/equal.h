/* equal.h - are two values of a type the same? Pure; any thread; native and wasm32. */
#ifndef DEW_TYPE_EQUAL_H
#define DEW_TYPE_EQUAL_H

#include <dew/type.h>

/* bool dew_value_equal(const dew_type *type, const void *a, const void *b): dew/same.h has it, for what each struct has. */

#endif
