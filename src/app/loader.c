/* loader.c - see loader.h. What runs loaders is live/loader.h's. */
#include "app/loader.h"

#include "app/log.h"
#include "io/clock.h"
#include "io/inbox.h"

/* How often live queries are looked after while one waits for its grace to end, a retry, or a run that may be late. */
#define APP_TICK_MS 1000

static const dew_live_fn *env_find(void *context, dew_str name)
{
    const dew_app *app = context;
    const dew_registered *entry = dew_registry_find(&app->registry, name);
    return entry != NULL && entry->fn->kind == DEW_FN_QUERY ? &entry->live : NULL;
}

static void woken(dew_loop *loop, dew_msg *msg)
{
    (void)loop;
    app_worker *worker = dew_container_of(msg, app_worker, wake);
    __atomic_store_n(&worker->is_woken, 0, __ATOMIC_RELEASE); /* before looking: what comes now wakes again */
    app_at(worker->app, APP_AT_TURN);
    dew_live_turn(worker->live);
}

static void env_wake(void *context, unsigned to)
{
    app_worker *worker = &((dew_app *)context)->workers[to];
    if (__atomic_exchange_n(&worker->is_woken, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    worker->wake.run = woken;
    /* fails only when the loop is going: then nobody needs waking */
    (void)!dew_loop_post_answer(worker->loop, &worker->wake);
}

static int64_t env_now_ms(void *context)
{
    (void)context;
    return dew_clock_now_ns() / 1000000;
}

static void env_hook(void *context, unsigned worker, dew_live_point point, dew_str about)
{
    static const char *const names[] = {
#define NAME(name) "live." #name,
        DEW_LIVE_POINTS(NAME)
#undef NAME
    };
    (void)worker, (void)about;
    const app_hook *hook = ((dew_app *)context)->hook;
    hook->at(hook->context, names[point]);
}

static int env_start(void *context, unsigned index, dew_run *run)
{
    return dew_loader_start(((dew_app *)context)->workers[index].loader, run);
}

static void env_cancel(void *context, unsigned index, dew_run *run)
{
    dew_loader_cancel(((dew_app *)context)->workers[index].loader, run);
}

static void env_tend(void *context, unsigned index)
{
    app_worker *worker = &((dew_app *)context)->workers[index];
    if (!dew_timer_is_active(&worker->tick) && worker->http != NULL)
        dew_timer_start(&worker->tick, APP_TICK_MS);
}

static void env_failed(void *context, const dew_live_fn *fn, dew_error *error)
{
    app_failure_show(context, dew_str_of(fn->fn->name), error);
}

static int env_snapshot_open(void *context, unsigned index, dew_snapshot *snapshot)
{
    return dew_holder_open(((dew_app *)context)->workers[index].holder, snapshot);
}

static void env_snapshot_close(void *context, unsigned index, dew_snapshot *snapshot)
{
    dew_holder_close(((dew_app *)context)->workers[index].holder, snapshot);
}

dew_asker *app_scope_asker(dew_scope *scope)
{
    dew_asker *asker = dew_loader_asker(scope);
    return asker != NULL ? asker : scope->source_context;
}

void app_loader_init(dew_app *app)
{
    app->env = (dew_live_env){ .context = app,
                               .find = env_find,
                               .wake = env_wake,
                               .now_ms = env_now_ms,
                               .start = env_start,
                               .cancel = env_cancel,
                               .tend = env_tend,
                               .failed = env_failed,
                               .snapshot_open = env_snapshot_open,
                               .snapshot_close = env_snapshot_close,
                               .hook = app->hook != NULL ? env_hook : NULL };
    if (app->db != NULL)
        app->data = dew_loader_data(app->db);
}
