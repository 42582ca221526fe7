/* epoch.c - which past this database has.
 *
 * Commit numbers go on where the file's end stands. A file that was put back from a copy counts anew from there, and a
 * file made anew from 1: the same number can then name two states. So each start is an epoch with a random name, kept in
 * the file with the commit that it begins at, and a number belongs to the past of this file if it was given in an epoch
 * that the file knows, before that one's end:
 *
 *     file   … A begins at 3 … B begins at 15 … C begins at 40 …
 *     copy   … A begins at 3 … B begins at 15 … (commit 20) put back: D begins at 21 …
 *
 *     asked of the copy: (B, 18) known; (B, 30) not, B ended at 20 here; (C, 41) not, there is no C.
 *
 * Made and read while the database opens; never changed after that: any thread may ask. */
#include "sql/db_internal.h"

#include "base/format.h"
#include "io/random.h"
#include "sql/error.h"

int dew_epoch_begin(dew_connection *connection, dew_error *error)
{
    int64_t name;
    char sql[512];
    if (dew_random_bytes(&name, sizeof name) != 0)
        return dew_error_set(error, DEW_E_IO, "the system has no source of randomness");
    dew_format(sql, sizeof sql,
               "CREATE TABLE IF NOT EXISTS dew_epoch (begins INTEGER PRIMARY KEY, name INTEGER NOT NULL);"
               "INSERT INTO dew_epoch SELECT number, %lld FROM dew_commit WHERE shard = 'default';"
               "DELETE FROM dew_epoch WHERE begins <= "
               "(SELECT begins FROM dew_epoch ORDER BY begins DESC LIMIT 1 OFFSET %d)",
               (long long)name, DEW_EPOCHS_MAX);
    return dew_connection_run(connection, sql, error);
}

int dew_epochs_read(dew_db *db, dew_connection *connection, dew_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = dew_connection_prepare(connection, "SELECT begins, name FROM dew_epoch ORDER BY begins DESC", &statement,
                                      error);
    int rc = SQLITE_DONE;
    db->epoch_count = 0;
    while (code == 0 && db->epoch_count < DEW_EPOCHS_MAX && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        db->epochs[db->epoch_count++] = (dew_epoch){ .begins = sqlite3_column_int64(statement, 0),
                                                     .name = (uint64_t)sqlite3_column_int64(statement, 1) };
    if (code == 0 && rc != SQLITE_DONE && rc != SQLITE_ROW)
        code = dew_error_from_db(error, connection->db, rc, "SELECT FROM dew_epoch");
    else if (code == 0 && db->epoch_count == 0)
        code = dew_error_set(error, DEW_E_IO, "the database %s has lost its epochs", db->path);
    sqlite3_finalize(statement);
    return code;
}

uint64_t dew_db_epoch(const dew_db *db)
{
    return db->epochs[0].name;
}

bool dew_db_knows(const dew_db *db, uint64_t epoch, int64_t commit)
{
    int64_t last = dew_db_number(db);
    for (size_t i = 0; i < db->epoch_count; last = db->epochs[i++].begins - 1)
        if (db->epochs[i].name == epoch)
            return commit <= last;
    return false;
}
