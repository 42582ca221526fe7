/* reader.c - a worker's readers, and dew_scope_sql. See reader.h.
 *
 * A statement's read transaction: the statement that reads the commit number is stepped to its row and left there, which
 * opens SQLite's read transaction; the user's statement runs inside it; resetting both ends it. No BEGIN, no COMMIT.
 *
 * A foreign commit (rule 8) that has no number yet shows as a new data version under an old number. Then the writer is
 * asked to look, and the statement starts over once it has: so no result carries a number of before a foreign write
 * together with data of after it, as far as this connection can tell. */
#include "sql/reader.h"

#include "io/clock.h"
#include "io/fiber.h"
#include "sql/db_internal.h"
#include "sql/error.h"
#include "sql/statement.h"

#include <assert.h>
#include <stdlib.h>

#define PROGRESS_OPS 1000
/* A statement runs so long before it lets the loop's other work have a turn: with a few of them at once, whoever is to end hears of
 * it within 5 ms. */
#define SLICE_NS INT64_C(1000000)
/* Starting over: a schema that changed, a foreign commit. */
#define TRIES_MAX 4
#define FOREIGN_WAIT_MS 1000
#define BUSY_WAIT_MS 1000

typedef struct reader {
    dew_connection connection;
    sqlite3_stmt *number;
    dew_sql *sql;
    dew_scope *scope; /* whose statement runs; NULL: none */
    bool is_taken;
    int64_t slice_start_ns;
    int64_t last_number; /* seen with last_version; -1: nothing yet */
    unsigned last_version;
} reader;

struct dew_sql {
    dew_db *db;
    dew_loop *loop;
    reader readers[DEW_SQL_CONNECTIONS_MAX];
    dew_link waiters; /* of waiter, first come first served */
    size_t waiter_count;
    dew_statement_counter *counter;
};

struct dew_sql_pin {
    reader *reader;
    int64_t number;
    bool is_busy; /* a statement is half way: others wait for its end */
};

/* A fiber that waits for a connection. Stands on its stack. */
typedef struct waiter {
    dew_link link;
    dew_fiber *fiber;
    reader *granted;
    bool is_granted;
} waiter;

/* ---- connections ---- */

/* Ends a statement whose scope is over, and lets others run when it takes long. */
static int on_progress(void *context)
{
    reader *r = context;
    if (r->scope == NULL)
        return 0;
    int64_t now = dew_clock_now_ns();
    if (dew_scope_check(r->scope, now) != 0)
        return 1;
    if (now - r->slice_start_ns < SLICE_NS || dew_fiber_current() == NULL)
        return 0;
    dew_fiber_yield();
    r->slice_start_ns = dew_clock_now_ns();
    return dew_scope_check(r->scope, r->slice_start_ns) != 0;
}

static int reader_open(dew_sql *sql, reader *r, dew_error *error)
{
    dew_db *db = sql->db;
    dew_connection_options options = { .path = db->path,
                                       .vfs = dew_vfs_name(db->vfs),
                                       .mode = DEW_GUARD_READ,
                                       .secret = db->secret,
                                       .statement_max = DEW_SQL_STATEMENTS_MAX };
    int code = dew_connection_open(&r->connection, &options, error);
    if (code != 0)
        return code;
    code = dew_connection_prepare(&r->connection, "SELECT number FROM dew_commit WHERE shard = 'default'", &r->number,
                                  error);
    if (code != 0) {
        dew_connection_close(&r->connection);
        return code;
    }
    r->sql = sql;
    r->last_number = -1;
    sqlite3_progress_handler(r->connection.db, PROGRESS_OPS, on_progress, r);
    return 0;
}

int dew_sql_create(dew_db *db, dew_loop *loop, dew_sql **out)
{
    dew_sql *sql = calloc(1, sizeof *sql);
    if (sql == NULL)
        return DEW_E_NOMEM;
    sql->db = db;
    sql->loop = loop;
    sql->counter = dew_db_counter(db);
    dew_list_init(&sql->waiters);
    *out = sql;
    return 0;
}

