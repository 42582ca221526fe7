/* live_sim.c - see live_sim.h: the database with its history, the loaders, one thread for all, the scheduler. */
#include "support/live_sim_internal.h"

#include "type/json.h"

#include <stdio.h>
#include <stdlib.h>

DEW_QUERY(sim_cell_query, sim_args, sim_value)
DEW_QUERY(sim_total_query, sim_args, sim_value)
DEW_QUERY(sim_pair_query, sim_args, sim_value)
DEW_QUERY(sim_rows_query, sim_args, sim_row_list)
DEW_QUERY(sim_count_query, sim_args, sim_value)
DEW_QUERY(sim_both_query, sim_args, sim_value)
DEW_QUERY(sim_mine_query, sim_args, sim_value)
DEW_QUERY(sim_fails_query, sim_args, sim_value)
DEW_CHANNEL(sim_counted, "counter/:counter", sim_topic, dew_none)

static const dew_query_options no_options;
static const dew_live_fn fns[SIM_FNS] = {
    { &sim_cell_query_fn, &no_options, "00000001" },  { &sim_total_query_fn, &no_options, "00000002" },
    { &sim_pair_query_fn, &no_options, "00000003" },  { &sim_rows_query_fn, &no_options, "00000004" },
    { &sim_count_query_fn, &no_options, "00000005" }, { &sim_both_query_fn, &no_options, "00000006" },
    { &sim_mine_query_fn, &no_options, "00000007" },  { &sim_fails_query_fn, &no_options, "00000008" },
};

const dew_live_fn *sim_fn(int fn)
{
    return &fns[fn];
}

uint64_t sim_random(sim_world *world, uint64_t below)
{
    uint64_t x = world->state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    world->state = x;
    return (x * UINT64_C(0x9e3779b97f4a7c15) >> 33) % below;
}

static bool one_in(sim_world *world, uint64_t n)
{
    return sim_random(world, n) == 0;
}

/* ---- the database ---- */

int64_t sim_cell_at(const sim_db *db, int table, int row, int64_t commit)
{
    const sim_cell *cell = &db->cells[table][row];
    for (size_t i = cell->count; i-- > 0;)
        if (cell->past[i].commit <= commit)
            return cell->past[i].value;
    return SIM_NO_ROW;
}

static void cell_put(sim_cell *cell, int64_t commit, int64_t value)
{
    if (cell->count == cell->cap) {
        cell->cap = cell->cap == 0 ? 8 : cell->cap * 2;
        cell->past = realloc(cell->past, cell->cap * sizeof *cell->past);
        assert_non_null(cell->past);
    }
    cell->past[cell->count].commit = commit;
    cell->past[cell->count++].value = value;
}

static int64_t db_commit_now(void *context)
{
    return ((sim_db *)context)->counted;
}

static int64_t db_stamp(void *context, const void *reads_)
{
    const sim_db *db = context;
    const sim_reads *reads = reads_;
    int64_t stamp = 0;
    for (size_t i = 0; i < reads->count; i++) {
        int row = reads->items[i].row;
        stamp = dew_max_i64(stamp,
                            db->stamps[reads->items[i].table][row < 0 ? SIM_ROWS : row / 2]); /* two rows to a bucket */
    }
    return stamp;
}

static uint64_t bucket_of(int table, int row)
{
    return 1 + (uint64_t)table * 100 + (uint64_t)(row + 1);
}

static void db_read_buckets(void *context, const void *reads_, dew_bucket_fn *each, void *each_context)
{
    (void)context;
    const sim_reads *reads = reads_;
    for (size_t i = 0; i < reads->count; i++)
        each(each_context, bucket_of(reads->items[i].table, reads->items[i].row));
}

static void db_write_buckets(void *context, const void *writes_, dew_bucket_fn *each, void *each_context)
{
    (void)context;
    const sim_writes *writes = writes_;
    for (size_t i = 0; i < writes->count; i++) {
        each(each_context, bucket_of(writes->items[i].table, writes->items[i].row));
        each(each_context, bucket_of(writes->items[i].table, -1));
    }
}

static bool db_touches(void *context, const void *writes_, const void *reads_)
{
    (void)context;
    const sim_writes *writes = writes_;
    const sim_reads *reads = reads_;
    for (size_t w = 0; w < writes->count; w++)
        for (size_t r = 0; r < reads->count; r++)
            if (writes->items[w].table == reads->items[r].table &&
                (reads->items[r].row < 0 || reads->items[r].row == writes->items[w].row))
                return true;
    return false;
}

