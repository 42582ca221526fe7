/* live_sim.h - a world for live/: workers, a database, counters, a writer and clients, all in one thread, where a seeded
 * scheduler decides who moves next. The database keeps its history, so that what a client shows at a cut can be compared
 * with what a fresh run would have given at that very commit. */
#ifndef DEW_TESTS_LIVE_SIM_H
#define DEW_TESTS_LIVE_SIM_H

#include "live/cut.h"
#include "live/live.h"
#include "live/session.h"

#define SIM_TABLES 2
#define SIM_ROWS 6
#define SIM_COUNTERS 3
#define SIM_WORKERS_MAX 3
#define SIM_CLIENTS_MAX 8
#define SIM_SUBS_MAX 4
#define SIM_NO_ROW INT64_MIN

#define SIM_ARGS(F) F(i32, a) F(i32, b)
DEW_STRUCT(sim_args, SIM_ARGS)
#define SIM_VALUE(F) F(i64, x) F(i64, y) F(str, who)
DEW_STRUCT(sim_value, SIM_VALUE)
#define SIM_ROW(F) F(i64, id) F(i64, value) F(str, label)
DEW_STRUCT(sim_row, SIM_ROW)
DEW_LIST(sim_row_list, sim_row, id)
#define SIM_TOPIC(F) F(i32, counter)
DEW_STRUCT(sim_topic, SIM_TOPIC)

/* cell   one cell of a table (a, b); reads by key
 * total  sum of table a; reads the whole table
 * pair   cell (0, a), then cell (1, b): two statements
 * rows   the rows of table a, a keyed list
 * count  counter a, in memory; watches its topic
 * both   cell (0, a) and counter b
 * mine   the cell of table a that belongs to who asks; when it is odd, a cookie too
 * fails  as cell, but fails while the cell is a multiple of 3 */
enum { SIM_CELL, SIM_TOTAL, SIM_PAIR, SIM_LIST, SIM_COUNT, SIM_BOTH, SIM_MINE, SIM_FAILS, SIM_FNS };

typedef struct sim_world sim_world;
typedef struct sim_client sim_client;

typedef struct sim_options {
    uint64_t seed;
    unsigned workers, clients;
    bool hooks;        /* write and publish at every hook */
    bool quiet_fails;  /* no query that fails */
    size_t ring_budget, results_max_len;
    bool tiny_queues;  /* connections take few messages */
    int64_t ms_per_step; /* how time passes with sim_step */
} sim_options;

sim_world *sim_create(const sim_options *options);
void sim_destroy(sim_world *world); /* asserts that everything is let go */

/* One step of whoever the seed picks. */
void sim_step(sim_world *world);

/* Runs until nobody has anything to do, every client connected; then checks that each shows what a fresh run gives. */
void sim_settle(sim_world *world);

/* Single moves, for tests that say what happens. */
int64_t sim_write(sim_world *world, int table, int row, int64_t value); /* commit, visible, fed */
int64_t sim_write_random(sim_world *world);
void sim_publish(sim_world *world, int counter);         /* adds one, publishes */
void sim_step_worker(sim_world *world, unsigned worker); /* a turn, the snapshot that it asks for, a part of a loader */
void sim_run_all(sim_world *world);                      /* turns and loaders until quiet; no messages read */
uint64_t sim_random(sim_world *world, uint64_t below);
dew_live *sim_live(sim_world *world);
const dew_live_fn *sim_fn(int fn);
void sim_hold(sim_world *world, int fn);            /* its loaders hang from now on; -1: all go on */
void sim_time_passes(sim_world *world, int64_t ms); /* and ticks */

/* Clients: their subscriptions are fixed when made. */
sim_client *sim_client_at(sim_world *world, unsigned index);
void sim_client_shows(sim_client *client, unsigned slot, int fn, int a, int b);
void sim_client_render(sim_client *client); /* a page: fresh values at one cut, offline */
void sim_client_connect(sim_client *client, unsigned worker);
void sim_client_disconnect(sim_client *client);                                /* what was not read is lost */
void sim_client_read(sim_client *client);                                      /* all messages that wait */
void sim_client_mutate(sim_client *client, int table, int row, int64_t value); /* writes; an acknowledgement is owed */
size_t sim_client_messages(const sim_client *client);                          /* that wait to be read */
dew_str sim_client_message(const sim_client *client, size_t index);
dew_blob *sim_client_blob(const sim_client *client, size_t index);
dew_str sim_client_json(const sim_client *client, unsigned slot); /* canonical bytes of what it shows */
uint64_t sim_client_frames(const sim_client *client);

#endif
