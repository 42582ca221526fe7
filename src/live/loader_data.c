/* loader_data.c - the database as live/ knows it (data.h): read sets, write sets and stamps of SQLite. Worker's thread; what
 * looks at stamps and commits, any. */
#include "live/loader_internal.h"
#include "sql/match.h"

/* What a run read, in its result's arena. */
typedef struct loader_reads {
    dew_read_set set;
    dew_stamp_list stamps; /* its tail may be cut off: only `count` buckets are there */
} loader_reads;

static int64_t commit_now(void *context)
{
    return dew_db_number(context);
}

static int64_t stamp_of(void *context, const void *reads)
{
    return dew_stamps_latest(dew_db_stamps(context), &((const loader_reads *)reads)->stamps);
}

/* Stamps' buckets serve as the index; ours begin at 1, since 0 is DEW_BUCKET_ANY. */
static void read_buckets(void *context, const void *reads, dew_bucket_fn *each, void *each_context)
{
    (void)context;
    const dew_stamp_list *list = &((const loader_reads *)reads)->stamps;
    for (uint32_t i = 0; i < list->count; i++)
        each(each_context, (uint64_t)list->buckets[i] + 1);
}

struct bucket_each {
    dew_bucket_fn *each;
    void *context;
};

static void each_stamp(void *context, uint32_t bucket)
{
    struct bucket_each *to = context;
    to->each(to->context, (uint64_t)bucket + 1);
}

static void write_buckets(void *context, const void *writes, dew_bucket_fn *each, void *each_context)
{
    (void)context;
    dew_stamps_each(writes, each_stamp, &(struct bucket_each){ each, each_context });
}

static bool touches(void *context, const void *writes, const void *reads)
{
    (void)context;
    return dew_writes_touch(writes, &((const loader_reads *)reads)->set);
}

static bool knows(void *context, uint64_t epoch, int64_t commit)
{
    return dew_db_knows(context, epoch, commit);
}

static void writes_destroy(void *context, void *writes)
{
    (void)context;
    dew_write_set_unref(writes);
}

dew_live_data dew_loader_data(dew_db *db)
{
    return (dew_live_data){ db, commit_now, stamp_of, read_buckets, write_buckets, touches, knows, writes_destroy };
}

int dew_loader_keep_reads(dew_run *run, const dew_read_log *log)
{
    if (log->statements == 0 || (log->set.count == 0 && !log->set.everything)) {
        dew_run_read(run, NULL, 0, 0);
        return 0;
    }
    dew_stamp_list stamps;
    dew_stamps_of(&log->set, &stamps);
    size_t len =
        offsetof(loader_reads, stamps) + offsetof(dew_stamp_list, buckets) + stamps.count * sizeof stamps.buckets[0];
    loader_reads *reads = dew_arena_alloc(&run->result->arena, len < sizeof *reads ? len : sizeof *reads);
    if (reads == NULL)
        return dew_error_set(&run->error, DEW_E_NOMEM, "out of memory");
    memcpy(&reads->set, &log->set, sizeof reads->set);
    memcpy(&reads->stamps, &stamps, len - offsetof(loader_reads, stamps));
    dew_run_read(run, reads, log->lowest, log->highest);
    return 0;
}
