/* migrate.c - Dew's own tables and the application's migrations. On the opening thread, before the writer runs.
 *
 * A migration is a text of SQL statements with a name. It runs once, in one transaction with its entry in dew_migration
 * (name, checksum, order). At each start the entries must be a prefix of the list: a migration whose text changed after
 * it ran, that is missing, or that was slipped in before one that has run, is refused with words on how to mend it. */
#include "sql/db_internal.h"

#include "base/format.h"
#include "io/clock.h"
#include "io/file.h"
#include "sql/error.h"

#include <stdlib.h>

#define MIGRATIONS_MAX 10000
#define MIGRATION_LEN_MAX ((size_t)16 * 1024 * 1024)

static const char own_tables[] =
    "CREATE TABLE IF NOT EXISTS dew_commit (shard TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS dew_migration (place INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " checksum TEXT NOT NULL, at_ms INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS dew_mutation (id INTEGER PRIMARY KEY, client TEXT NOT NULL, sequence INTEGER NOT NULL,"
    " fn TEXT NOT NULL, args_hash INTEGER NOT NULL, at_ms INTEGER NOT NULL, number INTEGER NOT NULL,"
    " code INTEGER NOT NULL, answer TEXT NOT NULL, UNIQUE (client, sequence));"
    "INSERT OR IGNORE INTO dew_commit VALUES ('default', 0)";

/* ---- the list ---- */

typedef struct migration_list {
    dew_migration *items; /* owned when is_owned, and so is what they point to */
    size_t count;
    bool is_owned;
    const char *dir;
} migration_list;

static void list_dispose(migration_list *list)
{
    for (size_t i = 0; list->is_owned && i < list->count; i++) {
        free((char *)(uintptr_t)list->items[i].name);
        free((char *)(uintptr_t)list->items[i].sql);
    }
    free(list->items);
}

static int add(migration_list *list, dew_migration item)
{
    if (list->count == MIGRATIONS_MAX)
        return DEW_E_LIMIT;
    dew_migration *items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (items == NULL)
        return DEW_E_NOMEM;
    list->items = items;
    list->items[list->count++] = item;
    return 0;
}

static int add_file(void *context, const char *name)
{
    migration_list *list = context;
    size_t len = strlen(name);
    if (len < 4 || strcmp(name + len - 4, ".sql") != 0)
        return 0;
    char path[DEW_DB_PATH_MAX];
    if (dew_format(path, sizeof path, "%s/%s", list->dir, name) >= sizeof path)
        return DEW_E_LIMIT;
    char *sql = NULL, *kept_name = strdup(name);
    int code = kept_name == NULL ? DEW_E_NOMEM : dew_fs_read_file(dew_fs_system(), path, MIGRATION_LEN_MAX, &sql, &len);
    if (code == 0)
        code = add(list, (dew_migration){ kept_name, sql });
    if (code != 0) {
        free(kept_name);
        free(sql);
    }
    return code;
}

static int list_make(const dew_db_config *config, migration_list *list, dew_error *error)
{
    *list = (migration_list){ .dir = config->migrations_dir, .is_owned = config->migrations_dir != NULL };
    int code = 0;
    if (config->migrations_dir != NULL)
        code = dew_fs_list_dir(dew_fs_system(), config->migrations_dir, add_file, list);
    for (const dew_migration *m = config->migrations; !list->is_owned && m != NULL && m->name != NULL && code == 0; m++)
        code = add(list, *m);
    return code == 0 ? 0
                     : dew_error_set(error, code, "cannot read the migrations%s%s", list->dir != NULL ? " in " : "",
                                     list->dir != NULL ? list->dir : "");
}

/* ---- running ---- */

static void checksum(const char *sql, char hex[DEW_VALUE_HASH_LEN + 1])
{
    dew_hash_value_hex(dew_hash_value(dew_str_of(sql)), hex);
    hex[DEW_VALUE_HASH_LEN] = '\0';
}

static int raise_number(dew_connection *connection, dew_error *error)
{
    return dew_connection_run(connection, "UPDATE dew_commit SET number = number + 1 WHERE shard = 'default'", error);
}

static int note(dew_connection *connection, size_t place, const dew_migration *migration, dew_error *error)
{
    sqlite3_stmt *statement = NULL;
    char hex[DEW_VALUE_HASH_LEN + 1];
    checksum(migration->sql, hex);
    int code = dew_connection_prepare(connection, "INSERT INTO dew_migration VALUES (?, ?, ?, ?)", &statement, error);
    if (code != 0)
        return code;
    sqlite3_bind_int64(statement, 1, (int64_t)place);
    sqlite3_bind_text(statement, 2, migration->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, hex, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 4, dew_clock_wall_us() / 1000);
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_DONE)
        code = dew_error_from_db(error, connection->db, rc, "INSERT INTO dew_migration");
    sqlite3_finalize(statement);
    return code;
}

