/* tx.c - what a mutation calls: the dew_tx functions of include/dew/sql.h. On the writer's thread, inside the savepoint.
 *
 * A statement that ends the whole transaction (a full disk, an interrupt, OR ROLLBACK) makes every later one fail: it
 * would run outside of any transaction. The writer sees it when the handler has returned. */
#include "sql/writer_internal.h"

#include "base/format.h"
#include "base/outcome.h"
#include "sql/error.h"

#include <dew/outcome.h>

#include <stdarg.h>

/* May a statement run at all? */
static int check(dew_tx *tx, const char *sql)
{
    dew_writer *writer = tx->writer;
    if (tx->is_failed)
        return tx->error.code;
    if (writer->cut_short == 0)
        writer->cut_short = dew_job_check(writer, tx->job);
    if (writer->cut_short != 0)
        return dew_error_set(&tx->error, writer->cut_short, "%s", dew_error_text(writer->cut_short));
    if (sqlite3_get_autocommit(writer->connection.db))
        return tx->error.code != 0
                   ? tx->error.code
                   : dew_error_set(&tx->error, DEW_E_INTERNAL, "the transaction is over (in: %.160s)", sql);
    return 0;
}

static int step_failed(dew_tx *tx, int rc, const char *sql)
{
    if (tx->writer->cut_short != 0)
        return dew_error_set(&tx->error, tx->writer->cut_short, "%s", dew_error_text(tx->writer->cut_short));
    return dew_error_from_db(&tx->error, tx->writer->connection.db, rc, sql);
}

/* Prepared and bound; to be given back. */
static int ready(dew_tx *tx, const char *sql, const dew_sql_value *values, size_t count, dew_statement **out)
{
    dew_connection *connection = &tx->writer->connection;
    int code = check(tx, sql);
    if (code == 0)
        code = dew_connection_take(connection, sql, out, &tx->error);
    if (code != 0)
        return code;
    code = dew_rows_bind((*out)->handle, values, count, &tx->error);
    if (code != 0)
        dew_connection_give(connection, *out);
    return code;
}

/* After a statement that may have written. */
static void note_change(dew_tx *tx, const dew_statement *statement, int64_t before)
{
    dew_writer *writer = tx->writer;
    if (statement->may_be_ddl && dew_writer_has_new_schema(writer)) {
        writer->is_schema_changed = writer->has_written = true;
        dew_write_builder_everything(&writer->builder);
    }
    if (sqlite3_total_changes64(writer->connection.db) != before)
        writer->has_written = true; /* the hook does not see writes to system tables */
}

int dew_tx_sql(dew_tx *tx, dew_sql_out out, const char *sql, const dew_sql_value *values, size_t count)
{
    dew_connection *connection = &tx->writer->connection;
    dew_statement *statement = NULL;
    dew_rows_target target;
    dew_rows_reader rows;
    int64_t before = sqlite3_total_changes64(connection->db);
    int code = ready(tx, sql, values, count, &statement);
    if (code != 0)
        return code;
    code = dew_rows_find(out, tx->value, tx->job->fn->value(), statement->handle, &target, &tx->error);
    if (code == 0)
        code = dew_rows_map_make(&statement->map, statement->handle, &target, &tx->error);
    if (code == 0) {
        dew_rows_begin(&rows, &statement->map, &target, &tx->job->arena, statement->handle);
        int rc;
        while (code == 0 && (rc = sqlite3_step(statement->handle)) != SQLITE_DONE)
            code = rc == SQLITE_ROW ? dew_rows_add(&rows, &tx->error) : step_failed(tx, rc, sql);
        if (code == 0)
            code = dew_rows_end(&rows, &tx->error);
        note_change(tx, statement, before); /* INSERT … RETURNING */
    }
    if (dew_statement_is_stale(statement))
        dew_connection_drop(connection, statement);
    else
        dew_connection_give(connection, statement);
    return code;
}

int dew_tx_exec(dew_tx *tx, const char *sql, const dew_sql_value *values, size_t count)
{
    dew_connection *connection = &tx->writer->connection;
    dew_statement *statement = NULL;
    int64_t before = sqlite3_total_changes64(connection->db);
    int code = ready(tx, sql, values, count, &statement);
    if (code != 0)
        return code;
    int rc;
    while ((rc = sqlite3_step(statement->handle)) == SQLITE_ROW)
        ;
    if (rc == SQLITE_DONE) {
        tx->changes = statement->is_read_only ? 0 : sqlite3_changes64(connection->db);
        tx->last_id = sqlite3_last_insert_rowid(connection->db);
    } else {
        code = step_failed(tx, rc, sql);
    }
    note_change(tx, statement, before);
    if (dew_statement_is_stale(statement))
        dew_connection_drop(connection, statement);
    else
        dew_connection_give(connection, statement);
    return code;
}

int64_t dew_tx_changes(const dew_tx *tx)
{
    return tx->changes;
}

int64_t dew_tx_last_id(const dew_tx *tx)
{
    return tx->last_id;
}

dew_arena *dew_tx_arena(dew_tx *tx)
{
    return &tx->job->arena;
}

void *dew_tx_context(dew_tx *tx)
{
    return tx->writer->db->config.context;
}

dew_str dew_tx_identity(dew_tx *tx)
{
    return tx->job->identity;
}

dew_str dew_tx_url_prefix(const dew_tx *tx)
{
    return tx->writer->db->config.url_prefix;
}

int dew_tx_redirect(dew_tx *tx, int status, const char *url)
{
    int code = dew_redirect_set(&tx->error, status, url);
    if (code == DEW_E_REDIRECT)
        tx->is_redirect = true;
    else
        tx->is_failed = true;
    return code;
}

int dew_tx_fail(dew_tx *tx, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tx->error.code = code;
    dew_vformat(tx->error.message, sizeof tx->error.message, format, args);
    va_end(args);
    tx->is_failed = true;
    return code;
}
