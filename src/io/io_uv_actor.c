/* io_uv_actor.c - actors on threads. The mailbox is lock-free; lock and condition only let the thread sleep.
 *
 * No wake-up is lost: the thread looks at the mailbox under `lock` before it sleeps, and a sender that finds the
 * mailbox empty takes `lock` after it pushed; so either the thread sees the message, or it sleeps before the sender
 * signals. */
#include "io/actor.h"
#include "io/io_uv_internal.h"

#include <assert.h>
#include <stdlib.h>

struct dew_actor {
    dew_actor_options options;
    dew_io_mailbox inbox;
    dew_uv_thread thread;
    uv_mutex_t lock; /* guards is_stopping, start_error, has_started, and going to sleep */
    uv_cond_t changed;
    bool is_stopping, has_started;
    int start_error;
};

/* Sleeps until there is a message or a stop. False: idle_ms have passed with neither. */
static bool wait_for_work(dew_actor *actor, bool *is_stopping)
{
    const int64_t idle_ms = actor->options.idle_ms;
    const uint64_t until_ns = uv_hrtime() + (uint64_t)idle_ms * 1000000;
    bool has_work = true;
    uv_mutex_lock(&actor->lock);
    while (dew_io_mailbox_is_empty(&actor->inbox) && !actor->is_stopping && has_work) {
        uint64_t now_ns = idle_ms > 0 ? uv_hrtime() : 0;
        if (idle_ms <= 0)
            uv_cond_wait(&actor->changed, &actor->lock);
        else if (now_ns >= until_ns)
            has_work = false;
        else
            uv_cond_timedwait(&actor->changed, &actor->lock, until_ns - now_ns);
    }
    *is_stopping = actor->is_stopping;
    uv_mutex_unlock(&actor->lock);
    return has_work;
}

static bool start(dew_actor *actor)
{
    const dew_actor_options *options = &actor->options;
    int error = options->on_start != NULL ? options->on_start(options->context) : 0;
    uv_mutex_lock(&actor->lock);
    actor->start_error = error;
    actor->has_started = true;
    uv_cond_broadcast(&actor->changed);
    uv_mutex_unlock(&actor->lock);
    return error == 0;
}

static void run(void *arg)
{
    dew_actor *actor = arg;
    const dew_actor_options *options = &actor->options;
    if (!start(actor))
        return;
    for (bool is_stopping = false; !is_stopping;) {
        if (!wait_for_work(actor, &is_stopping)) {
            if (options->on_idle != NULL)
                options->on_idle(options->context);
            continue;
        }
        dew_msg *first = is_stopping ? dew_io_mailbox_close(&actor->inbox) : dew_io_mailbox_take(&actor->inbox);
        if (first != NULL)
            options->on_batch(options->context, first);
    }
    if (options->on_stop != NULL)
        options->on_stop(options->context);
}

static void free_actor(dew_actor *actor)
{
    uv_cond_destroy(&actor->changed);
    uv_mutex_destroy(&actor->lock);
    free(actor);
}

int dew_actor_start(const dew_actor_options *options, dew_actor **out)
{
    dew_actor *actor = calloc(1, sizeof *actor);
    if (actor == NULL)
        return DEW_E_NOMEM;
    actor->options = *options;
    dew_io_mailbox_init(&actor->inbox, options->inbox_max != 0 ? options->inbox_max : DEW_ACTOR_INBOX_MAX);
    if (uv_mutex_init(&actor->lock) != 0) {
        free(actor);
        return DEW_E_NOMEM;
    }
    if (uv_cond_init(&actor->changed) != 0) {
        uv_mutex_destroy(&actor->lock);
        free(actor);
        return DEW_E_NOMEM;
    }
    int error = dew_uv_thread_start(&actor->thread, options->name, run, actor);
    if (error != 0) {
        free_actor(actor);
        return error;
    }
    uv_mutex_lock(&actor->lock);
    while (!actor->has_started)
        uv_cond_wait(&actor->changed, &actor->lock);
    error = actor->start_error;
    uv_mutex_unlock(&actor->lock);
    if (error != 0) {
        dew_uv_thread_join(&actor->thread);
        free_actor(actor);
        return error;
    }
    *out = actor;
    return 0;
}

int dew_actor_post(dew_actor *actor, dew_msg *msg)
{
    bool was_empty;
    int error = dew_io_mailbox_push(&actor->inbox, msg, true, &was_empty);
    if (error == 0 && was_empty) {
        uv_mutex_lock(&actor->lock);
        uv_cond_broadcast(&actor->changed);
        uv_mutex_unlock(&actor->lock);
    }
    return error;
}

dew_msg *dew_actor_take(dew_actor *actor)
{
    return dew_io_mailbox_take(&actor->inbox);
}

size_t dew_actor_inbox_count(const dew_actor *actor)
{
    return dew_io_mailbox_count(&actor->inbox);
}

void dew_actor_stop(dew_actor *actor)
{
    if (actor == NULL)
        return;
    uv_mutex_lock(&actor->lock);
    actor->is_stopping = true;
    uv_cond_broadcast(&actor->changed);
    uv_mutex_unlock(&actor->lock);
    dew_uv_thread_join(&actor->thread);
    free_actor(actor);
}
