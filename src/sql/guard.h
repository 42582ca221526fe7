/* guard.h - what user SQL may do on a connection, and what it was seen to name while it was prepared.
 *
 * Installed as SQLite's authorizer. User SQL may not BEGIN, COMMIT, ROLLBACK, SAVEPOINT, ATTACH, DETACH, VACUUM, PRAGMA,
 * make temporary things, or name tables that start with dew_; on readers it may not write (design rule 3). While
 * `is_internal` our own statements pass.
 *
 * The reads gathered are the cross-check of read sets (rule 7): every (table, column) that the statement reads, views
 * and triggers resolved; an empty column for a table that is read without naming a column. */
#ifndef DEW_SQL_GUARD_H
#define DEW_SQL_GUARD_H

#include "sql/sqlite.h"

#include <dew/arena.h>

typedef enum dew_guard_mode { DEW_GUARD_INTERNAL, DEW_GUARD_READ, DEW_GUARD_WRITE, DEW_GUARD_MIGRATE } dew_guard_mode;

typedef struct dew_guard_read {
    struct dew_guard_read *next;
    dew_str table, column;
} dew_guard_read;

typedef struct dew_sql_guard {
    dew_guard_mode mode;
    bool is_gathering;
    /* since dew_guard_begin */
    dew_arena arena;
    dew_guard_read *reads;
    bool may_be_ddl;    /* it changes the schema, or connects to a virtual table */
    bool is_overflown;  /* more reads than could be kept: everything */
    char refused[160];  /* why it was refused; empty: it was not */
} dew_sql_guard;

/* Installs it on db; it lives as long as db. Mode INTERNAL. */
void dew_guard_init(dew_sql_guard *guard, sqlite3 *db);
void dew_guard_dispose(dew_sql_guard *guard);

/* Before a user statement is prepared in `mode`. Until dew_guard_end the reads are gathered; they are borrowed until the
 * next begin. */
void dew_guard_begin(dew_sql_guard *guard, dew_guard_mode mode);
void dew_guard_end(dew_sql_guard *guard);

#endif
