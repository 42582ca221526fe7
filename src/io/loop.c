/* loop.c - what every loop has, whatever waits for its sockets: deferred calls, inbox, the clock held for tests.
 * Loop's thread, but posting. */
#include "io/loop_internal.h"
#include "io/watchdog.h"

#include <assert.h>

static _Thread_local dew_loop *current; /* the loop that this thread runs */

void dew_loop_core_init(dew_loop *loop, const dew_loop_options *options, int64_t now_ms)
{
    static const dew_loop_options defaults;
    if (options == NULL)
        options = &defaults;
    dew_wheel_init(&loop->wheel, now_ms);
    dew_list_init(&loop->deferred);
    dew_list_init(&loop->deferred_next);
    dew_list_init(&loop->parts);
    dew_io_mailbox_init(&loop->inbox, options->inbox_max != 0 ? options->inbox_max : DEW_LOOP_INBOX_MAX);
    dew_fiber_pool_init(loop, options->fiber_max, options->fiber_stack_size);
    loop->index = options->index;
}

void dew_loop_core_dispose(dew_loop *loop)
{
    dew_fiber_pool_dispose(&loop->fibers);
}

void dew_loop_set_current(dew_loop *loop)
{
    current = loop;
}

dew_loop *dew_loop_current(void)
{
    return current;
}

unsigned dew_loop_index(const dew_loop *loop)
{
    return loop->index;
}

void dew_loop_set_data(dew_loop *loop, void *data)
{
    loop->data = data;
}

void *dew_loop_data(const dew_loop *loop)
{
    return loop->data;
}

void dew_loop_part_add(dew_loop *loop, dew_loop_part *part)
{
    dew_list_push_back(&loop->parts, &part->link);
}

dew_loop_part *dew_loop_part_find(const dew_loop *loop, const void *key)
{
    dew_list_each_safe(link, &loop->parts) {
        dew_loop_part *part = dew_container_of(link, dew_loop_part, link);
        if (part->key == key)
            return part;
    }
    return NULL;
}

void dew_loop_dispose_parts(dew_loop *loop)
{
    for (dew_link *link; (link = dew_list_pop_front(&loop->parts)) != NULL;) {
        dew_loop_part *part = dew_container_of(link, dew_loop_part, link);
        part->dispose(part);
    }
}

dew_loop_usage dew_loop_usage_get(const dew_loop *loop)
{
    return loop->usage;
}

void dew_loop_defer(dew_loop *loop, dew_deferred *deferred)
{
    assert(dew_loop_is_mine(loop) && "deferred from another thread: post a message");
    if (deferred->link.next == NULL)
        dew_list_push_back(&loop->deferred, &deferred->link);
}

void dew_loop_defer_next(dew_loop *loop, dew_deferred *deferred)
{
    assert(dew_loop_is_mine(loop) && "deferred from another thread: post a message");
    if (deferred->link.next != NULL)
        return;
    dew_list_push_back(&loop->deferred_next, &deferred->link);
    dew_loop_want_turn(loop);
}

void dew_deferred_cancel(dew_deferred *deferred)
{
    dew_list_unlink(&deferred->link);
}

static void run_all(dew_loop *loop, dew_link *head)
{
    if (dew_list_is_empty(head))
        return;
    const char *previous = dew_watchdog_begin(loop, "deferred");
    for (dew_link *link; (link = dew_list_pop_front(head)) != NULL;) {
        dew_deferred *deferred = dew_container_of(link, dew_deferred, link);
        deferred->run(deferred);
    }
    dew_watchdog_end(loop, previous);
}

void dew_loop_run_deferred(dew_loop *loop)
{
    run_all(loop, &loop->deferred);
}

void dew_loop_run_deferred_next(dew_loop *loop)
{
    /* what is deferred meanwhile belongs to the turn after: move the list aside */
    if (dew_list_is_empty(&loop->deferred_next))
        return;
    dew_link now;
    dew_list_push_back(&loop->deferred_next, &now);
    dew_list_unlink(&loop->deferred_next);
    dew_list_init(&loop->deferred_next);
    run_all(loop, &now);
}

static int post(dew_loop *loop, dew_msg *msg, bool is_bounded)
{
    bool was_empty;
    int error = dew_io_mailbox_push(&loop->inbox, msg, is_bounded, &was_empty);
    if (error == 0 && was_empty)
        dew_loop_wake(loop);
    return error;
}

int dew_loop_post(dew_loop *loop, dew_msg *msg)
{
    return post(loop, msg, true);
}

int dew_loop_post_answer(dew_loop *loop, dew_msg *msg)
{
    return post(loop, msg, false);
}

size_t dew_loop_inbox_count(const dew_loop *loop)
{
    return dew_io_mailbox_count(&loop->inbox);
}

void dew_loop_run_inbox(dew_loop *loop)
{
    dew_msg *msg = dew_io_mailbox_take(&loop->inbox);
    if (msg == NULL)
        return;
    const char *previous = dew_watchdog_begin(loop, "message");
    for (dew_msg *next; msg != NULL; msg = next) {
        next = msg->next;
        msg->run(loop, msg);
    }
    dew_watchdog_end(loop, previous);
}

void dew_loop_drop_inbox(dew_loop *loop)
{
    dew_msg *msg = dew_io_mailbox_close(&loop->inbox);
    for (dew_msg *next; msg != NULL; msg = next) {
        next = msg->next;
        if (msg->drop != NULL)
            msg->drop(msg);
    }
}

void dew_loop_clock_hold(dew_loop *loop)
{
    loop->held_now_ms = dew_loop_now_ms(loop);
    loop->is_clock_held = true;
}

void dew_loop_clock_advance(dew_loop *loop, int64_t ms)
{
    dew_loop *before = current;
    bool was_running = loop->is_running;
    current = loop;
    loop->is_running = true;
    int64_t end_ms = loop->held_now_ms + ms;
    for (int64_t next_ms; (next_ms = dew_wheel_next_ms(&loop->wheel)) <= end_ms;) {
        loop->held_now_ms = next_ms;
        dew_wheel_advance(&loop->wheel, next_ms);
        dew_loop_run_deferred(loop);
    }
    loop->held_now_ms = end_ms;
    dew_wheel_advance(&loop->wheel, end_ms);
    current = before;
    loop->is_running = was_running;
    dew_loop_turn(loop, false);
}
