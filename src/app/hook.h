/* hook.h - where a test may stop a running server and let the world move on: between render, subscribe, disconnect and
 * reconnect. For tests alone: a program has no way to it, and a server without a hook pays one compare per point. */
#ifndef DEW_APP_HOOK_H
#define DEW_APP_HOOK_H

#include <dew/app.h>

/* The points of app/; those of live/ (live/live.h) come beside them.
 *
 *     page      VISIT     asked for; nothing has been done for it yet
 *               LOAD      a pass of the render is over, and wants queries
 *               LOADED    a query's result has come to it
 *               SETTLED   no pass follows; whether it is one cut is not known yet
 *               CUT       it is one; the document is not written yet
 *               PAGE      the document is written; the answer is not
 *     socket    UPGRADE   its session is made; the answer to the upgrade is not
 *               OPENED    that is on its way
 *               MESSAGE   the client has spoken; nobody has looked
 *               CALL      a call goes to its handler
 *               ANSWER    it is done; its answer is not sent
 *               ANSWERED  that is on its way; the frame that follows is not yet owed
 *               CLOSED    its end was noticed; the session has not heard
 *               GONE      the session is no more
 *     worker    TURN      it was woken for live/
 *     writer    STAMPED   the stamps are raised; readers do not see the commit
 *               VISIBLE   they see it; no home has heard of it
 *               TOLD      they all have; the mutations are not answered */
#define APP_POINTS(X)                                                                                                 \
    X(VISIT) X(LOAD) X(LOADED) X(SETTLED) X(CUT) X(PAGE) X(UPGRADE) X(OPENED) X(MESSAGE) X(CALL) X(ANSWER)             \
    X(ANSWERED) X(CLOSED) X(GONE) X(TURN) X(STAMPED) X(VISIBLE) X(TOLD)
#define APP_POINT_(name) APP_AT_##name,
typedef enum app_point { APP_POINTS(APP_POINT_) } app_point;
#undef APP_POINT_

/* Called by the thread that passes the point, workers and the writer alike; may hold it up. `point`: "app.CUT",
 * "live.FRAME", …, static. Borrowed until dew_app_stop has returned. */
typedef struct app_hook {
    void *context;
    void (*at)(void *context, const char *point);
    int64_t beat_ms; /* between comments of a streamed page; 0: as without a hook */
} app_hook;

/* dew_app_start with a hook. */
int app_start_hooked(const dew_app_config *config, const app_hook *hook, dew_app **out, dew_error *error) DEW_MUST_USE;

#endif
