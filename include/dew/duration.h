/* dew/duration.h - options in which 0 has a meaning: a field left out means the default, DEW_MS(0) means zero. */
#ifndef DEW_DURATION_H
#define DEW_DURATION_H

#include <stdint.h>

/* All zero: not given, take the default. */
typedef struct dew_duration {
    struct dew_durations_are_written_DEW_MS *by_name_; /* NULL; catches a number that stands for itself */
    int64_t biased_ms;                                 /* milliseconds + DEW_DURATION_BIAS_; 0: not given; -1: never */
} dew_duration;
typedef struct dew_count {
    struct dew_counts_are_written_DEW_COUNT *by_name_; /* NULL; as above */
    int64_t plus_one;                                  /* count + 1; 0: not given; -1: no limit */
} dew_count;

/* So large that no number of milliseconds, a negative one included, is taken for "not given". */
#define DEW_DURATION_BIAS_ ((int64_t)1 << 62)

#define DEW_MS(ms) { 0, (ms) + DEW_DURATION_BIAS_ }
#define DEW_NEVER { 0, -1 }
#define DEW_COUNT(n) { 0, (n) + 1 }
#define DEW_FOREVER { 0, -1 }
#define DEW_NO_LIMIT { 0, -1 }

/* The value, `fallback` when not given, INT64_MAX for never and no limit. A negative duration comes back as it was given:
 * who registers one refuses it. */
static inline int64_t dew_duration_ms(dew_duration d, int64_t fallback)
{
    return d.biased_ms == 0 ? fallback : d.biased_ms < 0 ? INT64_MAX : d.biased_ms - DEW_DURATION_BIAS_;
}
static inline int64_t dew_count_of(dew_count c, int64_t fallback)
{
    return c.plus_one == 0 ? fallback : c.plus_one < 0 ? INT64_MAX : c.plus_one - 1;
}

#endif
