/* dew/outcome.h - how a handler ends otherwise than with its value: somewhere else, or with a refusal.
 *
 *     static int load_board(dew_scope *scope, const board_key *key, board *out)
 *     {
 *         if (dew_scope_identity(scope).len == 0)
 *             return dew_redirect(scope, 303, dew_scope_path(scope, "/login"));
 *         if (!may_read(dew_scope_identity(scope), key->board_id))
 *             return dew_deny(scope, DEW_E_DENIED, "this board is not yours");
 *         …
 *
 * For loaders, actions, guards and (dew_tx_…) mutations, which return what these return. What the visitor gets:
 *
 *     who asks                               a redirect                            a refusal, here and by dew_fail
 *     a page                                 its status, and Location              the code's status, the site's error page
 *     a link followed in the browser         the page it leads to                  the same, without a load
 *     a form without scripts                 303, and Location                     the code's status, a page that leads back
 *     a call by RPC or socket                error REDIRECT with status, location  the error
 *       made from one of Dew's pages         and the browser goes there            and the message shows
 *     a live query's next run                the browser goes there                the value stays
 *
 * When several queries of a page fail, a redirect decides what is answered, else the highest status, else the first of them
 * in the view's order. Queries that the last pass of the view does not use decide nothing. */
#ifndef DEW_OUTCOME_H
#define DEW_OUTCOME_H

#ifdef __wasm__
#error "dew/outcome.h is for the server: include it from a *.server.c file"
#endif

#include <dew/page.h>
#include <dew/scope.h>
#include <dew/sql.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Ends the handler elsewhere; returns DEW_E_REDIRECT. `status` is 301, 302, 303, 307 or 308. `url` (copied) is a path of this
 * origin, as the browser sees it (so below the url_prefix: dew_scope_path, dew_scope_url), or an absolute http:// or
 * https:// address; percent-encoded, up to 251 bytes. Anything else fails the handler: DEW_E_INVALID or DEW_E_LIMIT. Line
 * ends, spaces, backslashes and "//host" are among what is refused; an absolute address is not, so one that came from a
 * visitor has to be compared with those that you mean. */
int dew_redirect(dew_scope *scope, int status, const char *url);

/* As dew_fail, for a code that refuses: one whose status is 400 or above. Any other number is a fault of the program and
 * refuses as DEW_E_INTERNAL: this never returns 0. */
int dew_deny(dew_scope *scope, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As dew_redirect, for mutations: what it has changed is committed, as after 0. */
int dew_tx_redirect(dew_tx *tx, int status, const char *url);

/* An address of the site that has no route, below the url_prefix: "/login" → "/live/login". In the handler's arena; when
 * memory is out "", which no redirect takes. */
const char *dew_scope_path(dew_scope *scope, const char *path);
const char *dew_tx_path(dew_tx *tx, const char *path);

/* A route's address with these parameters, likewise; "" also when they make none (dew_route_url). */
const char *dew_scope_route_url(dew_scope *scope, const dew_route *route, const void *params);
/* dew_scope_url(scope, board, .board_id = S("b1")) → "/board/b1" */
#define dew_scope_url(scope, route_, ...)                                                                             \
    dew_scope_route_url((scope), &route_##_route, &(route_##_route_params){ __VA_ARGS__ })

#ifdef __cplusplus
}
#endif
#endif
