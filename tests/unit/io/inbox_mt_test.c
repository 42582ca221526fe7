/* inbox_mt_test.c - many threads post to one loop: order per sender, nothing lost, nothing twice, bounded.
 * labels: multi-worker */
#include "io/actor.h"
#include "io/inbox.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SENDER_COUNT = 4, MESSAGE_COUNT = 20000 };

typedef struct letter {
    dew_msg msg;
    struct receiver *to;
    int sender, number;
} letter;

typedef struct receiver {
    dew_loop *loop;
    int next[SENDER_COUNT]; /* expected number of each sender */
    int total, out_of_order;
} receiver;

typedef struct sender {
    dew_msg start;
    dew_actor *actor;
    receiver *to;
    letter *letters;
    int busy;
} sender;

static void receive(dew_loop *loop, dew_msg *msg)
{
    letter *mail = dew_container_of(msg, letter, msg);
    receiver *self = mail->to;
    if (mail->number != self->next[mail->sender])
        self->out_of_order++;
    self->next[mail->sender] = mail->number + 1;
    if (++self->total == SENDER_COUNT * MESSAGE_COUNT)
        dew_loop_stop(loop);
}

static void send_all(void *context, dew_msg *first)
{
    (void)first;
    sender *self = context;
    for (int i = 0; i < MESSAGE_COUNT; i++) {
        int error;
        while ((error = dew_loop_post(self->to->loop, &self->letters[i].msg)) == DEW_E_BUSY) {
            self->busy++;
            sched_yield();
        }
        assert_int_equal(error, 0);
    }
}

static void every_message_arrives_once_and_in_order(void **state)
{
    (void)state;
    receiver one = { 0 };
    assert_int_equal(dew_loop_create(&(dew_loop_options){ .inbox_max = 100 }, &one.loop), 0);
    sender senders[SENDER_COUNT];
    for (int s = 0; s < SENDER_COUNT; s++) {
        senders[s] = (sender){ .to = &one, .letters = calloc(MESSAGE_COUNT, sizeof(letter)) };
        for (int i = 0; i < MESSAGE_COUNT; i++)
            senders[s].letters[i] = (letter){ .msg.run = receive, .to = &one, .sender = s, .number = i };
        dew_actor_options options = { .name = "sender", .context = &senders[s], .on_batch = send_all };
        assert_int_equal(dew_actor_start(&options, &senders[s].actor), 0);
        assert_int_equal(dew_actor_post(senders[s].actor, &senders[s].start), 0);
    }
    dew_loop_run(one.loop);
    for (int s = 0; s < SENDER_COUNT; s++) {
        dew_actor_stop(senders[s].actor);
        assert_int_equal(one.next[s], MESSAGE_COUNT);
        free(senders[s].letters);
    }
    assert_int_equal(one.out_of_order, 0);
    assert_int_equal(one.total, SENDER_COUNT * MESSAGE_COUNT);
    assert_int_equal(dew_loop_inbox_count(one.loop), 0);
    dew_loop_destroy(one.loop);
}

static void stop_it(void *context, dew_msg *first)
{
    (void)first;
    dew_loop_stop(context);
}

static void a_loop_that_waits_is_stopped_from_another_thread(void **state)
{
    (void)state;
    dew_loop *loop;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    for (int i = 0; i < 50; i++) {
        dew_actor *actor;
        dew_msg msg = { 0 };
        dew_actor_options options = { .name = "stopper", .context = loop, .on_batch = stop_it };
        assert_int_equal(dew_actor_start(&options, &actor), 0);
        assert_int_equal(dew_actor_post(actor, &msg), 0);
        dew_loop_run(loop);
        dew_actor_stop(actor);
    }
    dew_loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_arrives_once_and_in_order),
        cmocka_unit_test(a_loop_that_waits_is_stopped_from_another_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
