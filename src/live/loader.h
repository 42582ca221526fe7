/* loader.h - runs loaders for real: on fibers, in request scopes, with SQL (the `start` and `cancel` of dew_live_env), and
 * the database as dew_live_data.
 *
 * A run whose scope has ended (its deadline, which counts from its start, the line included: DEW_E_LOADER_TIMEOUT; cancelled; the server's end) finishes at once, also when its
 * loader does not look: that is then an orphan, which keeps its result's memory until it returns.
 *
 * One per worker, worker's thread. A run waits in line until a fiber is free; past DEW_LOADER_QUEUE_MAX in line it is
 * refused. */
#ifndef DEW_LIVE_LOADER_H
#define DEW_LIVE_LOADER_H

#include "live/run.h"
#include "sql/db.h"
#include "sql/reader.h"

typedef struct dew_loader dew_loader;

/* Time-out of a run that someone waits for, when neither its query nor the configuration says one. Live re-runs have
 * none but their query's. */
#define DEW_LOADER_TIMEOUT_MS 30000

/* Runs that wait in line while every fiber is taken. */
#define DEW_LOADER_QUEUE_MAX 1024

/* Loaders that are started in one turn of the loop; the others of those in line in the next ones, so that thousands of pages that
 * are asked for at once do not hold up everything else: each start takes some 30 microseconds. */
#define DEW_LOADER_STARTS_MAX 64

/* Borrowed until destroy. */
typedef struct dew_loader_config {
    struct dew_loop *loop;       /* NULL: no fibers, nothing may wait; dew_loader_drain runs what was started (tests) */
    struct dew_offload *offload; /* NULL: none */
    dew_sql *sql;                /* NULL: no database */
    struct dew_app *app;         /* dew_scope_app */
    void *context;               /* dew_scope_context */
    const dew_provided *deps;    /* the application's; NULL: none */
    /* May this query's loader watch the channel? NULL: every one may. */
    bool (*may_watch)(const struct dew_app *app, const dew_fn *query, const dew_channel *channel);
    dew_orphans *orphans;        /* where loaders left behind are counted; NULL: nowhere */
    bool is_timed;               /* SQL is timed: dew_result.sql_ns */
    dew_duration timeout;        /* of a run that someone waits for, when its query says none; left out: DEW_LOADER_TIMEOUT_MS */
} dew_loader_config;

int dew_loader_create(const dew_loader_config *config, dew_loader **out) DEW_MUST_USE;
/* Every run must have finished. Takes NULL. */
void dew_loader_destroy(dew_loader *loader);

/* dew_live_env.start and .cancel, on this loader's worker. DEW_E_BUSY: too many are in line; DEW_E_NOMEM. */
int dew_loader_start(dew_loader *loader, dew_run *run) DEW_MUST_USE;
void dew_loader_cancel(dew_loader *loader, dew_run *run);

/* The worker stops: loaders under way are told to end, and those that come end at once. */
void dew_loader_end(dew_loader *loader);

/* Who asks, in a loader's scope; NULL: the scope is no loader's. Borrowed. */
dew_asker *dew_loader_asker(const dew_scope *scope);

/* May it watch the channel, a loader's own scope (its root)? */
bool dew_loader_may_watch(const dew_scope *root, const dew_channel *channel);

/* Runs under way or in line. */
size_t dew_loader_count(const dew_loader *loader);

/* Without a loop: runs all that was started, and what that starts. */
void dew_loader_drain(dew_loader *loader);

/* The database's read sets, write sets, stamps and numbers for dew_live_config.data. A write set is given to
 * dew_live_commit with a reference of its own: dew_live_commit(live, c->number, dew_write_set_ref(c->writes)). */
dew_live_data dew_loader_data(dew_db *db);

#endif