/* The data outlives every start of the server. */
static bool db_knows(void *context, uint64_t epoch, int64_t commit)
{
    (void)context, (void)epoch, (void)commit;
    return true;
}

static void db_writes_destroy(void *context, void *writes)
{
    (void)context;
    free(writes);
}

/* Stamps first, as the writer does. */
static void write_begin(sim_world *world, const sim_writes *writes)
{
    sim_db *db = &world->db;
    assert_false(db->is_writing);
    db->writing = *writes;
    db->is_writing = true;
    db->counted = db->visible;
    for (size_t i = 0; i < writes->count; i++) {
        db->stamps[writes->items[i].table][writes->items[i].row / 2] = db->visible + 1;
        db->stamps[writes->items[i].table][SIM_ROWS] = db->visible + 1;
    }
}

static void write_visible(sim_world *world)
{
    sim_db *db = &world->db;
    sim_writes *writes = malloc(sizeof *writes);
    assert_non_null(writes);
    *writes = db->writing;
    db->counted = db->visible++;
    for (size_t i = 0; i < writes->count; i++)
        cell_put(&db->cells[writes->items[i].table][writes->items[i].row], db->visible, writes->items[i].value);
    db->is_writing = false;
    db->fed[db->fed_count].number = db->visible;
    db->fed[db->fed_count++].writes = writes;
}

static void write_feed(sim_world *world)
{
    sim_db *db = &world->db;
    int64_t number = db->fed[0].number;
    sim_writes *writes = db->fed[0].writes;
    memmove(&db->fed[0], &db->fed[1], --db->fed_count * sizeof db->fed[0]);
    if (one_in(world, 50)) {
        free(writes); /* a foreign write: nobody knows what */
        writes = NULL;
    }
    db->counted = db->visible;
    dew_live_commit(world->live, number, writes);
}

static void write_through(sim_world *world)
{
    if (world->db.is_writing)
        write_visible(world);
    while (world->db.fed_count > 0)
        write_feed(world);
}

int64_t sim_write(sim_world *world, int table, int row, int64_t value)
{
    sim_writes writes = { 1, { { table, row, value } } };
    write_through(world);
    write_begin(world, &writes);
    write_through(world);
    return world->db.visible;
}

static sim_writes random_writes(sim_world *world)
{
    sim_writes writes = { .count = 1 + sim_random(world, 3) };
    for (size_t i = 0; i < writes.count; i++) {
        writes.items[i].table = (int)sim_random(world, SIM_TABLES);
        writes.items[i].row = (int)sim_random(world, SIM_ROWS);
        writes.items[i].value = one_in(world, 6) ? SIM_NO_ROW : (int64_t)sim_random(world, 12);
        for (size_t j = 0; j < i; j++)
            if (writes.items[j].table == writes.items[i].table && writes.items[j].row == writes.items[i].row)
                writes.items[i].value = writes.items[j].value;
    }
    return writes;
}

int64_t sim_write_random(sim_world *world)
{
    sim_writes writes = random_writes(world);
    write_through(world);
    write_begin(world, &writes);
    write_through(world);
    return world->db.visible;
}

void sim_publish(sim_world *world, int counter)
{
    sim_topic key = { counter };
    world->counters[counter]++;
    assert_int_equal(dew_live_publish(world->live, &sim_counted_channel, &key, NULL), 0);
}

/* The product's own code begins or ends: for allocations that fail. */
static void guard(const sim_world *world, bool is_on)
{
    if (world->guard != NULL)
        world->guard(is_on);
}

/* ---- the loaders ---- */

/* One run's view of the world: cells as of a commit, counters as they are, who asks. */
typedef struct sim_view {
    const sim_world *world;
    int64_t commit, counter;
    dew_str identity, cookie;
} sim_view;

static int64_t shown(int64_t cell)
{
    return cell == SIM_NO_ROW ? -1 : cell;
}

static int mine_row(dew_str identity)
{
    return identity.len > 1 ? identity.ptr[1] % SIM_ROWS : 0;
}

