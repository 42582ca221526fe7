/* travel.h - an application for tests/browser/{navigation,policies,history,layouts}.test.mjs: a page for each policy, all alike but for what they say of
 * navigations. Each shows what is declared (item of the server, spot of the browser), what a hook asks for (note), and what only a view knows of (deep). */
#ifndef TRAVEL_H
#define TRAVEL_H

#include <dew/client_query.h>
#include <dew/dew.h>

#define PLACE_KEY(F) F(i64, id)
DEW_STRUCT(place_key, PLACE_KEY)
#define SAID(F) F(str, text)
DEW_STRUCT(said, SAID)

DEW_QUERY(item, place_key, said)
DEW_QUERY(note, place_key, said)
DEW_QUERY(deep, place_key, said)
DEW_QUERY(member, place_key, said) /* is for others: leads elsewhere */
DEW_QUERY(broken, place_key, said) /* is not there */
DEW_ACTION(act, dew_none, dew_none)
DEW_QUERY(bell, dew_none, said)      /* how often it was rung */
DEW_ACTION(ring, dew_none, dew_none)
DEW_SIGNAL(rung, "rung")
DEW_CLIENT_QUERY(spot, place_key, said)

#define LIST_KEY(F) F(str, sort) F(str, find)
DEW_STRUCT(list_key, LIST_KEY)
DEW_ROUTE(list, "/list", list_key)

extern const dew_layout frame;
extern const dew_page levels, room, far;
void warm_in_browser(void);
void far_view(void);
void go_ahead(dew_event *event);

extern const dew_site travel_site;

#endif
