/* sql_fuzz.c - the reader of SQL text: its read sets are never narrower than the truth (design rule 7).
 *
 * Input: four bytes choose the values of parameters, the rest is a statement. When SQLite takes it, the plan must have all columns
 * that the authorizer saw; and the result is compared before and after each of a list of writes: what the read set says is
 * not touched must not change it. Mutations work on words, so that much of it is SQL. Seeds: fuzz/corpus/sql. */
#include "sql/match.h"
#include "sql/plan.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) ((condition) ? (void)0 : abort())
#define INPUT_MAX 1500
#define VALUES 4
#define WORDS_MAX 200
#define OPS_MAX 200 /* of a thousand instructions each: longer statements are passed over */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t max);

/* No index but those of primary keys: an order that no ORDER BY asks for must not hang on columns that are not read. */
static const char schema_sql[] =
    "CREATE TABLE task (id INTEGER PRIMARY KEY, board TEXT, title TEXT, col TEXT, word TEXT COLLATE NOCASE, size REAL);"
    "CREATE TABLE board (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;"
    "CREATE TABLE plain (a, b);"
    "CREATE TABLE solo (x INTEGER);"
    "CREATE TABLE made (a INTEGER, b INTEGER AS (a + 1));"
    "CREATE VIEW open_task AS SELECT id, title FROM task WHERE col = 'x';"
    "INSERT INTO task VALUES (1, 'b1', 'one', 'x', 'W', 1), (2, 'b1', 'two', 'y', 'w', 2.5), (3, 'b2', 'three', 'x', "
    "'v', 1),"
    " (4, '1', 'four', '2', '', -1), (5, NULL, NULL, NULL, NULL, NULL);"
    "INSERT INTO board VALUES ('b1', 'first'), ('b2', 'second'), ('1', 'x');"
    "INSERT INTO plain VALUES (1, 2), ('1', 'x'), (x'31', NULL), (2, 2);"
    "INSERT INTO solo VALUES (1), (2);"
    "INSERT INTO made (a) VALUES (1), (2);";

static const char *const writes[] = {
    "INSERT INTO task VALUES (6, 'b1', 'six', 'x', 'w', 1)",
    "INSERT INTO task VALUES (7, 'b2', 'x', 'y', 'v', 2)",
    "INSERT INTO task VALUES (8, '1', '1', '1', '1', 1), (9, NULL, 'nine', NULL, NULL, 1)",
    "DELETE FROM task WHERE id = 1",
    "DELETE FROM task WHERE id = 3",
    "DELETE FROM task WHERE id >= 4",
    "UPDATE task SET board = 'b2' WHERE id = 1",
    "UPDATE task SET board = 'b1' WHERE id >= 3",
    "UPDATE task SET title = title || '!', size = size + 1",
    "UPDATE task SET col = 'x', word = 'v' WHERE id = 2",
    "INSERT INTO board VALUES ('b3', 'third')",
    "DELETE FROM board WHERE id = 'b1'",
    "UPDATE board SET name = 'x' WHERE id = 'b2'",
    "INSERT INTO plain VALUES (1, 'new'), ('x', 1), (3, 3)",
    "DELETE FROM plain WHERE b = 2",
    "UPDATE plain SET a = 1 WHERE a = 2",
    "INSERT INTO solo VALUES (3)",
    "DELETE FROM solo WHERE x = 2",
    "DELETE FROM solo WHERE x = 1",
    "INSERT INTO made (a) VALUES (3)",
    "UPDATE made SET a = 0 WHERE a = 1",
};
#define WRITES (sizeof writes / sizeof *writes)

/* ---- the database: one for the process, in memory ---- */

static struct {
    sqlite3 *db;
    dew_sql_guard guard;
    dew_schema schema;
    dew_hash_key secret;
    dew_write_builder builder;
    sqlite3_stmt *writes[WRITES];
    int ops_left;
} w;

static int on_progress(void *unused)
{
    (void)unused;
    return --w.ops_left < 0;
}

static void on_row(void *unused, sqlite3 *db, int op, const char *schema, const char *name, sqlite3_int64 old_rowid,
                   sqlite3_int64 new_rowid)
{
    (void)unused, (void)schema, (void)old_rowid, (void)new_rowid;
    dew_table_key table = dew_key_of_table(dew_str_of(name));
    dew_write_op kind = op == SQLITE_INSERT   ? DEW_WRITE_INSERT
                        : op == SQLITE_DELETE ? DEW_WRITE_DELETE
                                              : DEW_WRITE_UPDATE;
    if (strcmp(name, "made") == 0)
        dew_write_builder_whole(&w.builder, table);
    else
        dew_write_builder_row(&w.builder, db, table, kind, false);
}

static void constant(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count, (void)values;
    sqlite3_result_int(context, 7);
}

