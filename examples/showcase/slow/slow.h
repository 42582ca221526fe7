/* slow.h - every way in which a handler may end, at addresses and behind buttons of their own. */
#ifndef SHOWCASE_SLOW_H
#define SHOWCASE_SLOW_H

#include <dew/dew.h>

/* How long the loader that is too slow may take, and any request of this program. */
#define SLOW_LOADER_MS  500
#define SLOW_REQUEST_MS 5000

#define SLOW_END(X)                                                                                                    \
    X(slow_end, none) X(slow_end, waits) X(slow_end, missing) X(slow_end, unknown) X(slow_end, denied)                 \
    X(slow_end, rate) X(slow_end, fault) X(slow_end, late) X(slow_end, never) X(slow_end, r301) X(slow_end, r302)      \
    X(slow_end, r303) X(slow_end, r307) X(slow_end, r308) X(slow_end, abroad)
DEW_ENUM(slow_end, SLOW_END)

/* /slow?end=late: the page's query ends so. /slow?came=303: what a redirect leads to */
#define SLOW_AT(F) F(slow_end, end) F(i32, came)
DEW_STRUCT(slow_at, SLOW_AT)
DEW_ROUTE(slow, "/slow", slow_at)

#define SLOW_HOW(F) F(slow_end, end)
DEW_STRUCT(slow_how, SLOW_HOW)
#define SLOW_WAITED(F) F(i32, ms)
DEW_STRUCT(slow_waited, SLOW_WAITED)

DEW_QUERY(slow_page, slow_how, slow_waited)
DEW_QUERY(slow_late, dew_none, slow_waited) /* has a time-out, which passes */
DEW_ACTION(slow_act, slow_how, dew_none)
DEW_MUTATION(slow_write, slow_how, dew_none)

/* On an error page: the way back, when it stands at an address of /slow. */
void slow_failed_view(void);

#endif
