/* Read plans: what is narrowed to a key, and above all what is not (design rule 7). */
#include "unit/sql/sql_fixture.h"

#include "base/buffer.h"
#include "sql/plan.h"

static const char schema[] = "CREATE TABLE task (id INTEGER PRIMARY KEY, board TEXT, title TEXT, col TEXT, raw BLOB, "
                             "word TEXT COLLATE NOCASE, size REAL);"
                             "CREATE TABLE board (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;"
                             "CREATE TABLE plain (a, b);"
                             "CREATE TABLE solo (x INTEGER);"
                             "CREATE TABLE made (a INTEGER, b INTEGER AS (a + 1));"
                             "CREATE VIEW open_task AS SELECT id, title FROM task WHERE col = 'todo';"
                             "CREATE VIEW joined AS SELECT task.title FROM task JOIN board USING (id);"
                             "CREATE VIRTUAL TABLE note USING fts5 (body);"
                             "CREATE VIRTUAL TABLE linked USING fts5 (title, content = 'task', content_rowid = 'id')";

static fixture *f;
static dew_connection connection;
static const char *const tables[] = { "task", "board", "plain", "solo", "made", "note_data", "note_idx", "note_content", "note_docsize", "note_config" };

static int setup(void **state)
{
    (void)state;
    f = fixture_make(schema);
    dew_error error = { 0 };
    dew_connection_options options = { .path = f->db->path,
                                       .vfs = dew_vfs_name(f->db->vfs),
                                       .mode = DEW_GUARD_READ,
                                       .secret = f->db->secret,
                                       .statement_max = 8 };
    assert_int_equal(dew_connection_open(&connection, &options, &error), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dew_connection_close(&connection);
    fixture_free(f);
    return 0;
}

static const char *name_of(dew_table_key key)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (dew_key_of_table(dew_str_of(tables[i])) == key)
            return tables[i];
    return "?";
}

/* "task(0,1)[1=?0]": columns 0 and 1 of task, where column 1 is the first parameter. In any order, sorted here. */
static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}
static void describe(const dew_plan *plan, char *out, size_t cap)
{
    char parts[16][128];
    if (plan->everything) {
        snprintf(out, cap, "everything");
        return;
    }
    assert_true(plan->count <= 16);
    for (uint32_t i = 0; i < plan->count; i++) {
        const dew_plan_read *p = &plan->items[i];
        size_t at = (size_t)snprintf(parts[i], sizeof parts[i], "%s(", name_of(p->read.table));
        if (p->read.columns == DEW_COLUMNS_ALL)
            at += (size_t)snprintf(parts[i] + at, sizeof parts[i] - at, "*");
        for (int c = 0; c < 63 && p->read.columns != DEW_COLUMNS_ALL; c++)
            if (p->read.columns & dew_column_bit(c))
                at += (size_t)snprintf(parts[i] + at, sizeof parts[i] - at, "%d", c);
        at += (size_t)snprintf(parts[i] + at, sizeof parts[i] - at, ")");
        if (p->read.key_column >= 0)
            snprintf(parts[i] + at, sizeof parts[i] - at, p->parameter >= 0 ? "[%d=?%d]" : "[%d=lit]",
                     p->read.key_column, p->parameter);
    }
    qsort(parts, plan->count, sizeof *parts, by_text);
    size_t len = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < plan->count; i++) {
        len += (size_t)snprintf(out + len, cap - len, "%s%s", i > 0 ? " " : "", parts[i]);
        assert_true(len < cap);
    }
}

