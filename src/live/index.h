/* index.h - from a bucket (a hash of a table, of a table's key value, of a topic) to the live queries that read it.
 *
 * Entries stand in arrays that their owner keeps; the index links them. A bucket may hold entries of other buckets'
 * queries only through equal hashes: the user of a hit checks precisely. Not thread-safe: one per worker. */
#ifndef DEW_LIVE_INDEX_H
#define DEW_LIVE_INDEX_H

#include "base/list.h"

#include <dew/error.h>

typedef struct dew_index_entry {
    dew_link link;
    uint64_t bucket;
    void *owner;
} dew_index_entry;

typedef struct dew_index {
    dew_link *heads; /* a power of two of rings */
    size_t cap, count;
} dew_index;

int dew_index_init(dew_index *index) DEW_MUST_USE; /* 0 or DEW_E_NOMEM */
void dew_index_dispose(dew_index *index);          /* entries must be gone; takes zeroed */

/* Never fails: when the table cannot grow, chains get longer. The entry must not move until removed. */
void dew_index_add(dew_index *index, dew_index_entry *entry);
void dew_index_remove(dew_index *index, dew_index_entry *entry); /* an entry that is not there is fine when zeroed */

/* Calls each(context, owner) for every entry of the bucket; `each` must not change the index. */
void dew_index_find(const dew_index *index, uint64_t bucket, void (*each)(void *context, void *owner), void *context);

#endif
