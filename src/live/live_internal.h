/* live_internal.h - what the files of live/ share: the worker's parts, and how they call each other. No other room
 * includes this. Everything here runs on the worker's thread unless it says otherwise. */
#ifndef DEW_LIVE_LIVE_INTERNAL_H
#define DEW_LIVE_LIVE_INTERNAL_H

#include "base/map.h"
#include "live/index.h"
#include "live/live.h"
#include "live/postbox.h"
#include "live/results.h"
#include "live/ring.h"

/* ---- results.c ---- */
typedef struct dew_results {
    dew_map bases;   /* fn, shard, args → struct base */
    dew_map entries; /* and inputs → struct entry */
    dew_link used;   /* struct entry, least recently used first */
    size_t len, max_len;
} dew_results;

void dew_results_init(dew_results *results, size_t max_len, dew_hash_key key);
void dew_results_dispose(dew_results *results); /* no run may be under way */

/* ---- home.c ---- */
typedef struct dew_home {
    dew_map queries;      /* key → struct dew_query */
    dew_index reads;      /* bucket → queries */
    dew_index topics;     /* topic's hash → queries */
    uint16_t *topic_uses; /* per bucket of dew_topics: own index entries there, saturating */
    dew_link runnable;    /* dirty, watched, not running */
    dew_link idle;        /* without watchers, longest first */
    dew_link failed;      /* waiting for a retry */
    dew_link running;     /* dew_query.of_running; longest first */
    int64_t looked;       /* all commits up to here have been looked at */
    size_t watched[DEW_LIVE_WORKERS_MAX]; /* watchers per worker: who hears watermarks */
    bool has_behind;      /* some watcher could not be told */
    bool has_looked;      /* `looked` moved since the last watermark was told */
} dew_home;

int dew_home_init(dew_home *home, dew_live_worker *worker) DEW_MUST_USE;
void dew_home_dispose(dew_live_worker *worker);
void dew_home_attach(dew_live_worker *worker, dew_mail *mail); /* borrowed, like all mails here */
void dew_home_detach(dew_live_worker *worker, const dew_mail *mail);
void dew_home_need(dew_live_worker *worker, const dew_mail *mail);
void dew_home_commit(dew_live_worker *worker, int64_t number, const void *writes); /* writes NULL: everything */
void dew_home_topic(dew_live_worker *worker, dew_str topic, int64_t number);
/* One more (or fewer) here wants to know of publishes in the bucket. */
void dew_home_listen(dew_live_worker *worker, uint32_t bucket, bool on);
void dew_home_run(dew_live_worker *worker); /* starts what is runnable; tells watermarks */
void dew_home_tick(dew_live_worker *worker);
bool dew_home_waits(const dew_live_worker *worker); /* for time to pass: there is something for a later tick */

/* ---- follower.c ---- */
typedef struct dew_followers {
    dew_map by_key;
    dew_map by_number;
    uint64_t last_number;
    int64_t watermarks[DEW_LIVE_WORKERS_MAX];
} dew_followers;

/* A live query as its subscribers' worker knows it: what the home last said, and who shows it here. */
typedef struct dew_follower {
    uint64_t number;
    dew_str key;            /* stands behind the struct */
    const dew_live_fn *fn;
    unsigned home;
    bool is_known;          /* the home has spoken: state is valid */
    dew_live_state state;
    int64_t needed;         /* highest publish number asked for (dew_follower_need) */
    bool is_guest;          /* a meeting is finding out its value (meet.c) */
    dew_link subscriptions; /* dew_subscription.of_follower */
} dew_follower;

void dew_followers_init(dew_followers *followers, dew_hash_key key);
void dew_followers_dispose(dew_followers *followers);
/* Finds or makes the one for the key and tells its home. NULL when out of memory. */
dew_follower *dew_follower_open(dew_live_worker *worker, const dew_ask *ask, dew_str inputs) DEW_MUST_USE;
/* A subscription left: without any the follower goes. */
void dew_follower_release(dew_live_worker *worker, dew_follower *follower);
/* Has the home look at the query as of this publish. */
void dew_follower_need(dew_live_worker *worker, dew_follower *follower, int64_t topic);
/* NULL: it has gone. */
dew_follower *dew_follower_find(const dew_live_worker *worker, uint64_t number);
/* The home speaks. */
void dew_follower_state(dew_live_worker *worker, uint64_t number, const dew_live_state *state);
void dew_followers_watermark(dew_live_worker *worker, unsigned home, int64_t commit);
/* Up to which commit the value is known right. INT64_MAX: it read no table. */
int64_t dew_follower_until(const dew_live_worker *worker, const dew_follower *follower);

