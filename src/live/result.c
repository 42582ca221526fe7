/* result.c - see result.h. Worker's thread. */
#include "live/result.h"

#include "io/clock.h"
#include "type/json.h"

#include <assert.h>
#include <stdlib.h>

/* Most that is asked for before anything is written. */
#define GUESS_MAX ((size_t)64 * 1024)

dew_result *dew_result_create(const dew_live_fn *fn)
{
    dew_result *result = calloc(1, sizeof *result);
    if (result == NULL)
        return NULL;
    result->refs = 1;
    result->fn = fn;
    dew_arena_init(&result->arena, DEW_RESULT_ARENA_MAX);
    return result;
}

void dew_result_unref(dew_result *result)
{
    if (result == NULL || --result->refs != 0)
        return;
    dew_arena_dispose(&result->arena);
    dew_blob_unref(result->json);
    free(result);
}

int dew_result_seal(dew_result *result, dew_error *error)
{
    assert(result->json == NULL);
    dew_buf out;
    dew_buf_init(&out, sizeof(dew_blob) + DEW_RESULT_JSON_MAX);
    size_t guess = result->arena.held_len < GUESS_MAX ? result->arena.held_len : GUESS_MAX;
    /* as much as the value takes in memory, roughly: mostly it need not grow */
    if (dew_buf_reserve(&out, sizeof(dew_blob) + guess) == 0)
        out.len = sizeof(dew_blob);
    int failed = dew_json_write(&out, result->fn->fn->value(), result->value, error);
    if (failed == 0 && out.error != 0)
        failed = dew_error_set(error, out.error, "%s: the value is too large to send", result->fn->fn->name);
    if (failed == 0) {
        result->json = dew_blob_of_buf(&out);
        if (result->json == NULL)
            failed = dew_error_set(error, DEW_E_NOMEM, "out of memory");
        else
            result->hash = dew_hash_value(dew_blob_str(result->json));
    }
    const dew_query_options *options = result->fn->options;
    int64_t max_age_ms = options != NULL ? dew_duration_ms(options->max_age, INT64_MAX) : INT64_MAX;
    if (max_age_ms < INT64_MAX / 1000000)
        result->expires_ns = dew_clock_now_ns() + max_age_ms * 1000000;
    dew_buf_dispose(&out);
    return failed;
}

int64_t dew_result_since(const dew_result *result, const dew_live_data *data)
{
    if (result->reads == NULL || data == NULL)
        return 0;
    int64_t stamp = data->stamp(data->context, result->reads);
    return stamp <= result->high ? stamp : result->high;
}

bool dew_result_topics_valid(const dew_result *result, const dew_topics *topics)
{
    for (size_t i = 0; i < result->topic_count; i++)
        if (dew_topics_last(topics, result->topics[i]) > result->topic)
            return false;
    return true;
}

bool dew_result_has_aged(const dew_result *result)
{
    return result->expires_ns != 0 && dew_clock_now_ns() >= result->expires_ns;
}

bool dew_result_is_valid(const dew_result *result, const dew_live_data *data, const dew_topics *topics)
{
    if (dew_result_has_aged(result))
        return false;
    if (result->reads != NULL && data != NULL && data->stamp(data->context, result->reads) > result->high)
        return false;
    return dew_result_topics_valid(result, topics);
}

int64_t dew_result_topic_since(const dew_result *result, const dew_topics *topics)
{
    int64_t since = 0;
    for (size_t i = 0; i < result->topic_count; i++)
        since = dew_max_i64(since, dew_topics_last(topics, result->topics[i]));
    return dew_min_i64(since, result->topic);
}

size_t dew_result_size(const dew_result *result)
{
    return sizeof *result + result->arena.held_len + (result->json != NULL ? result->json->len : 0);
}
