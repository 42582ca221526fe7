/* run.c - see run.h. Worker's thread. */
#include "live/run.h"

#include "type/json.h"

#include <assert.h>

int dew_run_begin(dew_run *run)
{
    dew_result_unref(run->result);
    run->result = dew_result_create(run->fn);
    run->input_missing = false;
    run->error.code = 0;
    if (run->result == NULL)
        return dew_error_set(&run->error, DEW_E_NOMEM, "out of memory");
    dew_result *result = run->result;
    const dew_type *args_type = run->fn->fn->args(), *value_type = run->fn->fn->value();
    void *args = dew_arena_calloc(&result->arena, 1, args_type->size);
    result->value = dew_arena_calloc(&result->arena, 1, value_type->size);
    if (args == NULL || result->value == NULL)
        return dew_error_set(&run->error, DEW_E_NOMEM, "out of memory");
    run->args = args;
    result->topic = dew_topics_now(run->topics);
    return dew_json_read(&result->arena, run->args_json, args_type, args, "args", &run->error);
}

void dew_run_asked(dew_run *run, const dew_scope_input *inputs, bool missing)
{
    run->result->inputs = inputs;
    run->input_missing = missing;
}

void dew_run_read(dew_run *run, const void *reads, int64_t low, int64_t high)
{
    assert(low <= high);
    run->result->reads = reads;
    run->result->low = low;
    run->result->high = high;
}

int dew_run_watch(dew_run *run, dew_str topic)
{
    dew_result *result = run->result;
    for (size_t i = 0; i < result->topic_count; i++)
        if (dew_str_eq(result->topics[i], topic))
            return 0;
    if (result->topic_count == DEW_RESULT_TOPICS_MAX)
        return dew_error_set(&run->error, DEW_E_LIMIT, "%s watches more than %d topics", run->fn->fn->name,
                             DEW_RESULT_TOPICS_MAX);
    dew_str copy = dew_arena_str(&result->arena, topic);
    if (copy.ptr == NULL)
        return dew_error_set(&run->error, DEW_E_NOMEM, "out of memory");
    result->topics[result->topic_count++] = copy;
    return 0;
}

/* Statements of one run read at different commits: does the value stand at the highest? */
static bool is_torn(const dew_run *run)
{
    const dew_result *result = run->result;
    if (run->data == NULL || result->reads == NULL || result->low == result->high)
        return false;
    return run->data->stamp(run->data->context, result->reads) > result->low;
}

bool dew_run_settle(dew_run *run, int code)
{
    run->code = code;
    if (code == 0 && !run->is_cancelled && !run->input_missing) {
        bool torn = is_torn(run);
        assert(!(torn && run->one_transaction));
        if (torn || (run->tries < DEW_RUN_TRIES && !dew_result_topics_valid(run->result, run->topics))) {
            run->tries++;
            run->one_transaction = torn && run->tries >= DEW_RUN_TRIES;
            return true;
        }
        run->code = dew_result_seal(run->result, &run->error);
    }
    if (run->code == 0 && run->is_cancelled)
        run->code = DEW_E_CANCELLED;
    if (run->code != 0 && run->error.code == 0)
        dew_error_set(&run->error, run->code, "%s", dew_error_text(run->code));
    run->error.code = run->code;
    return false;
}

void dew_run_finish(dew_run *run)
{
    run->done(run);
}