static void list_fill(const sim_view *view, int table, dew_arena *arena, sim_row_list *out)
{
    static const char labels[] = "abcdefghijkl";
    for (int row = 0; row < SIM_ROWS; row++) {
        int64_t value = sim_cell_at(&view->world->db, table, row, view->commit);
        if (value == SIM_NO_ROW)
            continue;
        sim_row *item = sim_row_list_add(arena, out);
        *item = (sim_row){ row, value, { labels + value % 12, 1 } };
    }
}

/* Step 0 and 1 of each loader, into the value. */
static void evaluate(const sim_view *view, int fn, int a, int b, int step, dew_arena *arena, void *value)
{
    const sim_db *db = &view->world->db;
    sim_value *out = value;
    if (fn != SIM_LIST && out->who.ptr == NULL)
        out->who = DEW_S("");
    switch (fn) {
    case SIM_CELL:
    case SIM_FAILS:
        if (step == 0)
            out->x = shown(sim_cell_at(db, a, b, view->commit));
        break;
    case SIM_TOTAL:
        for (int row = 0; step == 0 && row < SIM_ROWS; row++)
            out->x += shown(sim_cell_at(db, a, row, view->commit)) + 1;
        break;
    case SIM_PAIR:
        *(step == 0 ? &out->x : &out->y) = shown(sim_cell_at(db, step, step == 0 ? a : b, view->commit));
        break;
    case SIM_LIST:
        if (step == 0)
            list_fill(view, a, arena, value);
        break;
    case SIM_COUNT:
        out->x = view->counter;
        break;
    case SIM_BOTH:
        if (step == 0)
            out->x = shown(sim_cell_at(db, 0, a, view->commit));
        else
            out->y = view->counter;
        break;
    case SIM_MINE:
        if (step == 0) {
            out->x = shown(sim_cell_at(db, a, mine_row(view->identity), view->commit));
            out->who = dew_arena_str(arena, view->identity);
        } else if (out->x % 2 == 1) {
            out->y = view->cookie.len > 1 ? view->cookie.ptr[1] : 1;
        }
        break;
    }
}

static int counter_of(int fn, int a, int b)
{
    return fn == SIM_COUNT ? a : fn == SIM_BOTH ? b : -1;
}

bool sim_fails_at(const sim_world *world, const sim_sub *sub, int64_t commit)
{
    return sub->fn == SIM_FAILS && sim_cell_at(&world->db, sub->a, sub->b, commit) % 3 == 0;
}

dew_str sim_expect(sim_world *world, dew_arena *arena, const sim_client *client, const sim_sub *sub, int64_t commit,
                   int64_t counter)
{
    union {
        sim_value value;
        sim_row_list list;
    } out;
    memset(&out, 0, sizeof out);
    sim_view view = { world, commit, counter, dew_str_of(client->asker->identity), dew_str_of(client->asker->cookie) };
    for (int step = 0; step < 2; step++)
        evaluate(&view, sub->fn, sub->a, sub->b, step, arena, &out);
    dew_buf json;
    dew_buf_init(&json, 65536);
    assert_int_equal(dew_json_write(&json, fns[sub->fn].fn->value(), &out, NULL), 0);
    dew_str copy = dew_arena_str(arena, dew_buf_str(&json));
    dew_buf_dispose(&json);
    return copy;
}

static void job_note(sim_job *job, int table, int row, int64_t commit)
{
    if (job->reads->count == 0 || commit < job->low)
        job->low = commit;
    job->high = dew_max_i64(job->high, commit);
    job->reads->items[job->reads->count].table = table;
    job->reads->items[job->reads->count++].row = row;
}

/* What step `step` of the loader reads. */
static void job_reads(sim_job *job, const sim_args *args, int fn, int step, int64_t commit, dew_str identity)
{
    if (step == 0 && (fn == SIM_CELL || fn == SIM_FAILS))
        job_note(job, args->a, args->b, commit);
    else if (step == 0 && (fn == SIM_TOTAL || fn == SIM_LIST))
        job_note(job, args->a, -1, commit);
    else if (fn == SIM_PAIR)
        job_note(job, step, step == 0 ? args->a : args->b, commit);
    else if (step == 0 && fn == SIM_BOTH)
        job_note(job, 0, args->a, commit);
    else if (step == 0 && fn == SIM_MINE)
        job_note(job, args->a, mine_row(identity), commit);
}

