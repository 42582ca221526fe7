/* calls.c - queries, mutations and actions from a handler's fiber. See include/dew/invoke.h, calls.h.
 *
 *     query      the worker's results; waits on its fiber unless a valid one is there
 *     mutation   an invocation of its own (app/invoke.h), which is left when the scope ends
 *     action     a call of C in a child scope, on the same fiber: what it waits for ends with the child, and that with the parent
 *
 * The worker's thread. A failure is kept as the scope's passed_on: words for a code that the handler may return. */
#include "app/calls.h"

#include "app/invoke.h"
#include "app/loader.h"
#include "io/clock.h"
#include "io/fiber.h"
#include "type/copy.h"
#include "type/json.h"

/* Keeps the words for a code that goes back to the handler. */
static int fail(dew_scope *scope, int code, const char *message)
{
    return dew_error_set(&scope->passed_on, code, "%s", message != NULL ? message : dew_error_text(code));
}

static int refuse(dew_scope *scope, const dew_fn *fn, const char *why)
{
    return dew_error_set(&scope->passed_on, DEW_E_UNSUPPORTED, "%s %s", fn->name, why);
}

/* May a handler call others here? 0, or why not. */
static int check(dew_scope *scope, const dew_fn *fn)
{
    if (dew_loader_asker(scope) != NULL)
        return refuse(scope, fn, "cannot be called by a loader: use SQL there, or call both from an action");
    if (dew_fiber_current() == NULL)
        return refuse(scope, fn, "needs a handler that may wait (an action, a guard, a task, an endpoint)");
    return dew_scope_enter(scope);
}

/* What is served for a declaration; NULL: nothing, or something else of that name. */
static const dew_registered *served(const dew_scope *scope, const dew_fn *fn)
{
    const dew_registered *entry = dew_registry_find(&scope->app->registry, dew_str_of(fn->name));
    return entry != NULL && entry->fn->kind == fn->kind && entry->fn->args == fn->args && entry->fn->value == fn->value
               ? entry
               : NULL;
}

/* One fiber that waits for an outcome, or for its scope's end. */
typedef struct waiting {
    dew_scope *scope;
    dew_fiber *fiber;
    bool is_done;
} waiting;

static waiting waiting_in(dew_scope *scope)
{
    return (waiting){ .scope = scope, .fiber = dew_fiber_current() };
}

static void done(waiting *wait)
{
    wait->is_done = true;
    dew_fiber_resume(wait->fiber);
}

/* ---- queries ---- */

typedef struct asking {
    waiting wait;
    dew_waiter waiter;
    dew_result *result;
    dew_error error;
} asking;

static void answered(dew_waiter *waiter, dew_result *result, const dew_error *error)
{
    asking *a = dew_container_of(waiter, asking, waiter);
    a->result = result;
    if (result == NULL)
        a->error = *error;
    done(&a->wait);
}

static int ask(dew_scope *scope, const dew_registered *entry, dew_str args, dew_result **result)
{
    dew_live_worker *live = app_worker_of(scope->loop)->live;
    asking a = { .wait = waiting_in(scope), .waiter.ready = answered };
    dew_ask what = { .fn = &entry->live, .args = args, .asker = app_scope_asker(scope) };
    int code = dew_results_get(live, &what, result, &a.waiter);
    if (code > 0)
        return 0;
    if (code < 0)
        return fail(scope, code, NULL);
    if (!dew_scope_await(scope, &a.wait.is_done)) {
        dew_results_leave(live, &a.waiter, scope->cause.end);
        return scope->ended;
    }
    *result = a.result;
    return a.result != NULL ? 0 : fail(scope, a.error.code, a.error.message);
}

int app_query_wait(dew_scope *scope, const dew_fn *query, const void *args, dew_buf *args_json, dew_result **result)
{
    dew_error error;
    int code = check(scope, query);
    if (code != 0)
        return code;
    const dew_registered *entry = served(scope, query);
    if (entry == NULL)
        return dew_error_set(&scope->passed_on, DEW_E_NOT_FOUND, "query %s is not served", query->name);
    code = dew_json_write(args_json, query->args(), args, &error);
    return code == 0 ? ask(scope, entry, dew_buf_str(args_json), result) : fail(scope, code, error.message);
}

