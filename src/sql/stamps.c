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

static void raise_bucket(dew_stamps *stamps, uint32_t bucket, int64_t commit)
{
    atomic_store_explicit(&stamps->at[bucket], commit, memory_order_release); /* one writer: commit only grows */
}

static void raise_row(dew_stamps *stamps, const dew_write_row *row, int64_t commit)
{
    raise_bucket(stamps, bucket_of(PART_ANY_ROW, row->table, 0, 0), commit);
    if (row->op == DEW_WRITE_WHOLE)
        raise_bucket(stamps, bucket_of(PART_WHOLE, row->table, 0, 0), commit);
    for (int i = 0; i < row->count; i++) {
        if (row->old_keys != NULL)
            raise_bucket(stamps, bucket_of(PART_KEY, row->table, i, row->old_keys[i]), commit);
        if (row->new_keys != NULL && (row->old_keys == NULL || row->new_keys[i] != row->old_keys[i]))
            raise_bucket(stamps, bucket_of(PART_KEY, row->table, i, row->new_keys[i]), commit);
    }
}

void dew_stamps_raise(dew_stamps *stamps, const dew_write_set *writes, int64_t commit)
{
    raise_bucket(stamps, ANY_CHANGE, commit);
    if (writes->everything)
        raise_bucket(stamps, EVERYTHING, commit);
    for (uint32_t i = 0; i < writes->count; i++)
        raise_row(stamps, &writes->rows[i], commit);
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

bool dew_stamps_are_valid(const dew_stamps *stamps, const dew_stamp_list *list, int64_t commit)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (atomic_load_explicit(&stamps->at[list->buckets[i]], memory_order_acquire) > commit)
            return false;
    return true;
}