static int run_text(dew_connection *connection, const dew_migration *migration, dew_error *error)
{
    for (const char *at = migration->sql; *at != '\0';) {
        sqlite3_stmt *statement = NULL;
        const char *tail = at;
        dew_guard_begin(&connection->guard, DEW_GUARD_MIGRATE);
        int rc = sqlite3_prepare_v2(connection->db, at, -1, &statement, &tail);
        dew_guard_end(&connection->guard);
        while (rc == SQLITE_OK && statement != NULL && (rc = sqlite3_step(statement)) == SQLITE_ROW)
            rc = SQLITE_OK;
        sqlite3_finalize(statement);
        if (rc != SQLITE_OK && rc != SQLITE_DONE) {
            bool is_refused = connection->guard.refused[0] != '\0';
            return dew_error_set(error, is_refused ? DEW_E_INVALID : dew_error_of_sqlite(rc),
                                 "migration %s: %s (at: %.100s)", migration->name,
                                 is_refused ? connection->guard.refused : sqlite3_errmsg(connection->db), at);
        }
        at = tail;
    }
    return 0;
}

static int run_one(dew_connection *connection, size_t place, const dew_migration *migration, dew_error *error)
{
    int code = dew_connection_run(connection, "BEGIN IMMEDIATE", error);
    if (code != 0)
        return code;
    code = run_text(connection, migration, error);
    if (code == 0 && sqlite3_get_autocommit(connection->db))
        code =
            dew_error_set(error, DEW_E_INVALID, "migration %s ended the transaction that it runs in", migration->name);
    if (code == 0)
        code = note(connection, place, migration, error);
    if (code == 0)
        code = raise_number(connection, error);
    if (code == 0)
        code = dew_connection_run(connection, "COMMIT", error);
    if (!sqlite3_get_autocommit(connection->db))
        sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

/* What has run must be the beginning of the list, word for word. */
static int check(dew_connection *connection, const migration_list *list, size_t *done, dew_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = dew_connection_prepare(connection, "SELECT name, checksum FROM dew_migration ORDER BY place", &statement,
                                      error);
    int rc = SQLITE_DONE;
    for (*done = 0; code == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW; (*done)++) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        char hex[DEW_VALUE_HASH_LEN + 1];
        if (*done >= list->count)
            code = dew_error_set(error, DEW_E_CONFLICT,
                                 "the database has run the migration %s, which this program does not have: "
                                 "is it an older version?",
                                 name);
        else if (strcmp(name, list->items[*done].name) != 0)
            code = dew_error_set(error, DEW_E_CONFLICT,
                                 "migration %s stands where the database has run %s: add new migrations "
                                 "after the old ones",
                                 list->items[*done].name, name);
        else if (checksum(list->items[*done].sql, hex),
                 strcmp(hex, (const char *)sqlite3_column_text(statement, 1)) != 0)
            code = dew_error_set(error, DEW_E_CONFLICT,
                                 "migration %s was changed after it ran: put its text back, and "
                                 "write what is new as a further migration",
                                 name);
    }
    if (code == 0 && rc != SQLITE_DONE)
        code = dew_error_from_db(error, connection->db, rc, "SELECT FROM dew_migration");
    sqlite3_finalize(statement);
    return code;
}

static int read_state(dew_db *db, dew_connection *connection, dew_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code =
        dew_connection_prepare(connection, "SELECT number FROM dew_commit WHERE shard = 'default'", &statement, error);
    if (code != 0)
        return code;
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        atomic_store(&db->number, sqlite3_column_int64(statement, 0));
    else
        code = dew_error_set(error, DEW_E_IO, "the database %s has lost its commit number", db->path);
    sqlite3_finalize(statement);
    return code;
}

static int make_own(dew_connection *connection, dew_error *error)
{
    int code = dew_connection_run(connection, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE", error);
    if (code == 0)
        code = dew_connection_run(connection, own_tables, error);
    if (code == 0)
        code = raise_number(connection, error);
    if (code == 0)
        code = dew_epoch_begin(connection, error);
    if (code == 0)
        code = dew_connection_run(connection, "COMMIT", error);
    if (!sqlite3_get_autocommit(connection->db))
        sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

int dew_db_migrate(dew_db *db, dew_connection *connection, dew_error *error)
{
    migration_list list;
    size_t done = 0;
    int code = list_make(&db->config, &list, error);
    if (code == 0)
        code = make_own(connection, error);
    if (code == 0)
        code = check(connection, &list, &done, error);
    for (size_t i = done; code == 0 && i < list.count; i++)
        code = run_one(connection, i, &list.items[i], error);
    if (code == 0)
        code = read_state(db, connection, error);
    if (code == 0)
        code = dew_epochs_read(db, connection, error);
    list_dispose(&list);
    return code;
}
