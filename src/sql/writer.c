/* writer.c - groups of mutations, one transaction each. See writer.h for the course of a group.
 *
 * Invariants: outside of dew_writer_run no transaction is open; a job that was answered is never touched again; the
 * write set that on_commit hears holds every change of its transaction (too much is allowed, see writeset.h); stamps are
 * raised before COMMIT and the number is published after it. */
#include "sql/writer_internal.h"

#include "io/clock.h"
#include "sql/error.h"

#include <stdlib.h>

#define SCRATCH_MAX DEW_JOB_ARENA_MAX
#define PROGRESS_OPS 1000
#define STATEMENTS_MAX 256
#define PRUNE_PERIOD_MS 1000

/* ---- hooks ---- */

static const dew_special_table *special_find(const dew_writer *writer, dew_table_key table)
{
    for (size_t i = 0; i < writer->special_count; i++)
        if (writer->special[i].table == table)
            return &writer->special[i];
    return NULL;
}

static void on_row(void *context, sqlite3 *db, int op, const char *schema, const char *name, sqlite3_int64 old_rowid,
                   sqlite3_int64 new_rowid)
{
    dew_writer *writer = context;
    (void)schema;
    if (dew_name_eq(dew_str_make(name, strnlen(name, 4)), DEW_S("dew_")))
        return;
    dew_table_key table = dew_key_of_table(dew_str_of(name));
    const dew_special_table *special = special_find(writer, table);
    writer->has_written = true;
    if ((special != NULL && special->has_generated) || sqlite3_preupdate_blobwrite(db) >= 0) {
        dew_write_builder_whole(&writer->builder, table);
        return;
    }
    dew_write_op kind = op == SQLITE_INSERT   ? DEW_WRITE_INSERT
                        : op == SQLITE_DELETE ? DEW_WRITE_DELETE
                                              : DEW_WRITE_UPDATE;
    bool has_rowid = special == NULL || special->has_rowid;
    dew_write_builder_row(&writer->builder, db, table, kind,
                          has_rowid && kind == DEW_WRITE_UPDATE && old_rowid != new_rowid);
}

/* Has the time come from which nothing is committed any more (dew_db_end_by)? */
static bool is_ended(const dew_writer *writer, int64_t now_ns)
{
    int64_t end_ns = atomic_load_explicit(&writer->db->end_ns, memory_order_relaxed);
    return end_ns != 0 && now_ns >= end_ns;
}

int dew_job_check(const dew_writer *writer, const dew_job *job)
{
    int64_t now_ns = dew_clock_now_ns();
    if (__atomic_load_n(&job->is_cancelled, __ATOMIC_RELAXED) || is_ended(writer, now_ns))
        return DEW_E_CANCELLED;
    return job->deadline_ns != 0 && now_ns >= job->deadline_ns ? DEW_E_TIMEOUT : 0;
}

static int on_progress(void *context)
{
    dew_writer *writer = context;
    if (writer->running != NULL && writer->cut_short == 0)
        writer->cut_short = dew_job_check(writer, writer->running);
    return writer->running != NULL && writer->cut_short != 0;
}

static int on_wal(void *context, sqlite3 *db, const char *schema, int frames)
{
    (void)db;
    (void)schema;
    ((dew_writer *)context)->wal_frames = frames;
    return SQLITE_OK;
}

static void add_special(void *context, dew_str name, bool has_generated, bool has_rowid)
{
    dew_writer *writer = context;
    dew_special_table *grown = realloc(writer->special, (writer->special_count + 1) * sizeof *grown);
    if (grown == NULL)
        return; /* noticed by its reader: the list is read again before each group until it fits */
    writer->special = grown;
    writer->special[writer->special_count++] = (dew_special_table){ dew_key_of_table(name), has_generated, has_rowid };
}

static int64_t schema_version(dew_writer *writer)
{
    int64_t version = sqlite3_step(writer->own.schema) == SQLITE_ROW ? sqlite3_column_int64(writer->own.schema, 0) : -1;
    sqlite3_reset(writer->own.schema);
    return version;
}

bool dew_writer_has_new_schema(dew_writer *writer)
{
    return schema_version(writer) != writer->schema_version;
}

static int special_load(dew_writer *writer)
{
    writer->special_count = 0;
    writer->schema_version = schema_version(writer);
    int code = dew_schema_each_special(writer->connection.db, add_special, writer);
    writer->is_schema_changed = code != 0;
    return code;
}

