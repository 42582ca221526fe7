/* passes.c - see passes.h. */
#include "app/app_internal.h"

void app_passes_metrics(const dew_app *app, dew_buf *out)
{
    static const char *const bounds[APP_PASSES_BUCKETS] = { "1", "2", "3", "5", "10", "25", "+Inf" };
    unsigned long sum = 0, count = 0;
    dew_buf_put_lit(out, "# HELP dew_page_passes Passes that pages have needed until they settled.\n"
                         "# TYPE dew_page_passes histogram\n");
    for (int bucket = 0; bucket < APP_PASSES_BUCKETS; bucket++) {
        for (unsigned i = 0; i < app->worker_count; i++)
            count += DEW_LEVEL_GET(&app->workers[i].passes.counts[bucket]);
        dew_buf_putf(out, "dew_page_passes_bucket{le=\"%s\"} %lu\n", bounds[bucket], count);
    }
    for (unsigned i = 0; i < app->worker_count; i++)
        sum += DEW_LEVEL_GET(&app->workers[i].passes.sum);
    dew_buf_putf(out, "dew_page_passes_sum %lu\ndew_page_passes_count %lu\n", sum, count);
}
