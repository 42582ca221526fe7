/* home_internal.h - a live query at its home: shared by home.c (who watches, what was touched, when to run) and
 * query.c (what a run gave: compare, diff, encode, tell). */
#ifndef DEW_LIVE_HOME_INTERNAL_H
#define DEW_LIVE_HOME_INTERNAL_H

#include "live/live_internal.h"

/* One worker's interest. */
typedef struct dew_watcher {
    dew_link link;
    unsigned worker;
    uint64_t follower;
    dew_mail_slot slot;
    bool is_behind; /* could not be told (out of memory): told on a tick */
} dew_watcher;

/*            touched, or a watcher came while dirty           started
 *    clean ───────────────────────────────────────→ runnable ────────→ running ── failed ──→ failed ── retry, touched ──┐
 *      ↑ ↑                                             ↑ ↑ └─────────────┐ │                    (dew_home_tick)         │
 *      │ └── query_took: right now ────────────────────┼─┼───────────────┼─┘                                            │
 *      │     …: no longer, or touched meanwhile ───────┘ └───────────────┼──────────────────────────────────────────────┘
 *    A query that runs too long is told as in error meanwhile (mark_late); its state, not its place here, says so.
 *    idle (no watchers; not run; dropped after the grace period) ←── the last watcher left
 */
typedef struct dew_query {
    dew_link link; /* of home->runnable, ->failed or ->idle; none while clean or running */
    dew_link of_running; /* of home->running */
    dew_link watchers;
    dew_live_worker *worker;
    const dew_live_fn *fn;
    dew_asker *asker;      /* of the captured inputs */
    dew_str key, shard, args, inputs; /* stand behind the struct */
    dew_result *result;    /* the last that succeeded; NULL before */
    dew_live_state state;  /* what the watchers know */
    dew_index_entry *entries; /* where it stands in the indexes: reads, then topics */
    size_t read_count, topic_count;
    dew_run run;
    bool is_running, is_dirty, is_gone; /* gone: freed when its run comes back */
    int64_t needed;        /* a follower asked for this publish number */
    int64_t idle_since_ms, retry_at_ms, retry_ms, started_at_ms;
} dew_query;

/* ---- query.c ---- */
/* Takes a result (counted) as the query's newest: index, compare, encode, tell. 0, or why it could not. */
int dew_query_take(dew_query *query, dew_result *result) DEW_MUST_USE;
/* Tells every watcher the state. */
void dew_query_tell(dew_query *query);
void dew_query_tell_one(dew_query *query, dew_watcher *watcher);
/* Out of the indexes. */
void dew_query_forget_reads(dew_query *query);
/* Is it still right at the publish number that someone needs? If so the state says it. */
void dew_query_answer_need(dew_query *query);

#endif
