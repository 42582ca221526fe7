/* watch.c - dew_watch (dew/query.h): a loader says what its result depends on beside the database. Worker's thread. */
#include "live/loader.h"
#include "live/topics.h"

int dew_watch(struct dew_scope *scope, const dew_channel *channel, const void *key)
{
    if (scope->ended != 0)
        return scope->ended; /* nobody wants to know; of an orphan there is nobody */
    dew_scope *root = dew_scope_root(scope);
    if (dew_loader_asker(root) == NULL)
        return dew_fail(scope, DEW_E_UNSUPPORTED, "%s_watch: only a query's loader can watch a channel", channel->name);
    if (!dew_loader_may_watch(root, channel))
        return dew_fail(root, DEW_E_INTERNAL, "%s_watch: the channel has guards; serve %s beside it, behind them",
                        channel->name, root->name);
    dew_buf text;
    dew_error error;
    dew_buf_init(&text, DEW_TOPIC_MAX + 1);
    int failed = dew_topic_write(&text, channel, key, &error);
    dew_scope_topic *topic = failed == 0 ? dew_arena_calloc(root->arena, 1, sizeof *topic) : NULL;
    if (failed == 0 && topic == NULL)
        failed = dew_error_set(&error, DEW_E_NOMEM, "out of memory");
    if (failed == 0) {
        *topic = (dew_scope_topic){ .next = root->topics,
                                    .channel = channel,
                                    .key = dew_arena_str(root->arena, dew_buf_str(&text)) };
        if (topic->key.ptr == NULL)
            failed = dew_error_set(&error, DEW_E_NOMEM, "out of memory");
        else
            root->topics = topic;
    }
    dew_buf_dispose(&text);
    return failed == 0 ? 0 : dew_fail(root, failed, "%s", error.message);
}
