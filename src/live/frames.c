/* frames.c - the bytes that sessions send (docs/protocol.md §3), and the frames of this flush, so that a step that many
 * sessions make is encoded and framed once (design P4). Worker's thread. */
#include "live/session_internal.h"

#include "http/ws.h"
#include "type/json.h"

#include <stdlib.h>

dew_blob *dew_frame_text(dew_str json)
{
    return dew_ws_frame_create(DEW_WS_TEXT, json);
}

/* Takes the buffer's text, framed; disposes of the buffer. */
static dew_blob *finish(dew_buf *out)
{
    dew_blob *blob = out->error == 0 ? dew_frame_text(dew_buf_str(out)) : NULL;
    dew_buf_dispose(out);
    return blob;
}

void dew_frames_put_position(dew_buf *out, const char *name, dew_position at)
{
    dew_buf_putf(out, ",\"%s\":[\"%lld\",\"%lld\"]", name, (long long)at.commit, (long long)at.topic);
}

void dew_frames_put_hash(dew_buf *out, dew_value_hash hash)
{
    char hex[DEW_VALUE_HASH_LEN];
    dew_hash_value_hex(hash, hex);
    dew_buf_put_lit(out, ",\"hash\":\"");
    dew_buf_put(out, hex, sizeof hex);
    dew_buf_put_char(out, '"');
}

dew_blob *dew_frame_connected(const dew_session *session)
{
    const dew_live *live = session->worker->live;
    dew_str epoch = dew_topics_epoch(live->topics);
    dew_buf out;
    dew_buf_init(&out, 1024);
    dew_buf_put_lit(&out, "{\"type\":\"connected\",\"protocol\":1");
    if (session->build.len != 0)
        dew_buf_putf(&out, ",\"build\":\"%.*s\"", (int)session->build.len, session->build.ptr);
    dew_buf_putf(&out, ",\"commit\":\"%lld\",\"epoch\":\"%.*s\"", (long long)dew_live_present(live).commit,
                 (int)epoch.len, epoch.ptr);
    dew_buf_put_str(&out, session->is_replaced ? DEW_S(",\"replaced\":true}") : DEW_S("}"));
    return finish(&out);
}

dew_blob *dew_frame_error(const dew_error *error)
{
    dew_buf out;
    dew_buf_init(&out, 4096);
    dew_buf_put_lit(&out, "{\"type\":\"error\",");
    dew_json_put_failure(&out, error->code, error->message);
    dew_buf_put_char(&out, '}');
    return finish(&out);
}

dew_blob *dew_frame_refused(int32_t id, int code, const char *message)
{
    dew_buf out;
    dew_buf_init(&out, 4096);
    dew_buf_putf(&out, "{\"type\":\"subscribed\",\"id\":%d,\"error\":{", (int)id);
    dew_json_put_failure(&out, code, message);
    dew_buf_put_lit(&out, "}}");
    return finish(&out);
}

dew_blob *dew_frame_subscribed(const dew_subscription *subscription, const char *status, dew_position at,
                               bool with_value)
{
    const dew_live_state *state = &subscription->follower->state;
    dew_buf out;
    dew_buf_init(&out, DEW_SESSION_FRAME_MAX);
    dew_buf_putf(&out, "{\"type\":\"subscribed\",\"id\":%d,\"query\":\"%llu\",\"status\":\"%s\"", (int)subscription->id,
                 (unsigned long long)state->query, status);
    dew_frames_put_position(&out, "at", at);
    if (with_value) {
        dew_buf_put_lit(&out, ",\"value\":");
        dew_buf_put_str(&out, dew_blob_str(state->json));
        dew_frames_put_hash(&out, state->hash);
    }
    dew_buf_put_char(&out, '}');
    return finish(&out);
}

/* ---- steps ---- */

static void put_whole(dew_buf *out, const dew_live_state *state, int64_t to)
{
    dew_buf_putf(out, "{\"query\":\"%llu\"", (unsigned long long)state->query);
    dew_frames_put_position(out, "from", (dew_position){ 0, 0 });
    dew_frames_put_position(out, "to", (dew_position){ to, dew_max_i64(state->topic, state->at.topic) });
    dew_buf_put_lit(out, ",\"value\":");
    dew_buf_put_str(out, dew_blob_str(state->json));
    dew_frames_put_hash(out, state->hash);
    dew_buf_put_char(out, '}');
}

