/* stamps.c - version stamps. See stamps.h.
 *
 * Bucket 0 is `everything` (DDL, foreign writes), bucket 1 `any change at all`; the others are hashed from a part. */
#include "sql/stamps.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { EVERYTHING, ANY_CHANGE, FIRST_PART };
enum part { PART_ANY_ROW = 1, PART_WHOLE, PART_KEY };

struct dew_stamps {
    _Atomic int64_t at[DEW_STAMPS_COUNT];
};

dew_stamps *dew_stamps_create(void)
{
    return calloc(1, sizeof(dew_stamps));
}

void dew_stamps_destroy(dew_stamps *stamps)
{
    free(stamps);
}

static uint32_t bucket_of(enum part part, dew_table_key table, int column, dew_value_key key)
{
    uint64_t hash = (table + (uint64_t)part) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= (key + (uint64_t)column) * UINT64_C(0xc2b2ae3d27d4eb4f);
    hash = (hash ^ (hash >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
    hash ^= hash >> 32;
    uint32_t bucket = (uint32_t)hash & (DEW_STAMPS_COUNT - 1);
    return bucket >= FIRST_PART ? bucket : bucket + FIRST_PART;
}

static void each_of_row(const dew_write_row *row, dew_stamp_fn *each, void *context)
{
    each(context, bucket_of(PART_ANY_ROW, row->table, 0, 0));
    if (row->op == DEW_WRITE_WHOLE)
        each(context, bucket_of(PART_WHOLE, row->table, 0, 0));
    for (int i = 0; i < row->count; i++) {
        if (row->old_keys != NULL)
            each(context, bucket_of(PART_KEY, row->table, i, row->old_keys[i]));
        if (row->new_keys != NULL && (row->old_keys == NULL || row->new_keys[i] != row->old_keys[i]))
            each(context, bucket_of(PART_KEY, row->table, i, row->new_keys[i]));
    }
}

void dew_stamps_each(const dew_write_set *writes, dew_stamp_fn *each, void *context)
{
    each(context, ANY_CHANGE);
    if (writes->everything)
        each(context, EVERYTHING);
    for (uint32_t i = 0; i < writes->count; i++)
        each_of_row(&writes->rows[i], each, context);
}

struct raise {
    dew_stamps *stamps;
    int64_t commit;
};

static void raise_bucket(void *context, uint32_t bucket)
{
    struct raise *raise = context; /* one writer: commit only grows */
    atomic_store_explicit(&raise->stamps->at[bucket], raise->commit, memory_order_release);
}

void dew_stamps_raise(dew_stamps *stamps, const dew_write_set *writes, int64_t commit)
{
    dew_stamps_each(writes, raise_bucket, &(struct raise){ stamps, commit });
}

void dew_stamps_of(const dew_read_set *reads, dew_stamp_list *out)
{
    if (reads->everything || 1 + 2 * (size_t)reads->count > DEW_STAMP_BUCKETS_MAX) {
        out->count = 1;
        out->buckets[0] = ANY_CHANGE;
        return;
    }
    out->count = 0;
    if (reads->count > 0)
        out->buckets[out->count++] = EVERYTHING;
    for (uint32_t i = 0; i < reads->count; i++) {
        const dew_read *entry = &reads->items[i];
        if (entry->key_column < 0) {
            out->buckets[out->count++] = bucket_of(PART_ANY_ROW, entry->table, 0, 0);
            continue;
        }
        out->buckets[out->count++] = bucket_of(PART_WHOLE, entry->table, 0, 0);
        out->buckets[out->count++] = bucket_of(PART_KEY, entry->table, entry->key_column, entry->key);
    }
}

int64_t dew_stamps_latest(const dew_stamps *stamps, const dew_stamp_list *list)
{
    int64_t latest = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        int64_t at = atomic_load_explicit(&stamps->at[list->buckets[i]], memory_order_acquire);
        if (at > latest)
            latest = at;
    }
    return latest;
}

bool dew_stamps_are_valid(const dew_stamps *stamps, const dew_stamp_list *list, int64_t commit)
{
    return dew_stamps_latest(stamps, list) <= commit;
}