/* ---- making ---- */

static int prepare_own(dew_writer *writer, dew_error *error)
{
    const struct {
        sqlite3_stmt **at;
        const char *sql;
    } texts[] = {
        { &writer->own.begin, "BEGIN IMMEDIATE" },
        { &writer->own.commit, "COMMIT" },
        { &writer->own.rollback, "ROLLBACK" },
        { &writer->own.savepoint, "SAVEPOINT dew_mutation" },
        { &writer->own.release, "RELEASE dew_mutation" },
        { &writer->own.rollback_to, "ROLLBACK TO dew_mutation" },
        { &writer->own.raise, "UPDATE dew_commit SET number = ? WHERE shard = 'default'" },
        { &writer->own.number, "SELECT number FROM dew_commit WHERE shard = 'default'" },
        { &writer->own.schema, "PRAGMA schema_version" },
        { &writer->own.find,
          "SELECT fn, args_hash, number, code, answer FROM dew_mutation WHERE client = ? AND sequence = ?" },
        { &writer->own.store, "INSERT INTO dew_mutation (client, sequence, fn, args_hash, at_ms, number, code, answer)"
                              " VALUES (?, ?, ?, ?, ?, ?, ?, ?)" },
        { &writer->own.prune, "DELETE FROM dew_mutation WHERE id IN (SELECT id FROM (SELECT id, at_ms FROM dew_mutation"
                              " ORDER BY id LIMIT 1000) WHERE at_ms < ?)" },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int code = dew_connection_prepare(&writer->connection, texts[i].sql, texts[i].at, error);
        if (code != 0)
            return code;
    }
    return 0;
}

