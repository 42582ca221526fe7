/* loader.c - see loader.h. Worker's thread, loaders on fibers of it. */
#include "live/loader.h"

#include "io/fiber.h"
#include "io/timer.h"
#include "live/topics.h"
#include "sql/match.h"

#include <assert.h>
#include <stdlib.h>

/* After which a run that got no memory for its fiber is tried again. */
#define RETRY_MS 20

/* ---- the database ---- */

/* What a run read, in its result's arena. */
typedef struct loader_reads {
    dew_read_set set;
    dew_stamp_list stamps; /* its tail may be cut off: only `count` buckets are there */
} loader_reads;

static int64_t commit_now(void *context)
{
    return dew_db_number(context);
}

static int64_t stamp_of(void *context, const void *reads)
{
    return dew_stamps_latest(dew_db_stamps(context), &((const loader_reads *)reads)->stamps);
}

/* Stamps' buckets serve as the index; ours begin at 1, since 0 is DEW_BUCKET_ANY. */
static void read_buckets(void *context, const void *reads, dew_bucket_fn *each, void *each_context)
{
    (void)context;
    const dew_stamp_list *list = &((const loader_reads *)reads)->stamps;
    for (uint32_t i = 0; i < list->count; i++)
        each(each_context, (uint64_t)list->buckets[i] + 1);
}

struct bucket_each {
    dew_bucket_fn *each;
    void *context;
};

static void each_stamp(void *context, uint32_t bucket)
{
    struct bucket_each *to = context;
    to->each(to->context, (uint64_t)bucket + 1);
}

static void write_buckets(void *context, const void *writes, dew_bucket_fn *each, void *each_context)
{
    (void)context;
    dew_stamps_each(writes, each_stamp, &(struct bucket_each){ each, each_context });
}

static bool touches(void *context, const void *writes, const void *reads)
{
    (void)context;
    return dew_writes_touch(writes, &((const loader_reads *)reads)->set);
}

static bool knows(void *context, uint64_t epoch, int64_t commit)
{
    return dew_db_knows(context, epoch, commit);
}

static void writes_destroy(void *context, void *writes)
{
    (void)context;
    dew_write_set_unref(writes);
}

dew_live_data dew_loader_data(dew_db *db)
{
    return (dew_live_data){ db, commit_now, stamp_of, read_buckets, write_buckets, touches, knows, writes_destroy };
}

/* Keeps what the log noted: 0 or DEW_E_NOMEM. Nothing read: NULL. */
static int keep_reads(dew_run *run, const dew_read_log *log)
{
    if (log->statements == 0 || (log->set.count == 0 && !log->set.everything)) {
        dew_run_read(run, NULL, 0, 0);
        return 0;
    }
    dew_stamp_list stamps;
    dew_stamps_of(&log->set, &stamps);
    size_t len =
        offsetof(loader_reads, stamps) + offsetof(dew_stamp_list, buckets) + stamps.count * sizeof stamps.buckets[0];
    loader_reads *reads = dew_arena_alloc(&run->result->arena, len < sizeof *reads ? len : sizeof *reads);
    if (reads == NULL)
        return dew_error_set(&run->error, DEW_E_NOMEM, "out of memory");
    memcpy(&reads->set, &log->set, sizeof reads->set);
    memcpy(&reads->stamps, &stamps, len - offsetof(loader_reads, stamps));
    dew_run_read(run, reads, log->lowest, log->highest);
    return 0;
}

/* ---- one attempt ---- */

struct dew_loader {
    dew_loader_config config;
    dew_link queue;   /* runs that wait for a fiber */
    dew_link running; /* the others */
    bool is_ending;
    size_t count, queue_count;
    dew_deferred deferred;
    dew_deferred freed; /* a fiber has ended */
    dew_timer retry;    /* there was no memory for a fiber */
};

/* One run under way. */
typedef struct attempt {
    dew_link link;
    dew_loader *loader;
    dew_run *run;
    dew_scope *scope; /* while the loader runs */
    bool missing;     /* asked for an input that is not known here */
} attempt;

static dew_str ask(void *context, dew_input_kind kind, const char *name)
{
    attempt *a = context;
    dew_str value = { "", 0 };
    if (!a->run->asker->get(a->run->asker, kind, dew_str_of(name), &value))
        a->missing = true;
    return value;
}

