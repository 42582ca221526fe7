/* outgoing.h - a worker's outgoing connections: their limits, and how many there are. What the core and the optional
 * dew-fetch share: the application sets and reads it, dew_fetch goes by it and counts.
 *
 * Made before the loop runs; the loop's thread writes the counts, any thread reads them (dew_outgoing_read). */
#ifndef DEW_SCOPE_OUTGOING_H
#define DEW_SCOPE_OUTGOING_H

#include "io/loop.h"

#include <dew/fetch.h>

/* Atomic access only. */
typedef struct dew_outgoing_counts {
    uint64_t started;     /* fetches, since the start */
    uint64_t under_way;   /* of them, now */
    uint64_t connections; /* that stand: idle or at work */
} dew_outgoing_counts;

/* Stands inside its maker's object until the loop is destroyed. */
typedef struct dew_outgoing {
    dew_loop_part part; /* private */
    dew_fetch_limits limits;
    dew_outgoing_counts counts;
    uint8_t *is_counted; /* dew-fetch's own: by descriptor, is it one of counts.connections? */
    size_t is_counted_len;
} dew_outgoing;

/* Dew's defaults count where a limit is left out. Once per loop. */
void dew_outgoing_init(dew_outgoing *outgoing, dew_loop *loop, const dew_fetch_limits *limits);

/* NULL: none was made on this loop. */
dew_outgoing *dew_outgoing_of(const dew_loop *loop);

/* 0, or DEW_E_INVALID: no connection would ever be allowed. */
int dew_outgoing_check(const dew_fetch_limits *limits, dew_error *error) DEW_MUST_USE;

/* Loop's thread. */
static inline void dew_outgoing_count(uint64_t *count, int by)
{
    __atomic_store_n(count, __atomic_load_n(count, __ATOMIC_RELAXED) + (uint64_t)(int64_t)by, __ATOMIC_RELAXED);
}

/* Any thread. */
static inline uint64_t dew_outgoing_read(const uint64_t *count)
{
    return __atomic_load_n(count, __ATOMIC_RELAXED);
}

#endif
