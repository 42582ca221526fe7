/* db.c - a database: opening and closing, the writer's and the checkpointer's actors, jobs. See db.h. */
#include "sql/db_internal.h"

#include "base/format.h"
#include "io/clock.h"
#include "io/random.h"
#include "sql/error.h"

#include <assert.h>
#include <stdlib.h>

#define HOLD_RETRY_US 20000

/* ---- jobs ---- */

void dew_job_init(dew_job *job)
{
    *job = (dew_job){ 0 };
    dew_arena_init(&job->arena, DEW_JOB_ARENA_MAX);
}

void dew_job_dispose(dew_job *job)
{
    dew_arena_dispose(&job->arena);
}

int dew_db_submit(dew_db *db, dew_job *job)
{
    if (db->writer_actor == NULL)
        return DEW_E_CLOSED;
    return dew_actor_post(db->writer_actor, &job->msg);
}

void dew_db_end_by(dew_db *db, int64_t at_ns)
{
    atomic_store_explicit(&db->end_ns, at_ns, memory_order_relaxed);
}

/* ---- the writer's actor ---- */

/* The jobs among the messages, in order. The message that asks for a look only wakes: tickets say what was asked. */
static dew_job *jobs_of(dew_db *db, dew_msg *msg)
{
    dew_job *first = NULL, **last = &first;
    while (msg != NULL) {
        dew_msg *next = msg->next;
        if (msg == &db->look_msg) {
            atomic_flag_clear(&db->is_look_posted);
        } else {
            dew_job *job = dew_container_of(msg, dew_job, msg);
            job->next_job = NULL;
            *last = job;
            last = &job->next_job;
        }
        msg = next;
    }
    return first;
}

static dew_job *more_jobs(void *context)
{
    dew_db *db = context;
    return jobs_of(db, dew_actor_take(db->writer_actor));
}

static void look(dew_db *db)
{
    int64_t asked = atomic_load(&db->looks_asked);
    if (asked == atomic_load_explicit(&db->looks_done, memory_order_relaxed))
        return;
    dew_writer_look(db->writer);
    atomic_store(&db->looks_done, asked);
}

static void on_batch(void *context, dew_msg *first)
{
    dew_db *db = context;
    dew_job *jobs = jobs_of(db, first);
    if (jobs != NULL)
        dew_writer_run(db->writer, jobs, more_jobs, db);
    look(db);
}

int64_t dew_db_look(dew_db *db)
{
    int64_t ticket = atomic_fetch_add(&db->looks_asked, 1) + 1;
    if (db->writer_actor == NULL)
        look(db);
    else if (!atomic_flag_test_and_set(&db->is_look_posted) && dew_actor_post(db->writer_actor, &db->look_msg) != 0)
        atomic_flag_clear(&db->is_look_posted); /* full: what fills it is followed by a look */
    return ticket;
}

bool dew_db_has_looked(const dew_db *db, int64_t ticket)
{
    return atomic_load(&db->looks_done) >= ticket;
}

/* ---- the checkpointer ---- */

