/* data.h - what live/ asks of the database, as a table of functions, so that the whole room runs in one thread against
 * tables made up by a test. The one for SQLite stands in loader.c.
 *
 * `reads` is what one run of a loader read (opaque, kept in the result's arena; NULL: nothing), `writes` what one commit
 * changed (opaque, immutable; NULL: everything may have changed).
 *
 * Invariant that live/ builds on: before commit N becomes visible to readers, the stamps of everything it touches are at
 * least N. So a value read at commit c is right at every commit from max(stamp of its reads) to c, and still right now if
 * that stamp is not above c. */
#ifndef DEW_LIVE_DATA_H
#define DEW_LIVE_DATA_H

#include <stdbool.h>
#include <stdint.h>

/* Buckets of the index: a write set that touches a read set shares a bucket with it. */
typedef void dew_bucket_fn(void *context, uint64_t bucket);
#define DEW_BUCKET_ANY 0 /* a read set in this bucket is looked at for every commit */

typedef struct dew_live_data {
    void *context;
    /* The highest commit number that readers can see. Any thread. */
    int64_t (*commit_now)(void *context);
    /* The highest stamp of a read set, with acquire. Any thread. */
    int64_t (*stamp)(void *context, const void *reads);
    /* Names the buckets. Too many is slow, too few is a bug. The worker's thread. */
    void (*read_buckets)(void *context, const void *reads, dew_bucket_fn *each, void *each_context);
    void (*write_buckets)(void *context, const void *writes, dew_bucket_fn *each, void *each_context);
    /* Exactly: may this commit have changed what was read? The worker's thread; `writes` is shared by all workers. */
    bool (*touches)(void *context, const void *writes, const void *reads);
    /* Is this commit of that epoch, which is not the present one, in the past of this database? Any thread. */
    bool (*knows)(void *context, uint64_t epoch, int64_t commit);
    /* Frees a write set; on the thread of the last worker that looked at it. */
    void (*writes_destroy)(void *context, void *writes);
} dew_live_data;

#endif