static const struct {
    const char *sql, *plan;
} cases[] = {
    /* keys */
    { "SELECT id, title FROM task WHERE board = ?", "task(012)[1=?0]" },
    { "select ID, Title from TASK where BOARD == ? order by col", "task(0123)[1=?0]" },
    { "SELECT title FROM task WHERE id = ?", "task(02)[0=?0]" },
    { "SELECT title FROM task AS t WHERE t.id = ? AND t.col <> ?", "task(023)[0=?0]" },
    { "SELECT title FROM task t WHERE ? = t.id", "task(02)[0=?0]" },
    { "SELECT title FROM main.task WHERE board = 'b1' LIMIT ?", "task(12)[1=lit]" },
    { "SELECT ?, title FROM task WHERE col LIKE ? AND board = ?", "task(123)[1=?2]" },
    { "SELECT title FROM task WHERE (board = ?)", "task(12)[1=?0]" },
    { "SELECT title FROM task WHERE ((board = ?) AND (col = 'x'))", "task(123)[1=?0]" },
    { "SELECT title FROM task WHERE (col = ? OR col = ?) AND board = ?", "task(123)[1=?2]" },
    { "SELECT title FROM task WHERE col BETWEEN ? AND ? AND board = ?", "task(123)[1=?2]" },
    { "SELECT title FROM task -- AND\nWHERE /* x = ? */ board = ?", "task(12)[1=?0]" },
    { "SELECT [title] FROM \"task\" WHERE `board` = ?", "task(12)[1=?0]" },
    { "SELECT count(*) FROM task WHERE board = ? GROUP BY col HAVING count(*) > ?", "task(13)[1=?0]" },
    { "SELECT a.title, b.name FROM task a JOIN board b ON b.id = a.board WHERE a.board = ? AND b.id = ?", "board(01)[0=?1] task(12)[1=?0]" },
    { "SELECT a.title, b.name FROM task a, board AS b WHERE name = ? AND b.id = a.board", "board(01)[1=?0] task(12)" },
    { "SELECT a.title FROM task a LEFT JOIN board b ON b.id = ? WHERE a.id = ?", "board(0) task(02)[0=?1]" },
    { "SELECT x.id FROM task x JOIN task y WHERE x.id = ?", "task(0) task(0)[0=?0]" },
    { "SELECT CASE WHEN col = ? AND board = ? THEN 1 END FROM task WHERE id = ?", "task(013)[0=?2]" },
    { "SELECT title FROM task INDEXED BY x WHERE board = ?", NULL },
    { "SELECT title FROM task NOT INDEXED WHERE board = ?", "task(12)[1=?0]" },
    { "SELECT b FROM plain WHERE a = ?", "plain(01)[0=?0]" },
    /* no key: whole tables */
    { "SELECT title FROM task", "task(2)" },
    { "SELECT count(*) FROM task", "task()" },
    { "SELECT title FROM task WHERE board = ? OR col = ?", "task(123)" },
    { "SELECT title FROM task WHERE NOT board = ?", "task(12)" },
    { "SELECT title FROM task WHERE board = ? COLLATE NOCASE", "task(12)" },
    { "SELECT title FROM task WHERE +board = ?", "task(12)" },
    { "SELECT title FROM task WHERE board = ? || 'x'", "task(12)" },
    { "SELECT title FROM task WHERE board = ? IS NULL", "task(12)" },
    { "SELECT title FROM task WHERE lower(board) = ?", "task(12)" },
    { "SELECT title FROM task WHERE word = ?", "task(25)" },
    { "SELECT title FROM task WHERE board IN (?)", "task(12)" },
    { "SELECT title FROM task WHERE board LIKE ?", "task(12)" },
    { "SELECT title FROM task WHERE board IS ?", "task(12)" },
    { "SELECT title FROM task WHERE board = ?1", "task(12)" },
    { "SELECT title FROM task WHERE board = :board", "task(12)" },
    { "SELECT title FROM task WHERE board = title", "task(12)" },
    { "SELECT title FROM task WHERE col BETWEEN ? AND board = ?", "task(123)" },
    { "SELECT title FROM task WHERE CASE WHEN col THEN 1 AND board = ? END", "task(123)" },
    { "SELECT title FROM task WHERE rowid = ?", "task(02)" },
    { "SELECT title AS board2 FROM task WHERE board2 = ?", "task(2)" },
    { "SELECT title FROM task WHERE id = 'x'", "task(02)" },
    { "SELECT title FROM task WHERE id = 1.5", "task(02)" },
    { "SELECT title FROM (SELECT title, board FROM task) WHERE board = ?", "task(12)" },
    { "SELECT title FROM task WHERE board = ? AND EXISTS (SELECT 1 FROM board)", "board() task(12)" },
    { "SELECT title FROM task WHERE board = ? AND col IN board", NULL },
    { "SELECT title FROM task WHERE board = ? UNION SELECT name FROM board", "board(1) task(12)" },
    { "WITH t AS (SELECT title, board FROM task) SELECT title FROM t WHERE board = ?", "task(12)" },
    { "SELECT title FROM open_task WHERE id = ?", "task(023)" },
    { "SELECT o.title FROM open_task o JOIN board b WHERE b.id = ?", "board(0) task(023)" },
    { "SELECT a FROM made WHERE a = ?", "made(*)" },
    /* names that are words of the grammar elsewhere; spaces and comments as SQLite has them; a table behind IN */
    { "SELECT title FROM task end WHERE board = ? AND (end.title = 'x') OR 1", "task(12)" },
    { "SELECT title FROM task AS window WHERE board = ? AND window.title OR 1", "task(12)" },
    { "SELECT title FROM task /*/ WHERE board = ? */", "task(2)" },
    { "SELECT title FROM task WHERE title <> 'x' /*/ AND board = ? AND 1 */", "task(2)" },
    { "SELECT title FROM task WHERE board = ? AND title = 'x' \xef\xbb\xbfOR 1", "task(12)" },
    { "SELECT title FROM task WHERE board \xef\xbb\xbf= ?", "task(12)[1=?0]" },
    { "SELECT x FROM solo WHERE x = ? AND 2 IN solo", "solo(0)" },
    { "SELECT x FROM solo WHERE x = ? AND x NOT IN (1, 2)", "solo(0)[0=?0]" },
    { "SELECT title FROM task WHERE board = 01", "task(12)" },
    /* columns that are compared without being named */
    { "SELECT task.title FROM task JOIN board USING (id)", "board(*) task(*)" },
    { "SELECT 1 FROM board a NATURAL JOIN board b", "board(*) board(*)" },
    { "SELECT title FROM task JOIN board USING (id) WHERE board = ?", "board(*) task(*)[1=?0]" },
    { "SELECT (SELECT count(*) FROM task JOIN board USING (id))", "everything" },
    { "SELECT title FROM open_task JOIN board USING (id)", "everything" },
    { "SELECT title FROM joined", "everything" },
    { "SELECT count(*) FROM task JOIN json_each(?) j ON j.value = task.id", "task(0)" },
    { "SELECT value FROM json_each(?)", "" },
    { "SELECT t.title FROM json_each(?) j JOIN task t ON t.id = j.value WHERE t.board = ?", "task(012)" },
    { "SELECT 1", "" },
    { "SELECT _rowid_ FROM plain", "plain(*)" },
    /* virtual tables, system tables */
    { "SELECT body FROM note WHERE note MATCH ?", "note_config(*) note_content(*) note_data(*) note_docsize(*) note_idx(*)" },
    { "SELECT title FROM linked WHERE linked MATCH ?", "everything" },
    { "SELECT name FROM sqlite_schema", "everything" },
    { "SELECT name FROM sqlite_stmt", NULL },
};

