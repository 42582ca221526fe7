/* live.h - the live half of an application: results, live queries at their homes, subscriptions, topics.
 *
 * One dew_live per application, made before its workers start; one dew_live_worker per worker thread. The core is sans-I/O:
 * whatever it wants of the world goes through dew_live_env and dew_live_data, so a test runs many workers in one thread and
 * decides who moves next.
 *
 *     writer thread ── dew_live_commit ──┐        ┌── dew_live_publish ── any thread
 *                                        ↓        ↓
 *     worker:   postbox → dew_live_turn: homes mark what was touched, start runs, hear states; sessions send frames
 *     environment → dew_run_finish (a loader came back) · dew_session_message (a client spoke) · dew_live_tick (time passes)
 *
 * How a page, an RPC or a socket uses it: results.h (values for renders), cut.h (rule 1), session.h (subscriptions). */
#ifndef DEW_LIVE_LIVE_H
#define DEW_LIVE_LIVE_H

#include "live/data.h"
#include "live/result.h"
#include "live/run.h"

typedef struct dew_live dew_live;
typedef struct dew_live_worker dew_live_worker;

/* Where a test may look in, or stop the world. */
#define DEW_LIVE_POINTS(X)                                                                                            \
    X(CONNECT) X(SUBSCRIBE) X(RESOLVED) X(ATTACH) X(RUN) X(RAN) X(TOUCHED) X(STATE) X(SUBSCRIBED) X(FRAME)            \
    X(UNSUBSCRIBE) X(DISCONNECT)
#define DEW_LIVE_POINT_(name) DEW_LIVE_AT_##name,
typedef enum dew_live_point { DEW_LIVE_POINTS(DEW_LIVE_POINT_) } dew_live_point;
#undef DEW_LIVE_POINT_

/* One read transaction, open on one worker: what is read in it is read at one commit. Embedded by who asks for it. */
typedef struct dew_snapshot dew_snapshot;
struct dew_snapshot {
    /* Set by its maker. Once, not within snapshot_open: with 0 it is open, else not, and its memory is its maker's again. */
    void (*opened)(dew_snapshot *snapshot, int code);
    void *handle;      /* dew_run.snapshot of who reads in it; from `opened` until snapshot_close, as the next */
    int64_t commit;
    void *environment; /* free for the environment */
};

/* What live/ asks of its surroundings. Borrowed for the life of the dew_live; cancel, tend, the snapshots, hook
 * and failed may be NULL. */
typedef struct dew_live_env {
    void *context;
    /* The query of that name, or NULL (unknown, or not a query). Any worker. */
    const dew_live_fn *(*find)(void *context, dew_str name);
    /* Have worker `to` call dew_live_turn soon. Any thread; idempotent; never blocks, never fails. */
    void (*wake)(void *context, unsigned to);
    /* Milliseconds of a clock that does not go back. */
    int64_t (*now_ms)(void *context);
    /* Starts the run on this worker (run.h); comes back before the run begins. DEW_E_BUSY: tried again on a later tick. */
    int (*start)(void *context, unsigned worker, dew_run *run);
    /* Nobody waits for it any more (run->cancelled_by says why): let its loader end soon. It still finishes. */
    void (*cancel)(void *context, unsigned worker, dew_run *run);
    /* Have the worker call dew_live_tick about a second from now, unless it is to already. Worker's thread; never
     * fails. NULL: it is called now and then anyway. */
    void (*tend)(void *context, unsigned worker);
    /* Opens a snapshot on this worker, at most one at a time: `opened` follows. 0, or why it does not. NULL: there are none. */
    int (*snapshot_open)(void *context, unsigned worker, dew_snapshot *snapshot);
    /* It was opened, and no run reads in it any more. Its memory is its maker's again. */
    void (*snapshot_close)(void *context, unsigned worker, dew_snapshot *snapshot);
    /* Test hook (design: writes and publishes at every point); `about` is a query's key, an id, or empty. NULL in production. */
    void (*hook)(void *context, unsigned worker, dew_live_point point, dew_str about);
    /* A query failed: leaves in *error what its subscribers may read. NULL: all of it. */
    void (*failed)(void *context, const dew_live_fn *fn, dew_error *error);
} dew_live_env;