static void on_checkpoint(void *context, dew_msg *first)
{
    dew_db *db = context;
    (void)first;
    atomic_flag_clear(&db->is_checkpoint_posted);
    /* PASSIVE waits for nobody and starts nothing over: readers' and writer's data_version keep their meaning */
    sqlite3_wal_checkpoint_v2(db->checkpoint.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

void dew_db_checkpoint(dew_db *db)
{
    if (db->checkpoint_actor == NULL) {
        sqlite3_wal_checkpoint_v2(db->checkpoint.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        return;
    }
    if (atomic_flag_test_and_set(&db->is_checkpoint_posted))
        return;
    if (dew_actor_post(db->checkpoint_actor, &db->checkpoint_msg) != 0)
        atomic_flag_clear(&db->is_checkpoint_posted);
}

/* ---- opening and closing ---- */

static int make_paths(dew_db *db, dew_error *error)
{
    const char *dir = db->config.dir;
    int code = dew_fs_make_dir(dew_fs_system(), dir);
    if (code != 0)
        return dew_error_set(error, code, "cannot make the data directory %s (its parent must exist and be writable)",
                             dir);
    if (dew_format(db->path, sizeof db->path, "%s/dew.db", dir) >= sizeof db->path)
        return dew_error_set(error, DEW_E_LIMIT, "the path of the data directory is too long");
    dew_format(db->wal_path, sizeof db->wal_path, "%s-wal", db->path);
    return 0;
}

/* Two programs would take each other's commit numbers for foreign writes, and number them, without end. One that is about
 * to end is waited for; driven by hand, there is nobody to wait for. */
static int hold_dir(dew_db *db, dew_error *error)
{
    const char *dir = db->config.dir;
    int64_t wait_ms = db->config.manual ? 0 : DEW_DB_FOREIGN_LOCK_MS, start_ns = dew_clock_now_ns();
    int code;
    while ((code = dew_fs_hold_dir(dir, &db->dir)) == DEW_E_BUSY &&
           dew_clock_now_ns() - start_ns < wait_ms * INT64_C(1000000))
        dew_vfs_sleep(db->vfs, HOLD_RETRY_US);
    if (code == DEW_E_BUSY)
        return dew_error_set(error, code, "another program serves the data directory %s: end that one first", dir);
    return code == DEW_E_NOMEM ? dew_error_set(error, code, "out of memory") : 0; /* else opening says what is wrong */
}

static int start_actors(dew_db *db, dew_error *error)
{
    int code = dew_actor_start(&(dew_actor_options){ .name = "dew-writer",
                                                     .inbox_max = DEW_DB_QUEUE_MAX,
                                                     .context = db,
                                                     .on_batch = on_batch },
                               &db->writer_actor);
    if (code == 0)
        code = dew_actor_start(
            &(dew_actor_options){ .name = "dew-checkpoint", .inbox_max = 1, .context = db, .on_batch = on_checkpoint },
            &db->checkpoint_actor);
    return code == 0 ? 0 : dew_error_set(error, code, "cannot start the database's threads");
}

static int open_all(dew_db *db, dew_error *error)
{
    int code = make_paths(db, error);
    if (code != 0)
        return code;
    if (dew_vfs_create(db->config.base_vfs, &db->vfs) != 0 || (db->stamps = dew_stamps_create()) == NULL ||
        dew_random_bytes(&db->secret, sizeof db->secret) != 0)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    code = hold_dir(db, error);
    if (code == 0)
        code = dew_writer_create(db, &db->writer, error);
    if (code == 0)
        code = dew_connection_open(&db->checkpoint,
                                   &(dew_connection_options){
                                       .path = db->path, .vfs = dew_vfs_name(db->vfs), .mode = DEW_GUARD_INTERNAL },
                                   error);
    if (code == 0 && !db->config.manual)
        code = start_actors(db, error);
    return code;
}

int dew_db_open(const dew_db_config *config, dew_db **out, dew_error *error)
{
    dew_db *db = aligned_alloc(_Alignof(dew_db), sizeof *db);
    if (db == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    memset(db, 0, sizeof *db);
    db->config = *config;
    int code = open_all(db, error);
    if (code != 0) {
        dew_db_close(db);
        return code;
    }
    *out = db;
    return 0;
}

void dew_db_close(dew_db *db)
{
    if (db == NULL)
        return;
    dew_actor_stop(db->writer_actor); /* first: it posts to the checkpointer */
    dew_actor_stop(db->checkpoint_actor);
    dew_connection_close(&db->checkpoint);
    dew_writer_destroy(db->writer);
    dew_stamps_destroy(db->stamps);
    dew_vfs_destroy(db->vfs);
    dew_file_close(db->dir); /* last: now another may begin */
    free(db);
}

int64_t dew_db_number(const dew_db *db)
{
    return atomic_load_explicit(&db->number, memory_order_acquire);
}

const dew_stamps *dew_db_stamps(const dew_db *db)
{
    return db->stamps;
}

dew_statement_counter *dew_db_counter(dew_db *db)
{
    return &db->counters[atomic_fetch_add(&db->counter_next, 1) % DEW_DB_COUNTERS];
}

uint64_t dew_db_statement_count(const dew_db *db)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < DEW_DB_COUNTERS; i++)
        sum += atomic_load_explicit(&db->counters[i].count, memory_order_relaxed);
    return sum;
}
