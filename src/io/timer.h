/* timer.h - timers that are cheap to move: a connection re-arms its own at every request.
 *
 * A timer stands inside its owner's object (40 bytes; nothing is allocated). All timers of a loop stand in one
 * hierarchical wheel over one system timer: start and stop are O(1) and touch neither kernel nor heap; a timer is
 * moved at most a few times between levels before it fires. One uv_timer each would cost 152 bytes and O(log n) at
 * each re-arm. Resolution 1 ms. Loop's thread only. */
#ifndef DEW_IO_TIMER_H
#define DEW_IO_TIMER_H

#include "io/loop.h"

typedef struct dew_timer dew_timer;
typedef void dew_timer_fn(dew_timer *timer);

/* Private to timer.c; find the owner with dew_container_of. */
struct dew_timer {
    dew_link link;
    int64_t due_ms;
    dew_loop *loop;
    dew_timer_fn *on_due;
};

/* Longest delay; a longer one is cut to it (about 34 years). */
#define DEW_TIMER_DELAY_MAX_MS ((int64_t)1 << 40)

void dew_timer_init(dew_timer *timer, dew_loop *loop, dew_timer_fn *on_due);

/* Fires once, delay_ms after the present turn began; never within the call. Restarts it when it was running. 0 and less
 * mean the next millisecond: for "soon" there is dew_loop_defer. */
void dew_timer_start(dew_timer *timer, int64_t delay_ms);

/* It will not fire. Safe when it is not running, and on a zeroed timer. The owner's memory is free afterwards. */
void dew_timer_stop(dew_timer *timer);

bool dew_timer_is_active(const dew_timer *timer);

#endif
