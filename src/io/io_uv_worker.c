/* io_uv_worker.c - the workers' threads. Called by the thread that owns the group, but for _stop. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_setaffinity_np */
#endif
#include "io/io_uv_internal.h"
#include "io/worker.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct worker {
    dew_worker_group *group;
    dew_loop *loop;
    dew_uv_thread thread;
    bool has_thread;
    int start_error;
    char name[24];
} worker;

struct dew_worker_group {
    dew_worker_options options;
    unsigned count;
    uv_sem_t started; /* posted by each thread after its on_start */
    dew_loop **loops;
    worker *workers;
};

unsigned dew_worker_core_count(void)
{
    unsigned count = uv_available_parallelism();
    return count != 0 ? count : 1;
}

int dew_worker_group_create(const dew_worker_options *options, dew_worker_group **out)
{
    unsigned count = options->count != 0 ? options->count : dew_worker_core_count();
    if (count > DEW_WORKER_COUNT_MAX)
        count = DEW_WORKER_COUNT_MAX;
    dew_worker_group *group = calloc(1, sizeof *group);
    if (group == NULL)
        return DEW_E_NOMEM;
    if (uv_sem_init(&group->started, 0) != 0) {
        free(group);
        return DEW_E_NOMEM;
    }
    group->options = *options;
    group->loops = calloc(count, sizeof *group->loops);
    group->workers = calloc(count, sizeof *group->workers);
    int error = group->loops != NULL && group->workers != NULL ? 0 : DEW_E_NOMEM;
    for (unsigned i = 0; i < count && error == 0; i++) {
        dew_loop_options loop_options = options->loop;
        loop_options.index = i;
        error = dew_loop_create(&loop_options, &group->loops[i]);
        if (error == 0)
            group->count++;
    }
    if (error != 0) {
        dew_worker_group_destroy(group);
        return error;
    }
    *out = group;
    return 0;
}

unsigned dew_worker_group_count(const dew_worker_group *group)
{
    return group->count;
}

dew_loop *dew_worker_group_loop(const dew_worker_group *group, unsigned index)
{
    assert(index < group->count);
    return group->loops[index];
}

dew_loop *const *dew_worker_group_loops(const dew_worker_group *group)
{
    return group->loops;
}

/* Binds the calling thread to the index-th core that it may use, going round. Pinning is a wish: failing is no
 * error. */
static void pin_to_core(unsigned index)
{
#ifdef __linux__
    cpu_set_t allowed, chosen;
    if (pthread_getaffinity_np(pthread_self(), sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) == 0)
        return;
    int rest = (int)index % CPU_COUNT(&allowed);
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, &allowed) || rest-- != 0)
            continue;
        CPU_ZERO(&chosen);
        CPU_SET(core, &chosen);
        pthread_setaffinity_np(pthread_self(), sizeof chosen, &chosen);
        return;
    }
#else
    (void)index;
#endif
}

/* A worker's life on its thread. `is_thread`: someone waits for the semaphore. */
static void live(worker *self, bool is_thread)
{
    const dew_worker_options *options = &self->group->options;
    if (options->pin)
        pin_to_core(dew_loop_index(self->loop));
    self->start_error = options->on_start != NULL ? options->on_start(options->context, self->loop) : 0;
    bool has_started = self->start_error == 0;
    if (is_thread)
        uv_sem_post(&self->group->started);
    if (!has_started)
        return;
    dew_loop_run(self->loop);
    if (options->on_stop != NULL)
        options->on_stop(options->context, self->loop);
}

static void run_thread(void *arg)
{
    live(arg, true);
}

/* Threads for the workers from `first` on. */
static int start_from(dew_worker_group *group, unsigned first)
{
    int error = 0;
    unsigned started = 0;
    for (unsigned i = first; i < group->count && error == 0; i++) {
        worker *self = &group->workers[i];
        *self = (worker){ .group = group, .loop = group->loops[i] };
        snprintf(self->name, sizeof self->name, "dew worker %u", i);
        error = dew_uv_thread_start(&self->thread, self->name, run_thread, self);
        self->has_thread = error == 0;
        started += self->has_thread;
    }
    for (unsigned i = 0; i < started; i++)
        uv_sem_wait(&group->started);
    for (unsigned i = first; i < group->count && error == 0; i++)
        error = group->workers[i].start_error;
    if (error != 0) {
        dew_worker_group_stop(group);
        dew_worker_group_join(group);
    }
    return error;
}

int dew_worker_group_start(dew_worker_group *group)
{
    return start_from(group, 0);
}

int dew_worker_group_run(dew_worker_group *group)
{
    int error = start_from(group, 1);
    if (error != 0)
        return error;
    worker *self = &group->workers[0];
    *self = (worker){ .group = group, .loop = group->loops[0] };
    live(self, false);
    if (self->start_error != 0)
        dew_worker_group_stop(group);
    dew_worker_group_join(group);
    return self->start_error;
}

void dew_worker_group_stop(dew_worker_group *group)
{
    for (unsigned i = 0; i < group->count; i++)
        dew_loop_stop(group->loops[i]);
}

void dew_worker_group_join(dew_worker_group *group)
{
    for (unsigned i = 0; i < group->count; i++) {
        worker *self = &group->workers[i];
        if (self->has_thread)
            dew_uv_thread_join(&self->thread);
        self->has_thread = false;
    }
}

void dew_worker_group_destroy(dew_worker_group *group)
{
    if (group == NULL)
        return;
    for (unsigned i = 0; i < group->count; i++)
        dew_loop_destroy(group->loops[i]);
    uv_sem_destroy(&group->started);
    free(group->loops);
    free(group->workers);
    free(group);
}
