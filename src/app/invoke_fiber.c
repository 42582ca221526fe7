/* invoke_fiber.c - invocations on a fiber, in a scope of their own: actions and endpoints, and any function behind guards
 * (app/guards.h). The worker's thread.
 *
 *     spawn → fiber: guards ─┬─ action, endpoint: its handler, in the guards' scope
 *                            └─ query, mutation: an invocation within this one, without guards, waited for
 *
 * It is an errand (scope/errand.h): when its scope ends the caller has his answer, and what does not look goes on as an
 * orphan, which frees the invocation when it returns. */
#include "app/invoke_internal.h"

#include "app/asker.h"
#include "base/format.h"
#include "io/fiber.h"
#include "type/json.h"

static int action_run(app_invocation *call)
{
    const dew_action_options *options = dew_registered_action(call->entry);
    const dew_type *type = call->entry->fn->value();
    void *value = dew_arena_calloc(&call->arena, 1, type->size);
    if (value == NULL)
        return DEW_E_NOMEM;
    call->errand.scope.out = value;
    call->errand.scope.out_type = type;
    int code = options->run(&call->errand.scope, call->args, value);
    if (code == 0)
        code = call->errand.scope.error.code;
    if (code == 0 && !call->is_left) {
        dew_buf_init(&call->value_json, DEW_RESULT_JSON_MAX);
        code = dew_json_write(&call->value_json, type, value, &call->error);
        call->value = dew_buf_str(&call->value_json);
    }
    return code;
}

/* ---- a query or a mutation behind guards ---- */

static void inner_done(void *owner, const app_outcome *outcome)
{
    app_invocation *call = owner;
    call->inner = NULL;
    call->is_answered = true;
    call->commit = outcome->commit;
    dew_buf_init(&call->value_json, DEW_RESULT_JSON_MAX);
    dew_buf_put_str(&call->value_json, outcome->value);
    call->value = dew_buf_str(&call->value_json);
    if (outcome->code != 0)
        dew_error_set(&call->error, outcome->code, "%s", outcome->message);
    else if (call->value_json.error != 0)
        dew_error_set(&call->error, call->value_json.error, "%s", dew_error_text(call->value_json.error));
    dew_fiber_resume(call->errand.scope.fiber);
}

/* Waits for it, but not longer than the scope lives. */
static int inner_run(app_invocation *call)
{
    dew_scope *scope = &call->errand.scope;
    const app_call again = { .entry = call->entry,
                             .typed_args = call->args,
                             .client = call->client,
                             .seq = call->seq,
                             .has_seq = call->has_seq,
                             .is_inner = true };
    call->inner = app_invoke(call->worker, &again, call->asker, inner_done, call);
    if (call->inner == NULL)
        return DEW_E_NOMEM;
    if (dew_scope_await(scope, &call->is_answered))
        return call->error.code;
    app_invocation_leave(call->inner);
    call->inner = NULL;
    return scope->ended;
}

/* ---- the fiber ---- */

/* For guards and what they guard together. A query's .timeout is its loader's, not its callers'. */
static int64_t limit_ms(const app_invocation *call)
{
    const dew_registered *entry = call->entry;
    int64_t whole_ms = app_request_ms(call->worker->app), own_ms = whole_ms;
    switch (entry->fn->kind) {
    case DEW_FN_ACTION:
    case DEW_FN_ENDPOINT:
        return dew_duration_ms(dew_registered_action(entry)->timeout, whole_ms);
    case DEW_FN_MUTATION: /* which keeps to its own by itself */
        own_ms = dew_duration_ms(dew_registered_mutation(entry)->timeout, whole_ms);
        break;
    case DEW_FN_QUERY:
    case DEW_FN_CLIENT_QUERY: /* not served here */
        break;
    }
    return own_ms > whole_ms ? own_ms : whole_ms;
}

static bool is_action(const app_invocation *call)
{
    return call->entry->fn->kind == DEW_FN_ACTION || call->entry->fn->kind == DEW_FN_ENDPOINT;
}

static int guarded(void *context, dew_scope *scope, app_guard_set settled, dew_passed *passed)
{
    (void)scope, (void)settled, (void)passed;
    app_invocation *call = context;
    return is_action(call) ? action_run(call) : inner_run(call);
}

/* The words for what it came to, unless they are there. */
static void error_take(app_invocation *call, int code, const app_guards_outcome *outcome)
{
    bool is_own = outcome->is_reached && code == outcome->reached;
    if (!is_own || call->error.code == 0)
        dew_error_set(&call->error, code, "%s", dew_scope_words(&call->errand.scope, code));
}

/* Its scope has ended, and the handler or a guard goes on: the caller does not wait for that. */
static void left(dew_errand *errand)
{
    app_invocation *call = dew_container_of(errand, app_invocation, errand);
    call->is_left = true;
    call->has_scope = false;
    dew_error_set(&call->error, errand->scope.ended, "%s", errand->scope.cause.text);
    app_invocation_finish(call);
}

/* The work that was left has returned: the invocation is nobody's but its own. */
static void orphan_over(app_invocation *call)
{
    dew_scope_dispose(&call->errand.scope);
    call->is_left = false;
    if (call->is_finished)
        app_invocation_free(call);
}

static void fiber_run(void *arg)
{
    app_invocation *call = arg;
    app_worker *worker = call->worker;
    const dew_fn *fn = call->entry->fn;
    dew_scope *scope = &call->errand.scope;
    dew_scope_init(scope, &call->arena);
    app_asker_scope(call->asker, worker, scope);
    scope->fiber = dew_fiber_current();
    scope->name = fn->name;
    dew_errand_begin(&call->errand, limit_ms(call), left);
    call->has_scope = true;
    const app_guarded what = { .fn = fn, .type = fn->args, .args = call->args };
    app_guards_outcome outcome;
    int code = app_guards_run(call->is_inner ? NULL : call->entry->guards, 0, scope, &what, guarded, call, &outcome);
    if (dew_errand_end(&call->errand)) {
        orphan_over(call);
        return;
    }
    call->has_scope = false;
    if (code != 0)
        error_take(call, code, &outcome);
    if (is_action(call) && worker->app->db != NULL)
        call->commit = dew_db_number(worker->app->db);
    dew_scope_dispose(scope);
    app_invocation_finish(call);
}

void app_invocation_spawn(app_invocation *call)
{
    call->under_way = true;
    int code = dew_fiber_spawn(call->worker->loop, call->entry->fn->name, fiber_run, call);
    if (code != 0) {
        dew_error_set(&call->error, code, "%s: too many handlers are running; try again later", call->entry->fn->name);
        app_invocation_finish(call);
    }
}
