/* session_internal.h - a session's insides, shared by session.c (what a client says), flush.c (what it is sent and when) and
 * frames.c (the bytes). */
#ifndef DEW_LIVE_SESSION_INTERNAL_H
#define DEW_LIVE_SESSION_INTERNAL_H

#include "live/live_internal.h"
#include "live/session.h"

/*   subscribe ──→ resolving ──────────→ attached ─────────→ announced ──→ unsubscribe
 *                 (its inputs are found  (the follower's     (flush.c: frames
 *                  by a run, or known)    state is awaited)   keep it moving)
 *                     ↑                                          │
 *                     └──── the query is over: inputs changed ───┘   or failed before it had a value: refused */
typedef struct dew_subscription {
    dew_link of_session;
    dew_link of_follower;
    struct dew_session *session;
    dew_asker *asker;              /* the session's, at the address that was named; a reference */
    dew_admission admission;       /* may the client see it? admit.c */
    const dew_live_fn *fn;         /* NULL: not known yet */
    uint32_t round;                /* of questions: the last that this was part of */
    bool is_admitted;
    dew_follower *follower;        /* NULL: asked about, or resolving */
    struct dew_resolving *resolving;
    dew_error *refusal;            /* cannot be; to be said when the peer takes it, then it goes. Owned; NULL: none */
    int32_t id;
    bool is_announced;
    bool is_moving;                /* was announced, and finds its new query: the connection's cut waits for it */
    bool has_value;                /* the client shows something: `have` and `hash` say what */
    unsigned trouble;              /* of the state that the client was told */
    uint64_t version;              /* announced: what the client has; 0: unknown, to be sent whole */
    bool is_met;                   /* that is a value of a meeting, which no home knows: `have` and `hash` say which */
    int64_t need;                  /* what the client has may hold publishes up to here: it is led on from no less */
    dew_position have;
    dew_value_hash hash;
} dew_subscription;

/* A run is under way to find out what inputs the query reads for this client; or the client is not let in yet. */
typedef struct dew_resolving {
    dew_waiter waiter;
    dew_subscription *subscription;
    const dew_live_fn *fn;
    dew_str args; /* stands behind the struct */
} dew_resolving;

struct dew_session {
    dew_link link;    /* of worker->sessions */
    dew_link waiting; /* of worker->waiting */
    dew_live_worker *worker;
    const dew_session_peer *peer;
    void *connection;
    dew_asker *asker;
    dew_asker *located; /* at the address that a subscription named last: the next will name the same. NULL: none has */
    dew_str build;
    char client[65];
    uint8_t client_len;
    bool is_connected, is_closed;
    bool is_replaced; /* the client comes from a database that is no longer there */
    bool is_blocked;  /* the peer takes nothing until dew_session_writable */
    dew_link subscriptions;
    size_t subscription_count;
    int64_t cut;      /* what the client shows stands at this commit */
    int64_t owed;     /* a frame that reaches this one is due; 0: none */
    unsigned misses;  /* waits for a common commit of its queries, and they came back in vain so often */
    int64_t missed_at;/* the commit up to which all were known then */
    bool is_invited;  /* to the meeting under way; until a step of its own */
    uint32_t round;   /* of questions whether its subscriptions may be, admit.c */
    dew_subscription *asked_about; /* the one that is asked about again just now; NULL: none */
};

/* ---- session.c ---- */
void dew_session_mark(dew_session *session); /* something may be to be sent */
void dew_session_drop(dew_subscription *subscription);
/* The subscription cannot be: says why, and drops it, now or when the peer takes something again. */
void dew_session_refuse(dew_subscription *subscription, int code, const char *message);
/* Finds out which live query it is. Borrows from *ask. */
void dew_session_resolve(dew_subscription *subscription, const dew_ask *ask);
/* Copies the arguments; NULL when out of memory. */
dew_resolving *dew_resolving_create(dew_subscription *subscription, const dew_ask *ask) DEW_MUST_USE;
/* Leaves the follower, whose query is over, and looks the query up anew. */
void dew_session_resolve_again(dew_subscription *subscription);
/* Sends a blob (its reference is taken; NULL: out of memory). False: not taken; blocked or closed now. */
bool dew_session_put(dew_session *session, dew_blob *frame);
void dew_session_end(dew_session *session, int status, const char *reason);

/* ---- admit.c ---- */
/* Resolves the subscription once the peer lets it in. Borrows from *ask. */
void dew_session_admit(dew_subscription *subscription, const dew_ask *ask);
/* Asks about those that are left in this round. */
void dew_session_admit_go_on(dew_session *session);

/* ---- flush.c ---- */
/* Sends what can be sent. True: nothing is left to wait for. */
bool dew_session_flush(dew_session *session);

/* ---- frames.c: WebSocket frames ready to send; NULL when out of memory ---- */
dew_blob *dew_frame_text(dew_str json) DEW_MUST_USE;
dew_blob *dew_frame_connected(const dew_session *session) DEW_MUST_USE;
dew_blob *dew_frame_error(const dew_error *error) DEW_MUST_USE;
dew_blob *dew_frame_refused(int32_t id, int code, const char *message) DEW_MUST_USE;
dew_blob *dew_frame_subscribed(const dew_subscription *subscription, const char *status, dew_position at,
                               bool with_value) DEW_MUST_USE;
/* The step of a session to `to`: every announced subscription that has moved. Shared with sessions that make the same step. */
dew_blob *dew_frame_step(dew_session *session, int64_t to) DEW_MUST_USE;

/* Has the client something other than what there is? */
static inline bool dew_subscription_has_moved(const dew_subscription *subscription)
{
    const dew_live_state *state = &subscription->follower->state;
    if (!subscription->is_announced)
        return false;
    return subscription->trouble != state->trouble || (state->code == 0 && subscription->version != state->version);
}

#endif