/* ---- flush.c ---- */
void dew_sessions_state(dew_follower *follower);  /* the follower's state is new */
void dew_sessions_flush(dew_live_worker *worker); /* sends what can be sent */

/* ---- listener.c ---- */
void dew_listeners_topic(dew_live_worker *worker, dew_str topic);

/* ---- meet.c ---- */
void dew_meeting_call(dew_live_worker *worker);  /* holds one, unless it is too early */
void dew_meeting_go_on(dew_live_worker *worker); /* does what can be done by now */
void dew_meeting_tick(dew_live_worker *worker);
void dew_meeting_end(dew_live_worker *worker); /* the worker stops: as soon as nothing reads in it */

/* ---- frames.c: frames of this flush, so that alike ones are made once ---- */
#define DEW_FRAMES_KEPT 16
typedef struct dew_frame_cache {
    struct {
        char *key;
        size_t key_len;
        dew_blob *blob;
    } kept[DEW_FRAMES_KEPT];
    unsigned next;
} dew_frame_cache;

void dew_frames_forget(dew_frame_cache *cache);
/* ,"name":["commit","topic"] and ,"hash":"…", as in docs/protocol.md §3. Appended. */
void dew_frames_put_position(dew_buf *out, const char *name, dew_position at);
void dew_frames_put_hash(dew_buf *out, dew_value_hash hash);

/* ---- live.c ---- */
struct dew_live_worker {
    dew_live *live;
    unsigned index;
    dew_postbox *postbox;
    dew_results results;
    dew_home home;
    dew_followers followers;
    dew_link sessions; /* all */
    dew_link waiting;  /* sessions that have something to send */
    size_t session_count;
    dew_frame_cache frames;
    struct dew_meeting *meeting; /* under way; NULL: none */
    int64_t next_meeting_ms;     /* not before */
    dew_live_stats stats;
    dew_link listeners; /* of listener.c */
    dew_link local;    /* mails to itself, read when what is under way is done */
    bool is_settling, is_stopping;
};

struct dew_live {
    dew_live_config config;
    const dew_live_env *env;
    const dew_live_data *data;
    dew_topics *topics;
    dew_ring_budget *rings;
    uint64_t last_version; /* atomic: of values, queries */
    dew_live_worker workers[];
};

static inline void dew_live_at(dew_live_worker *worker, dew_live_point point, dew_str about)
{
    if (__builtin_expect(worker->live->env->hook != NULL, 0))
        worker->live->env->hook(worker->live->env->context, worker->index, point, about);
}

static inline int64_t dew_live_now_ms(const dew_live_worker *worker)
{
    return worker->live->env->now_ms(worker->live->env->context);
}

/* Numbers that only grow, process-wide: versions of values, and live queries on the wire. Any thread. */
static inline uint64_t dew_live_number(dew_live *live)
{
    return __atomic_add_fetch(&live->last_version, 1, __ATOMIC_RELAXED);
}

/* What subscribers may read of a query's error. */
static inline dew_error dew_live_error_shown(const dew_live_worker *worker, const dew_live_fn *fn,
                                             const dew_error *error)
{
    const dew_live_env *env = worker->live->env;
    dew_error shown = *error;
    if (env->failed != NULL)
        env->failed(env->context, fn, &shown);
    return shown;
}

static inline void dew_live_wake(dew_live *live, unsigned to, bool wake)
{
    if (wake)
        live->env->wake(live->env->context, to);
}

/* The home of a key. */
unsigned dew_live_home_of(const dew_live *live, dew_str key);

/* Sends a mail; a worker's own are read in the same turn. */
void dew_live_post(dew_live_worker *worker, unsigned to, dew_mail *mail);

/* After a loader came back or a client spoke: everything that follows from it. */
void dew_live_settle(dew_live_worker *worker);

/* What readers can see now, and the last publish. */
dew_position dew_live_present(const dew_live *live);

#endif
