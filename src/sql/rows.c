/* rows.c - rows of a statement into typed values. See rows.h.
 *
 * A statement and a type that do not fit, and stored values that the type cannot hold, are the program's fault and not
 * the visitor's: DEW_E_INTERNAL, with a message that names the column. */
#include "sql/rows.h"

#include "base/copy.h"
#include "base/utf8.h"
#include "sql/error.h"
#include "type/json.h"
#include "type/time.h"

#include <stdlib.h>

/* Room that a list begins with; as many as the statement gave last time, up to the second. */
#define ITEMS_FIRST 16
#define ITEMS_FIRST_MAX 64

/* ---- where rows go ---- */

static const dew_field *field_named(const dew_type *type, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < type->field_count; i++)
        if (type->fields[i].name_len == len && memcmp(type->fields[i].name, name, len) == 0)
            return &type->fields[i];
    return NULL;
}

static bool names_fields_of(const dew_type *type, sqlite3_stmt *statement)
{
    int count = sqlite3_column_count(statement);
    for (int i = 0; i < count; i++)
        if (field_named(type, sqlite3_column_name(statement, i)) == NULL)
            return false;
    return true;
}

static const dew_type *type_of_field(const dew_field *field)
{
    bool is_composite = field->kind == DEW_KIND_STRUCT || field->kind == DEW_KIND_LIST;
    return is_composite && !field->optional ? field->type() : NULL;
}

/* The member of a struct at `offset`, however deep. */
static bool find_member(const dew_type *type, size_t offset, char *value, sqlite3_stmt *statement,
                        dew_rows_target *target)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const dew_field *field = &type->fields[i];
        const dew_type *inner = type_of_field(field);
        size_t len = inner != NULL ? inner->size : 1;
        if (offset < field->offset || offset >= field->offset + len)
            continue;
        size_t inside = offset - field->offset;
        if (inner != NULL && inner->kind == DEW_KIND_STRUCT && (inside > 0 || !names_fields_of(inner, statement)))
            return find_member(inner, inside, value, statement, target);
        if (inside != 0)
            return false;
        *target = (dew_rows_target){ value, inner, *field };
        target->scalar.offset = 0;
        return true;
    }
    return false;
}

int dew_rows_find(dew_sql_out out, void *root, const dew_type *root_type, sqlite3_stmt *statement,
                  dew_rows_target *target, dew_error *error)
{
    if (out.type != NULL) {
        *target = (dew_rows_target){ .value = out.value, .type = out.type };
        return 0;
    }
    uintptr_t at = (uintptr_t)out.value, start = (uintptr_t)root;
    if (root != NULL && root_type != NULL && at >= start && at < start + root_type->size) {
        bool is_struct = root_type->kind == DEW_KIND_STRUCT;
        if (at == start && (!is_struct || names_fields_of(root_type, statement))) {
            *target = (dew_rows_target){ .value = out.value, .type = root_type };
            return 0;
        }
        if (is_struct && find_member(root_type, at - start, out.value, statement, target))
            return 0;
        if (at == start) { /* let the map say which column is wrong */
            *target = (dew_rows_target){ .value = out.value, .type = root_type };
            return 0;
        }
    }
    return dew_error_set(
        error, DEW_E_INTERNAL,
        "dew_sql: `out` is neither the handler's result nor a member of it: use dew_sql_into (in: %.120s)",
        sqlite3_sql(statement));
}

/* ---- columns to fields ---- */

void dew_rows_map_dispose(dew_rows_map *map)
{
    free(map->fields);
    *map = (dew_rows_map){ 0 };
}

