/* invoke.c - see invoke.h.
 *
 *     app_invoke ─ check, parse ─┬─ refused ──────────────────────────────┐
 *                                ├─ query ── result there, or waiter ready ┤
 *                                ├─ mutation ── writer ── message to loop ─┼→ finish (deferred) → done, freed
 *                                └─ action, or behind guards ── a fiber ───┘   (invoke_fiber.c)
 *
 * Invariant: an invocation is freed in finish, or, once left, when nothing of it is under way any more. */
#include "app/invoke_internal.h"

#include "app/asker.h"
#include "app/log.h"
#include "base/format.h"
#include "io/clock.h"
#include "io/inbox.h"
#include "live/results.h"
#include "page/form.h"
#include "type/copy.h"
#include "type/json.h"
#include "type/schema.h"

#include <stdlib.h>

void app_invocation_free(app_invocation *call)
{
    if (call->has_job)
        dew_job_dispose(&call->job);
    dew_timer_stop(&call->budget);
    dew_result_unref(call->result);
    dew_asker_unref(call->asker);
    dew_buf_dispose(&call->args_json);
    dew_buf_dispose(&call->value_json);
    dew_arena_dispose(&call->arena);
    free(call);
}

static void finish(dew_deferred *deferred)
{
    app_invocation *call = dew_container_of(deferred, app_invocation, finish);
    if (call->done != NULL) {
        if (call->error.code != 0 && !call->is_inner)
            app_failure_show(call->worker->app, dew_str_of(call->entry != NULL ? call->entry->fn->name : "call"),
                             &call->error);
        app_outcome outcome = { .code = call->error.code,
                                .message = call->error.message,
                                .value = call->value,
                                .typed = call->has_job ? call->job.value : NULL,
                                .commit = call->commit };
        call->done(call->owner, &outcome);
    }
    call->done = NULL;
    call->is_finished = true;
    if (!call->is_left) /* else its fiber frees it */
        app_invocation_free(call);
}

void app_invocation_finish(app_invocation *call)
{
    call->under_way = false;
    call->finish.run = finish;
    dew_loop_defer(call->worker->loop, &call->finish);
}

/* ---- checking ---- */

