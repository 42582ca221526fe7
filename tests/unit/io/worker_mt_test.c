/* worker_mt_test.c - groups of workers: starting, posting among each other, failing, connections spread over threads,
 * offloading from fibers, the watchdog's own thread.
 * labels: multi-worker */
#include "io/fiber_group.h"
#include "io/inbox.h"
#include "io/listener.h"
#include "io/offload.h"
#include "io/watchdog.h"
#include "io/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORKER_COUNT = 4 };

static void atomic_add(int *number)
{
    __atomic_fetch_add(number, 1, __ATOMIC_ACQ_REL);
}

typedef struct app {
    dew_worker_group *group;
    int starts, stops, fail_at; /* fail_at: worker index, -1: none */
    int hops;
    dew_msg token;
} app;

static int on_start(void *context, dew_loop *loop)
{
    app *self = context;
    atomic_add(&self->starts);
    return (int)dew_loop_index(loop) == self->fail_at ? DEW_E_FULL : 0;
}

static void on_stop(void *context, dew_loop *loop)
{
    (void)loop;
    atomic_add(&((app *)context)->stops);
}

static void create(app *self)
{
    *self = (app){ .fail_at = -1 };
    dew_worker_options options = { .count = WORKER_COUNT, .context = self, .on_start = on_start, .on_stop = on_stop };
    assert_int_equal(dew_worker_group_create(&options, &self->group), 0);
    assert_int_equal(dew_worker_group_count(self->group), WORKER_COUNT);
}

/* Goes round the workers, then stops them all. */
static void hop(dew_loop *loop, dew_msg *msg)
{
    app *self = dew_container_of(msg, app, token);
    assert_ptr_equal(dew_loop_current(), loop);
    if (++self->hops == 1000) {
        dew_worker_group_stop(self->group);
        return;
    }
    unsigned next = (dew_loop_index(loop) + 1) % WORKER_COUNT;
    assert_int_equal(dew_loop_post(dew_worker_group_loop(self->group, next), msg), 0);
}

static void workers_post_to_each_other(void **state)
{
    (void)state;
    for (int on_this_thread = 0; on_this_thread < 2; on_this_thread++) {
        app self;
        create(&self);
        self.token.run = hop;
        assert_int_equal(dew_loop_post(dew_worker_group_loop(self.group, 0), &self.token), 0);
        if (on_this_thread) {
            assert_int_equal(dew_worker_group_run(self.group), 0);
        } else {
            assert_int_equal(dew_worker_group_start(self.group), 0);
            dew_worker_group_join(self.group);
        }
        assert_int_equal(self.hops, 1000);
        assert_int_equal(self.starts, WORKER_COUNT);
        assert_int_equal(self.stops, WORKER_COUNT);
        dew_worker_group_destroy(self.group);
    }
    dew_worker_group_destroy(NULL);
}

static void one_that_fails_to_start_ends_all(void **state)
{
    (void)state;
    for (int failing = 0; failing < WORKER_COUNT; failing++) {
        app self;
        create(&self);
        self.fail_at = failing;
        int error = failing % 2 ? dew_worker_group_start(self.group) : dew_worker_group_run(self.group);
        assert_int_equal(error, DEW_E_FULL);
        assert_int_equal(self.stops, self.starts - 1);
        dew_worker_group_destroy(self.group);
    }
}

/* --- connections --- */

typedef struct echo {
    int accepts[WORKER_COUNT];
    int closes; /* atomic */
} echo;

static void echo_read(dew_stream *stream, const char *bytes, size_t len)
{
    assert_int_equal(dew_stream_write_bytes(stream, bytes, len), 0);
}

static void echo_end(dew_stream *stream, int error)
{
    (void)error;
    dew_stream_close(stream);
}

static void echo_close(dew_stream *stream)
{
    atomic_add(&((echo *)dew_stream_data(stream))->closes);
}

static const dew_stream_events echo_events = { .on_read = echo_read, .on_end = echo_end, .on_close = echo_close };

static void echo_accept(void *context, dew_loop *loop, dew_stream *stream)
{
    echo *self = context;
    self->accepts[dew_loop_index(loop)]++;
    dew_stream_attach(stream, &echo_events, self);
    dew_stream_read_start(stream);
}

enum { CLIENT_COUNT = 40 };

typedef struct client {
    dew_stream *stream;
    char got[8];
    size_t len;
    int *answered;
} client;

static void client_connect(dew_stream *stream, int error)
{
    assert_int_equal(error, 0);
    assert_int_equal(dew_stream_write_bytes(stream, "ping", 4), 0);
    dew_stream_read_start(stream);
}

static void client_read(dew_stream *stream, const char *bytes, size_t len)
{
    client *self = dew_stream_data(stream);
    memcpy(self->got + self->len, bytes, len);
    self->len += len;
    if (self->len == 4) {
        ++*self->answered;
        dew_stream_close(stream);
    }
}

static const dew_stream_events client_events = { .on_connect = client_connect, .on_read = client_read };

