/* ideas.h - ideas for the garden: a list, and beside it the one that is looked at. */
#ifndef SHOWCASE_IDEAS_H
#define SHOWCASE_IDEAS_H

#include <dew/cookie.h>
#include <dew/dew.h>
#include <dew/store.h>

#define IDEA_KEY(F) F(i64, id)
DEW_STRUCT(idea_key, IDEA_KEY)
DEW_ROUTE(idea, "/ideas/:id", idea_key)

#define IDEA_TITLE(F) F(i64, id) F(str, title)
DEW_STRUCT(idea_title, IDEA_TITLE)
DEW_LIST(idea_titles, idea_title, id)
#define IDEA_TEXT(F) F(str, title) F(str, words) F(i64, author_id)
DEW_STRUCT(idea_text, IDEA_TEXT)
#define IDEA_AUTHOR(F) F(str, name) F(str, bed)
DEW_STRUCT(idea_author, IDEA_AUTHOR)

DEW_QUERY(all_ideas, dew_none, idea_titles)
DEW_QUERY(one_idea, idea_key, idea_text)
DEW_QUERY(author_of_idea, idea_key, idea_author)

/* The way to what shows: said by the page, read by the layout around it. */
#define CRUMB(F) F(str, label)
DEW_STRUCT(crumb, CRUMB)
DEW_STORE(idea_crumb, crumb)

/* How these pages look: as the visitor's system, by day, by night. */
#define SHADE(V) V(shade, auto) V(shade, day) V(shade, night)
DEW_ENUM(shade, SHADE)
DEW_COOKIE(chosen_shade, "shade", shade, .max_age = DEW_MS(365 * 86400000LL))

#endif
