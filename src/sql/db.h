/* db.h - one database: a directory with dew.db in WAL mode, its writer, its commit numbers.
 *
 *     dew_db_open → migrations → writer and checkpointer on threads of their own → workers make their readers
 *     (dew_sql_create in sql/reader.h) → … → readers destroyed → dew_db_close
 *
 * Commit numbers (design rule 5): every transaction of the writer that changes the file raises the shard's number by
 * one, in the same transaction (table dew_commit), so that numbers survive restarts and each names a state that readers
 * can see. A transaction of another process gets a number afterwards, with the write set "everything" (rule 8).
 *
 * Tables whose names start with dew_ are Dew's: user SQL may not name them. */
#ifndef DEW_SQL_DB_H
#define DEW_SQL_DB_H

#include "io/inbox.h"
#include "sql/stamps.h"
#include "sql/writeset.h"

#include <dew/app.h>

typedef struct dew_db dew_db;
typedef struct dew_job dew_job;

/* Mutations waiting for the writer; past it dew_db_submit says DEW_E_BUSY. */
#define DEW_DB_QUEUE_MAX 16384

/* How long a mutation's answer is kept for a resend (design rule 3). */
#define DEW_DB_ANSWER_KEEP_MS ((int64_t)24 * 3600 * 1000)

/* How long the writer waits for another process that holds the write lock, then answers DEW_E_BUSY. */
#define DEW_DB_FOREIGN_LOCK_MS 5000

/* What a commit was, as on_commit hears it. */
typedef struct dew_db_commit {
    int64_t number;
    dew_write_set *writes; /* borrowed for the call; dew_write_set_ref to keep it */
    bool is_foreign;       /* by another process */
} dew_db_commit;

/* Borrowed until dew_db_close. */
typedef struct dew_db_config {
    const char *dir;                 /* made when absent (its parent must exist) */
    const dew_migration *migrations; /* ended by { NULL, NULL }; NULL: none */
    const char *migrations_dir;      /* or the *.sql files of a folder, by name; NULL: none */
    void *context;                   /* dew_tx_context */
    dew_str url_prefix;              /* dew_tx_url_prefix */
    /* A commit is visible to readers, its stamps are raised, its mutations are not answered yet. In order of numbers,
     * on the writer's thread (the opening thread during open); must not block. May be NULL. */
    void (*on_commit)(void *on_commit_context, const dew_db_commit *commit);
    void *on_commit_context;
    /* Likewise, before: the stamps are raised, readers do not see the commit. For tests; NULL otherwise. */
    void (*on_stamped)(void *on_commit_context);
    const char *base_vfs;            /* SQLite's name of the VFS below ours; NULL: the platform's */
    bool manual;                     /* tests: no threads; the caller drives with sql/writer.h */
} dew_db_config;

/* Opens, migrates, restores the commit number, starts the writer. *error says what, where and the mend. The directory is one
 * program's at a time: another that has it open is waited for, for DEW_DB_FOREIGN_LOCK_MS; then DEW_E_BUSY. */
int dew_db_open(const dew_db_config *config, dew_db **out, dew_error *error) DEW_MUST_USE;

/* Finishes the queued mutations (to a limit: dew_db_end_by), stops the threads, checkpoints, closes. Every dew_sql is destroyed before. Takes NULL. */
void dew_db_close(dew_db *db);

/* Any thread: the last commit number (acquire: readers see that commit), the stamps, and the epoch: a random name of this
 * opening, kept in the file. */
int64_t dew_db_number(const dew_db *db);
const dew_stamps *dew_db_stamps(const dew_db *db);
uint64_t dew_db_epoch(const dew_db *db);

/* Is this commit of that epoch in the past of this file? Not so when the file was put back from an older copy or made anew
 * since, or DEW_EPOCHS_MAX openings have gone by. Any thread. */
#define DEW_EPOCHS_MAX 64
bool dew_db_knows(const dew_db *db, uint64_t epoch, int64_t commit);

/* Statements that user code ran on readers so far. Any thread. */
uint64_t dew_db_statement_count(const dew_db *db);

/* ---- mutations ---- */

/* One mutation under way. The maker allocates it, zeroed, fills the first block and keeps it until on_done; dew_job_init
 * gives it its arena, which is emptied before each run: args do not stand there. */
struct dew_job {
    const dew_fn *fn;
    int (*run)(dew_tx *tx, const void *args, void *value);
    const void *args;    /* typed, borrowed */
    dew_str identity;    /* borrowed */
    dew_str client;      /* who sends, with the sequence of the sending; empty: no answer is kept. Borrowed */
    int64_t sequence;
    int64_t deadline_ns; /* monotonic clock; 0: none */
    unsigned is_cancelled; /* atomic access only: any thread may set it; a mutation not yet committed is then undone */
    void (*on_done)(dew_job *job); /* on the writer's thread, after the fsync; owns job from here on; must not block */
    dew_arena arena;     /* of one run: what the handler reads, its value, its answer */

    /* the outcome, for on_done */
    dew_error error;   /* code 0: done; DEW_E_REDIRECT: done, and the address */
    const void *value; /* typed, in the arena; NULL on error and redirect */
    dew_str answer;    /* value as canonical JSON, in the arena */
    int64_t commit;    /* the number that holds it; on an error the present one */
    bool is_resent;    /* this is the stored outcome of an earlier sending */

    /* private */
    dew_msg msg;
    struct dew_job *next_job;
};

/* Largest memory of one mutation: what it reads, its value. */
#define DEW_JOB_ARENA_MAX ((size_t)32 * 1024 * 1024)

/* What every address of the site begins with. */
dew_str dew_tx_url_prefix(const dew_tx *tx);

void dew_job_init(dew_job *job);
void dew_job_dispose(dew_job *job); /* frees the arena; the job itself is the maker's */

/* Queues a mutation. 0, and on_done will be called once; DEW_E_BUSY (queue full) or DEW_E_CLOSED, and it will not. Any
 * thread. */
int dew_db_submit(dew_db *db, dew_job *job) DEW_MUST_USE;

/* From then on (monotonic clock) a mutation that is not committed, queued or running, is undone and answered with
 * DEW_E_CANCELLED, so that dew_db_close ends. A handler is ended in its SQL, not in C that runs on for ever. Once; any
 * thread. */
void dew_db_end_by(dew_db *db, int64_t at_ns);

/* ---- foreign writes ---- */

/* Watches the WAL on this loop and has the writer look for transactions of other processes. One loop per database does.
 * A foreign commit has its number at the latest DEW_DB_FOREIGN_DELAY_MS after it, when it syncs no longer than that; else
 * at the latest as long again after it as its sync took, but no more than DEW_DB_FOREIGN_IDLE_MS. Where the system cannot
 * watch files, DEW_FILE_WATCH_POLL_MS more. */
#define DEW_DB_FOREIGN_DELAY_MS 50
#define DEW_DB_FOREIGN_IDLE_MS 5000
typedef struct dew_foreign dew_foreign;
int dew_foreign_open(dew_db *db, dew_loop *loop, dew_foreign **out) DEW_MUST_USE;
void dew_foreign_close(dew_foreign *foreign); /* on the loop's thread, or after it ended; takes NULL */

#endif