static int map_struct(dew_rows_map *map, const dew_type *type, sqlite3_stmt *statement, dew_error *error)
{
    for (int i = 0; i < map->column_count; i++) {
        const char *name = sqlite3_column_name(statement, i);
        map->fields[i] = field_named(type, name);
        if (map->fields[i] == NULL)
            return dew_error_set(error, DEW_E_INTERNAL, "column \"%s\" has no field in %s (in: %.120s)", name,
                                 type->name, sqlite3_sql(statement));
        for (int j = 0; j < i; j++)
            if (map->fields[j] == map->fields[i])
                return dew_error_set(error, DEW_E_INTERNAL, "column \"%s\" comes twice (in: %.120s)", name,
                                     sqlite3_sql(statement));
    }
    for (size_t f = 0; f < type->field_count; f++) {
        bool is_mapped = type->fields[f].kind == DEW_KIND_STRUCT || type->fields[f].kind == DEW_KIND_LIST;
        for (int i = 0; i < map->column_count && !is_mapped; i++)
            is_mapped = map->fields[i] == &type->fields[f];
        if (!is_mapped)
            return dew_error_set(error, DEW_E_INTERNAL, "%s.%s has no column; name it with AS (in: %.120s)", type->name,
                                 type->fields[f].name, sqlite3_sql(statement));
    }
    return 0;
}

