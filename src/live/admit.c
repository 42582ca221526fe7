/* admit.c - who may see what a session subscribes to: the peer is asked before a subscription is looked up, and again later
 * (dew_session_admit_again). Worker's thread.
 *
 *     subscribe ──→ asked ── may ──→ resolving (session.c)
 *                     └── refused
 *     again: each subscription in turn, one question under way at a time; who may no longer is refused, and that is its end */
#include "live/session_internal.h"

#include "base/format.h"

#include <stdlib.h>

static void refuse(dew_subscription *subscription, const dew_live_fn *fn, const dew_error *refusal)
{
    dew_error shown = dew_live_error_shown(subscription->session->worker, fn, refusal);
    dew_session_refuse(subscription, shown.code, shown.message);
}

/* ---- the first time ---- */

static void let_in(dew_subscription *subscription, const dew_ask *ask)
{
    subscription->is_admitted = true;
    subscription->round = subscription->session->round;
    dew_session_resolve(subscription, ask);
}

static void decided(dew_admission *admission, const dew_error *refusal)
{
    dew_subscription *subscription = dew_container_of(admission, dew_subscription, admission);
    dew_session *session = subscription->session;
    dew_resolving *resolving = subscription->resolving;
    if (subscription->is_admitted) {
        session->asked_about = NULL;
        if (refusal != NULL)
            refuse(subscription, subscription->fn, refusal);
        dew_session_admit_go_on(session);
    } else {
        subscription->resolving = NULL;
        dew_ask ask = { resolving->fn, { "", 0 }, resolving->args, subscription->asker, NULL };
        if (refusal == NULL)
            let_in(subscription, &ask);
        else
            refuse(subscription, resolving->fn, refusal);
        free(resolving);
    }
    dew_live_settle(session->worker);
}

void dew_session_admit(dew_subscription *subscription, const dew_ask *ask)
{
    dew_session *session = subscription->session;
    const dew_session_peer *peer = session->peer;
    dew_error refusal = { 0 };
    subscription->admission.decided = decided;
    subscription->fn = ask->fn;
    int code = peer->admit == NULL ? 0
                                   : peer->admit(session->connection, ask->fn, ask->args, ask->asker,
                                                 &subscription->admission, &refusal);
    if (code == 0) {
        let_in(subscription, ask);
    } else if (code < 0) {
        refuse(subscription, ask->fn, &refusal);
    } else {
        subscription->resolving = dew_resolving_create(subscription, ask);
        if (subscription->resolving == NULL)
            dew_session_refuse(subscription, DEW_E_NOMEM, dew_error_text(DEW_E_NOMEM));
    }
}

/* ---- again ---- */

/* One that has not been asked about in this round; NULL: none. */
static dew_subscription *next_of(const dew_session *session)
{
    dew_list_each(link, &session->subscriptions) {
        dew_subscription *subscription = dew_container_of(link, dew_subscription, of_session);
        if (subscription->is_admitted && subscription->follower != NULL && subscription->round != session->round &&
            subscription->refusal == NULL)
            return subscription;
    }
    return NULL;
}

void dew_session_admit_go_on(dew_session *session)
{
    for (dew_subscription *s; !session->is_closed && session->asked_about == NULL && (s = next_of(session)) != NULL;) {
        dew_error refusal = { 0 };
        s->round = session->round;
        int code = session->peer->admit(session->connection, s->fn, dew_results_key_parts(s->follower->key).args,
                                        s->asker, &s->admission, &refusal);
        if (code == 1) {
            session->asked_about = s; /* on from `decided` */
            return;
        }
        if (code < 0)
            refuse(s, s->fn, &refusal);
    }
    dew_session_mark(session); /* who has gone may have held up the others */
}

void dew_session_admit_again(dew_session *session)
{
    if (session->peer->admit == NULL)
        return;
    if (session->asked_about == NULL && next_of(session) == NULL)
        session->round++; /* else the last round goes on */
    dew_session_admit_go_on(session);
    dew_live_settle(session->worker);
}
