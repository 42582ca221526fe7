/* watch.c - dew_watch: a loader says which topics its result depends on. On the scope's worker. */
#include "live/topics.h"
#include "scope/scope.h"

int dew_watch(struct dew_scope *scope, const dew_channel *channel, const void *key)
{
    dew_buf text;
    dew_error error;
    dew_buf_init(&text, DEW_TOPIC_MAX + 1);
    int failed = dew_topic_write(&text, channel, key, &error);
    dew_scope_topic *topic = failed == 0 ? dew_arena_calloc(scope->arena, 1, sizeof *topic) : NULL;
    if (failed == 0 && topic == NULL)
        failed = dew_error_set(&error, DEW_E_NOMEM, "out of memory");
    if (failed == 0) {
        *topic = (dew_scope_topic){ scope->topics, channel, dew_arena_str(scope->arena, dew_buf_str(&text)) };
        if (topic->key.ptr == NULL)
            failed = dew_error_set(&error, DEW_E_NOMEM, "out of memory");
        else
            scope->topics = topic;
    }
    dew_buf_dispose(&text);
    return failed == 0 ? 0 : dew_fail(scope, failed, "%s", error.message);
}
