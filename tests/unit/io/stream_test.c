/* stream_test.c - reading, pausing, writing, queues, ends, connecting; and no SIGPIPE, ever. */
#include "io/listener.h"
#include "io/stream.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct peer {
    dew_stream *stream;
    char *bytes; /* all that was read */
    size_t len;
    int reads, ends, end_error, drains, closes, hang_ups, connects, connect_error;
    bool pauses, closes_on_read; /* what on_read does */
} peer;

static void on_connect(dew_stream *stream, int error)
{
    peer *self = dew_stream_data(stream);
    self->connects++;
    self->connect_error = error;
}

static void on_read(dew_stream *stream, const char *bytes, size_t len)
{
    peer *self = dew_stream_data(stream);
    assert_true(len > 0 && len <= DEW_STREAM_READ_LEN);
    self->bytes = realloc(self->bytes, self->len + len);
    memcpy(self->bytes + self->len, bytes, len);
    self->len += len;
    self->reads++;
    if (self->pauses)
        dew_stream_read_pause(stream);
    if (self->closes_on_read)
        dew_stream_close(stream);
}

static void on_end(dew_stream *stream, int error)
{
    peer *self = dew_stream_data(stream);
    self->ends++;
    self->end_error = error;
}

static void on_drain(dew_stream *stream)
{
    ((peer *)dew_stream_data(stream))->drains++;
}

static void on_hang_up(dew_stream *stream)
{
    ((peer *)dew_stream_data(stream))->hang_ups++;
}

static void on_close(dew_stream *stream)
{
    peer *self = dew_stream_data(stream);
    self->closes++;
    self->stream = NULL;
}

static const dew_stream_events events = {
    .on_connect = on_connect, .on_read = on_read, .on_end = on_end, .on_hang_up = on_hang_up, .on_drain = on_drain, .on_close = on_close
};

typedef struct fixture {
    dew_loop *loop;
    peer a, b;
} fixture;

static void begin(fixture *f)
{
    *f = (fixture){ 0 };
    assert_int_equal(dew_loop_create(NULL, &f->loop), 0);
    assert_int_equal(dew_stream_pair(f->loop, f->loop, &f->a.stream, &f->b.stream), 0);
    dew_stream_attach(f->a.stream, &events, &f->a);
    dew_stream_attach(f->b.stream, &events, &f->b);
}

static void finish(fixture *f)
{
    dew_loop_destroy(f->loop);
    assert_null(f->a.stream);
    assert_null(f->b.stream);
    assert_int_equal(f->a.closes, 1);
    assert_int_equal(f->b.closes, 1);
    free(f->a.bytes);
    free(f->b.bytes);
}

static void turns(dew_loop *loop, int count)
{
    for (int i = 0; i < count; i++)
        dew_loop_turn(loop, false);
}

static void bytes_go_through(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_stream_read_start(f.b.stream);
    dew_blob *blob = dew_blob_copy(S("shared"));
    dew_io_slice slices[] = {
        { "one ", 4, NULL }, { "", 0, NULL }, { blob->data, blob->len, blob }, { " two", 4, NULL }
    };
    assert_int_equal(dew_stream_write(f.a.stream, slices, 4), 0);
    assert_int_equal(dew_stream_queued_len(f.a.stream), 0);
    dew_blob_unref(blob);
    while (f.b.len < 14)
        dew_loop_turn(f.loop, true);
    assert_memory_equal(f.b.bytes, "one shared two", 14);
    assert_int_equal(f.a.drains, 0); /* nothing was queued */
    finish(&f);
}

