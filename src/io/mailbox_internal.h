/* mailbox_internal.h - many senders, one receiver, no lock: what stands behind a loop's inbox and an actor's.
 *
 * Senders push on a stack with one compare-and-swap; the receiver takes the whole stack with one exchange and turns it
 * round, which gives back the order of pushes (hence of each sender). Taking all at once is also why there is no ABA
 * trouble. A closed mailbox holds the mark CLOSED in place of a message. */
#ifndef DEW_IO_MAILBOX_INTERNAL_H
#define DEW_IO_MAILBOX_INTERNAL_H

#include "io/inbox.h"

typedef struct dew_io_mailbox {
    dew_msg *newest; /* atomic; NULL when empty */
    size_t count;    /* atomic; at least the number of messages in the stack */
    size_t max;
} dew_io_mailbox;

void dew_io_mailbox_init(dew_io_mailbox *box, size_t max);

/* 0, DEW_E_BUSY or DEW_E_CLOSED; *was_empty: the receiver may sleep and must be woken. Any thread. */
int dew_io_mailbox_push(dew_io_mailbox *box, dew_msg *msg, bool is_bounded, bool *was_empty) DEW_MUST_USE;

/* All messages, oldest first; NULL when none. Receiver only. */
dew_msg *dew_io_mailbox_take(dew_io_mailbox *box);

/* The same, for the last time: every later push gets DEW_E_CLOSED. Receiver only. */
dew_msg *dew_io_mailbox_close(dew_io_mailbox *box);

bool dew_io_mailbox_is_empty(const dew_io_mailbox *box); /* also when closed */
size_t dew_io_mailbox_count(const dew_io_mailbox *box);

#endif
