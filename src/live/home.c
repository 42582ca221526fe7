/* home.c - live queries at their home worker: who watches them, which commits and publishes touch them, when they run.
 *
 * Home's thread. Invariants:
 *   - a query stands in the indexes under what its `result` read, from the moment that this became its result;
 *   - it is dirty, running or failed whenever its result may be out of date: every commit up to `looked` and every publish
 *     heard has been matched against the index, and what came before the result was indexed was checked by stamps;
 *   - watchers hear of a state before the watermark that lies past it. */
#include "live/home_internal.h"

#include "base/copy.h"
#include "base/format.h"

#include <assert.h>
#include <stdlib.h>

int dew_home_init(dew_home *home, dew_live_worker *worker)
{
    const dew_live *live = worker->live;
    dew_map_init(&home->queries, DEW_LIVE_QUERIES_MAX, live->config.hash_key);
    dew_list_init(&home->runnable);
    dew_list_init(&home->idle);
    dew_list_init(&home->failed);
    dew_list_init(&home->running);
    home->topic_uses = calloc(DEW_TOPICS_BUCKETS, sizeof *home->topic_uses);
    home->looked = live->data != NULL ? live->data->commit_now(live->data->context) : 0;
    int failed = dew_index_init(&home->reads);
    if (dew_index_init(&home->topics) != 0 || home->topic_uses == NULL)
        failed = DEW_E_NOMEM;
    return failed;
}

/* ---- making and dropping queries ---- */

static void query_free(dew_query *query)
{
    dew_list_unlink(&query->link);
    dew_list_unlink(&query->of_running);
    dew_query_forget_reads(query);
    for (dew_link *link; (link = dew_list_pop_front(&query->watchers)) != NULL;) {
        dew_watcher *watcher = dew_container_of(link, dew_watcher, link);
        query->worker->home.watched[watcher->worker]--;
        free(watcher);
    }
    dew_live_state_dispose(&query->state);
    dew_result_unref(query->result);
    dew_asker_unref(query->asker);
    free(query);
}

/* Nobody waits for the run that is under way. */
static void run_cancel(dew_query *query)
{
    const dew_live_env *env = query->worker->live->env;
    query->run.is_cancelled = true;
    if (env->cancel != NULL)
        env->cancel(env->context, query->worker->index, &query->run);
}

/* Out of the home; freed now, or when its run comes back. */
static void query_drop(dew_query *query)
{
    dew_live_worker *worker = query->worker;
    if (query->is_gone)
        return;
    dew_map_remove(&worker->home.queries, query->key);
    dew_list_unlink(&query->link);
    query->is_gone = true;
    if (!query->is_running) {
        query_free(query);
        return;
    }
    run_cancel(query);
}

void dew_home_dispose(dew_live_worker *worker)
{
    dew_home *home = &worker->home;
    size_t cursor = 0;
    for (dew_map_slot *slot; (slot = dew_map_next(&home->queries, &cursor)) != NULL;) {
        dew_query *query = slot->value;
        query->is_gone = true;
        if (!query->is_running)
            query_free(query);
    }
    dew_map_dispose(&home->queries);
    dew_index_dispose(&home->reads);
    dew_index_dispose(&home->topics);
    free(home->topic_uses);
    home->topic_uses = NULL;
}

static void query_done(dew_run *run);

static dew_query *query_create(dew_live_worker *worker, const dew_mail *mail)
{
    dew_query *query =
        calloc(1, sizeof *query + mail->key.len + mail->shard.len + mail->args.len + mail->inputs.len + 4);
    if (query == NULL)
        return NULL;
    char *at = (char *)(query + 1);
    query->worker = worker;
    query->fn = mail->fn;
    query->key = dew_copy_text(&at, mail->key);
    query->shard = dew_copy_text(&at, mail->shard);
    query->args = dew_copy_text(&at, mail->args);
    query->inputs = dew_copy_text(&at, mail->inputs);
    dew_list_init(&query->watchers);
    query->asker = dew_asker_of_inputs(query->inputs);
    query->state.ring = dew_ring_create(worker->live->rings);
    query->state.query = dew_live_number(worker->live);
    query->is_dirty = true;
    query->retry_ms = DEW_LIVE_RETRY_FIRST_MS;
    query->run = (dew_run){ .fn = query->fn,
                            .shard = query->shard,
                            .args_json = query->args,
                            .asker = query->asker,
                            .data = worker->live->data,
                            .topics = worker->live->topics,
                            .done = query_done,
                            .owner = query };
    if (query->asker != NULL && query->state.ring != NULL && dew_map_put(&worker->home.queries, query->key, query) == 0)
        return query;
    query_free(query);
    return NULL;
}