/* 0 takes the default. */
typedef struct dew_live_config {
    unsigned workers;       /* 1…DEW_LIVE_WORKERS_MAX */
    uint64_t epoch;         /* random per start; the database's, where there is one */
    dew_hash_key hash_key;  /* random per start */
    const dew_live_env *env;
    const dew_live_data *data; /* NULL: no database */
    size_t results_max_len; /* per worker, bytes: DEW_RESULTS_MAX_LEN */
    size_t ring_budget;     /* per application, bytes: DEW_RING_BUDGET */
    int64_t grace_ms;       /* a live query without subscribers is kept so long: DEW_LIVE_GRACE_MS */
} dew_live_config;

#define DEW_RESULTS_MAX_LEN (64u << 20)
#define DEW_LIVE_GRACE_MS 10000
/* Live queries of one home worker. Past it subscriptions are refused with DEW_E_LIMIT. */
#define DEW_LIVE_QUERIES_MAX (1u << 18)
/* Retry after a failed re-run: doubling from the first to the second. */
#define DEW_LIVE_RETRY_FIRST_MS 1000
#define DEW_LIVE_RETRY_LAST_MS 30000
/* A re-run that is under way for so long no longer holds up the other queries of a connection: its query is in error
 * (DEW_E_TIMEOUT) until it comes back. Seen on a tick. */
#define DEW_LIVE_LATE_MS 2000
/* Under sustained writes the queries of one connection may each be known at single commits that never coincide. Those of a
 * connection that has waited in vain so often are read together, in one snapshot (meet.c) … */
#define DEW_MEETING_MISSES 3
/* … on each worker so often at most … */
#define DEW_MEETING_GAP_MS 200
/* … by so many runs at most; connections whose queries do not fit in are left to a later meeting. One that shows more
 * queries than this that are all behind waits until the writes pause. */
#define DEW_MEETING_RUNS_MAX 256

/* The whole with all its workers. Caller destroys, once every worker thread has stopped and every run has finished. */
int dew_live_create(const dew_live_config *config, dew_live **out) DEW_MUST_USE;
void dew_live_destroy(dew_live *live); /* takes NULL */

/* Borrowed. */
dew_live_worker *dew_live_worker_at(dew_live *live, unsigned index);
dew_topics *dew_live_topics(dew_live *live);
unsigned dew_live_worker_index(const dew_live_worker *worker);
/* Is a position with this commit, of the epoch with these 16 hex digits, in the past of what is here? Any thread. */
bool dew_live_knows(const dew_live *live, dew_str epoch, int64_t commit);

const dew_live_data *dew_live_worker_data(const dew_live_worker *worker);
dew_live *dew_live_worker_live(const dew_live_worker *worker);

/* Commit `number` is visible; in order, once each, after its stamps were raised. Takes `writes` (NULL: everything). Never
 * blocks, never fails. One thread at a time (the writer). */
void dew_live_commit(dew_live *live, int64_t number, void *writes);

/* dew_publish. Any thread. 0, DEW_E_BUSY, DEW_E_INVALID, DEW_E_LIMIT, DEW_E_NOMEM. */
int dew_live_publish(dew_live *live, const dew_channel *channel, const void *key, dew_error *error) DEW_MUST_USE;

/* Does all there is to do: reads the postbox, starts runs, sends frames. When woken. The worker's thread. */
void dew_live_turn(dew_live_worker *worker);

/* Grace periods, retries, runs that are late. Once after each dew_live_env.tend; the worker's thread. */
void dew_live_tick(dew_live_worker *worker);

/* The worker stops: lets go of queries and results, forgets what waits. Sessions must be destroyed first. */
void dew_live_worker_stop(dew_live_worker *worker);

/* Counters, for tests and metrics. `meetings` that were held, and connections that have `met`: made a step at one. */
typedef struct dew_live_stats {
    uint64_t runs, woken, unchanged, changes, frames, frame_bytes_shared, wholes, resumes, meetings, met;
    size_t queries, followers, sessions, results, results_len;
} dew_live_stats;
dew_live_stats dew_live_worker_stats(const dew_live_worker *worker);

#endif
