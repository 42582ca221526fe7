/* clock.h - the time, through the door: no other room calls a clock (design P11).
 *
 * A handler that only wants to know about when it runs asks its loop (dew_loop_now_ms, io/loop.h), which looks at the
 * clock once per turn. These two look at it now. Any thread. */
#ifndef DEW_IO_CLOCK_H
#define DEW_IO_CLOCK_H

#include <stdint.h>

/* Nanoseconds of a clock that never goes back; its zero means nothing. */
int64_t dew_clock_now_ns(void);

/* Microseconds since 1970-01-01T00:00:00Z, as the machine believes; may jump. */
int64_t dew_clock_wall_us(void);

#endif
