/* dew/sql.h - SQL inside loaders and mutations.
 *
 * Rows go into typed values by column name: a list gets every row, a struct gets the one row (DEW_E_NOT_FOUND when there
 * is none, DEW_E_CONFLICT when there are more). Missing and surplus columns, and NULL into a field that is not optional,
 * are errors that name the column. User SQL may not BEGIN, COMMIT, ROLLBACK, SAVEPOINT, ATTACH or PRAGMA.
 *
 *     dew_sql(scope, out, "SELECT id, title FROM task WHERE board_id = ?", key->board_id)
 *     dew_exec(tx, "UPDATE task SET title = ? WHERE id = ?", m->title, m->id)
 *
 * Parameters may be bool, integers, double, dew_str, char *, and optionals of these; dew_bytes(slice) binds a BLOB,
 * dew_null() a NULL. At most 16. */
#ifndef DEW_SQL_H
#define DEW_SQL_H

#include <dew/scope.h>
#include <dew/type.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A write transaction: one mutation on one shard. Only inside the mutation's handler, which must not suspend. */
typedef struct dew_tx dew_tx;

typedef enum dew_sql_kind { DEW_SQL_NULL, DEW_SQL_I64, DEW_SQL_F64, DEW_SQL_TEXT, DEW_SQL_BLOB } dew_sql_kind;
typedef struct dew_sql_value {
    dew_sql_kind kind;
    union {
        int64_t i64;
        double f64;
        dew_str text; /* borrowed until the statement has run */
    } as;
} dew_sql_value;

/* Where the rows go: `out` is the handler's result or a member of it (its type is then known), or any value together
 * with its type. */
typedef struct dew_sql_out {
    void *value;          /* zeroed first; text and items come from the handler's arena */
    const dew_type *type; /* NULL: find it from the handler's result */
} dew_sql_out;

/* The functions behind the macros. What a handler does wrong (SQL that does not parse or is not allowed here, another
 * count of values than of ?-marks, columns that do not fit) is DEW_E_INTERNAL: the visitor did nothing wrong, and the log
 * says what and where. */
int dew_scope_sql(dew_scope *scope, dew_sql_out out, const char *sql, const dew_sql_value *values,
                  size_t count) DEW_MUST_USE;
int dew_tx_sql(dew_tx *tx, dew_sql_out out, const char *sql, const dew_sql_value *values, size_t count) DEW_MUST_USE;
int dew_tx_exec(dew_tx *tx, const char *sql, const dew_sql_value *values, size_t count) DEW_MUST_USE;

/* Of the last dew_exec in this mutation: the rows it changed, the rowid that it inserted (sqlite3_last_insert_rowid). */
int64_t dew_tx_changes(const dew_tx *tx);
int64_t dew_tx_last_id(const dew_tx *tx);
/* Memory until the mutation is answered: what *out points to lives here. */
dew_arena *dew_tx_arena(dew_tx *tx);
/* dew_app_config.context. A mutation may run more than once before it is committed: it changes nothing there. */
void *dew_tx_context(dew_tx *tx);

/* As dew_scope_identity: of whoever called the mutation. */
dew_str dew_tx_identity(dew_tx *tx);

/* Fails the mutation: everything it did is undone, the caller gets code and message (as with dew_fail). Returns `code`.
 * "title: say what it is called" shows at the form's field of that name. */
