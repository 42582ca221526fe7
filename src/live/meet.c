/* meet.c - a meeting: what a worker's sessions do when their queries do not come to stand at one commit by themselves.
 * Worker's thread.
 *
 * Under sustained writes each run at a home gives a value that is right at one commit alone, and two queries that the same
 * writes touch coincide only by chance. So the sessions' own worker reads them in one snapshot, once for all its sessions:
 *
 *     a session has missed its cut again and again (flush.c) ── dew_meeting_call ──→ opening ── on_opened ──→ gathering
 *     gathering ── every home has looked up to the snapshot's commit: sessions and guests are known, runs start ──→ running
 *     running ── the last run is back, or DEW_LIVE_LATE_MS have passed: the sessions step ──→ concluded
 *     concluded ── no run reads in the snapshot any more ──→ closed
 *
 * A guest is one query as of the snapshot's commit C: what its home says, if that is known to be right at C, else what a run
 * in the snapshot gives. To conclude is to show each follower as if its home had said just that, right at C alone, and to have
 * the sessions flushed as ever; then the followers are as before. What a session took from a run is a version that no home
 * knows (dew_subscription.is_met): the next step is whole again, and from no state that may lack a publish that this one had.
 *
 * One meeting at a time, so its sessions get on at the pace of its slowest run.
 *
 * Invariants: a session that was sent something of its own since the gathering takes no part, so that no guest is older than
 * what its client has; a follower is a guest while dew_follower.is_guest; one snapshot, so one reader, per worker. */
#include "live/session_internal.h"

#include <stdlib.h>

typedef struct dew_meeting {
    dew_live_worker *worker;
    dew_snapshot snapshot;
    enum { OPENING, GATHERING, RUNNING, CONCLUDED } stage;
    dew_link guests;
    dew_ring *ring;             /* empty: no kept step leads to what a run here gave */
    size_t run_count, running;  /* started; not yet back */
    int64_t opened_at_ms;
} dew_meeting;

typedef struct guest {
    dew_link link;
    dew_meeting *meeting;
    uint64_t follower;    /* its number: it may have gone */
    dew_live_state state; /* at the commit; version 0: not known. While the sessions step: the follower's own */
    uint64_t version;     /* given by a run: the state's; 0: the home's state */
    dew_value_hash hash;  /* likewise, as the next two */
    dew_position told;
    int64_t need;
    dew_run run;
    bool is_running;
} guest;

static guest *guest_at(dew_link *link)
{
    return dew_container_of(link, guest, link);
}

static void guest_free(guest *g)
{
    dew_list_unlink(&g->link);
    dew_live_state_dispose(&g->state);
    dew_result_unref(g->run.result);
    dew_asker_unref(g->run.asker);
    free(g);
}

static void meeting_free(dew_meeting *meeting)
{
    while (!dew_list_is_empty(&meeting->guests))
        guest_free(guest_at(meeting->guests.next));
    dew_ring_unref(meeting->ring);
    free(meeting);
}

/* Over: the next one not at once. */
static void leave(dew_meeting *meeting)
{
    dew_live_worker *worker = meeting->worker;
    worker->meeting = NULL;
    worker->next_meeting_ms = dew_live_now_ms(worker) + DEW_MEETING_GAP_MS;
    meeting_free(meeting);
}

/* ---- who comes ---- */

static bool is_apart(const dew_session *session)
{
    return session->misses >= DEW_MEETING_MISSES && !session->is_blocked && !session->is_closed;
}

/* Those that have no value, fail or are over come to no meeting: they hold up no session, or are looked up anew. */
static bool can_come(const dew_follower *follower)
{
    const dew_live_state *state = &follower->state;
    return follower->is_known && state->version != 0 && state->code == 0 && !state->is_over;
}

static bool is_right_at(const dew_live_worker *worker, const dew_follower *follower, int64_t commit)
{
    return follower->state.since <= commit && commit <= dew_follower_until(worker, follower);
}

/* Has every home said all that it has to say of the commits up to the snapshot's? */
static bool homes_have_looked(const dew_meeting *meeting)
{
    dew_live_worker *worker = meeting->worker;
    dew_list_each(waiting, &worker->waiting) {
        const dew_session *session = dew_container_of(waiting, dew_session, waiting);
        if (!is_apart(session))
            continue;
        dew_list_each(link, &session->subscriptions) {
            const dew_follower *follower = dew_container_of(link, dew_subscription, of_session)->follower;
            if (follower != NULL && worker->followers.watermarks[follower->home] < meeting->snapshot.commit)
                return false;
        }
    }
    return true;
}

