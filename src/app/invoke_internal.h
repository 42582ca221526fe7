/* invoke_internal.h - an invocation's insides: shared by invoke.c (checks, queries, mutations, the end) and invoke_fiber.c (what
 * needs a fiber: actions, endpoints, and whatever stands behind guards). */
#ifndef DEW_APP_INVOKE_INTERNAL_H
#define DEW_APP_INVOKE_INTERNAL_H

#include "app/invoke.h"
#include "live/results.h"
#include "scope/errand.h"

struct app_invocation {
    app_worker *worker;
    const dew_registered *entry;
    dew_asker *asker;
    app_invoked_fn *done; /* NULL: the caller has left */
    void *owner;
    dew_arena arena; /* arguments; an action's memory */
    void *args;
    dew_error error;
    dew_str value;
    int64_t commit;
    dew_deferred finish;
    bool under_way; /* somebody will still call back */
    bool is_inner;

    dew_waiter waiter; /* query */
    dew_timer budget;  /* of one that waits: the time for the whole request */
    dew_result *result;
    dew_buf args_json;

    dew_errand errand; /* on a fiber, in its scope */
    bool has_scope;
    bool is_left, is_finished; /* left behind by its fiber's work, which frees it then; `finish` has run */
    dew_buf value_json;

    /* query or mutation behind guards */
    app_invocation *inner; /* NULL: not begun, or over */
    dew_str client;
    int64_t seq;
    bool has_seq, is_answered;

    dew_job job; /* mutation */
    dew_msg answered;
    bool has_job;
};

/* ---- invoke.c ---- */
/* It is over: `done` is called at the end of the turn, and the invocation freed. */
void app_invocation_finish(app_invocation *call);
void app_invocation_free(app_invocation *call);

/* ---- invoke_fiber.c ---- */
/* Goes on on a fiber, in a scope: through the guards, if any. */
void app_invocation_spawn(app_invocation *call);

#endif
