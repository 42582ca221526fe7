/* ahead.h - an application for tests/browser/ahead.test.mjs, and the example of docs/pages.md: pages that say what they need before
 * they are rendered. */
#ifndef AHEAD_H
#define AHEAD_H

#include <dew/dew.h>

#define IDEA_KEY(F) F(i64, id)
DEW_STRUCT(idea_key, IDEA_KEY)
#define IDEA(F) F(i64, id) F(str, title) F(i64, author_id)
DEW_STRUCT(idea_row, IDEA)
DEW_LIST(idea_list, idea_row, id)
#define PERSON(F) F(str, name)
DEW_STRUCT(person, PERSON)
#define ME(F) F(str, name) F(bool, is_admin)
DEW_STRUCT(me_row, ME)

DEW_QUERY(me, dew_none, me_row)
DEW_QUERY(ideas, dew_none, idea_list)
DEW_QUERY(idea, idea_key, idea_row)
DEW_QUERY(author, idea_key, person)
DEW_QUERY(reports, idea_key, person) /* for admins */
DEW_COOKIE(last_seen, "last_seen", person)
DEW_STORE(crumbs, person)
DEW_ROUTE(idea_page, "/idea/:id", idea_key)
DEW_ROUTE(plain_page, "/plain/:id", idea_key)

extern const dew_site ahead_site;

#endif
