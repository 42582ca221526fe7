/* attempt.c - one run on its fiber: try, try again, until it is settled or left behind. See loader.h, loader_internal.h.
 * Worker's thread. */
#include "io/clock.h"
#include "io/fiber.h"
#include "live/loader_internal.h"

#include <assert.h>
#include <stdlib.h>

static dew_str ask(void *context, dew_input_kind kind, const char *name)
{
    dew_attempt *a = context;
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

/* Known or not: nothing depends on it. */
static dew_str ask_trace(void *context)
{
    dew_attempt *a = context;
    dew_str value = { "", 0 };
    (void)a->run->asker->get(a->run->asker, DEW_INPUT_HEADER, DEW_S("traceparent"), &value);
    return value;
}

static const dew_scope_source source = { ask_cookie, ask_header, ask, ask_trace };

int64_t dew_attempt_timeout_ms(const dew_attempt *a)
{
    int64_t first_ms = dew_duration_ms(a->loader->config.timeout, DEW_LOADER_TIMEOUT_MS);
    return dew_duration_ms(a->run->fn->options->timeout, a->run->is_first ? first_ms : INT64_MAX);
}

int64_t dew_attempt_now_ms(const dew_attempt *a)
{
    dew_loop *loop = a->loader->config.loop;
    return loop != NULL ? dew_loop_now_ms(loop) : dew_clock_now_ns() / 1000000;
}

/* What is left of it for this try; negative: nothing. The first has its turn whatever is left: 0 is the next one. */
static int64_t remaining_ms(dew_attempt *a)
{
    if (a->deadline_ms == INT64_MAX)
        return INT64_MAX;
    int64_t left_ms = a->deadline_ms - dew_attempt_now_ms(a);
    bool is_first = !a->has_begun;
    a->has_begun = true;
    return left_ms > 0 ? left_ms : is_first ? 0 : -1;
}

int dew_attempt_late(dew_attempt *a)
{
    return dew_error_set(&a->run->error, DEW_E_LOADER_TIMEOUT, "%s took longer than %lld ms", a->run->fn->fn->name,
                         (long long)dew_attempt_timeout_ms(a));
}

/* The code of the run; `code` is the loader's, and dropped when it comes late. */
static int outcome(dew_attempt *a, int code)
{
    const dew_scope *scope = &a->errand.scope;
    if (scope->ended != 0 && scope->cause.end == DEW_END_DEADLINE && !a->run->is_cancelled)
        return dew_attempt_late(a);
    if (scope->ended != 0)
        code = scope->ended;
    else if (code == 0 && scope->error.code != 0)
        code = scope->error.code; /* the machinery failed, and the loader did not look */
    if (code != 0)
        dew_error_set(&a->run->error, code, "%s", dew_scope_words(scope, code));
    return code;
}

/* Notes what the loader asked, read and watched. */
static int keep_facts(dew_attempt *a, int code)
{
    const dew_scope *scope = &a->errand.scope;
    dew_run_asked(a->run, scope->inputs, a->missing);
    a->run->result->sql_ns = a->reads.spent_ns;
    for (const dew_scope_topic *topic = scope->topics; topic != NULL && code == 0; topic = topic->next)
        code = dew_run_watch(a->run, topic->key);
    return code == 0 ? dew_loader_keep_reads(a->run, &a->reads) : code;
}

/* The run is over without its loader, which goes on. */
static void left(dew_errand *errand)
{
    dew_attempt *a = dew_container_of(errand, dew_attempt, errand);
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

static void scope_make(dew_attempt *a)
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
static int load_in(dew_attempt *a)
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

static int load(dew_attempt *a)
{
    dew_run *run = a->run;
    int64_t limit_ms = remaining_ms(a);
    if (run->is_cancelled || a->loader->is_ending)
        return dew_error_set(&run->error, DEW_E_CANCELLED, "%s", dew_error_text(DEW_E_CANCELLED));
    if (limit_ms < 0)
        return dew_attempt_late(a);
    a->result = dew_result_ref(run->result);
    a->reads = (dew_read_log){ .is_timed = a->loader->config.is_timed };
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

void dew_attempt_finish(dew_attempt *a)
{
    dew_run *run = a->run;
    a->loader->count--;
    dew_list_unlink(&a->link);
    free(a);
    dew_run_finish(run);
}

void dew_attempt_run(dew_attempt *a)
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
    dew_attempt_finish(a);
}

dew_asker *dew_loader_asker(const dew_scope *scope)
{
    while (scope->parent != NULL)
        scope = scope->parent;
    return scope->source == &source ? ((const dew_attempt *)scope->source_context)->run->asker : NULL;
}

bool dew_loader_may_watch(const dew_scope *root, const dew_channel *channel)
{
    const dew_attempt *a = root->source_context;
    const dew_loader_config *config = &a->loader->config;
    return config->may_watch == NULL || config->may_watch(config->app, a->run->fn->fn, channel);
}
