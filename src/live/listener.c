/* listener.c - see listener.h. */
#include "live/listener.h"

#include "live/live_internal.h"

bool dew_live_listen(dew_live_worker *worker, dew_listener *listener, int64_t since)
{
    listener->bucket = dew_topics_bucket(listener->topic);
    dew_list_push_back(&worker->listeners, &listener->link);
    dew_home_listen(worker, listener->bucket, true);
    return dew_topics_last(worker->live->topics, listener->topic) > since;
}

void dew_live_unlisten(dew_live_worker *worker, dew_listener *listener)
{
    if (listener->link.next == NULL)
        return;
    dew_list_unlink(&listener->link);
    dew_home_listen(worker, listener->bucket, false);
}

void dew_listeners_topic(dew_live_worker *worker, dew_str topic)
{
    uint32_t bucket = dew_topics_bucket(topic);
    dew_list_each_safe(link, &worker->listeners) {
        dew_listener *listener = dew_container_of(link, dew_listener, link);
        if (listener->bucket != bucket || !dew_str_eq(listener->topic, topic))
            continue;
        dew_live_unlisten(worker, listener);
        listener->heard(listener);
    }
}
