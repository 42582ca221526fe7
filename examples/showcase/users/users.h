/* users.h - a user's profile, which comes from another server and has a deadline. */
#ifndef SHOWCASE_USERS_H
#define SHOWCASE_USERS_H

#include <dew/dew.h>

/* How long the other server may take. */
#define PROFILE_DEADLINE_MS 250

/* /users/1?delay=100: the other server is asked to take so many milliseconds */
#define USER_AT(F) F(i64, id) F(opt(i32), delay)
DEW_STRUCT(user_at, USER_AT)
DEW_ROUTE(users, "/users/:id", user_at)

/* `asked` and `hung_up`: how often the other server was asked, and how often the question was dropped before it answered. All
 * empty when the program was built without the library that asks. */
#define PROFILE(F)                                                                                                     \
    F(bool, can_ask) F(str, name) F(str, work) F(str, place) F(str, url) F(i32, took_ms) F(i32, asked) F(i32, hung_up)
DEW_STRUCT(profile, PROFILE)

DEW_QUERY(user_profile, user_at, profile)

/* On the error page, when it stands at a user's address: what to try next. */
void users_failed_view(void);

#endif
