/* readset.c - read sets: union with bounded size. See readset.h.
 *
 * Invariant: no two entries have the same (table, key column, key); an entry without key swallows the keyed ones of its
 * table, taking their masks. */
#include "sql/readset.h"

#include <stdlib.h>

void dew_reads_add_everything(dew_read_set *set)
{
    set->everything = true;
    set->count = 0;
}

static bool is_same_place(const dew_read *a, const dew_read *b)
{
    return a->table == b->table && a->key_column == b->key_column && (a->key_column < 0 || a->key == b->key);
}

/* Every table's entries become one without key. */
static void widen(dew_read_set *set)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        dew_read entry = set->items[i];
        entry.key_column = -1;
        entry.key = 0;
        uint32_t at = 0;
        while (at < kept && set->items[at].table != entry.table)
            at++;
        if (at < kept)
            set->items[at].columns |= entry.columns;
        else
            set->items[kept++] = entry;
    }
    set->count = kept;
}

static bool make_room(dew_arena *arena, dew_read_set *set)
{
    if (set->count < set->cap)
        return true;
    uint32_t cap = set->cap == 0 ? 8 : set->cap * 2;
    dew_read *items = dew_arena_alloc(arena, cap * sizeof *items);
    if (items == NULL)
        return false;
    if (set->count > 0)
        memcpy(items, set->items, set->count * sizeof *items);
    set->items = items;
    set->cap = cap;
    return true;
}

/* Removes the keyed entries of a table, and returns the union of their masks. */
static uint64_t swallow(dew_read_set *set, dew_table_key table)
{
    uint64_t columns = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->items[i].table == table)
            columns |= set->items[i].columns;
        else
            set->items[kept++] = set->items[i];
    }
    set->count = kept;
    return columns;
}

void dew_reads_add(dew_arena *arena, dew_read_set *set, const dew_read *entry)
{
    if (set->everything)
        return;
    dew_read added = *entry;
    for (uint32_t i = 0; i < set->count; i++) {
        dew_read *item = &set->items[i];
        if (is_same_place(item, &added) || (item->table == added.table && item->key_column < 0)) {
            item->columns |= added.columns;
            return;
        }
    }
    if (added.key_column < 0)
        added.columns |= swallow(set, added.table);
    if (set->count >= DEW_READS_MAX) {
        widen(set);
        if (set->count >= DEW_READS_MAX) {
            dew_reads_add_everything(set);
            return;
        }
        dew_reads_add(arena, set, &added);
        return;
    }
    if (!make_room(arena, set)) {
        dew_reads_add_everything(set);
        return;
    }
    set->items[set->count++] = added;
}

void dew_reads_add_all(dew_arena *arena, dew_read_set *set, const dew_read_set *from)
{
    if (from->everything)
        dew_reads_add_everything(set);
    for (uint32_t i = 0; i < from->count; i++)
        dew_reads_add(arena, set, &from->items[i]);
}

void dew_read_log_saw(dew_read_log *log, int64_t number)
{
    if (log->statements++ == 0 || number < log->lowest)
        log->lowest = number;
    if (number > log->highest)
        log->highest = number;
}

dew_read_set *dew_reads_clone(const dew_read_set *set)
{
    dew_read_set *copy = malloc(sizeof *copy + set->count * sizeof *copy->items);
    if (copy == NULL)
        return NULL;
    *copy = (dew_read_set){ set->everything, set->count, set->count, (dew_read *)(copy + 1) };
    if (set->count > 0)
        memcpy(copy->items, set->items, set->count * sizeof *copy->items);
    return copy;
}