static void on_run(dew_run *run);

static void start(guest *g, const dew_follower *follower)
{
    dew_meeting *meeting = g->meeting;
    dew_live_worker *worker = meeting->worker;
    const dew_live_env *env = worker->live->env;
    dew_str key = { (char *)(g + 1), follower->key.len };
    dew_key_parts parts = dew_results_key_parts(key);
    g->run = (dew_run){ .fn = follower->fn,
                        .shard = parts.shard,
                        .args_json = parts.args,
                        .asker = dew_asker_of_inputs(parts.inputs),
                        .snapshot = meeting->snapshot.handle,
                        .data = worker->live->data,
                        .topics = worker->live->topics,
                        .done = on_run,
                        .owner = g };
    dew_live_at(worker, DEW_LIVE_AT_RUN, key);
    if (g->run.asker == NULL || env->start(env->context, worker->index, &g->run) != 0)
        return; /* stays unknown: its sessions do not step this time */
    worker->stats.runs++;
    g->is_running = true;
    meeting->running++;
}

static void invite(dew_meeting *meeting, dew_follower *follower)
{
    if (follower->is_guest || !can_come(follower))
        return;
    guest *g = calloc(1, sizeof *g + follower->key.len);
    if (g == NULL)
        return;
    memcpy(g + 1, follower->key.ptr, follower->key.len);
    g->meeting = meeting;
    g->follower = follower->number;
    follower->is_guest = true;
    dew_list_push_back(&meeting->guests, &g->link);
    if (is_right_at(meeting->worker, follower, meeting->snapshot.commit)) {
        dew_live_state_copy(&g->state, &follower->state);
        g->state.until = meeting->snapshot.commit;
        return;
    }
    meeting->run_count++;
    start(g, follower);
}

/* The runs that this session asks for beyond those that are asked for already. */
static size_t runs_of(const dew_meeting *meeting, const dew_session *session)
{
    size_t count = 0;
    dew_list_each(link, &session->subscriptions) {
        const dew_follower *follower = dew_container_of(link, dew_subscription, of_session)->follower;
        count += follower != NULL && can_come(follower) && !follower->is_guest &&
                 !is_right_at(meeting->worker, follower, meeting->snapshot.commit);
    }
    return count;
}

static void gather(dew_meeting *meeting)
{
    meeting->stage = RUNNING;
    meeting->worker->stats.meetings++;
    dew_list_each(waiting, &meeting->worker->waiting) {
        dew_session *session = dew_container_of(waiting, dew_session, waiting);
        if (!is_apart(session) || meeting->run_count + runs_of(meeting, session) > DEW_MEETING_RUNS_MAX)
            continue;
        session->is_invited = true;
        dew_list_each(link, &session->subscriptions) {
            dew_follower *follower = dew_container_of(link, dew_subscription, of_session)->follower;
            if (follower != NULL)
                invite(meeting, follower);
        }
    }
}

/* ---- what they see ---- */

static void on_run(dew_run *run)
{
    guest *g = run->owner;
    dew_meeting *meeting = g->meeting;
    dew_live_worker *worker = meeting->worker;
    const dew_follower *follower = dew_follower_find(worker, g->follower);
    const dew_result *result = run->result;
    int64_t commit = meeting->snapshot.commit;
    g->is_running = false;
    meeting->running--;
    if (run->code == 0 && !run->input_missing && follower != NULL) {
        dew_topics *topics = worker->live->topics;
        g->state = (dew_live_state){ .query = follower->state.query,
                                     .ring = dew_ring_ref(meeting->ring),
                                     .version = dew_live_number(worker->live),
                                     .hash = result->hash,
                                     .json = dew_blob_ref(result->json),
                                     .at = { commit, dew_result_topic_since(result, topics) },
                                     .since = commit,
                                     .until = commit,
                                     .read = commit,
                                     .topic = result->topic };
        g->version = g->state.version;
        g->hash = result->hash;
        g->told = (dew_position){ commit, result->topic };
        g->need = result->topic_count > 0 ? dew_topics_now(topics) : 0;
    }
    dew_result_unref(run->result);
    run->result = NULL;
    dew_live_settle(worker);
}

