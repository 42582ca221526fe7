/* level.h - numbers that one thread changes and any thread may read, without locks: what metrics tell.
 *
 * Each is current on its own; several read together need not fit. An aligned store costs no more than another. */
#ifndef DEW_BASE_LEVEL_H
#define DEW_BASE_LEVEL_H

/* By the one thread that changes it. `by` may be negative. */
#define DEW_LEVEL_ADD(level, by)                                                                                      \
    __atomic_store_n((level), (__typeof__(*(level)))(*(level) + (__typeof__(*(level)))(by)), __ATOMIC_RELAXED)

/* By any thread. */
#define DEW_LEVEL_GET(level) __atomic_load_n((level), __ATOMIC_RELAXED)

#endif