static dew_str ask_cookie(void *context, const char *name)
{
    return ask(context, DEW_INPUT_COOKIE, name);
}

static dew_str ask_header(void *context, const char *name)
{
    return ask(context, DEW_INPUT_HEADER, name);
}

static dew_str ask_identity(dew_scope *scope)
{
    return ask(scope->source_context, DEW_INPUT_IDENTITY, "");
}

static const dew_scope_source source = { ask_cookie, ask_header, ask };

static int64_t timeout_ms(const dew_run *run)
{
    return dew_duration_ms(run->fn->options->timeout, run->is_first ? DEW_LOADER_TIMEOUT_MS : INT64_MAX);
}

/* Calls the loader in its scope, and notes what it asked, read and watched. */
static int load_in(attempt *a, dew_scope *scope, dew_read_log *log)
{
    dew_run *run = a->run;
    int code = run->fn->options->load(scope, run->args, run->result->value);
    if (scope->ended != 0)
        code = scope->ended; /* a late outcome is dropped */
    else if (code == 0 && scope->error.code != 0)
        code = scope->error.code; /* the machinery failed, and the loader did not look */
    if (code != 0) {
        dew_error_set(&run->error, code, "%s", dew_scope_words(scope, code));
    }
    dew_run_asked(run, scope->inputs, a->missing);
    for (const dew_scope_topic *topic = scope->topics; topic != NULL && code == 0; topic = topic->next)
        code = dew_run_watch(run, topic->key);
    return code == 0 ? keep_reads(run, log) : code;
}

static int load(attempt *a)
{
    dew_run *run = a->run;
    const dew_loader_config *config = &a->loader->config;
    dew_scope scope;
    dew_read_log log = { 0 };
    dew_sql_pin *pin = NULL;
    dew_scope_init(&scope, &run->result->arena);
    scope.app = config->app;
    scope.context = config->context;
    scope.provided = config->deps;
    scope.loop = config->loop;
    scope.fiber = config->loop != NULL ? dew_fiber_current() : NULL;
    scope.offload = config->offload;
    scope.source = &source;
    scope.source_context = a;
    scope.identify = ask_identity;
    scope.sql = config->sql;
    scope.pin = run->snapshot;
    scope.reads = &log;
    scope.name = run->fn->fn->name;
    scope.out = run->result->value;
    scope.out_type = run->fn->fn->value();
    dew_scope_limit(&scope, timeout_ms(run));
    a->missing = false;
    a->scope = &scope;
    int code = run->is_cancelled || a->loader->is_ending ? DEW_E_CANCELLED : 0;
    if (code == 0 && run->one_transaction && scope.pin == NULL && config->sql != NULL) {
        code = dew_sql_pin_open(config->sql, &scope, &pin);
        scope.pin = pin;
    }
    code = code == 0 ? load_in(a, &scope, &log) : dew_error_set(&run->error, code, "%s", dew_error_text(code));
    dew_sql_pin_close(pin);
    a->scope = NULL;
    dew_scope_dispose(&scope);
    return code;
}

static void run_all(attempt *a)
{
    dew_run *run = a->run;
    int code;
    do {
        code = dew_run_begin(run);
        if (code == 0)
            code = load(a);
    } while (dew_run_settle(run, code));
    a->loader->count--;
    dew_list_unlink(&a->link);
    free(a);
    dew_run_finish(run);
}

/* ---- what a loader may ask of live/ ---- */

dew_asker *dew_loader_asker(const dew_scope *scope)
{
    return scope->source == &source ? ((const attempt *)scope->source_context)->run->asker : NULL;
}

int dew_watch(struct dew_scope *scope, const dew_channel *channel, const void *key)
{
    if (scope->source != &source)
        return dew_fail(scope, DEW_E_UNSUPPORTED, "%s_watch: only a query's loader can watch a channel", channel->name);
    dew_buf text;
    dew_error error;
    dew_buf_init(&text, DEW_TOPIC_MAX + 1);
    int failed = dew_topic_write(&text, channel, key, &error);
    dew_scope_topic *topic = failed == 0 ? dew_arena_calloc(scope->arena, 1, sizeof *topic) : NULL;
    if (failed == 0 && topic == NULL)
        failed = dew_error_set(&error, DEW_E_NOMEM, "out of memory");
    if (failed == 0) {
        *topic = (dew_scope_topic){ scope->root->topics, channel, dew_arena_str(scope->arena, dew_buf_str(&text)) };
        if (topic->key.ptr == NULL)
            failed = dew_error_set(&error, DEW_E_NOMEM, "out of memory");
        else
            scope->root->topics = topic;
    }
    dew_buf_dispose(&text);
    return failed == 0 ? 0 : dew_fail(scope->root, failed, "%s", error.message);
}

