/* actor_mt_test.c - batches, stopping, idle calls, limits, failing to start.
 * labels: multi-worker */
#include "io/actor.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct writer {
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t changed;
    bool is_open; /* on_batch waits for it */
    int received, batches, idles, starts, stops, start_error, taken;
    int is_sigpipe_blocked;
    dew_actor *actor; /* to take more from */
} writer;

static void writer_init(writer *self, bool is_open)
{
    *self = (writer){ .is_open = is_open };
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->changed, NULL);
}

static int on_start(void *context)
{
    writer *self = context;
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    pthread_mutex_lock(&self->lock);
    self->starts++;
    self->is_sigpipe_blocked = sigismember(&mask, SIGPIPE) && sigismember(&mask, SIGTERM);
    int error = self->start_error;
    pthread_mutex_unlock(&self->lock);
    return error;
}

static int count(const dew_msg *first)
{
    int n = 0;
    for (; first != NULL; first = first->next)
        n++;
    return n;
}

static void on_batch(void *context, dew_msg *first)
{
    writer *self = context;
    pthread_mutex_lock(&self->lock);
    self->batches++;
    self->received += count(first);
    pthread_cond_broadcast(&self->changed);
    while (!self->is_open)
        pthread_cond_wait(&self->changed, &self->lock);
    if (self->actor != NULL) {
        int more = count(dew_actor_take(self->actor));
        self->taken += more;
        self->received += more;
    }
    pthread_mutex_unlock(&self->lock);
}

static void on_idle(void *context)
{
    writer *self = context;
    pthread_mutex_lock(&self->lock);
    self->idles++;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static void on_stop(void *context)
{
    writer *self = context;
    pthread_mutex_lock(&self->lock);
    self->stops++;
    pthread_mutex_unlock(&self->lock);
}

static dew_actor *start(writer *self, size_t inbox_max, int64_t idle_ms)
{
    dew_actor_options options = { .name = "a writer with a long name",
                                  .inbox_max = inbox_max,
                                  .context = self,
                                  .on_start = on_start,
                                  .on_batch = on_batch,
                                  .on_stop = on_stop,
                                  .idle_ms = idle_ms,
                                  .on_idle = on_idle };
    dew_actor *actor = NULL;
    assert_int_equal(dew_actor_start(&options, &actor), self->start_error);
    return actor;
}

static void wait_until(writer *self, const int *number, int least)
{
    pthread_mutex_lock(&self->lock);
    while (*number < least)
        pthread_cond_wait(&self->changed, &self->lock);
    pthread_mutex_unlock(&self->lock);
}

static void open_door(writer *self, dew_actor *take_from)
{
    pthread_mutex_lock(&self->lock);
    self->actor = take_from;
    self->is_open = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static void what_came_meanwhile_is_one_batch(void **state)
{
    (void)state;
    writer self;
    writer_init(&self, false);
    dew_actor *actor = start(&self, 0, 0);
    assert_true(self.is_sigpipe_blocked);
    dew_msg msgs[101] = { 0 };
    assert_int_equal(dew_actor_post(actor, &msgs[0]), 0);
    wait_until(&self, &self.batches, 1);
    for (int i = 1; i <= 100; i++)
        assert_int_equal(dew_actor_post(actor, &msgs[i]), 0);
    assert_int_equal(dew_actor_inbox_count(actor), 100);
    open_door(&self, NULL);
    wait_until(&self, &self.received, 101);
    dew_actor_stop(actor);
    assert_int_equal(self.batches, 2);
    assert_int_equal(self.stops, 1);
}

static void a_handler_may_take_more(void **state)
{
    (void)state;
    writer self;
    writer_init(&self, false);
    dew_actor *actor = start(&self, 0, 0);
    dew_msg msgs[11] = { 0 };
    assert_int_equal(dew_actor_post(actor, &msgs[0]), 0);
    wait_until(&self, &self.batches, 1);
    for (int i = 1; i <= 10; i++)
        assert_int_equal(dew_actor_post(actor, &msgs[i]), 0);
    open_door(&self, actor);
    dew_actor_stop(actor);
    assert_int_equal(self.batches, 1);
    assert_int_equal(self.taken, 10);
}

static void a_full_mailbox_refuses(void **state)
{
    (void)state;
    writer self;
    writer_init(&self, false);
    dew_actor *actor = start(&self, 2, 0);
    dew_msg msgs[4] = { 0 };
    assert_int_equal(dew_actor_post(actor, &msgs[0]), 0);
    wait_until(&self, &self.batches, 1);
    assert_int_equal(dew_actor_post(actor, &msgs[1]), 0);
    assert_int_equal(dew_actor_post(actor, &msgs[2]), 0);
    assert_int_equal(dew_actor_post(actor, &msgs[3]), DEW_E_BUSY);
    open_door(&self, NULL);
    dew_actor_stop(actor); /* finishes those that are there */
    assert_int_equal(self.received, 3);
}

static void an_actor_with_nothing_to_do_is_told(void **state)
{
    (void)state;
    writer self;
    writer_init(&self, true);
    dew_actor *actor = start(&self, 0, 1);
    wait_until(&self, &self.idles, 2);
    dew_msg msg = { 0 };
    assert_int_equal(dew_actor_post(actor, &msg), 0);
    wait_until(&self, &self.received, 1);
    dew_actor_stop(actor);
}

static void failing_to_start_is_reported(void **state)
{
    (void)state;
    writer self;
    writer_init(&self, true);
    self.start_error = DEW_E_DENIED;
    assert_null(start(&self, 0, 0));
    assert_int_equal(self.starts, 1);
    assert_int_equal(self.stops, 0);
    dew_actor_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_meanwhile_is_one_batch), cmocka_unit_test(a_handler_may_take_more),
        cmocka_unit_test(a_full_mailbox_refuses),           cmocka_unit_test(an_actor_with_nothing_to_do_is_told),
        cmocka_unit_test(failing_to_start_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