void dew_sql_destroy(dew_sql *sql)
{
    if (sql == NULL)
        return;
    assert(dew_list_is_empty(&sql->waiters));
    for (size_t i = 0; i < DEW_SQL_CONNECTIONS_MAX; i++) {
        assert(!sql->readers[i].is_taken);
        sqlite3_finalize(sql->readers[i].number);
        dew_connection_close(&sql->readers[i].connection);
    }
    free(sql);
}

/* ---- taking turns ---- */

/* Hands the connection to who has waited longest. */
static void give_back(reader *r)
{
    dew_sql *sql = r->sql;
    r->scope = NULL;
    dew_link *first = dew_list_pop_front(&sql->waiters);
    if (first == NULL) {
        r->is_taken = false;
        return;
    }
    waiter *next = dew_container_of(first, waiter, link);
    sql->waiter_count--;
    next->granted = r;
    next->is_granted = true;
    dew_fiber_resume(next->fiber);
}

static int wait_for_reader(dew_sql *sql, dew_scope *scope, reader **out, dew_error *error)
{
    waiter w = { .fiber = dew_fiber_current() };
    if (w.fiber == NULL || sql->waiter_count >= DEW_SQL_WAITERS_MAX)
        return dew_error_set(error, DEW_E_BUSY, "all database connections are taken");
    dew_list_push_back(&sql->waiters, &w.link);
    sql->waiter_count++;
    if (!dew_scope_await(scope, &w.is_granted)) {
        dew_list_unlink(&w.link);
        sql->waiter_count--;
        return dew_error_set(error, scope->ended, "%s", dew_error_text(scope->ended));
    }
    if (scope->ended != 0) {
        give_back(w.granted);
        return dew_error_set(error, scope->ended, "%s", dew_error_text(scope->ended));
    }
    *out = w.granted;
    return 0;
}

static int take_reader(dew_sql *sql, dew_scope *scope, reader **out, dew_error *error)
{
    reader *closed = NULL;
    for (size_t i = 0; i < DEW_SQL_CONNECTIONS_MAX; i++) {
        reader *r = &sql->readers[i];
        if (r->connection.db == NULL) {
            closed = closed != NULL ? closed : r;
        } else if (!r->is_taken) {
            r->is_taken = true;
            *out = r;
            return 0;
        }
    }
    if (closed == NULL)
        return wait_for_reader(sql, scope, out, error);
    int code = reader_open(sql, closed, error);
    if (code != 0)
        return code;
    closed->is_taken = true;
    *out = closed;
    return 0;
}

/* ---- one statement ---- */

typedef struct request {
    dew_scope *scope;
    dew_sql_out out;
    const char *sql;
    const dew_sql_value *values;
    size_t count;
} request;

static int step_failed(reader *r, int rc, const char *sql, dew_error *error)
{
    int ended = r->scope->ended;
    if (rc == SQLITE_INTERRUPT && ended != 0)
        return dew_error_set(error, ended, "%s", dew_error_text(ended));
    return dew_error_from_db(error, r->connection.db, rc, sql);
}

static void pause_ms(reader *r)
{
    if (dew_fiber_current() != NULL)
        dew_fiber_sleep_ms(1);
    else
        dew_vfs_sleep(r->sql->db->vfs, 1000);
}

/* Opens the read transaction and reads its number. Another process that recovers the WAL may hold us up for a moment. */
static int open_read(reader *r, int64_t *number, dew_error *error)
{
    int rc = sqlite3_step(r->number);
    for (int waited = 0; dew_is_busy(rc) && waited < BUSY_WAIT_MS && r->scope->ended == 0; waited++) {
        sqlite3_reset(r->number);
        pause_ms(r);
        rc = sqlite3_step(r->number);
    }
    if (rc != SQLITE_ROW) {
        sqlite3_reset(r->number);
        return step_failed(r, rc, "SELECT number", error);
    }
    *number = sqlite3_column_int64(r->number, 0);
    return 0;
}