/* Shows each follower as it was at the commit. */
static void swap_in(dew_meeting *meeting)
{
    dew_list_each(link, &meeting->guests) {
        guest *g = guest_at(link);
        dew_follower *follower = dew_follower_find(meeting->worker, g->follower);
        if (follower == NULL)
            continue;
        follower->is_guest = g->state.version != 0 && can_come(follower);
        if (!follower->is_guest)
            continue;
        dew_live_state own = follower->state;
        g->state.trouble = own.trouble;
        follower->state = g->state;
        g->state = own;
    }
}

/* Back to what the homes have said. */
static void swap_out(dew_meeting *meeting)
{
    dew_list_each(link, &meeting->guests) {
        guest *g = guest_at(link);
        dew_follower *follower = dew_follower_find(meeting->worker, g->follower);
        if (follower == NULL || !follower->is_guest)
            continue;
        follower->is_guest = false;
        dew_live_state seen = follower->state;
        follower->state = g->state;
        g->state = seen;
        dew_list_each(of, &follower->subscriptions) {
            dew_subscription *subscription = dew_container_of(of, dew_subscription, of_follower);
            if (g->version == 0 || subscription->version != g->version)
                continue;
            subscription->is_met = true;
            subscription->hash = g->hash;
            subscription->have = g->told;
            subscription->need = g->need;
        }
    }
}

/* The sessions step; what still runs is told to end, for nobody waits for it any more. */
static void conclude(dew_meeting *meeting)
{
    dew_live_worker *worker = meeting->worker;
    const dew_live_env *env = worker->live->env;
    meeting->stage = CONCLUDED;
    swap_in(meeting);
    dew_list_each_safe(link, &worker->waiting) {
        dew_session *session = dew_container_of(link, dew_session, waiting);
        if (!session->is_invited)
            continue;
        session->is_invited = false;
        if (session->cut >= meeting->snapshot.commit)
            continue;
        (void)dew_session_flush(session); /* stays in the line: its homes may have more to say */
        worker->stats.met += session->cut == meeting->snapshot.commit;
    }
    swap_out(meeting);
    dew_list_each(link, &meeting->guests) {
        guest *g = guest_at(link);
        if (!g->is_running)
            continue;
        g->run.is_cancelled = true;
        if (env->cancel != NULL)
            env->cancel(env->context, worker->index, &g->run);
    }
}

/* ---- its course ---- */

void dew_meeting_go_on(dew_live_worker *worker)
{
    dew_meeting *meeting = worker->meeting;
    if (meeting == NULL)
        return;
    if (meeting->stage == GATHERING && (homes_have_looked(meeting) || worker->is_stopping))
        gather(meeting);
    if (meeting->stage == RUNNING && (meeting->running == 0 || worker->is_stopping))
        conclude(meeting);
    if (meeting->stage != CONCLUDED || meeting->running > 0)
        return;
    worker->live->env->snapshot_close(worker->live->env->context, worker->index, &meeting->snapshot);
    leave(meeting);
}

static void on_opened(dew_snapshot *snapshot, int code)
{
    dew_meeting *meeting = dew_container_of(snapshot, dew_meeting, snapshot);
    dew_live_worker *worker = meeting->worker;
    if (code != 0) {
        leave(meeting);
        return;
    }
    meeting->stage = GATHERING;
    meeting->opened_at_ms = dew_live_now_ms(worker);
    dew_live_settle(worker);
}

void dew_meeting_call(dew_live_worker *worker)
{
    const dew_live_env *env = worker->live->env;
    if (worker->meeting != NULL || env->snapshot_open == NULL || worker->live->data == NULL || worker->is_stopping ||
        dew_live_now_ms(worker) < worker->next_meeting_ms)
        return;
    dew_meeting *meeting = calloc(1, sizeof *meeting);
    if (meeting == NULL)
        return;
    *meeting = (dew_meeting){ .worker = worker, .snapshot.opened = on_opened };
    dew_list_init(&meeting->guests);
    meeting->ring = dew_ring_create(worker->live->rings);
    worker->meeting = meeting;
    if (meeting->ring == NULL || env->snapshot_open(env->context, worker->index, &meeting->snapshot) != 0)
        leave(meeting);
}

void dew_meeting_tick(dew_live_worker *worker)
{
    dew_meeting *meeting = worker->meeting;
    bool is_open = meeting != NULL && (meeting->stage == GATHERING || meeting->stage == RUNNING);
    if (is_open && dew_live_now_ms(worker) - meeting->opened_at_ms >= DEW_LIVE_LATE_MS)
        conclude(meeting); /* with what there is */
}

void dew_meeting_end(dew_live_worker *worker)
{
    dew_meeting_go_on(worker);
}
