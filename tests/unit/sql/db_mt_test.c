/* A database with its threads: migrations, group commit under load, commits by the sqlite3 shell, fibers that share
 * a worker's connections. */
#include "unit/sql/sql_fixture.h"

#include "io/clock.h"
#include "io/fiber.h"
#include "io/loop_internal.h"
#include "sql/writer_internal.h"

#include <pthread.h>

#define COUNT(F) F(i64, n)
DEW_STRUCT(count, COUNT)

static const char schema[] = "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL)";

/* *number and *stamps (may be NULL): of the read. */
static int64_t count_items_at(fixture *f, int64_t *number, dew_stamp_list *stamps)
{
    reading *r = reading_make(f);
    count out;
    if (dew_sql_into(&r->scope, count, &out, "SELECT count(*) AS n FROM item") != 0)
        fail_msg("%s", r->scope.error.message);
    if (number != NULL)
        *number = r->log.highest;
    if (stamps != NULL)
        dew_stamps_of(&r->log.set, stamps);
    reading_free(r);
    return out.n;
}

static int64_t count_items(fixture *f)
{
    return count_items_at(f, NULL, NULL);
}

/* ---- migrations ---- */

static void migrations_run_once_and_in_order(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    f->migrations[1] = (dew_migration){ "002.sql", "INSERT INTO item (name) VALUES ('one'); -- a comment\n" };
    fixture_close(f);
    fixture_open(f);
    assert_int_equal(count_items(f), 1);
    fixture_close(f);
    fixture_open(f);
    assert_int_equal(count_items(f), 1);
    fixture_free(f);
}

static void refused_with(fixture *f, int code, const char *words)
{
    dew_error error = { 0 };
    fixture_close(f);
    assert_int_equal(fixture_try_open(f, &error), code);
    if (strstr(error.message, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, error.message);
}

static void a_changed_or_missing_migration_is_refused(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    f->migrations[0].sql = "CREATE TABLE item (id INTEGER PRIMARY KEY)";
    refused_with(f, DEW_E_CONFLICT, "001.sql was changed after it ran");
    f->migrations[0] = (dew_migration){ "000.sql", "CREATE TABLE earlier (a)" };
    refused_with(f, DEW_E_CONFLICT, "000.sql stands where the database has run 001.sql");
    f->migrations[0] = (dew_migration){ NULL, NULL };
    refused_with(f, DEW_E_CONFLICT, "001.sql, which this program does not have");
    f->migrations[0] = (dew_migration){ "001.sql", schema };
    fixture_open(f);
    fixture_free(f);
}

/* Another program that is busy with its last write, and then ends. */
static void *write_and_close(void *other)
{
    static const char *const last =
        "INSERT INTO item (name) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "LIMIT 100000) SELECT 'last' FROM n; COMMIT";
    bool done = sqlite3_exec(other, last, NULL, NULL, NULL) == SQLITE_OK;
    return sqlite3_close(other) == SQLITE_OK && done ? other : NULL;
}

static void opening_waits_for_a_program_that_is_about_to_end(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    fixture_close(f);
    char path[256];
    snprintf(path, sizeof path, "%s/dew.db", f->dir);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", NULL, NULL, NULL),
                     SQLITE_OK);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_and_close, other), 0);
    dew_error error = { 0 };
    int code = fixture_try_open(f, &error);
    void *done = NULL;
    pthread_join(thread, &done);
    assert_non_null(done);
    if (code != 0)
        fail_msg("%s", error.message);
    assert_int_equal(count_items(f), 100000);
    fixture_free(f);
}

static void a_second_program_on_the_same_directory_is_refused(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    fixture second = { 0 };
    memcpy(second.dir, f->dir, sizeof f->dir);
    dew_error error = { 0 };
    assert_int_equal(fixture_try_open(&second, &error), DEW_E_BUSY);
    assert_non_null(strstr(error.message, f->dir));
    assert_int_equal(mutate(f, "INSERT INTO item (name) VALUES ('as before')"), 0);
    fixture_free(f);
}

