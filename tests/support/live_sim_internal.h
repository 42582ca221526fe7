/* live_sim_internal.h - the simulated world's insides: live_sim.c (database, loaders, scheduler), live_sim_client.c. */
#ifndef DEW_TESTS_LIVE_SIM_INTERNAL_H
#define DEW_TESTS_LIVE_SIM_INTERNAL_H

#include "support/live_sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

typedef struct sim_cell {
    struct sim_past { int64_t commit, value; } *past; /* by commit, rising; the first at 0 */
    size_t count, cap;
} sim_cell;

typedef struct sim_writes {
    size_t count;
    struct { int table, row; int64_t value; } items[4];
} sim_writes;

typedef struct sim_reads {
    size_t count;
    struct { int table, row; } items[4]; /* row -1: all */
} sim_reads;

typedef struct sim_db {
    sim_cell cells[SIM_TABLES][SIM_ROWS];
    int64_t stamps[SIM_TABLES][SIM_ROWS + 1]; /* the last: any row */
    int64_t visible;
    int64_t counted;   /* what the writer says that is visible: at times one behind */
    bool is_writing;   /* stamps are raised, the commit is not visible */
    sim_writes writing;
    struct { int64_t number; sim_writes *writes; } fed[64]; /* visible, not yet told */
    size_t fed_count;
} sim_db;

/* A run under way: what step it is at. */
typedef struct sim_job {
    dew_run *run;
    int step;
    int64_t seen[2];
    sim_reads *reads;
    int64_t low, high, pinned;
} sim_job;

#define SIM_JOBS_MAX 256
#define SIM_QUEUE_MAX 4096

typedef struct sim_sub {
    int fn, a, b;
    bool is_used, is_subscribed, is_leaving, has_value;
    int64_t query;       /* number on the wire */
    dew_position at;
    dew_value_hash hash;
    dew_arena arena;
    void *value;
    dew_str json;
    dew_result *held;    /* while rendering */
    dew_waiter waiter;
    bool is_waiting, has_error;
} sim_sub;

typedef struct sim_asker {
    dew_asker asker;
    char identity[8], cookie[8];
} sim_asker;

struct sim_client {
    sim_world *world;
    unsigned index;
    sim_sub subs[SIM_SUBS_MAX];
    unsigned worker;
    dew_session *session;
    bool is_connected, is_closing, is_rendering, is_full;
    int render_tries;
    size_t queue_max;
    dew_blob *queue[SIM_QUEUE_MAX];
    size_t queue_count;
    char epoch[20];
    int64_t cut, owed;
    uint64_t frames;
    sim_asker *asker;
};

struct sim_world {
    sim_options options;
    uint64_t state;
    dew_live *live;
    sim_db db;
    int64_t counters[SIM_COUNTERS];
    bool woken[SIM_WORKERS_MAX], is_tended[SIM_WORKERS_MAX];
    sim_job jobs[SIM_WORKERS_MAX][SIM_JOBS_MAX];
    size_t job_counts[SIM_WORKERS_MAX];
    int held_fn; /* -1: none */
    void (*guard)(bool is_on); /* NULL: none */
    unsigned cancelled; /* runs */
    struct dew_snapshot *opening[SIM_WORKERS_MAX];
    bool is_open[SIM_WORKERS_MAX];
    int64_t snapshots[SIM_WORKERS_MAX];
    sim_client clients[SIM_CLIENTS_MAX];
    int64_t now_ms;
    bool in_hook, is_settling;
    dew_live_env env;
    dew_live_data data;
};

/* The value that a fresh run gives at this commit; canonical bytes in the arena. Counters as they are now. */
dew_str sim_expect(sim_world *world, dew_arena *arena, const sim_client *client, const sim_sub *sub, int64_t commit,
                   int64_t counter);
int64_t sim_cell_at(const sim_db *db, int table, int row, int64_t commit);
bool sim_fails_at(const sim_world *world, const sim_sub *sub, int64_t commit);
void sim_client_init(sim_world *world, unsigned index);
void sim_client_dispose(sim_client *client);
void sim_client_step(sim_client *client); /* a random move */
void sim_client_check(sim_client *client, bool is_quiet);
bool sim_client_is_quiet(const sim_client *client);

#endif
