/* The writer: groups, savepoints, resends; a mutation that fails, is interrupted or ends the transaction harms no other. */
#include "unit/sql/sql_fixture.h"

#include "io/clock.h"

static const char schema[] =
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, n INTEGER NOT NULL DEFAULT 0, CHECK (n >= 0));"
    "CREATE TABLE part (id INTEGER PRIMARY KEY, item_id INTEGER REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)";

static fixture *f;

static int setup(void **state)
{
    (void)state;
    f = fixture_make(schema);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_free(f);
    return 0;
}

#define COUNT_RESULT(F) F(i64, n)
DEW_STRUCT(count_result, COUNT_RESULT)

static int64_t number_of(const char *sql)
{
    reading *r = reading_make(f);
    count_result out;
    if (dew_scope_sql(&r->scope, (dew_sql_out){ &out, DEW_TYPE(count_result) }, sql, NULL, 0) != 0)
        fail_msg("%s", r->scope.error.message);
    reading_free(r);
    return out.n;
}
#define COUNT_ITEMS() number_of("SELECT count(*) AS n FROM item")

/* Runs several texts as one group. */
#define JOBS_MAX 16
static text_job jobs[JOBS_MAX];
static void group_init(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_job_init(&jobs[i], texts[i]);
    for (size_t i = 0; i + 1 < count; i++)
        jobs[i].job.next_job = &jobs[i + 1].job;
}
static void group_run(size_t count)
{
    dew_writer_run(f->db->writer, &jobs[0].job, NULL, NULL);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(jobs[i].done_count, 1);
}
static void group_free(size_t count)
{
    for (size_t i = 0; i < count; i++)
        dew_job_dispose(&jobs[i].job);
}
#define GROUP(...)                                                                                                     \
    const char *const texts[] = { __VA_ARGS__ };                                                                       \
    enum { COUNT = sizeof texts / sizeof *texts };                                                                     \
    group_init(texts, COUNT)

static void a_group_is_one_commit(void **state)
{
    (void)state;
    int64_t before = dew_db_number(f->db);
    GROUP("INSERT INTO item (name) VALUES ('a')", "INSERT INTO item (name) VALUES ('b')",
          "INSERT INTO item (name) VALUES ('c')");
    group_run(COUNT);
    assert_int_equal(dew_db_number(f->db), before + 1);
    assert_int_equal(f->commit_count, 1);
    assert_int_equal(f->commit.number, before + 1);
    assert_int_equal(f->commit.writes->count, 3);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(jobs[i].job.commit, before + 1);
    group_free(COUNT);
    assert_int_equal(COUNT_ITEMS(), 3);
}

static void one_that_fails_is_undone_alone(void **state)
{
    (void)state;
    GROUP("INSERT INTO item (name) VALUES ('a')",
          "INSERT INTO item (name) VALUES ('b');; INSERT INTO item (name, n) VALUES ('x', -1)",
          "INSERT INTO item (name) VALUES ('c')");
    group_run(COUNT);
    assert_int_equal(jobs[0].job.error.code, 0);
    assert_int_equal(jobs[1].job.error.code, DEW_E_CONSTRAINT);
    assert_int_equal(jobs[2].job.error.code, 0);
    assert_int_equal(f->commit.writes->count, 2); /* its part of the write set is gone too */
    group_free(COUNT);
    assert_int_equal(COUNT_ITEMS(), 2);
}

static void one_that_ends_the_transaction_harms_no_other(void **state)
{
    (void)state;
    GROUP("INSERT INTO item (id, name) VALUES (1, 'a')", "INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'again')",
          "INSERT INTO item (id, name) VALUES (3, 'c')", "INSERT OR ROLLBACK INTO item (id, name) VALUES (3, 'again')",
          "INSERT INTO item (id, name) VALUES (5, 'e')");
    group_run(COUNT);
    assert_int_equal(jobs[0].job.error.code, 0);
    assert_int_equal(jobs[1].job.error.code, DEW_E_CONSTRAINT);
    assert_int_equal(jobs[2].job.error.code, 0);
    assert_int_equal(jobs[3].job.error.code, DEW_E_CONSTRAINT);
    assert_int_equal(jobs[4].job.error.code, 0);
    group_free(COUNT);
    assert_int_equal(COUNT_ITEMS(), 3);
}

