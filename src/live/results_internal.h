/* results_internal.h - what is kept of a query's results, shared by results.c and flights.c. Worker's thread. */
#ifndef DEW_LIVE_RESULTS_INTERNAL_H
#define DEW_LIVE_RESULTS_INTERNAL_H

#include "live/live_internal.h"

#define DEW_RESULTS_KEY_MAX (DEW_LIVE_ARGS_MAX + 2 * DEW_INPUTS_LEN_MAX + 1024)

/* All results of one query with the same arguments. */
typedef struct dew_base {
    dew_str key; /* stands behind the struct: fn \0 shard \0 args \0 */
    struct { char *bytes; size_t len; } shapes[DEW_RESULT_SHAPES_MAX]; /* inputs of an example */
    size_t shape_count, next_shape, entry_count;
    size_t holds; /* flights, joinable or not, and whoever works with it */
    dew_link flights;
} dew_base;

/* The key: fn \0 shard \0 args \0. Appended. */
void dew_base_put_key(dew_buf *out, const dew_live_fn *fn, dew_str shard, dew_str args);
/* Finds or makes it; NULL when out of memory. It is gone at the next release, unless something is kept or held by then. */
dew_base *dew_base_make(dew_results *results, dew_str key) DEW_MUST_USE;
void dew_base_release(dew_results *results, dew_base *base); /* takes NULL */
/* Keeps a result under these inputs (dew_inputs_write); counts a reference of its own. The base must be held. */
void dew_base_keep(dew_results *results, dew_base *base, dew_str inputs, dew_result *result);

#endif
