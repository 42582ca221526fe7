/* A foreign descriptor on a loop: told what it is ready for, until closed. */
#include "io/poll.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct probe {
    dew_poll *poll;
    unsigned seen;
    int calls;
    bool closes;
} probe;

static void on_ready(void *context, int fd, unsigned events)
{
    probe *self = context;
    assert_true(fd >= 0);
    self->calls++;
    self->seen = events;
    if (self->closes)
        dew_poll_close(self->poll);
}

static void readiness_is_told_until_it_is_closed(void **state)
{
    (void)state;
    dew_loop *loop;
    int fds[2];
    probe p = { 0 };
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_int_equal(dew_poll_open(loop, fds[0], on_ready, &p, &p.poll), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    dew_loop_turn(loop, false);
    assert_int_equal(p.calls, 0); /* asked for nothing */
    assert_int_equal(dew_poll_set(p.poll, DEW_POLL_WRITE), 0);
    dew_loop_turn(loop, true);
    assert_int_equal(p.seen, DEW_POLL_WRITE);
    assert_int_equal(dew_poll_set(p.poll, DEW_POLL_READ | DEW_POLL_WRITE), 0);
    dew_loop_turn(loop, true);
    assert_int_equal(p.seen, DEW_POLL_READ | DEW_POLL_WRITE);
    assert_int_equal(dew_poll_set(p.poll, 0), 0);
    int before = p.calls;
    dew_loop_turn(loop, false);
    assert_int_equal(p.calls, before);
    p.closes = true;
    assert_int_equal(dew_poll_set(p.poll, DEW_POLL_READ), 0);
    dew_loop_turn(loop, true);
    dew_loop_turn(loop, false);
    assert_int_equal(p.calls, before + 1);
    assert_int_equal(dew_poll_open(loop, fds[0], on_ready, &p, &p.poll), 0); /* closed with the loop */
    dew_loop_destroy(loop);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(readiness_is_told_until_it_is_closed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