static void plans_are_as_narrow_as_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dew_statement *statement;
        dew_error error = { 0 };
        char found[512];
        if (dew_connection_take(&connection, cases[i].sql, &statement, &error) != 0) {
            if (cases[i].plan != NULL)
                fail_msg("%s: %s", cases[i].sql, error.message);
            continue;
        }
        describe(&statement->plan, found, sizeof found);
        dew_connection_give(&connection, statement);
        if (cases[i].plan == NULL)
            continue;
        if (strcmp(found, cases[i].plan) != 0)
            fail_msg("%s\n  gives    %s\n  expected %s", cases[i].sql, found, cases[i].plan);
    }
}

/* The key of `column = value` as the plan makes it, for one value. */
static dew_read bound(const char *sql, dew_sql_value value)
{
    dew_statement *statement;
    dew_error error = { 0 };
    dew_arena arena;
    dew_read_set set = { 0 };
    dew_arena_init(&arena, 1 << 16);
    assert_int_equal(dew_connection_take(&connection, sql, &statement, &error), 0);
    dew_plan_bind(&statement->plan, connection.secret, &value, 1, &arena, &set);
    dew_connection_give(&connection, statement);
    assert_int_equal(set.count, 1);
    dew_read read = set.items[0];
    dew_arena_dispose(&arena);
    return read;
}

