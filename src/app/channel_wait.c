/* channel_wait.c - dew_wait (dew/query.h): a handler waits for the next publish on a topic. Worker's thread, on a fiber. */
#include "app/app_internal.h"
#include "app/tasks.h"
#include "io/clock.h"
#include "io/fiber.h"
#include "live/listener.h"
#include "live/topics.h"

typedef struct waiter {
    dew_listener listener;
    dew_fiber *fiber;
    bool has_heard;
} waiter;

static void heard(dew_listener *listener)
{
    waiter *w = dew_container_of(listener, waiter, listener);
    w->has_heard = true;
    dew_fiber_resume(w->fiber);
}

/* Whoever may not know of a publish may not wait for one: as with dew_watch. A task works for the program. */
static bool may_wait(const dew_scope *root, const dew_app *app, const dew_channel *channel)
{
    const char *name = root->name != NULL ? root->name : "";
    const dew_registered *entry = dew_registry_find(&app->registry, dew_str_of(name));
    return app_tasks_has(app, name) || app_guards_may_watch(&app->guarding, entry != NULL ? entry->fn : NULL, channel);
}

/* The handler's own notes of the topic, made when it waits for it for the first time. */
static int topic_of(dew_scope *root, const dew_channel *channel, const void *key, dew_scope_topic **out)
{
    dew_buf text;
    dew_error error;
    dew_buf_init(&text, DEW_TOPIC_MAX + 1);
    int failed = dew_topic_write(&text, channel, key, &error);
    dew_scope_topic *topic = root->topics;
    while (failed == 0 && topic != NULL && !dew_str_eq(topic->key, dew_buf_str(&text)))
        topic = topic->next;
    if (failed == 0 && topic == NULL) {
        dew_str kept = dew_arena_str(root->arena, dew_buf_str(&text));
        topic = dew_arena_calloc(root->arena, 1, sizeof *topic);
        if (topic == NULL || kept.ptr == NULL) {
            failed = dew_error_set(&error, DEW_E_NOMEM, "out of memory");
        } else {
            *topic = (dew_scope_topic){ root->topics, channel, kept, root->began_at };
            root->topics = topic;
        }
    }
    dew_buf_dispose(&text);
    *out = topic;
    return failed == 0 ? 0 : dew_fail(root, failed, "%s", error.message);
}

int dew_wait(dew_scope *scope, const dew_channel *channel, const void *key)
{
    waiter w = { .listener.heard = heard, .fiber = dew_fiber_current() };
    dew_scope *root = dew_scope_root(scope);
    if (w.fiber == NULL || scope->app == NULL || dew_loader_asker(root) != NULL)
        return dew_fail(scope, DEW_E_UNSUPPORTED, "%s_wait: only an action or a task can wait for a channel",
                        channel->name);
    if (dew_scope_enter(scope) != 0)
        return scope->ended;
    dew_live_worker *worker = app_worker_of(dew_fiber_loop(w.fiber))->live;
    dew_topics *topics = dew_live_topics(scope->app->live);
    if (!may_wait(root, scope->app, channel))
        return dew_fail(scope, DEW_E_INTERNAL, "%s_wait: the channel has guards; serve %s beside it, behind them",
                        channel->name, root->name);
    dew_scope_topic *topic;
    int failed = topic_of(root, channel, key, &topic);
    if (failed != 0)
        return failed;
    w.listener.topic = topic->key;
    w.has_heard = dew_live_listen(worker, &w.listener, topic->heard);
    bool has_heard = dew_scope_await(scope, &w.has_heard);
    dew_live_unlisten(worker, &w.listener);
    if (!has_heard)
        return scope->ended;
    topic->heard = dew_topics_now(topics); /* what was published by now is in the data that is looked at next */
    return dew_scope_check(scope, dew_clock_now_ns());
}
