/* listener_test.c - Unix sockets, adopted descriptors, spreading over loops. */
#include "io/inbox.h"
#include "io/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { LOOP_COUNT = 3 };

typedef struct fixture {
    dew_loop *loops[LOOP_COUNT];
    dew_stream *accepted[64];
    int accepts[LOOP_COUNT], closes, connects;
} fixture;

static void on_connect(dew_stream *stream, int error)
{
    assert_int_equal(error, 0);
    ((fixture *)dew_stream_data(stream))->connects++;
}

static void on_close(dew_stream *stream)
{
    ((fixture *)dew_stream_data(stream))->closes++;
}

static const dew_stream_events events = { .on_connect = on_connect, .on_close = on_close };

static void on_accept(void *context, dew_loop *loop, dew_stream *stream)
{
    fixture *f = context;
    assert_ptr_equal(dew_loop_current(), loop);
    assert_ptr_equal(dew_stream_loop(stream), loop);
    f->accepts[dew_loop_index(loop)]++;
    dew_stream_attach(stream, &events, f);
}

static void begin(fixture *f)
{
    *f = (fixture){ 0 };
    for (unsigned i = 0; i < LOOP_COUNT; i++)
        assert_int_equal(dew_loop_create(&(dew_loop_options){ .index = i }, &f->loops[i]), 0);
}

static int accepts(const fixture *f)
{
    return f->accepts[0] + f->accepts[1] + f->accepts[2];
}

static void connect_many(fixture *f, const dew_endpoint *endpoint, int count)
{
    for (int i = 0; i < count; i++) {
        dew_stream *client;
        assert_int_equal(dew_stream_connect(f->loops[0], endpoint, &events, f, &client), 0);
    }
    while (accepts(f) < count || f->connects < count)
        for (int i = 0; i < LOOP_COUNT; i++)
            dew_loop_turn(f->loops[i], false);
}

static void finish(fixture *f, int closes)
{
    for (int i = 0; i < LOOP_COUNT; i++)
        dew_loop_destroy(f->loops[i]);
    assert_int_equal(f->closes, closes);
}

static void connections_go_round_the_loops(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_listener *listener;
    dew_listener_options options = {
        .loops = f.loops, .loop_count = LOOP_COUNT, .context = &f, .on_accept = on_accept
    };
    assert_int_equal(dew_listener_open(f.loops[0], &options, &listener, NULL), 0);
    connect_many(&f, &(dew_endpoint){ .port = dew_listener_port(listener) }, 30);
    for (int i = 0; i < LOOP_COUNT; i++)
        assert_int_equal(f.accepts[i], 10);
    finish(&f, 60);
}

static void connections_on_their_way_are_dropped_at_the_end(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_listener *listener;
    dew_listener_options options = { .loops = f.loops + 1, .loop_count = 1, .context = &f, .on_accept = on_accept };
    assert_int_equal(dew_listener_open(f.loops[0], &options, &listener, NULL), 0);
    dew_stream *clients[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(dew_stream_connect(f.loops[0], &(dew_endpoint){ .port = dew_listener_port(listener) }, &events,
                                            &f, &clients[i]),
                         0);
    while (dew_loop_inbox_count(f.loops[1]) < 2)
        dew_loop_turn(f.loops[0], true);
    dew_listener_close(listener);
    finish(&f, 2); /* the clients alone */
    assert_int_equal(accepts(&f), 0);
}

static void listens_on_a_unix_socket_and_replaces_a_stale_one(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "/tmp/dew-listener-%d.sock", (int)getpid());
    /* what a killed server leaves behind */
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy(address.sun_path, path);
    int stale = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(stale, (struct sockaddr *)&address, sizeof address), 0);
    close(stale);

    fixture f;
    begin(&f);
    dew_listener *listener, *second;
    dew_error error;
    dew_listener_options options = { .endpoint.unix_path = path, .context = &f, .on_accept = on_accept };
    assert_int_equal(dew_listener_open(f.loops[0], &options, &listener, &error), 0);
    assert_int_equal(dew_listener_port(listener), 0);
    assert_int_equal(dew_listener_open(f.loops[0], &options, &second, &error),
                     DEW_E_CONFLICT); /* alive: not replaced */
    while (accepts(&f) == 0)          /* trying whether somebody answers is a connection, too */
        dew_loop_turn(f.loops[0], true);
    f.accepts[0] = 0;
    connect_many(&f, &options.endpoint, 2);
    dew_listener_close(listener);
    finish(&f, 5);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void takes_over_a_listening_descriptor(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    dew_listener *listener;
    dew_error error;
    dew_listener_options options = { .fd_plus_one = fd + 1, .context = &f, .on_accept = on_accept };
    assert_int_equal(dew_listener_open(f.loops[0], &options, &listener, &error), DEW_E_INVALID);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(dew_listener_open(f.loops[0], &options, &listener, &error), 0);
    connect_many(&f, &(dew_endpoint){ .port = dew_listener_port(listener) }, 2);
    finish(&f, 4);
}

static void what_is_no_address_is_refused_in_words(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_listener *listener;
    dew_error error = { 0 };
    dew_listener_options options = { .endpoint.host = "example.org", .context = &f, .on_accept = on_accept };
    assert_int_equal(dew_listener_open(f.loops[0], &options, &listener, &error), DEW_E_INVALID);
    assert_non_null(strstr(error.message, "example.org"));
    options.endpoint = (dew_endpoint){ .port = 70000 };
    assert_int_equal(dew_listener_open(f.loops[0], &options, &listener, &error), DEW_E_INVALID);
    finish(&f, 0);
}

static int told_starved, told_taken;

static void on_starved(void *context, bool is_starved)
{
    (void)context;
    *(is_starved ? &told_starved : &told_taken) += 1;
}

static void running_out_of_descriptors_is_waited_out(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_loop_clock_hold(f.loops[0]);
    dew_listener *listener;
    dew_listener_options options = { .context = &f, .on_accept = on_accept, .on_starved = on_starved };
    told_starved = told_taken = 0;
    assert_int_equal(dew_listener_open(f.loops[0], &options, &listener, NULL), 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    address.sin_port = htons((unsigned short)dew_listener_port(listener));
    int client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);

    struct rlimit before, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    int lowest_free = dup(client);
    close(lowest_free);
    none = before;
    none.rlim_cur = (rlim_t)lowest_free;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    for (int i = 0; i < 5; i++)
        dew_loop_turn(f.loops[0], false);
    assert_int_equal(accepts(&f), 0);
    dew_loop_clock_advance(f.loops[0], DEW_LISTENER_RETRY_MS);
    assert_int_equal(told_starved, 1); /* once, however often it is tried */
    assert_int_equal(told_taken, 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    dew_loop_turn(f.loops[0], false);
    assert_int_equal(accepts(&f), 0); /* not before the pause is over: the loop does not spin */
    dew_loop_clock_advance(f.loops[0], DEW_LISTENER_RETRY_MS);
    dew_loop_turn(f.loops[0], false);
    assert_int_equal(accepts(&f), 1);
    assert_int_equal(told_taken, 1);
    close(client);
    finish(&f, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_go_round_the_loops),
        cmocka_unit_test(connections_on_their_way_are_dropped_at_the_end),
        cmocka_unit_test(listens_on_a_unix_socket_and_replaces_a_stale_one),
        cmocka_unit_test(takes_over_a_listening_descriptor),
        cmocka_unit_test(running_out_of_descriptors_is_waited_out),
        cmocka_unit_test(what_is_no_address_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
