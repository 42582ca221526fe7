/* upstream.server.h - the other server: an application of its own in this process, on a free port. */
#ifndef SHOWCASE_UPSTREAM_SERVER_H
#define SHOWCASE_UPSTREAM_SERVER_H

#include <dew/server.h>

/* What it answers. */
#define PERSON(F) F(str, name) F(str, work) F(str, place) F(i32, asked) F(i32, hung_up)
DEW_STRUCT(person, PERSON)

/* Where it is: "http://127.0.0.1:4711". A dependency, so that loaders need not know who started it. */
DEW_DEP(upstream_url, const char *)

/* 0, and the application, to be ended by dew_app_stop. */
int upstream_start(dew_app **out, dew_error *error) DEW_MUST_USE;

#endif
