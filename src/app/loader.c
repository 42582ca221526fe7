/* loader.c - see loader.h.
 *
 * A run's fiber: attempts until dew_run_settle says that it is enough; each has a scope of its own whose inputs are answered
 * by the run's asker. The dew_live_data functions are called on any thread and touch only atomics and immutable sets. */
#include "app/loader.h"

#include "io/clock.h"
#include "io/fiber.h"
#include "io/inbox.h"
#include "live/topics.h"
#include "sql/match.h"

#include <stdlib.h>

/* ---- what SQLite says ---- */

/* What a run read, in its result's arena. */
typedef struct app_reads {
    dew_read_set set;
    dew_stamp_list stamps;
} app_reads;

static int64_t data_commit_now(void *context)
{
    const dew_app *app = context;
    return dew_db_number(app->db);
}

static int64_t data_stamp(void *context, const void *reads)
{
    const dew_app *app = context;
    return dew_stamps_latest(dew_db_stamps(app->db), &((const app_reads *)reads)->stamps);
}

/* Bucket 0 means "any" to live/, so ours begin at 1. */
static void data_read_buckets(void *context, const void *reads, dew_bucket_fn *each, void *each_context)
{
    (void)context;
    const dew_stamp_list *list = &((const app_reads *)reads)->stamps;
    for (uint32_t i = 0; i < list->count; i++)
        each(each_context, (uint64_t)list->buckets[i] + 1);
}

typedef struct bucket_call {
    dew_bucket_fn *each;
    void *context;
} bucket_call;

static void bucket_shift(void *context, uint32_t bucket)
{
    bucket_call *call = context;
    call->each(call->context, (uint64_t)bucket + 1);
}

static void data_write_buckets(void *context, const void *writes, dew_bucket_fn *each, void *each_context)
{
    (void)context;
    dew_stamps_each(writes, bucket_shift, &(bucket_call){ each, each_context });
}

static bool data_touches(void *context, const void *writes, const void *reads)
{
    (void)context;
    return dew_match(writes, &((const app_reads *)reads)->set);
}

static void data_writes_destroy(void *context, void *writes)
{
    (void)context;
    dew_write_set_unref(writes);
}

/* ---- one run ---- */

typedef struct loading {
    dew_deferred start;
    app_worker *worker;
    dew_run *run;
    dew_scope scope;
    bool has_scope;
} loading;

static dew_str asked(loading *load, dew_input_kind kind, const char *name)
{
    dew_str value = { NULL, 0 };
    if (!load->run->asker->get(load->run->asker, kind, dew_str_of(name), &value))
        load->scope.missed = true;
    return value;
}

static dew_str asked_cookie(void *context, const char *name)
{
    return asked(context, DEW_INPUT_COOKIE, name);
}

static dew_str asked_header(void *context, const char *name)
{
    return asked(context, DEW_INPUT_HEADER, name);
}

static const dew_scope_source run_source = { asked_cookie, asked_header };

static dew_str asked_identity(dew_scope *scope)
{
    return asked(scope->source_context, DEW_INPUT_IDENTITY, "");
}

static void scope_open(loading *load, dew_read_log *log)
{
    app_worker *worker = load->worker;
    dew_run *run = load->run;
    dew_scope *scope = &load->scope;
    dew_scope_init(scope, &run->result->arena);
    scope->app = worker->app;
    scope->context = worker->app->config.context;
    scope->loop = worker->loop;
    scope->fiber = dew_fiber_current();
    scope->source = &run_source;
    scope->source_context = load;
    scope->identify = asked_identity;
    scope->sql = worker->sql;
    scope->offload = worker->app->offload;
    scope->pin = run->snapshot;
    scope->reads = log;
    scope->name = run->fn->fn->name;
    scope->out = run->result->value;
    scope->out_type = run->fn->fn->value();
    int64_t limit = dew_duration_ms(run->fn->options->timeout, run->is_first ? DEW_APP_TIMEOUT_MS : INT64_MAX);
    if (limit != INT64_MAX)
        scope->deadline_ns = dew_clock_now_ns() + limit * 1000000;
    load->has_scope = true;
}

/* Tells the run what its loader asked, read and watched. */
static int scope_report(loading *load, const dew_read_log *log)
{
    dew_run *run = load->run;
    dew_run_asked(run, load->scope.inputs, load->scope.missed);
    for (const dew_scope_topic *topic = load->scope.topics; topic != NULL; topic = topic->next) {
        int code = dew_run_watch(run, topic->key);
        if (code != 0)
            return code;
    }
    if (log->statements == 0 && !log->set.everything)
        return 0;
    app_reads *reads = dew_arena_calloc(&run->result->arena, 1, sizeof *reads);
    if (reads == NULL)
        return DEW_E_NOMEM;
    reads->set = log->set; /* its items stand in the same arena */
    dew_stamps_of(&reads->set, &reads->stamps);
    dew_run_read(run, reads, log->lowest, log->highest);
    return 0;
}