/* ---- running ---- */

/* Has it run as soon as may be, if anyone cares. */
static void make_runnable(dew_query *query)
{
    query->is_dirty = true;
    if (query->is_running || query->is_gone || dew_list_is_empty(&query->watchers))
        return;
    dew_list_unlink(&query->link);
    dew_list_push_back(&query->worker->home.runnable, &query->link);
}

static void query_failed(dew_query *query, const dew_error *error)
{
    dew_live_state *state = &query->state;
    dew_error shown = dew_live_error_shown(query->worker, query->fn, error);
    state->code = shown.code;
    dew_format(state->message, sizeof state->message, "%s", shown.message);
    state->trouble++;
    query->is_dirty = true;
    query->retry_at_ms = dew_live_now_ms(query->worker) + query->retry_ms;
    query->retry_ms = dew_min_i64(query->retry_ms * 2, DEW_LIVE_RETRY_LAST_MS);
    if (!dew_list_is_empty(&query->watchers))
        dew_list_push_back(&query->worker->home.failed, &query->link);
    dew_query_tell(query);
}

/* Takes the result of a run, or one that was in memory. */
static void query_took(dew_query *query, dew_result *result)
{
    int failed = dew_query_take(query, result);
    if (failed != 0) {
        dew_error error;
        dew_error_set(&error, failed, "%s", dew_error_text(failed));
        query_failed(query, &error);
        return;
    }
    query->retry_ms = DEW_LIVE_RETRY_FIRST_MS;
    dew_ask ask = { query->fn, query->shard, query->args, query->asker, NULL };
    dew_results_put(query->worker, &ask, query->result); /* pages of this worker need not run it again */
    dew_query_tell(query);
    if (query->is_dirty || query->needed > query->state.topic)
        make_runnable(query);
}

static void query_done(dew_run *run)
{
    dew_query *query = run->owner;
    dew_live_worker *worker = query->worker;
    dew_result *result = run->result;
    run->result = NULL;
    query->is_running = false;
    dew_list_unlink(&query->of_running);
    dew_live_at(worker, DEW_LIVE_AT_RAN, query->key);
    if (query->is_gone) {
        dew_result_unref(result);
        query_free(query);
    } else if (run->input_missing) {
        dew_result_unref(result);
        query->state.is_over = true;
        dew_query_tell(query);
        query_drop(query);
    } else if (run->is_cancelled) {
        dew_result_unref(result);
        make_runnable(query); /* when somebody has come back meanwhile, or does */
    } else if (run->code != 0) {
        dew_result_unref(result);
        query_failed(query, &run->error);
    } else {
        query_took(query, result);
    }
    dew_live_settle(worker);
}

static int query_start(dew_query *query)
{
    dew_live_worker *worker = query->worker;
    dew_live_at(worker, DEW_LIVE_AT_RUN, query->key);
    query->run.is_first = query->state.version == 0;
    query->run.tries = 0;
    query->run.one_transaction = query->run.is_cancelled = false;
    int failed = worker->live->env->start(worker->live->env->context, worker->index, &query->run);
    if (failed != 0)
        return failed;
    worker->stats.runs++;
    query->is_running = true;
    query->is_dirty = false;
    query->started_at_ms = dew_live_now_ms(worker);
    dew_list_unlink(&query->link);
    dew_list_push_back(&worker->home.running, &query->of_running);
    return 0;
}

static void tell_watermark(dew_live_worker *worker, unsigned to)
{
    if (to == worker->index) {
        dew_followers_watermark(worker, to, worker->home.looked);
        return;
    }
    bool wake = false;
    dew_postbox_watermark(worker->live->workers[to].postbox, worker->index, worker->home.looked, &wake);
    dew_live_wake(worker->live, to, wake);
}

void dew_home_run(dew_live_worker *worker)
{
    dew_home *home = &worker->home;
    while (!dew_list_is_empty(&home->runnable) && !worker->is_stopping)
        if (query_start(dew_container_of(home->runnable.next, dew_query, link)) != 0)
            break; /* no room to run: a later turn */
    if (!home->has_looked)
        return;
    home->has_looked = false;
    for (unsigned to = 0; to < worker->live->config.workers; to++)
        if (home->watched[to] > 0)
            tell_watermark(worker, to);
}

/* ---- watchers ---- */

static dew_watcher *watcher_find(dew_query *query, unsigned worker, uint64_t follower)
{
    dew_list_each(link, &query->watchers) {
        dew_watcher *watcher = dew_container_of(link, dew_watcher, link);
        if (watcher->worker == worker && watcher->follower == follower)
            return watcher;
    }
    return NULL;
}

