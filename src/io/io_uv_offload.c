/* io_uv_offload.c - a bounded pool of threads for blocking work. Threads start when a job finds none idle. */
#include "io/fiber.h"
#include "io/io_uv_internal.h"
#include "io/offload.h"

#include <assert.h>
#include <stdlib.h>

struct dew_offload {
    uv_mutex_t lock; /* guards all below but the threads' ids; never held while a job runs */
    uv_cond_t changed;
    dew_msg *first, **last; /* queued jobs, oldest first */
    size_t queued_count, queue_max;
    unsigned idle_count, started_count, thread_max;
    bool is_stopping;
    dew_uv_thread threads[];
};

static dew_offload_job *job_of(dew_msg *msg)
{
    return dew_container_of(msg, dew_offload_job, msg);
}

static void finish(dew_loop *loop, dew_msg *msg)
{
    (void)loop;
    dew_offload_job *job = job_of(msg);
    job->on_done(job);
}

static void drop(dew_msg *msg)
{
    dew_offload_job *job = job_of(msg);
    if (job->drop != NULL)
        job->drop(job);
}

/* The next job, or NULL when the pool stops. Called and returns with the lock held. */
static dew_offload_job *take(dew_offload_pool *pool)
{
    pool->idle_count++;
    while (pool->first == NULL && !pool->is_stopping)
        uv_cond_wait(&pool->changed, &pool->lock);
    pool->idle_count--;
    dew_msg *msg = pool->first;
    if (msg == NULL)
        return NULL;
    pool->first = msg->next;
    if (pool->first == NULL)
        pool->last = &pool->first;
    pool->queued_count--;
    return job_of(msg);
}

static void run_thread(void *arg)
{
    dew_offload_pool *pool = arg;
    uv_mutex_lock(&pool->lock);
    for (dew_offload_job *job; (job = take(pool)) != NULL;) {
        uv_mutex_unlock(&pool->lock);
        job->run(job);
        job->msg = (dew_msg){ .run = finish, .drop = drop };
        if (dew_loop_post_answer(job->loop, &job->msg) != 0)
            drop(&job->msg);
        uv_mutex_lock(&pool->lock);
    }
    uv_mutex_unlock(&pool->lock);
}

int dew_offload_create(unsigned thread_count, size_t queue_max, dew_offload_pool **out)
{
    unsigned thread_max = thread_count != 0 ? thread_count : DEW_OFFLOAD_THREAD_COUNT;
    dew_offload_pool *pool = calloc(1, sizeof *pool + thread_max * sizeof(dew_uv_thread));
    if (pool == NULL)
        return DEW_E_NOMEM;
    if (uv_mutex_init(&pool->lock) != 0) {
        free(pool);
        return DEW_E_NOMEM;
    }
    if (uv_cond_init(&pool->changed) != 0) {
        uv_mutex_destroy(&pool->lock);
        free(pool);
        return DEW_E_NOMEM;
    }
    pool->last = &pool->first;
    pool->queue_max = queue_max != 0 ? queue_max : DEW_OFFLOAD_QUEUE_MAX;
    pool->thread_max = thread_max;
    *out = pool;
    return 0;
}

/* With the lock held: a thread for the job that is about to be queued. */
static int start_thread(dew_offload_pool *pool)
{
    if (pool->idle_count > pool->queued_count || pool->started_count == pool->thread_max)
        return 0;
    int error = dew_uv_thread_start(&pool->threads[pool->started_count], "dew offload", run_thread, pool);
    if (error != 0)
        return pool->started_count != 0 ? 0 : error; /* fewer threads will do */
    pool->started_count++;
    return 0;
}

int dew_offload_submit(dew_offload_pool *pool, dew_loop *loop, dew_offload_job *job)
{
    uv_mutex_lock(&pool->lock);
    int error = pool->queued_count >= pool->queue_max ? DEW_E_BUSY : start_thread(pool);
    if (error == 0) {
        job->loop = loop;
        job->msg.next = NULL;
        *pool->last = &job->msg;
        pool->last = &job->msg.next;
        pool->queued_count++;
        uv_cond_signal(&pool->changed);
    }
    uv_mutex_unlock(&pool->lock);
    return error;
}

typedef struct awaited {
    dew_offload_job job;
    void (*fn)(void *arg);
    void *arg;
    dew_fiber *fiber;
    bool is_done;
} awaited;

static void run_awaited(dew_offload_job *job)
{
    awaited *call = dew_container_of(job, awaited, job);
    call->fn(call->arg);
}

static void end_awaited(dew_offload_job *job)
{
    awaited *call = dew_container_of(job, awaited, job);
    call->is_done = true;
    dew_fiber_resume(call->fiber);
}

int dew_offload_await(dew_offload_pool *pool, void (*fn)(void *arg), void *arg)
{
    awaited call = { .job = { .run = run_awaited, .on_done = end_awaited }, .fn = fn, .arg = arg };
    call.fiber = dew_fiber_current();
    assert(call.fiber != NULL && "awaited outside of a fiber");
    int error = dew_offload_submit(pool, dew_fiber_loop(call.fiber), &call.job);
    while (error == 0 && !call.is_done)
        dew_fiber_suspend();
    return error;
}

void dew_offload_destroy(dew_offload_pool *pool)
{
    if (pool == NULL)
        return;
    uv_mutex_lock(&pool->lock);
    pool->is_stopping = true;
    uv_cond_broadcast(&pool->changed);
    uv_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->started_count; i++)
        dew_uv_thread_join(&pool->threads[i]);
    uv_cond_destroy(&pool->changed);
    uv_mutex_destroy(&pool->lock);
    free(pool);
}
