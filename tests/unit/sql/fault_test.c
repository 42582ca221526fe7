/* fault_test.c - files that cannot be read or locked at one chosen moment: the writer's own statements fail too, and no
 * commit number names two states. */
#include "unit/sql/crash_vfs.h"
#include "unit/sql/sql_fixture.h"

#include "sql/writer_internal.h"

typedef struct faulty {
    crash_vfs vfs; /* first */
    fixture *f;
} faulty;

static faulty *now;

static int set_up(void **state)
{
    (void)state;
    now = calloc(1, sizeof *now);
    crash_vfs_register(&now->vfs, 1);
    now->f = calloc(1, sizeof *now->f);
    snprintf(now->f->dir, sizeof now->f->dir, "/tmp/dew-fault-XXXXXX");
    assert_non_null(mkdtemp(now->f->dir));
    now->f->migrations[0] = (dew_migration){ "001.sql", "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)" };
    now->f->base_vfs = CRASH_VFS_NAME;
    fixture_open(now->f);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_free(now->f);
    crash_vfs_unregister(&now->vfs);
    free(now);
    return 0;
}

#define COUNT_RESULT(F) F(i64, n)
DEW_STRUCT(count_result, COUNT_RESULT)

static int count_items(int64_t *count)
{
    reading *r = reading_make(now->f);
    count_result out = { 0 };
    int code = dew_sql_into(&r->scope, count_result, &out, "SELECT count(*) AS n FROM item");
    *count = out.n;
    reading_free(r);
    return code;
}

/* The commit number that stands in the file. */
static int64_t number_in_file(void)
{
    sqlite3_stmt *number = now->f->db->writer->own.number;
    assert_int_equal(sqlite3_step(number), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(number, 0);
    sqlite3_reset(number);
    return value;
}

/* Writes, then has the next page that is not in memory fail to come: the first that the pruning of answers asks for. */
static int write_and_break(dew_tx *tx, const text_args *args, dew_none *out)
{
    int code = run_text_handler(tx, args, out);
    sqlite3_db_release_memory(now->f->db->writer->connection.db);
    now->vfs.read_fault = SQLITE_IOERR_READ;
    return code;
}

#define INSERT "INSERT INTO item (name) VALUES ('a')"

static void pruning_that_ends_the_transaction_takes_no_number(void **state)
{
    (void)state;
    int64_t count;
    assert_int_equal(mutate(now->f, INSERT), 0);
    int64_t number = dew_db_number(now->f->db);
    text_job job;
    text_job_init(&job, INSERT);
    job.job.run = RUN(write_and_break);
    now->f->db->writer->pruned_ms = 0;
    dew_writer_run(now->f->db->writer, &job.job, NULL, NULL);
    assert_int_equal(now->vfs.read_fault, 0); /* it was read */
    assert_int_equal(job.done_count, 1);
    assert_int_equal(job.job.error.code, DEW_E_IO);
    dew_job_dispose(&job.job);
    assert_int_equal(dew_db_number(now->f->db), number);
    assert_int_equal(number_in_file(), number);
    assert_int_equal(count_items(&count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(mutate(now->f, INSERT), 0);
    assert_int_equal(number_in_file(), number + 1);
    assert_int_equal(count_items(&count), 0);
    assert_int_equal(count, 2);
}

static void pruning_that_ends_the_transaction_fails_nobody_in_a_group(void **state)
{
    (void)state;
    int64_t number = dew_db_number(now->f->db), count;
    text_job group[2];
    for (int i = 0; i < 2; i++)
        text_job_init(&group[i], INSERT);
    group[0].job.next_job = &group[1].job;
    group[1].job.run = RUN(write_and_break);
    now->f->db->writer->pruned_ms = 0;
    dew_writer_run(now->f->db->writer, &group[0].job, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(group[i].done_count, 1);
        dew_job_dispose(&group[i].job);
    }
    now->vfs.read_fault = 0;
    assert_int_equal(group[0].job.error.code, 0);
    assert_int_equal(group[0].job.commit, number + 1);
    assert_int_equal(number_in_file(), dew_db_number(now->f->db));
    assert_int_equal(count_items(&count), 0);
    assert_int_equal(count, 1 + (group[1].job.error.code == 0));
}

/* SQLITE_BUSY comes in several kinds: a process that recovers the WAL is waited for like one that writes. */
static void every_kind_of_busy_is_waited_for(void **state)
{
    (void)state;
    static const int kinds[] = { SQLITE_BUSY, SQLITE_BUSY_RECOVERY };
    int64_t count;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        now->vfs.lock_fault = kinds[i];
        now->vfs.lock_faults = 3;
        assert_int_equal(mutate(now->f, INSERT), 0);
        assert_int_equal(now->vfs.lock_faults, 0);
        now->vfs.lock_faults = 3;
        assert_int_equal(count_items(&count), 0);
        assert_int_equal(now->vfs.lock_faults, 0);
        assert_int_equal(count, (int64_t)i + 1);
    }
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(pruning_that_ends_the_transaction_takes_no_number),
        EACH(pruning_that_ends_the_transaction_fails_nobody_in_a_group),
        EACH(every_kind_of_busy_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