/* Is this a state that nobody has numbered? */
static bool is_foreign(reader *r, int64_t number)
{
    unsigned version = 0;
    sqlite3_file_control(r->connection.db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    bool is_unnumbered = r->last_number == number && r->last_version != version;
    r->last_number = number;
    r->last_version = version;
    return is_unnumbered;
}

static void wait_for_number(reader *r)
{
    int64_t ticket = dew_db_look(r->sql->db);
    for (int waited = 0; waited < FOREIGN_WAIT_MS && !dew_db_has_looked(r->sql->db, ticket) && r->scope->ended == 0;
         waited++)
        pause_ms(r);
}

/* Steps through the rows. A statement that SQLite had to prepare anew runs again: plan and map are of another schema. */
static int read_rows(reader *r, const request *q, dew_statement *statement, bool *again, dew_error *error)
{
    dew_rows_target target;
    dew_rows_reader rows;
    int code = dew_rows_bind(statement->handle, q->values, q->count, error);
    if (code == 0)
        code = dew_rows_find(q->out, q->scope->out, q->scope->out_type, statement->handle, &target, error);
    if (code == 0)
        code = dew_rows_map_make(&statement->map, statement->handle, &target, error);
    if (code != 0)
        return code;
    dew_rows_begin(&rows, &statement->map, &target, q->scope->arena, statement->handle);
    int rc = sqlite3_step(statement->handle);
    if (dew_statement_is_stale(statement)) {
        *again = true;
        return 0;
    }
    for (; code == 0 && rc != SQLITE_DONE; rc = code == 0 ? sqlite3_step(statement->handle) : rc)
        code = rc == SQLITE_ROW ? dew_rows_add(&rows, error) : step_failed(r, rc, q->sql, error);
    return code == 0 ? dew_rows_end(&rows, error) : code;
}

static void note_reads(reader *r, const request *q, const dew_statement *statement, int64_t number)
{
    dew_read_log *log = q->scope->reads;
    if (log == NULL)
        return;
    dew_plan_bind(&statement->plan, r->connection.secret, q->values, q->count, dew_scope_root(q->scope)->arena,
                  &log->set);
    dew_read_log_saw(log, number);
}

static int run_at(reader *r, const request *q, int64_t number, bool *again, dew_error *error)
{
    dew_statement *statement = NULL;
    int code = dew_connection_take(&r->connection, q->sql, &statement, error);
    if (code != 0)
        return code;
    dew_statement_count(r->sql->counter);
    code = read_rows(r, q, statement, again, error);
    /* what failed has read too: an error may stop being one when the data changes */
    if (!*again)
        note_reads(r, q, statement, number);
    if (dew_statement_is_stale(statement))
        dew_connection_drop(&r->connection, statement);
    else
        dew_connection_give(&r->connection, statement);
    return code;
}

static int run_once(reader *r, const request *q, bool is_last, bool *again, dew_error *error)
{
    int64_t number = 0;
    *again = false;
    int code = open_read(r, &number, error);
    if (code != 0)
        return code;
    if (is_foreign(r, number) && !is_last) {
        sqlite3_reset(r->number);
        wait_for_number(r);
        *again = true;
        return 0;
    }
    code = run_at(r, q, number, again, error);
    sqlite3_reset(r->number);
    return code;
}

static int run(reader *r, const request *q, dew_error *error)
{
    int code = 0;
    bool again = true;
    r->scope = q->scope;
    r->slice_start_ns = dew_clock_now_ns();
    for (int tries = 1; again && code == 0; tries++) {
        if (tries > TRIES_MAX)
            code = dew_error_set(error, DEW_E_BUSY, "the schema of the database keeps changing");
        else
            code = run_once(r, q, tries == TRIES_MAX, &again, error);
    }
    r->scope = NULL;
    return code;
}

/* In the pin's transaction: one number, whatever is committed meanwhile. Fibers that share the pin take turns; who is half
 * way yields now and then, so the others may look in every turn whether it is done. */
static int run_pinned(dew_sql_pin *pin, const request *q, dew_error *error)
{
    reader *r = pin->reader;
    bool again = true;
    int code = 0;
    while (code == 0 && pin->is_busy) {
        dew_fiber_yield();
        code = dew_scope_check(q->scope, dew_clock_now_ns()); /* if it has ended the pin may be closed */
    }
    if (code != 0)
        return dew_error_set(error, code, "%s", dew_error_text(code));
    pin->is_busy = true;
    r->scope = q->scope;
    r->slice_start_ns = dew_clock_now_ns();
    for (int tries = 0; again && code == 0 && tries < TRIES_MAX; tries++) {
        again = false;
        code = run_at(r, q, pin->number, &again, error);
    }
    r->scope = NULL;
    pin->is_busy = false;
    return code;
}

int dew_scope_sql(dew_scope *scope, dew_sql_out out, const char *sql, const dew_sql_value *values, size_t count)
{
    request q = { scope, out, sql, values, count };
    dew_error error = { 0 };
    reader *r = NULL;
    int code;
    if (scope->sql == NULL)
        return dew_fail(scope, DEW_E_UNSUPPORTED, "there is no database: give the application a data_dir");
    code = dew_scope_enter(scope);
    if (code != 0)
        return dew_fail(scope, code, "%s", dew_error_text(code));
    dew_scope_hold(scope); /* pin and log of reads are borrowed */
    dew_read_log *log = scope->reads;
    int64_t since_ns = log != NULL && log->is_timed ? dew_clock_now_ns() : 0;
    if (scope->pin != NULL) {
        code = run_pinned(scope->pin, &q, &error);
    } else {
        code = take_reader(scope->sql, scope, &r, &error);
        if (code == 0) {
            code = run(r, &q, &error);
            give_back(r);
        }
    }
    if (since_ns != 0)
        log->spent_ns += dew_clock_now_ns() - since_ns;
    dew_scope_unhold(scope);
    if (code != 0)
        scope->error = error;
    return code;
}

/* ---- one transaction ---- */

/* Opens a transaction whose number is that of what it sees; *again: a foreign commit was waited for. */
static int begin(reader *r, int64_t *number, bool is_last, bool *again, dew_error *error)
{
    *again = false;
    int code = dew_connection_run(&r->connection, "BEGIN", error);
    if (code == 0)
        code = open_read(r, number, error);
    *again = code == 0 && is_foreign(r, *number) && !is_last;
    sqlite3_reset(r->number);
    if (code != 0 || *again)
        sqlite3_exec(r->connection.db, "ROLLBACK", NULL, NULL, NULL);
    if (*again)
        wait_for_number(r);
    return code;
}

int dew_sql_pin_open(dew_sql *sql, dew_scope *scope, dew_sql_pin **out)
{
    dew_error error = { 0 };
    reader *r = NULL;
    dew_sql_pin *pin = calloc(1, sizeof *pin);
    if (pin == NULL)
        return dew_fail(scope, DEW_E_NOMEM, "out of memory");
    dew_scope_hold(scope);
    int code = take_reader(sql, scope, &r, &error);
    if (code == 0) {
        bool again = true;
        r->scope = scope;
        for (int tries = 1; again && code == 0; tries++)
            code = begin(r, &pin->number, tries == TRIES_MAX, &again, &error);
        if (code != 0)
            give_back(r);
    }
    dew_scope_unhold(scope);
    if (code != 0) {
        free(pin);
        scope->error = error;
        return code;
    }
    r->scope = NULL;
    pin->reader = r;
    *out = pin;
    return 0;
}

int64_t dew_sql_pin_number(const dew_sql_pin *pin)
{
    return pin->number;
}

void dew_sql_pin_close(dew_sql_pin *pin)
{
    if (pin == NULL)
        return;
    while (pin->is_busy) /* its scope has ended, so this is soon over */
        dew_fiber_yield();
    sqlite3_exec(pin->reader->connection.db, "COMMIT", NULL, NULL, NULL);
    give_back(pin->reader);
    free(pin);
}
