/* invoke.h - one call of a served function by name, whoever makes it: RPC, a form, a socket.
 *
 *     query      → the worker's results (live/results.h)
 *     mutation   → the shard's writer (sql/db.h), answered after the fsync
 *     action     → a fiber with a scope of its own
 *
 * The worker's thread. A caller that goes away leaves:
 *
 *     query      nobody waits for it any more; its loader runs on for others
 *     mutation   numbered (client, seq): goes on, its answer is kept for a resend. Not numbered: undone, unless it is
 *                committed already
 *     action     its scope ends: what it waits for says DEW_E_CANCELLED, and so does what it waits for later. Code that
 *                does not look runs on to its return as an orphan (scope/errand.h). So with its deadline: the caller has
 *                DEW_E_TIMEOUT at once
 *
 * One that cancels stays for the answer, which says what came of it: the value when it was too late, else DEW_E_CANCELLED. */
#ifndef DEW_APP_INVOKE_H
#define DEW_APP_INVOKE_H

#include "app/app_internal.h"

/* Longest name that a client may give itself. */
#define DEW_CLIENT_NAME_MAX 64
/* Longest arguments, as sent. */
#define DEW_CALL_ARGS_MAX ((size_t)1 << 20)

/* A call as it came; borrowed until app_invoke returns. */
typedef struct app_call {
    const dew_registered *entry;             /* instead of fn; NULL: by name */
    dew_str fn, args, schema, shard, client; /* args: JSON, empty: none; schema and client: empty when not given */
    dew_str fields;                          /* instead of args: of a form, urlencoded, as page/form.h has it; ptr NULL: none */
    dew_str location;                        /* the address that the caller shows; empty: none */
    const void *typed_args;                  /* instead of both: of fn's type; copied */
    int64_t seq;
    bool has_seq;
    bool is_inner;                           /* from a handler, which passes its failures on: they are not logged here */
} app_call;

/* What it came to; borrowed during `done`. */
typedef struct app_outcome {
    int code;            /* 0 or DEW_E_… */
    const char *message; /* fit for the visitor, when code is not 0 */
    dew_str value;       /* canonical JSON, when code is 0 */
    const void *typed;   /* a mutation's value, of its type; else NULL */
    int64_t commit;
} app_outcome;

typedef struct app_invocation app_invocation;
typedef void app_invoked_fn(void *owner, const app_outcome *outcome);

/* Starts the call. `done` is called once, never before this returns, unless the caller has left. `asker` answers for who
 * calls; a reference is taken. NULL when out of memory (done is not called). */
app_invocation *app_invoke(app_worker *worker, const app_call *call, dew_asker *asker, app_invoked_fn *done,
                           void *owner) DEW_MUST_USE;

/* Wants to hear no more. Not after `done`. Takes NULL. */
void app_invocation_leave(app_invocation *invocation);

/* Wants it done no more, but `done` is still called: a query is over at once, an action's scope ends (DEW_END_CLIENT_GONE),
 * a mutation that is not committed yet is undone, numbered or not. Not after `done`; twice is once. */
void app_invocation_cancel(app_invocation *invocation);

/* Queues a mutation's job with its function, handler and deadline; the rest of the job is the caller's. As dew_db_submit. Any
 * thread. */
int app_mutation_submit(dew_app *app, const dew_registered *entry, dew_job *job) DEW_MUST_USE;

#endif