static unsigned data_version(dew_writer *writer)
{
    unsigned version = 0;
    sqlite3_file_control(writer->connection.db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    return version;
}

int dew_own_run(sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    int reset = sqlite3_reset(statement);
    return reset != SQLITE_OK ? reset : rc;
}

int dew_writer_create(dew_db *db, dew_writer **out, dew_error *error)
{
    dew_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    writer->db = db;
    dew_write_builder_init(&writer->builder, db->secret);
    dew_buf_init(&writer->text, SCRATCH_MAX);
    int code = dew_connection_open(&writer->connection,
                                   &(dew_connection_options){ .path = db->path,
                                                              .vfs = dew_vfs_name(db->vfs),
                                                              .mode = DEW_GUARD_WRITE,
                                                              .secret = db->secret,
                                                              .statement_max = STATEMENTS_MAX,
                                                              .lock_wait_ms = DEW_DB_FOREIGN_LOCK_MS },
                                   error);
    if (code == 0) {
        /* the hook stands before anything is prepared: it turns off DELETE's shortcut, which skips rows */
        sqlite3_preupdate_hook(writer->connection.db, on_row, writer);
        sqlite3_progress_handler(writer->connection.db, PROGRESS_OPS, on_progress, writer);
        sqlite3_wal_hook(writer->connection.db, on_wal, writer);
        code = dew_db_migrate(db, &writer->connection, error);
    }
    if (code == 0)
        code = prepare_own(writer, error);
    if (code == 0 && (code = special_load(writer)) != 0)
        dew_error_set(error, code, "cannot read the schema of the database");
    if (code != 0) {
        if (code == DEW_E_BUSY)
            dew_error_set(error, code, "another program holds the database %s: end that one first", db->path);
        dew_writer_destroy(writer);
        return code;
    }
    sqlite3_busy_timeout(writer->connection.db, 0); /* from now on it waits in ways of its own */
    dew_own_run(writer->own.number);                /* a read, so that the version below is of this state */
    writer->data_version = data_version(writer);
    dew_write_builder_reset(&writer->builder);
    *out = writer;
    return 0;
}

void dew_writer_destroy(dew_writer *writer)
{
    if (writer == NULL)
        return;
    sqlite3_stmt **own = (sqlite3_stmt **)&writer->own;
    for (size_t i = 0; i < sizeof writer->own / sizeof *own; i++)
        sqlite3_finalize(own[i]);
    dew_connection_close(&writer->connection);
    dew_write_builder_dispose(&writer->builder);
    dew_buf_dispose(&writer->text);
    free(writer->special);
    free(writer);
}

/* ---- one mutation ---- */

/* The handler's word, and what is known beside it, as one error. */
static void settle_failure(dew_tx *tx, int code)
{
    dew_job *job = tx->job;
    if (tx->writer->cut_short != 0)
        code = tx->writer->cut_short;
    else if (tx->is_failed)
        code = tx->error.code;
    if (code >= 0)
        code = DEW_E_INTERNAL;
    if (tx->error.code == code && tx->error.message[0] != '\0')
        job->error = tx->error;
    else
        dew_error_set(&job->error, code, "%s", dew_error_text(code));
    job->value = NULL;
    job->answer = (dew_str){ NULL, 0 };
}

/* Would another sending of the same end otherwise, for reasons that have nothing to do with it? Then its failure is not
 * kept as its answer. */
static bool is_passing(int code)
{
    return code == DEW_E_INTERNAL || code == DEW_E_NOMEM || code == DEW_E_CANCELLED || code == DEW_E_TIMEOUT ||
           code == DEW_E_BUSY || code == DEW_E_FULL || code == DEW_E_IO;
}

/* Handler, stored answer, release: 0, or a code with the changes still to be undone. */
static int run_inside(dew_writer *writer, dew_tx *tx, int64_t number)
{
    dew_job *job = tx->job;
    int unresolved = 0, highest = 0;
    writer->running = job;
    writer->cut_short = 0;
    int code = job->run(tx, job->args, tx->value);
    writer->running = NULL;
    bool is_elsewhere = code == DEW_E_REDIRECT && tx->is_redirect && tx->error.code == code;
    if ((code != 0 && !is_elsewhere) || tx->is_failed || writer->cut_short != 0 ||
        sqlite3_get_autocommit(writer->connection.db))
        return code != 0 ? code : DEW_E_INTERNAL;
    sqlite3_db_status(writer->connection.db, SQLITE_DBSTATUS_DEFERRED_FKS, &unresolved, &highest, 0);
    if (unresolved != 0) /* else COMMIT would fail for the whole group */
        return dew_error_set(&tx->error, DEW_E_CONSTRAINT, "a row refers to one that does not exist");
    if (is_elsewhere) {
        job->error = tx->error;
        code = 0;
    } else {
        job->value = tx->value;
        code = dew_answer_write(writer, job);
    }
    if (code == 0 && job->client.len > 0)
        code = dew_answer_store(writer, job, number);
    if (code != 0) {
        tx->error = job->error;
        return code;
    }
    int rc = dew_own_run(writer->own.release);
    return rc == SQLITE_DONE ? 0 : dew_error_from_db(&tx->error, writer->connection.db, rc, "RELEASE");
}

/* Undoes the mutation alone. When that fails too the transaction is ended, which the caller sees. */
static void undo(dew_writer *writer, dew_write_mark mark, bool had_written)
{
    if (sqlite3_get_autocommit(writer->connection.db))
        return;
    if (dew_own_run(writer->own.rollback_to) != SQLITE_DONE || dew_own_run(writer->own.release) != SQLITE_DONE) {
        dew_own_run(writer->own.rollback);
        return;
    }
    dew_write_builder_cut(&writer->builder, mark);
    writer->has_written = had_written;
}

/* 0, or the code of its failure, settled and undone. */
static int run_handler(dew_writer *writer, dew_job *job, int64_t number)
{
    dew_tx tx = { .writer = writer, .job = job, .value = dew_arena_calloc(&job->arena, 1, job->fn->value()->size) };
    if (tx.value == NULL)
        return dew_error_set(&job->error, DEW_E_NOMEM, "out of memory");
    dew_write_mark mark = dew_write_builder_mark(&writer->builder);
    bool had_written = writer->has_written;
    int rc = dew_own_run(writer->own.savepoint);
    int code = rc == SQLITE_DONE ? run_inside(writer, &tx, number)
                                 : dew_error_from_db(&tx.error, writer->connection.db, rc, "SAVEPOINT");
    if (code == 0)
        return 0;
    settle_failure(&tx, code);
    undo(writer, mark, had_written);
    return job->error.code;
}

typedef enum outcome { OUTCOME_DONE, OUTCOME_LOST } outcome;

/* One job of the group. LOST: it ended the whole transaction, and is settled. */
static outcome run_job(dew_writer *writer, dew_job *job, int64_t number)
{
    bool is_found = false;
    dew_arena_reset(&job->arena); /* it may have run before, in a transaction that was lost */
    job->error = (dew_error){ 0 };
    job->value = NULL;
    job->answer = (dew_str){ NULL, 0 };
    job->is_resent = false;
    job->commit = number;
    int code = dew_job_check(writer, job);
    if (code != 0) {
        dew_error_set(&job->error, code, "%s", dew_error_text(code));
        return OUTCOME_DONE;
    }
    if (job->client.len > 0 && (dew_answer_find(writer, job, &is_found) != 0 || is_found))
        return sqlite3_get_autocommit(writer->connection.db) ? OUTCOME_LOST : OUTCOME_DONE;
    code = run_handler(writer, job, number);
    if (sqlite3_get_autocommit(writer->connection.db))
        return OUTCOME_LOST;
    if (code == 0 || job->client.len == 0 || is_passing(code))
        return OUTCOME_DONE;
    dew_error error =
        job->error; /* a refusal is kept too; when it cannot be, a resend runs again and changes nothing twice */
    if (dew_answer_store(writer, job, number) != 0)
        job->error = error;
    return sqlite3_get_autocommit(writer->connection.db) ? OUTCOME_LOST : OUTCOME_DONE;
}

/* ---- groups ---- */

/* The jobs of one transaction, in order. */
typedef struct job_group {
    dew_job *jobs[DEW_WRITER_GROUP_MAX];
    size_t count;
} job_group;

static void answer(const job_group *group, int64_t number)
{
    for (size_t i = 0; i < group->count; i++) {
        dew_job *job = group->jobs[i];
        if (job->error.code != 0 && !job->is_resent)
            job->commit = number;
        job->on_done(job);
    }
}

static void fail_all(dew_writer *writer, job_group *group, const dew_error *error)
{
    for (size_t i = 0; i < group->count; i++) {
        group->jobs[i]->error = *error;
        group->jobs[i]->value = NULL;
        group->jobs[i]->answer = (dew_str){ NULL, 0 };
        group->jobs[i]->is_resent = false;
    }
    answer(group, dew_db_number(writer->db));
}

/* BEGIN IMMEDIATE, waiting while another process holds the write lock. */
static int begin(dew_writer *writer, dew_error *error)
{
    int64_t start = dew_clock_now_ns();
    int rc;
    for (int wait_us = 500; dew_is_busy(rc = dew_own_run(writer->own.begin));
         wait_us = wait_us < 20000 ? wait_us * 2 : wait_us) {
        if (is_ended(writer, dew_clock_now_ns()))
            return dew_error_set(error, DEW_E_CANCELLED, "%s", dew_error_text(DEW_E_CANCELLED));
        if (dew_clock_now_ns() - start > DEW_DB_FOREIGN_LOCK_MS * INT64_C(1000000))
            return dew_error_set(error, DEW_E_BUSY, "another process holds the database's write lock");
        dew_vfs_sleep(writer->db->vfs, wait_us);
    }
    if (rc != SQLITE_DONE)
        return dew_error_from_db(error, writer->connection.db, rc, "BEGIN IMMEDIATE");
    dew_write_builder_reset(&writer->builder);
    writer->has_written = writer->is_foreign = false;
    if (data_version(writer) != writer->data_version) {
        writer->is_foreign = writer->has_written = writer->is_schema_changed = true;
        dew_write_builder_everything(&writer->builder);
    }
    if (writer->is_schema_changed && special_load(writer) != 0) {
        dew_own_run(writer->own.rollback);
        return dew_error_set(error, DEW_E_IO, "cannot read the schema of the database");
    }
    return 0;
}

/* The number that this transaction will have: read anew when somebody else may have raised it. */
static int next_number(dew_writer *writer, int64_t *number, dew_error *error)
{
    *number = dew_db_number(writer->db) + 1;
    if (!writer->is_foreign)
        return 0;
    int rc = sqlite3_step(writer->own.number);
    if (rc == SQLITE_ROW && sqlite3_column_int64(writer->own.number, 0) >= *number)
        *number = sqlite3_column_int64(writer->own.number, 0) + 1;
    sqlite3_reset(writer->own.number);
    return rc == SQLITE_ROW ? 0 : dew_error_from_db(error, writer->connection.db, rc, "SELECT number");
}

/* Number, stamps, COMMIT, on_commit. On failure no transaction is left. */
static int commit(dew_writer *writer, int64_t number, dew_error *error)
{
    dew_db *db = writer->db;
    int code = 0;
    sqlite3_bind_int64(writer->own.raise, 1, number);
    int rc = dew_own_run(writer->own.raise);
    dew_write_set *writes = dew_write_builder_freeze(&writer->builder);
    if (rc != SQLITE_DONE) {
        code = dew_error_from_db(error, writer->connection.db, rc, "UPDATE dew_commit");
    } else if (writes == NULL) {
        code = dew_error_set(error, DEW_E_NOMEM, "out of memory");
    } else {
        dew_stamps_raise(db->stamps, writes, number);
        if (db->config.on_stamped != NULL)
            db->config.on_stamped(db->config.on_commit_context);
        rc = dew_own_run(writer->own.commit);
        if (rc != SQLITE_DONE)
            code = dew_error_from_db(error, writer->connection.db, rc, "COMMIT");
    }
    if (code != 0) {
        if (!sqlite3_get_autocommit(writer->connection.db))
            dew_own_run(writer->own.rollback);
    } else {
        atomic_store_explicit(&db->number, number, memory_order_release);
        if (db->config.on_commit != NULL)
            db->config.on_commit(db->config.on_commit_context, &(dew_db_commit){ number, writes, writer->is_foreign });
    }
    dew_write_set_unref(writes);
    return code;
}

typedef enum group_outcome { GROUP_DONE, GROUP_LOST, GROUP_FAILED, GROUP_REFUSED } group_outcome;

/* Where jobs come from: those that wait, then what has arrived meanwhile. */
typedef struct job_source {
    dew_job *waiting;
    dew_job *(*more)(void *context);
    void *context;
} job_source;

/* Takes one more job into the group, while it is small and young (driven by hand, it has all the time). */
static void grow(const dew_writer *writer, job_group *group, job_source *source, int64_t start_ns)
{
    bool is_old = !writer->db->config.manual && dew_clock_now_ns() - start_ns > DEW_WRITER_GROUP_NS;
    if (group->count == DEW_WRITER_GROUP_MAX || is_old)
        return;
    if (source->waiting == NULL && source->more != NULL)
        source->waiting = source->more(source->context);
    if (source->waiting == NULL)
        return;
    group->jobs[group->count++] = source->waiting;
    source->waiting = source->waiting->next_job;
}

/* One transaction over the group, which may grow from `source` (NULL: it may not). DONE: committed, to be answered with
 * *number. LOST: the job at *offender ended the transaction. FAILED: what follows the jobs did. REFUSED: it could not begin. */
static group_outcome run_group(dew_writer *writer, job_group *group, job_source *source, size_t *offender,
                               int64_t *number, dew_error *error)
{
    int64_t start_ns = dew_clock_now_ns();
    if (begin(writer, error) != 0)
        return GROUP_REFUSED;
    if (next_number(writer, number, error) != 0) {
        dew_own_run(writer->own.rollback);
        return GROUP_REFUSED;
    }
    for (size_t i = 0;; i++) {
        if (i == group->count && source != NULL)
            grow(writer, group, source, start_ns);
        if (i == group->count)
            break;
        if (run_job(writer, group->jobs[i], *number) == OUTCOME_LOST) {
            *offender = i;
            return GROUP_LOST;
        }
        if (writer->is_schema_changed && special_load(writer) != 0)
            dew_write_builder_everything(&writer->builder);
    }
    int64_t now_ms = dew_clock_now_ns() / 1000000;
    if (writer->has_written && now_ms - writer->pruned_ms > PRUNE_PERIOD_MS) {
        writer->pruned_ms = now_ms;
        int rc = dew_answer_prune(writer);
        if (sqlite3_get_autocommit(writer->connection.db)) { /* what follows would be outside of any transaction */
            dew_error_from_db(error, writer->connection.db, rc, "DELETE FROM dew_mutation");
            return GROUP_FAILED;
        }
    }
    if (!writer->has_written) {
        dew_own_run(writer->own.rollback);
        *number = dew_db_number(writer->db);
        for (size_t i = 0; i < group->count; i++)
            if (!group->jobs[i]->is_resent)
                group->jobs[i]->commit = *number;
        return GROUP_DONE;
    }
    return commit(writer, *number, error) == 0 ? GROUP_DONE : GROUP_FAILED;
}

static void remove_offender(dew_writer *writer, job_group *all, size_t offender)
{
    job_group one = { { all->jobs[offender] }, 1 };
    all->count--;
    memmove(&all->jobs[offender], &all->jobs[offender + 1], (all->count - offender) * sizeof *all->jobs);
    if (one.jobs[0]->error.code == 0) /* ended by what we did around it */
        dew_error_set(&one.jobs[0]->error, DEW_E_IO, "%s", dew_error_text(DEW_E_IO));
    answer(&one, dew_db_number(writer->db));
}

/* After a second loss, or an end that failed for all: each in a transaction of its own, so that one cannot harm another. */
static void run_singly(dew_writer *writer, const job_group *all)
{
    for (size_t i = 0; i < all->count; i++) {
        job_group one = { { all->jobs[i] }, 1 };
        size_t offender = 0;
        int64_t number = 0;
        dew_error error = { 0 };
        switch (run_group(writer, &one, NULL, &offender, &number, &error)) {
        case GROUP_DONE:
            writer->data_version = data_version(writer);
            answer(&one, number);
            break;
        case GROUP_LOST:
            remove_offender(writer, &one, 0);
            break;
        default:
            fail_all(writer, &one, &error);
        }
    }
}

static void run_and_answer(dew_writer *writer, job_source *source)
{
    job_group group = { .count = 0 };
    group.jobs[group.count++] = source->waiting;
    source->waiting = source->waiting->next_job;
    for (int losses = 0; group.count > 0;) {
        size_t offender = 0;
        int64_t number = 0;
        dew_error error = { 0 };
        switch (run_group(writer, &group, losses == 0 ? source : NULL, &offender, &number, &error)) {
        case GROUP_DONE:
            writer->data_version = data_version(writer);
            answer(&group, number);
            return;
        case GROUP_LOST:
            remove_offender(writer, &group, offender);
            if (++losses == 1)
                break;
            run_singly(writer, &group);
            return;
        case GROUP_FAILED:
            if (group.count > 1)
                run_singly(writer, &group);
            else
                fail_all(writer, &group, &error);
            return;
        case GROUP_REFUSED:
            fail_all(writer, &group, &error);
            return;
        }
    }
}

/* The checkpointer does the bulk; when the WAL has grown all the same, the rest is done here, between two groups, and the
 * next transaction starts the WAL over. */
static void look_after_wal(dew_writer *writer)
{
    if (writer->wal_frames >= DEW_WRITER_RESTART_FRAMES) {
        sqlite3_wal_checkpoint_v2(writer->connection.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        writer->wal_frames = 0; /* asked again after the next commit */
    } else if (writer->wal_frames >= DEW_WRITER_CHECKPOINT_FRAMES) {
        dew_db_checkpoint(writer->db);
    }
}

/* The first that waits, when its end has come before its turn: it needs no transaction, which may have to be waited for. */
static bool answer_if_over(dew_writer *writer, job_source *source)
{
    job_group one = { { source->waiting }, 1 };
    dew_error error = { 0 };
    int code = dew_job_check(writer, source->waiting);
    if (code == 0)
        return false;
    dew_error_set(&error, code, "%s", dew_error_text(code));
    source->waiting = source->waiting->next_job;
    fail_all(writer, &one, &error);
    return true;
}

void dew_writer_run(dew_writer *writer, dew_job *first, dew_job *(*more)(void *context), void *context)
{
    job_source source = { first, more, context };
    while (source.waiting != NULL) {
        if (answer_if_over(writer, &source))
            continue;
        run_and_answer(writer, &source);
        look_after_wal(writer);
    }
}

bool dew_writer_look(dew_writer *writer)
{
    if (dew_own_run(writer->own.number) != SQLITE_ROW || data_version(writer) == writer->data_version)
        return false;
    job_group none = { .count = 0 };
    size_t offender = 0;
    int64_t number = 0;
    dew_error error = { 0 };
    if (run_group(writer, &none, NULL, &offender, &number, &error) != GROUP_DONE)
        return false; /* looked for again with the next group */
    writer->data_version = data_version(writer);
    return true;
}
