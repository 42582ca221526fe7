/* Nothing acknowledged is lost, nothing is done twice (design P8), on a disk that drops, tears and reorders what was not
 * synced: a crash at every kind of instant of random groups, resends and checkpoints. And the test can fail: with the
 * fsync taken away it does. DEW_SEED and DEW_ROUNDS choose other runs. */
#include "unit/sql/crash_vfs.h"
#include "unit/sql/sql_fixture.h"

#include "sql/writer_internal.h"

#define MUTATIONS 120
#define GROUP_MAX 6

#define ADD(F) F(i64, n)
DEW_STRUCT(add, ADD)
DEW_STRUCT(added, ADD)
DEW_LIST(added_list, added, n)
DEW_MUTATION(add_one, add, added)

static int run_add(dew_tx *tx, const add *args, added *out)
{
    out->n = args->n * 2;
    /* some of weight, so that pages split and overflow */
    return dew_exec(tx, "INSERT INTO done (n, weight) VALUES (?, zeroblob(?))", args->n, args->n % 7 == 0 ? 9000 : 10);
}

typedef struct sent {
    dew_job job;
    add args;
    int code;
    int64_t commit;
    bool is_answered;
} sent;

typedef struct round_state {
    sent all[MUTATIONS];
    bool acknowledged[MUTATIONS]; /* at the instant of the crash */
    int64_t highest;              /* commit number acknowledged by then */
} round_state;

static void on_answer(dew_job *job)
{
    sent *s = (sent *)job;
    s->is_answered = true;
    s->code = job->error.code;
    s->commit = job->commit;
}

static void on_crash(void *context)
{
    round_state *r = context;
    for (size_t i = 0; i < MUTATIONS; i++) {
        r->acknowledged[i] = r->all[i].is_answered && r->all[i].code == 0;
        if (r->acknowledged[i] && r->all[i].commit > r->highest)
            r->highest = r->all[i].commit;
    }
}

static void prepare_job(round_state *r, size_t i)
{
    sent *s = &r->all[i];
    dew_job_dispose(&s->job);
    dew_job_init(&s->job);
    s->args.n = (int64_t)i;
    s->job.fn = &add_one_fn;
    s->job.run = RUN(run_add);
    s->job.args = &s->args;
    s->job.client = i % 3 == 0 ? S("a") : S("b");
    s->job.sequence = (int64_t)i;
    s->job.on_done = on_answer;
}

/* Sends everything in groups of random size, now and then something that was sent before; checkpoints in between. */
static void send_all(fixture *f, crash_vfs *v, round_state *r)
{
    for (size_t at = 0; at < MUTATIONS && !v->has_crashed;) {
        size_t count = 1 + crash_random(v) % GROUP_MAX;
        dew_job *first = NULL;
        for (size_t i = at + count < MUTATIONS ? at + count : MUTATIONS; i-- > at;) {
            prepare_job(r, i);
            r->all[i].job.next_job = first;
            first = &r->all[i].job;
        }
        dew_writer_run(f->db->writer, first, NULL, NULL);
        if (at > 0 && crash_random(v) % 3 == 0) {
            size_t again = crash_random(v) % at;
            prepare_job(r, again);
            dew_writer_run(f->db->writer, &r->all[again].job, NULL, NULL);
        }
        if (crash_random(v) % 6 == 0)
            dew_db_checkpoint(f->db);
        at += count;
    }
}

static size_t count_rows(fixture *f, bool *seen)
{
    reading *r = reading_make(f);
    added_list out;
    memset(seen, 0, MUTATIONS * sizeof *seen);
    size_t doubled = 0;
    if (dew_sql_into(&r->scope, added_list, &out, "SELECT n FROM done") != 0)
        doubled = SIZE_MAX;
    for (size_t i = 0; doubled != SIZE_MAX && i < out.count; i++) {
        doubled += seen[out.items[i].n];
        seen[out.items[i].n] = true;
    }
    reading_free(r);
    return doubled;
}

static bool is_intact(fixture *f)
{
    sqlite3_stmt *check = NULL;
    bool is_ok =
        sqlite3_prepare_v2(f->db->writer->connection.db, "PRAGMA integrity_check", -1, &check, NULL) == SQLITE_OK &&
        sqlite3_step(check) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(check, 0), "ok") == 0;
    sqlite3_finalize(check);
    return is_ok;
}

/* What is wrong after the crash; NULL: nothing. */
static const char *examine(fixture *f, round_state *r)
{
    bool seen[MUTATIONS];
    dew_error error = { 0 };
    if (fixture_try_open(f, &error) != 0)
        return "the database does not open";
    sqlite3_exec(f->db->writer->connection.db, "PRAGMA synchronous = OFF", NULL, NULL,
                 NULL); /* this life is not tried */
    if (!is_intact(f))
        return "the database is corrupt";
    if (dew_db_number(f->db) <= r->highest)
        return "the commit number went back";
    if (count_rows(f, seen) != 0)
        return "something was done twice";
    for (size_t i = 0; i < MUTATIONS; i++)
        if (r->acknowledged[i] && !seen[i])
            return "something acknowledged is lost";
    /* everybody sends again what they do not know the end of, and what they do */
    for (size_t i = 0; i < MUTATIONS; i++) {
        prepare_job(r, i);
        dew_writer_run(f->db->writer, &r->all[i].job, NULL, NULL);
        if (r->all[i].code != 0 || r->all[i].job.is_resent != seen[i])
            return "a resend was not answered as it should be";
    }
    if (count_rows(f, seen) != 0)
        return "a resend was done twice";
    for (size_t i = 0; i < MUTATIONS; i++)
        if (!seen[i])
            return "a resend is lost";
    return NULL;
}

