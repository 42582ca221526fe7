/* cut.c - see cut.h. */
#include "live/cut.h"

size_t dew_cut_check(dew_result *const *results, size_t count, const dew_live_data *data, bool *stale, int64_t *commit)
{
    int64_t cut = 0;
    for (size_t i = 0; i < count; i++)
        if (results[i] != NULL && results[i]->reads != NULL)
            cut = dew_max_i64(cut, results[i]->high);
    size_t stale_count = 0;
    for (size_t i = 0; i < count; i++) {
        const dew_result *result = results[i];
        stale[i] = result != NULL && result->reads != NULL && data != NULL && result->high < cut &&
                   data->stamp(data->context, result->reads) > result->high;
        stale_count += stale[i];
    }
    *commit = cut;
    return stale_count;
}

dew_position dew_cut_position(const dew_result *result, int64_t commit)
{
    return (dew_position){ commit, result->topic_count > 0 ? result->topic : 0 };
}
