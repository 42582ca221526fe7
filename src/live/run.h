/* run.h - one run of a loader: attempts until the value stands at one commit and no topic moved under it.
 *
 *     environment's start(run):   begin → the loader → settle ─ true: again ─┐        finish
 *                                   ↑                                        │          ↑
 *                                   └────────────────────────────────────────┘   false ─┘
 *
 * Each statement of a loader may read at a commit of its own. When they differ and a later write touched what was read, the
 * loader runs again, at most DEW_RUN_TRIES times, then in one transaction (design rule 1). A publish on a watched topic during
 * the run has it run again, at most DEW_RUN_TRIES times; then the older number stands, and the publish wakes the home.
 *
 * The run belongs to the worker; it ends in exactly one call of `done`, which frees it. */
#ifndef DEW_LIVE_RUN_H
#define DEW_LIVE_RUN_H

#include "live/result.h"

#define DEW_RUN_TRIES 3

typedef struct dew_run dew_run;
struct dew_run {
    /* set by its maker, borrowed by the environment until done */
    const dew_live_fn *fn;
    dew_str shard;
    dew_str args_json;      /* canonical */
    dew_asker *asker;       /* counted */
    void *snapshot;         /* the environment's open read transaction to read in; NULL: its own */
    bool is_first;          /* someone waits for it: the default time-out applies; live re-runs have none */
    const dew_live_data *data;
    dew_topics *topics;
    void (*done)(dew_run *run);
    void *owner;

    /* valid from begin on */
    dew_result *result;     /* the loader's out is result->value, its memory result->arena */
    const void *args;       /* typed, in result->arena */
    bool one_transaction;   /* this attempt: all statements in one */
    bool input_missing;     /* it asked for what the asker does not know: the result is nobody's */
    bool is_cancelled;      /* nobody waits any more: stop soon */
    dew_end cancelled_by;   /* why: the cause of the last who waited; DEW_END_NONE: as DEW_END_CLIENT_GONE */
    unsigned tries;
    int code;               /* set by settle */
    dew_error error;
    void *environment;      /* free for the environment */
};

/* Starts an attempt: empties the result, reads the topic number, parses the arguments. 0, or settle with this code. */
int dew_run_begin(dew_run *run) DEW_MUST_USE;

/* Before settle: what the loader asked (arena; sorted), did it ask for more than the asker knew, what it read (reads in
 * the result's arena or NULL, and the span of commits), and each topic that it watches (dew_topic_write's text). */
void dew_run_asked(dew_run *run, const dew_scope_input *inputs, bool missing);
void dew_run_read(dew_run *run, const void *reads, int64_t low, int64_t high);
int dew_run_watch(dew_run *run, dew_str topic) DEW_MUST_USE;

/* Ends an attempt that came back with `code` (run->error filled when not 0). True: run it again. */
bool dew_run_settle(dew_run *run, int code) DEW_MUST_USE;

/* Ends the run: calls run->done, after which it is gone. Worker's thread, not inside start. */
void dew_run_finish(dew_run *run);

#endif
