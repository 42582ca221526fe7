/* inbox.h - messages into a loop, from any thread: one of the three things that workers share.
 *
 * A message stands inside the sender's object (nothing is allocated) and belongs to the loop from a successful post
 * until `run` is called there, on the loop's thread. Bounded: a full inbox refuses (DEW_E_BUSY) and never blocks the
 * sender. Messages of one sender arrive in the order in which it posted them. Wake-ups are coalesced: one per batch. */
#ifndef DEW_IO_INBOX_H
#define DEW_IO_INBOX_H

#include "io/loop.h"

/* Set run (and drop) before posting; next is private. */
typedef struct dew_msg dew_msg;
struct dew_msg {
    dew_msg *next;
    void (*run)(dew_loop *loop, dew_msg *msg); /* on the loop's thread, once; owns msg from here on */
    void (*drop)(dew_msg *msg);                /* instead of run when the receiver ended first; NULL: nothing to free */
};

/* 0, and msg is the loop's; DEW_E_BUSY (inbox full) or DEW_E_CLOSED (the loop is being destroyed), and msg is still the
 * caller's. Any thread, while somebody keeps the loop from being destroyed. */
int dew_loop_post(dew_loop *loop, dew_msg *msg) DEW_MUST_USE;

/* As dew_loop_post, but never refused for being full: for answers, whose number is bounded by the requests that were
 * accepted. Only DEW_E_CLOSED is possible. */
int dew_loop_post_answer(dew_loop *loop, dew_msg *msg) DEW_MUST_USE;

/* Messages waiting now; a guess by the time it is read. Any thread. */
size_t dew_loop_inbox_count(const dew_loop *loop);

#endif