static void connections_are_served_on_all_threads(void **state)
{
    (void)state;
    app self;
    create(&self);
    echo server = { 0 };
    dew_listener *listener;
    dew_listener_options options = { .loops = dew_worker_group_loops(self.group),
                                     .loop_count = WORKER_COUNT,
                                     .context = &server,
                                     .on_accept = echo_accept };
    assert_int_equal(dew_listener_open(dew_worker_group_loop(self.group, 0), &options, &listener, NULL), 0);
    assert_int_equal(dew_worker_group_start(self.group), 0);

    dew_loop *loop;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    int answered = 0;
    static client clients[CLIENT_COUNT];
    for (int i = 0; i < CLIENT_COUNT; i++) {
        clients[i] = (client){ .answered = &answered };
        assert_int_equal(dew_stream_connect(loop, &(dew_endpoint){ .port = dew_listener_port(listener) },
                                            &client_events, &clients[i], &clients[i].stream),
                         0);
    }
    while (answered < CLIENT_COUNT)
        dew_loop_turn(loop, true);
    dew_loop_destroy(loop);
    dew_worker_group_stop(self.group);
    dew_worker_group_join(self.group);
    dew_worker_group_destroy(self.group);
    for (int i = 0; i < WORKER_COUNT; i++)
        assert_int_equal(server.accepts[i], CLIENT_COUNT / WORKER_COUNT);
    assert_int_equal(server.closes, CLIENT_COUNT);
}

/* --- offloading --- */

typedef struct computation {
    dew_offload_pool *pool;
    dew_loop *loop;
    int input, output, failed;
    int *finished;
} computation;

static void square(void *arg)
{
    computation *self = arg;
    self->output = self->input * self->input;
}

static void compute(void *arg)
{
    computation *self = arg;
    dew_loop *before = dew_loop_current();
    self->failed = dew_offload_await(self->pool, square, self);
    assert_ptr_equal(dew_loop_current(), before);
    ++*self->finished;
}

static void fibers_wait_for_blocking_work(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    dew_loop *loop;
    dew_offload_pool *pool;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    assert_int_equal(dew_offload_create(3, COUNT, &pool), 0);
    int finished = 0;
    static computation computations[COUNT];
    for (int i = 0; i < COUNT; i++) {
        computations[i] = (computation){ .pool = pool, .loop = loop, .input = i, .finished = &finished };
        assert_int_equal(dew_fiber_spawn(loop, "compute", compute, &computations[i]), 0);
    }
    while (finished < COUNT)
        dew_loop_turn(loop, true);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(computations[i].failed, 0);
        assert_int_equal(computations[i].output, i * i);
    }
    dew_offload_destroy(pool);
    dew_loop_destroy(loop);
}

typedef struct job {
    dew_offload_job job;
    int runs, done, dropped;
} job;

static void job_run(dew_offload_job *one)
{
    dew_container_of(one, job, job)->runs++;
}

static void job_done(dew_offload_job *one)
{
    dew_container_of(one, job, job)->done++;
}

static void job_drop(dew_offload_job *one)
{
    dew_container_of(one, job, job)->dropped++;
}

static void a_pool_finishes_what_is_queued_before_it_ends(void **state)
{
    (void)state;
    dew_loop *loop;
    dew_offload_pool *pool;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    assert_int_equal(dew_offload_create(1, 0, &pool), 0);
    job jobs[20];
    for (int i = 0; i < 20; i++) {
        jobs[i] = (job){ .job = { .run = job_run, .on_done = job_done, .drop = job_drop } };
        assert_int_equal(dew_offload_submit(pool, loop, &jobs[i].job), 0);
    }
    dew_offload_destroy(pool);
    dew_offload_destroy(NULL);
    dew_loop_destroy(loop); /* nobody asked for the answers */
    for (int i = 0; i < 20; i++) {
        assert_int_equal(jobs[i].runs, 1);
        assert_int_equal(jobs[i].done, 0);
        assert_int_equal(jobs[i].dropped, 1);
    }
}

/* --- the watchdog's thread --- */

static void note_report(void *context, const dew_watchdog_report *report)
{
    if (!report->is_over && strcmp(report->label, "holding") == 0)
        __atomic_store_n((int *)context, 1, __ATOMIC_RELEASE);
}

static void the_watchdog_looks_by_itself(void **state)
{
    (void)state;
    dew_loop *loop;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    int is_reported = 0;
    dew_watchdog *watchdog;
    dew_watchdog_options options = { .loops = &loop,
                                     .loop_count = 1,
                                     .threshold_ms = 1,
                                     .period_ms = 1,
                                     .context = &is_reported,
                                     .on_held = note_report };
    assert_int_equal(dew_watchdog_start(&options, &watchdog), 0);
    const char *before = dew_watchdog_begin(loop, "holding");
    while (!__atomic_load_n(&is_reported, __ATOMIC_ACQUIRE))
        continue; /* holds the loop until it is noticed */
    dew_watchdog_end(loop, before);
    dew_watchdog_stop(watchdog);
    dew_watchdog_stop(NULL);
    dew_loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers_post_to_each_other),
        cmocka_unit_test(one_that_fails_to_start_ends_all),
        cmocka_unit_test(connections_are_served_on_all_threads),
        cmocka_unit_test(fibers_wait_for_blocking_work),
        cmocka_unit_test(a_pool_finishes_what_is_queued_before_it_ends),
        cmocka_unit_test(the_watchdog_looks_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
