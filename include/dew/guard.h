/* dew/guard.h - guards: code that stands around pages, queries, mutations and actions, and decides who gets through.
 *
 *     static int require_login(dew_scope *scope, dew_next *next)
 *     {
 *         if (dew_scope_identity(scope).len == 0)
 *             return dew_redirect(scope, 303, "/login");
 *         return dew_next_run(next, NULL);
 *     }
 *
 *     static int members_only(dew_scope *scope, dew_next *next)
 *     {
 *         const board_key *key = dew_next_args(next, board_key);    // of the page, the query, whatever is guarded
 *         if (key == NULL || !is_member(scope, key->board_id))
 *             return dew_fail(scope, DEW_E_DENIED, "this board is not yours");
 *         return dew_next_run(next, NULL);
 *     }
 *
 *     static int audit(dew_scope *scope, dew_next *next)
 *     {
 *         dew_passed passed;
 *         int code = dew_next_run(next, &passed);
 *         note(dew_scope_identity(scope), passed.status, passed.duration_us);
 *         return code;
 *     }
 *
 *     const dew_served board_served[] = {
 *         DEW_SERVE_PAGE(board, .use = DEW_USE(require_login, members_only)),
 *         DEW_SERVE_QUERY(board_tasks, .load = load_tasks),
 *         DEW_SERVE_MUTATION(add_task, .run = run_add, .use = DEW_USE(audit)),
 *         DEW_SERVED_END
 *     };
 *
 * WHAT STANDS WHERE. `.use` may be given to the application (dew_app_config), to layouts, pages and channels (DEW_SERVE_LAYOUT,
 * DEW_SERVE_PAGE, DEW_SERVE_CHANNEL), and to every function. Guards are inherited:
 *
 *     a page        application → its layouts, outer to inner → page
 *     a function    application → the layouts, pages and channels that are served in the same array, in its order, each with the
 *                   layouts around it → function
 *
 * So an array is one locked room: what is served beside a guarded page is behind that page's guards by whatever door it is
 * called, and a function that is added there later is, too. What is to be open stands in another array; in development (dew_app_config) the log
 * names queries that a guarded page shows and that are open. A guard that
 * would stand several times in one chain stands in it once, where it comes first. A loader may watch (name_watch) a guarded
 * channel only in the array where that channel is served; elsewhere it fails, and says so.
 *
 * WHICH GUARDS is decided at start by what is registered; nothing that a client says, its address included, adds or takes away
 * one. A guard that depends on what is asked for looks at dew_next_args, which are the arguments that will be used, and not
 * at dew_scope_param, which is where the client says to be.
 *
 * WHEN. Before anything is answered, from memory too, for each request and each subscriber; a guard's outcome is never kept with
 * results, and what it reads is not noted in them. Within one page a guard of the page is not asked again for the page's
 * queries, unless it has looked at the arguments. For a subscription `next` opens it; what the query says later is no part of it.
 * The guards of an open subscription run again every dew_app_config.guard_again (60 s), so that a session that has ended ends
 * what hangs on it; when .identify then gives another identity, the connection is closed (4401) and the browser
 * comes back as whoever its cookies say. In between, and with cookies that have changed since the connection was made, things
 * stay as they were. Only what cannot be read as arguments is refused before, with the field's name: the shapes are no
 * secret, every browser gets them with the program. Guards stand at the doors: what handlers call by themselves (dew/invoke.h, dew_mutate, dew_preload), and
 * files, /health and metrics pass none.
 *
 * HOW. Each on the fiber of its request, in its scope: it may wait (dew_sql, dew_fetch, dew_sleep), set dependencies that the
 * action behind it gets, and ends when the reader leaves. The way is closed by a guard that returns anything but 0, with that
 * outcome; by one in whose scope something failed; and with DENIED and a line in the log by one that returns 0 without having
 * called next. What is behind a guard that fails after next has happened all the same: only its answer is lost. */
#ifndef DEW_GUARD_H
#define DEW_GUARD_H

#ifdef __wasm__
#error "dew/guard.h is for the server: include it from a *.server.c file"
#endif

#include <dew/query.h>
#include <dew/scope.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Guards in one chain: one more is DEW_E_LIMIT at start. */
#define DEW_GUARDS_MAX 32

/* The rest of the way. Valid inside the guard that got it, on its own fiber: not within dew_with_timeout. */
typedef struct dew_next dew_next;

/* How what is behind a guard went. */
typedef struct dew_passed {
    int code;            /* 0 or DEW_E_… */
    int status;          /* HTTP: 200, or the code's; a page's own */
    int64_t duration_us; /* until dew_next_run returned */
    int passes;          /* of a page's views; else 0 */
} dew_passed;

/* Lets it happen: the guards further in, then what is guarded. Returns its code, to be returned by the guard as a rule; a guard
 * that returns 0 all the same does not mend it. `passed` is written in any case; NULL: not wanted. Once: a second call does
 * nothing and says the same. */
int dew_next_run(dew_next *next, dew_passed *passed) DEW_MUST_USE;

/* The arguments of what is guarded, when they are of this type: a function's arguments, a page's typed parameters (.route). NULL
 * otherwise: then deny. Borrowed until the guard returns.
 *     const board_key *key = dew_next_args(next, board_key); */
#define dew_next_args(next, type_) ((const dew_c_##type_ *)dew_next_args_of((next), dew_tf_##type_))
const void *dew_next_args_of(dew_next *next, dew_type_fn *type);

/* The function that is guarded; NULL: a page (dew_scope_pattern). */
const dew_fn *dew_next_fn(const dew_next *next);

#ifdef __cplusplus
}
#endif
#endif