static void run(const char *sql)
{
    CHECK(sqlite3_exec(w.db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static void open_database(void)
{
    /* what is another at each call, without any write; and what counts the test's own writes */
    static const char *const unsteady[] = {
        "random",   "randomblob", "changes",   "total_changes", "last_insert_rowid", "date",         "time",
        "datetime", "julianday",  "unixepoch", "strftime",      "current_date",      "current_time", "current_timestamp"
    };
    CHECK(sqlite3_open(":memory:", &w.db) == SQLITE_OK);
    for (size_t i = 0; i < sizeof unsteady / sizeof *unsteady; i++)
        CHECK(sqlite3_create_function(w.db, unsteady[i], -1, SQLITE_UTF8, NULL, constant, NULL, NULL) == SQLITE_OK);
    w.secret = (dew_hash_key){ 11, 13 };
    dew_guard_init(&w.guard, w.db);
    dew_schema_init(&w.schema, w.db);
    dew_write_builder_init(&w.builder, w.secret);
    run(schema_sql);
    CHECK(dew_schema_refresh(&w.schema) == 0);
    for (size_t i = 0; i < WRITES; i++)
        CHECK(sqlite3_prepare_v2(w.db, writes[i], -1, &w.writes[i], NULL) == SQLITE_OK);
    sqlite3_preupdate_hook(w.db, on_row, NULL);
    sqlite3_progress_handler(w.db, 1000, on_progress, NULL);
}

/* ---- a statement and its results ---- */

static dew_sql_value value_of(uint8_t choice)
{
    static const char *const texts[] = { "b1", "b2", "1", "01", "x", "" };
    switch (choice % 12) {
    case 0:
        return dew_null();
    case 1:
        return dew_sql_of_f64(1.0);
    case 2:
        return dew_sql_of_f64(2.5);
    case 3:
        return dew_bytes(DEW_S("1"));
    case 4:
    case 5:
        return dew_sql_of_i64(choice % 12 - 3);
    default:
        return dew_sql_of_cstr(texts[choice % 12 - 6]);
    }
}

static void bind(sqlite3_stmt *statement, const dew_sql_value *values)
{
    for (int i = 0; i < VALUES && i < sqlite3_bind_parameter_count(statement); i++) {
        const dew_sql_value *v = &values[i];
        int rc = v->kind == DEW_SQL_I64   ? sqlite3_bind_int64(statement, i + 1, v->as.i64)
                 : v->kind == DEW_SQL_F64 ? sqlite3_bind_double(statement, i + 1, v->as.f64)
                 : v->kind == DEW_SQL_TEXT
                     ? sqlite3_bind_text(statement, i + 1, v->as.text.ptr, (int)v->as.text.len, SQLITE_STATIC)
                 : v->kind == DEW_SQL_BLOB
                     ? sqlite3_bind_blob(statement, i + 1, v->as.text.ptr, (int)v->as.text.len, SQLITE_STATIC)
                     : sqlite3_bind_null(statement, i + 1);
        CHECK(rc == SQLITE_OK);
    }
}

/* A sum over all rows, or over the error that ended them; false: it takes too long. */
static bool result_of(sqlite3_stmt *statement, uint64_t *sum)
{
    int rc;
    *sum = 1;
    w.ops_left = OPS_MAX;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            dew_value_key key = dew_key_of_sqlite(w.secret, sqlite3_column_value(statement, i));
            *sum = (*sum + key) * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)sqlite3_column_type(statement, i);
        }
    *sum += (uint64_t)rc;
    sqlite3_reset(statement);
    bool is_whole = w.ops_left >= 0;
    w.ops_left = OPS_MAX; /* for the writes */
    return is_whole;
}

/* Every column that the authorizer saw stands in the plan. */
static void check_columns(const dew_plan *plan)
{
    for (const dew_guard_read *read = w.guard.reads; read != NULL && !plan->everything; read = read->next) {
        const dew_table *table = dew_schema_table(&w.schema, read->table);
        if (table == NULL || table->kind != DEW_TABLE_ORDINARY)
            continue;
        uint64_t columns = 0;
        bool is_there = false;
        for (uint32_t i = 0; i < plan->count; i++)
            if (plan->items[i].read.table == table->key) {
                columns |= plan->items[i].read.columns;
                is_there = true;
            }
        int column = dew_table_column(table, read->column);
        CHECK(is_there && (column < 0 || (columns & dew_column_bit(column)) != 0));
    }
}

/* Does one of the writes change the result behind the read set's back? */
static void check_writes(sqlite3_stmt *statement, const dew_read_set *reads)
{
    uint64_t before, after;
    if (!result_of(statement, &before))
        return;
    for (size_t i = 0; i < WRITES; i++) {
        run("SAVEPOINT s");
        dew_write_builder_reset(&w.builder);
        CHECK(sqlite3_step(w.writes[i]) == SQLITE_DONE);
        sqlite3_reset(w.writes[i]);
        dew_write_set *set = dew_write_builder_freeze(&w.builder);
        CHECK(set != NULL);
        if (!dew_writes_touch(set, reads) && result_of(statement, &after) && before != after) {
            fprintf(stderr, "%s\n  changed by %s\n", sqlite3_sql(statement), writes[i]);
            abort();
        }
        dew_write_set_unref(set);
        run("ROLLBACK TO s; RELEASE s");
    }
}

static void check_statement(dew_arena *arena, sqlite3_stmt *statement, const char *sql, const uint8_t *choices)
{
    dew_plan plan;
    dew_sql_value values[VALUES];
    dew_read_set reads = { 0 };
    for (size_t i = 0; i < VALUES; i++)
        values[i] = value_of(choices[i]);
    dew_plan_make(arena, &w.schema, &w.guard, w.secret, dew_str_of(sql), &plan);
    check_columns(&plan);
    dew_plan_bind(&plan, w.secret, values, VALUES, arena, &reads);
    bind(statement, values);
    check_writes(statement, &reads);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len <= VALUES || len > INPUT_MAX)
        return 0;
    if (w.db == NULL)
        open_database();
    dew_arena arena;
    dew_arena_init(&arena, 1 << 24);
    char *sql = dew_arena_calloc(&arena, len - VALUES + 1, 1);
    memcpy(sql, data + VALUES, len - VALUES);
    sqlite3_stmt *statement = NULL;
    const char *tail = "";
    w.ops_left = OPS_MAX;
    dew_guard_begin(&w.guard, DEW_GUARD_READ);
    int rc = sqlite3_prepare_v2(w.db, sql, -1, &statement, &tail);
    dew_guard_end(&w.guard);
    w.guard.mode = DEW_GUARD_INTERNAL;
    if (rc == SQLITE_OK && statement != NULL && *tail == '\0' && sqlite3_stmt_readonly(statement))
        check_statement(&arena, statement, sql, data);
    sqlite3_finalize(statement);
    dew_arena_dispose(&arena);
    return 0;
}