static void one_that_is_interrupted_harms_no_other(void **state)
{
    (void)state;
    GROUP("INSERT INTO item (name) VALUES ('a')",
          "INSERT INTO item (name) WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT 'x' FROM c",
          "INSERT INTO item (name) VALUES ('c')");
    jobs[1].job.deadline_ns = dew_clock_now_ns() + 20 * 1000 * 1000;
    group_run(COUNT);
    assert_int_equal(jobs[0].job.error.code, 0);
    assert_int_equal(jobs[1].job.error.code, DEW_E_TIMEOUT);
    assert_int_equal(jobs[2].job.error.code, 0);
    group_free(COUNT);
    assert_int_equal(COUNT_ITEMS(), 2);
}

static int run_large(dew_tx *tx, const text_args *args, dew_none *out)
{
    return dew_arena_alloc(dew_tx_arena(tx), DEW_JOB_ARENA_MAX * 2 / 3) != NULL ? run_text_handler(tx, args, out)
                                                                                : DEW_E_NOMEM;
}

static void one_that_runs_again_has_its_memory_anew(void **state)
{
    (void)state;
    GROUP("INSERT INTO item (id, name) VALUES (1, 'a')", "INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'again')",
          "INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'again')");
    jobs[0].job.run = RUN(run_large);
    group_run(COUNT);
    assert_int_equal(jobs[0].job.error.code, 0);
    group_free(COUNT);
    assert_int_equal(COUNT_ITEMS(), 1);
}

static void a_job_whose_time_was_up_before_its_turn_does_not_run(void **state)
{
    (void)state;
    GROUP("INSERT INTO item (name) VALUES ('a')", "INSERT INTO item (name) VALUES ('b')");
    jobs[0].job.deadline_ns = 1;
    group_run(COUNT);
    assert_int_equal(jobs[0].job.error.code, DEW_E_TIMEOUT);
    assert_int_equal(jobs[1].job.error.code, 0);
    group_free(COUNT);
    assert_int_equal(COUNT_ITEMS(), 1);
    dew_db_end_by(f->db, 1);
    assert_int_equal(mutate(f, "INSERT INTO item (name) VALUES ('c')"), DEW_E_CANCELLED);
    assert_int_equal(COUNT_ITEMS(), 1);
}

static int fail_with_words(dew_tx *tx, const text_args *args, dew_none *out)
{
    (void)out;
    assert_int_equal(dew_exec(tx, "INSERT INTO item (name) VALUES (?)", args->sql), 0);
    dew_tx_fail(tx, DEW_E_CONFLICT, "not %s", args->sql.ptr);
    return 0; /* what was failed stays failed */
}

static void a_failed_mutation_says_why(void **state)
{
    (void)state;
    GROUP("now");
    jobs[0].job.run = RUN(fail_with_words);
    group_run(COUNT);
    assert_int_equal(jobs[0].job.error.code, DEW_E_CONFLICT);
    assert_string_equal(jobs[0].job.error.message, "not now");
    assert_null(jobs[0].job.value);
    group_free(COUNT);
    assert_int_equal(COUNT_ITEMS(), 0);
}

static void a_broken_reference_fails_its_mutation_only(void **state)
{
    (void)state;
    GROUP("INSERT INTO part (item_id) VALUES (77)", "INSERT INTO item (name) VALUES ('a')");
    group_run(COUNT);
    assert_int_equal(jobs[0].job.error.code, DEW_E_CONSTRAINT);
    assert_int_equal(jobs[1].job.error.code, 0);
    group_free(COUNT);
    assert_int_equal(COUNT_ITEMS(), 1);
}

