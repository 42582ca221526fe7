/* position.h - where in time a value stands: a commit of the database and a count of publishes (docs/protocol.md §1).
 *
 * Both parts only grow. A position is at or above another when both parts are. Pure. */
#ifndef DEW_LIVE_POSITION_H
#define DEW_LIVE_POSITION_H

#include <stdbool.h>
#include <stdint.h>

typedef struct dew_position {
    int64_t commit; /* 0: before the first */
    int64_t topic;  /* publishes since this process started */
} dew_position;

static inline bool dew_position_covers(dew_position above, dew_position below)
{
    return above.commit >= below.commit && above.topic >= below.topic;
}

static inline int64_t dew_max_i64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline int64_t dew_min_i64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

#endif