static const char schema[] = "CREATE TABLE done (n INTEGER NOT NULL, weight BLOB)";

/* One life, one crash; *ops: how many operations the life had. */
static const char *round_of(uint64_t seed, int64_t crash_at, bool forgets_sync, int64_t *ops)
{
    crash_vfs v;
    round_state *r = calloc(1, sizeof *r);
    fixture *f = calloc(1, sizeof *f), *after = calloc(1, sizeof *after);
    char command[256];
    const char *wrong = NULL;
    crash_vfs_register(&v, seed);
    snprintf(f->dir, sizeof f->dir, "/tmp/dew-life-XXXXXX");
    snprintf(after->dir, sizeof after->dir, "/tmp/dew-crash-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_non_null(mkdtemp(after->dir));
    f->migrations[0] = after->migrations[0] = (dew_migration){ "001.sql", schema };
    f->base_vfs = CRASH_VFS_NAME;
    fixture_open(f);
    snprintf(v.crash_dir, sizeof v.crash_dir, "%s", after->dir);
    v.on_crash = on_crash;
    v.context = r;
    v.op_count = 0;
    v.crash_at = crash_at;
    v.forgets_sync = forgets_sync;
    send_all(f, &v, r);
    *ops = v.op_count;
    v.crash_at = 0;
    fixture_close(f);
    if (v.has_crashed) {
        wrong = examine(after, r);
        fixture_close(after);
    }
    crash_vfs_unregister(&v);
    for (size_t i = 0; i < MUTATIONS; i++)
        dew_job_dispose(&r->all[i].job);
    snprintf(command, sizeof command, "rm -rf '%s' '%s'", f->dir, after->dir);
    assert_int_equal(system(command), 0);
    free(after);
    free(f);
    free(r);
    return wrong;
}

static size_t environment(const char *name, size_t fallback)
{
    return getenv(name) != NULL ? strtoull(getenv(name), NULL, 10) : fallback;
}

static void nothing_acknowledged_is_lost_and_nothing_done_twice(void **state)
{
    (void)state;
    size_t rounds = environment("DEW_ROUNDS", 60), seed = environment("DEW_SEED", 1);
    int64_t ops = 0, crash_at;
    round_of(seed, 0, false, &ops);
    for (size_t i = 0; i < rounds; i++) {
        int64_t had;
        crash_at = 1 + (int64_t)((seed * 7919 + i * 104729) % (uint64_t)ops);
        const char *wrong = round_of(seed + i, crash_at, false, &had);
        if (wrong != NULL)
            fail_msg("seed %zu, crash at operation %lld: %s", seed + i, (long long)crash_at, wrong);
    }
}

static void without_the_fsync_something_is_lost(void **state)
{
    (void)state;
    int64_t ops = 0;
    size_t losses = 0;
    round_of(1, 0, true, &ops);
    for (uint64_t i = 0; i < 12; i++)
        losses += round_of(i + 1, 1 + (int64_t)((i + 1) * (uint64_t)ops / 14), true, &(int64_t){ 0 }) != NULL;
    assert_true(losses > 0);
}

static int first_code(round_state *r, fixture *f, size_t from, size_t count)
{
    dew_job *first = NULL;
    for (size_t i = from + count; i-- > from;) {
        prepare_job(r, i);
        r->all[i].job.next_job = first;
        first = &r->all[i].job;
    }
    dew_writer_run(f->db->writer, first, NULL, NULL);
    for (size_t i = from; i < from + count; i++)
        if (!r->all[i].is_answered || r->all[i].code != r->all[from].code)
            fail_msg("%zu of one group was answered with %d, %zu with %d", from, r->all[from].code, i, r->all[i].code);
    return r->all[from].code;
}

static void a_full_or_broken_disk_is_answered_and_outlived(void **state)
{
    (void)state;
    static const struct {
        int write_fault, sync_fault, code;
    } faults[] = { { SQLITE_FULL, 0, DEW_E_FULL },
                   { SQLITE_IOERR_WRITE, 0, DEW_E_IO },
                   { 0, SQLITE_IOERR_FSYNC, DEW_E_IO } };
    crash_vfs v;
    bool seen[MUTATIONS];
    round_state *r = calloc(1, sizeof *r);
    crash_vfs_register(&v, 1);
    fixture *f = calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/dew-full-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->migrations[0] = (dew_migration){ "001.sql", schema };
    f->base_vfs = CRASH_VFS_NAME;
    fixture_open(f);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        int64_t number = dew_db_number(f->db);
        v.write_fault = faults[i].write_fault;
        v.sync_fault = faults[i].sync_fault;
        assert_int_equal(first_code(r, f, i * 10, 5), faults[i].code);
        assert_int_equal(dew_db_number(f->db), number);
        v.write_fault = v.sync_fault = 0;
        assert_int_equal(first_code(r, f, i * 10, 5), 0); /* the disk is well again, and so is the writer */
        assert_false(r->all[i * 10].job.is_resent);
        assert_int_equal(dew_db_number(f->db), number + 1);
    }
    assert_int_equal(count_rows(f, seen), 0);
    for (size_t i = 0; i < MUTATIONS; i++) {
        assert_int_equal(seen[i], i < 30 && i % 10 < 5);
        dew_job_dispose(&r->all[i].job);
    }
    fixture_free(f);
    crash_vfs_unregister(&v);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_acknowledged_is_lost_and_nothing_done_twice),
        cmocka_unit_test(without_the_fsync_something_is_lost),
        cmocka_unit_test(a_full_or_broken_disk_is_answered_and_outlived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