/* ---- mutations by words ---- */

static const char *const vocabulary[] = {
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "=", "==", "<>", "IS", "IN", "BETWEEN", "LIKE", "ISNULL", "CASE", "WHEN",
    "THEN", "ELSE", "END", "(", ")", ",", ".", ";", "?", "?1", ":a", "AS", "JOIN", "LEFT JOIN", "RIGHT JOIN", "NATURAL JOIN", "ON",
    "USING (id)", "GROUP BY", "HAVING", "WINDOW", "ORDER BY", "LIMIT 1", "DISTINCT", "COLLATE NOCASE", "COLLATE BINARY", "UNION",
    "EXISTS", "count(*)", "*", "task", "board", "plain", "solo", "made", "open_task", "t", "window", "end", "left", "id",
    "title", "col", "word", "size", "name", "a", "b", "x", "rowid", "t.", "1", "01", "1.0", "'b1'", "'1'", "'x'", "x'31'", "\"board\"",
    "[id]", "`a`", "-- x\n", "/* x */", "/*/ x */", "/*/", "*/", "\xef\xbb\xbf", "||", "+", "-", "<", "->>", "TRUE", "NULL", "CAST(id AS TEXT)",
    "IS NOT DISTINCT FROM", "IN (1, 'b1')", "IN solo", "FILTER (WHERE a = 1)", "NOT INDEXED", "OVER ()",
};

typedef struct slice {
    const char *ptr;
    size_t len;
} slice;

static size_t cut(const char *text, size_t len, slice *words)
{
    size_t count = 0;
    for (size_t at = 0; at < len && count < WORDS_MAX;) {
        size_t end = at + 1;
        while (end < len && text[end] != ' ' && text[end - 1] != ' ')
            end++;
        words[count++] = (slice){ text + at, end - at };
        at = end;
    }
    return count;
}

/* Puts a word of the vocabulary in, takes one out, or one in place of another; or leaves it to libFuzzer. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed)
{
    char out[INPUT_MAX];
    slice words[WORDS_MAX];
    if (seed % 5 == 0 || len < VALUES + 1 || len > INPUT_MAX)
        return LLVMFuzzerMutate(data, len, max);
    size_t count = cut((char *)data + VALUES, len - VALUES, words), done = VALUES;
    unsigned how = seed / 5 % 4, where = seed / 20 % (unsigned)count;
    const char *word = vocabulary[(seed / 20 / (unsigned)count) % (sizeof vocabulary / sizeof *vocabulary)];
    slice other = words[seed / 7 % (unsigned)count];
    memcpy(out, data, VALUES);
    out[seed / 3 % VALUES] = (char)(seed >> 8);
    for (size_t i = 0; i < count; i++) {
        slice add = how == 3 ? other : (slice){ word, strlen(word) };
        bool is_here = i == where;
        if (is_here && how != 1 && done + add.len + 2 < sizeof out) {
            done += (size_t)snprintf(out + done, sizeof out - done, " %.*s ", (int)add.len, add.ptr);
        }
        if ((is_here && how != 0) || done + words[i].len > sizeof out)
            continue;
        memcpy(out + done, words[i].ptr, words[i].len);
        done += words[i].len;
    }
    done = done < max ? done : max;
    memcpy(data, out, done);
    return done;
}