static int attempt(loading *load)
{
    dew_run *run = load->run;
    dew_read_log log = { 0 };
    scope_open(load, &log);
    dew_scope *scope = &load->scope;
    dew_sql_pin *own_pin = NULL;
    int code = 0;
    if (run->one_transaction && scope->pin == NULL && scope->sql != NULL) {
        code = dew_sql_pin_open(scope->sql, scope, &own_pin);
        scope->pin = own_pin;
    }
    if (code == 0)
        code = run->fn->options->load(scope, run->args, run->result->value);
    if (code == 0)
        code = scope->error.code;
    dew_sql_pin_close(own_pin);
    load->has_scope = false;
    if (code == 0)
        code = scope_report(load, &log);
    if (code != 0) {
        run->error = scope->error;
        if (run->error.code == 0)
            dew_error_set(&run->error, code, "%s", dew_error_text(code));
        run->error.code = code;
    }
    dew_scope_dispose(scope);
    return code;
}

static void run_fiber(void *arg)
{
    loading *load = arg;
    dew_run *run = load->run;
    int code;
    do {
        code = dew_run_begin(run);
        if (code == 0)
            code = attempt(load);
    } while (dew_run_settle(run, code));
    free(load);
    dew_run_finish(run);
}

static void run_start(dew_deferred *deferred)
{
    loading *load = dew_container_of(deferred, loading, start);
    dew_run *run = load->run;
    int code = dew_fiber_spawn(load->worker->loop, run->fn->fn->name, run_fiber, load);
    if (code == 0)
        return;
    /* no fiber to be had: the run fails as its loader would have */
    free(load);
    int begun = dew_run_begin(run);
    dew_error_set(&run->error, code, "too many loaders are running; try again later");
    if (!dew_run_settle(run, begun != 0 ? begun : code))
        dew_run_finish(run);
}

/* ---- the environment ---- */

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

static int env_start(void *context, unsigned index, dew_run *run)
{
    app_worker *worker = &((dew_app *)context)->workers[index];
    loading *load = calloc(1, sizeof *load);
    if (load == NULL)
        return DEW_E_NOMEM;
    load->worker = worker;
    load->run = run;
    load->start.run = run_start;
    run->environment = load;
    dew_loop_defer(worker->loop, &load->start);
    return 0;
}

static void env_cancel(void *context, unsigned index, dew_run *run)
{
    (void)context, (void)index;
    loading *load = run->environment;
    if (load->has_scope)
        dew_scope_end(&load->scope, DEW_E_CANCELLED);
}

int dew_watch(dew_scope *scope, const dew_channel *channel, const void *key)
{
    if (scope->source != &run_source)
        return dew_fail(scope, DEW_E_UNSUPPORTED, "%s_watch: only a query's loader can watch a channel", channel->name);
    dew_buf text;
    dew_buf_init(&text, DEW_TOPIC_MAX);
    dew_error error = { 0 };
    int code = dew_topic_write(&text, channel, key, &error);
    dew_scope_topic *topic = code == 0 ? dew_arena_calloc(scope->arena, 1, sizeof *topic) : NULL;
    if (topic != NULL) {
        *topic = (dew_scope_topic){ scope->topics, channel, dew_arena_str(scope->arena, dew_buf_str(&text)) };
        if (topic->key.ptr != NULL)
            scope->topics = topic;
        else
            topic = NULL;
    }
    dew_buf_dispose(&text);
    if (code != 0)
        return dew_fail(scope, code, "%s_watch: %s", channel->name, error.message);
    return topic != NULL ? 0 : dew_fail(scope, DEW_E_NOMEM, "out of memory");
}

dew_asker *app_scope_asker(dew_scope *scope)
{
    if (scope->source == &run_source)
        return ((loading *)scope->source_context)->run->asker;
    return scope->source_context;
}

void app_loader_init(dew_app *app)
{
    app->env = (dew_live_env){ .context = app,
                               .find = env_find,
                               .wake = env_wake,
                               .now_ms = env_now_ms,
                               .start = env_start,
                               .cancel = env_cancel };
    app->data = (dew_live_data){
        .context = app,
        .commit_now = data_commit_now,
        .stamp = data_stamp,
        .read_buckets = data_read_buckets,
        .write_buckets = data_write_buckets,
        .touches = data_touches,
        .writes_destroy = data_writes_destroy,
    };
}
