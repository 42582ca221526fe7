/* topics.c - see topics.h. Any thread; no lock. All atomics are sequentially consistent: the publisher's "raise, then look
 * who listens" and the home's "listen, then look what was raised" must not both miss the other. */
#include "live/topics.h"

#include "base/hash.h"
#include "type/json.h"

#include <stdatomic.h>
#include <stdlib.h>

#define EPOCH_LEN 16

struct bucket {
    _Atomic int64_t last;
    _Atomic uint32_t underway; /* publishers between taking their number and raising `last` */
    _Atomic uint64_t workers;
};

struct dew_topics {
    _Atomic int64_t number;
    char epoch[EPOCH_LEN + 1];
    struct bucket buckets[DEW_TOPICS_BUCKETS];
};

dew_topics *dew_topics_create(uint64_t epoch)
{
    dew_topics *topics = calloc(1, sizeof *topics);
    if (topics == NULL)
        return NULL;
    for (int i = EPOCH_LEN - 1; i >= 0; i--, epoch >>= 4)
        topics->epoch[i] = "0123456789abcdef"[epoch & 15];
    return topics;
}

void dew_topics_destroy(dew_topics *topics)
{
    free(topics);
}

dew_str dew_topics_epoch(const dew_topics *topics)
{
    return dew_str_make(topics->epoch, EPOCH_LEN);
}

int64_t dew_topics_now(const dew_topics *topics)
{
    return atomic_load(&topics->number);
}

int64_t dew_topics_step(dew_topics *topics)
{
    return atomic_fetch_add(&topics->number, 1) + 1;
}

uint32_t dew_topics_bucket(dew_str topic)
{
    return dew_xxh32(topic.ptr, topic.len, 0) & (DEW_TOPICS_BUCKETS - 1);
}

int64_t dew_topics_publish(dew_topics *topics, dew_str topic, uint64_t *workers)
{
    struct bucket *bucket = &topics->buckets[dew_topics_bucket(topic)];
    atomic_fetch_add(&bucket->underway, 1);
    int64_t number = dew_topics_step(topics);
    int64_t last = atomic_load(&bucket->last);
    while (last < number && !atomic_compare_exchange_weak(&bucket->last, &last, number))
        ;
    atomic_fetch_sub(&bucket->underway, 1);
    *workers = atomic_load(&bucket->workers);
    return number;
}

int64_t dew_topics_last(const dew_topics *topics, dew_str topic)
{
    return atomic_load(&topics->buckets[dew_topics_bucket(topic)].last);
}

bool dew_topics_is_settled(const dew_topics *topics, dew_str topic)
{
    return atomic_load(&topics->buckets[dew_topics_bucket(topic)].underway) == 0;
}

void dew_topics_listen(dew_topics *topics, uint32_t bucket, unsigned worker, bool on)
{
    uint64_t bit = UINT64_C(1) << worker;
    if (on)
        atomic_fetch_or(&topics->buckets[bucket].workers, bit);
    else
        atomic_fetch_and(&topics->buckets[bucket].workers, ~bit);
}

/* ---- text ---- */

static bool is_text(uint8_t kind)
{
    return kind == DEW_KIND_STR || kind == DEW_KIND_BYTES || kind == DEW_KIND_JSON;
}

static int check_key(const dew_channel *channel, const dew_type *type, const void *key, dew_error *error)
{
    for (uint16_t i = 0; type->kind == DEW_KIND_STRUCT && i < type->field_count; i++) {
        const dew_field *field = &type->fields[i];
        const char *member = (const char *)key + field->offset;
        bool absent = field->optional && !*(const bool *)member;
        bool empty = !absent && is_text(field->kind) &&
                     ((const dew_str *)(const void *)(member + field->value_offset))->len == 0;
        if (absent || empty)
            return dew_error_set(error, DEW_E_INVALID, "channel %s: key.%s is empty: give it a value", channel->name,
                                 field->name);
    }
    return 0;
}

int dew_topic_write(dew_buf *out, const dew_channel *channel, const void *key, dew_error *error)
{
    const dew_type *type = channel->key();
    size_t start = out->len;
    if (type != DEW_TYPE(dew_none)) {
        int failed = check_key(channel, type, key, error);
        if (failed != 0)
            return failed;
    }
    dew_buf_put_str(out, dew_str_of(channel->name));
    if (type != DEW_TYPE(dew_none)) {
        int failed = dew_json_write(out, type, key, error);
        if (failed != 0)
            return failed;
    }
    if (out->error != 0)
        return dew_error_set(error, out->error, "channel %s: the key cannot be written", channel->name);
    if (out->len - start > DEW_TOPIC_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "channel %s: the key is longer than %d bytes", channel->name,
                             DEW_TOPIC_MAX);
    return 0;
}
