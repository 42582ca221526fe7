/* schema.h - what a connection knows of its tables: columns, affinities, collations. For read and write sets.
 *
 * Loaded per table when first asked for, dropped when the schema version changes. Belongs to its connection. */
#ifndef DEW_SQL_SCHEMA_H
#define DEW_SQL_SCHEMA_H

#include "base/map.h"
#include "sql/key.h"

#include <dew/arena.h>

/* Tables looked at per connection; past it further ones are unknown (read sets become wider). */
#define DEW_SCHEMA_TABLES_MAX 4096

typedef enum dew_affinity { DEW_AFFINITY_BLOB, DEW_AFFINITY_TEXT, DEW_AFFINITY_NUMERIC } dew_affinity;

typedef struct dew_column {
    dew_str name;
    dew_affinity affinity; /* INTEGER and REAL compare like NUMERIC */
    bool is_binary;        /* BINARY collation */
} dew_column;

typedef enum dew_table_kind {
    DEW_TABLE_UNKNOWN,  /* no such table: a common table expression, a table-valued function */
    DEW_TABLE_ORDINARY,
    DEW_TABLE_VIEW,
    DEW_TABLE_VIRTUAL,
    DEW_TABLE_SYSTEM,   /* sqlite_…: writes to it are not seen by the preupdate hook */
} dew_table_kind;

typedef struct dew_table {
    dew_str name;
    dew_table_key key;
    dew_table_kind kind;
    bool has_generated; /* its rows cannot be told apart by column number */
    int column_count;
    dew_column *columns;
} dew_table;

typedef struct dew_schema {
    sqlite3 *db; /* borrowed */
    dew_arena arena;
    dew_map tables;
    int64_t version;
} dew_schema;

void dew_schema_init(dew_schema *schema, sqlite3 *db);
void dew_schema_dispose(dew_schema *schema);

/* Reads the schema version and forgets all tables when it is another. Runs SQL: not inside hooks. 0 or DEW_E_…; within a
 * read transaction what is loaded afterwards belongs to the same state. */
int dew_schema_refresh(dew_schema *schema) DEW_MUST_USE;

/* Never NULL but when out of memory or reading failed. Runs SQL. Borrowed until the next refresh. */
const dew_table *dew_schema_table(dew_schema *schema, dew_str name);

/* By name without regard to case; -1 when there is none. */
int dew_table_column(const dew_table *table, dew_str name);

bool dew_name_eq(dew_str a, dew_str b); /* ASCII case folded */

/* Calls on_table for each table whose rows the preupdate hook shows in a special way: with generated columns, or WITHOUT
 * ROWID. */
typedef void dew_schema_special_fn(void *context, dew_str name, bool has_generated, bool has_rowid);
int dew_schema_each_special(sqlite3 *db, dew_schema_special_fn *on_table, void *context) DEW_MUST_USE;

/* Calls on_table for each table that stores rows of the virtual table `name` ("name_…"). */
int dew_schema_each_shadow(sqlite3 *db, dew_str name, void (*on_table)(void *context, dew_str name),
                           void *context) DEW_MUST_USE;

#endif
