/* offload.h - blocking work on a bounded pool of threads, so that no loop is held.
 *
 * A pool of our own and not uv_queue_work: that one is one per process (4 threads, shared with the host program and
 * with name look-ups), unbounded, and cannot be stopped. Threads start when first needed. */
#ifndef DEW_IO_OFFLOAD_H
#define DEW_IO_OFFLOAD_H

#include "io/inbox.h"

typedef struct dew_offload dew_offload_pool;
typedef struct dew_offload_job dew_offload_job;

#define DEW_OFFLOAD_THREAD_COUNT 4
/* Jobs that wait for a thread. */
#define DEW_OFFLOAD_QUEUE_MAX 1024

/* Stands inside the caller's object. Set run and on_done; the rest is private. */
struct dew_offload_job {
    dew_msg msg;
    dew_loop *loop;
    void (*run)(dew_offload_job *job);     /* on a thread of the pool: may block, must not touch the loop */
    void (*on_done)(dew_offload_job *job); /* on the loop's thread, afterwards */
    void (*drop)(dew_offload_job *job);    /* instead of on_done when the loop ended first; may be NULL */
};

/* 0 takes the defaults. The caller destroys it. */
int dew_offload_create(unsigned thread_count, size_t queue_max, dew_offload_pool **out) DEW_MUST_USE;

/* Queues a job whose on_done is to run on `loop`. DEW_E_BUSY: the queue is full; DEW_E_LIMIT: no thread could be
 * started. Any thread. */
int dew_offload_submit(dew_offload_pool *pool, dew_loop *loop, dew_offload_job *job) DEW_MUST_USE;

/* Runs fn(arg) on the pool and suspends the calling fiber until it returned. It cannot be cut short: arg may stand on
 * the fiber's stack. 0 or as dew_offload_submit. */
int dew_offload_await(dew_offload_pool *pool, void (*fn)(void *arg), void *arg) DEW_MUST_USE;

/* Finishes what is queued, joins the threads, frees. The loops that wait for answers must still exist. Takes NULL. */
void dew_offload_destroy(dew_offload_pool *pool);

#endif
