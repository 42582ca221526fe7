/* drain.server.c - see drain.h. What happens is said on standard output, a line each:
 *
 *     begun NAME           a handler runs
 *     ended NAME CAUSE     its scope has ended, for that cause (dew_end)
 *     draining             the drain has begun: the task is told to end */
#include "drain.h"

#include <dew/server.h>

#include <stdio.h>
#include <unistd.h>

static int is_draining; /* atomic access only */
static char held_name[] = "held", hold_name[] = "hold";

static void say(const char *what, const char *name, int cause)
{
    printf(cause != 0 ? "%s %s %d\n" : "%s %s\n", what, name, cause);
    fflush(stdout);
}

static void ended(void *context, const dew_cause *cause)
{
    say("ended", context, (int)cause->end);
}

/* As long as it may. */
static int last(dew_scope *scope, char *name)
{
    dew_on_end(scope, ended, name);
    say("begun", name, 0);
    return dew_sleep(scope, 3600000);
}

static int load_held(dew_scope *scope, const dew_none *none, said *out)
{
    (void)none, (void)out;
    return last(scope, held_name);
}

static int run_hold(dew_scope *scope, const dew_none *none, said *out)
{
    (void)none, (void)out;
    return last(scope, hold_name);
}

static int block(void *ctx)
{
    (void)ctx;
    while (pause() != 0) /* for ever */
        ;
    return 0;
}

/* Without end, and without a look at its scope. */
static int run_deaf(dew_scope *scope, const dew_none *none, said *out)
{
    (void)none, (void)out;
    say("begun", "deaf", 0);
    return dew_offload(scope, block, NULL);
}

/* Until the drain has begun. */
static int run_finish(dew_scope *scope, const dew_none *none, said *out)
{
    (void)none;
    int code = 0;
    say("begun", "finish", 0);
    while (code == 0 && !__atomic_load_n(&is_draining, __ATOMIC_ACQUIRE))
        code = dew_sleep(scope, 1);
    if (code == 0)
        code = invoke_mark(scope);
    out->said = S("finished");
    return code;
}

static int run_mark(dew_tx *tx, const dew_none *none, dew_none *out)
{
    (void)none, (void)out;
    return dew_exec(tx, "INSERT INTO mark (at) VALUES (1)");
}

static void drain_begun(void *context, const dew_cause *cause)
{
    (void)context, (void)cause;
    __atomic_store_n(&is_draining, 1, __ATOMIC_RELEASE);
    say("draining", "", 0);
}

static int run_watch(dew_scope *scope)
{
    dew_on_end(scope, drain_begun, NULL);
    return dew_sleep(scope, 3600000);
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(held, .load = load_held, .timeout = DEW_NEVER),
    DEW_SERVE_ACTION(hold, .run = run_hold, .timeout = DEW_NEVER),
    DEW_SERVE_ACTION(deaf, .run = run_deaf, .timeout = DEW_NEVER),
    DEW_SERVE_ACTION(finish, .run = run_finish, .timeout = DEW_NEVER),
    DEW_SERVE_MUTATION(mark, .run = run_mark),
    DEW_SERVED_END
};

static const dew_migration migrations[] = { { "001_mark.sql", "CREATE TABLE mark (at INTEGER)" }, { NULL, NULL } };

DEW_ASSETS(drain)

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){ .site = &drain_site,
                                           .assets = &drain_assets,
                                           .served = DEW_SERVED(served),
                                           .migrations = migrations,
                                           .drain_spread = DEW_MS(4000),
                                           .tasks = DEW_TASKS({ .name = "watch", .run = run_watch }) });
}