static void result_drop(void *context)
{
    dew_result_unref(context);
}

int dew_query_fn(dew_scope *scope, const dew_fn *query, const void *args, const void **out)
{
    dew_buf args_json;
    dew_result *result = NULL;
    dew_buf_init(&args_json, DEW_LIVE_ARGS_MAX);
    int code = app_query_wait(scope, query, args, &args_json, &result);
    dew_buf_dispose(&args_json);
    if (code != 0)
        return code;
    if (dew_scope_keep(scope, result_drop, result) != 0) {
        dew_result_unref(result);
        return fail(scope, DEW_E_NOMEM, NULL);
    }
    *out = result->value;
    return 0;
}

/* ---- mutations ---- */

typedef struct mutating {
    waiting wait;
    const dew_fn *fn;
    void *value; /* in the scope's arena */
    int code;
} mutating;

static void mutated(void *owner, const app_outcome *outcome)
{
    mutating *m = owner;
    dew_scope *scope = m->wait.scope;
    m->code = outcome->code;
    if (outcome->code != 0)
        fail(scope, outcome->code, outcome->message);
    else if (m->value != NULL && dew_value_copy(scope->arena, m->fn->value(), outcome->typed, m->value) != 0)
        m->code = fail(scope, DEW_E_NOMEM, "the change is made, but there is no memory for its answer");
    done(&m->wait);
}

static int mutate(dew_scope *scope, const dew_fn *fn, const void *args, void *value)
{
    mutating m = { .wait = waiting_in(scope), .fn = fn, .value = value };
    const app_call call = { .fn = dew_str_of(fn->name), .typed_args = args, .is_inner = true };
    app_invocation *invocation = app_invoke(app_worker_of(scope->loop), &call, app_scope_asker(scope), mutated, &m);
    if (invocation == NULL)
        return fail(scope, DEW_E_NOMEM, NULL);
    if (dew_scope_await(scope, &m.wait.is_done))
        return m.code;
    app_invocation_leave(invocation);
    return scope->ended;
}

/* ---- actions ---- */

static int act(dew_scope *scope, const dew_registered *entry, const void *args, void *value)
{
    const dew_action_options *options = dew_registered_action(entry);
    const dew_duration whole = scope->app->config.request_timeout, usual = DEW_MS(DEW_APP_TIMEOUT_MS),
                       fallback = whole.biased_ms != 0 ? whole : usual;
    dew_scope *child =
        dew_scope_open(scope,
                       (dew_scope_options){ .timeout = options->timeout.biased_ms != 0 ? options->timeout : fallback });
    if (child == NULL)
        return scope->error.code;
    child->name = entry->fn->name;
    child->out = value;
    child->out_type = entry->fn->value();
    int code = options->run(child, args, value);
    if (code == 0)
        code = child->error.code; /* the machinery failed, and the action did not look */
    const char *words = dew_scope_words(child, code);
    if (code != 0 && words != child->error.message)
        dew_error_set(&child->error, code, "%s", words);
    dew_scope_close(&child);
    return code;
}

int dew_invoke_fn(dew_scope *scope, const dew_fn *fn, const void *args, void *out)
{
    int code = check(scope, fn);
    if (code != 0)
        return code;
    const dew_registered *entry = fn->kind != DEW_FN_QUERY ? served(scope, fn) : NULL;
    if (entry == NULL)
        return dew_error_set(&scope->passed_on, DEW_E_NOT_FOUND, "%s is not served", fn->name);
    size_t size = fn->value()->size;
    void *value = dew_arena_calloc(scope->arena, 1, size);
    if (value == NULL)
        return fail(scope, DEW_E_NOMEM, NULL);
    if (fn->kind == DEW_FN_MUTATION)
        code = mutate(scope, fn, args, out != NULL ? value : NULL);
    else
        code = act(scope, entry, args, value);
    if (code == 0 && out != NULL)
        memcpy(out, value, size);
    return code;
}
