/* rows.h - rows into typed values by column name.
 *
 * A map is made once per (statement, type) and kept with the statement: column i goes to field i of the map. Every
 * column needs a field and every field a column, fields that are structs or lists apart (they may be left out; a column
 * of their name holds JSON). Errors name the column. */
#ifndef DEW_SQL_ROWS_H
#define DEW_SQL_ROWS_H

#include "sql/sqlite.h"

#include <dew/sql.h>

/* Columns of one result; more are an error. */
#define DEW_ROWS_COLUMNS_MAX 256

/* Rows of one result; more are DEW_E_LIMIT. */
#define DEW_ROWS_MAX 1000000

/* Where rows go: a list, a struct, or one scalar field. */
typedef struct dew_rows_target {
    void *value;
    const dew_type *type; /* list or struct; NULL: a scalar */
    dew_field scalar;     /* its kind and whether it is optional (offset 0), when type is NULL */
} dew_rows_target;

typedef struct dew_rows_map {
    const dew_type *type;     /* of the target that it was made for */
    dew_field scalar;
    size_t item_size;         /* of one row's value */
    size_t last_count;        /* rows of the last list: what room the next one begins with */
    int column_count;
    const dew_field **fields; /* one per column, by malloc; NULL: the row is a single scalar */
} dew_rows_map;

/* Finds what `out` points to: itself when it carries a type, else `root` (of root_type) or a member of it. When a struct
 * and its first member share the address, the statement's columns decide. DEW_E_INVALID with a message. */
int dew_rows_find(dew_sql_out out, void *root, const dew_type *root_type, sqlite3_stmt *statement,
                  dew_rows_target *target, dew_error *error) DEW_MUST_USE;

/* Makes the map, or keeps the one that is there when it fits. */
int dew_rows_map_make(dew_rows_map *map, sqlite3_stmt *statement, const dew_rows_target *target,
                      dew_error *error) DEW_MUST_USE;
void dew_rows_map_dispose(dew_rows_map *map);

/* Reading: begin, then each row as it is stepped to, then end. */
typedef struct dew_rows_reader {
    dew_rows_map *map;
    dew_rows_target target;
    dew_arena *arena;
    sqlite3_stmt *statement;
    size_t count, cap;
    char *items;
} dew_rows_reader;

void dew_rows_begin(dew_rows_reader *reader, dew_rows_map *map, const dew_rows_target *target, dew_arena *arena,
                    sqlite3_stmt *statement); /* zeroes the target */
int dew_rows_add(dew_rows_reader *reader, dew_error *error) DEW_MUST_USE;
/* DEW_E_NOT_FOUND when a struct or scalar got no row. */
int dew_rows_end(dew_rows_reader *reader, dew_error *error) DEW_MUST_USE;

/* Binds values to the ?-marks; DEW_E_INVALID when their counts differ. Text is borrowed until the statement is reset. */
int dew_rows_bind(sqlite3_stmt *statement, const dew_sql_value *values, size_t count, dew_error *error) DEW_MUST_USE;

#endif
