/* db_internal.h - what the files of this room share about a database. */
#ifndef DEW_SQL_DB_INTERNAL_H
#define DEW_SQL_DB_INTERNAL_H

#include "io/actor.h"
#include "io/file.h"
#include "sql/db.h"
#include "sql/statement.h"
#include "sql/vfs.h"
#include "sql/writer.h"

#include <stdatomic.h>

/* Longest path of the database file. */
#define DEW_DB_PATH_MAX 1024

/* Counters of statements: each worker's readers count in one of their own, apart by a cache line. */
#define DEW_DB_COUNTERS 64
typedef struct dew_statement_counter {
    _Alignas(64) _Atomic uint64_t count;
} dew_statement_counter;

static inline void dew_statement_count(dew_statement_counter *counter)
{
    atomic_fetch_add_explicit(&counter->count, 1, memory_order_relaxed);
}

typedef struct dew_epoch {
    int64_t begins; /* commit number */
    uint64_t name;
} dew_epoch;

struct dew_db {
    dew_db_config config;
    char path[DEW_DB_PATH_MAX], wal_path[DEW_DB_PATH_MAX + 4];
    dew_epoch epochs[DEW_EPOCHS_MAX]; /* this opening's first; epoch.c */
    size_t epoch_count;
    dew_file *dir; /* held: one program at a time; NULL where it cannot be */
    dew_vfs *vfs;
    dew_hash_key secret; /* of value keys */
    dew_stamps *stamps;
    _Atomic int64_t number;
    dew_statement_counter counters[DEW_DB_COUNTERS];
    _Atomic unsigned counter_next;
    _Atomic int64_t end_ns; /* dew_db_end_by; 0: not said */
    _Atomic int64_t looks_asked, looks_done; /* tickets of dew_db_look */

    dew_writer *writer; /* the writer's thread alone, once it runs */
    dew_actor *writer_actor, *checkpoint_actor;
    dew_connection checkpoint;        /* the checkpointer's thread alone */
    dew_msg checkpoint_msg, look_msg; /* at most one of each is under way: the flags say so */
    atomic_flag is_checkpoint_posted, is_look_posted;
};

/* The counter for one more dew_sql. */
dew_statement_counter *dew_db_counter(dew_db *db);

/* Has the writer look for foreign commits, soon; returns a ticket. Any thread. */
int64_t dew_db_look(dew_db *db);
/* Has it looked since the ticket was given? Any thread. */
bool dew_db_has_looked(const dew_db *db, int64_t ticket);

/* Has the checkpointer move the WAL's frames into the file. The writer's thread. */
void dew_db_checkpoint(dew_db *db);

/* epoch.c: begins this opening's epoch, within the transaction that makes the tables and after the number was raised; then
 * reads those that the file knows. */
int dew_epoch_begin(dew_connection *connection, dew_error *error) DEW_MUST_USE;
int dew_epochs_read(dew_db *db, dew_connection *connection, dew_error *error) DEW_MUST_USE;

/* migrate.c: makes Dew's tables, runs the migrations, raises the commit number once (each start is a commit, so that
 * what was written while nobody watched is covered). */
int dew_db_migrate(dew_db *db, dew_connection *connection, dew_error *error) DEW_MUST_USE;

#endif
