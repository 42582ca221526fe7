/* passes.h - how many passes pages have needed: a histogram. Counted on the worker's thread, read on any (base/level.h). */
#ifndef DEW_APP_PASSES_H
#define DEW_APP_PASSES_H

#include "base/buffer.h"
#include "base/level.h"

#include <dew/app.h>

#define APP_PASSES_BUCKETS 7 /* up to 1, 2, 3, 5, 10, 25, and more */

typedef struct app_passes {
    unsigned long counts[APP_PASSES_BUCKETS], sum;
} app_passes;

/* A page was made in so many passes: 0 for one of which nothing was rendered. */
static inline void app_passes_count(app_passes *passes, int count)
{
    static const unsigned char small[] = { 0, 0, 1, 2, 3, 3 };
    unsigned bucket = count < 6 ? small[count] : count <= 10 ? 4 : count <= 25 ? 5 : 6;
    DEW_LEVEL_ADD(&passes->counts[bucket], 1);
    DEW_LEVEL_ADD(&passes->sum, count);
}

/* Appends dew_page_passes, of all workers, as Prometheus text. */
void app_passes_metrics(const dew_app *app, dew_buf *out);

#endif
