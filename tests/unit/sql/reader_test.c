/* dew_sql in loaders: typed rows by column name, errors that name the column, commit numbers, what was read. */
#include "unit/sql/sql_fixture.h"

#define TASK(F) F(i64, id) F(str, title) F(str, column) F(opt(i64), due)
DEW_STRUCT(task, TASK)
DEW_LIST(task_list, task, id)
DEW_ARRAY(title_list, str)
#define MOOD(V) V(mood, good) V(mood, bad)
DEW_ENUM(mood, MOOD)
#define KINDS(F) F(bool, b) F(i32, i) F(f64, d) F(bytes, raw) F(time, at) F(json, extra) F(mood, feeling) F(title_list, tags)
DEW_STRUCT(kinds, KINDS)
#define BOARD(F) F(task_list, tasks) F(i64, total) F(str, name)
DEW_STRUCT(board, BOARD)

static const char schema[] = "CREATE TABLE task (id INTEGER PRIMARY KEY, board TEXT NOT NULL, title TEXT, col TEXT NOT "
                             "NULL DEFAULT 'todo', due INTEGER);"
                             "CREATE TABLE kinds (b, i, d, raw, at, extra, feeling, tags);"
                             "INSERT INTO task (id, board, title, due) VALUES (1, 'b1', 'one', 5), (2, 'b1', 'two', "
                             "NULL), (3, 'b2', 'three', NULL);"
                             "INSERT INTO kinds VALUES (1, 7, 2.5, x'0001', 0, '{\"a\":1}', 'bad', '[\"x\",\"y\"]')";

static fixture *f;
static reading *r;

static int setup(void **state)
{
    (void)state;
    f = fixture_make(schema);
    r = reading_make(f);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    reading_free(r);
    fixture_free(f);
    return 0;
}

#define TASKS "SELECT id, title, col AS column, due FROM task"

static void a_list_gets_every_row(void **state)
{
    (void)state;
    task_list tasks;
    assert_int_equal(dew_sql_into(&r->scope, task_list, &tasks, TASKS " WHERE board = ? ORDER BY id", "b1"), 0);
    assert_int_equal(tasks.count, 2);
    assert_int_equal(tasks.items[0].id, 1);
    assert_string_equal(tasks.items[0].title.ptr, "one");
    assert_string_equal(tasks.items[1].column.ptr, "todo");
    assert_true(tasks.items[0].due.has);
    assert_int_equal(tasks.items[0].due.value, 5);
    assert_false(tasks.items[1].due.has);
}

static void a_struct_gets_the_one_row(void **state)
{
    (void)state;
    task one;
    assert_int_equal(dew_sql_into(&r->scope, task, &one, TASKS " WHERE id = ?", 2), 0);
    assert_string_equal(one.title.ptr, "two");
    assert_int_equal(dew_sql_into(&r->scope, task, &one, TASKS " WHERE id = ?", 99), DEW_E_NOT_FOUND);
    assert_int_equal(dew_sql_into(&r->scope, task, &one, TASKS), DEW_E_CONFLICT);
}

static void the_type_is_found_from_the_result(void **state)
{
    (void)state;
    board out;
    r->scope.out = &out;
    r->scope.out_type = DEW_TYPE(board);
    memset(&out, 0, sizeof out);
    assert_int_equal(dew_sql(&r->scope, &out.tasks, TASKS " ORDER BY id"), 0);
    assert_int_equal(out.tasks.count, 3);
    assert_int_equal(dew_sql(&r->scope, &out.total, "SELECT count(*) FROM task"), 0);
    assert_int_equal(out.total, 3);
    assert_int_equal(dew_sql(&r->scope, &out, "SELECT count(*) AS total, 'x' AS name FROM task"), 0);
    assert_int_equal(out.total, 3);
    int64_t elsewhere;
    assert_int_equal(dew_sql(&r->scope, &elsewhere, "SELECT 1"), DEW_E_INTERNAL);
}

static void every_kind_is_read(void **state)
{
    (void)state;
    kinds k;
    if (dew_sql_into(&r->scope, kinds, &k, "SELECT * FROM kinds") != 0)
        fail_msg("%s", r->scope.error.message);
    assert_true(k.b);
    assert_int_equal(k.i, 7);
    assert_true(k.d == 2.5);
    assert_int_equal(k.raw.len, 2);
    assert_int_equal(k.feeling, mood_bad);
    assert_string_equal(k.extra.ptr, "{\"a\":1}");
    assert_int_equal(k.tags.count, 2);
    assert_string_equal(k.tags.items[1].ptr, "y");
}