/* The platform's VFS; who waits for a while sees the program that holds the directory end. */
static fixture *holder;
static int holder_ends(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    if (holder != NULL)
        fixture_close(holder);
    holder = NULL;
    return microseconds;
}

static void a_second_program_waits_for_the_first_to_end(void **state)
{
    (void)state;
    static sqlite3_vfs waiting;
    waiting = *sqlite3_vfs_find(NULL);
    waiting.zName = "holder-ends";
    waiting.xSleep = holder_ends;
    assert_int_equal(sqlite3_vfs_register(&waiting, 0), SQLITE_OK);
    fixture *f = holder = fixture_make(schema);
    fixture second = { .migrations[0] = f->migrations[0], .base_vfs = "holder-ends", .is_threaded = true };
    memcpy(second.dir, f->dir, sizeof f->dir);
    dew_error error = { 0 };
    if (fixture_try_open(&second, &error) != 0)
        fail_msg("%s", error.message);
    assert_null(holder);
    fixture_close(&second);
    fixture_free(f);
    assert_int_equal(sqlite3_vfs_unregister(&waiting), SQLITE_OK);
}

static void a_migration_that_fails_leaves_nothing(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    f->migrations[1] = (dew_migration){ "002.sql", "CREATE TABLE half (a); INSERT INTO nowhere VALUES (1)" };
    refused_with(f, DEW_E_INTERNAL, "migration 002.sql: no such table: nowhere");
    f->migrations[1].sql = "CREATE TABLE half (a); COMMIT";
    refused_with(f, DEW_E_INVALID, "may not use COMMIT");
    f->migrations[1].sql = "CREATE TABLE half (a)";
    fixture_open(f);
    fixture_free(f);
}

static void migrations_are_read_from_a_folder(void **state)
{
    (void)state;
    fixture *f = fixture_make(NULL);
    char path[128], command[1024];
    snprintf(path, sizeof path, "%s/migrations", f->dir);
    snprintf(command, sizeof command,
             "mkdir %s && echo 'INSERT INTO item (name) VALUES (1), (2);' > %s/002.sql && echo '%s;' > %s/001.sql"
             " && echo no > %s/notes.txt",
             path, path, schema, path, path);
    assert_int_equal(system(command), 0);
    fixture_close(f);
    dew_error error = { 0 };
    dew_db_config config = { .dir = f->dir, .migrations_dir = path, .manual = true };
    if (dew_db_open(&config, &f->db, &error) != 0)
        fail_msg("%s", error.message);
    assert_int_equal(dew_sql_create(f->db, NULL, &f->sql), 0);
    assert_int_equal(count_items(f), 2);
    fixture_free(f);
}

/* ---- threads ---- */

#define LOAD_JOBS 2000

typedef struct load {
    text_job jobs[LOAD_JOBS];
    _Atomic int done, failed;
} load;
static load *running;

static void on_loaded(dew_job *job)
{
    atomic_fetch_add(&running->failed, job->error.code != 0);
    atomic_fetch_add(&running->done, 1);
}

static void mutations_are_committed_in_groups(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    fixture_close(f);
    f->is_threaded = true;
    fixture_open(f);
    int64_t before = dew_db_number(f->db);
    running = calloc(1, sizeof *running);
    for (int i = 0; i < LOAD_JOBS; i++) {
        text_job *j = &running->jobs[i];
        text_job_init(j, i % 10 == 9 ? "INSERT INTO nowhere VALUES (1)" : "INSERT INTO item (name) VALUES ('x')");
        j->job.on_done = on_loaded;
        j->job.client = S("client");
        j->job.sequence = i + 1;
        while (dew_db_submit(f->db, &j->job) == DEW_E_BUSY)
            usleep(1000);
    }
    dew_sql_destroy(f->sql);
    f->sql = NULL;
    int64_t number = dew_db_number(f->db);
    dew_db_close(f->db); /* finishes what is queued */
    f->db = NULL;
    assert_int_equal(atomic_load(&running->done), LOAD_JOBS);
    assert_int_equal(atomic_load(&running->failed), LOAD_JOBS / 10);
    assert_true(number - before < LOAD_JOBS / 2);
    f->is_threaded = false;
    fixture_open(f);
    assert_int_equal(count_items(f), LOAD_JOBS - LOAD_JOBS / 10);
    for (int i = 0; i < LOAD_JOBS; i++)
        dew_job_dispose(&running->jobs[i].job);
    free(running);
    fixture_free(f);
}

