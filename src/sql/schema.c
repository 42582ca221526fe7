/* schema.c - table facts from SQLite's own pragma functions. See schema.h. */
#include "sql/schema.h"

#include "sql/error.h"

#define SCHEMA_ARENA_MAX ((size_t)16 * 1024 * 1024)

void dew_schema_init(dew_schema *schema, sqlite3 *db)
{
    *schema = (dew_schema){ .db = db, .version = -1 };
    dew_arena_init(&schema->arena, SCHEMA_ARENA_MAX);
    dew_map_init(&schema->tables, DEW_SCHEMA_TABLES_MAX, (dew_hash_key){ 0, 0 }); /* keys come from the program */
}

void dew_schema_dispose(dew_schema *schema)
{
    dew_map_dispose(&schema->tables);
    dew_arena_dispose(&schema->arena);
}

static void forget(dew_schema *schema)
{
    dew_map_dispose(&schema->tables);
    dew_map_init(&schema->tables, DEW_SCHEMA_TABLES_MAX, (dew_hash_key){ 0, 0 });
    dew_arena_reset(&schema->arena);
}

int dew_schema_refresh(dew_schema *schema)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(schema->db, "PRAGMA schema_version", -1, &statement, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        int64_t version = sqlite3_column_int64(statement, 0);
        if (version != schema->version)
            forget(schema);
        schema->version = version;
        rc = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return dew_error_of_sqlite(rc);
}

/* ---- names ---- */

static char fold(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool dew_name_eq(dew_str a, dew_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (fold(a.ptr[i]) != fold(b.ptr[i]))
            return false;
    return true;
}

int dew_table_column(const dew_table *table, dew_str name)
{
    for (int i = 0; i < table->column_count; i++)
        if (dew_name_eq(table->columns[i].name, name))
            return i;
    return -1;
}

static bool contains(dew_str text, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++)
        if (dew_name_eq(dew_str_make(text.ptr + i, len), dew_str_make(part, len)))
            return true;
    return false;
}

/* sqlite.org/datatype3.html §3.1; in STRICT tables ANY converts nothing. */
static dew_affinity affinity_of(dew_str type, bool is_strict)
{
    if (is_strict && dew_name_eq(type, DEW_S("ANY")))
        return DEW_AFFINITY_BLOB;
    if (contains(type, "INT"))
        return DEW_AFFINITY_NUMERIC;
    if (contains(type, "CHAR") || contains(type, "CLOB") || contains(type, "TEXT"))
        return DEW_AFFINITY_TEXT;
    if (type.len == 0 || contains(type, "BLOB"))
        return DEW_AFFINITY_BLOB;
    return DEW_AFFINITY_NUMERIC;
}

/* ---- loading ---- */

static dew_str column_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return dew_str_make(text, (size_t)sqlite3_column_bytes(statement, column));
}

static bool is_binary(sqlite3 *db, const char *table, const char *column)
{
    const char *collation = NULL;
    return sqlite3_table_column_metadata(db, "main", table, column, NULL, &collation, NULL, NULL, NULL) == SQLITE_OK &&
           collation != NULL && dew_name_eq(dew_str_of(collation), DEW_S("BINARY"));
}