static void what_the_kernel_does_not_take_is_queued_and_arrives(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    enum { LEN = 3 * 1000 * 1000 };
    char *bytes = malloc(LEN);
    for (int i = 0; i < LEN; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    dew_blob *blob = dew_blob_create(LEN);
    memcpy(blob->data, bytes, LEN);
    char *borrowed = malloc(LEN);
    memcpy(borrowed, bytes, LEN);

    dew_io_slice slices[] = { { borrowed, LEN, NULL }, { blob->data, LEN, blob }, { borrowed, LEN, NULL } };
    assert_int_equal(dew_stream_write(f.a.stream, slices, 3), 0);
    free(borrowed); /* borrowed until the call returned */
    dew_blob_unref(blob);
    assert_true(dew_stream_queued_len(f.a.stream) > DEW_STREAM_QUEUE_MAX);
    assert_int_equal(dew_stream_write_bytes(f.a.stream, "x", 1), DEW_E_LIMIT);

    dew_stream_read_start(f.b.stream);
    while (f.b.len < 3 * (size_t)LEN)
        dew_loop_turn(f.loop, true);
    turns(f.loop, 1);
    for (int i = 0; i < 3; i++)
        assert_memory_equal(f.b.bytes + (size_t)i * LEN, bytes, LEN);
    assert_int_equal(dew_stream_queued_len(f.a.stream), 0);
    assert_int_equal(f.a.drains, 1);
    assert_int_equal(dew_stream_write_bytes(f.a.stream, "x", 1), 0);
    free(bytes);
    finish(&f);
}

static void queued_writes_keep_their_order(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_stream_set_queue_max(f.a.stream, SIZE_MAX);
    enum { COUNT = 20000 };
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(dew_stream_write_bytes(f.a.stream, (const char *)&i, sizeof i), 0);
    static char filler[300000];
    assert_int_equal(dew_stream_write_bytes(f.a.stream, filler, sizeof filler), 0);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(dew_stream_write_bytes(f.a.stream, (const char *)&i, sizeof i), 0);
    dew_stream_shutdown(f.a.stream);
    assert_int_equal(dew_stream_write_bytes(f.a.stream, "x", 1), DEW_E_CLOSED);
    dew_stream_read_start(f.b.stream);
    while (f.b.ends == 0)
        dew_loop_turn(f.loop, true);
    assert_int_equal(f.b.end_error, 0);
    assert_int_equal(f.b.len, 2 * COUNT * sizeof(unsigned) + sizeof filler);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_memory_equal(f.b.bytes + i * sizeof i, &i, sizeof i);
        assert_memory_equal(f.b.bytes + f.b.len - (COUNT - i) * sizeof i, &i, sizeof i);
    }
    finish(&f);
}

static void a_paused_stream_keeps_bytes_and_delivers_them_later(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_stream_read_pause(f.b.stream);
    assert_int_equal(dew_stream_write_bytes(f.a.stream, "first ", 6), 0);
    turns(f.loop, 2);
    assert_int_equal(dew_stream_write_bytes(f.a.stream, "second ", 7), 0);
    turns(f.loop, 2);
    assert_int_equal(f.b.reads, 0);
    dew_stream_read_start(f.b.stream);
    assert_int_equal(f.b.reads, 0); /* not within the call */
    assert_int_equal(dew_stream_write_bytes(f.a.stream, "third", 5), 0);
    while (f.b.len < 18)
        dew_loop_turn(f.loop, true);
    assert_memory_equal(f.b.bytes, "first second third", 18);
    finish(&f);
}

static void a_hang_up_is_noticed_while_paused(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_stream_read_pause(f.b.stream);
    assert_int_equal(dew_stream_write_bytes(f.a.stream, "kept", 4), 0);
    turns(f.loop, 2);
    dew_stream_close(f.a.stream);
    while (f.b.ends == 0)
        dew_loop_turn(f.loop, true);
    assert_int_equal(f.b.reads, 0);
    assert_int_equal(f.b.end_error, 0);
    dew_stream_read_start(f.b.stream);
    turns(f.loop, 1);
    assert_int_equal(f.b.len, 4);
    assert_int_equal(f.b.ends, 1);
    assert_int_equal(f.b.hang_ups, 0);
    finish(&f);
}

/* Nothing is read there any more, and nothing of what came is lost. */
static void a_hang_up_behind_more_than_is_kept_is_noticed(void **state)
{
    (void)state;
    enum { LEN = DEW_STREAM_PAUSED_MAX + 1000 };
    static char much[LEN];
    fixture f;
    begin(&f);
    dew_stream_read_pause(f.b.stream);
    assert_int_equal(dew_stream_write_bytes(f.a.stream, much, LEN), 0);
    while (dew_stream_queued_len(f.a.stream) != 0)
        dew_loop_turn(f.loop, true);
    turns(f.loop, 4);
    assert_int_equal(f.b.hang_ups, 0);
    dew_stream_close(f.a.stream);
    while (f.b.hang_ups == 0)
        dew_loop_turn(f.loop, true);
    assert_int_equal(f.b.reads + f.b.ends, 0);
    dew_stream_read_start(f.b.stream);
    while (f.b.ends == 0)
        dew_loop_turn(f.loop, true);
    assert_int_equal(f.b.len, LEN);
    assert_int_equal(f.b.hang_ups, 1);
    finish(&f);
}