/* There is no query, and none can be made: the follower hears why. */
static void refuse(dew_live_worker *worker, const dew_mail *mail, int code)
{
    dew_live_state state = { .code = code, .trouble = 1 };
    dew_format(state.message, sizeof state.message, "%s", dew_error_text(code));
    dew_mail_slot slot = { NULL, 0 };
    bool wake = false;
    if (mail->from == worker->index)
        dew_follower_state(worker, mail->follower, &state);
    else if (dew_postbox_state(worker->live->workers[mail->from].postbox, &slot, worker->index, mail->follower, &state,
                               &wake) == 0)
        dew_live_wake(worker->live, mail->from, wake);
}

void dew_home_attach(dew_live_worker *worker, dew_mail *mail)
{
    dew_home *home = &worker->home;
    dew_live_at(worker, DEW_LIVE_AT_ATTACH, mail->key);
    dew_query *query = dew_map_get(&home->queries, mail->key);
    bool is_new = query == NULL;
    if (is_new && !worker->is_stopping)
        query = query_create(worker, mail);
    dew_watcher *watcher = query != NULL ? calloc(1, sizeof *watcher) : NULL;
    if (watcher == NULL) {
        refuse(worker, mail, home->queries.count >= DEW_LIVE_QUERIES_MAX ? DEW_E_LIMIT : DEW_E_NOMEM);
        if (is_new && query != NULL)
            query_drop(query);
        return;
    }
    *watcher = (dew_watcher){ .worker = mail->from, .follower = mail->follower };
    bool was_idle = dew_list_is_empty(&query->watchers);
    dew_list_push_back(&query->watchers, &watcher->link);
    home->watched[mail->from]++;
    if (was_idle)
        dew_list_unlink(&query->link);
    if (is_new) {
        dew_ask ask = { query->fn, query->shard, query->args, query->asker, NULL };
        dew_result *known = dew_results_find(worker, &ask);
        if (known != NULL)
            query_took(query, known);
    } else if (query->state.version != 0) {
        query->is_dirty |= query->result != NULL && dew_result_has_aged(query->result); /* it is asked for anew */
        dew_query_tell_one(query, watcher);
    }
    bool is_untold = query->state.version == 0 && query->state.code != 0; /* failed, and waits for its retry */
    if (query->is_dirty && !query->is_running && (query->link.next == NULL || is_untold))
        make_runnable(query);
    tell_watermark(worker, mail->from);
}

void dew_home_detach(dew_live_worker *worker, const dew_mail *mail)
{
    dew_query *query = dew_map_get(&worker->home.queries, mail->key);
    dew_watcher *watcher = query != NULL ? watcher_find(query, mail->from, mail->follower) : NULL;
    if (watcher == NULL)
        return; /* the query was over before */
    worker->home.watched[watcher->worker]--;
    dew_list_unlink(&watcher->link);
    free(watcher);
    if (!dew_list_is_empty(&query->watchers))
        return;
    if (query->state.version == 0) {
        query_drop(query); /* never had a value: nothing to come back to */
        return;
    }
    if (query->is_running)
        run_cancel(query);
    query->idle_since_ms = dew_live_now_ms(worker);
    dew_list_unlink(&query->link);
    dew_list_push_back(&worker->home.idle, &query->link);
}

void dew_home_need(dew_live_worker *worker, const dew_mail *mail)
{
    dew_query *query = dew_map_get(&worker->home.queries, mail->key);
    dew_watcher *watcher = query != NULL ? watcher_find(query, mail->from, mail->follower) : NULL;
    if (watcher == NULL)
        return;
    query->needed = dew_max_i64(query->needed, mail->topic);
    dew_query_answer_need(query);
    if (query->state.topic >= mail->topic)
        dew_query_tell_one(query, watcher);
    else if (!query->is_running && query->link.next == NULL)
        make_runnable(query);
}

/* ---- what changed ---- */

struct touch {
    dew_live_worker *worker;
    int64_t first, number; /* commits first…number, as a rule one; or a publish */
    const void *writes;    /* NULL: everything */
    dew_str topic;
};

/* From commit `number` on the value is not known. */
static void expire(dew_query *query, int64_t number)
{
    if (query->state.until >= number) {
        query->state.until = number - 1;
        dew_query_tell(query);
    }
    make_runnable(query);
}

