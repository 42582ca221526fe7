/* mutation_mt_test.c - every mutation ends: at its timeout, when its caller leaves, when the application stops.
 *
 * labels: multi-worker
 *
 * `spin` and `spin_on` hold the one writer with a statement that has no end; what they say of the others is that these
 * are answered all the same. */
#include "support/app_sample.h"
#include "support/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

DEW_MUTATION(spin, dew_none, dew_none)    /* for ever, but for its timeout */
DEW_MUTATION(spin_on, dew_none, dew_none) /* for ever */

static int run_spin(dew_tx *tx, const dew_none *none, dew_none *out)
{
    (void)none, (void)out;
    return dew_exec(tx, "INSERT INTO item (title) WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
                        " SELECT 'x' FROM c WHERE x < 0");
}

static const dew_served spinning[] = {
    DEW_SERVE_MUTATION(spin, .run = run_spin, .timeout = DEW_MS(100)),
    DEW_SERVE_MUTATION(spin_on, .run = run_spin, .timeout = DEW_NEVER),
    DEW_SERVED_END,
};

typedef struct fixture {
    char dir[64];
    app_sample sample;
    dew_app *app;
    int port;
} fixture;

static int set_up(void **state)
{
    static const dew_served *const served[] = { sample_served, spinning, NULL };
    fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/dew-mutation-XXXXXX");
    *state = f;
    if (mkdtemp(f->dir) == NULL)
        return -1;
    dew_app_config config = sample_config(&f->sample, f->dir);
    config.served = served;
    config.workers = 2;
    dew_error error = { 0 };
    if (dew_app_start(&config, &f->app, &error) != 0)
        fail_msg("%s", error.message);
    f->port = dew_app_port(f->app);
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    dew_app_stop(f->app);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    int failed = system(command);
    free(f);
    return failed;
}

static void assert_status(web_answer answer, int status, const char *part)
{
    if (answer.status != status || answer.body == NULL || strstr(answer.body, part) == NULL)
        fail_msg("wanted %d with %s, got %d: %s", status, part, answer.status,
                 answer.body != NULL ? answer.body : "(nothing)");
    web_answer_free(&answer);
}

/* Sends a call without waiting for its answer. */
static int send_rpc(fixture *f, const char *body)
{
    char text[512];
    int len = snprintf(text, sizeof text,
                       "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                       "Content-Length: %zu\r\n\r\n%s",
                       strlen(body), body);
    int fd = web_connect(f->port);
    web_send(fd, text, (size_t)len);
    return fd;
}

static const char add_one[] = "{\"fn\":\"add_item\",\"args\":{\"title\":\"Sow\"}}";

static void a_runaway_is_ended_at_its_timeout_and_others_are_answered(void **state)
{
    fixture *f = *state;
    int spinning_fd = send_rpc(f, "{\"fn\":\"spin\"}");
    assert_status(web_rpc(f->port, NULL, add_one), 200, "\"value\":{\"id\":\"2\"}");
    assert_status(web_read(spinning_fd, false), 504, "\"code\":\"TIMEOUT\"");
    close(spinning_fd);
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"items\"}"), 200, "Sow");
}

static void a_runaway_ends_when_its_caller_leaves(void **state)
{
    fixture *f = *state;
    int fd = send_rpc(f, "{\"fn\":\"spin_on\"}");
    int socket = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(socket, "c1");
    web_socket_send(socket, "{\"type\":\"call\",\"id\":1,\"fn\":\"spin_on\"}");
    close(fd);
    close(socket);
    assert_status(web_rpc(f->port, NULL, add_one), 200, "\"value\":{\"id\":\"2\"}");
}

/* ---- stopping ---- */

typedef struct outcome {
    int code;
    unsigned count; /* written on the writer's thread, read when dew_app_stop has joined it */
} outcome;

static void on_mutated(void *context, const dew_mutated *result)
{
    outcome *o = context;
    o->code = result->code;
    o->count++;
}

static void stop_ends_what_runs_and_what_is_queued(void **state)
{
    fixture *f = *state;
    outcome running = { 0 }, queued[40] = { { 0 } };
    dew_none none = { 0 };
    assert_int_equal(dew_mutate_fn(f->app, &spin_on_fn, &none, on_mutated, &running), 0);
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(dew_mutate_fn(f->app, i % 4 == 0 ? &spin_on_fn : &add_item_fn,
                                       &(sample_title){ S("never written") }, on_mutated, &queued[i]),
                         0);
    int fd = send_rpc(f, "{\"fn\":\"spin_on\"}");
    dew_app_stop(f->app);
    f->app = NULL;
    close(fd);
    assert_int_equal(running.count, 1);
    assert_int_equal(running.code, DEW_E_CANCELLED);
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(queued[i].count, 1);
        assert_int_equal(queued[i].code, DEW_E_CANCELLED);
    }
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(a_runaway_is_ended_at_its_timeout_and_others_are_answered),
        EACH(a_runaway_ends_when_its_caller_leaves),
        EACH(stop_ends_what_runs_and_what_is_queued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
