/* flush.c - moves a session from one cut to the next (design rule 5).
 *
 * Each query on the connection is known right at an interval of commits, since … until. The next cut B lies in all of
 * them, is not below the last cut, nor below what the client said it has. Then, in this order:
 *
 *   subscribed  for those that show something already: "current", or "changes" with the position where they stand
 *   frame       to B: one step for everything that has moved, those just subscribed among them
 *   subscribed  with the whole value at B, for those that show nothing yet, or nothing that leads on
 *
 * When that common commit does not come, meet.c finds one, and shows it to this file as if the homes had said it.
 *
 * so that all stands at one commit once every subscription is answered, and after each frame from then on. Whatever cannot be sent leaves the session as it
 * was before that message: nothing is advanced that was not taken. */
#include "live/session_internal.h"

typedef struct dew_plan {
    int64_t low, until; /* the cut lies here; until INT64_MAX: anywhere from low on */
    bool has_news;      /* something is to be said */
} dew_plan;

/* May the subscription take part in the next step? */
static bool is_ready(dew_subscription *subscription)
{
    dew_follower *follower = subscription->follower;
    if (follower == NULL || !follower->is_known || subscription->refusal != NULL)
        return false;
    bool says_error = subscription->is_announced && follower->state.code != 0;
    if (subscription->need > follower->state.topic && !says_error) {
        dew_follower_need(subscription->session->worker, follower, subscription->need);
        return false;
    }
    return true;
}

/* Where a client stands with what it has from a meeting. */
static dew_position met_at(const dew_subscription *subscription)
{
    return (dew_position){ dew_max_i64(subscription->have.commit, subscription->session->cut),
                           subscription->have.topic };
}

/* What the client has from a meeting is what its home says, at the same commit and from no later place: then it is the home's
 * version that the client has, and the home's next step fits. */
static void adopt(dew_subscription *subscription)
{
    const dew_follower *follower = subscription->follower;
    const dew_live_state *state = &follower->state;
    dew_position at = met_at(subscription);
    bool is_right =
        state->since <= at.commit && at.commit <= dew_follower_until(subscription->session->worker, follower);
    if (!is_right || state->code != 0 || subscription->trouble != state->trouble ||
        !dew_value_hash_eq(subscription->hash, state->hash) || !dew_position_covers(at, state->at))
        return;
    subscription->version = state->version;
    subscription->is_met = false;
}

/* Those whose query is over look it up anew; those that failed before they had a value are refused. */
static bool clear_ended(dew_session *session)
{
    dew_list_each_safe(link, &session->subscriptions) {
        dew_subscription *subscription = dew_container_of(link, dew_subscription, of_session);
        const dew_follower *follower = subscription->follower;
        if (subscription->refusal != NULL) {
            dew_error refusal = *subscription->refusal;
            dew_session_refuse(subscription, refusal.code, refusal.message);
        } else if (follower != NULL && follower->is_known && follower->state.is_over) {
            dew_session_resolve_again(subscription);
        } else if (follower != NULL && follower->is_known && follower->state.version == 0) {
            dew_session_refuse(subscription, follower->state.code, follower->state.message);
        }
        if (session->is_blocked || session->is_closed)
            return false;
    }
    return true;
}

static dew_plan plan_make(dew_session *session)
{
    dew_plan plan = { session->cut, INT64_MAX, false };
    dew_list_each(link, &session->subscriptions) {
        dew_subscription *subscription = dew_container_of(link, dew_subscription, of_session);
        if (!is_ready(subscription)) {
            if (subscription->is_moving || subscription->is_announced)
                plan.until = -1;
            continue;
        }
        if (subscription->is_met)
            adopt(subscription);
        plan.has_news |= !subscription->is_announced || dew_subscription_has_moved(subscription);
        if (subscription->follower->state.code != 0)
            continue; /* nobody knows: it holds up no one */
        plan.low = dew_max_i64(plan.low, subscription->follower->state.since);
        plan.until = dew_min_i64(plan.until, dew_follower_until(session->worker, subscription->follower));
        if (subscription->is_met || (!subscription->is_announced && subscription->has_value))
            plan.low = dew_max_i64(plan.low, subscription->have.commit);
    }
    return plan;
}

static bool announce(dew_subscription *subscription, const char *status, dew_position at, uint64_t version,
                     bool with_value)
{
    dew_session *session = subscription->session;
    const dew_live_state *state = &subscription->follower->state;
    if (!dew_session_put(session, dew_frame_subscribed(subscription, status, at, with_value)))
        return false;
    dew_live_at(session->worker, DEW_LIVE_AT_SUBSCRIBED, subscription->follower->key);
    subscription->is_announced = true;
    subscription->is_moving = subscription->is_met = false;
    subscription->need = 0;
    subscription->version = version;
    subscription->trouble = state->code == 0 ? state->trouble : 0;
    return true;
}

/* Where a subscriber who has the present value stands. A failing query's value is of old: the error follows. */
static dew_position place_at(const dew_live_state *state, int64_t cut)
{
    return (dew_position){ state->code == 0 ? dew_max_i64(cut, state->at.commit) : state->at.commit,
                           dew_max_i64(state->topic, state->at.topic) };
}

