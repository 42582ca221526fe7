/* error.h - SQLite's result codes in our words. */
#ifndef DEW_SQL_ERROR_H
#define DEW_SQL_ERROR_H

#include "sql/sqlite.h"

#include <dew/error.h>

#include <stdbool.h>

/* 0 for SQLITE_OK, SQLITE_ROW and SQLITE_DONE; else DEW_E_CONSTRAINT, _FULL, _BUSY, _NOMEM, _LIMIT, _CANCELLED
 * (interrupted), _IO (disk, corruption, cannot open) or _INTERNAL (wrong SQL: the program's fault). */
int dew_error_of_sqlite(int rc);

/* Fills *error from the connection's last error, with what was being done and the statement; returns its code. */
int dew_error_from_db(dew_error *error, sqlite3 *db, int rc, const char *sql);

/* Somebody else holds what was asked for, of whatever kind (SQLITE_BUSY_RECOVERY is one): ask again. */
static inline bool dew_is_busy(int rc)
{
    return (rc & 0xff) == SQLITE_BUSY;
}

#endif
