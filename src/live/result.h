/* result.h - what one run of a loader gave: the value, its bytes, and everything needed to know how long it is right.
 *
 * Immutable once finished. Counted, not atomically: a result stays on its worker. All parts stand in its arena. */
#ifndef DEW_LIVE_RESULT_H
#define DEW_LIVE_RESULT_H

#include "base/blob.h"
#include "base/hash.h"
#include "live/data.h"
#include "live/inputs.h"
#include "live/position.h"
#include "live/topics.h"

/* What one run may allocate: value, read set, inputs. */
#define DEW_RESULT_ARENA_MAX (64u << 20)
/* Longest canonical JSON of one value. */
#define DEW_RESULT_JSON_MAX (16u << 20)
/* Topics that one loader may watch. */
#define DEW_RESULT_TOPICS_MAX 64

/* A query as served. Lives as long as the application. */
typedef struct dew_live_fn {
    const dew_fn *fn;
    const dew_query_options *options;
    char schema[9]; /* 8 hex digits (docs/protocol.md §1) */
} dew_live_fn;

typedef struct dew_result {
    unsigned refs;
    const dew_live_fn *fn;
    dew_arena arena;
    void *value;          /* of fn->value's type */
    dew_blob *json;       /* canonical bytes of it */
    dew_value_hash hash;  /* of json */
    int64_t low, high;    /* lowest and highest commit that a statement read at; finished: the value is right at `high` */
    int64_t topic;        /* publishes counted before the loader ran */
    const void *reads;    /* see data.h; NULL: read no table */
    dew_str topics[DEW_RESULT_TOPICS_MAX];
    size_t topic_count;
    const dew_scope_input *inputs; /* what the loader asked */
    int64_t sql_ns;       /* how long its loader was in dew_sql, waits for a connection included; 0 unless it is timed */
    int64_t expires_ns;   /* monotonic clock: right until then at most (.max_age); 0: whatever its age */
} dew_result;

dew_result *dew_result_create(const dew_live_fn *fn) DEW_MUST_USE;

static inline dew_result *dew_result_ref(dew_result *result)
{
    result->refs++;
    return result;
}
void dew_result_unref(dew_result *result); /* takes NULL */

/* Writes the canonical bytes and the hash of the value. 0, DEW_E_LIMIT, DEW_E_NOMEM, or why it cannot be written. */
int dew_result_seal(dew_result *result, dew_error *error) DEW_MUST_USE;

/* From which commit on the value has been the same, as far as stamps tell: ≤ high. 0 when it read no table. */
int64_t dew_result_since(const dew_result *result, const dew_live_data *data);

/* Likewise by publishes: 0 when it watches no topic, at most result->topic. */
int64_t dew_result_topic_since(const dew_result *result, const dew_topics *topics);

/* Is it right now? No write and no publish has touched what it read, and it is not too old. `data` may be NULL. */
bool dew_result_is_valid(const dew_result *result, const dew_live_data *data, const dew_topics *topics);

/* Has .max_age passed? */
bool dew_result_has_aged(const dew_result *result);

/* Likewise, the topics alone. */
bool dew_result_topics_valid(const dew_result *result, const dew_topics *topics);

/* Bytes held, for limits. */
size_t dew_result_size(const dew_result *result);

#endif
