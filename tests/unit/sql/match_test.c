/* Read sets against write sets: never too narrow.
 *
 * Random writes over a schema with cascades, triggers, WITHOUT ROWID, generated columns, mixed types and collations;
 * after each commit every standing query is run again. A result that changed must have been touched, by dew_writes_touch and by
 * its stamps; a result that was not touched must be the same. DEW_SEED and DEW_TEST_STEPS choose other runs. */
#include "unit/sql/sql_fixture.h"

#include "base/buffer.h"
#include "sql/writer_internal.h"

static const char schema[] =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT, n INTEGER, v, w TEXT COLLATE NOCASE);"
    "CREATE INDEX t_k ON t (k, n);"
    "CREATE TABLE u (k TEXT, n REAL, x, PRIMARY KEY (k, n)) WITHOUT ROWID;"
    "CREATE TABLE p (a, b UNIQUE);"
    "CREATE TABLE c (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id) ON DELETE CASCADE ON UPDATE CASCADE, z TEXT);"
    "CREATE TABLE g (a INTEGER, s TEXT AS (a || 'x') STORED, r INTEGER AS (a * 2));"
    "CREATE VIEW vw AS SELECT t.k, u.x FROM t JOIN u ON u.k = t.k WHERE t.n > 1;"
    "CREATE TRIGGER tr AFTER INSERT ON u BEGIN UPDATE t SET v = new.x WHERE k = new.k; END;"
    "CREATE TRIGGER tg AFTER UPDATE OF z ON c BEGIN INSERT INTO g (a) VALUES (new.id); DELETE FROM p WHERE a = new.z; "
    "END";

static uint64_t state;
static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * UINT64_C(0x2545f4914f6cdd1d);
}
static size_t below(size_t n)
{
    return (size_t)(next() >> 33) % n;
}

#define ROW(F) F(opt(str), a) F(opt(str), b) F(opt(str), c)
DEW_STRUCT(row, ROW)
DEW_ARRAY(rows, row)

/* ---- random SQL ---- */

static const char *const literals[] = { "1", "2", "3", "1.0", "2.5", "'1'", "'a'", "'A'", "'b'", "''", "NULL", "x'61'", "-0.0", "9007199254740993" };
static const char *literal(void)
{
    return literals[below(sizeof literals / sizeof *literals)];
}

typedef struct source_table {
    const char *name;
    const char *columns[5];
    size_t count;
} source_table;
static const source_table sources[] = {
    { "t", { "id", "k", "n", "v", "w" }, 5 }, { "u", { "k", "n", "x" }, 3 }, { "p", { "a", "b" }, 2 },
    { "c", { "id", "t", "z" }, 3 },           { "g", { "a", "s", "r" }, 3 }, { "vw", { "k", "x" }, 2 },
};
#define SOURCES (sizeof sources / sizeof *sources)
#define TABLES (SOURCES - 1) /* the view is not written */

static dew_sql_value parameter(void)
{
    switch (below(7)) {
    case 0:
    case 1:
    case 2:
        return dew_sql_of_i64((int64_t)below(4));
    case 3:
        return dew_sql_of_f64((double)below(6) / 2);
    case 4:
        return dew_null();
    default:
        return dew_sql_of_cstr((const char *const[]){ "a", "A", "b", "1", "2", "" }[below(6)]);
    }
}

typedef struct query {
    char sql[1024];
    dew_sql_value values[4];
    size_t count;
    /* the last run */
    dew_read_set *reads;
    dew_stamp_list stamps;
    int64_t number;
    char *result;
} query;

static void append(query *q, const char *text)
{
    snprintf(q->sql + strlen(q->sql), sizeof q->sql - strlen(q->sql), "%s", text);
}

static void append_column(query *q, const source_table *table, const char *alias)
{
    char text[32];
    snprintf(text, sizeof text, "%s%s%s", alias, alias[0] != '\0' ? "." : "", table->columns[below(table->count)]);
    append(q, text);
}

static void append_predicate(query *q, const source_table *table, const char *alias)
{
    static const char *const operators[] = {
        " = ", " = ", " = ", " == ", " = ", " = ", " < ", " <> ", " IS ", " LIKE "
    };
    bool is_swapped = below(6) == 0, is_parameter = below(3) > 0 && q->count < 4;
    if (below(8) == 0)
        append(q, "+");
    if (!is_swapped)
        append_column(q, table, alias);
    if (!is_swapped)
        append(q, operators[below(10)]);
    if (is_parameter)
        q->values[q->count++] = parameter();
    append(q, is_parameter ? "?" : literal());
    if (is_swapped) {
        append(q, " = ");
        append_column(q, table, alias);
    }
    if (below(12) == 0)
        append(q, " COLLATE NOCASE");
}

