/* actor.h - an actor: a mailbox on a thread of its own (the writer of a shard is one).
 *
 * Its handler gets all messages that have arrived as one batch, in order per sender: who writes to a disk can put them
 * in one transaction. Threads start only in src/io (design rule 11); in the simulator an actor is a task of the
 * scheduler, hence callbacks and no blocking receive. */
#ifndef DEW_IO_ACTOR_H
#define DEW_IO_ACTOR_H

#include "io/inbox.h"

typedef struct dew_actor dew_actor;

/* Messages waiting for an actor, when the options do not say. */
#define DEW_ACTOR_INBOX_MAX 16384

/* All callbacks run on the actor's thread. Borrowed until dew_actor_stop returns: context and name. */
typedef struct dew_actor_options {
    const char *name; /* of the thread, at most 15 bytes are shown */
    size_t inbox_max; /* 0: DEW_ACTOR_INBOX_MAX */
    void *context;
    int (*on_start)(void *context); /* may be NULL; an error ends the thread and dew_actor_start */
    /* a list by ->next, ended by NULL, never empty; the handler owns every message */
    void (*on_batch)(void *context, dew_msg *first);
    int64_t idle_ms;                /* > 0: on_idle when nothing came for so long */
    void (*on_idle)(void *context); /* may be NULL; once per idle_ms without messages */
    void (*on_stop)(void *context); /* may be NULL; last, after the mailbox is empty */
} dew_actor_options;

/* Starts the thread and returns when on_start has. Error: on_start's, DEW_E_NOMEM, DEW_E_LIMIT (no more threads). */
int dew_actor_start(const dew_actor_options *options, dew_actor **out) DEW_MUST_USE;

/* As dew_loop_post: 0, DEW_E_BUSY, DEW_E_CLOSED (stopping). msg->run and msg->drop are not used: on_batch gets all. Any
 * thread. */
int dew_actor_post(dew_actor *actor, dew_msg *msg) DEW_MUST_USE;

/* What has arrived since the batch was handed over, as such a list; NULL when nothing. Inside on_batch only: lets it
 * grow a batch while there is still room in the transaction. */
dew_msg *dew_actor_take(dew_actor *actor);

size_t dew_actor_inbox_count(const dew_actor *actor); /* any thread; a guess */

/* Refuses further messages, lets the handler finish those that are there, joins the thread, frees. Not on the
 * actor's thread, and not while another thread may still post to it. Takes NULL. */
void dew_actor_stop(dew_actor *actor);

#endif
