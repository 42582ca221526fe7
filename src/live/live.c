/* live.c - see live.h: the whole, its workers, and one worker's turn. */
#include "live/live_internal.h"

#include <assert.h>
#include <stdlib.h>

unsigned dew_live_home_of(const dew_live *live, dew_str key)
{
    return (unsigned)(dew_hash_keyed(live->config.hash_key, key.ptr, key.len) % live->config.workers);
}

dew_position dew_live_present(const dew_live *live)
{
    dew_position now = { 0, dew_topics_now(live->topics) };
    if (live->data != NULL)
        now.commit = live->data->commit_now(live->data->context);
    return now;
}

bool dew_live_knows(const dew_live *live, dew_str epoch, int64_t commit)
{
    dew_value_hash digits; /* as many as a hash has */
    if (live->data == NULL || dew_str_eq(epoch, dew_topics_epoch(live->topics)))
        return true; /* nothing that could be another; or read here, perhaps a moment before the number is told */
    return dew_hash_value_parse(epoch, &digits) &&
           live->data->knows(live->data->context, (uint64_t)digits.high << 32 | digits.low, commit);
}

/* ---- making and ending ---- */

static int worker_init(dew_live *live, unsigned index)
{
    dew_live_worker *worker = &live->workers[index];
    dew_hash_key key = live->config.hash_key;
    worker->live = live;
    worker->index = index;
    dew_list_init(&worker->sessions);
    dew_list_init(&worker->waiting);
    dew_list_init(&worker->listeners);
    dew_list_init(&worker->local);
    dew_results_init(&worker->results, live->config.results_max_len, key);
    dew_followers_init(&worker->followers, key);
    worker->postbox = dew_postbox_create(key);
    int failed = dew_home_init(&worker->home, worker);
    return worker->postbox != NULL ? failed : DEW_E_NOMEM;
}

int dew_live_create(const dew_live_config *config, dew_live **out)
{
    assert(config->workers >= 1 && config->workers <= DEW_LIVE_WORKERS_MAX);
    dew_live *live = calloc(1, sizeof *live + config->workers * sizeof live->workers[0]);
    if (live == NULL)
        return DEW_E_NOMEM;
    live->config = *config;
    if (config->results_max_len == 0)
        live->config.results_max_len = DEW_RESULTS_MAX_LEN;
    if (config->ring_budget == 0)
        live->config.ring_budget = DEW_RING_BUDGET;
    if (config->grace_ms == 0)
        live->config.grace_ms = DEW_LIVE_GRACE_MS;
    live->env = config->env;
    live->data = config->data;
    live->topics = dew_topics_create(config->epoch);
    live->rings = dew_ring_budget_create(live->config.ring_budget);
    int failed = live->topics == NULL || live->rings == NULL ? DEW_E_NOMEM : 0;
    for (unsigned i = 0; i < config->workers && failed == 0; i++)
        failed = worker_init(live, i);
    if (failed != 0)
        dew_live_destroy(live);
    else
        *out = live;
    return failed;
}

void dew_live_worker_stop(dew_live_worker *worker)
{
    assert(worker->session_count == 0);
    worker->is_stopping = true;
    dew_meeting_end(worker);
    for (dew_link *link; (link = dew_list_pop_front(&worker->local)) != NULL;)
        dew_mail_destroy(dew_container_of(link, dew_mail, link));
}

void dew_live_destroy(dew_live *live)
{
    if (live == NULL)
        return;
    for (unsigned i = 0; i < live->config.workers && live->workers[i].live != NULL; i++) {
        dew_live_worker *worker = &live->workers[i];
        dew_live_worker_stop(worker);
        assert(worker->meeting == NULL);
        dew_followers_dispose(&worker->followers);
        dew_home_dispose(worker);
        dew_results_dispose(&worker->results);
        dew_frames_forget(&worker->frames);
    }
    for (unsigned i = 0; i < live->config.workers; i++)
        dew_postbox_destroy(live->workers[i].postbox);
    dew_ring_budget_destroy(live->rings);
    dew_topics_destroy(live->topics);
    free(live);
}

dew_live_worker *dew_live_worker_at(dew_live *live, unsigned index)
{
    assert(index < live->config.workers);
    return &live->workers[index];
}

dew_topics *dew_live_topics(dew_live *live)
{
    return live->topics;
}

unsigned dew_live_worker_index(const dew_live_worker *worker)
{
    return worker->index;
}

const dew_live_data *dew_live_worker_data(const dew_live_worker *worker)
{
    return worker->live->data;
}

dew_live *dew_live_worker_live(const dew_live_worker *worker)
{
    return worker->live;
}

