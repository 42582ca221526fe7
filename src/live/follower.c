/* follower.c - live queries as a subscribers' worker knows them: what the home last said. Worker's thread.
 *
 * A follower is named to its home by a number that is never used again, so that a word that comes after the follower has
 * gone finds nobody. Invariant: one follower per key, unless an older one is over and only being left. */
#include "live/live_internal.h"

#include <stdlib.h>

void dew_followers_init(dew_followers *followers, dew_hash_key key)
{
    dew_map_init(&followers->by_key, SIZE_MAX, key);
    dew_map_init(&followers->by_number, SIZE_MAX, key);
}

void dew_followers_dispose(dew_followers *followers)
{
    size_t cursor = 0;
    for (dew_map_slot *slot; (slot = dew_map_next(&followers->by_number, &cursor)) != NULL;) {
        dew_follower *follower = slot->value;
        dew_live_state_dispose(&follower->state);
        free(follower);
    }
    dew_map_dispose(&followers->by_key);
    dew_map_dispose(&followers->by_number);
}

static dew_str number_key(const uint64_t *number)
{
    return dew_str_make((const char *)number, sizeof *number);
}

static void forget(dew_followers *followers, dew_follower *follower)
{
    dew_map_remove(&followers->by_number, number_key(&follower->number));
    if (dew_map_get(&followers->by_key, follower->key) == follower)
        dew_map_remove(&followers->by_key, follower->key);
    dew_live_state_dispose(&follower->state);
    free(follower);
}

static dew_follower *follower_create(dew_live_worker *worker, const dew_ask *ask, dew_str key)
{
    dew_followers *followers = &worker->followers;
    dew_follower *follower = calloc(1, sizeof *follower + key.len);
    if (follower == NULL)
        return NULL;
    follower->number = ++followers->last_number;
    follower->key = dew_str_make(memcpy(follower + 1, key.ptr, key.len), key.len);
    follower->fn = ask->fn;
    follower->home = dew_live_home_of(worker->live, key);
    dew_list_init(&follower->subscriptions);
    if (dew_map_put(&followers->by_number, number_key(&follower->number), follower) == 0 &&
        dew_map_put(&followers->by_key, follower->key, follower) == 0)
        return follower;
    forget(followers, follower);
    return NULL;
}

dew_follower *dew_follower_open(dew_live_worker *worker, const dew_ask *ask, dew_str inputs)
{
    dew_buf key;
    dew_buf_init(&key, SIZE_MAX);
    dew_results_key(&key, ask->fn, ask->shard, ask->args, inputs);
    dew_follower *follower = key.error == 0 ? dew_map_get(&worker->followers.by_key, dew_buf_str(&key)) : NULL;
    if (follower == NULL && key.error == 0 && (follower = follower_create(worker, ask, dew_buf_str(&key))) != NULL) {
        dew_mail *mail = dew_mail_create(DEW_MAIL_ATTACH, worker->index, follower->number, follower->key, ask->shard,
                                         ask->args, inputs);
        if (mail != NULL) {
            mail->fn = ask->fn;
            dew_live_post(worker, follower->home, mail);
        } else {
            forget(&worker->followers, follower);
            follower = NULL;
        }
    }
    dew_buf_dispose(&key);
    return follower;
}

static dew_mail *mail_to_home(const dew_live_worker *worker, dew_mail_kind kind, const dew_follower *follower)
{
    dew_str none = { "", 0 };
    return dew_mail_create(kind, worker->index, follower->number, follower->key, none, none, none);
}

void dew_follower_release(dew_live_worker *worker, dew_follower *follower)
{
    if (!dew_list_is_empty(&follower->subscriptions))
        return;
    dew_mail *mail = mail_to_home(worker, DEW_MAIL_DETACH, follower);
    if (mail == NULL)
        return; /* stays, unused: found again, or left when memory is back */
    dew_live_post(worker, follower->home, mail);
    forget(&worker->followers, follower);
}

void dew_follower_need(dew_live_worker *worker, dew_follower *follower, int64_t topic)
{
    if (follower->needed >= topic)
        return;
    dew_mail *mail = mail_to_home(worker, DEW_MAIL_NEED, follower);
    if (mail == NULL)
        return; /* asked again at the next flush */
    follower->needed = topic;
    mail->topic = topic;
    dew_live_post(worker, follower->home, mail);
}

dew_follower *dew_follower_find(const dew_live_worker *worker, uint64_t number)
{
    return dew_map_get(&worker->followers.by_number, number_key(&number));
}

void dew_follower_state(dew_live_worker *worker, uint64_t number, const dew_live_state *state)
{
    dew_follower *follower = dew_follower_find(worker, number);
    if (follower == NULL)
        return;
    dew_live_state old = follower->state;
    dew_live_state_copy(&follower->state, state);
    dew_live_state_dispose(&old);
    follower->is_known = true;
    if (state->is_over && dew_map_get(&worker->followers.by_key, follower->key) == follower)
        dew_map_remove(&worker->followers.by_key, follower->key);
    dew_sessions_state(follower);
}

void dew_followers_watermark(dew_live_worker *worker, unsigned home, int64_t commit)
{
    worker->followers.watermarks[home] = dew_max_i64(worker->followers.watermarks[home], commit);
}

int64_t dew_follower_until(const dew_live_worker *worker, const dew_follower *follower)
{
    if (follower->state.until != INT64_MAX)
        return follower->state.until;
    return dew_max_i64(follower->state.read, worker->followers.watermarks[follower->home]);
}
