/* postbox.c - see postbox.h. Any thread, but for dew_postbox_take.
 *
 * `round` counts takings: a slot that was filled in this round still lies here, so its content may be replaced. */
#include "live/postbox.h"

#include "base/copy.h"
#include "base/map.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct dew_postbox {
    pthread_mutex_t lock; /* guards everything below; a leaf */
    bool is_awake;        /* something lies here and its worker was told */
    uint64_t round;
    dew_link mails, topics;
    dew_map topic_map;    /* topic → dew_topic_mail */
    dew_commit *commits[DEW_POSTBOX_COMMITS_MAX];
    size_t commit_count;
    int64_t everything;
    uint64_t marked;
    int64_t watermarks[DEW_LIVE_WORKERS_MAX];
};

/* ---- commits ---- */

dew_commit *dew_commit_create(const dew_live_data *data, int64_t number, void *writes)
{
    dew_commit *commit = malloc(sizeof *commit);
    if (commit != NULL)
        *commit = (dew_commit){ 1, number, writes, data };
    return commit;
}

dew_commit *dew_commit_ref(dew_commit *commit)
{
    __atomic_fetch_add(&commit->refs, 1, __ATOMIC_RELAXED);
    return commit;
}

void dew_commit_unref(dew_commit *commit)
{
    if (commit == NULL || __atomic_fetch_sub(&commit->refs, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    if (commit->writes != NULL)
        commit->data->writes_destroy(commit->data->context, commit->writes);
    free(commit);
}

/* ---- states ---- */

void dew_live_state_copy(dew_live_state *to, const dew_live_state *from)
{
    *to = *from;
    if (to->ring != NULL)
        dew_ring_ref(to->ring);
    if (to->json != NULL)
        dew_blob_ref(to->json);
}

void dew_live_state_dispose(dew_live_state *state)
{
    dew_ring_unref(state->ring);
    dew_blob_unref(state->json);
    *state = (dew_live_state){ 0 };
}

/* ---- mails ---- */

dew_mail *dew_mail_create(dew_mail_kind kind, unsigned from, uint64_t follower, dew_str key, dew_str shard,
                          dew_str args, dew_str inputs)
{
    dew_mail *mail = malloc(sizeof *mail + key.len + shard.len + args.len + inputs.len + 4);
    if (mail == NULL)
        return NULL;
    *mail = (dew_mail){ .kind = kind, .from = from, .follower = follower };
    char *at = (char *)(mail + 1);
    mail->key = dew_copy_text(&at, key);
    mail->shard = dew_copy_text(&at, shard);
    mail->args = dew_copy_text(&at, args);
    mail->inputs = dew_copy_text(&at, inputs);
    return mail;
}

void dew_mail_destroy(dew_mail *mail)
{
    if (mail == NULL)
        return;
    dew_live_state_dispose(&mail->state);
    free(mail);
}

/* ---- the box ---- */

dew_postbox *dew_postbox_create(dew_hash_key key)
{
    dew_postbox *box = calloc(1, sizeof *box);
    if (box == NULL)
        return NULL;
    pthread_mutex_init(&box->lock, NULL);
    dew_list_init(&box->mails);
    dew_list_init(&box->topics);
    dew_map_init(&box->topic_map, DEW_POSTBOX_TOPICS_MAX, key);
    box->round = 1;
    return box;
}

void dew_postbox_destroy(dew_postbox *box)
{
    if (box == NULL)
        return;
    for (dew_link *link; (link = dew_list_pop_front(&box->mails)) != NULL;)
        dew_mail_destroy(dew_container_of(link, dew_mail, link));
    for (dew_link *link; (link = dew_list_pop_front(&box->topics)) != NULL;)
        free(dew_container_of(link, dew_topic_mail, link));
    for (size_t i = 0; i < box->commit_count; i++)
        dew_commit_unref(box->commits[i]);
    dew_map_dispose(&box->topic_map);
    pthread_mutex_destroy(&box->lock);
    free(box);
}

/* Under the lock: something was put in. */
static bool is_to_wake(dew_postbox *box)
{
    bool asleep = !box->is_awake;
    box->is_awake = true;
    return asleep;
}

void dew_postbox_post(dew_postbox *box, dew_mail *mail, bool *wake)
{
    pthread_mutex_lock(&box->lock);
    dew_list_push_back(&box->mails, &mail->link);
    *wake = is_to_wake(box);
    pthread_mutex_unlock(&box->lock);
}

int dew_postbox_state(dew_postbox *box, dew_mail_slot *slot, unsigned from, uint64_t follower,
                      const dew_live_state *state, bool *wake)
{
    dew_str none = { "", 0 };
    dew_live_state old = { 0 };
    dew_mail *fresh = NULL;
    for (;;) {
        pthread_mutex_lock(&box->lock);
        bool lies_here = slot->mail != NULL && slot->round == box->round;
        if (lies_here || fresh != NULL)
            break;
        pthread_mutex_unlock(&box->lock);
        fresh = dew_mail_create(DEW_MAIL_STATE, from, follower, none, none, none, none);
        if (fresh == NULL)
            return DEW_E_NOMEM;
    }
    if (slot->mail != NULL && slot->round == box->round) {
        old = slot->mail->state;
        dew_live_state_copy(&slot->mail->state, state);
    } else {
        dew_live_state_copy(&fresh->state, state);
        dew_list_push_back(&box->mails, &fresh->link);
        *slot = (dew_mail_slot){ fresh, box->round };
        fresh = NULL;
    }
    *wake = is_to_wake(box);
    pthread_mutex_unlock(&box->lock);
    dew_live_state_dispose(&old); /* takes the ring's lock: not under ours */
    dew_mail_destroy(fresh);
    return 0;
}

void dew_postbox_watermark(dew_postbox *box, unsigned from, int64_t commit, bool *wake)
{
    pthread_mutex_lock(&box->lock);
    box->watermarks[from] = commit;
    box->marked |= UINT64_C(1) << from;
    *wake = is_to_wake(box);
    pthread_mutex_unlock(&box->lock);
}

void dew_postbox_commit(dew_postbox *box, dew_commit *commit, int64_t number, bool *wake)
{
    dew_commit *dropped[DEW_POSTBOX_COMMITS_MAX];
    size_t dropped_count = 0;
    pthread_mutex_lock(&box->lock);
    if (commit == NULL || box->commit_count == DEW_POSTBOX_COMMITS_MAX) {
        dropped_count = box->commit_count;
        memcpy(dropped, box->commits, dropped_count * sizeof *dropped);
        box->commit_count = 0;
        box->everything = number;
    } else {
        box->commits[box->commit_count++] = dew_commit_ref(commit);
    }
    *wake = is_to_wake(box);
    pthread_mutex_unlock(&box->lock);
    for (size_t i = 0; i < dropped_count; i++)
        dew_commit_unref(dropped[i]);
}

static int add_topic(dew_postbox *box, dew_str topic, int64_t number)
{
    if (box->topic_map.count >= DEW_POSTBOX_TOPICS_MAX)
        return DEW_E_BUSY;
    dew_topic_mail *mail = malloc(sizeof *mail + topic.len + 1);
    if (mail == NULL)
        return DEW_E_NOMEM;
    char *at = (char *)(mail + 1);
    *mail = (dew_topic_mail){ .number = number, .topic = dew_copy_text(&at, topic) };
    int failed = dew_map_put(&box->topic_map, mail->topic, mail);
    if (failed != 0) {
        free(mail);
        return failed;
    }
    dew_list_push_back(&box->topics, &mail->link);
    return 0;
}

int dew_postbox_topic(dew_postbox *box, dew_str topic, int64_t number, bool *wake)
{
    int failed = 0;
    pthread_mutex_lock(&box->lock);
    dew_topic_mail *mail = dew_map_get(&box->topic_map, topic);
    if (mail != NULL)
        mail->number = dew_max_i64(mail->number, number);
    else
        failed = add_topic(box, topic, number);
    *wake = failed == 0 && is_to_wake(box);
    pthread_mutex_unlock(&box->lock);
    return failed;
}

static void move_list(dew_link *to, dew_link *from)
{
    dew_list_init(to);
    if (dew_list_is_empty(from))
        return;
    *to = *from;
    to->next->prev = to;
    to->prev->next = to;
    dew_list_init(from);
}

/* The map keeps its memory: a burst comes again. */
static void forget_topics(dew_map *map)
{
    if (map->count == 0)
        return;
    memset(map->slots, 0, map->cap * sizeof *map->slots);
    map->count = 0;
}

bool dew_postbox_take(dew_postbox *box, dew_mail_bag *bag)
{
    pthread_mutex_lock(&box->lock);
    bool something = box->is_awake;
    if (something) {
        move_list(&bag->mails, &box->mails);
        move_list(&bag->topics, &box->topics);
        forget_topics(&box->topic_map);
        memcpy(bag->commits, box->commits, box->commit_count * sizeof *bag->commits);
        bag->commit_count = box->commit_count;
        bag->everything = box->everything;
        bag->marked = box->marked;
        memcpy(bag->watermarks, box->watermarks, sizeof bag->watermarks);
        box->commit_count = 0;
        box->everything = 0;
        box->marked = 0;
        box->round++;
        box->is_awake = false;
    }
    pthread_mutex_unlock(&box->lock);
    return something;
}
