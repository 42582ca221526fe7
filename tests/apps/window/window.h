/* window.h - a program whose one client query asks the server for nothing: all that it needs of the host is the window's size. For
 * tests/browser/client_query.test.mjs. */
#include <dew/client_query.h>
#include <dew/dew.h>
#include <dew/region.h>

#define INSIDE(F) F(i32, width)
DEW_STRUCT(inside, INSIDE)
DEW_CLIENT_QUERY(window_inside, dew_none, inside)