static int map_row(dew_rows_map *map, const dew_type *row, size_t item_size, sqlite3_stmt *statement, dew_error *error)
{
    map->item_size = item_size;
    map->column_count = sqlite3_column_count(statement);
    if (map->column_count == 0)
        return dew_error_set(error, DEW_E_INTERNAL, "dew_sql needs a statement that gives rows (in: %.120s)",
                             sqlite3_sql(statement));
    if (map->column_count > DEW_ROWS_COLUMNS_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "more than %d columns\n(in: %.120s)", DEW_ROWS_COLUMNS_MAX,
                             sqlite3_sql(statement));
    if (row == NULL)
        return map->column_count == 1 ? 0
                                      : dew_error_set(error, DEW_E_INTERNAL, "%d columns into one value (in: %.120s)",
                                                      map->column_count, sqlite3_sql(statement));
    map->fields = calloc((size_t)map->column_count, sizeof *map->fields);
    if (map->fields == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    return map_struct(map, row, statement, error);
}

static bool map_fits(const dew_rows_map *map, const dew_rows_target *target)
{
    if (map->item_size == 0 || map->type != target->type)
        return false;
    return map->type != NULL ||
           (map->scalar.kind == target->scalar.kind && map->scalar.optional == target->scalar.optional &&
            map->scalar.type == target->scalar.type);
}

int dew_rows_map_make(dew_rows_map *map, sqlite3_stmt *statement, const dew_rows_target *target, dew_error *error)
{
    if (map_fits(map, target))
        return 0;
    dew_rows_map made = { .type = target->type, .scalar = target->scalar };
    const dew_type *row = target->type;
    size_t item_size = row != NULL ? row->size : 1;
    if (row != NULL && row->kind == DEW_KIND_LIST) {
        item_size = row->item_size;
        made.scalar = (dew_field){ .kind = row->item_kind, .type = row->item };
        row = row->item_kind == DEW_KIND_STRUCT ? row->item() : NULL;
    }
    int code = map_row(&made, row, item_size, statement, error);
    if (code != 0) {
        dew_rows_map_dispose(&made);
        return code;
    }
    dew_rows_map_dispose(map);
    *map = made;
    return 0;
}

/* ---- one cell ----
 *
 * Read through the column's sqlite3_value, one look-up instead of one per question. SQLite calls such values unprotected:
 * other threads must not use the connection meanwhile, and none has it. */

typedef struct dew_cell {
    sqlite3_value *value;
    int storage; /* SQLITE_INTEGER, … */
} dew_cell;

static const char *const storage_names[] = { "", "an integer", "a real number", "text", "a blob", "NULL" };

static int wrong(dew_error *error, sqlite3_stmt *statement, int column, const char *expected)
{
    return dew_error_set(error, DEW_E_INTERNAL, "column \"%s\": expected %s, found %s (in: %.120s)",
                         sqlite3_column_name(statement, column), expected,
                         storage_names[sqlite3_column_type(statement, column)], sqlite3_sql(statement));
}

/* `cell` holds text or a blob, `from` are its bytes. */
static int copy_bytes(dew_rows_reader *r, sqlite3_value *cell, const void *from, dew_str *out, dew_error *error)
{
    size_t len = (size_t)sqlite3_value_bytes(cell);
    char *copy = dew_arena_text(r->arena, len);
    if (copy == NULL)
        return dew_error_set(error, DEW_E_LIMIT, "the result is too large for the handler's memory\n(in: %.120s)",
                             sqlite3_sql(r->statement));
    if (len > 0)
        dew_copy_short(copy, from, len);
    *out = dew_str_make(copy, len);
    return 0;
}

static int read_text(dew_rows_reader *r, int column, const dew_cell *cell, dew_str *out, dew_error *error)
{
    if (cell->storage != SQLITE_TEXT)
        return wrong(error, r->statement, column, "text");
    int code = copy_bytes(r, cell->value, sqlite3_value_text(cell->value), out, error);
    if (code == 0 && !dew_utf8_is_valid(*out))
        return wrong(error, r->statement, column, "UTF-8");
    return code;
}

static int read_time(dew_rows_reader *r, int column, const dew_cell *cell, int64_t *out, dew_error *error)
{
    if (cell->storage == SQLITE_INTEGER) {
        *out = sqlite3_value_int64(cell->value);
        return *out >= DEW_TIME_MIN && *out <= DEW_TIME_MAX ? 0 : wrong(error, r->statement, column, "a time");
    }
    const char *text = (const char *)sqlite3_value_text(cell->value);
    if (cell->storage == SQLITE_TEXT &&
        dew_time_read(dew_str_make(text, (size_t)sqlite3_value_bytes(cell->value)), out))
        return 0;
    return wrong(error, r->statement, column, "a time: microseconds since 1970, or RFC 3339 text");
}

static int read_enum(dew_rows_reader *r, int column, const dew_cell *cell, const dew_type *type, void *out,
                     dew_error *error)
{
    dew_str text = { NULL, 0 };
    if (cell->storage == SQLITE_TEXT)
        text = dew_str_make((const char *)sqlite3_value_text(cell->value), (size_t)sqlite3_value_bytes(cell->value));
    for (unsigned i = 0; i < type->name_count && text.ptr != NULL; i++)
        if (dew_str_eq(text, dew_str_of(type->names[i]))) {
            *(int *)out = (int)i;
            return 0;
        }
    return wrong(error, r->statement, column, "the name of a constant");
}

static int read_json(dew_rows_reader *r, int column, const dew_cell *cell, const dew_field *field, void *out,
                     dew_error *error)
{
    if (cell->storage != SQLITE_TEXT)
        return wrong(error, r->statement, column, "JSON text");
    dew_str text;
    int code = copy_bytes(r, cell->value, sqlite3_value_text(cell->value), &text, error);
    if (code != 0)
        return code;
    const char *where = sqlite3_column_name(r->statement, column);
    if (field->kind == DEW_KIND_JSON)
        code = dew_json_check(text, where, error);
    else
        code = dew_json_read(r->arena, text, field->type(), out, where, error);
    if (code == 0 && field->kind == DEW_KIND_JSON)
        *(dew_str *)out = text;
    if (code != 0 && error != NULL)
        error->code = DEW_E_INTERNAL;
    return code == 0 ? 0 : DEW_E_INTERNAL;
}

static int read_integer(dew_rows_reader *r, int column, const dew_cell *cell, unsigned kind, void *out,
                        dew_error *error)
{
    if (cell->storage != SQLITE_INTEGER)
        return wrong(error, r->statement, column, "an integer");
    int64_t value = sqlite3_value_int64(cell->value);
    if (kind == DEW_KIND_I64) {
        *(int64_t *)out = value;
    } else if (kind == DEW_KIND_I32) {
        if (value < INT32_MIN || value > INT32_MAX)
            return wrong(error, r->statement, column, "a 32-bit integer");
        *(int32_t *)out = (int32_t)value;
    } else {
        if (value != 0 && value != 1)
            return wrong(error, r->statement, column, "0 or 1");
        *(bool *)out = value != 0;
    }
    return 0;
}

static int read_value(dew_rows_reader *r, int column, const dew_cell *cell, const dew_field *field, void *out,
                      dew_error *error)
{
    switch (field->kind) {
    case DEW_KIND_BOOL:
    case DEW_KIND_I32:
    case DEW_KIND_I64:
        return read_integer(r, column, cell, field->kind, out, error);
    case DEW_KIND_F64:
        if (cell->storage != SQLITE_FLOAT && cell->storage != SQLITE_INTEGER)
            return wrong(error, r->statement, column, "a number");
        *(double *)out = sqlite3_value_double(cell->value);
        return 0;
    case DEW_KIND_STR:
        return read_text(r, column, cell, out, error);
    case DEW_KIND_BYTES:
        if (cell->storage != SQLITE_BLOB)
            return wrong(error, r->statement, column, "a blob");
        return copy_bytes(r, cell->value, sqlite3_value_blob(cell->value), out, error);
    case DEW_KIND_TIME:
        return read_time(r, column, cell, out, error);
    case DEW_KIND_ENUM:
        return read_enum(r, column, cell, field->type(), out, error);
    default:
        return read_json(r, column, cell, field, out, error);
    }
}

/* The commonest cell, in line; false: read_cell has to look. */
static inline bool read_i64(const dew_cell *cell, const dew_field *field, char *row)
{
    if (cell->storage != SQLITE_INTEGER || field->kind != DEW_KIND_I64 || field->optional)
        return false;
    *(int64_t *)(void *)(row + field->offset) = sqlite3_value_int64(cell->value);
    return true;
}

static int read_cell(dew_rows_reader *r, int column, const dew_cell *cell, const dew_field *field, char *row,
                     dew_error *error)
{
    char *member = row + field->offset;
    if (cell->storage == SQLITE_NULL) {
        if (field->optional)
            return 0; /* zeroed: absent */
        return dew_error_set(error, DEW_E_INTERNAL, "column \"%s\" is NULL, and its field is not optional (in: %.120s)",
                             sqlite3_column_name(r->statement, column), sqlite3_sql(r->statement));
    }
    if (field->optional) {
        *(bool *)member = true;
        member += field->value_offset;
    }
    return read_value(r, column, cell, field, member, error);
}

/* ---- rows ---- */

static size_t size_of_scalar(const dew_field *field)
{
    static const uint8_t sizes[] = {
        [DEW_KIND_BOOL] = sizeof(bool),    [DEW_KIND_I32] = sizeof(int32_t),  [DEW_KIND_I64] = sizeof(int64_t),
        [DEW_KIND_F64] = sizeof(double),   [DEW_KIND_STR] = sizeof(dew_str),  [DEW_KIND_BYTES] = sizeof(dew_str),
        [DEW_KIND_TIME] = sizeof(int64_t), [DEW_KIND_JSON] = sizeof(dew_str),
    };
    size_t size = field->kind < DEW_KIND_ENUM ? sizes[field->kind] : field->type()->size;
    return size + (field->optional ? field->value_offset : 0);
}

void dew_rows_begin(dew_rows_reader *reader, dew_rows_map *map, const dew_rows_target *target, dew_arena *arena,
                    sqlite3_stmt *statement)
{
    *reader = (dew_rows_reader){ .map = map, .target = *target, .arena = arena, .statement = statement };
    memset(target->value, 0, target->type != NULL ? target->type->size : size_of_scalar(&target->scalar));
}

static size_t first_cap(const dew_rows_map *map)
{
    size_t last = map->last_count;
    return last < ITEMS_FIRST ? ITEMS_FIRST : last > ITEMS_FIRST_MAX ? ITEMS_FIRST_MAX : last;
}

static char *next_row(dew_rows_reader *r, dew_error *error)
{
    size_t item_size = r->map->item_size;
    if (r->target.type == NULL || r->target.type->kind != DEW_KIND_LIST) {
        if (r->count == 1) {
            dew_error_set(error, DEW_E_CONFLICT, "more than one row\n(in: %.160s)", sqlite3_sql(r->statement));
            return NULL;
        }
        return r->target.value;
    }
    if (r->count == DEW_ROWS_MAX) {
        dew_error_set(error, DEW_E_LIMIT, "more than %d rows\n(in: %.160s)", DEW_ROWS_MAX, sqlite3_sql(r->statement));
        return NULL;
    }
    if (r->count == r->cap) {
        size_t cap = r->cap == 0 ? first_cap(r->map) : r->cap * 2;
        char *items = dew_arena_grow(r->arena, r->items, r->cap * item_size, cap * item_size);
        if (items == NULL) {
            dew_error_set(error, DEW_E_LIMIT, "the result is too large for the handler's memory\n(in: %.120s)",
                          sqlite3_sql(r->statement));
            return NULL;
        }
        r->items = items;
        r->cap = cap;
    }
    char *row = r->items + r->count * item_size;
    memset(row, 0, item_size);
    return row;
}

int dew_rows_add(dew_rows_reader *r, dew_error *error)
{
    dew_error fault; /* its message is written when there is one: zeroing it for each row would show */
    fault.code = 0;
    char *row = next_row(r, &fault);
    if (row == NULL)
        goto done;
    const dew_field *const scalar = &r->map->scalar, *const *fields = r->map->fields;
    const int count = fields != NULL ? r->map->column_count : 1;
    if (fields == NULL)
        fields = &scalar;
    for (int i = 0; i < count && fault.code == 0; i++) {
        dew_cell cell = { .value = sqlite3_column_value(r->statement, i) };
        cell.storage = sqlite3_value_type(cell.value);
        if (!read_i64(&cell, fields[i], row))
            read_cell(r, i, &cell, fields[i], row, &fault);
    }
    r->count++;
done:
    if (fault.code != 0 && error != NULL)
        *error = fault;
    return fault.code;
}

int dew_rows_end(dew_rows_reader *r, dew_error *error)
{
    if (r->target.type == NULL || r->target.type->kind != DEW_KIND_LIST)
        return r->count == 1
                   ? 0
                   : dew_error_set(error, DEW_E_NOT_FOUND, "no such row\n(in: %.160s)", sqlite3_sql(r->statement));
    struct list {
        void *items;
        size_t count;
    } *list = r->target.value; /* every list type has this shape (dew/type.h) */
    list->items = r->items;
    list->count = r->count;
    r->map->last_count = r->count;
    return 0;
}

/* ---- parameters ---- */

static int bind_one(sqlite3_stmt *statement, int place, const dew_sql_value *value)
{
    switch (value->kind) {
    case DEW_SQL_I64:
        return sqlite3_bind_int64(statement, place, value->as.i64);
    case DEW_SQL_F64:
        return sqlite3_bind_double(statement, place, value->as.f64);
    case DEW_SQL_TEXT:
        return sqlite3_bind_text64(statement, place, value->as.text.ptr != NULL ? value->as.text.ptr : "",
                                   value->as.text.len, SQLITE_STATIC, SQLITE_UTF8);
    case DEW_SQL_BLOB:
        return sqlite3_bind_blob64(statement, place, value->as.text.ptr != NULL ? value->as.text.ptr : "",
                                   value->as.text.len, SQLITE_STATIC);
    default:
        return sqlite3_bind_null(statement, place);
    }
}

int dew_rows_bind(sqlite3_stmt *statement, const dew_sql_value *values, size_t count, dew_error *error)
{
    int expected = sqlite3_bind_parameter_count(statement);
    if ((size_t)expected != count)
        return dew_error_set(error, DEW_E_INTERNAL, "%d parameters, %zu values (in: %.160s)", expected, count,
                             sqlite3_sql(statement));
    for (size_t i = 0; i < count; i++) {
        int rc = bind_one(statement, (int)i + 1, &values[i]);
        if (rc != SQLITE_OK)
            return dew_error_from_db(error, sqlite3_db_handle(statement), rc, sqlite3_sql(statement));
    }
    return 0;
}
