/* counter.server.h - where the counter lives: in the program, not in the database. */
#ifndef SHOWCASE_COUNTER_SERVER_H
#define SHOWCASE_COUNTER_SERVER_H

#include <dew/server.h>

#include <stdatomic.h>

/* The showcase's context (dew_app_config.context). Shared by all workers. */
typedef struct showcase {
    _Atomic int64_t count;
} showcase;

extern const dew_served counter_served[];

#endif
