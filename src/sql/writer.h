/* writer.h - the one writer of a shard: groups of mutations, one transaction and one fsync each (design rule 3).
 *
 * A group:
 *
 *     BEGIN IMMEDIATE        foreign commits since the last group? then the write set is everything
 *       per mutation:        stored answer of an earlier sending? that is the answer
 *         SAVEPOINT, run, RELEASE       or ROLLBACK TO: its changes and its part of the write set are gone
 *         is the transaction still there? (a full disk, an interrupt, OR ROLLBACK end it whole)
 *             no: this mutation is answered with its error, the others of the group run again
 *         its answer is stored beside it, under (client, sequence)
 *     number + 1, stamps raised, COMMIT
 *     on_commit, then the answers
 *
 * No thread of its own: db.c runs it on an actor, tests by hand. One thread at a time. */
#ifndef DEW_SQL_WRITER_H
#define DEW_SQL_WRITER_H

#include "sql/db.h"

/* Most mutations in one transaction, and how long it may take in more. */
#define DEW_WRITER_GROUP_MAX 512
#define DEW_WRITER_GROUP_NS INT64_C(5000000)

/* Frames in the WAL (a page each) from which the checkpointer is asked, and from which the writer finishes its work
 * itself, so that the WAL starts over. */
#define DEW_WRITER_CHECKPOINT_FRAMES 1000
#define DEW_WRITER_RESTART_FRAMES 8000

typedef struct dew_writer dew_writer;

/* On the open and migrated database. */
int dew_writer_create(dew_db *db, dew_writer **out, dew_error *error) DEW_MUST_USE;
void dew_writer_destroy(dew_writer *writer); /* takes NULL */

/* Runs the jobs of a list (by next_job, ended by NULL) in groups, in order, and answers every one. `more` may be NULL; it
 * gives further jobs that have arrived while there is room in the group. */
void dew_writer_run(dew_writer *writer, dew_job *first, dew_job *(*more)(void *context), void *context);

/* Looks for foreign commits; gives them a number when there are any. Returns whether there were. */
bool dew_writer_look(dew_writer *writer);

#endif