/* ---- foreign writes ---- */

static void shell(fixture *f, const char *sql)
{
    char command[256];
    snprintf(command, sizeof command, "sqlite3 '%s/dew.db' \"%s\"", f->dir, sql);
    assert_int_equal(system(command), 0);
}

static void a_read_sees_a_shells_write_under_a_number_of_its_own(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    int64_t before, after;
    dew_stamp_list stamps;
    assert_int_equal(count_items_at(f, &before, &stamps), 0);
    shell(f, "INSERT INTO item (name) VALUES ('foreign')");
    assert_int_equal(count_items_at(f, &after, NULL), 1);
    assert_int_equal(after, before + 1);
    assert_true(f->commit.is_foreign);
    assert_true(f->commit.writes->everything);
    assert_false(dew_stamps_are_valid(dew_db_stamps(f->db), &stamps, before));
    /* and it is foreign once */
    assert_false(dew_writer_look(f->db->writer));
    assert_int_equal(count_items(f), 1);
    assert_int_equal(dew_db_number(f->db), before + 1);
    fixture_free(f);
}

static void a_shared_transaction_sees_a_shells_write_under_a_number_of_its_own(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    reading *r = reading_make(f);
    dew_sql_pin *pin;
    assert_int_equal(count_items(f), 0);
    int64_t before = dew_db_number(f->db);
    shell(f, "INSERT INTO item (name) VALUES ('foreign')");
    assert_int_equal(dew_sql_pin_open(f->sql, &r->scope, &pin), 0);
    assert_int_equal(dew_sql_pin_number(pin), before + 1);
    assert_true(f->commit.is_foreign);
    dew_sql_pin_close(pin);
    reading_free(r);
    fixture_free(f);
}

static void a_group_after_a_shells_write_is_everything(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    shell(f, "ALTER TABLE item ADD COLUMN more AS (name || 'x')");
    assert_int_equal(mutate(f, "INSERT INTO item (name) VALUES ('ours')"), 0);
    assert_true(f->commit.is_foreign);
    assert_int_equal(mutate(f, "INSERT INTO item (name) VALUES ('ours')"), 0);
    assert_false(f->commit.is_foreign);
    assert_int_equal(f->commit.writes->rows[0].op, DEW_WRITE_WHOLE); /* the new schema is known */
    fixture_free(f);
}

static void our_own_commits_are_not_foreign(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    sqlite3_exec(f->db->writer->connection.db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    for (int i = 0; i < 600; i++) { /* past checkpoints and a restart of the WAL */
        assert_int_equal(mutate(f, "INSERT INTO item (name) VALUES (hex(randomblob(30000)))"), 0);
        assert_false(f->commit.is_foreign);
        if (i % 100 == 0)
            assert_int_equal(count_items(f), i + 1);
    }
    assert_false(dew_writer_look(f->db->writer));
    fixture_free(f);
}

typedef struct watching {
    fixture *f;
    dew_loop *loop;
    dew_foreign *foreign;
    int64_t before;
} watching;

static void a_shells_write_is_noticed_on_an_idle_server(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    fixture_close(f);
    f->is_threaded = true;
    fixture_open(f);
    dew_loop *loop;
    dew_foreign *foreign;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    assert_int_equal(dew_foreign_open(f->db, loop, &foreign), 0);
    int64_t before = dew_db_number(f->db);
    for (int i = 0; i < 3; i++)
        dew_loop_turn(loop, false);
    shell(f, "INSERT INTO item (name) VALUES ('foreign')");
    while (dew_db_number(f->db) == before)
        dew_loop_turn(loop, true);
    assert_int_equal(dew_db_number(f->db), before + 1);
    dew_foreign_close(foreign);
    dew_loop_destroy(loop);
    fixture_free(f);
}

/* How far the next of the loop's timers is. */
static int64_t next_in_ms(dew_loop *loop)
{
    return dew_wheel_next_ms(&loop->wheel) - dew_loop_now_ms(loop);
}

static void a_shells_write_is_noticed_within_the_bound(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema); /* the writer looks when it is told to, on this thread */
    dew_loop *loop;
    dew_foreign *foreign;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    dew_loop_clock_hold(loop);
    assert_int_equal(dew_foreign_open(f->db, loop, &foreign), 0);
    assert_int_equal(next_in_ms(loop), DEW_DB_FOREIGN_IDLE_MS);
    const int64_t before = dew_db_number(f->db);
    shell(f, "INSERT INTO item (name) VALUES ('foreign')");
    while (next_in_ms(loop) > DEW_DB_FOREIGN_DELAY_MS)
        dew_loop_turn(loop, true); /* until the watch has told */
    dew_loop_clock_advance(loop, DEW_DB_FOREIGN_DELAY_MS - 1);
    assert_int_equal(dew_db_number(f->db), before);
    dew_loop_clock_advance(loop, 1);
    assert_int_equal(dew_db_number(f->db), before + 1);
    dew_foreign_close(foreign);
    dew_loop_destroy(loop);
    fixture_free(f);
}