static void add_input(dew_run *run, dew_input_kind kind, const char *name, dew_str *value, bool *missing)
{
    dew_arena *arena = &run->result->arena;
    if (!run->asker->get(run->asker, kind, dew_str_of(name), value))
        *missing = true;
    dew_scope_input *input = dew_arena_calloc(arena, 1, sizeof *input);
    *input = (dew_scope_input){ NULL, kind, dew_arena_str(arena, dew_str_of(name)), dew_arena_str(arena, *value) };
    if (run->result->inputs == NULL)
        run->result->inputs = input;
    else
        ((dew_scope_input *)(uintptr_t)run->result->inputs)->next = input;
}

static void watch(dew_run *run, int counter)
{
    sim_topic key = { counter };
    dew_buf topic;
    dew_buf_init(&topic, DEW_TOPIC_MAX);
    assert_int_equal(dew_topic_write(&topic, &sim_counted_channel, &key, NULL), 0);
    assert_int_equal(dew_run_watch(run, dew_buf_str(&topic)), 0);
    dew_buf_dispose(&topic);
}

/* One step of a loader. */
static int job_load(sim_world *world, sim_job *job, int step)
{
    dew_run *run = job->run;
    int fn = (int)(run->fn - fns);
    const sim_args *args = run->args;
    dew_str identity = { "", 0 }, cookie = { "", 0 };
    bool missing = run->input_missing;
    if (fn == SIM_MINE) {
        if (step == 0)
            add_input(run, DEW_INPUT_IDENTITY, "", &identity, &missing);
        else if (((sim_value *)run->result->value)->x % 2 == 1)
            add_input(run, DEW_INPUT_COOKIE, "c", &cookie, &missing);
        dew_run_asked(run, run->result->inputs, missing);
    }
    const int64_t *snapshot = run->snapshot;
    int64_t commit = snapshot != NULL ? *snapshot : run->one_transaction ? job->pinned : world->db.visible;
    int counter = counter_of(fn, args->a, args->b);
    sim_view view = { world, commit, counter >= 0 ? world->counters[counter] : 0, identity, cookie };
    evaluate(&view, fn, args->a, args->b, step, &run->result->arena, run->result->value);
    job_reads(job, args, fn, step, commit, identity);
    if (step == 1 && counter >= 0)
        watch(run, counter); /* order does not matter */
    if (step == 1 && job->reads->count > 0)
        dew_run_read(run, job->reads, job->low, job->high);
    if (step == 1 && fn == SIM_FAILS && sim_cell_at(&world->db, args->a, args->b, job->high) % 3 == 0)
        return dew_error_set(&run->error, DEW_E_CONFLICT, "a multiple of three");
    return 0;
}

static void job_step(sim_world *world, unsigned worker, size_t index)
{
    sim_job *job = &world->jobs[worker][index];
    dew_run *run = job->run;
    int code = 0;
    if (job->step == 0) {
        *job = (sim_job){ .run = run, .pinned = world->db.visible };
        code = dew_run_begin(run);
        assert_int_equal(code, 0);
        job->reads = dew_arena_calloc(&run->result->arena, 1, sizeof *job->reads);
    }
    if (job->step < 2)
        code = job_load(world, job, job->step);
    if (++job->step < 2)
        return;
    job->step = 0;
    if (!dew_run_settle(run, code)) {
        *job = world->jobs[worker][--world->job_counts[worker]];
        guard(world, true);
        dew_run_finish(run);
        guard(world, false);
    }
}

/* ---- the environment ---- */

static const dew_live_fn *env_find(void *context, dew_str name)
{
    (void)context;
    for (int i = 0; i < SIM_FNS; i++)
        if (dew_str_eq(dew_str_of(fns[i].fn->name), name))
            return &fns[i];
    return NULL;
}

static void env_wake(void *context, unsigned to)
{
    ((sim_world *)context)->woken[to] = true;
}

static int64_t env_now_ms(void *context)
{
    return ((sim_world *)context)->now_ms;
}

static int env_start(void *context, unsigned worker, dew_run *run)
{
    sim_world *world = context;
    if (world->job_counts[worker] == SIM_JOBS_MAX)
        return DEW_E_BUSY;
    world->jobs[worker][world->job_counts[worker]++] = (sim_job){ .run = run };
    return 0;
}