static void user_sql_may_not_touch_the_transaction(void **state)
{
    (void)state;
    static const char *const refused[] = { "COMMIT",
                                           "ROLLBACK",
                                           "SAVEPOINT x",
                                           "RELEASE dew_mutation",
                                           "PRAGMA user_version = 1",
                                           "ATTACH ':memory:' AS x",
                                           "DELETE FROM dew_mutation",
                                           "CREATE TABLE dew_x (a)" };
    assert_int_not_equal(mutate(f, "VACUUM"), 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (mutate(f, refused[i]) != DEW_E_INTERNAL)
            fail_msg("%s", refused[i]);
    assert_int_equal(mutate(f, "INSERT INTO item (name) VALUES ('a')"), 0);
}

static void what_changes_nothing_gets_the_present_number(void **state)
{
    (void)state;
    int64_t before = dew_db_number(f->db);
    GROUP("UPDATE item SET n = 1 WHERE id = 99");
    group_run(COUNT);
    assert_int_equal(jobs[0].job.commit, before);
    assert_int_equal(dew_db_number(f->db), before);
    assert_int_equal(f->commit_count, 0);
    group_free(COUNT);
}

static int send(const char *client, int64_t sequence, const char *sql, dew_job *copy)
{
    text_job j;
    text_job_init(&j, sql);
    j.job.client = dew_str_of(client);
    j.job.sequence = sequence;
    dew_writer_run(f->db->writer, &j.job, NULL, NULL);
    *copy = j.job;
    dew_job_dispose(&j.job);
    return copy->error.code;
}

static void a_resend_gets_the_stored_answer(void **state)
{
    (void)state;
    dew_job first, again;
    assert_int_equal(send("c1", 1, "INSERT INTO item (name) VALUES ('a')", &first), 0);
    assert_int_equal(send("c1", 1, "INSERT INTO item (name) VALUES ('a')", &again), 0);
    assert_true(again.is_resent);
    assert_int_equal(again.commit, first.commit);
    assert_int_equal(COUNT_ITEMS(), 1);
    assert_int_equal(send("c2", 1, "INSERT INTO item (name) VALUES ('a')", &again), 0);
    assert_false(again.is_resent);
    assert_int_equal(send("c1", 1, "INSERT INTO item (name) VALUES ('other')", &again), DEW_E_CONFLICT);
    assert_int_equal(COUNT_ITEMS(), 2);
    fixture_close(f);
    fixture_open(f);
    assert_int_equal(send("c1", 1, "INSERT INTO item (name) VALUES ('a')", &again), 0);
    assert_true(again.is_resent);
    assert_int_equal(COUNT_ITEMS(), 2);
}

/* Numbers name mutations, they do not order them: several under way may overtake each other. */
static void numbers_may_come_in_any_order(void **state)
{
    (void)state;
    dew_job job;
    static const int64_t numbers[] = { 9, 3, 4, 1 };
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(send("c", numbers[i], "INSERT INTO item (name) VALUES ('a')", &job), 0);
        assert_false(job.is_resent);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(send("c", numbers[i], "INSERT INTO item (name) VALUES ('a')", &job), 0);
        assert_true(job.is_resent);
    }
    assert_int_equal(COUNT_ITEMS(), 4);
}

static void a_refusal_is_kept_a_passing_fault_is_not(void **state)
{
    (void)state;
    dew_job job;
    assert_int_equal(send("c", 1, "INSERT INTO item (name, n) VALUES ('a', -1)", &job), DEW_E_CONSTRAINT);
    assert_int_equal(send("c", 1, "INSERT INTO item (name, n) VALUES ('a', -1)", &job), DEW_E_CONSTRAINT);
    assert_true(job.is_resent);
    assert_int_equal(send("c", 2, "INSERT INTO late VALUES (1)", &job), DEW_E_INTERNAL);
    assert_int_equal(mutate(f, "CREATE TABLE late (a)"), 0);
    assert_int_equal(send("c", 2, "INSERT INTO late VALUES (1)", &job), 0);
    assert_false(job.is_resent);
}

static void a_resend_in_the_same_group_is_answered_too(void **state)
{
    (void)state;
    GROUP("INSERT INTO item (name) VALUES ('a')", "INSERT INTO item (name) VALUES ('a')",
          "INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'x')");
    for (int i = 0; i < 2; i++) {
        jobs[i].job.client = S("c");
        jobs[i].job.sequence = 7;
    }
    group_run(COUNT);
    assert_int_equal(jobs[0].job.error.code, 0);
    assert_true(jobs[1].job.is_resent);
    assert_int_equal(jobs[1].job.commit, jobs[0].job.commit);
    group_free(COUNT);
    assert_int_equal(COUNT_ITEMS(), 1);
}

static void numbers_survive_a_restart(void **state)
{
    (void)state;
    assert_int_equal(mutate(f, "INSERT INTO item (name) VALUES ('a')"), 0);
    int64_t before = dew_db_number(f->db);
    uint64_t epoch = dew_db_epoch(f->db);
    fixture_close(f);
    fixture_open(f);
    assert_int_equal(dew_db_number(f->db), before + 1); /* the start itself is a commit */
    assert_true(dew_db_epoch(f->db) != epoch);
    assert_true(dew_db_knows(f->db, epoch, before));
    assert_false(dew_db_knows(f->db, epoch, before + 1)); /* its end */
    assert_int_equal(COUNT_ITEMS(), 1);
}

