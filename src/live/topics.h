/* topics.h - channels' topics: their text, the count of publishes, and when each topic was last published.
 *
 * One object per application, shared by all threads without a lock: a counter of publishes (the topic part of a position)
 * and a fixed table of buckets. A bucket keeps the number of the last publish that fell into it and which workers have live
 * queries there. Two topics in one bucket cost a needless reload, never a missed one.
 *
 * Publisher:  change data; n = ++counter; bucket.last = n; read bucket.workers; tell those.
 * Loader:     s = counter; read data. The result is right while last(bucket) ≤ s.
 * Home:       set own bit in bucket.workers; then check last(bucket). Either the publisher sees the bit or the home sees n
 *             (sequentially consistent on both sides), so no publish falls between.
 *
 * The epoch names this process start; numbers of another epoch mean nothing here. */
#ifndef DEW_LIVE_TOPICS_H
#define DEW_LIVE_TOPICS_H

#include "base/buffer.h"

#include <dew/query.h>

/* Longest topic text, bytes. */
#define DEW_TOPIC_MAX 512
/* Topics fall into so many buckets; a power of two. */
#define DEW_TOPICS_BUCKETS 16384
/* Workers are bits of a word. */
#define DEW_LIVE_WORKERS_MAX 64

typedef struct dew_topics dew_topics;

/* `epoch` is random per process start. NULL when out of memory. Caller destroys. */
dew_topics *dew_topics_create(uint64_t epoch) DEW_MUST_USE;
void dew_topics_destroy(dew_topics *topics); /* takes NULL */

/* 16 hex digits. Borrowed. Any thread. */
dew_str dew_topics_epoch(const dew_topics *topics);

/* The number of the last publish. Any thread. Sequentially consistent. */
int64_t dew_topics_now(const dew_topics *topics);

/* Takes a number as if something had been published on no topic: for steps that need a position of their own. Any thread. */
int64_t dew_topics_step(dew_topics *topics);

/* Counts a publish on the topic. Returns its number; *workers: those with live queries near this topic. Any thread. */
int64_t dew_topics_publish(dew_topics *topics, dew_str topic, uint64_t *workers);

/* The last publish on the topic (or on one that shares its bucket); 0: none. Any thread. */
int64_t dew_topics_last(const dew_topics *topics, dew_str topic);

/* True: every publish on the topic whose number dew_topics_now showed before this call is in dew_topics_last after it. */
bool dew_topics_is_settled(const dew_topics *topics, dew_str topic);

/* The topic's bucket, below DEW_TOPICS_BUCKETS. Pure. */
uint32_t dew_topics_bucket(dew_str topic);

/* Says that this worker has, or no longer has, live queries in the bucket; it counts its own per bucket. Any thread, each for
 * its own worker. */
void dew_topics_listen(dew_topics *topics, uint32_t bucket, unsigned worker, bool on);

/* The topic's text: the channel's name and the key's canonical JSON. Unambiguous, so two keys never share a topic.
 * DEW_E_INVALID when a str, bytes or json field is empty or an optional absent; DEW_E_LIMIT past DEW_TOPIC_MAX. */
int dew_topic_write(dew_buf *out, const dew_channel *channel, const void *key, dew_error *error) DEW_MUST_USE;

#endif
