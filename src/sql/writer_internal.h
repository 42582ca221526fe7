/* writer_internal.h - what writer.c (groups), tx.c (what a mutation calls) and answer.c (stored answers) share. */
#ifndef DEW_SQL_WRITER_INTERNAL_H
#define DEW_SQL_WRITER_INTERNAL_H

#include "base/buffer.h"
#include "sql/db_internal.h"
#include "sql/statement.h"
#include "sql/writer.h"

/* Tables that the preupdate hook shows in a special way. */
typedef struct dew_special_table {
    dew_table_key table;
    bool has_generated, has_rowid;
} dew_special_table;

typedef struct dew_own_statements {
    sqlite3_stmt *begin, *commit, *rollback, *savepoint, *release, *rollback_to, *raise, *number, *schema, *find, *store, *prune;
} dew_own_statements;

struct dew_writer {
    dew_db *db;
    dew_connection connection;
    dew_own_statements own;
    dew_write_builder builder;
    dew_special_table *special; /* owned */
    size_t special_count;
    dew_buf text;               /* scratch: arguments and answers as JSON */
    unsigned data_version;      /* of the file when our last transaction ended: another one means a foreign commit */
    int wal_frames;
    int64_t pruned_ms;
    dew_job *running;           /* for the progress handler */
    int cut_short;              /* why the progress handler ended the statement: 0, DEW_E_TIMEOUT, DEW_E_CANCELLED */
    int64_t schema_version;     /* that `special` was read at */
    bool is_schema_changed;     /* `special` has to be read again */
    /* of the group */
    bool has_written, is_foreign;
};

struct dew_tx {
    dew_writer *writer;
    dew_job *job;
    void *value; /* the mutation's result */
    dew_error error; /* the last one of its SQL, or of dew_tx_fail */
    bool is_failed;  /* by dew_tx_fail: no way back */
    bool is_redirect; /* by dew_tx_redirect: when the handler returns it, what it did stays */
    int64_t changes, last_id;
};

/* Is the job's time up, was it called off, does the database end? 0 or the code. */
int dew_job_check(const dew_writer *writer, const dew_job *job);

/* Has this transaction changed the schema? */
bool dew_writer_has_new_schema(dew_writer *writer);

/* answer.c. Looks for the outcome of an earlier sending: *found, and then the job is settled. An error is that of the
 * job. Inside the transaction. */
int dew_answer_find(dew_writer *writer, dew_job *job, bool *found);
/* Stores the job's outcome under its (client, sequence), to be committed as `number`. */
int dew_answer_store(dew_writer *writer, dew_job *job, int64_t number) DEW_MUST_USE;
/* Forgets outcomes that are older than DEW_DB_ANSWER_KEEP_MS, a few at a time. SQLITE_DONE, or why not: a fault that may
 * have ended the transaction. */
int dew_answer_prune(dew_writer *writer);
/* job->answer from job->value. */
int dew_answer_write(dew_writer *writer, dew_job *job) DEW_MUST_USE;

/* Steps one of our statements to its end and resets it; SQLITE_DONE, or SQLITE_ROW when it gave a row. */
int dew_own_run(sqlite3_stmt *statement);

#endif
