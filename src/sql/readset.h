/* readset.h - what a handler's SQL read: tables, columns, and where it is known the one key that rows had to have.
 *
 * An entry says: rows of `table` whose column `key_column` equals `key` (all rows when key_column is -1), and of these
 * only the columns in the mask. A set is the union of its entries. Wider than the truth is slow, narrower is a bug
 * (design rule 7): whatever does not fit becomes wider, in the end `everything`.
 *
 * A log belongs to one run of a handler: the set, and the lowest and highest commit number that its statements saw.
 * Plain data without pointers into the database; copied freely between threads. */
#ifndef DEW_SQL_READSET_H
#define DEW_SQL_READSET_H

#include "sql/key.h"

#include <dew/arena.h>

/* Most entries in one set; past it the entries of each table become one without key, and past it again everything. */
#define DEW_READS_MAX 128

typedef struct dew_read {
    dew_table_key table;
    uint64_t columns;   /* mask, those of WHERE and ORDER BY included */
    int key_column;     /* -1: any row */
    dew_value_key key;
} dew_read;

/* Zeroed is the empty set. */
typedef struct dew_read_set {
    bool everything;
    uint32_t count, cap;
    dew_read *items; /* in an arena, or the caller's */
} dew_read_set;

typedef struct dew_read_log {
    dew_read_set set;
    int64_t lowest, highest; /* commit numbers; 0: no statement ran */
    uint64_t statements;     /* how many ran */
    bool is_timed;           /* set by the maker: spent_ns is kept */
    int64_t spent_ns;        /* in statements, waiting for a connection included */
} dew_read_log;

/* Adds an entry, or widens one that is there. Never fails: out of memory makes it everything. */
void dew_reads_add(dew_arena *arena, dew_read_set *set, const dew_read *entry);
void dew_reads_add_everything(dew_read_set *set);
void dew_reads_add_all(dew_arena *arena, dew_read_set *set, const dew_read_set *from);

/* A statement ran and saw commit `number`. */
void dew_read_log_saw(dew_read_log *log, int64_t number);

/* A copy in one malloc block, `items` inside it; NULL when out of memory. The caller frees. */
dew_read_set *dew_reads_clone(const dew_read_set *set) DEW_MUST_USE;

#endif
