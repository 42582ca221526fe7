/* statement.c - connections and their prepared statements. See statement.h. */
#include "sql/statement.h"

#include "sql/error.h"

#include <assert.h>
#include <stdlib.h>

#define PLAN_ARENA_MAX ((size_t)1024 * 1024)

/* ---- connections ---- */

static int configure(dew_connection *connection, int lock_wait_ms, dew_error *error)
{
    /* extended codes tell constraint kinds and I/O faults apart; double-quoted text must be a name */
    sqlite3_extended_result_codes(connection->db, 1);
    sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(connection->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
    sqlite3_busy_timeout(connection->db, lock_wait_ms);
    return dew_connection_run(connection,
                              "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
                              "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192",
                              error);
}

int dew_connection_open(dew_connection *connection, const dew_connection_options *options, dew_error *error)
{
    *connection = (dew_connection){ .mode = options->mode, .secret = options->secret, .max = options->statement_max };
    /* no mutexes: a connection is used by one thread */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (options->mode != DEW_GUARD_READ)
        flags |= SQLITE_OPEN_CREATE;
    int rc = sqlite3_open_v2(options->path, &connection->db, flags, options->vfs);
    if (rc != SQLITE_OK) {
        int code = dew_error_set(error, dew_error_of_sqlite(rc), "cannot open the database %s: %s", options->path,
                                 connection->db != NULL ? sqlite3_errmsg(connection->db) : sqlite3_errstr(rc));
        sqlite3_close(connection->db);
        *connection = (dew_connection){ 0 };
        return code;
    }
    dew_guard_init(&connection->guard, connection->db);
    dew_schema_init(&connection->schema, connection->db);
    dew_map_init(&connection->by_sql, options->statement_max + 1, options->secret);
    dew_list_init(&connection->lru);
    int code = configure(connection, options->lock_wait_ms, error);
    if (code != 0)
        dew_connection_close(connection);
    return code;
}

int dew_connection_run(dew_connection *connection, const char *sql, dew_error *error)
{
    int rc = sqlite3_exec(connection->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : dew_error_from_db(error, connection->db, rc, sql);
}

int dew_connection_prepare(dew_connection *connection, const char *sql, sqlite3_stmt **out, dew_error *error)
{
    int rc = sqlite3_prepare_v3(connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    return rc == SQLITE_OK ? 0 : dew_error_from_db(error, connection->db, rc, sql);
}

/* ---- statements ---- */

static void destroy(dew_statement *statement)
{
    sqlite3_finalize(statement->handle);
    dew_rows_map_dispose(&statement->map);
    dew_arena_dispose(&statement->arena);
    free(statement->sql);
    free(statement);
}

void dew_connection_drop(dew_connection *connection, dew_statement *statement)
{
    if (statement->is_cached) {
        dew_map_remove(&connection->by_sql, dew_str_of(statement->sql));
        dew_list_unlink(&statement->lru);
        connection->count--;
    }
    destroy(statement);
}

void dew_connection_close(dew_connection *connection)
{
    if (connection->db == NULL)
        return;
    for (dew_link *link; (link = connection->lru.next) != &connection->lru;)
        dew_connection_drop(connection, dew_container_of(link, dew_statement, lru));
    dew_map_dispose(&connection->by_sql);
    dew_schema_dispose(&connection->schema);
    int rc = sqlite3_close(connection->db);
    assert(rc == SQLITE_OK); /* a statement was not finalised */
    (void)rc;
    dew_guard_dispose(&connection->guard);
    *connection = (dew_connection){ 0 };
}

/* Nothing but space, comments and semicolons? */
static bool is_blank(dew_connection *connection, const char *tail)
{
    sqlite3_stmt *more = NULL;
    bool is_one = sqlite3_prepare_v2(connection->db, tail, -1, &more, NULL) == SQLITE_OK && more == NULL;
    sqlite3_finalize(more);
    return is_one;
}

static int prepare_once(dew_connection *connection, dew_statement *statement, const char **tail)
{
    dew_guard_begin(&connection->guard, connection->mode);
    return sqlite3_prepare_v3(connection->db, statement->sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle, tail);
}

static int prepare(dew_connection *connection, dew_statement *statement, dew_error *error)
{
    const char *tail = "";
    dew_sql_guard *guard = &connection->guard;
    int rc = prepare_once(connection, statement, &tail);
    if (rc == SQLITE_OK && guard->may_be_ddl && sqlite3_stmt_readonly(statement->handle)) {
        /* it connected to a virtual table, and that was authorised as reads of its own: now it is connected */
        sqlite3_finalize(statement->handle);
        statement->handle = NULL;
        rc = prepare_once(connection, statement, &tail);
    }
    bool is_one = rc != SQLITE_OK || *tail == '\0' || is_blank(connection, tail);
    dew_guard_end(guard);
    if (rc != SQLITE_OK && guard->refused[0] != '\0')
        return dew_error_set(error, DEW_E_INTERNAL, "%s (in: %.160s)", guard->refused, statement->sql);
    if (rc != SQLITE_OK)
        return dew_error_from_db(error, connection->db, rc, statement->sql);
    if (statement->handle == NULL || !is_one)
        return dew_error_set(error, DEW_E_INTERNAL, "SQL must be one statement (in: %.160s)", statement->sql);
    statement->is_read_only = sqlite3_stmt_readonly(statement->handle) != 0;
    statement->may_be_ddl = guard->may_be_ddl && !statement->is_read_only;
    if (connection->mode == DEW_GUARD_READ && !statement->is_read_only)
        return dew_error_set(error, DEW_E_INTERNAL, "a loader only reads; change data in a mutation (in: %.160s)",
                             statement->sql);
    return 0;
}

static int create(dew_connection *connection, const char *sql, size_t len, dew_statement **out, dew_error *error)
{
    dew_statement *statement = calloc(1, sizeof *statement);
    if (statement == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    dew_arena_init(&statement->arena, PLAN_ARENA_MAX);
    statement->sql = malloc(len + 1);
    int code = statement->sql == NULL ? dew_error_set(error, DEW_E_NOMEM, "out of memory") : 0;
    if (code == 0) {
        memcpy(statement->sql, sql, len + 1);
        code = connection->mode == DEW_GUARD_READ ? dew_schema_refresh(&connection->schema) : 0;
        if (code != 0)
            dew_error_set(error, code, "cannot read the schema of the database");
    }
    if (code == 0)
        code = prepare(connection, statement, error);
    if (code != 0) {
        destroy(statement);
        return code;
    }
    if (connection->mode == DEW_GUARD_READ)
        dew_plan_make(&statement->arena, &connection->schema, &connection->guard, connection->secret,
                      dew_str_make(statement->sql, len), &statement->plan);
    *out = statement;
    return 0;
}

/* Makes room by dropping the least recently used that nobody has taken; keeps the statement when it can. */
static void keep(dew_connection *connection, dew_statement *statement)
{
    for (dew_link *link = connection->lru.prev; connection->count >= connection->max && link != &connection->lru;) {
        dew_statement *oldest = dew_container_of(link, dew_statement, lru);
        link = link->prev;
        if (!oldest->is_taken)
            dew_connection_drop(connection, oldest);
    }
    if (connection->count >= connection->max || dew_map_get(&connection->by_sql, dew_str_of(statement->sql)) != NULL ||
        dew_map_put(&connection->by_sql, dew_str_of(statement->sql), statement) != 0)
        return;
    statement->is_cached = true;
    dew_list_push_front(&connection->lru, &statement->lru);
    connection->count++;
}

int dew_connection_take(dew_connection *connection, const char *sql, dew_statement **out, dew_error *error)
{
    size_t len = strlen(sql);
    if (len > DEW_STATEMENT_LEN_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "SQL is longer than %zu bytes", DEW_STATEMENT_LEN_MAX);
    dew_statement *statement = dew_map_get(&connection->by_sql, dew_str_make(sql, len));
    if (statement == NULL || statement->is_taken) {
        int code = create(connection, sql, len, &statement, error);
        if (code != 0)
            return code;
        keep(connection, statement);
    } else if (connection->lru.next != &statement->lru) {
        dew_list_unlink(&statement->lru);
        dew_list_push_front(&connection->lru, &statement->lru);
    }
    statement->is_taken = true;
    *out = statement;
    return 0;
}

void dew_connection_give(dew_connection *connection, dew_statement *statement)
{
    sqlite3_reset(statement->handle);
    statement->is_taken = false;
    if (!statement->is_cached)
        destroy(statement);
    else
        sqlite3_clear_bindings(statement->handle);
    (void)connection;
}

bool dew_statement_is_stale(const dew_statement *statement)
{
    return sqlite3_stmt_status(statement->handle, SQLITE_STMTSTATUS_REPREPARE, 0) != 0;
}