int dew_tx_fail(dew_tx *tx, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

static inline dew_sql_value dew_sql_of_i64(int64_t v) { dew_sql_value x = { DEW_SQL_I64, { 0 } }; x.as.i64 = v; return x; }
static inline dew_sql_value dew_sql_of_f64(double v) { dew_sql_value x = { DEW_SQL_F64, { 0 } }; x.as.f64 = v; return x; }
static inline dew_sql_value dew_sql_of_str(dew_str v) { dew_sql_value x = { DEW_SQL_TEXT, { 0 } }; x.as.text = v; return x; }
static inline dew_sql_value dew_sql_of_cstr(const char *v) { dew_sql_value x = { v != NULL ? DEW_SQL_TEXT : DEW_SQL_NULL, { 0 } }; x.as.text = dew_str_of(v); return x; }
static inline dew_sql_value dew_sql_of_value(dew_sql_value v) { return v; }
static inline dew_sql_value dew_sql_of_opt_i64(dew_opt_i64 v) { dew_sql_value n = { DEW_SQL_NULL, { 0 } }; return v.has ? dew_sql_of_i64(v.value) : n; }
static inline dew_sql_value dew_sql_of_opt_i32(dew_opt_i32 v) { dew_sql_value n = { DEW_SQL_NULL, { 0 } }; return v.has ? dew_sql_of_i64(v.value) : n; }
static inline dew_sql_value dew_sql_of_opt_bool(dew_opt_bool v) { dew_sql_value n = { DEW_SQL_NULL, { 0 } }; return v.has ? dew_sql_of_i64(v.value) : n; }
static inline dew_sql_value dew_sql_of_opt_f64(dew_opt_f64 v) { dew_sql_value n = { DEW_SQL_NULL, { 0 } }; return v.has ? dew_sql_of_f64(v.value) : n; }
static inline dew_sql_value dew_sql_of_opt_str(dew_opt_str v) { dew_sql_value n = { DEW_SQL_NULL, { 0 } }; return v.has ? dew_sql_of_str(v.value) : n; }
static inline dew_sql_value dew_bytes(dew_str v) { dew_sql_value x = { DEW_SQL_BLOB, { 0 } }; x.as.text = v; return x; }
static inline dew_sql_value dew_null(void) { dew_sql_value x = { DEW_SQL_NULL, { 0 } }; return x; }

#ifndef __cplusplus
/* One C value → dew_sql_value, by its type. */
#define DEW_SQL_VALUE(x)                                                                                              \
    _Generic((x), bool: dew_sql_of_i64, char: dew_sql_of_i64, signed char: dew_sql_of_i64,                            \
             unsigned char: dew_sql_of_i64, short: dew_sql_of_i64, unsigned short: dew_sql_of_i64,                    \
             int: dew_sql_of_i64, unsigned: dew_sql_of_i64, long: dew_sql_of_i64, unsigned long: dew_sql_of_i64,      \
             long long: dew_sql_of_i64, unsigned long long: dew_sql_of_i64, float: dew_sql_of_f64,                    \
             double: dew_sql_of_f64, dew_str: dew_sql_of_str, char *: dew_sql_of_cstr,                                \
             const char *: dew_sql_of_cstr, dew_sql_value: dew_sql_of_value, dew_opt_i64: dew_sql_of_opt_i64,         \
             dew_opt_i32: dew_sql_of_opt_i32, dew_opt_bool: dew_sql_of_opt_bool, dew_opt_f64: dew_sql_of_opt_f64,     \
             dew_opt_str: dew_sql_of_opt_str)(x)

/* DEW_VALUES(a, b) → (const dew_sql_value[]){ {0}, DEW_SQL_VALUE(a), DEW_SQL_VALUE(b) } + 1, 2 */
#define DEW_MAP_0_(f)
#define DEW_MAP_1_(f, a) f(a),
#define DEW_MAP_2_(f, a, ...) f(a), DEW_MAP_1_(f, __VA_ARGS__)
#define DEW_MAP_3_(f, a, ...) f(a), DEW_MAP_2_(f, __VA_ARGS__)
#define DEW_MAP_4_(f, a, ...) f(a), DEW_MAP_3_(f, __VA_ARGS__)
#define DEW_MAP_5_(f, a, ...) f(a), DEW_MAP_4_(f, __VA_ARGS__)
#define DEW_MAP_6_(f, a, ...) f(a), DEW_MAP_5_(f, __VA_ARGS__)
#define DEW_MAP_7_(f, a, ...) f(a), DEW_MAP_6_(f, __VA_ARGS__)
#define DEW_MAP_8_(f, a, ...) f(a), DEW_MAP_7_(f, __VA_ARGS__)
#define DEW_MAP_9_(f, a, ...) f(a), DEW_MAP_8_(f, __VA_ARGS__)
#define DEW_MAP_10_(f, a, ...) f(a), DEW_MAP_9_(f, __VA_ARGS__)
#define DEW_MAP_11_(f, a, ...) f(a), DEW_MAP_10_(f, __VA_ARGS__)
#define DEW_MAP_12_(f, a, ...) f(a), DEW_MAP_11_(f, __VA_ARGS__)
#define DEW_MAP_13_(f, a, ...) f(a), DEW_MAP_12_(f, __VA_ARGS__)
#define DEW_MAP_14_(f, a, ...) f(a), DEW_MAP_13_(f, __VA_ARGS__)
#define DEW_MAP_15_(f, a, ...) f(a), DEW_MAP_14_(f, __VA_ARGS__)
#define DEW_MAP_16_(f, a, ...) f(a), DEW_MAP_15_(f, __VA_ARGS__)
#define DEW_COUNT_(z, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, count, ...) count
#define DEW_COUNT_ARGS_(...) DEW_COUNT_(z, ##__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define DEW_MAP_PICK__(count) DEW_MAP_##count##_
#define DEW_MAP_PICK_(count) DEW_MAP_PICK__(count)
#define DEW_VALUES(...)                                                                                               \
    (const dew_sql_value[]){ { DEW_SQL_NULL, { 0 } },                                                                 \
                             DEW_MAP_PICK_(DEW_COUNT_ARGS_(__VA_ARGS__))(DEW_SQL_VALUE, ##__VA_ARGS__) } + 1,         \
        DEW_COUNT_ARGS_(__VA_ARGS__)

/* Reads; `on` is a dew_scope * (loader, action) or a dew_tx * (mutation). 0 or DEW_E_… */
#define dew_sql(on, out, sql, ...)                                                                                    \
    _Generic((on), dew_scope *: dew_scope_sql, dew_tx *: dew_tx_sql)((on), (dew_sql_out){ (out), NULL }, (sql),        \
                                                                     DEW_VALUES(__VA_ARGS__))
/* As dew_sql, into a value of a named type: dew_sql_into(scope, task_list, &tasks, "SELECT …"). */
#define dew_sql_into(on, type_, out, sql, ...)                                                                        \
    _Generic((on), dew_scope *: dew_scope_sql, dew_tx *: dew_tx_sql)(                                                  \
        (on), (dew_sql_out){ (1 ? (out) : (dew_c_##type_ *)0), DEW_TYPE(type_) }, (sql), DEW_VALUES(__VA_ARGS__))
/* Writes. 0 or DEW_E_… */
#define dew_exec(tx, sql, ...) dew_tx_exec((tx), (sql), DEW_VALUES(__VA_ARGS__))
#endif

#ifdef __cplusplus
}
#endif
#endif
