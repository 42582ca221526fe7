/* guard.c - the authorizer. See guard.h.
 *
 * SQLite also asks when it prepares a statement anew on its own (the schema has changed): then is_gathering is false
 * and the mode is that of the connection's last user statement; who runs statements sees the re-preparation and
 * starts over (sql/statement.c). */
#include "sql/guard.h"

#include "base/format.h"
#include "sql/schema.h"

#define GUARD_ARENA_MAX ((size_t)256 * 1024)

static int refuse(dew_sql_guard *guard, const char *what, const char *name)
{
    dew_format(guard->refused, sizeof guard->refused, "SQL in handlers may not use %s%s%s", what,
               name != NULL ? " " : "", name != NULL ? name : "");
    return SQLITE_DENY;
}

static bool is_ours(const char *table)
{
    return table != NULL && dew_name_eq(dew_str_make(table, strnlen(table, 4)), DEW_S("dew_"));
}

static bool is_schema_table(const char *table)
{
    return table != NULL && (strcmp(table, "sqlite_master") == 0 || strcmp(table, "sqlite_temp_master") == 0);
}

static int gather(dew_sql_guard *guard, const char *table, const char *column)
{
    dew_str table_name = dew_str_of(table), column_name = dew_str_of(column);
    for (dew_guard_read *read = guard->reads; read != NULL; read = read->next)
        if (dew_str_eq(read->table, table_name) && dew_str_eq(read->column, column_name))
            return SQLITE_OK;
    dew_guard_read *read = dew_arena_calloc(&guard->arena, 1, sizeof *read);
    dew_str kept_table = dew_arena_str(&guard->arena, table_name),
            kept_column = dew_arena_str(&guard->arena, column_name);
    if (read == NULL || kept_table.ptr == NULL || kept_column.ptr == NULL) {
        guard->is_overflown = true;
        return SQLITE_OK;
    }
    *read = (dew_guard_read){ guard->reads, kept_table, kept_column };
    guard->reads = read;
    return SQLITE_OK;
}

static int on_change(dew_sql_guard *guard, const char *table)
{
    if (guard->mode == DEW_GUARD_READ && !guard->may_be_ddl)
        return refuse(guard, "writes: a loader only reads; change data in a mutation. Table", table);
    if (is_ours(table))
        return refuse(guard, "tables named dew_…, which are Dew's own:", table);
    return SQLITE_OK;
}

/* Connecting to a virtual table declares its columns by a CREATE TABLE that looks like any other: whether the schema
 * really changes is seen afterwards (sqlite3_stmt_readonly, the schema version). */
static int on_ddl(dew_sql_guard *guard, const char *table)
{
    guard->may_be_ddl = true;
    return on_change(guard, table);
}

static int authorize(void *context, int action, const char *a, const char *b, const char *schema, const char *trigger)
{
    dew_sql_guard *guard = context;
    (void)schema;
    (void)trigger;
    if (guard->mode == DEW_GUARD_INTERNAL)
        return SQLITE_OK;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
    case SQLITE_FUNCTION:
        return SQLITE_OK;
    case SQLITE_READ:
        if (is_ours(a))
            return refuse(guard, "tables named dew_…, which are Dew's own:", a);
        return guard->is_gathering ? gather(guard, a, b) : SQLITE_OK;
    case SQLITE_INSERT:
        if (a != NULL && strncmp(a, "sqlite_temp_", 12) == 0) /* asked before CREATE TEMP is */
            return refuse(guard, "temporary tables, views or triggers", NULL);
        return is_schema_table(a) ? on_ddl(guard, a) : on_change(guard, a);
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
        return is_schema_table(a) ? on_ddl(guard, a) : on_change(guard, a);
    case SQLITE_TRANSACTION:
        return refuse(guard, a, NULL); /* "BEGIN", "COMMIT", "ROLLBACK" */
    case SQLITE_SAVEPOINT:
        return refuse(guard, "SAVEPOINT", NULL);
    case SQLITE_ATTACH:
        return refuse(guard, "ATTACH or VACUUM", NULL);
    case SQLITE_DETACH:
        return refuse(guard, "DETACH", NULL);
    case SQLITE_PRAGMA:
        return refuse(guard, "PRAGMA", a);
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_CREATE_TEMP_VIEW:
    case SQLITE_DROP_TEMP_INDEX:
    case SQLITE_DROP_TEMP_TABLE:
    case SQLITE_DROP_TEMP_TRIGGER:
    case SQLITE_DROP_TEMP_VIEW:
        return refuse(guard, "temporary tables, views or triggers", NULL);
    case SQLITE_ALTER_TABLE:
        return on_ddl(guard, b); /* (database, table) */
    case SQLITE_CREATE_INDEX:
    case SQLITE_DROP_INDEX:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_DROP_TRIGGER:
        return is_ours(b) ? on_ddl(guard, b) : on_ddl(guard, a); /* (name, table) */
    default:
        return on_ddl(guard, a); /* CREATE and DROP of tables, views, virtual tables; ANALYZE, REINDEX */
    }
}

void dew_guard_init(dew_sql_guard *guard, sqlite3 *db)
{
    *guard = (dew_sql_guard){ .mode = DEW_GUARD_INTERNAL };
    dew_arena_init(&guard->arena, GUARD_ARENA_MAX);
    sqlite3_set_authorizer(db, authorize, guard);
}

void dew_guard_dispose(dew_sql_guard *guard)
{
    dew_arena_dispose(&guard->arena);
}

void dew_guard_begin(dew_sql_guard *guard, dew_guard_mode mode)
{
    dew_arena_reset(&guard->arena);
    guard->reads = NULL;
    guard->mode = mode;
    guard->is_gathering = true;
    guard->may_be_ddl = guard->is_overflown = false;
    guard->refused[0] = '\0';
}

void dew_guard_end(dew_sql_guard *guard)
{
    guard->mode = DEW_GUARD_INTERNAL;
    guard->is_gathering = false;
}