static void append_where(query *q, const source_table *a, const char *alias_a, const source_table *b,
                         const char *alias_b)
{
    size_t count = below(4);
    for (size_t i = 0; i < count; i++) {
        append(q, i == 0 ? " WHERE " : below(5) == 0 ? " OR " : " AND ");
        bool is_nested = below(6) == 0, is_second = b != NULL && below(2) == 0;
        append(q, is_nested ? "(" : "");
        append_predicate(q, is_second ? b : a, is_second ? alias_b : alias_a);
        append(q, is_nested ? ")" : "");
    }
}

static void make_query(query *q)
{
    q->sql[0] = '\0';
    q->count = 0;
    const source_table *a = &sources[below(SOURCES)], *b = below(3) == 0 ? &sources[below(SOURCES)] : NULL;
    const char *alias_a = b != NULL || below(3) == 0 ? "q" : "", *alias_b = "r";
    size_t form = below(4);
    append(q, form == 0 ? "SELECT CAST(count(*) AS TEXT) AS a, CAST(max(" : "SELECT CAST(");
    append_column(q, a, alias_a);
    append(q, form == 0 ? ") AS TEXT) AS b, typeof(min(" : " AS TEXT) AS a, typeof(");
    append_column(q, b != NULL ? b : a, b != NULL ? alias_b : alias_a);
    append(q, form == 0 ? ")) AS c FROM " : ") AS b, CAST(");
    if (form != 0) {
        append_column(q, a, alias_a);
        append(q, " AS TEXT) AS c FROM ");
    }
    append(q, a->name);
    append(q, alias_a[0] != '\0' ? " AS q" : "");
    if (b != NULL) {
        static const char *const joins[] = { ", ",           " JOIN ",      " LEFT JOIN ",
                                             " CROSS JOIN ", " FULL JOIN ", " RIGHT JOIN " };
        size_t join = below(6);
        append(q, joins[join]);
        append(q, b->name);
        append(q, below(2) == 0 ? " r" : " AS r");
        if (join != 0 && below(2) == 0) {
            append(q, " ON ");
            append_column(q, a, alias_a);
            append(q, " = ");
            append_column(q, b, alias_b);
        }
    }
    append_where(q, a, alias_a, b, alias_b);
    if (below(10) == 0)
        append(q, a == &sources[0] && b == NULL && q->count < 4 ? " AND k IN (SELECT k FROM u)" : "");
    append(q, " ORDER BY 1, 2, 3");
}

static void make_write(query *q)
{
    q->sql[0] = '\0';
    q->count = 0;
    const source_table *table = &sources[below(TABLES)];
    const char *name = table->name;
    size_t writable = strcmp(name, "g") == 0 ? 1 : table->count;
    char text[256];
    switch (below(8)) {
    case 0:
    case 1:
    case 2:
        snprintf(text, sizeof text, "INSERT %s INTO %s VALUES (", below(2) == 0 ? "OR REPLACE" : "OR IGNORE", name);
        if (writable == 1)
            snprintf(text, sizeof text, "INSERT INTO g (a) VALUES (");
        append(q, text);
        for (size_t i = 0; i < writable; i++) {
            append(q, i > 0 ? ", " : "");
            append(q, literal());
        }
        append(q, ")");
        return;
    case 3:
        snprintf(text, sizeof text, "DELETE FROM %s", name);
        append(q, text);
        break;
    case 4:
        append(q, "UPDATE OR REPLACE p SET rowid = rowid + 3");
        table = &sources[2];
        break;
    default:
        snprintf(text, sizeof text, "UPDATE %s %s SET %s = %s", below(2) == 0 ? "OR REPLACE" : "OR IGNORE", name,
                 table->columns[below(writable)], literal());
        append(q, text);
    }
    size_t count = q->count = 4; /* literals only */
    append_where(q, table, "", NULL, "");
    (void)count;
}

/* ---- running ---- */

static char *result_of(fixture *f, query *q)
{
    reading *r = reading_make(f);
    rows out;
    dew_buf text;
    dew_buf_init(&text, 1 << 20);
    int code = dew_scope_sql(&r->scope, (dew_sql_out){ &out, DEW_TYPE(rows) }, q->sql, q->values, q->count);
    if (code != 0)
        dew_buf_putf(&text, "error %d", code);
    for (size_t i = 0; code == 0 && i < out.count; i++) {
        const dew_opt_str cells[] = { out.items[i].a, out.items[i].b, out.items[i].c };
        for (int c = 0; c < 3; c++) {
            dew_buf_put_str(&text, cells[c].has ? cells[c].value : S("\x01"));
            dew_buf_put_char(&text, '|');
        }
        dew_buf_put_char(&text, '\n');
    }
    dew_buf_put_char(&text, '\0');
    free(q->reads);
    q->reads = dew_reads_clone(&r->log.set);
    dew_stamps_of(&r->log.set, &q->stamps);
    q->number = r->log.highest;
    reading_free(r);
    return text.ptr;
}