static void a_flood_while_paused_is_bounded_and_loses_nothing(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_stream_set_queue_max(f.a.stream, SIZE_MAX);
    dew_stream_read_pause(f.b.stream);
    enum { LEN = 2 * 1000 * 1000 };
    char *bytes = malloc(LEN);
    for (int i = 0; i < LEN; i++)
        bytes[i] = (char)(i / 17);
    assert_int_equal(dew_stream_write_bytes(f.a.stream, bytes, LEN), 0);
    turns(f.loop, 20);
    assert_true(dew_stream_queued_len(f.a.stream) > LEN / 2); /* the kernel holds the sender */
    f.b.pauses = true;                                        /* and again after each read */
    while (f.b.len < LEN) {
        dew_stream_read_start(f.b.stream);
        dew_loop_turn(f.loop, true);
    }
    assert_memory_equal(f.b.bytes, bytes, LEN);
    free(bytes);
    finish(&f);
}

static void closing_in_a_handler_is_safe_and_final(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    f.b.closes_on_read = true;
    dew_stream_read_start(f.b.stream);
    assert_int_equal(dew_stream_write_bytes(f.a.stream, "one", 3), 0);
    dew_stream_read_start(f.a.stream);
    while (f.b.closes == 0)
        dew_loop_turn(f.loop, true);
    assert_int_equal(f.b.reads, 1);
    while (f.a.ends == 0)
        dew_loop_turn(f.loop, true);
    assert_int_equal(f.a.end_error, 0);
    finish(&f);
}

static void closing_drops_what_is_queued(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_blob *blob = dew_blob_create(1 << 20);
    memset(blob->data, 'x', blob->len);
    assert_int_equal(dew_stream_write_blob(f.a.stream, blob), 0);
    assert_true(dew_stream_queued_len(f.a.stream) > 0);
    assert_int_equal(__atomic_load_n(&blob->refs, __ATOMIC_RELAXED), 2);
    dew_stream_close(f.a.stream);
    dew_stream_close(f.a.stream);
    assert_true(dew_stream_is_closing(f.a.stream));
    assert_int_equal(dew_stream_write_bytes(f.a.stream, "x", 1), DEW_E_CLOSED);
    while (f.a.closes == 0)
        dew_loop_turn(f.loop, true);
    assert_int_equal(__atomic_load_n(&blob->refs, __ATOMIC_RELAXED), 1);
    assert_int_equal(f.a.drains, 0);
    dew_blob_unref(blob);
    finish(&f);
}

static void a_failed_write_is_told_even_after_the_end_of_reading(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_stream_read_start(f.a.stream);
    dew_stream_shutdown(f.b.stream); /* the peer has said all, and still listens */
    while (f.a.ends == 0)
        dew_loop_turn(f.loop, true);
    assert_int_equal(f.a.end_error, 0);
    static char filler[1 << 20];
    assert_int_equal(dew_stream_write_bytes(f.a.stream, filler, sizeof filler), 0);
    assert_true(dew_stream_queued_len(f.a.stream) > 0);
    dew_stream_close(f.b.stream);
    while (f.a.ends == 1)
        dew_loop_turn(f.loop, true);
    assert_int_equal(f.a.end_error, DEW_E_CLOSED);
    assert_int_equal(dew_stream_write_bytes(f.a.stream, "x", 1), DEW_E_CLOSED);
    turns(f.loop, 3);
    assert_int_equal(f.a.ends, 2);
    assert_int_equal(f.a.drains, 0);
    finish(&f);
}

static volatile sig_atomic_t sigpipes;

static void count_sigpipe(int number)
{
    (void)number;
    sigpipes = sigpipes + 1;
}

typedef struct writer {
    dew_deferred deferred;
    dew_stream *stream;
    int error;
} writer;

static void write_now(dew_deferred *deferred)
{
    writer *self = dew_container_of(deferred, writer, deferred);
    self->error = dew_stream_write_bytes(self->stream, "x", 1);
}

static void writing_to_a_peer_that_has_gone_raises_no_signal(void **state)
{
    (void)state;
    struct sigaction action = { .sa_handler = count_sigpipe }, before;
    sigaction(SIGPIPE, &action, &before);
    fixture f;
    begin(&f);
    dew_stream_close(f.b.stream);
    turns(f.loop, 2);
    /* outside of the loop, and within it */
    assert_int_equal(dew_stream_write_bytes(f.a.stream, "x", 1), DEW_E_CLOSED);
    assert_int_equal(sigpipes, 0);
    writer late = { .deferred.run = write_now, .stream = f.a.stream };
    dew_loop_defer(f.loop, &late.deferred);
    turns(f.loop, 1);
    assert_int_equal(late.error, DEW_E_CLOSED);
    assert_int_equal(sigpipes, 0);
    raise(SIGPIPE); /* the host's own still arrives: the mask is as it was */
    assert_int_equal(sigpipes, 1);
    finish(&f);
    sigaction(SIGPIPE, &before, NULL);
}

