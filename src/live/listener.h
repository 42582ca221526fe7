/* listener.h - someone on a worker who waits for the next publish on a topic, beside the live queries there. */
#ifndef DEW_LIVE_LISTENER_H
#define DEW_LIVE_LISTENER_H

#include "base/list.h"
#include "live/live.h"

/* Inside the waiting one's object. Set topic and heard. */
typedef struct dew_listener {
    dew_link link;  /* private */
    uint32_t bucket; /* private */
    dew_str topic;   /* dew_topic_write's text; borrowed while it is linked */
    void (*heard)(struct dew_listener *listener); /* once, unlinked; must not call live/ */
} dew_listener;

/* From here on a publish is heard. True: there was one since `since` (dew_topics_now, taken before), on this topic or on one in its
 * bucket. The worker's thread. */
bool dew_live_listen(dew_live_worker *worker, dew_listener *listener, int64_t since) DEW_MUST_USE;
/* Takes one that has heard. */
void dew_live_unlisten(dew_live_worker *worker, dew_listener *listener);

#endif