static size_t environment(const char *name, size_t fallback)
{
    return getenv(name) != NULL ? strtoull(getenv(name), NULL, 10) : fallback;
}

#define QUERIES 12
#define WRITES_PER_ROUND 25

static void nothing_that_changes_a_result_goes_unseen(void **unused)
{
    (void)unused;
    static query queries[QUERIES];
    size_t steps = environment("DEW_TEST_STEPS", 120000), checked = 0, changed = 0, touched = 0;
    state = environment("DEW_SEED", 1) * UINT64_C(0x9e3779b97f4a7c15) + 1;
    fixture *f = fixture_make(schema);
    sqlite3_exec(f->db->writer->connection.db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    while (checked < steps) {
        for (size_t i = 0; i < QUERIES; i++) {
            make_query(&queries[i]);
            free(queries[i].result);
            queries[i].result = result_of(f, &queries[i]);
        }
        for (int w = 0; w < WRITES_PER_ROUND; w++) {
            query write;
            char text[2100];
            make_write(&write);
            size_t at = (size_t)snprintf(text, sizeof text, "%s", write.sql);
            if (below(4) == 0) {
                make_write(&write);
                snprintf(text + at, sizeof text - at, ";;%s", write.sql);
            }
            int64_t before = dew_db_number(f->db);
            mutate(f, text);
            bool is_commit = dew_db_number(f->db) != before;
            for (size_t i = 0; i < QUERIES; i++, checked++) {
                query *q = &queries[i];
                dew_stamp_list stamps = q->stamps;
                int64_t number = q->number;
                bool is_touched = is_commit && dew_writes_touch(f->commit.writes, q->reads);
                bool is_valid = dew_stamps_are_valid(dew_db_stamps(f->db), &stamps, number);
                char *result = result_of(f, q);
                bool is_changed = strcmp(result, q->result) != 0;
                if (is_changed && (!is_touched || is_valid))
                    fail_msg("not seen (match %d, stamps %d): %s\nafter: %s", is_touched, !is_valid, q->sql, text);
                changed += is_changed;
                touched += is_touched;
                free(q->result);
                q->result = result;
            }
        }
    }
    print_message("%zu checks, %zu touched, %zu changed\n", checked, touched, changed);
    assert_true(changed > checked / 100);
    for (size_t i = 0; i < QUERIES; i++) {
        free(queries[i].result);
        free(queries[i].reads);
    }
    fixture_free(f);
}

/* ---- by hand: what must not match ---- */

#define ONE(F) F(i64, n)
DEW_STRUCT(one, ONE)

static bool touches(fixture *f, const char *select, const char *write)
{
    reading *r = reading_make(f);
    one out;
    int code = dew_scope_sql(&r->scope, (dew_sql_out){ &out, DEW_TYPE(one) }, select, NULL, 0);
    if (code != 0)
        fail_msg("%s", r->scope.error.message);
    int before = f->commit_count;
    assert_int_equal(mutate(f, write), 0);
    bool is_touched = f->commit_count != before && dew_writes_touch(f->commit.writes, &r->log.set);
    reading_free(r);
    return is_touched;
}

static void writes_wake_only_what_read_them(void **unused)
{
    (void)unused;
    fixture *f =
        fixture_make("CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT, a INTEGER, b INTEGER); CREATE TABLE u (x);"
                     "INSERT INTO t VALUES (1, 'x', 1, 1), (2, 'y', 2, 2)");
    static const char by_key[] = "SELECT total(a) > 0 AS n FROM t WHERE k = 'x'";
    assert_false(touches(f, by_key, "INSERT INTO u VALUES (1)"));            /* another table */
    assert_false(touches(f, by_key, "INSERT INTO t VALUES (3, 'y', 1, 1)")); /* another key */
    assert_false(touches(f, by_key, "DELETE FROM t WHERE k = 'y'"));
    assert_false(touches(f, by_key, "UPDATE t SET b = 9"));               /* an unread column */
    assert_false(touches(f, by_key, "UPDATE t SET a = 1 WHERE k = 'x'")); /* the same value */
    assert_true(touches(f, by_key, "UPDATE t SET a = 2 WHERE k = 'x'"));
    assert_true(touches(f, by_key, "INSERT INTO t VALUES (4, 'x', 1, 1)"));
    assert_true(touches(f, by_key, "UPDATE t SET k = 'z' WHERE id = 4")); /* moves out */
    assert_true(touches(f, by_key, "UPDATE t SET k = 'x' WHERE id = 4")); /* moves in */
    assert_true(touches(f, by_key, "DELETE FROM t WHERE id = 4"));
    static const char count[] = "SELECT count(*) AS n FROM t";
    assert_false(touches(f, count, "UPDATE t SET a = 7, k = 'q'"));
    assert_true(touches(f, count, "INSERT INTO t VALUES (9, 'y', 1, 1)"));
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_wake_only_what_read_them),
        cmocka_unit_test(nothing_that_changes_a_result_goes_unseen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
