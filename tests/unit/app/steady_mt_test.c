/* steady_mt_test.c - writes that do not stop: a socket with two queries that every commit touches gets frames all the same,
 * and each shows both as of one commit.
 *
 * labels: multi-worker
 *
 * The loader of `even` reads at even commits alone, that of `odd` at odd ones: a thread commits one after the other, and stands
 * still at a commit of the wanted kind only until who waits for it has read. So no two runs ever read at the same commit
 * unless they share a transaction. */
#include "support/app_sample.h"
#include "support/web_client.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

DEW_QUERY(even, dew_none, sample_number)
DEW_QUERY(odd, dew_none, sample_number)

#define FRAMES 10
/* A frame comes within so many commits. */
#define COMMITS_MAX 10000

static struct gate {
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t change;
    int wanted[2]; /* loaders that wait, by the parity that they wait for */
    int open;      /* parity; -1: neither */
    bool has_committed, is_over;
    long commits, framed; /* commits so far; at the last frame */
} gate = { .lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER, .open = -1 };

static bool is_open(int parity)
{
    pthread_mutex_lock(&gate.lock);
    bool open = gate.open == parity || gate.is_over;
    pthread_mutex_unlock(&gate.lock);
    return open;
}

static void want(int parity, int count)
{
    pthread_mutex_lock(&gate.lock);
    gate.wanted[parity] += count;
    pthread_cond_signal(&gate.change);
    pthread_mutex_unlock(&gate.lock);
}

static int load(dew_scope *scope, int parity, sample_number *out)
{
    int failed = 0;
    want(parity, 1);
    while (failed == 0 && !is_open(parity))
        failed = dew_sleep(scope, 1);
    if (failed == 0)
        failed = dew_sql(scope, out, "SELECT max(id) AS number FROM item");
    want(parity, -1);
    return failed;
}

static int load_even(dew_scope *scope, const dew_none *none, sample_number *out)
{
    (void)none;
    return load(scope, 0, out);
}

static int load_odd(dew_scope *scope, const dew_none *none, sample_number *out)
{
    (void)none;
    return load(scope, 1, out);
}

static const dew_served steady_served[] = {
    DEW_SERVE_QUERY(even, .load = load_even),
    DEW_SERVE_QUERY(odd, .load = load_odd),
    DEW_SERVED_END,
};

static void on_done(void *context, const dew_mutated *result)
{
    (void)context;
    WEB_CHECK(result->code == 0);
    pthread_mutex_lock(&gate.lock);
    gate.has_committed = true;
    gate.commits = (long)result->commit;
    pthread_cond_signal(&gate.change);
    pthread_mutex_unlock(&gate.lock);
}

static void *write_on(void *app)
{
    bool is_over = false;
    while (!is_over) {
        WEB_CHECK(dew_mutate(app, add_item, on_done, NULL, .title = S("more")) == 0);
        pthread_mutex_lock(&gate.lock);
        while (!gate.has_committed)
            pthread_cond_wait(&gate.change, &gate.lock);
        gate.has_committed = false;
        gate.open = (int)(gate.commits % 2);
        while (gate.wanted[gate.open] > 0 && !gate.is_over)
            pthread_cond_wait(&gate.change, &gate.lock);
        gate.open = -1;
        is_over = gate.is_over |= gate.commits > gate.framed + COMMITS_MAX; /* no frame comes: let it fail */
        pthread_mutex_unlock(&gate.lock);
    }
    return NULL;
}

/* The text after `mark` as a number; -1: there is none. */
static long number_after(const char *text, const char *mark)
{
    const char *at = strstr(text, mark);
    return at != NULL ? strtol(at + strlen(mark), NULL, 10) : -1;
}

static long query_of(int fd, int id)
{
    char text[128];
    snprintf(text, sizeof text, "{\"type\":\"subscribed\",\"id\":%d,", id);
    char *message = web_socket_expect(fd, text);
    long query = number_after(message, "\"query\":\"");
    free(message);
    return query;
}

/* What came last came while writes went on. */
static void assert_steady(void)
{
    pthread_mutex_lock(&gate.lock);
    assert_false(gate.is_over);
    gate.framed = gate.commits;
    pthread_mutex_unlock(&gate.lock);
}

/* What the frame says of the query, if it does. */
static void take(const char *frame, long query, long *shown)
{
    char mark[64];
    snprintf(mark, sizeof mark, "\"query\":\"%ld\"", query);
    const char *change = strstr(frame, mark);
    if (change != NULL)
        *shown = number_after(change, "\"number\":\"");
}

static void frames_come_while_writes_go_on(void **state)
{
    (void)state;
    static const dew_served *const served[] = { sample_served, steady_served, NULL };
    static app_sample sample;
    char dir[] = "/tmp/dew-steady-XXXXXX", command[128];
    assert_non_null(mkdtemp(dir));
    dew_app_config config = sample_config(&sample, dir);
    config.served = served;
    config.workers = 2;
    dew_app *app;
    dew_error error = { 0 };
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_on, app), 0);
    int fd = web_socket(dew_app_port(app), "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"even\"}");
    long even_query = query_of(fd, 1);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"odd\"}");
    long odd_query = query_of(fd, 2), even_shown = -1, odd_shown = -1, last = -1;
    assert_steady();
    for (int i = 0; i < FRAMES; i++) {
        char *frame = web_socket_expect(fd, "{\"type\":\"frame\"");
        long to = number_after(frame, "\"to\":\"");
        take(frame, even_query, &even_shown);
        take(frame, odd_query, &odd_shown);
        free(frame);
        assert_steady();
        assert_true(to > last);
        last = to;
        assert_int_equal(even_shown, odd_shown);
    }
    pthread_mutex_lock(&gate.lock);
    gate.is_over = true;
    pthread_cond_signal(&gate.change);
    print_message("%d frames in %ld commits\n", FRAMES, gate.commits);
    pthread_mutex_unlock(&gate.lock);
    pthread_join(writer, NULL);
    close(fd);
    dew_app_stop(app);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(frames_come_while_writes_go_on) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
