/* embedding.c - what the program's own threads may ask: mutations and publishes (pages: rendering.c); and preload tokens. */
#include "app/app_internal.h"
#include "app/asker.h"
#include "app/calls.h"
#include "app/invoke.h"
#include "base/format.h"
#include "live/results.h"
#include "page/dehydrate.h"
#include "type/copy.h"

#include <stdlib.h>

int dew_publish(dew_app *app, const dew_channel *channel, const void *key, const void *message)
{
    (void)message; /* subscribers load anew: what they see is the data, not the message */
    return dew_live_publish(app->live, channel, key, NULL);
}

/* ---- mutations ---- */

typedef struct program_mutation {
    dew_job job;
    dew_arena args;
    dew_mutated_fn *on_done;
    void *context;
} program_mutation;

static void mutation_free(program_mutation *mutation)
{
    dew_job_dispose(&mutation->job);
    dew_arena_dispose(&mutation->args);
    free(mutation);
}

static void mutated(dew_job *job)
{
    program_mutation *mutation = dew_container_of(job, program_mutation, job);
    if (mutation->on_done != NULL) {
        dew_mutated result = {
            .code = job->error.code, .message = job->error.message, .commit = job->commit, .value = job->value
        };
        mutation->on_done(mutation->context, &result);
    }
    mutation_free(mutation);
}

int dew_mutate_fn(dew_app *app, const dew_fn *fn, const void *args, dew_mutated_fn *on_done, void *context)
{
    const dew_registered *entry = dew_registry_find(&app->registry, dew_str_of(fn->name));
    if (entry == NULL || entry->fn->kind != DEW_FN_MUTATION)
        return DEW_E_NOT_FOUND;
    if (app->db == NULL)
        return DEW_E_UNSUPPORTED;
    program_mutation *mutation = calloc(1, sizeof *mutation);
    if (mutation == NULL)
        return DEW_E_NOMEM;
    dew_job_init(&mutation->job);
    dew_arena_init(&mutation->args, DEW_APP_ACTION_ARENA_MAX);
    void *copy = dew_arena_calloc(&mutation->args, 1, fn->args()->size);
    int code = copy != NULL ? dew_value_copy(&mutation->args, fn->args(), args, copy) : DEW_E_NOMEM;
    mutation->job.args = copy;
    mutation->job.on_done = mutated;
    mutation->on_done = on_done;
    mutation->context = context;
    if (code == 0)
        code = app_mutation_submit(app, entry, &mutation->job);
    if (code != 0)
        mutation_free(mutation);
    return code;
}

/* ---- preload tokens ---- */

static int token_write(dew_scope *scope, app_worker *worker, const dew_registered *entry, dew_str args,
                       dew_result *result, dew_str *token)
{
    dew_page_value value = { .value = result->value,
                             .json = dew_blob_str(result->json),
                             .hash = result->hash,
                             .commit = result->high,
                             .topic = result->topic,
                             .schema = entry->live.schema };
    dew_buf out;
    dew_buf_init(&out, DEW_APP_HTML_MAX);
    dew_token_write(&out, entry->fn, args, &value, dew_topics_epoch(dew_live_topics(worker->app->live)), true);
    int code = out.error;
    if (code == 0) {
        *token = dew_arena_str(scope->arena, dew_buf_str(&out));
        code = token->ptr != NULL ? 0 : DEW_E_NOMEM;
    }
    dew_buf_dispose(&out);
    return code;
}

int dew_preload_fn(dew_scope *scope, const dew_fn *query, const void *args, dew_str *token)
{
    dew_buf args_json;
    dew_result *result = NULL;
    dew_buf_init(&args_json, DEW_LIVE_ARGS_MAX);
    int code = app_query_wait(scope, query, args, &args_json, &result);
    if (code == 0) {
        app_worker *worker = app_worker_of(scope->loop);
        const dew_registered *entry = dew_registry_find(&worker->app->registry, dew_str_of(query->name));
        code = token_write(scope, worker, entry, dew_buf_str(&args_json), result, token);
    }
    dew_result_unref(result);
    dew_buf_dispose(&args_json);
    return code == 0 ? 0 : dew_fail(scope, code, "%s: %s", query->name, dew_scope_words(scope, code));
}
