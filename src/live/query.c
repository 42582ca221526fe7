/* query.c - a live query's newest result: indexed, compared with what was there, diffed and encoded once for all
 * subscribers, told to the workers that have some. Home's thread. */
#include "live/home_internal.h"

#include "type/diff.h"

#include <assert.h>
#include <stdlib.h>

/* ---- telling ---- */

void dew_query_tell_one(dew_query *query, dew_watcher *watcher)
{
    dew_live_worker *worker = query->worker;
    watcher->is_behind = false;
    if (watcher->worker == worker->index) {
        dew_follower_state(worker, watcher->follower, &query->state);
        return;
    }
    bool wake = false;
    dew_live_worker *other = &worker->live->workers[watcher->worker];
    if (dew_postbox_state(other->postbox, &watcher->slot, worker->index, watcher->follower, &query->state, &wake) != 0)
        watcher->is_behind = worker->home.has_behind = true;
    dew_live_wake(worker->live, watcher->worker, wake);
}

void dew_query_tell(dew_query *query)
{
    dew_live_at(query->worker, DEW_LIVE_AT_STATE, query->key);
    dew_list_each_safe(link, &query->watchers)
        dew_query_tell_one(query, dew_container_of(link, dew_watcher, link));
}

/* ---- the indexes ---- */

void dew_home_listen(dew_live_worker *worker, uint32_t bucket, bool on)
{
    uint16_t *uses = &worker->home.topic_uses[bucket];
    if (*uses == UINT16_MAX)
        return; /* so many that it stays on for good */
    *uses = (uint16_t)(on ? *uses + 1 : *uses - 1);
    if (*uses == on)
        dew_topics_listen(worker->live->topics, bucket, worker->index, on);
}

static void listen(dew_query *query, dew_str topic, bool on)
{
    dew_home_listen(query->worker, dew_topics_bucket(topic), on);
}

void dew_query_forget_reads(dew_query *query)
{
    dew_home *home = &query->worker->home;
    for (size_t i = 0; i < query->read_count; i++)
        dew_index_remove(&home->reads, &query->entries[i]);
    for (size_t i = 0; i < query->topic_count; i++) {
        dew_index_remove(&home->topics, &query->entries[query->read_count + i]);
        listen(query, query->result->topics[i], false);
    }
    free(query->entries);
    query->entries = NULL;
    query->read_count = query->topic_count = 0;
}

struct gather {
    dew_index_entry *entries;
    size_t count;
    dew_query *query;
};

static void count_bucket(void *context, uint64_t bucket)
{
    (void)bucket;
    ((struct gather *)context)->count++;
}

static void take_bucket(void *context, uint64_t bucket)
{
    struct gather *gather = context;
    gather->entries[gather->count++] = (dew_index_entry){ .bucket = bucket, .owner = gather->query };
}

/* Puts the query where writes and publishes find it. The result is the query's already. */
static int index_reads(dew_query *query, const dew_result *result)
{
    dew_home *home = &query->worker->home;
    const dew_live_data *data = query->worker->live->data;
    struct gather gather = { NULL, 0, query };
    bool reads = result->reads != NULL && data != NULL;
    if (reads)
        data->read_buckets(data->context, result->reads, count_bucket, &gather);
    query->entries = calloc(gather.count + result->topic_count + 1, sizeof *query->entries);
    if (query->entries == NULL)
        return DEW_E_NOMEM;
    query->read_count = gather.count;
    gather = (struct gather){ query->entries, 0, query };
    if (reads)
        data->read_buckets(data->context, result->reads, take_bucket, &gather);
    assert(gather.count == query->read_count);
    for (size_t i = 0; i < query->read_count; i++)
        dew_index_add(&home->reads, &query->entries[i]);
    for (size_t i = 0; i < result->topic_count; i++) {
        dew_index_entry *entry = &query->entries[query->read_count + query->topic_count++];
        *entry = (dew_index_entry){ .bucket = dew_topics_bucket(result->topics[i]), .owner = query };
        dew_index_add(&home->topics, entry);
        listen(query, result->topics[i], true);
    }
    return 0;
}

/* ---- a change ---- */