static void touch_query(void *context, void *owner)
{
    const struct touch *touch = context;
    dew_query *query = owner;
    const dew_live_data *data = touch->worker->live->data;
    bool is_expired = query->state.until < touch->first;
    if (touch->number <= query->result->high || (is_expired && query->state.code == 0))
        return; /* read after it; or known to be out of date already (a failed one is tried again) */
    if (touch->writes != NULL && !data->touches(data->context, touch->writes, query->result->reads))
        return;
    touch->worker->stats.woken++;
    dew_live_at(touch->worker, DEW_LIVE_AT_TOUCHED, query->key);
    expire(query, dew_max_i64(touch->first, query->result->high + 1));
}

static void touch_bucket(void *context, uint64_t bucket)
{
    const struct touch *touch = context;
    dew_index_find(&touch->worker->home.reads, bucket, touch_query, context);
}

void dew_home_commit(dew_live_worker *worker, int64_t number, const void *writes)
{
    dew_home *home = &worker->home;
    const dew_live_data *data = worker->live->data;
    /* writes that are not known may be those of several commits */
    struct touch touch = {
        .worker = worker, .first = writes != NULL ? number : home->looked + 1, .number = number, .writes = writes
    };
    if (number <= home->looked)
        return;
    if (writes != NULL) {
        data->write_buckets(data->context, writes, touch_bucket, &touch);
        touch_bucket(&touch, DEW_BUCKET_ANY);
    } else {
        size_t cursor = 0;
        for (dew_map_slot *slot; (slot = dew_map_next(&home->queries, &cursor)) != NULL;) {
            dew_query *query = slot->value;
            if (query->result != NULL && query->result->reads != NULL)
                touch_query(&touch, query);
        }
    }
    home->looked = number;
    home->has_looked = true;
}

static void touch_topic(void *context, void *owner)
{
    const struct touch *touch = context;
    dew_query *query = owner;
    const dew_result *result = query->result;
    if (touch->number <= result->topic)
        return;
    for (size_t i = 0; i < result->topic_count; i++)
        if (dew_str_eq(result->topics[i], touch->topic)) {
            touch->worker->stats.woken++;
            dew_live_at(touch->worker, DEW_LIVE_AT_TOUCHED, query->key);
            make_runnable(query);
            return;
        }
}

void dew_home_topic(dew_live_worker *worker, dew_str topic, int64_t number)
{
    struct touch touch = { .worker = worker, .number = number, .topic = topic };
    dew_index_find(&worker->home.topics, dew_topics_bucket(topic), touch_topic, &touch);
}

/* ---- time ---- */

/* Nobody knows how long the run will take: whoever shows the query hears that it is in error, and goes on without it. One
 * whose value is still right holds up nobody. */
static void mark_late(dew_query *query)
{
    dew_live_state *state = &query->state;
    bool is_right = state->until == INT64_MAX && query->needed <= state->topic;
    if (state->version == 0 || state->code != 0 || is_right)
        return;
    state->code = DEW_E_TIMEOUT;
    dew_format(state->message, sizeof state->message, "%s", dew_error_text(DEW_E_TIMEOUT));
    state->trouble++;
    dew_query_tell(query);
}

bool dew_home_waits(const dew_live_worker *worker)
{
    const dew_home *home = &worker->home;
    return home->has_behind || !dew_list_is_empty(&home->idle) || !dew_list_is_empty(&home->failed) ||
           !dew_list_is_empty(&home->running) || !dew_list_is_empty(&home->runnable);
}

void dew_home_tick(dew_live_worker *worker)
{
    dew_home *home = &worker->home;
    int64_t now = dew_live_now_ms(worker);
    while (!dew_list_is_empty(&home->idle)) {
        dew_query *query = dew_container_of(home->idle.next, dew_query, link);
        if (now - query->idle_since_ms < worker->live->config.grace_ms)
            break;
        query_drop(query);
    }
    dew_list_each_safe(link, &home->failed) {
        dew_query *query = dew_container_of(link, dew_query, link);
        if (now >= query->retry_at_ms)
            make_runnable(query);
    }
    dew_list_each(link, &home->running) {
        dew_query *query = dew_container_of(link, dew_query, of_running);
        if (now - query->started_at_ms < DEW_LIVE_LATE_MS)
            break;
        mark_late(query);
    }
    if (!home->has_behind)
        return;
    home->has_behind = false;
    size_t cursor = 0;
    for (dew_map_slot *slot; (slot = dew_map_next(&home->queries, &cursor)) != NULL;) {
        dew_query *query = slot->value;
        dew_list_each_safe(link, &query->watchers)
            if (dew_container_of(link, dew_watcher, link)->is_behind)
                dew_query_tell_one(query, dew_container_of(link, dew_watcher, link));
    }
}
