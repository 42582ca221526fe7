/* match.c - write set against read set. See match.h. */
#include "sql/match.h"

static bool has_key(const dew_value_key *keys, const dew_write_row *row, const dew_read *entry)
{
    /* a row with fewer columns than the reader knew was written under another schema: too wide is right */
    return keys != NULL && (entry->key_column >= row->count || keys[entry->key_column] == entry->key);
}

bool dew_write_row_touches(const dew_write_row *row, const dew_read *entry)
{
    if (row->table != entry->table)
        return false;
    if (row->op == DEW_WRITE_WHOLE)
        return true;
    if (row->op == DEW_WRITE_UPDATE && (row->changed & entry->columns) == 0)
        return false;
    return entry->key_column < 0 || has_key(row->old_keys, row, entry) || has_key(row->new_keys, row, entry);
}

bool dew_writes_touch(const dew_write_set *writes, const dew_read_set *reads)
{
    if (reads->everything)
        return writes->everything || writes->count > 0;
    if (writes->everything)
        return reads->count > 0;
    for (uint32_t w = 0; w < writes->count; w++)
        for (uint32_t r = 0; r < reads->count; r++)
            if (dew_write_row_touches(&writes->rows[w], &reads->items[r]))
                return true;
    return false;
}