static int run_values(dew_tx *tx, const text_args *args, count_result *out)
{
    (void)args;
    assert_int_equal(dew_exec(tx, "INSERT INTO item (name, n) VALUES (?, ?)", "q", 41), 0);
    assert_int_equal(dew_tx_changes(tx), 1);
    assert_int_equal(dew_tx_last_id(tx), 1);
    assert_ptr_equal(dew_tx_context(tx), f);
    int code = dew_sql(tx, out, "SELECT n + 1 AS n FROM item WHERE id = ?", dew_tx_last_id(tx));
    return code;
}
DEW_MUTATION(values, text_args, count_result)

static void a_mutation_reads_its_own_writes_and_answers(void **state)
{
    (void)state;
    GROUP("");
    jobs[0].job.fn = &values_fn;
    jobs[0].job.run = RUN(run_values);
    group_run(COUNT);
    assert_int_equal(jobs[0].job.error.code, 0);
    assert_string_equal(jobs[0].job.answer.ptr, "{\"n\":\"42\"}");
    assert_int_equal(((const count_result *)jobs[0].job.value)->n, 42);
    group_free(COUNT);
}

static void a_cancelled_mutation_does_not_run(void **state)
{
    (void)state;
    GROUP("INSERT INTO item (name) VALUES ('a')");
    jobs[0].job.is_cancelled = 1;
    group_run(COUNT);
    assert_int_equal(jobs[0].job.error.code, DEW_E_CANCELLED);
    group_free(COUNT);
    assert_int_equal(COUNT_ITEMS(), 0);
}

static void stamps_are_raised_by_what_was_written(void **state)
{
    (void)state;
    assert_int_equal(mutate(f, "INSERT INTO item (id, name) VALUES (1, 'a'), (2, 'b')"), 0);
    reading *r = reading_make(f);
    count_result out;
    assert_int_equal(dew_sql_into(&r->scope, count_result, &out, "SELECT n FROM item WHERE id = ?", 1), 0);
    dew_stamp_list list;
    dew_stamps_of(&r->log.set, &list);
    assert_true(dew_stamps_are_valid(dew_db_stamps(f->db), &list, r->log.lowest));
    assert_int_equal(mutate(f, "UPDATE item SET n = 5 WHERE id = 2"), 0);
    assert_true(dew_stamps_are_valid(dew_db_stamps(f->db), &list, r->log.lowest));
    assert_int_equal(mutate(f, "UPDATE item SET n = 5 WHERE id = 1"), 0);
    assert_false(dew_stamps_are_valid(dew_db_stamps(f->db), &list, r->log.lowest));
    reading_free(r);
}

static void too_many_rows_become_a_whole_table(void **state)
{
    (void)state;
    assert_int_equal(mutate(f, "INSERT INTO item (name) WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
                               "LIMIT 5000) SELECT 'x' FROM c"),
                     0);
    assert_int_equal(f->commit.writes->rows[0].op, DEW_WRITE_WHOLE);
    assert_int_equal(mutate(f, "DELETE FROM item WHERE id <= 10"), 0);
    assert_int_equal(f->commit.writes->count, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_group_is_one_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_fails_is_undone_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_ends_the_transaction_harms_no_other, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_is_interrupted_harms_no_other, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_mutation_says_why, setup, teardown),
        cmocka_unit_test_setup_teardown(a_broken_reference_fails_its_mutation_only, setup, teardown),
        cmocka_unit_test_setup_teardown(user_sql_may_not_touch_the_transaction, setup, teardown),
        cmocka_unit_test_setup_teardown(what_changes_nothing_gets_the_present_number, setup, teardown),
        cmocka_unit_test_setup_teardown(a_resend_gets_the_stored_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_may_come_in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_runs_again_has_its_memory_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(a_job_whose_time_was_up_before_its_turn_does_not_run, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refusal_is_kept_a_passing_fault_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(a_resend_in_the_same_group_is_answered_too, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_survive_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_mutation_reads_its_own_writes_and_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_mutation_does_not_run, setup, teardown),
        cmocka_unit_test_setup_teardown(stamps_are_raised_by_what_was_written, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_rows_become_a_whole_table, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
