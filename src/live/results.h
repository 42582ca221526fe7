/* results.h - a worker's cache of query results (design rule 2, P5).
 *
 * Two levels: (query, shard, canonical arguments) → the sets of input names that its loader has read so far → their values.
 * A result is found by one who has the same values for what the loader read; a loader that reads nothing is shared by all.
 * What is found is right now: every hit compares stamps. Requests for the same thing wait for one run.
 *
 * Bounded by bytes, least recently used goes first; whoever holds a result keeps it alive. Worker's thread. */
#ifndef DEW_LIVE_RESULTS_H
#define DEW_LIVE_RESULTS_H

#include "base/list.h"
#include "live/live.h"

/* Sets of names kept per (query, shard, arguments); past it the oldest is forgotten, and runs again. */
#define DEW_RESULT_SHAPES_MAX 8
/* Longest canonical arguments. */
#define DEW_LIVE_ARGS_MAX (64u << 10)

/* What is asked; borrowed during the call. */
typedef struct dew_ask {
    const dew_live_fn *fn;
    dew_str shard;     /* empty: the default one */
    dew_str args;      /* canonical JSON */
    dew_asker *asker;
    void *snapshot;    /* read in this open transaction: never shared, never kept; NULL as a rule */
} dew_ask;

/* One who waits. Embedded by the asker, who must call dew_results_leave before it goes away early. */
typedef struct dew_waiter dew_waiter;
struct dew_waiter {
    dew_link link;                 /* private, as the next three: zeroed before use */
    struct dew_flight *flight;
    dew_asker *asker;
    dew_position since;            /* when it asked: what it gets is not older */
    /* Exactly once, unless left: result is counted for the receiver, or NULL and *error says why. */
    void (*ready)(dew_waiter *waiter, dew_result *result, const dew_error *error);
};

/* 1: *out is a counted, valid result. 0: waiter->ready comes later. Negative: refused. */
int dew_results_get(dew_live_worker *worker, const dew_ask *ask, dew_result **out, dew_waiter *waiter) DEW_MUST_USE;

/* Waits no more, for this cause. A run that nobody waits for is cancelled: its scope ends with the cause of the last who
 * left. Does nothing for one who does not wait. */
void dew_results_leave(dew_live_worker *worker, dew_waiter *waiter, dew_end cause);

/* A valid result that is in memory, counted, without waiting; NULL: none. */
dew_result *dew_results_find(dew_live_worker *worker, const dew_ask *ask) DEW_MUST_USE;

/* Keeps a result under its own inputs, as if it had been asked for; counts a reference of its own. */
void dew_results_put(dew_live_worker *worker, const dew_ask *ask, dew_result *result);

/* The key of a live query: query, shard, arguments and the bytes of its inputs. Appended. */
void dew_results_key(dew_buf *out, const dew_live_fn *fn, dew_str shard, dew_str args, dew_str inputs);

/* Its parts; borrowed, and but for the inputs followed by NUL. */
typedef struct dew_key_parts {
    dew_str fn, shard, args, inputs;
} dew_key_parts;
dew_key_parts dew_results_key_parts(dew_str key);

/* The bytes of the inputs (dew_inputs_write) under which this asker's result is kept, valid or not: appended to *inputs.
 * False when nothing is known of it: get it first. */
bool dew_results_shape(dew_live_worker *worker, const dew_ask *ask, dew_buf *inputs);

#endif
