/* writeset.c - write sets: built row by row by the writer, frozen at commit. See writeset.h.
 *
 * Invariants of a builder: rows up to `count` and tables up to `whole_count` are what the transaction has changed so far
 * and what its savepoints have not taken back; widening to `everything` is taken back with the savepoint too. */
#include "sql/writeset.h"

#include <stdlib.h>

#define BUILDER_ARENA_MAX ((size_t)8 * 1024 * 1024)

void dew_write_builder_init(dew_write_builder *builder, dew_hash_key secret)
{
    *builder = (dew_write_builder){ .secret = secret };
    dew_arena_init(&builder->arena, BUILDER_ARENA_MAX);
}

void dew_write_builder_dispose(dew_write_builder *builder)
{
    dew_arena_dispose(&builder->arena);
    free(builder->rows);
    builder->rows = NULL;
    builder->count = builder->cap = 0;
}

void dew_write_builder_reset(dew_write_builder *builder)
{
    dew_arena_reset(&builder->arena);
    builder->count = builder->whole_count = 0;
    builder->everything = false;
}

void dew_write_builder_everything(dew_write_builder *builder)
{
    builder->everything = true;
}

void dew_write_builder_whole(dew_write_builder *builder, dew_table_key table)
{
    for (uint32_t i = 0; i < builder->whole_count; i++)
        if (builder->whole[i] == table)
            return;
    if (builder->whole_count == DEW_WRITE_TABLES_MAX)
        builder->everything = true;
    else
        builder->whole[builder->whole_count++] = table;
}

static bool make_room(dew_write_builder *builder)
{
    if (builder->count < builder->cap)
        return true;
    if (builder->count >= DEW_WRITE_ROWS_MAX)
        return false;
    uint32_t cap = builder->cap == 0 ? 64 : builder->cap * 2;
    dew_write_row *rows = realloc(builder->rows, cap * sizeof *rows);
    if (rows == NULL)
        return false;
    builder->rows = rows;
    builder->cap = cap;
    return true;
}

typedef int column_fn(sqlite3 *, int, sqlite3_value **);

/* The keys of one side of a row; NULL when they cannot be had. */
static dew_value_key *keys_of(dew_write_builder *builder, sqlite3 *db, int count, column_fn *column)
{
    dew_value_key *keys = dew_arena_alloc(&builder->arena, (size_t)count * sizeof *keys);
    if (keys == NULL)
        return NULL;
    for (int i = 0; i < count; i++) {
        sqlite3_value *value = NULL;
        if (column(db, i, &value) != SQLITE_OK || value == NULL)
            return NULL;
        keys[i] = dew_key_of_sqlite(builder->secret, value);
    }
    return keys;
}

/* Are two values the same to a reader? Stricter than their keys: 1 and 1.0 are one key, but not one result. */
static bool is_same_value(sqlite3 *db, int column)
{
    sqlite3_value *before = NULL, *after = NULL;
    if (sqlite3_preupdate_old(db, column, &before) != SQLITE_OK ||
        sqlite3_preupdate_new(db, column, &after) != SQLITE_OK)
        return false;
    if (sqlite3_value_type(before) != sqlite3_value_type(after))
        return false;
    bool is_text = sqlite3_value_type(before) == SQLITE_TEXT;
    double x, y;
    const void *a, *b;
    switch (sqlite3_value_type(before)) {
    case SQLITE_NULL:
        return true;
    case SQLITE_INTEGER:
        return sqlite3_value_int64(before) == sqlite3_value_int64(after);
    case SQLITE_FLOAT:
        x = sqlite3_value_double(before);
        y = sqlite3_value_double(after);
        return memcmp(&x, &y, sizeof x) == 0;
    default: /* as text first: that settles the encoding that _bytes counts in */
        a = is_text ? sqlite3_value_text(before) : sqlite3_value_blob(before);
        b = is_text ? sqlite3_value_text(after) : sqlite3_value_blob(after);
        return sqlite3_value_bytes(before) == sqlite3_value_bytes(after) &&
               (sqlite3_value_bytes(before) == 0 || memcmp(a, b, (size_t)sqlite3_value_bytes(before)) == 0);
    }
}