static void env_tend(void *context, unsigned worker)
{
    ((sim_world *)context)->is_tended[worker] = true;
}

/* Its run still comes back by itself, if it does not hang. */
static void env_cancel(void *context, unsigned worker, dew_run *run)
{
    (void)worker, (void)run;
    ((sim_world *)context)->cancelled++;
}

static int env_snapshot_open(void *context, unsigned worker, dew_snapshot *snapshot)
{
    sim_world *world = context;
    assert_null(world->opening[worker]);
    assert_false(world->is_open[worker]); /* one at a time */
    world->opening[worker] = snapshot;
    return 0;
}

static void snapshot_go_on(sim_world *world, unsigned worker)
{
    dew_snapshot *snapshot = world->opening[worker];
    if (snapshot == NULL)
        return;
    int code = one_in(world, 10) ? DEW_E_BUSY : 0;
    world->opening[worker] = NULL;
    world->is_open[worker] = code == 0;
    world->snapshots[worker] = world->db.visible;
    snapshot->handle = &world->snapshots[worker];
    snapshot->commit = world->db.visible;
    guard(world, true);
    snapshot->opened(snapshot, code);
    guard(world, false);
}

static void env_snapshot_close(void *context, unsigned worker, dew_snapshot *snapshot)
{
    sim_world *world = context;
    assert_ptr_equal(snapshot->handle, &world->snapshots[worker]);
    assert_true(world->is_open[worker]);
    world->is_open[worker] = false;
    for (size_t i = 0; i < world->job_counts[worker]; i++)
        assert_null(world->jobs[worker][i].run->snapshot); /* nobody reads in it */
}

/* At every point where the server may be interrupted, something may change. */
static void env_hook(void *context, unsigned worker, dew_live_point point, dew_str about)
{
    sim_world *world = context;
    (void)worker, (void)point, (void)about;
    if (world->in_hook || world->is_settling || !one_in(world, 4))
        return;
    world->in_hook = true;
    if (one_in(world, 2))
        sim_write_random(world);
    else
        sim_publish(world, (int)sim_random(world, SIM_COUNTERS));
    world->in_hook = false;
}

sim_world *sim_create(const sim_options *options)
{
    sim_world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->options = *options;
    world->held_fn = -1;
    world->state = options->seed * UINT64_C(0x9e3779b97f4a7c15) + 88172645463325252u;
    for (int table = 0; table < SIM_TABLES; table++)
        for (int row = 0; row < SIM_ROWS; row++)
            cell_put(&world->db.cells[table][row], 0, (int64_t)sim_random(world, 12));
    world->data = (dew_live_data){ &world->db,       db_commit_now, db_stamp, db_read_buckets,
                                   db_write_buckets, db_touches,    db_knows, db_writes_destroy };
    world->env = (dew_live_env){ .context = world,
                                 .find = env_find,
                                 .wake = env_wake,
                                 .now_ms = env_now_ms,
                                 .start = env_start,
                                 .cancel = env_cancel,
                                 .tend = env_tend,
                                 .snapshot_open = env_snapshot_open,
                                 .snapshot_close = env_snapshot_close,
                                 .hook = options->hooks ? env_hook : NULL };
    dew_live_config config = {
        .workers = options->workers,
        .epoch = options->seed + 1,
        .hash_key = { options->seed, 7 },
        .env = &world->env,
        .data = &world->data,
        .ring_budget = options->ring_budget,
        .results_max_len = options->results_max_len,
    };
    assert_int_equal(dew_live_create(&config, &world->live), 0);
    for (unsigned i = 0; i < options->clients; i++)
        sim_client_init(world, i);
    return world;
}

void sim_destroy(sim_world *world)
{
    for (unsigned i = 0; i < world->options.clients; i++)
        sim_client_dispose(&world->clients[i]);
    sim_run_all(world);
    dew_live_destroy(world->live);
    while (world->db.fed_count > 0)
        free(world->db.fed[--world->db.fed_count].writes);
    for (int table = 0; table < SIM_TABLES; table++)
        for (int row = 0; row < SIM_ROWS; row++)
            free(world->db.cells[table][row].past);
    free(world);
}

dew_live *sim_live(sim_world *world)
{
    return world->live;
}

/* ---- the scheduler ---- */

