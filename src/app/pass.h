/* pass.h - one request on its way through guards, on a fiber and in a scope of its own (app/guards.h): for those who wait for
 * the outcome without being on a fiber. Embedded by its owner. The worker's thread. */
#ifndef DEW_APP_PASS_H
#define DEW_APP_PASS_H

#include "app/app_internal.h"

typedef struct app_pass app_pass;
struct app_pass {
    /* set by the owner, borrowed until done */
    app_worker *worker;
    dew_asker *asker;
    const app_guards *guards;
    app_guard_set skip;
    app_guarded what;
    const char *name;     /* of what is guarded */
    app_guarded_run *run; /* gets the pass as context */
    /* Once, as the last thing: code 0, or the outcome and its words. Perhaps before app_pass_start returns. */
    void (*done)(app_pass *pass, const dew_error *outcome);

    /* private but for scope, which `run` may wait in */
    dew_scope scope;
    dew_arena arena;
    bool is_under_way;
};

/* Starts. 0: done is called, or has been. Otherwise it is not: no fiber is free. */
int app_pass_start(app_pass *pass) DEW_MUST_USE;

/* Nobody waits for it any more: its scope ends, done follows. Does nothing when it is not under way. */
void app_pass_end(app_pass *pass, dew_end end);

/* Inside `run`: waits until *is_done, or the scope ends: 0, or the code of the cause. Who sets it resumes scope.fiber. */
int app_pass_wait(app_pass *pass, const bool *is_done) DEW_MUST_USE;

#endif