/* The SQL fails with the code, and the message contains the words. */
static void fails(int code, const char *words, const char *sql)
{
    task_list tasks;
    assert_int_equal(dew_scope_sql(&r->scope, (dew_sql_out){ &tasks, DEW_TYPE(task_list) }, sql, NULL, 0), code);
    if (strstr(r->scope.error.message, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, r->scope.error.message);
}

static void errors_name_the_column(void **state)
{
    (void)state;
    fails(DEW_E_INTERNAL, "\"board\"", "SELECT id, title, col AS column, due, board FROM task");
    fails(DEW_E_INTERNAL, "task.due", "SELECT id, title, col AS column FROM task");
    fails(DEW_E_INTERNAL, "\"id\" comes twice", "SELECT id, id, title, col AS column, due FROM task");
    fails(DEW_E_INTERNAL, "\"title\" is NULL", "SELECT id, NULL AS title, col AS column, due FROM task");
    fails(DEW_E_INTERNAL, "\"id\": expected an integer, found text",
          "SELECT title AS id, title, col AS column, due FROM task");
    fails(DEW_E_INTERNAL, "no such table: nowhere", "SELECT * FROM nowhere");
    fails(DEW_E_INTERNAL, "1 parameters, 0 values", TASKS " WHERE id = ?");
}

static void user_sql_stays_in_its_bounds(void **state)
{
    (void)state;
    fails(DEW_E_INTERNAL, "only reads", "DELETE FROM task");
    fails(DEW_E_INTERNAL, "PRAGMA", "PRAGMA synchronous = OFF");
    fails(DEW_E_INTERNAL, "BEGIN", "BEGIN");
    fails(DEW_E_INTERNAL, "ATTACH", "ATTACH '/tmp/x' AS x");
    fails(DEW_E_INTERNAL, "Dew's own", "SELECT * FROM dew_commit");
    fails(DEW_E_INTERNAL, "temporary", "CREATE TEMP TABLE x (a)");
    fails(DEW_E_INTERNAL, "one statement", TASKS "; " TASKS);
}

static void a_statement_sees_the_commit_number(void **state)
{
    (void)state;
    task_list tasks;
    assert_int_equal(dew_sql_into(&r->scope, task_list, &tasks, TASKS), 0);
    int64_t before = r->log.lowest;
    assert_int_equal(before, dew_db_number(f->db));
    assert_int_equal(mutate(f, "INSERT INTO task (board, title) VALUES ('b1', 'four')"), 0);
    assert_int_equal(dew_sql_into(&r->scope, task_list, &tasks, TASKS), 0);
    assert_int_equal(tasks.count, 4);
    assert_int_equal(r->log.lowest, before);
    assert_int_equal(r->log.highest, before + 1);
    assert_int_equal(r->log.statements, 2);
    assert_int_equal(dew_db_statement_count(f->db), 2);
}

static void a_schema_change_is_followed(void **state)
{
    (void)state;
    task_list tasks;
    assert_int_equal(dew_sql_into(&r->scope, task_list, &tasks,
                                  "SELECT *, 'c' AS column FROM (SELECT id, title, due FROM task)"),
                     0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(mutate(f, i % 2 == 0 ? "ALTER TABLE task RENAME COLUMN due TO until"
                                              : "ALTER TABLE task RENAME COLUMN until TO due"),
                         0);
        assert_true(f->commit.writes->everything);
        assert_int_equal(dew_sql_into(&r->scope, task_list, &tasks,
                                      i % 2 == 0 ? "SELECT id, title, col AS column, until AS due FROM task" : TASKS),
                         0);
        assert_int_equal(tasks.count, 3);
    }
    assert_int_equal(mutate(f, "CREATE TABLE late (id INTEGER PRIMARY KEY, title TEXT, column TEXT, due)"), 0);
    assert_int_equal(dew_sql_into(&r->scope, task_list, &tasks, "SELECT * FROM late"), 0);
    assert_int_equal(mutate(f, "ALTER TABLE late ADD COLUMN surplus"), 0);
    fails(DEW_E_INTERNAL, "\"surplus\"", "SELECT * FROM late");
}

static void a_pin_stays_at_its_commit(void **state)
{
    (void)state;
    dew_sql_pin *pin;
    task_list tasks;
    assert_int_equal(dew_sql_pin_open(f->sql, &r->scope, &pin), 0);
    r->scope.pin = pin;
    assert_int_equal(dew_sql_pin_number(pin), dew_db_number(f->db));
    assert_int_equal(mutate(f, "DELETE FROM task"), 0);
    assert_int_equal(dew_sql_into(&r->scope, task_list, &tasks, TASKS), 0);
    assert_int_equal(tasks.count, 3);
    assert_int_equal(r->log.highest, dew_sql_pin_number(pin));
    r->scope.pin = NULL;
    dew_sql_pin_close(pin);
    assert_int_equal(dew_sql_into(&r->scope, task_list, &tasks, TASKS), 0);
    assert_int_equal(tasks.count, 0);
}

static void a_statement_ends_with_its_scope(void **state)
{
    (void)state;
    int64_t sum;
    r->scope.deadline_ns = 1;
    assert_int_equal(dew_sql_into(&r->scope, task_list, &(task_list){ 0 }, TASKS), DEW_E_TIMEOUT);
    r->scope.ended = r->scope.deadline_ns = 0;
    r->scope.deadline_ns = INT64_MAX;
    dew_field scalar = { .kind = DEW_KIND_I64 };
    (void)scalar;
    (void)sum;
}

static void statements_are_kept_and_the_oldest_dropped(void **state)
{
    (void)state;
    task_list tasks;
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < DEW_SQL_STATEMENTS_MAX + 10; i++) {
            char sql[128];
            snprintf(sql, sizeof sql, TASKS " WHERE id > %d", i);
            assert_int_equal(dew_scope_sql(&r->scope, (dew_sql_out){ &tasks, DEW_TYPE(task_list) }, sql, NULL, 0), 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_list_gets_every_row, setup, teardown),
        cmocka_unit_test_setup_teardown(a_struct_gets_the_one_row, setup, teardown),
        cmocka_unit_test_setup_teardown(the_type_is_found_from_the_result, setup, teardown),
        cmocka_unit_test_setup_teardown(every_kind_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_name_the_column, setup, teardown),
        cmocka_unit_test_setup_teardown(user_sql_stays_in_its_bounds, setup, teardown),
        cmocka_unit_test_setup_teardown(a_statement_sees_the_commit_number, setup, teardown),
        cmocka_unit_test_setup_teardown(a_schema_change_is_followed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pin_stays_at_its_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(a_statement_ends_with_its_scope, setup, teardown),
        cmocka_unit_test_setup_teardown(statements_are_kept_and_the_oldest_dropped, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
