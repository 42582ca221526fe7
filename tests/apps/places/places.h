/* places.h - for tests/browser/escaping.test.mjs: one text of the visitor's in every place where a value can stand. */
#include <dew/context.h>
#include <dew/cookie.h>
#include <dew/dew.h>
#include <dew/head.h>
#include <dew/island.h>
#include <dew/store.h>

#define GIVEN(F) F(str, s)
DEW_STRUCT(given, GIVEN)

DEW_QUERY(echo, given, given)       /* what it is asked with */
DEW_ACTION(refuse, given, dew_none) /* fails with it in the message */
DEW_ACTION(lead_on, given, dew_none) /* a redirect to the page of it */
DEW_STORE(said, given)
DEW_COOKIE(chosen, "chosen", given)

DEW_ROUTE(places, "/places", given)
DEW_ROUTE(part, "/part/:s", given)
DEW_ROUTE(away, "/away", given)
DEW_ROUTE(broken, "/broken", given)

/* What comes late: not before it is let go, by number; those of the same number % 3 in their order. */
#define LATE_AT(F) F(str, s) F(i32, number)
DEW_STRUCT(late_at, LATE_AT)
DEW_QUERY(late_echo, late_at, given)    /* streamed */
DEW_QUERY(late_refusal, late_at, given) /* streamed; fails with it in the message */
DEW_ACTION(let_go, late_at, dew_none)   /* this number, and those before it */
DEW_ROUTE(late, "/late", late_at)

DEW_ISLAND(held, given)
DEW_ROUTE(islet, "/islet", given)

extern const dew_site places_site;
