/* sqlite.h - SQLite with the declarations that Debian's header hides: its library is built with the preupdate hook. */
#ifndef DEW_SQL_SQLITE_H
#define DEW_SQL_SQLITE_H

#ifndef SQLITE_ENABLE_PREUPDATE_HOOK
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#endif
#include <sqlite3.h>

#endif