static void turn(sim_world *world, unsigned worker)
{
    world->woken[worker] = false;
    guard(world, true);
    dew_live_turn(dew_live_worker_at(world->live, worker));
    guard(world, false);
}

static void job_random(sim_world *world, unsigned worker)
{
    if (world->job_counts[worker] > 0)
        job_step(world, worker, sim_random(world, world->job_counts[worker]));
}

static void write_step(sim_world *world)
{
    sim_db *db = &world->db;
    if (db->is_writing) {
        write_visible(world);
    } else if (db->fed_count > 0 && (one_in(world, 2) || db->fed_count > 8)) {
        write_feed(world);
    } else {
        sim_writes writes = random_writes(world);
        write_begin(world, &writes);
    }
}

void sim_step(sim_world *world)
{
    unsigned worker = (unsigned)sim_random(world, world->options.workers);
    world->now_ms += world->options.ms_per_step;
    switch (sim_random(world, 16)) {
    case 0:
    case 1:
    case 2:
    case 3:
        turn(world, worker); /* also when nothing woke it */
        break;
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
        if (world->opening[worker] != NULL && one_in(world, 3))
            snapshot_go_on(world, worker);
        else
            job_random(world, worker);
        break;
    case 9:
        write_step(world);
        break;
    case 10:
        if (world->db.is_writing || world->db.fed_count > 0)
            write_step(world);
        break;
    case 11:
        if (one_in(world, 2))
            sim_publish(world, (int)sim_random(world, SIM_COUNTERS));
        break;
    case 12:
        if (one_in(world, 10))
            sim_time_passes(world, (int64_t)sim_random(world, 15000));
        break;
    default:
        sim_client_step(&world->clients[sim_random(world, world->options.clients)]);
    }
}

void sim_time_passes(sim_world *world, int64_t ms)
{
    world->now_ms += ms;
    for (unsigned i = 0; i < world->options.workers; i++) {
        if (!world->is_tended[i])
            continue; /* nothing here waits for time to pass */
        world->is_tended[i] = false;
        dew_live_tick(dew_live_worker_at(world->live, i));
    }
}

void sim_hold(sim_world *world, int fn)
{
    world->held_fn = fn;
}

/* The first run of this worker that does not hang; SIM_JOBS_MAX: none. */
static size_t job_find(const sim_world *world, unsigned worker)
{
    for (size_t i = 0; i < world->job_counts[worker]; i++)
        if (world->jobs[worker][i].run->fn - fns != world->held_fn)
            return i;
    return SIM_JOBS_MAX;
}

static bool is_idle(const sim_world *world)
{
    for (unsigned i = 0; i < world->options.workers; i++)
        if (world->woken[i] || world->opening[i] != NULL || job_find(world, i) != SIM_JOBS_MAX)
            return false;
    return !world->db.is_writing && world->db.fed_count == 0;
}

void sim_step_worker(sim_world *world, unsigned worker)
{
    turn(world, worker);
    snapshot_go_on(world, worker);
    size_t job = job_find(world, worker);
    if (job != SIM_JOBS_MAX)
        job_step(world, worker, job);
}

void sim_run_all(sim_world *world)
{
    for (int round = 0; !is_idle(world); round++) {
        assert_true(round < 10000); /* else something spins */
        write_through(world);
        for (unsigned i = 0; i < world->options.workers; i++) {
            if (world->woken[i])
                turn(world, i);
            snapshot_go_on(world, i);
            for (size_t job; (job = job_find(world, i)) != SIM_JOBS_MAX;)
                job_step(world, i, job);
        }
    }
}

void sim_settle(sim_world *world)
{
    world->is_settling = true;
    bool quiet = false;
    for (int round = 0; !quiet; round++) {
        assert_true(round < 1000);
        sim_run_all(world);
        quiet = true;
        for (unsigned i = 0; i < world->options.clients; i++) {
            sim_client *client = &world->clients[i];
            if (!client->is_connected && !client->is_rendering)
                sim_client_connect(client, (unsigned)sim_random(world, world->options.workers));
            sim_client_read(client);
            quiet = quiet && sim_client_is_quiet(client);
        }
        quiet = quiet && is_idle(world);
    }
    for (unsigned i = 0; i < world->options.clients; i++)
        sim_client_check(&world->clients[i], true);
    world->is_settling = false;
}
