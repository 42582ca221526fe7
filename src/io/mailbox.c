/* mailbox.c - see mailbox_internal.h. push: any thread; the rest: the receiver's. */
#include "io/mailbox_internal.h"

static dew_msg closed_mark; /* an address, never looked into */
#define CLOSED (&closed_mark)

void dew_io_mailbox_init(dew_io_mailbox *box, size_t max)
{
    box->newest = NULL;
    box->count = 0;
    box->max = max;
}

int dew_io_mailbox_push(dew_io_mailbox *box, dew_msg *msg, bool is_bounded, bool *was_empty)
{
    size_t before = __atomic_fetch_add(&box->count, 1, __ATOMIC_RELAXED);
    if (is_bounded && before >= box->max) {
        __atomic_fetch_sub(&box->count, 1, __ATOMIC_RELAXED);
        return DEW_E_BUSY;
    }
    dew_msg *newest = __atomic_load_n(&box->newest, __ATOMIC_RELAXED);
    do {
        if (newest == CLOSED) {
            __atomic_fetch_sub(&box->count, 1, __ATOMIC_RELAXED);
            return DEW_E_CLOSED;
        }
        msg->next = newest;
    } while (!__atomic_compare_exchange_n(&box->newest, &newest, msg, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    *was_empty = newest == NULL;
    return 0;
}

/* Turns the stack round and gives its places back. */
static dew_msg *oldest_first(dew_io_mailbox *box, dew_msg *newest)
{
    dew_msg *first = NULL;
    size_t count = 0;
    while (newest != NULL) {
        dew_msg *older = newest->next;
        newest->next = first;
        first = newest;
        newest = older;
        count++;
    }
    __atomic_fetch_sub(&box->count, count, __ATOMIC_RELAXED);
    return first;
}

dew_msg *dew_io_mailbox_take(dew_io_mailbox *box)
{
    if (dew_io_mailbox_is_empty(box))
        return NULL;
    return oldest_first(box, __atomic_exchange_n(&box->newest, NULL, __ATOMIC_ACQUIRE));
}

dew_msg *dew_io_mailbox_close(dew_io_mailbox *box)
{
    dew_msg *newest = __atomic_exchange_n(&box->newest, CLOSED, __ATOMIC_ACQUIRE);
    return newest == CLOSED ? NULL : oldest_first(box, newest);
}

bool dew_io_mailbox_is_empty(const dew_io_mailbox *box)
{
    const dew_msg *newest = __atomic_load_n(&box->newest, __ATOMIC_RELAXED);
    return newest == NULL || newest == CLOSED;
}

size_t dew_io_mailbox_count(const dew_io_mailbox *box)
{
    return __atomic_load_n(&box->count, __ATOMIC_RELAXED);
}