/* ---- fibers ---- */

#define FIBERS 12
static int finished;
static fixture *shared;

static void read_on_a_fiber(void *arg)
{
    (void)arg;
    reading *r = reading_make(shared);
    count out;
    int code = dew_sql_into(
        &r->scope, count, &out,
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 50000) SELECT count(*) AS n FROM c");
    if (code != 0)
        fail_msg("%s", r->scope.error.message);
    assert_int_equal(out.n, 50000);
    reading_free(r);
    finished++;
}

static reading *endless;
static int endless_code;
static void read_without_end(void *arg)
{
    (void)arg;
    count out;
    endless_code =
        dew_sql_into(&endless->scope, count, &out,
                     "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS n FROM c");
    finished++;
}

static void long_statements_let_others_run_and_end_with_their_scope(void **state)
{
    (void)state;
    fixture *f = fixture_make(schema);
    dew_loop *loop;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    shared = f;
    finished = 0;
    endless = reading_make(f);
    assert_int_equal(dew_fiber_spawn(loop, "endless", read_without_end, NULL), 0);
    for (int i = 0; i < FIBERS; i++)
        assert_int_equal(dew_fiber_spawn(loop, "reader", read_on_a_fiber, NULL), 0);
    while (finished < FIBERS)
        dew_loop_turn(loop, false);
    dew_scope_end(&endless->scope, DEW_END_CLIENT_GONE);
    while (finished < FIBERS + 1)
        dew_loop_turn(loop, false);
    assert_int_equal(endless_code, DEW_E_CANCELLED);
    for (int i = 0; i < 3; i++)
        dew_loop_turn(loop, false);
    reading_free(endless);
    dew_loop_destroy(loop);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(migrations_run_once_and_in_order),
        cmocka_unit_test(a_changed_or_missing_migration_is_refused),
        cmocka_unit_test(opening_waits_for_a_program_that_is_about_to_end),
        cmocka_unit_test(a_second_program_on_the_same_directory_is_refused),
        cmocka_unit_test(a_second_program_waits_for_the_first_to_end),
        cmocka_unit_test(a_migration_that_fails_leaves_nothing),
        cmocka_unit_test(migrations_are_read_from_a_folder),
        cmocka_unit_test(mutations_are_committed_in_groups),
        cmocka_unit_test(a_read_sees_a_shells_write_under_a_number_of_its_own),
        cmocka_unit_test(a_shared_transaction_sees_a_shells_write_under_a_number_of_its_own),
        cmocka_unit_test(a_group_after_a_shells_write_is_everything),
        cmocka_unit_test(our_own_commits_are_not_foreign),
        cmocka_unit_test(a_shells_write_is_noticed_on_an_idle_server),
        cmocka_unit_test(a_shells_write_is_noticed_within_the_bound),
        cmocka_unit_test(long_statements_let_others_run_and_end_with_their_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