static void put_change(dew_buf *out, const dew_subscription *subscription, int64_t to)
{
    dew_live_stats *stats = &subscription->session->worker->stats;
    const dew_live_state *state = &subscription->follower->state;
    if (state->code != 0) {
        dew_buf_putf(out, "{\"query\":\"%llu\",\"error\":{", (unsigned long long)state->query);
        dew_json_put_failure(out, state->code, state->message);
        dew_buf_put_lit(out, "}}");
        return;
    }
    dew_blob *segments[DEW_RING_SEGMENTS_MAX];
    size_t most = state->json->len + 256; /* past it the whole is shorter */
    /* while a query fails, its subscribers' positions move on with their frames: no kept step fits them then */
    bool is_on_the_way = subscription->version != 0 && subscription->trouble == state->trouble;
    size_t count =
        is_on_the_way ? dew_ring_chain(state->ring, subscription->version, state->version, most, segments) : 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            dew_buf_put_char(out, ',');
        dew_buf_put_str(out, dew_blob_str(segments[i]));
        dew_blob_unref(segments[i]);
    }
    if (count == 0) {
        put_whole(out, state, to);
        stats->wholes++;
    }
}

static dew_blob *step_create(const dew_session *session, int64_t to)
{
    dew_buf out;
    bool is_first = true;
    dew_buf_init(&out, DEW_SESSION_FRAME_MAX);
    dew_buf_putf(&out, "{\"type\":\"frame\",\"to\":\"%lld\"", (long long)to);
    dew_list_each(link, &session->subscriptions) {
        const dew_subscription *subscription = dew_container_of(link, dew_subscription, of_session);
        if (subscription->follower == NULL || !dew_subscription_has_moved(subscription))
            continue;
        dew_buf_put_str(&out, is_first ? DEW_S(",\"changes\":[") : DEW_S(","));
        is_first = false;
        put_change(&out, subscription, to);
    }
    dew_buf_put_str(&out, is_first ? DEW_S("}") : DEW_S("]}"));
    return finish(&out);
}

/* What the bytes of a step depend on. */
static void put_key(dew_buf *key, const dew_session *session, int64_t to)
{
    dew_buf_put(key, &to, sizeof to);
    dew_list_each(link, &session->subscriptions) {
        const dew_subscription *subscription = dew_container_of(link, dew_subscription, of_session);
        if (subscription->follower == NULL || !dew_subscription_has_moved(subscription))
            continue;
        const dew_live_state *state = &subscription->follower->state;
        uint64_t part[] = { subscription->follower->number, subscription->version, state->version,
                            subscription->trouble,          state->trouble,        (uint64_t)state->topic };
        dew_buf_put(key, part, sizeof part);
    }
}

void dew_frames_forget(dew_frame_cache *cache)
{
    for (size_t i = 0; i < DEW_FRAMES_KEPT; i++) {
        free(cache->kept[i].key);
        dew_blob_unref(cache->kept[i].blob);
    }
    *cache = (dew_frame_cache){ 0 };
}

dew_blob *dew_frame_step(dew_session *session, int64_t to)
{
    dew_frame_cache *cache = &session->worker->frames;
    dew_buf key;
    dew_buf_init(&key, SIZE_MAX);
    put_key(&key, session, to);
    dew_blob *blob = NULL;
    for (size_t i = 0; i < DEW_FRAMES_KEPT && key.error == 0 && blob == NULL; i++)
        if (cache->kept[i].blob != NULL && cache->kept[i].key_len == key.len &&
            memcmp(cache->kept[i].key, key.ptr, key.len) == 0)
            blob = dew_blob_ref(cache->kept[i].blob);
    if (blob != NULL) {
        session->worker->stats.frame_bytes_shared += blob->len;
    } else if ((blob = step_create(session, to)) != NULL && key.error == 0) {
        size_t at = cache->next++ % DEW_FRAMES_KEPT;
        free(cache->kept[at].key);
        dew_blob_unref(cache->kept[at].blob);
        cache->kept[at].key = key.ptr;
        cache->kept[at].key_len = key.len;
        cache->kept[at].blob = dew_blob_ref(blob);
        key.ptr = NULL;
    }
    dew_buf_dispose(&key);
    return blob;
}
