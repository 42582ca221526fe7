/* counter.h - a shared counter in the program's memory, as both sides know it. */
#ifndef SHOWCASE_COUNTER_H
#define SHOWCASE_COUNTER_H

#include <dew/dew.h>

#define COUNT(F) F(i64, number)
DEW_STRUCT(count, COUNT)

DEW_QUERY(current_count, dew_none, count)
DEW_ACTION(increment, dew_none, dew_none)
DEW_SIGNAL(counter_changed, "counter")

#endif