static void values_are_normalised_by_affinity(void **state)
{
    (void)state;
    dew_hash_key secret = connection.secret;
    static const char by_id[] = "SELECT title FROM task WHERE id = ?",
                      by_board[] = "SELECT title FROM task WHERE board = ?",
                      by_size[] = "SELECT title FROM task WHERE size = ?",
                      by_raw[] = "SELECT title FROM task WHERE raw = ?";
    assert_true(bound(by_id, dew_sql_of_i64(5)).key == dew_key_of_i64(secret, 5));
    assert_true(bound(by_id, dew_sql_of_f64(5.0)).key == dew_key_of_i64(secret, 5));
    assert_true(bound(by_size, dew_sql_of_i64(5)).key == dew_key_of_f64(secret, 5.0));
    assert_true(bound(by_board, dew_sql_of_i64(5)).key == dew_key_of_text(secret, S("5")));
    assert_true(bound(by_raw, dew_sql_of_i64(5)).key == dew_key_of_i64(secret, 5));
    assert_true(bound(by_raw, dew_sql_of_cstr("5")).key == dew_key_of_text(secret, S("5")));
    assert_true(bound(by_raw, dew_bytes(S("5"))).key == dew_key_of_blob(secret, S("5")));
    /* conversions that SQLite would make: any row */
    assert_int_equal(bound(by_id, dew_sql_of_cstr("5")).key_column, -1);
    assert_int_equal(bound(by_board, dew_sql_of_f64(5.5)).key_column, -1);
    assert_int_equal(bound(by_board, dew_bytes(S("5"))).key_column, -1);
    assert_int_equal(bound(by_id, dew_null()).key_column, -1);
    assert_true(dew_key_of_f64(secret, -0.0) == dew_key_of_i64(secret, 0));
    assert_false(dew_key_of_f64(secret, 9223372036854775808.0) == dew_key_of_i64(secret, INT64_MIN));
}

static void a_set_grows_wider_never_narrower(void **state)
{
    (void)state;
    dew_arena arena;
    dew_read_set set = { 0 };
    dew_arena_init(&arena, 1 << 20);
    for (uint64_t i = 1; i <= DEW_READS_MAX; i++)
        dew_reads_add(&arena, &set, &(dew_read){ .table = 1 + i % 2, .columns = 1, .key_column = 0, .key = i });
    assert_int_equal(set.count, DEW_READS_MAX);
    dew_reads_add(&arena, &set, &(dew_read){ .table = 3, .columns = 4, .key_column = 0, .key = 9 });
    assert_int_equal(set.count, 3);
    assert_int_equal(set.items[0].key_column, -1);
    dew_reads_add(&arena, &set, &(dew_read){ .table = 2, .columns = 2, .key_column = 0, .key = 5 });
    assert_int_equal(set.count, 3);
    for (uint64_t i = 10; i <= DEW_READS_MAX + 10; i++)
        dew_reads_add(&arena, &set, &(dew_read){ .table = i, .columns = 1, .key_column = -1 });
    assert_true(set.everything);
    dew_arena_dispose(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_are_as_narrow_as_is_safe),
        cmocka_unit_test(values_are_normalised_by_affinity),
        cmocka_unit_test(a_set_grows_wider_never_narrower),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
