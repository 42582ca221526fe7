/* dew/location.h - where the reader is: which page, with which parameters. For loaders, actions and guards.
 *
 *     static int load_profile(dew_scope *scope, const user_key *key, profile *out)
 *     {
 *         dew_str delay = dew_scope_query(scope, "delay");        // of /users/7?delay=100
 *
 * A request for a page is at that page's address. Calls and subscriptions name the address that the browser shows, and a form
 * the one that it leads back to; the server finds the page itself, among those that the site lists. A program that calls by
 * itself need not say where it is: then everything here is empty, as it is inside of .identify.
 *
 * So this is where the reader says to be. It decides what is shown, not what may be seen: guards look at the arguments of
 * what they guard (dew/guard.h).
 *
 * What is read is noted as cookies are (dew/scope.h): a result is shared by those who are at the same place, as far as its
 * loader looked, and runs again for the same place. */
#ifndef DEW_LOCATION_H
#define DEW_LOCATION_H

#include <dew/page.h>
#include <dew/scope.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The page's pattern as registered: "/board/:board_id"; "" nowhere. Borrowed until the scope ends, as all here. Noted. */
const char *dew_scope_pattern(dew_scope *scope);

/* A parameter of the path, decoded: dew_scope_param(scope, "board_id"). Empty when the pattern has none of that name. Noted. */
dew_str dew_scope_param(dew_scope *scope, const char *name);

/* A field of the query string, decoded: the first of that name. Empty when absent. Noted. */
dew_str dew_scope_query(dew_scope *scope, const char *name);

/* The parameters of a route (DEW_ROUTE), typed, as board_params() gives them in a view:
 *     board_key key;
 *     int failed = dew_scope_params(scope, board, &key);
 * 0; DEW_E_NOT_FOUND (the handler has failed: dew_fail): the reader is at another page. Text is the scope's arena's. */
#define dew_scope_params(scope, route_, params) route_##_scope_params((scope), (params))

#ifdef __cplusplus
}
#endif
#endif
