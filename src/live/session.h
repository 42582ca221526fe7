/* session.h - one client's connection: what it shows, and the frames that move it from one cut to the next.
 *
 * Messages are those of docs/protocol.md §3. The session parses what a client says, answers, and calls the peer for what is
 * not its own (calls, closing). It knows of each subscription the version that the client has; a frame is sent once every
 * query on the connection is known at one commit. Nothing is queued: a client that reads slowly is simply not moved on, and
 * later gets one step over all that it missed (kept changes, or the whole).
 *
 * Worker's thread. Functions may call peer->send, ->close, ->call, ->cancel; these must not call back into the session. */
#ifndef DEW_LIVE_SESSION_H
#define DEW_LIVE_SESSION_H

#include "live/results.h"

/* Subscriptions of one connection. */
#define DEW_SESSION_SUBSCRIPTIONS_MAX 1000
/* Longest message of a client. */
#define DEW_SESSION_MESSAGE_MAX (1u << 20)
/* Longest frame; a step that is longer goes out in none: the connection is closed with 1013. */
#define DEW_SESSION_FRAME_MAX (64u << 20)

typedef struct dew_session dew_session;

/* A call that the client makes; borrowed during peer->call. The answer is the application's, by dew_session_send. */
typedef struct dew_session_call {
    int32_t id;
    dew_str fn, args, schema, shard, client; /* args as sent, may be empty; shard as asked for: the owner's to refuse */
    dew_str fields;                          /* of a form, urlencoded, instead of args; ptr NULL: none */
    dew_str location;                        /* the address that the client shows; empty: not said */
    int64_t seq;                             /* 0: none */
    bool has_seq;
} dew_session_call;

/* Someone who waits to be let in; embedded. */
typedef struct dew_admission dew_admission;
struct dew_admission {
    void *under_way; /* the peer's; NULL: nothing is */
    void (*decided)(dew_admission *admission, const dew_error *refusal); /* NULL: may */
};

typedef struct dew_session_peer {
    /* A complete unmasked WebSocket text frame, header included; borrowed, take a reference to keep it. 0: taken. DEW_E_BUSY:
     * not taken, too much is queued; dew_session_writable is called once it has gone. DEW_E_CLOSED: over. */
    int (*send)(void *connection, dew_blob *frame);
    /* The connection shall close with this status. The session does nothing more; its owner destroys it. */
    void (*close)(void *connection, int status, const char *reason);
    void (*call)(void *connection, const dew_session_call *call);
    /* The asker (the session's, or one that this gave) at the address that the client says to show: a reference in *out,
     * perhaps to the same. 0, or why not. NULL: addresses mean nothing. */
    int (*locate)(void *connection, dew_asker *asker, dew_str location, dew_asker **out, dew_error *error);
    /* May the asker subscribe to this query, or go on to see it? 0: yes. 1: admission->decided follows, once, unless it is left.
     * Otherwise the code, with words in *refusal. args: canonical, borrowed during the call. NULL: everyone may. */
    int (*admit)(void *connection, const dew_live_fn *fn, dew_str args, dew_asker *asker, dew_admission *admission,
                 dew_error *refusal);
    void (*admit_leave)(void *connection, dew_admission *admission);
    /* The client no longer wants the call of this id, if it is under way; its answer is sent all the same. */
    void (*cancel)(void *connection, int32_t id);
} dew_session_peer;

/* `asker` (a reference is taken) answers for the connection: identity, cookies, headers of its upgrade. `peer` and `build`
 * are borrowed for the session's life. */
dew_session *dew_session_create(dew_live_worker *worker, const dew_session_peer *peer, void *connection,
                                dew_asker *asker, dew_str build) DEW_MUST_USE;
/* The connection is gone. Takes NULL. */
void dew_session_destroy(dew_session *session);

/* A text message arrived. */
void dew_session_message(dew_session *session, dew_str text);

/* The peer's queue has room again. */
void dew_session_writable(dew_session *session);

/* Asks the peer about every subscription anew (admit): those that may be no longer are refused. */
void dew_session_admit_again(dew_session *session);

/* A mutation of this connection was answered with this commit: a frame that reaches it is owed. */
void dew_session_owe(dew_session *session, int64_t commit);

/* Sends one message of the application (an answer to a call): a JSON object. 0, DEW_E_BUSY, DEW_E_CLOSED, DEW_E_NOMEM. */
int dew_session_send(dew_session *session, dew_str json) DEW_MUST_USE;

/* Has the client said who it is; what it called itself. Borrowed. */
bool dew_session_is_connected(const dew_session *session);
dew_str dew_session_client(const dew_session *session);

#endif
