/* postbox.h - what other threads have for a worker: messages, commits, publishes. The only thing here that they touch.
 *
 * Three lanes under one lock, each bounded in its own way, so that nothing that must not be lost ever is:
 *   messages   from worker to worker; bounded by what they are about (one request or state under way per follower);
 *              a newer state of the same follower replaces the one that still lies here
 *   commits    from the writer: DEW_POSTBOX_COMMITS_MAX; past it they melt into one "up to N, everything may have changed"
 *   topics     from any thread: each topic once, DEW_POSTBOX_TOPICS_MAX; past it the publisher is told DEW_E_BUSY
 * and a row of watermarks, one per home worker.
 *
 * The lock guards all of it, is never held across a call out, and nobody holds two. Functions that return `true` in *wake
 * found the postbox asleep: the caller has the worker woken, once the lock is gone. */
#ifndef DEW_LIVE_POSTBOX_H
#define DEW_LIVE_POSTBOX_H

#include "base/list.h"
#include "live/result.h"
#include "live/ring.h"

#define DEW_POSTBOX_COMMITS_MAX 256
#define DEW_POSTBOX_TOPICS_MAX 4096

/* One commit, shared by all workers. */
typedef struct dew_commit {
    unsigned refs; /* atomic access only */
    int64_t number;
    void *writes;  /* see data.h; NULL: everything */
    const dew_live_data *data;
} dew_commit;

/* Takes `writes` (on success; NULL when out of memory, the caller still owns it). One reference. */
dew_commit *dew_commit_create(const dew_live_data *data, int64_t number, void *writes) DEW_MUST_USE;
dew_commit *dew_commit_ref(dew_commit *commit);
void dew_commit_unref(dew_commit *commit); /* takes NULL */

/* What a home says of a live query: everything a worker needs to serve its subscribers. Owns references. */
typedef struct dew_live_state {
    uint64_t query;       /* its number on the wire */
    dew_ring *ring;
    uint64_t version;     /* of the value; 0: there is none yet, and `code` says why */
    dew_value_hash hash;
    dew_blob *json;       /* canonical bytes of the value */
    dew_position at;      /* where the value came to be what it is */
    int64_t since, until; /* the value is right at the commits since…until; INT64_MAX: as far as the home has looked */
    int64_t read;         /* the value was read at this commit: right there whatever the watermark says */
    int64_t topic;        /* right at this publish number */
    unsigned trouble;     /* counts failed runs and their ends: changes when `code` does */
    int code;             /* of the last run */
    bool is_over;         /* no longer shared under this key: ask anew */
    char message[DEW_ERROR_MESSAGE_MAX];
} dew_live_state;

void dew_live_state_copy(dew_live_state *to, const dew_live_state *from); /* new references */
void dew_live_state_dispose(dew_live_state *state);

typedef enum dew_mail_kind {
    DEW_MAIL_ATTACH, /* follower → home: tell me of this query */
    DEW_MAIL_DETACH, /* follower → home: no more */
    DEW_MAIL_NEED,   /* follower → home: look at it as of publish `topic` */
    DEW_MAIL_STATE,  /* home → follower */
} dew_mail_kind;

typedef struct dew_mail {
    dew_link link;
    dew_mail_kind kind;
    unsigned from;        /* worker */
    uint64_t follower;    /* its number on the follower's worker */
    int64_t topic;        /* NEED */
    dew_live_state state; /* STATE */
    const dew_live_fn *fn;/* ATTACH */
    dew_str shard, args, inputs, key; /* ATTACH, DETACH and NEED have key alone; stand behind the struct */
} dew_mail;

/* A message with room for the texts behind it, filled in; NULL when out of memory. */
dew_mail *dew_mail_create(dew_mail_kind kind, unsigned from, uint64_t follower, dew_str key, dew_str shard,
                          dew_str args, dew_str inputs) DEW_MUST_USE;
void dew_mail_destroy(dew_mail *mail); /* takes NULL */

/* Where the sender of states remembers the one that may still lie there. Zeroed: none. */
typedef struct dew_mail_slot {
    dew_mail *mail;
    uint64_t round;
} dew_mail_slot;

/* A topic that was published. */
typedef struct dew_topic_mail {
    dew_link link;
    int64_t number; /* the newest publish */
    dew_str topic;  /* stands behind the struct */
} dew_topic_mail;

typedef struct dew_postbox dew_postbox;

dew_postbox *dew_postbox_create(dew_hash_key key) DEW_MUST_USE;
void dew_postbox_destroy(dew_postbox *box); /* takes NULL */

/* Any thread. Takes the mail. */
void dew_postbox_post(dew_postbox *box, dew_mail *mail, bool *wake);
/* One home's thread per slot: posts a copy of the state, or replaces the one that lies there. 0 or DEW_E_NOMEM. */
int dew_postbox_state(dew_postbox *box, dew_mail_slot *slot, unsigned from, uint64_t follower,
                      const dew_live_state *state, bool *wake) DEW_MUST_USE;
/* The home on worker `from` has looked at all commits up to `commit`. After the states that it posted before. */
void dew_postbox_watermark(dew_postbox *box, unsigned from, int64_t commit, bool *wake);
/* In the order of their numbers. Takes a reference of its own; commit NULL: `number`, everything. Never fails. */
void dew_postbox_commit(dew_postbox *box, dew_commit *commit, int64_t number, bool *wake);
/* 0, DEW_E_BUSY when full, DEW_E_NOMEM. */
int dew_postbox_topic(dew_postbox *box, dew_str topic, int64_t number, bool *wake) DEW_MUST_USE;

/* Everything that lay there; owned by the taker. */
typedef struct dew_mail_bag {
    dew_link mails;  /* dew_mail.link */
    dew_link topics; /* dew_topic_mail.link */
    dew_commit *commits[DEW_POSTBOX_COMMITS_MAX];
    size_t commit_count;
    int64_t everything; /* > 0: before `commits`, all commits up to this one, with unknown writes */
    uint64_t marked;    /* bits: workers whose watermark moved */
    int64_t watermarks[DEW_LIVE_WORKERS_MAX];
} dew_mail_bag;

/* Empties the postbox into the bag; false when there was nothing. The postbox is asleep afterwards. Its worker only. */
bool dew_postbox_take(dew_postbox *box, dew_mail_bag *bag);

#endif