/* docs/protocol.md §3: one query's step, as `ops` when that is shorter, else whole. */
static dew_blob *change_create(const dew_query *query, const dew_result *from, const dew_result *to, dew_position at)
{
    dew_buf out;
    dew_buf_init(&out, 2 * (size_t)DEW_RESULT_JSON_MAX);
    dew_buf_putf(&out, "{\"query\":\"%llu\"", (unsigned long long)query->state.query);
    dew_frames_put_position(&out, "from", query->state.at);
    dew_frames_put_position(&out, "to", at);
    size_t head_len = out.len;
    dew_buf_put_lit(&out, ",\"ops\":");
    if (dew_diff_write(&out, to->fn->fn->value(), from->value, to->value, to->json->len) != 0) {
        out.len = head_len;
        dew_buf_put_lit(&out, ",\"value\":");
        dew_buf_put_str(&out, dew_blob_str(to->json));
    }
    dew_frames_put_hash(&out, to->hash);
    dew_buf_put_char(&out, '}');
    dew_blob *blob = out.error == 0 ? dew_blob_copy(dew_buf_str(&out)) : NULL;
    dew_buf_dispose(&out);
    return blob;
}

static bool is_equal(const dew_result *a, const dew_result *b)
{
    return dew_value_hash_eq(a->hash, b->hash) && dew_str_eq(dew_blob_str(a->json), dew_blob_str(b->json));
}

/* Where the new value came to be; above the old value's place in any case, or clients would drop the step. */
static dew_position place_of(const dew_query *query, const dew_result *result, int64_t since)
{
    dew_topics *topics = query->worker->live->topics;
    dew_position at = { since, dew_result_topic_since(result, topics) };
    if (query->state.version == 0)
        return at;
    /* A publish that the old value did not hold, numbered below a place that a step of our own has given this. */
    bool is_hidden = at.topic > query->state.topic && at.topic <= query->state.at.topic;
    at.commit = dew_max_i64(at.commit, query->state.at.commit);
    at.topic = dew_max_i64(at.topic, query->state.at.topic);
    /* A loader that depends on more than it read; or an error that is over, in whose time subscribers moved on. */
    if (query->state.code != 0 || is_hidden || dew_position_covers(query->state.at, at))
        at.topic = dew_topics_step(topics);
    return at;
}

/* The value is another one (or an error is over): a new version, and the step to it. */
static void step(dew_query *query, const dew_result *from, dew_result *to, int64_t since)
{
    dew_live_state *state = &query->state;
    uint64_t version = dew_live_number(query->worker->live);
    dew_position at = place_of(query, to, since);
    if (from != NULL) {
        dew_blob *change = change_create(query, from, to, at);
        if (change != NULL) /* else subscribers get the whole */
            dew_ring_push(state->ring, state->version, state->hash, state->at, version, change);
        dew_blob_unref(change);
        query->worker->stats.changes++;
    }
    dew_blob_unref(state->json);
    state->json = dew_blob_ref(to->json);
    state->hash = to->hash;
    state->version = version;
    state->at = at;
}

void dew_query_answer_need(dew_query *query)
{
    const dew_result *result = query->result;
    dew_topics *topics = query->worker->live->topics;
    if (result == NULL || query->needed <= query->state.topic)
        return;
    int64_t now = dew_topics_now(topics);
    for (size_t i = 0; i < result->topic_count; i++)
        if (!dew_topics_is_settled(topics, result->topics[i]))
            return; /* its wake is on the way */
    if (dew_result_topics_valid(result, topics))
        query->state.topic = dew_max_i64(query->state.topic, now);
}

int dew_query_take(dew_query *query, dew_result *result)
{
    dew_live_worker *worker = query->worker;
    const dew_live_data *data = worker->live->data;
    dew_live_state *state = &query->state;
    dew_query_forget_reads(query);
    dew_result *old = query->result;
    query->result = result;
    if (index_reads(query, result) != 0) {
        query->result = old; /* in no index now: dirty until a run has gone well */
        dew_result_unref(result);
        return DEW_E_NOMEM;
    }
    /* From here on commits and publishes find it. Commits that were looked at before show in the stamps; a stamp of one
     * that is still to be looked at is left to that: it may not even be visible yet, and running again would spin. */
    int64_t since = dew_result_since(result, data);
    bool reads = result->reads != NULL && data != NULL;
    bool is_overtaken =
        reads && result->high < worker->home.looked && data->stamp(data->context, result->reads) > result->high;
    if (old == NULL || state->code != 0 || !is_equal(old, result))
        step(query, old, result, since);
    else
        worker->stats.unchanged++;
    dew_result_unref(old);
    state->since = since;
    state->read = reads ? result->high : INT64_MAX;
    state->until = is_overtaken ? result->high : INT64_MAX;
    state->topic = result->topic;
    if (state->code != 0) {
        state->code = 0;
        state->trouble++;
    }
    query->is_dirty = is_overtaken || !dew_result_topics_valid(result, worker->live->topics);
    dew_query_answer_need(query);
    return 0;
}