void dew_write_builder_row(dew_write_builder *builder, sqlite3 *db, dew_table_key table, dew_write_op op, bool is_moved)
{
    for (uint32_t i = 0; i < builder->whole_count; i++)
        if (builder->whole[i] == table)
            return;
    int count = sqlite3_preupdate_count(db);
    if (builder->everything)
        return;
    if (count > UINT16_MAX || !make_room(builder)) {
        dew_write_builder_whole(builder, table);
        return;
    }
    dew_write_row row = { .table = table, .op = (uint8_t)op, .count = (uint16_t)count, .changed = DEW_COLUMNS_ALL };
    if (op != DEW_WRITE_INSERT)
        row.old_keys = keys_of(builder, db, count, sqlite3_preupdate_old);
    if (op != DEW_WRITE_DELETE)
        row.new_keys = keys_of(builder, db, count, sqlite3_preupdate_new);
    if ((op != DEW_WRITE_INSERT && row.old_keys == NULL) || (op != DEW_WRITE_DELETE && row.new_keys == NULL)) {
        dew_write_builder_whole(builder, table);
        return;
    }
    if (op == DEW_WRITE_UPDATE && !is_moved) {
        row.changed = 0;
        for (int i = 0; i < count; i++)
            if (!is_same_value(db, i))
                row.changed |= dew_column_bit(i);
        if (row.changed == 0)
            return; /* writes what was there: nobody can see it */
    }
    builder->rows[builder->count++] = row;
}

dew_write_mark dew_write_builder_mark(const dew_write_builder *builder)
{
    return (dew_write_mark){ builder->count, builder->whole_count, builder->everything };
}

void dew_write_builder_cut(dew_write_builder *builder, dew_write_mark mark)
{
    builder->count = mark.count;
    builder->whole_count = mark.whole_count;
    builder->everything = mark.everything;
}

/* ---- frozen ---- */

static size_t keys_len(const dew_write_row *row)
{
    return ((row->old_keys != NULL) + (size_t)(row->new_keys != NULL)) * row->count * sizeof(dew_value_key);
}

static const dew_value_key *move_keys(dew_value_key **at, const dew_value_key *keys, size_t count)
{
    if (keys == NULL)
        return NULL;
    dew_value_key *moved = *at;
    memcpy(moved, keys, count * sizeof *keys);
    *at += count;
    return moved;
}

dew_write_set *dew_write_builder_freeze(const dew_write_builder *builder)
{
    uint32_t row_count = builder->everything ? 0 : builder->count;
    uint32_t whole_count = builder->everything ? 0 : builder->whole_count;
    size_t len = sizeof(dew_write_set) + (row_count + whole_count) * sizeof(dew_write_row);
    for (uint32_t i = 0; i < row_count; i++)
        len += keys_len(&builder->rows[i]);
    dew_write_set *set = malloc(len);
    if (set == NULL)
        return NULL;
    dew_write_row *rows = (dew_write_row *)(set + 1);
    *set = (dew_write_set){ 1, builder->everything, row_count + whole_count, rows };
    for (uint32_t i = 0; i < whole_count; i++)
        rows[i] = (dew_write_row){ .table = builder->whole[i], .op = DEW_WRITE_WHOLE, .changed = DEW_COLUMNS_ALL };
    rows += whole_count;
    dew_value_key *at = (dew_value_key *)(rows + row_count);
    for (uint32_t i = 0; i < row_count; i++) {
        rows[i] = builder->rows[i];
        rows[i].old_keys = move_keys(&at, rows[i].old_keys, rows[i].count);
        rows[i].new_keys = move_keys(&at, rows[i].new_keys, rows[i].count);
    }
    return set;
}

dew_write_set *dew_write_set_ref(dew_write_set *set)
{
    __atomic_add_fetch(&set->refs, 1, __ATOMIC_RELAXED);
    return set;
}

void dew_write_set_unref(dew_write_set *set)
{
    if (set != NULL && __atomic_sub_fetch(&set->refs, 1, __ATOMIC_ACQ_REL) == 0)
        free(set);
}
