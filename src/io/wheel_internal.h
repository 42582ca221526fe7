/* wheel_internal.h - the timing wheel of a loop: see timer.c for how it works. */
#ifndef DEW_IO_WHEEL_INTERNAL_H
#define DEW_IO_WHEEL_INTERNAL_H

#include "io/timer.h"

#define DEW_WHEEL_BITS 6
#define DEW_WHEEL_SLOTS (1 << DEW_WHEEL_BITS)
#define DEW_WHEEL_LEVELS 7 /* 42 bits of milliseconds: above DEW_TIMER_DELAY_MAX_MS plus the age of any machine */

typedef struct dew_wheel {
    int64_t now_ms;                      /* everything due up to here has fired */
    int64_t limit_ms;                    /* while firing: how far this advance goes; else now_ms */
    uint64_t occupied[DEW_WHEEL_LEVELS]; /* a bit per slot that may hold timers */
    dew_link slots[DEW_WHEEL_LEVELS][DEW_WHEEL_SLOTS];
    dew_link due; /* taken out of their slot, about to fire */
} dew_wheel;

void dew_wheel_init(dew_wheel *wheel, int64_t now_ms);

/* When the wheel wants to be advanced next: not after the earliest timer is due, and exactly then when few are in its
 * slot. INT64_MAX: never. */
int64_t dew_wheel_next_ms(dew_wheel *wheel);

/* Fires everything due up to `to_ms`, in order of time. */
void dew_wheel_advance(dew_wheel *wheel, int64_t to_ms);

#endif
