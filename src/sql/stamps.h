/* stamps.h - version stamps: the last commit number that touched each part of a shard, for checking cached results
 * without a lock (design rule 4).
 *
 * A part is one of: everything; a table, any change; a table, changed as a whole; a table's rows with one value in one
 * column. Parts share DEW_STAMPS_COUNT buckets by hash: a collision drops a result too early, never too late.
 *
 * The writer raises the stamps of a group's write set to N with release order before commit N becomes visible; a
 * result that was read at commit c is valid while every stamp of its read set, loaded with acquire order, is at most c.
 * Column masks are not looked at: a stamp is coarser than dew_writes_touch. */
#ifndef DEW_SQL_STAMPS_H
#define DEW_SQL_STAMPS_H

#include "sql/readset.h"
#include "sql/writeset.h"

#define DEW_STAMPS_COUNT 65536 /* power of two; 8 bytes each */

/* Most buckets of one read set; a set that needs more is checked against `everything changed at all`. */
#define DEW_STAMP_BUCKETS_MAX 64

typedef struct dew_stamps dew_stamps;

/* The buckets of a read set, kept with a cached result. */
typedef struct dew_stamp_list {
    uint32_t count;
    uint32_t buckets[DEW_STAMP_BUCKETS_MAX];
} dew_stamp_list;

dew_stamps *dew_stamps_create(void) DEW_MUST_USE; /* NULL when out of memory */
void dew_stamps_destroy(dew_stamps *stamps);      /* takes NULL */

/* The writer alone: raises every bucket that the set touches to `commit`. */
void dew_stamps_raise(dew_stamps *stamps, const dew_write_set *writes, int64_t commit);

void dew_stamps_of(const dew_read_set *reads, dew_stamp_list *out);

/* The buckets that a write set raises, some of them perhaps twice. A write set that touches a read set shares a bucket
 * with it, so they serve as an index, too. */
typedef void dew_stamp_fn(void *context, uint32_t bucket);
void dew_stamps_each(const dew_write_set *writes, dew_stamp_fn *each, void *context);

/* Any thread, with acquire: the last commit that touched any of these buckets; 0: none since start. */
int64_t dew_stamps_latest(const dew_stamps *stamps, const dew_stamp_list *list);

/* Any thread. True while nothing that was read changed after `commit`. */
bool dew_stamps_are_valid(const dew_stamps *stamps, const dew_stamp_list *list, int64_t commit);

#endif
