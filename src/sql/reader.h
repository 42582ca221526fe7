/* reader.h - a worker's readers: a few connections, shared by its fibers, and what dew_scope_sql runs on.
 *
 * Every statement reads the shard's commit number inside its own short read transaction (design rule 1) and adds what it
 * read to scope->reads. A statement that takes long yields its fiber to the loop now and then, on a connection that is
 * its own until it is done; it ends with the scope (DEW_E_CANCELLED, DEW_E_TIMEOUT). When all connections are taken,
 * fibers queue.
 *
 * One dew_sql per worker, used on its thread only. */
#ifndef DEW_SQL_READER_H
#define DEW_SQL_READER_H

#include "scope/scope.h"
#include "sql/db.h"
#include "sql/readset.h"

typedef struct dew_sql dew_sql;
typedef struct dew_sql_pin dew_sql_pin;

/* Connections per worker, opened when first needed. */
#define DEW_SQL_CONNECTIONS_MAX 4
/* Fibers waiting for a connection; past it DEW_E_BUSY. */
#define DEW_SQL_WAITERS_MAX 1024
/* Prepared statements kept per connection, least recently used dropped first. */
#define DEW_SQL_STATEMENTS_MAX 128

/* `loop` may be NULL: then nothing waits and nothing yields (tests, tools). */
int dew_sql_create(dew_db *db, struct dew_loop *loop, dew_sql **out) DEW_MUST_USE;

/* No statement may be running. Takes NULL. */
void dew_sql_destroy(dew_sql *sql);

/* The last resort of rule 1: one connection in one read transaction. Scopes whose `pin` is set run all their statements
 * in it and so see one commit number, dew_sql_pin_number; fibers may share it, one statement at a time. On a fiber (waits
 * for a connection in `scope`). While it is open nobody else uses the connection and the WAL cannot be restarted: close it
 * soon. */
int dew_sql_pin_open(dew_sql *sql, dew_scope *scope, dew_sql_pin **out) DEW_MUST_USE;
int64_t dew_sql_pin_number(const dew_sql_pin *pin);
/* Scopes that still run something in it must have ended; waits for their statements. On the fiber. Takes NULL. */
void dew_sql_pin_close(dew_sql_pin *pin);

#endif
