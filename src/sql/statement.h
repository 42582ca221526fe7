/* statement.h - a connection with its prepared statements, by their text, least recently used dropped first.
 *
 * Beside the handle a statement keeps what was learnt when it was prepared: its read plan, and the map of its columns to
 * the fields of the type that it was last read into. When SQLite prepares it anew because the schema changed, all that
 * is void: whoever ran it sees dew_statement_is_stale, drops it and starts over. One thread. */
#ifndef DEW_SQL_STATEMENT_H
#define DEW_SQL_STATEMENT_H

#include "base/list.h"
#include "sql/guard.h"
#include "sql/plan.h"
#include "sql/rows.h"
#include "sql/schema.h"

/* Longest text of a statement. */
#define DEW_STATEMENT_LEN_MAX ((size_t)64 * 1024)

typedef struct dew_statement {
    dew_link lru;
    char *sql; /* owned; the key */
    sqlite3_stmt *handle;
    bool is_taken, is_cached;
    bool may_be_ddl, is_read_only;
    dew_arena arena; /* of the plan */
    dew_plan plan;
    dew_rows_map map;
} dew_statement;

typedef struct dew_connection {
    sqlite3 *db;
    dew_sql_guard guard;
    dew_schema schema;
    dew_hash_key secret;
    dew_guard_mode mode; /* of user statements */
    dew_map by_sql;
    dew_link lru; /* most recent first */
    size_t count, max;
} dew_connection;

typedef struct dew_connection_options {
    const char *path, *vfs;
    dew_guard_mode mode; /* READ: opened without creating */
    dew_hash_key secret;
    size_t statement_max;
    int lock_wait_ms; /* how long its statements wait for another process's lock; 0: not at all */
} dew_connection_options;

/* Opens, in WAL mode with synchronous FULL and foreign keys on. On failure nothing is left. */
int dew_connection_open(dew_connection *connection, const dew_connection_options *options,
                        dew_error *error) DEW_MUST_USE;
void dew_connection_close(dew_connection *connection); /* takes zeroed; no statement is taken */

/* Runs our own SQL (several statements allowed). */
int dew_connection_run(dew_connection *connection, const char *sql, dew_error *error) DEW_MUST_USE;

/* Prepares one of our own statements for good; the caller finalises it. */
int dew_connection_prepare(dew_connection *connection, const char *sql, sqlite3_stmt **out,
                           dew_error *error) DEW_MUST_USE;

/* A user's statement, prepared; the caller's alone until it is given back. Errors say what is wrong with the SQL. */
int dew_connection_take(dew_connection *connection, const char *sql, dew_statement **out,
                        dew_error *error) DEW_MUST_USE;

/* Reset, bindings cleared, kept for the next. */
void dew_connection_give(dew_connection *connection, dew_statement *statement);
/* Finalised instead. */
void dew_connection_drop(dew_connection *connection, dew_statement *statement);

/* SQLite has prepared it anew since we did. */
bool dew_statement_is_stale(const dew_statement *statement);

#endif
