/* loader.c - see loader.h. Worker's thread, loaders on fibers of it.
 *
 *     start ── in line ─┬─ on a fiber: try, try again … ─┬─ settled ─────────────→ finish
 *                       │                                └─ left ── finish;  the loader goes on as an orphan, then is freed
 *                       └─ cancelled ────────────────────────────→ finish
 *
 * A run ends with its deadline, with who waited for it, or with the server, whatever its loader does (scope/errand.h). */
#include "live/loader.h"

#include "io/clock.h"
#include "io/fiber.h"
#include "io/timer.h"
#include "live/loader_internal.h"
#include "scope/errand.h"

#include <assert.h>
#include <stdlib.h>

/* After which a run that got no memory for its fiber is tried again. */
#define RETRY_MS 20

/* ---- one attempt ---- */

struct dew_loader {
    dew_loader_config config;
    dew_link queue;   /* runs that wait for a fiber */
    dew_link dropped; /* that waited for one when they were cancelled */
    dew_link running; /* the others */
    bool is_ending;
    size_t count, queue_count;
    dew_deferred deferred;
    dew_deferred freed; /* a fiber has ended */
    dew_timer retry;    /* there was no memory for a fiber */
};

/* One run, in line or under way. Left behind by the run (errand.h) it belongs to its fiber alone. */
typedef struct attempt {
    dew_errand errand; /* its scope is the loader's, of this try */
    dew_link link;
    dew_loader *loader;
    dew_run *run;         /* NULL: left behind */
    dew_result *result;   /* counted: what the loader writes to */
    dew_read_log reads;
    dew_sql_pin *pin;     /* its own; NULL: none */
    int64_t deadline_ms;  /* of the line and all tries together; INT64_MAX: none */
    dew_timer in_line;    /* the deadline, while it waits for a fiber */
    int dropped;          /* why it ends without having begun */
    bool is_queued, has_begun, is_loading;
    bool missing;         /* asked for an input that is not known here */
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

/* What the run may take in all; INT64_MAX: as long as it likes. */
static int64_t timeout_ms(const attempt *a)
{
    int64_t first_ms = dew_duration_ms(a->loader->config.timeout, DEW_LOADER_TIMEOUT_MS);
    return dew_duration_ms(a->run->fn->options->timeout, a->run->is_first ? first_ms : INT64_MAX);
}

static int64_t now_ms(const attempt *a)
{
    dew_loop *loop = a->loader->config.loop;
    return loop != NULL ? dew_loop_now_ms(loop) : dew_clock_now_ns() / 1000000;
}

/* What is left of it for this try; negative: nothing. The first has its turn whatever is left: 0 is the next one. */
static int64_t remaining_ms(attempt *a)
{
    if (a->deadline_ms == INT64_MAX)
        return INT64_MAX;
    int64_t left_ms = a->deadline_ms - now_ms(a);
    bool is_first = !a->has_begun;
    a->has_begun = true;
    return left_ms > 0 ? left_ms : is_first ? 0 : -1;
}

static int late(attempt *a)
{
    return dew_error_set(&a->run->error, DEW_E_LOADER_TIMEOUT, "%s took longer than %lld ms", a->run->fn->fn->name,
                         (long long)timeout_ms(a));
}

/* The code of the run; `code` is the loader's, and dropped when it comes late. */
static int outcome(attempt *a, int code)
{
    const dew_scope *scope = &a->errand.scope;
    if (scope->ended != 0 && scope->cause.end == DEW_END_DEADLINE && !a->run->is_cancelled)
        return late(a);
    if (scope->ended != 0)
        code = scope->ended;
    else if (code == 0 && scope->error.code != 0)
        code = scope->error.code; /* the machinery failed, and the loader did not look */
    if (code != 0)
        dew_error_set(&a->run->error, code, "%s", dew_scope_words(scope, code));
    return code;
}

/* Notes what the loader asked, read and watched. */
static int keep_facts(attempt *a, int code)
{
    const dew_scope *scope = &a->errand.scope;
    dew_run_asked(a->run, scope->inputs, a->missing);
    for (const dew_scope_topic *topic = scope->topics; topic != NULL && code == 0; topic = topic->next)
        code = dew_run_watch(a->run, topic->key);
    return code == 0 ? dew_loader_keep_reads(a->run, &a->reads) : code;
}

/* The run is over without its loader, which goes on. */
static void left(dew_errand *errand)
{
    attempt *a = dew_container_of(errand, attempt, errand);
    dew_run *run = a->run;
    dew_sql_pin_close(a->pin); /* nothing runs in it: see dew_scope_hold */
    a->pin = NULL;
    int code = keep_facts(a, outcome(a, 0));
    a->loader->count--;
    dew_list_unlink(&a->link);
    a->run = NULL;
    a->loader = NULL;
    bool again = dew_run_settle(run, code);
    assert(!again);
    (void)again; /* without assertions */
    dew_run_finish(run);
}

static void scope_make(attempt *a)
{
    const dew_loader_config *config = &a->loader->config;
    const dew_run *run = a->run;
    dew_scope *scope = &a->errand.scope;
    dew_scope_init(scope, &run->result->arena);
    scope->app = config->app;
    scope->context = config->context;
    scope->provided = config->deps;
    scope->orphans = config->orphans;
    scope->loop = config->loop;
    scope->fiber = config->loop != NULL ? dew_fiber_current() : NULL;
    scope->offload = config->offload;
    scope->source = &source;
    scope->source_context = a;
    scope->identify = ask_identity;
    scope->sql = config->sql;
    scope->pin = run->snapshot;
    scope->reads = &a->reads;
    scope->name = run->fn->fn->name;
    scope->out = run->result->value;
    scope->out_type = run->fn->fn->value();
}

/* Calls the loader. Whoever waits may be gone when this returns: then a->run is NULL. */
static int load_in(attempt *a)
{
    dew_run *run = a->run;
    dew_scope *scope = &a->errand.scope;
    int code = 0;
    if (run->one_transaction && scope->pin == NULL && scope->sql != NULL) {
        code = dew_sql_pin_open(scope->sql, scope, &a->pin);
        scope->pin = a->pin;
    }
    if (code == 0)
        code = run->fn->options->load(scope, run->args, run->result->value);
    if (dew_errand_end(&a->errand))
        return 0;
    code = keep_facts(a, outcome(a, code));
    dew_sql_pin_close(a->pin);
    a->pin = NULL;
    return code;
}

static int load(attempt *a)
{
    dew_run *run = a->run;
    int64_t limit_ms = remaining_ms(a);
    if (run->is_cancelled || a->loader->is_ending)
        return dew_error_set(&run->error, DEW_E_CANCELLED, "%s", dew_error_text(DEW_E_CANCELLED));
    if (limit_ms < 0)
        return late(a);
    a->result = dew_result_ref(run->result);
    a->reads = (dew_read_log){ 0 };
    a->missing = false;
    scope_make(a);
    dew_errand_begin(&a->errand, limit_ms, left);
    a->is_loading = true;
    int code = load_in(a);
    a->is_loading = false;
    dew_scope_dispose(&a->errand.scope);
    dew_result_unref(a->result);
    return code;
}

static void finish(attempt *a)
{
    dew_run *run = a->run;
    a->loader->count--;
    dew_list_unlink(&a->link);
    free(a);
    dew_run_finish(run);
}

static void run_all(attempt *a)
{
    int code;
    dew_timer_stop(&a->in_line);
    do {
        code = dew_run_begin(a->run);
        if (code == 0)
            code = load(a);
        if (a->run == NULL) {
            free(a);
            return;
        }
    } while (dew_run_settle(a->run, code));
    finish(a);
}

dew_asker *dew_loader_asker(const dew_scope *scope)
{
    while (scope->parent != NULL)
        scope = scope->parent;
    return scope->source == &source ? ((const attempt *)scope->source_context)->run->asker : NULL;
}

bool dew_loader_may_watch(const dew_scope *root, const dew_channel *channel)
{
    const attempt *a = root->source_context;
    const dew_loader_config *config = &a->loader->config;
    return config->may_watch == NULL || config->may_watch(config->app, a->run->fn->fn, channel);
}

/* ---- in line ---- */

static void on_fiber(void *arg)
{
    run_all(arg);
}

/* Out of the line without having begun. No fiber is needed for that. */
static void drop(attempt *a, int code)
{
    dew_loader *loader = a->loader;
    a->dropped = code;
    a->is_queued = false;
    loader->queue_count--;
    dew_timer_stop(&a->in_line);
    dew_list_unlink(&a->link);
    dew_list_push_back(&loader->dropped, &a->link);
    dew_loop_defer(loader->config.loop, &loader->deferred);
}

static void on_late_in_line(dew_timer *timer)
{
    drop(dew_container_of(timer, attempt, in_line), DEW_E_LOADER_TIMEOUT);
}

static void finish_dropped(dew_loader *loader)
{
    for (dew_link *link; (link = dew_list_pop_front(&loader->dropped)) != NULL;) {
        attempt *a = dew_container_of(link, attempt, link);
        int code = a->dropped;
        if (code == DEW_E_LOADER_TIMEOUT)
            code = late(a);
        else
            dew_error_set(&a->run->error, code, "%s", dew_error_text(code));
        bool again = dew_run_settle(a->run, code);
        assert(!again);
        (void)again; /* without assertions */
        finish(a);
    }
}

static void start_queued(dew_loader *loader)
{
    finish_dropped(loader);
    while (!dew_list_is_empty(&loader->queue)) {
        attempt *a = dew_container_of(loader->queue.next, attempt, link);
        dew_list_unlink(&a->link);
        dew_list_push_back(&loader->running, &a->link);
        a->is_queued = false;
        loader->queue_count--;
        int failed = dew_fiber_spawn(loader->config.loop, a->run->fn->fn->name, on_fiber, a);
        if (failed == 0)
            continue; /* and may be gone */
        dew_list_unlink(&a->link);
        dew_list_push_front(&loader->queue, &a->link);
        a->is_queued = true;
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
    dew_list_init(&loader->dropped);
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
    a->is_queued = true;
    run->environment = a;
    int64_t limit_ms = timeout_ms(a);
    a->deadline_ms = limit_ms < DEW_TIMER_DELAY_MAX_MS ? now_ms(a) + limit_ms : INT64_MAX;
    if (loop != NULL) {
        dew_loop_defer(loop, &loader->deferred);
        dew_timer_init(&a->in_line, loop, on_late_in_line);
    }
    if (loop != NULL && a->deadline_ms != INT64_MAX)
        dew_timer_start(&a->in_line, limit_ms);
    dew_list_push_back(&loader->queue, &a->link);
    loader->count++;
    loader->queue_count++;
    return 0;
}

void dew_loader_cancel(dew_loader *loader, dew_run *run)
{
    attempt *a = run->environment;
    if (a->is_queued && loader->config.loop != NULL) {
        drop(a, DEW_E_CANCELLED);
    } else if (a->is_loading && run->cancelled_by == DEW_END_PROGRAM) {
        dew_scope_cancel(&a->errand.scope, DEW_E_CANCELLED, NULL);
    } else if (a->is_loading) {
        dew_scope_end(&a->errand.scope, run->cancelled_by != DEW_END_NONE ? run->cancelled_by : DEW_END_CLIENT_GONE);
    }
}

void dew_loader_end(dew_loader *loader)
{
    loader->is_ending = true;
    if (loader->config.loop != NULL)
        dew_list_each_safe(link, &loader->queue)
            drop(dew_container_of(link, attempt, link), DEW_E_CANCELLED);
    dew_list_each(link, &loader->running) {
        attempt *a = dew_container_of(link, attempt, link);
        if (a->is_loading)
            dew_scope_end(&a->errand.scope, DEW_END_DRAINING);
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
