/* What has no exact equality, or may be absent, is no key of a list. */
// expect: _Generic
#include "types.h"

#ifdef OK
#define MEASURE(F) F(i32, at) F(f64, value)
#else
#define MEASURE(F) F(f64, at) F(f64, value)
#endif
DEW_STRUCT(measure, MEASURE)
DEW_LIST(measure_list, measure, at)
