/* Which positions a database knows: its own past, and not that of a file that stood in its place. */
#include "unit/sql/sql_fixture.h"

static const char schema[] = "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL)";

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

static void reopen(void)
{
    fixture_close(f);
    fixture_open(f);
}

/* Runs a shell command in the folder of the closed database. */
static void with_files(const char *command)
{
    char text[256];
    fixture_close(f);
    snprintf(text, sizeof text, "cd '%s' && %s", f->dir, command);
    assert_int_equal(system(text), 0);
    fixture_open(f);
}

static void write_times(int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(mutate(f, "INSERT INTO item (name) VALUES ('a')"), 0);
}

static void restarts_keep_the_past(void **state)
{
    (void)state;
    const uint64_t first = dew_db_epoch(f->db);
    write_times(3);
    const int64_t end = dew_db_number(f->db);
    reopen();
    const uint64_t second = dew_db_epoch(f->db);
    assert_true(first != second);
    assert_true(dew_db_knows(f->db, first, end));
    assert_true(dew_db_knows(f->db, first, 0));
    assert_false(dew_db_knows(f->db, first, end + 1));
    assert_true(dew_db_knows(f->db, second, end + 1));
    assert_false(dew_db_knows(f->db, second, end + 2)); /* nobody was told of it */
    assert_false(dew_db_knows(f->db, first ^ second, 1));
}

/* A copy of old is put back, and grows past the numbers that were given before. */
static void an_older_copy_knows_what_it_shares(void **state)
{
    (void)state;
    const uint64_t shared = dew_db_epoch(f->db);
    write_times(2);
    const int64_t copied = dew_db_number(f->db);
    with_files("mkdir copy && cp *.db* copy/");
    const uint64_t lost = dew_db_epoch(f->db);
    write_times(5);
    const int64_t last = dew_db_number(f->db);
    with_files("rm -f *.db* && cp copy/* .");
    write_times(20);
    assert_true(dew_db_number(f->db) > last);
    assert_true(dew_db_knows(f->db, shared, copied));
    assert_false(dew_db_knows(f->db, shared, copied + 1));
    assert_false(dew_db_knows(f->db, lost, last));
    assert_false(dew_db_knows(f->db, lost, 1));
}

static void a_copy_of_a_running_epoch_ends_where_it_was_taken(void **state)
{
    (void)state;
    const uint64_t epoch = dew_db_epoch(f->db);
    char text[256];
    write_times(2);
    const int64_t copied = dew_db_number(f->db);
    snprintf(text, sizeof text, "cd '%s' && mkdir copy && cp *.db* copy/", f->dir); /* nobody writes meanwhile */
    assert_int_equal(system(text), 0);
    write_times(5);
    with_files("rm -f *.db* && cp copy/* .");
    write_times(20);
    assert_true(dew_db_knows(f->db, epoch, copied));
    assert_false(dew_db_knows(f->db, epoch, copied + 1));
}

static void a_new_file_knows_nothing(void **state)
{
    (void)state;
    const uint64_t epoch = dew_db_epoch(f->db);
    with_files("rm -f *.db*");
    assert_false(dew_db_knows(f->db, epoch, 0));
    assert_false(dew_db_knows(f->db, epoch, 1));
}

static void what_is_long_ago_is_forgotten(void **state)
{
    (void)state;
    const uint64_t epoch = dew_db_epoch(f->db);
    for (int i = 1; i < DEW_EPOCHS_MAX; i++)
        reopen();
    assert_true(dew_db_knows(f->db, epoch, 1));
    reopen();
    assert_false(dew_db_knows(f->db, epoch, 1));
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(restarts_keep_the_past),
        EACH(an_older_copy_knows_what_it_shares),
        EACH(a_copy_of_a_running_epoch_ends_where_it_was_taken),
        EACH(a_new_file_knows_nothing),
        EACH(what_is_long_ago_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
