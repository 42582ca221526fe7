/* error.c - SQLite's result codes in our words (sqlite.org/rescode.html). */
#include "sql/error.h"

int dew_error_of_sqlite(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_CONSTRAINT:
        return DEW_E_CONSTRAINT;
    case SQLITE_FULL:
        return DEW_E_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return DEW_E_BUSY;
    case SQLITE_NOMEM:
        return DEW_E_NOMEM;
    case SQLITE_TOOBIG:
        return DEW_E_LIMIT;
    case SQLITE_INTERRUPT:
        return DEW_E_CANCELLED;
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_READONLY:
        return DEW_E_IO;
    default:
        return DEW_E_INTERNAL;
    }
}

int dew_error_from_db(dew_error *error, sqlite3 *db, int rc, const char *sql)
{
    int code = dew_error_of_sqlite(rc);
    if (code == 0)
        code = DEW_E_INTERNAL;
    const char *what = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    if (dew_error_status(code) >= 500)
        return dew_error_set(error, code, "SQLite: %s (in: %.160s)", what, sql);
    return dew_error_set(error, code, "%s\nSQLite: %s (in: %.120s)", dew_error_text(code), what,
                         sql); /* the first line is for visitors */
}
