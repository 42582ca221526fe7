/* worker.h - the workers: N threads with one loop each.
 *
 * All loops exist before the first thread starts and until after the last has ended, so workers may post to each other
 * at any time in between. */
#ifndef DEW_IO_WORKER_H
#define DEW_IO_WORKER_H

#include "io/loop.h"

typedef struct dew_worker_group dew_worker_group;

#define DEW_WORKER_COUNT_MAX 256

typedef struct dew_worker_options {
    unsigned count;        /* 0: one per core that the process may use; at most DEW_WORKER_COUNT_MAX */
    bool pin;              /* bind each to a core of its own, where the system can */
    dew_loop_options loop; /* for each; index is filled in */
    void *context;         /* borrowed until destroy */
    int (*on_start)(void *context, dew_loop *loop); /* on the worker's thread, before its first turn; may be NULL */
    void (*on_stop)(void *context, dew_loop *loop); /* on the worker's thread, after its last turn; may be NULL */
} dew_worker_options;

/* Makes the loops. No thread yet: the caller may set the loops up. The caller destroys it. */
int dew_worker_group_create(const dew_worker_options *options, dew_worker_group **out) DEW_MUST_USE;

unsigned dew_worker_group_count(const dew_worker_group *group);
dew_loop *dew_worker_group_loop(const dew_worker_group *group, unsigned index);
/* All of them, count entries; borrowed until destroy. */
dew_loop *const *dew_worker_group_loops(const dew_worker_group *group);

/* Starts a thread per worker; returns when every on_start has returned. On an error (the first one of on_start's, or
 * no thread) all are stopped and joined again. */
int dew_worker_group_start(dew_worker_group *group) DEW_MUST_USE;

/* Instead of start: worker 0 runs on the calling thread, the others on threads; returns after dew_worker_group_stop,
 * with all joined. */
int dew_worker_group_run(dew_worker_group *group) DEW_MUST_USE;

/* Every loop ends after its present turn. Any thread. */
void dew_worker_group_stop(dew_worker_group *group);

/* Waits for the threads. Not on a worker. */
void dew_worker_group_join(dew_worker_group *group);

/* After join, or before start. Destroys the loops. Takes NULL. */
void dew_worker_group_destroy(dew_worker_group *group);

/* Cores that the process may use, at least 1. */
unsigned dew_worker_core_count(void);

#endif
