/* writeset.h - what one commit changed: rows with the keys of their old and new values.
 *
 * Made by the writer while a group runs (dew_write_builder), cut back with a savepoint, frozen into one immutable,
 * counted block when the group commits. A table with too many changed rows, or whose rows cannot be told apart
 * (generated columns), is a whole table; DDL and foreign writes are everything. */
#ifndef DEW_SQL_WRITESET_H
#define DEW_SQL_WRITESET_H

#include "sql/key.h"

#include <dew/arena.h>

/* Rows kept per group; past it the tables that are written become whole. 64 bytes and 16 a column each. */
#define DEW_WRITE_ROWS_MAX 4096
/* Whole tables kept per group; past it the set is everything. */
#define DEW_WRITE_TABLES_MAX 64

typedef enum dew_write_op { DEW_WRITE_INSERT = 1, DEW_WRITE_UPDATE, DEW_WRITE_DELETE, DEW_WRITE_WHOLE } dew_write_op;

typedef struct dew_write_row {
    dew_table_key table;
    uint8_t op;              /* dew_write_op; WHOLE: any row of the table */
    uint16_t count;          /* columns; 0 for WHOLE */
    uint64_t changed;        /* columns that differ; all for INSERT and DELETE */
    const dew_value_key *old_keys, *new_keys; /* count each; NULL for INSERT and for DELETE */
} dew_write_row;

/* Immutable once made; shared by threads. */
typedef struct dew_write_set {
    unsigned refs; /* atomic access only */
    bool everything;
    uint32_t count;
    const dew_write_row *rows; /* inside the block */
} dew_write_set;

dew_write_set *dew_write_set_ref(dew_write_set *set); /* returns its argument */
void dew_write_set_unref(dew_write_set *set);         /* takes NULL */

/* ---- building: the writer's thread only ---- */

typedef struct dew_write_builder {
    dew_arena arena;
    dew_hash_key secret;
    dew_write_row *rows;
    uint32_t count, cap;
    dew_table_key whole[DEW_WRITE_TABLES_MAX];
    uint32_t whole_count;
    bool everything;
} dew_write_builder;

/* Where a savepoint stands. */
typedef struct dew_write_mark {
    uint32_t count, whole_count;
    bool everything;
} dew_write_mark;

void dew_write_builder_init(dew_write_builder *builder, dew_hash_key secret);
void dew_write_builder_dispose(dew_write_builder *builder);
void dew_write_builder_reset(dew_write_builder *builder);

/* Adds a row as the preupdate hook shows it; `is_moved`: an UPDATE gave it another rowid. Never fails: it widens. */
void dew_write_builder_row(dew_write_builder *builder, sqlite3 *db, dew_table_key table, dew_write_op op,
                           bool is_moved);
void dew_write_builder_whole(dew_write_builder *builder, dew_table_key table);
void dew_write_builder_everything(dew_write_builder *builder);

/* Marks, and forgets what came after a mark (rows only: memory stays until the reset). */
dew_write_mark dew_write_builder_mark(const dew_write_builder *builder);
void dew_write_builder_cut(dew_write_builder *builder, dew_write_mark mark);

static inline bool dew_write_builder_is_empty(const dew_write_builder *builder)
{
    return builder->count == 0 && builder->whole_count == 0 && !builder->everything;
}

/* An immutable copy with one reference; NULL when out of memory. */
dew_write_set *dew_write_builder_freeze(const dew_write_builder *builder) DEW_MUST_USE;

#endif