/* ---- in line ---- */

static void on_fiber(void *arg)
{
    run_all(arg);
}

static void start_queued(dew_loader *loader)
{
    while (!dew_list_is_empty(&loader->queue)) {
        attempt *a = dew_container_of(loader->queue.next, attempt, link);
        dew_list_unlink(&a->link);
        dew_list_push_back(&loader->running, &a->link);
        loader->queue_count--;
        int failed = dew_fiber_spawn(loader->config.loop, a->run->fn->fn->name, on_fiber, a);
        if (failed == 0)
            continue;
        dew_list_unlink(&a->link);
        dew_list_push_front(&loader->queue, &a->link);
        loader->queue_count++;
        if (failed == DEW_E_BUSY)
            dew_fiber_await_free(loader->config.loop, &loader->freed);
        else
            dew_timer_start(&loader->retry, RETRY_MS);
        return;
    }
}

static void on_deferred(dew_deferred *deferred)
{
    start_queued(dew_container_of(deferred, dew_loader, deferred));
}

static void on_freed(dew_deferred *deferred)
{
    start_queued(dew_container_of(deferred, dew_loader, freed));
}

static void on_retry(dew_timer *timer)
{
    start_queued(dew_container_of(timer, dew_loader, retry));
}

int dew_loader_create(const dew_loader_config *config, dew_loader **out)
{
    dew_loader *loader = calloc(1, sizeof *loader);
    if (loader == NULL)
        return DEW_E_NOMEM;
    loader->config = *config;
    dew_list_init(&loader->queue);
    dew_list_init(&loader->running);
    loader->deferred.run = on_deferred;
    loader->freed.run = on_freed;
    if (config->loop != NULL)
        dew_timer_init(&loader->retry, config->loop, on_retry);
    *out = loader;
    return 0;
}

void dew_loader_destroy(dew_loader *loader)
{
    if (loader == NULL)
        return;
    assert(loader->count == 0);
    if (loader->config.loop != NULL) {
        dew_deferred_cancel(&loader->deferred);
        dew_deferred_cancel(&loader->freed);
        dew_timer_stop(&loader->retry);
    }
    free(loader);
}

int dew_loader_start(dew_loader *loader, dew_run *run)
{
    dew_loop *loop = loader->config.loop;
    if (loop != NULL && loader->queue_count >= dew_fiber_free_count(loop) + DEW_LOADER_QUEUE_MAX)
        return DEW_E_BUSY;
    attempt *a = calloc(1, sizeof *a);
    if (a == NULL)
        return DEW_E_NOMEM;
    a->loader = loader;
    a->run = run;
    run->environment = a;
    if (loop != NULL)
        dew_loop_defer(loop, &loader->deferred);
    dew_list_push_back(&loader->queue, &a->link);
    loader->count++;
    loader->queue_count++;
    return 0;
}

void dew_loader_cancel(dew_loader *loader, dew_run *run)
{
    (void)loader;
    attempt *a = run->environment;
    if (a->scope == NULL)
        return;
    if (run->cancelled_by == DEW_END_PROGRAM)
        dew_scope_cancel(a->scope, DEW_E_CANCELLED, NULL);
    else
        dew_scope_end(a->scope, run->cancelled_by != DEW_END_NONE ? run->cancelled_by : DEW_END_CLIENT_GONE);
}

void dew_loader_end(dew_loader *loader)
{
    loader->is_ending = true;
    dew_list_each(link, &loader->running) {
        attempt *a = dew_container_of(link, attempt, link);
        if (a->scope != NULL)
            dew_scope_end(a->scope, DEW_END_DRAINING);
    }
}

size_t dew_loader_count(const dew_loader *loader)
{
    return loader->count;
}

void dew_loader_drain(dew_loader *loader)
{
    assert(loader->config.loop == NULL);
    for (dew_link *link; (link = dew_list_pop_front(&loader->queue)) != NULL;)
        run_all(dew_container_of(link, attempt, link));
}