/* --- over TCP --- */

typedef struct server {
    peer peer;
    int accepts;
} server;

static void on_accept(void *context, dew_loop *loop, dew_stream *stream)
{
    server *self = context;
    assert_ptr_equal(dew_stream_loop(stream), loop);
    self->accepts++;
    self->peer.stream = stream;
    dew_stream_attach(stream, &events, &self->peer);
    dew_stream_read_start(stream);
}

static void connects_over_tcp(void **state)
{
    (void)state;
    dew_loop *loop;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    server one = { 0 };
    dew_listener *listener;
    dew_error error = { 0 };
    dew_listener_options options = { .context = &one, .on_accept = on_accept };
    assert_int_equal(dew_listener_open(loop, &options, &listener, &error), 0);
    int port = dew_listener_port(listener);
    assert_true(port > 0);

    peer client = { 0 };
    assert_int_equal(dew_stream_connect(loop, &(dew_endpoint){ .port = port }, &events, &client, &client.stream), 0);
    while (client.connects == 0 || one.accepts == 0)
        dew_loop_turn(loop, true);
    assert_int_equal(client.connect_error, 0);
    char text[DEW_ENDPOINT_TEXT_MAX];
    dew_stream_peer(one.peer.stream, text);
    assert_memory_equal(text, "127.0.0.1:", 10);
    dew_stream_peer_host(one.peer.stream, text);
    assert_string_equal(text, "127.0.0.1");
    assert_int_equal(dew_stream_write_bytes(client.stream, "hello", 5), 0);
    while (one.peer.len < 5)
        dew_loop_turn(loop, true);
    assert_memory_equal(one.peer.bytes, "hello", 5);

    /* the port is taken now, and the message says so */
    dew_listener *second;
    options.endpoint.port = port;
    assert_int_equal(dew_listener_open(loop, &options, &second, &error), DEW_E_CONFLICT);
    assert_non_null(strstr(error.message, "127.0.0.1"));

    dew_listener_close(listener);
    dew_loop_destroy(loop);
    assert_int_equal(client.closes + one.peer.closes, 2);
    free(one.peer.bytes);
}

static void a_refused_connection_is_told(void **state)
{
    (void)state;
    dew_loop *loop;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    dew_listener *listener;
    server one = { 0 };
    dew_listener_options options = { .context = &one, .on_accept = on_accept };
    assert_int_equal(dew_listener_open(loop, &options, &listener, NULL), 0);
    int port = dew_listener_port(listener);
    dew_listener_close(listener);
    turns(loop, 2);
    peer client = { 0 };
    assert_int_equal(dew_stream_connect(loop, &(dew_endpoint){ .port = port }, &events, &client, &client.stream), 0);
    while (client.connects == 0)
        dew_loop_turn(loop, true);
    assert_true(client.connect_error < 0);
    assert_int_equal(dew_stream_connect(loop, &(dew_endpoint){ .host = "no such" }, &events, &client, &client.stream),
                     DEW_E_INVALID);
    dew_loop_destroy(loop);
    assert_int_equal(client.closes, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_through),
        cmocka_unit_test(what_the_kernel_does_not_take_is_queued_and_arrives),
        cmocka_unit_test(queued_writes_keep_their_order),
        cmocka_unit_test(a_paused_stream_keeps_bytes_and_delivers_them_later),
        cmocka_unit_test(a_hang_up_is_noticed_while_paused),
        cmocka_unit_test(a_hang_up_behind_more_than_is_kept_is_noticed),
        cmocka_unit_test(a_flood_while_paused_is_bounded_and_loses_nothing),
        cmocka_unit_test(closing_in_a_handler_is_safe_and_final),
        cmocka_unit_test(closing_drops_what_is_queued),
        cmocka_unit_test(a_failed_write_is_told_even_after_the_end_of_reading),
        cmocka_unit_test(writing_to_a_peer_that_has_gone_raises_no_signal),
        cmocka_unit_test(connects_over_tcp),
        cmocka_unit_test(a_refused_connection_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