static int load_columns(dew_schema *schema, dew_table *table, bool is_strict)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(
        schema->db, "SELECT name, type, hidden, count(*) OVER () FROM pragma_table_xinfo(?, 'main') ORDER BY cid", -1,
        &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(statement, 1, table->name.ptr, (int)table->name.len, SQLITE_STATIC);
    while (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        if (table->columns == NULL)
            table->columns =
                dew_arena_calloc(&schema->arena, (size_t)sqlite3_column_int(statement, 3), sizeof(dew_column));
        dew_str name = dew_arena_str(&schema->arena, column_text(statement, 0));
        if (table->columns == NULL || name.ptr == NULL) {
            rc = SQLITE_NOMEM;
            break;
        }
        if (sqlite3_column_int(statement, 2) >= 2)
            table->has_generated = true;
        table->columns[table->column_count++] = (dew_column){ name, affinity_of(column_text(statement, 1), is_strict),
                                                              is_binary(schema->db, table->name.ptr, name.ptr) };
    }
    sqlite3_finalize(statement);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static dew_table_kind kind_of(dew_str type)
{
    if (dew_str_eq(type, DEW_S("view")))
        return DEW_TABLE_VIEW;
    if (dew_str_eq(type, DEW_S("virtual")))
        return DEW_TABLE_VIRTUAL;
    return DEW_TABLE_ORDINARY; /* "table" and "shadow" */
}

static int load(dew_schema *schema, dew_table *table)
{
    if (dew_str_starts_with(table->name, DEW_S("sqlite_"))) { /* sqlite_master is listed under another name */
        table->kind = DEW_TABLE_SYSTEM;
        return SQLITE_OK;
    }
    sqlite3_stmt *statement = NULL;
    bool is_strict = false;
    int rc = sqlite3_prepare_v2(
        schema->db, "SELECT type, strict FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE", -1,
        &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(statement, 1, table->name.ptr, (int)table->name.len, SQLITE_STATIC);
    if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        table->kind = kind_of(column_text(statement, 0));
        is_strict = sqlite3_column_int(statement, 1) != 0;
        rc = SQLITE_DONE;
    }
    sqlite3_finalize(statement);
    if (rc != SQLITE_DONE)
        return rc;
    return table->kind == DEW_TABLE_ORDINARY ? load_columns(schema, table, is_strict) : SQLITE_OK;
}

const dew_table *dew_schema_table(dew_schema *schema, dew_str name)
{
    char folded[128];
    if (name.len >= sizeof folded)
        return NULL;
    for (size_t i = 0; i < name.len; i++)
        folded[i] = fold(name.ptr[i]);
    dew_str lower = dew_str_make(folded, name.len);
    dew_table *table = dew_map_get(&schema->tables, lower);
    if (table != NULL)
        return table;
    table = dew_arena_calloc(&schema->arena, 1, sizeof *table);
    if (table == NULL)
        return NULL;
    table->name = dew_arena_str(&schema->arena, lower);
    table->key = dew_key_of_table(lower);
    if (table->name.ptr == NULL || load(schema, table) != SQLITE_OK)
        return NULL;
    if (dew_map_put(&schema->tables, table->name, table) != 0)
        return NULL;
    return table;
}

/* ---- lists ---- */

int dew_schema_each_special(sqlite3 *db, dew_schema_special_fn *on_table, void *context)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db,
                                "SELECT t.name, max(c.hidden >= 2), NOT t.wr FROM pragma_table_list AS t,"
                                " pragma_table_xinfo(t.name, 'main') AS c WHERE t.schema = 'main'"
                                " AND t.type IN ('table', 'shadow') GROUP BY t.name HAVING t.wr OR max(c.hidden >= 2)",
                                -1, &statement, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        on_table(context, column_text(statement, 0), sqlite3_column_int(statement, 1) != 0,
                 sqlite3_column_int(statement, 2) != 0);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return dew_error_of_sqlite(rc == SQLITE_DONE ? SQLITE_OK : rc);
}

int dew_schema_each_shadow(sqlite3 *db, dew_str name, void (*on_table)(void *context, dew_str name), void *context)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db,
                                "SELECT name FROM sqlite_schema WHERE type = 'table'"
                                " AND substr(name, 1, length(?1) + 1) = ?1 || '_' COLLATE NOCASE",
                                -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(statement, 1, name.ptr, (int)name.len, SQLITE_STATIC);
    while (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        on_table(context, column_text(statement, 0));
        rc = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return dew_error_of_sqlite(rc == SQLITE_DONE ? SQLITE_OK : rc);
}