/* Takes up a subscription from what the client has; when there is no way from there, it has nothing. */
static bool resume(dew_subscription *subscription, int64_t cut)
{
    const dew_live_state *state = &subscription->follower->state;
    dew_position at = { 0, 0 };
    if (dew_value_hash_eq(subscription->hash, state->hash))
        return announce(subscription, "current", place_at(state, cut), state->version, false);
    uint64_t version = dew_ring_find(state->ring, subscription->hash, &at);
    if (version > state->version)
        version = 0; /* its home is ahead of what it has told us */
    /* a query that moves steps with the others: whole, from wherever it stands; so does one in error, whose value of old would
     * take back what the client has */
    bool is_ahead = state->code != 0 && !dew_position_covers(state->at, subscription->have);
    if (version == 0 && (subscription->is_moving || is_ahead))
        return announce(subscription, "changes", (dew_position){ 0, 0 }, 0, false);
    subscription->has_value = version != 0;
    if (version == 0)
        return true; /* gets the whole, after the step of the others */
    subscription->session->worker->stats.resumes++;
    return announce(subscription, "changes", at, version, false);
}

static bool announce_all(dew_session *session, int64_t cut, bool has_value)
{
    dew_list_each_safe(link, &session->subscriptions) {
        dew_subscription *subscription = dew_container_of(link, dew_subscription, of_session);
        if (subscription->is_announced || subscription->has_value != has_value || !is_ready(subscription))
            continue;
        const dew_live_state *state = &subscription->follower->state;
        bool taken = has_value ? resume(subscription, cut)
                               : announce(subscription, "value", place_at(state, cut), state->version, true);
        if (!taken)
            return false;
    }
    return true;
}

static bool step(dew_session *session, int64_t cut)
{
    bool is_due = session->owed != 0 && cut >= session->owed, has_moved = false;
    dew_list_each(link, &session->subscriptions) {
        const dew_subscription *subscription = dew_container_of(link, dew_subscription, of_session);
        has_moved |= subscription->follower != NULL && dew_subscription_has_moved(subscription);
    }
    if (!is_due && !has_moved)
        return true;
    dew_live_at(session->worker, DEW_LIVE_AT_FRAME, (dew_str){ "", 0 });
    if (!dew_session_put(session, dew_frame_step(session, cut)))
        return false;
    session->worker->stats.frames++;
    session->cut = cut;
    if (is_due)
        session->owed = 0;
    dew_list_each(link, &session->subscriptions) {
        dew_subscription *subscription = dew_container_of(link, dew_subscription, of_session);
        if (subscription->follower == NULL || !dew_subscription_has_moved(subscription))
            continue;
        const dew_live_state *state = &subscription->follower->state;
        subscription->trouble = state->trouble;
        if (state->code != 0)
            continue;
        subscription->version = state->version;
        subscription->is_met = false;
        subscription->need = 0;
    }
    return true;
}

/* A loader that depends on more than it reads may give another value for the place where the client stands since a meeting.
 * No step leads there: the whole is told anew. */
static void retell(dew_session *session, int64_t cut)
{
    dew_list_each(link, &session->subscriptions) {
        dew_subscription *subscription = dew_container_of(link, dew_subscription, of_session);
        const dew_live_state *state = subscription->follower != NULL ? &subscription->follower->state : NULL;
        if (!subscription->is_met || state->code != 0 || !dew_subscription_has_moved(subscription))
            continue;
        if (dew_position_covers(met_at(subscription),
                                (dew_position){ cut, dew_max_i64(state->topic, state->at.topic) }))
            subscription->is_announced = subscription->has_value = subscription->is_met = false;
    }
}

static void note_miss(dew_session *session, int64_t until)
{
    if (session->misses == 0 || until > session->missed_at)
        session->misses++;
    session->missed_at = until;
}

bool dew_session_flush(dew_session *session)
{
    if (session->is_closed || session->is_blocked || !session->is_connected)
        return true; /* marked again when that changes */
    if (!clear_ended(session))
        return true;
    dew_plan plan = plan_make(session);
    bool has_reached = plan.until == INT64_MAX;
    int64_t cut = has_reached ? dew_max_i64(plan.low, session->owed) : plan.until;
    if (plan.until < 0 || (!plan.has_news && session->owed != 0 && cut < session->owed))
        return false;
    if (!plan.has_news && session->owed == 0)
        return true;
    if (cut < plan.low) {
        note_miss(session, plan.until);
        return false; /* some query is not known there yet: its home will say */
    }
    session->misses = 0;
    session->is_invited = false;
    retell(session, cut);
    if (!announce_all(session, cut, true) || !step(session, cut) || !announce_all(session, cut, false) ||
        !step(session, cut)) /* the last for queries that fail: their value is followed by the error */
        return true;
    session->cut = dew_max_i64(session->cut, cut);
    return session->owed == 0;
}

void dew_sessions_flush(dew_live_worker *worker)
{
    dew_list_each_safe(link, &worker->waiting) {
        dew_session *session = dew_container_of(link, dew_session, waiting);
        if (dew_session_flush(session))
            dew_list_unlink(&session->waiting);
        else if (session->misses >= DEW_MEETING_MISSES)
            dew_meeting_call(worker);
    }
    dew_frames_forget(&worker->frames);
}

void dew_sessions_state(dew_follower *follower)
{
    dew_list_each(link, &follower->subscriptions) {
        dew_subscription *subscription = dew_container_of(link, dew_subscription, of_follower);
        if (!subscription->is_announced || follower->state.is_over || dew_subscription_has_moved(subscription))
            dew_session_mark(subscription->session);
    }
}
