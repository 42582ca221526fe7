/* sql_fixture.h - a database in a folder of its own, driven by hand on the test's thread. */
#ifndef DEW_TESTS_SQL_FIXTURE_H
#define DEW_TESTS_SQL_FIXTURE_H

#include "scope/scope.h"
#include "sql/db_internal.h"
#include "sql/match.h"
#include "sql/reader.h"

#include <dew/serve.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct fixture {
    char dir[64];
    dew_migration migrations[8];
    const char *base_vfs;
    bool is_threaded;
    dew_db *db;
    dew_sql *sql;
    /* what on_commit heard last */
    dew_db_commit commit;
    int commit_count;
} fixture;

static inline void fixture_on_commit(void *context, const dew_db_commit *commit)
{
    fixture *f = context;
    dew_write_set_unref(f->commit.writes);
    f->commit = *commit;
    dew_write_set_ref(commit->writes);
    f->commit_count++;
}

static inline int fixture_try_open(fixture *f, dew_error *error)
{
    dew_db_config config = { .dir = f->dir,
                             .migrations = f->migrations,
                             .on_commit = fixture_on_commit,
                             .on_commit_context = f,
                             .base_vfs = f->base_vfs,
                             .manual = !f->is_threaded,
                             .context = f };
    int code = dew_db_open(&config, &f->db, error);
    return code != 0 ? code : dew_sql_create(f->db, NULL, &f->sql);
}

static inline void fixture_open(fixture *f)
{
    dew_error error = { 0 };
    if (fixture_try_open(f, &error) != 0)
        fail_msg("%s", error.message);
}

static inline void fixture_close(fixture *f)
{
    dew_sql_destroy(f->sql);
    dew_db_close(f->db);
    dew_write_set_unref(f->commit.writes);
    f->commit.writes = NULL;
    f->sql = NULL;
    f->db = NULL;
}

/* schema: one migration; NULL: none */
static inline fixture *fixture_make(const char *schema)
{
    fixture *f = calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/dew-sql-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    if (schema != NULL)
        f->migrations[0] = (dew_migration){ "001.sql", schema };
    fixture_open(f);
    return f;
}

static inline void fixture_free(fixture *f)
{
    char command[128];
    fixture_close(f);
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    assert_int_equal(system(command), 0);
    free(f);
}

/* A scope whose reads are logged. */
typedef struct reading {
    dew_arena arena;
    dew_scope scope;
    dew_read_log log;
} reading;

static inline reading *reading_make(fixture *f)
{
    reading *r = calloc(1, sizeof *r);
    dew_arena_init(&r->arena, 64 << 20);
    dew_scope_init(&r->scope, &r->arena);
    r->scope.sql = f->sql;
    r->scope.reads = &r->log;
    return r;
}

static inline void reading_free(reading *r)
{
    dew_arena_dispose(&r->arena);
    free(r);
}

/* A mutation that runs SQL text (several statements by ';;'), for tests that do not care for types. */
#define TEXT_ARGS(F) F(str, sql)
DEW_STRUCT(text_args, TEXT_ARGS)
DEW_MUTATION(run_text, text_args, dew_none)

static inline int run_text_handler(dew_tx *tx, const text_args *args, dew_none *out)
{
    (void)out;
    for (const char *at = args->sql.ptr; at != NULL;) {
        char one[4096];
        const char *end = strstr(at, ";;");
        size_t len = end != NULL ? (size_t)(end - at) : strlen(at);
        memcpy(one, at, len);
        one[len] = '\0';
        int code = dew_exec(tx, one);
        if (code != 0)
            return code;
        at = end != NULL ? end + 2 : NULL;
    }
    return 0;
}

typedef int untyped_run(dew_tx *, const void *, void *);
#define RUN(handler) ((untyped_run *)(void *)(handler))

typedef struct text_job {
    dew_job job; /* first */
    text_args args;
    int done_count;
} text_job;

static inline void text_job_done(dew_job *job)
{
    ((text_job *)job)->done_count++;
}

static inline void text_job_init(text_job *j, const char *sql)
{
    *j = (text_job){ .args = { dew_str_of(sql) } };
    dew_job_init(&j->job);
    j->job.fn = &run_text_fn;
    j->job.run = RUN(run_text_handler);
    j->job.args = &j->args;
    j->job.on_done = text_job_done;
}

/* Runs the text in a group of its own; returns the outcome's code. */
static inline int mutate(fixture *f, const char *sql)
{
    text_job j;
    text_job_init(&j, sql);
    dew_writer_run(f->db->writer, &j.job, NULL, NULL);
    assert_int_equal(j.done_count, 1);
    dew_job_dispose(&j.job);
    return j.job.error.code;
}

#endif