static bool is_client_name(dew_str name)
{
    if (name.len == 0 || name.len > DEW_CLIENT_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return true;
}

static int check_sender(const dew_registered *entry, const app_call *given, dew_error *error)
{
    if (entry->fn->kind != DEW_FN_MUTATION && given->has_seq)
        return dew_error_set(error, DEW_E_INVALID, "seq: only mutations are numbered, %s is none", entry->fn->name);
    if (!given->has_seq)
        return 0;
    if (given->client.len == 0)
        return dew_error_set(error, DEW_E_INVALID, "client: missing; seq counts the mutations of a named client");
    if (!is_client_name(given->client))
        return dew_error_set(error, DEW_E_INVALID, "client: give 1 to %d characters of A-Z, a-z, 0-9, _ and -",
                             DEW_CLIENT_NAME_MAX);
    if (given->seq < 1)
        return dew_error_set(error, DEW_E_INVALID, "seq: counts from 1");
    return 0;
}

static int check(app_invocation *call, const app_call *given)
{
    dew_error *error = &call->error;
    call->entry = given->entry != NULL ? given->entry : dew_registry_find(&call->worker->app->registry, given->fn);
    if (call->entry == NULL)
        return dew_error_set(error, DEW_E_NOT_FOUND, "no function \"%.*s\" is served",
                             (int)(given->fn.len < 100 ? given->fn.len : 100),
                             given->fn.ptr != NULL ? given->fn.ptr : "");
    if (given->shard.len != 0 && !dew_str_eq(given->shard, DEW_S("default")))
        return dew_error_set(error, DEW_E_DENIED, "shard: only the default one is granted; leave it out");
    if (given->schema.len != 0 && !dew_str_eq(given->schema, dew_str_of(call->entry->live.schema)))
        return dew_error_set(error, DEW_E_SCHEMA, "%s has another shape here: reload", call->entry->fn->name);
    if (given->args.len > DEW_CALL_ARGS_MAX || given->fields.len > DEW_CALL_ARGS_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "args: over %zu bytes", DEW_CALL_ARGS_MAX);
    if (given->args.len != 0 && given->fields.ptr != NULL)
        return dew_error_set(error, DEW_E_INVALID, "fields: they stand instead of args, not beside them");
    return check_sender(call->entry, given, error);
}

/* Who calls is at the address that he says, if there is such a page. */
static int locate(app_invocation *call, const app_call *given)
{
    dew_asker *asker;
    if (given->location.len == 0)
        return 0;
    int code = app_asker_at(call->worker, call->asker, given->location, &asker, &call->error);
    if (code != 0)
        return code;
    dew_asker_unref(call->asker);
    call->asker = asker;
    return 0;
}

/* Reads the arguments into the invocation's arena. */
static int take_args(app_invocation *call, const app_call *given)
{
    const dew_type *type = call->entry->fn->args();
    call->args = dew_arena_calloc(&call->arena, 1, type->size);
    if (call->args == NULL)
        return dew_error_set(&call->error, DEW_E_NOMEM, "out of memory");
    if (given->typed_args != NULL)
        return dew_value_copy(&call->arena, type, given->typed_args, call->args);
    if (given->fields.ptr != NULL)
        return dew_form_args(&call->arena, call->entry->fn, given->fields, call->args, NULL, &call->error);
    dew_str text = given->args.len != 0 ? given->args : DEW_S("{}");
    return dew_json_read(&call->arena, text, type, call->args, "args", &call->error);
}

/* ---- queries ---- */

static void result_take(app_invocation *call, dew_result *result)
{
    call->result = result;
    call->value = dew_blob_str(result->json);
    call->commit = result->high;
}

static void result_ready(dew_waiter *waiter, dew_result *result, const dew_error *error)
{
    app_invocation *call = dew_container_of(waiter, app_invocation, waiter);
    dew_timer_stop(&call->budget);
    if (result != NULL)
        result_take(call, result);
    else
        call->error = *error;
    app_invocation_finish(call);
}

/* The time is up. The loader runs on when others wait for it. */
static void budget_over(dew_timer *timer)
{
    app_invocation *call = dew_container_of(timer, app_invocation, budget);
    dew_results_leave(call->worker->live, &call->waiter, DEW_END_DEADLINE);
    dew_error_set(&call->error, DEW_E_TIMEOUT, "the time for the whole request is up");
    app_invocation_finish(call);
}

/* A call from inside a handler has that one's time. */
static void budget_begin(app_invocation *call)
{
    int64_t budget_ms = app_request_ms(call->worker->app);
    if (call->is_inner || budget_ms >= DEW_TIMER_DELAY_MAX_MS)
        return;
    dew_timer_init(&call->budget, call->worker->loop, budget_over);
    dew_timer_start(&call->budget, budget_ms);
}

static void query_start(app_invocation *call)
{
    dew_buf_init(&call->args_json, DEW_LIVE_ARGS_MAX);
    int code = dew_json_write(&call->args_json, call->entry->fn->args(), call->args, &call->error);
    if (code == DEW_E_LIMIT)
        dew_error_set(&call->error, code, "args: over %u bytes as canonical JSON", DEW_LIVE_ARGS_MAX);
    if (code == 0) {
        dew_ask ask = { .fn = &call->entry->live, .args = dew_buf_str(&call->args_json), .asker = call->asker };
        dew_result *result;
        call->waiter.ready = result_ready;
        code = dew_results_get(call->worker->live, &ask, &result, &call->waiter);
        if (code == 0) {
            call->under_way = true;
            budget_begin(call);
            return;
        }
        if (code > 0)
            result_take(call, result);
    }
    if (code < 0 && call->error.code == 0)
        dew_error_set(&call->error, code, "%s", dew_error_text(code));
    app_invocation_finish(call);
}

/* ---- mutations ---- */

static void mutation_answered(dew_loop *loop, dew_msg *msg)
{
    (void)loop;
    app_invocation *call = dew_container_of(msg, app_invocation, answered);
    call->error = call->job.error;
    call->value = call->job.answer;
    call->commit = call->job.commit;
    call->under_way = false;
    finish(&call->finish);
}

/* The loop has gone: the application is stopping. */
static void mutation_dropped(dew_msg *msg)
{
    app_invocation_free(dew_container_of(msg, app_invocation, answered));
}

static void mutation_done(dew_job *job)
{
    app_invocation *call = dew_container_of(job, app_invocation, job);
    if (dew_loop_post_answer(call->worker->loop, &call->answered) != 0)
        mutation_dropped(&call->answered);
}

int app_mutation_submit(dew_app *app, const dew_registered *entry, dew_job *job)
{
    const dew_mutation_options *options = dew_registered_mutation(entry);
    int64_t limit_ms = dew_duration_ms(options->timeout, app_request_ms(app)), now_ns = dew_clock_now_ns();
    job->fn = entry->fn;
    job->run = options->run;
    job->deadline_ns = limit_ms < (INT64_MAX - now_ns) / 1000000 ? now_ns + limit_ms * 1000000 : 0;
    return dew_db_submit(app->db, job);
}

static void mutation_start(app_invocation *call, const app_call *given)
{
    int code = DEW_E_UNSUPPORTED;
    if (call->worker->app->db == NULL) {
        dew_error_set(&call->error, code, "%s needs a database: give dew_app_config.data_dir (--data DIR)",
                      call->entry->fn->name);
        app_invocation_finish(call);
        return;
    }
    dew_job_init(&call->job);
    call->has_job = true;
    call->job.args = call->args;
    call->job.identity = app_asker_identity(call->asker);
    call->job.client = dew_arena_str(&call->arena, given->has_seq ? given->client : (dew_str){ NULL, 0 });
    call->job.sequence = given->seq;
    call->job.on_done = mutation_done;
    call->answered = (dew_msg){ .run = mutation_answered, .drop = mutation_dropped };
    code = app_mutation_submit(call->worker->app, call->entry, &call->job);
    if (code == 0) {
        call->under_way = true;
        return;
    }
    dew_error_set(&call->error, code, "%s: too many mutations wait to be written; try again later",
                  call->entry->fn->name);
    app_invocation_finish(call);
}

/* ---- the call ---- */

app_invocation *app_invoke(app_worker *worker, const app_call *given, dew_asker *asker, app_invoked_fn *done,
                           void *owner)
{
    app_invocation *call = calloc(1, sizeof *call);
    if (call == NULL)
        return NULL;
    call->worker = worker;
    call->asker = dew_asker_ref(asker);
    call->done = done;
    call->owner = owner;
    call->is_inner = given->is_inner;
    call->finish.run = finish;
    dew_arena_init(&call->arena, DEW_APP_ACTION_ARENA_MAX);
    int code = check(call, given);
    if (code == 0)
        code = locate(call, given);
    if (code == 0)
        code = take_args(call, given);
    if (code != 0) {
        if (call->error.code == 0)
            dew_error_set(&call->error, code, "%s", dew_error_text(code));
        app_invocation_finish(call);
        return call;
    }
    if (call->entry->guards != NULL && !given->is_inner) {
        call->client = dew_arena_str(&call->arena, given->client);
        call->seq = given->seq;
        call->has_seq = given->has_seq;
        app_invocation_spawn(call);
        return call;
    }
    switch (call->entry->fn->kind) {
    case DEW_FN_QUERY:
        query_start(call);
        break;
    case DEW_FN_MUTATION:
        mutation_start(call, given);
        break;
    case DEW_FN_ACTION:
    case DEW_FN_ENDPOINT:
        app_invocation_spawn(call);
        break;
    case DEW_FN_CLIENT_QUERY: /* not served here */
        break;
    }
    return call;
}

void app_invocation_leave(app_invocation *call)
{
    if (call == NULL)
        return;
    call->done = NULL;
    if (call->has_scope) {
        dew_scope_end(&call->errand.scope, DEW_END_CLIENT_GONE);
    } else if (call->under_way && call->entry->fn->kind == DEW_FN_QUERY) {
        dew_results_leave(call->worker->live, &call->waiter, DEW_END_CLIENT_GONE);
        app_invocation_free(call);
    } else if (call->under_way && call->has_job && call->job.client.len == 0) {
        __atomic_store_n(&call->job.is_cancelled, 1, __ATOMIC_RELAXED); /* its answer is kept for nobody */
    }
}

void app_invocation_cancel(app_invocation *call)
{
    if (!call->under_way)
        return; /* done is on its way */
    if (call->inner != NULL) {
        app_invocation_cancel(call->inner);
    } else if (call->has_scope) {
        dew_scope_end(&call->errand.scope, DEW_END_CLIENT_GONE);
    } else if (call->entry->fn->kind == DEW_FN_QUERY) {
        dew_results_leave(call->worker->live, &call->waiter, DEW_END_CLIENT_GONE);
        dew_error_set(&call->error, DEW_E_CANCELLED, "%s", dew_error_text(DEW_E_CANCELLED));
        app_invocation_finish(call);
    } else if (call->has_job) {
        __atomic_store_n(&call->job.is_cancelled, 1, __ATOMIC_RELAXED);
    }
}