dew_live_stats dew_live_worker_stats(const dew_live_worker *worker)
{
    dew_live_stats stats = worker->stats;
    stats.queries = worker->home.queries.count;
    stats.followers = worker->followers.by_number.count;
    stats.sessions = worker->session_count;
    stats.results = worker->results.entries.count;
    stats.results_len = worker->results.len;
    return stats;
}

/* ---- from other threads ---- */

void dew_live_commit(dew_live *live, int64_t number, void *writes)
{
    dew_commit *commit = writes != NULL ? dew_commit_create(live->data, number, writes) : NULL;
    for (unsigned i = 0; i < live->config.workers; i++) {
        bool wake = false;
        dew_postbox_commit(live->workers[i].postbox, commit, number, &wake);
        dew_live_wake(live, i, wake);
    }
    if (commit == NULL && writes != NULL)
        live->data->writes_destroy(live->data->context, writes);
    dew_commit_unref(commit);
}

int dew_live_publish(dew_live *live, const dew_channel *channel, const void *key, dew_error *error)
{
    dew_buf topic;
    dew_buf_init(&topic, DEW_TOPIC_MAX + 1);
    int failed = dew_topic_write(&topic, channel, key, error);
    uint64_t workers = 0;
    int64_t number = failed == 0 ? dew_topics_publish(live->topics, dew_buf_str(&topic), &workers) : 0;
    for (unsigned i = 0; workers != 0; i++, workers >>= 1) {
        bool wake = false;
        if ((workers & 1) == 0)
            continue;
        int full = dew_postbox_topic(live->workers[i].postbox, dew_buf_str(&topic), number, &wake);
        dew_live_wake(live, i, wake);
        if (full != 0)
            failed = dew_error_set(error, full, "channel %s: too many topics wait: publish again later", channel->name);
    }
    dew_buf_dispose(&topic);
    return failed;
}

/* ---- a turn ---- */

void dew_live_post(dew_live_worker *worker, unsigned to, dew_mail *mail)
{
    bool wake = false;
    if (to == worker->index)
        dew_list_push_back(&worker->local, &mail->link);
    else
        dew_postbox_post(worker->live->workers[to].postbox, mail, &wake);
    dew_live_wake(worker->live, to, wake);
}

static void read_mail(dew_live_worker *worker, dew_mail *mail)
{
    switch (mail->kind) {
    case DEW_MAIL_ATTACH:
        dew_home_attach(worker, mail);
        break;
    case DEW_MAIL_DETACH:
        dew_home_detach(worker, mail);
        break;
    case DEW_MAIL_NEED:
        dew_home_need(worker, mail);
        break;
    case DEW_MAIL_STATE:
        dew_follower_state(worker, mail->follower, &mail->state);
        break;
    }
    dew_mail_destroy(mail);
}

static void read_bag(dew_live_worker *worker, dew_mail_bag *bag)
{
    for (dew_link *link; (link = dew_list_pop_front(&bag->mails)) != NULL;)
        read_mail(worker, dew_container_of(link, dew_mail, link));
    for (unsigned i = 0; bag->marked != 0; i++, bag->marked >>= 1)
        if (bag->marked & 1)
            dew_followers_watermark(worker, i, bag->watermarks[i]);
    if (bag->everything > 0)
        dew_home_commit(worker, bag->everything, NULL);
    for (size_t i = 0; i < bag->commit_count; i++) {
        dew_home_commit(worker, bag->commits[i]->number, bag->commits[i]->writes);
        dew_commit_unref(bag->commits[i]);
    }
    for (dew_link *link; (link = dew_list_pop_front(&bag->topics)) != NULL;) {
        dew_topic_mail *mail = dew_container_of(link, dew_topic_mail, link);
        dew_home_topic(worker, mail->topic, mail->number);
        dew_listeners_topic(worker, mail->topic);
        free(mail);
    }
}

void dew_live_settle(dew_live_worker *worker)
{
    if (worker->is_settling)
        return; /* the one under way goes on until nothing is left */
    worker->is_settling = true;
    do {
        for (dew_link *link; (link = dew_list_pop_front(&worker->local)) != NULL;)
            read_mail(worker, dew_container_of(link, dew_mail, link));
        dew_home_run(worker);
        dew_meeting_go_on(worker);
        dew_sessions_flush(worker);
    } while (!dew_list_is_empty(&worker->local));
    worker->is_settling = false;
    if (worker->live->env->tend != NULL && (worker->meeting != NULL || dew_home_waits(worker)))
        worker->live->env->tend(worker->live->env->context, worker->index);
}

void dew_live_turn(dew_live_worker *worker)
{
    dew_mail_bag bag;
    if (dew_postbox_take(worker->postbox, &bag))
        read_bag(worker, &bag);
    dew_live_settle(worker);
}

void dew_live_tick(dew_live_worker *worker)
{
    dew_home_tick(worker);
    dew_meeting_tick(worker);
    dew_live_settle(worker);
}
