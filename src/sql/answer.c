/* answer.c - outcomes of mutations, kept for resends (design rule 3). On the writer's thread, inside its transaction.
 *
 * Table dew_mutation: (client, sequence) → which mutation with which arguments, the commit number, the code and the
 * answer: the value as canonical JSON, or on an error its message. The same (client, sequence) for another mutation or
 * other arguments is DEW_E_CONFLICT. */
#include "sql/writer_internal.h"

#include "io/clock.h"
#include "sql/error.h"
#include "type/json.h"

/* Of name and canonical arguments; the same after a restart, so under no secret. */
static int hash_of_args(dew_writer *writer, const dew_job *job, int64_t *hash, dew_error *error)
{
    dew_buf_clear(&writer->text);
    int code = dew_json_write(&writer->text, job->fn->args(), job->args, error);
    if (code == 0)
        *hash = (int64_t)dew_hash_keyed((dew_hash_key){ 0, 0 }, writer->text.ptr, writer->text.len);
    return code;
}

static void bind_str(sqlite3_stmt *statement, int place, dew_str text)
{
    sqlite3_bind_text64(statement, place, text.ptr != NULL ? text.ptr : "", text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static dew_str column_str(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return dew_str_make(text, (size_t)sqlite3_column_bytes(statement, column));
}

/* The stored row, as the job's outcome. */
static int take(dew_job *job, sqlite3_stmt *row)
{
    int code = sqlite3_column_int(row, 3);
    job->commit = sqlite3_column_int64(row, 2);
    job->is_resent = true;
    dew_str stored = column_str(row, 4);
    if (code != 0)
        return dew_error_set(&job->error, code, "%.*s", (int)stored.len, stored.ptr);
    job->answer = dew_arena_str(&job->arena, stored);
    void *value = dew_arena_calloc(&job->arena, 1, job->fn->value()->size);
    if (job->answer.ptr == NULL || value == NULL)
        return dew_error_set(&job->error, DEW_E_NOMEM, "out of memory");
    code = dew_json_read(&job->arena, job->answer, job->fn->value(), value, "stored answer", &job->error);
    if (code == 0)
        job->value = value;
    return code;
}

int dew_answer_find(dew_writer *writer, dew_job *job, bool *found)
{
    sqlite3_stmt *find = writer->own.find;
    int64_t hash = 0;
    *found = false;
    bind_str(find, 1, job->client);
    sqlite3_bind_int64(find, 2, job->sequence);
    int rc = sqlite3_step(find);
    int code = 0;
    if (rc == SQLITE_ROW) {
        *found = true;
        code = hash_of_args(writer, job, &hash, &job->error);
        if (code == 0 &&
            (!dew_str_eq(column_str(find, 0), dew_str_of(job->fn->name)) || sqlite3_column_int64(find, 1) != hash))
            code = dew_error_set(&job->error, DEW_E_CONFLICT,
                                 "this client has sent another mutation under sequence %lld", (long long)job->sequence);
        else if (code == 0)
            code = take(job, find);
    } else if (rc != SQLITE_DONE) {
        code = dew_error_from_db(&job->error, writer->connection.db, rc, "SELECT FROM dew_mutation");
    }
    sqlite3_reset(find);
    sqlite3_clear_bindings(find);
    return code;
}

int dew_answer_store(dew_writer *writer, dew_job *job, int64_t number)
{
    sqlite3_stmt *store = writer->own.store;
    int64_t hash = 0;
    dew_error error = { 0 };
    int code = hash_of_args(writer, job, &hash, &error);
    if (code != 0) {
        job->error = error;
        return code;
    }
    bool is_done = job->error.code == 0;
    bind_str(store, 1, job->client);
    sqlite3_bind_int64(store, 2, job->sequence);
    bind_str(store, 3, dew_str_of(job->fn->name));
    sqlite3_bind_int64(store, 4, hash);
    sqlite3_bind_int64(store, 5, dew_clock_wall_us() / 1000);
    sqlite3_bind_int64(store, 6, number);
    sqlite3_bind_int(store, 7, job->error.code);
    bind_str(store, 8, is_done ? job->answer : dew_str_of(job->error.message));
    int rc = dew_own_run(store);
    sqlite3_clear_bindings(store);
    writer->has_written = true;
    return rc == SQLITE_DONE ? 0
                             : dew_error_from_db(&job->error, writer->connection.db, rc, "INSERT INTO dew_mutation");
}

int dew_answer_prune(dew_writer *writer)
{
    sqlite3_bind_int64(writer->own.prune, 1, dew_clock_wall_us() / 1000 - DEW_DB_ANSWER_KEEP_MS);
    return dew_own_run(writer->own.prune);
}

int dew_answer_write(dew_writer *writer, dew_job *job)
{
    dew_buf_clear(&writer->text);
    int code = dew_json_write(&writer->text, job->fn->value(), job->value, &job->error);
    if (code != 0)
        return code;
    job->answer = dew_arena_str(&job->arena, dew_buf_str(&writer->text));
    return job->answer.ptr != NULL ? 0 : dew_error_set(&job->error, DEW_E_LIMIT, "the mutation's value is too large");
}
