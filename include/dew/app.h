/* dew/app.h - an application: its configuration, and running it.
 *
 *     int main(int argc, char **argv)
 *     {
 *         return dew_app_main(argc, argv, &(dew_app_config){ .site = &board_site, .assets = &board_assets,
 *             .served = DEW_SERVED(board_served), .migrations = board_migrations, .data_dir = "board.data" });
 *     }
 *
 * dew_app_main owns the process: arguments, signals, exit code. A program with a main loop of its own calls
 * dew_app_start and dew_app_stop instead; Dew then keeps to its own threads: it installs no signal handler, raises no
 * SIGPIPE, never exits, starts one worker unless told otherwise, and logs through a callback. */
#ifndef DEW_APP_H
#define DEW_APP_H

#ifdef __wasm__
#error "dew/app.h is for the server: include it from a *.server.c file"
#endif

#include <dew/dep.h>
#include <dew/duration.h>
#include <dew/fetch.h>
#include <dew/page.h>
#include <dew/scope.h>
#include <dew/serve.h>
#include <dew/task.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dew_app dew_app;

/* Embedded files, made by dew_add_app or dew-wasm: the browser build, the host, public/. Opaque. */
typedef struct dew_assets dew_assets;
#define DEW_ASSETS(name) extern const dew_assets name##_assets;

/* SQL files of a folder, in the order of their names, embedded by dew_add_app. Each runs once per database, in one
 * transaction; what has run is not changed afterwards: add a file (docs/sql.md). */
typedef struct dew_migration {
    const char *name; /* "001_task.sql" */
    const char *sql;  /* one or more statements */
} dew_migration;
#define DEW_MIGRATIONS(name) extern const dew_migration name##_migrations[];

typedef enum dew_log_level { DEW_LOG_DEBUG, DEW_LOG_INFO, DEW_LOG_WARN, DEW_LOG_ERROR } dew_log_level;
/* Takes one line, without its end; `message` is valid during the call. Called on any thread, on several at once; it must
 * not block for long, nor call Dew. */
typedef void dew_log_fn(void *context, dew_log_level level, const char *message);

/* Who may read /_dew/metrics. */
typedef enum dew_metrics {
    DEW_METRICS_LOCAL, /* requests from this machine that no proxy has passed on (no Forwarded, X-Forwarded-…, Via) */
    DEW_METRICS_ALL,   /* everybody who reaches the server */
    DEW_METRICS_OFF,   /* nobody: 404 */
} dew_metrics;

/* All fields may be left out but .site. The struct is copied; what it points to is borrowed for the life of the
 * application. At most one of port, listen_fd_plus_one, unix_path and no_listener is given. */
typedef struct dew_app_config {
    const dew_site *site;
    const dew_assets *assets;                /* NULL: pages without scripts */
    const dew_served *const *served;         /* NULL-terminated list of arrays: DEW_SERVED(a, b) */
    const dew_provided *deps;                /* DEW_DEPS(…): what every scope has (dew/dep.h); borrowed as long as the app */
    const dew_task *tasks;                   /* DEW_TASKS(…): what runs beside requests (dew/task.h) */
    void *context;                           /* the program's own: dew_scope_context, dew_tx_context. Handlers of all
                                                workers see it at once: guard what changes */
    dew_str (*identify)(dew_scope *scope);   /* who is asking, from cookies and headers (dew_scope_cookie, …); empty:
                                                nobody. The text is copied. Any worker's thread; must not wait. One
                                                for pages, calls, forms, endpoints and sockets, which keep the cookies
                                                that they came with; asked once per request, of a socket again every
                                                guard_again: another answer closes it, and the browser comes anew */
    dew_guard_list use;                      /* DEW_USE(…): guards around every page and every function (dew/guard.h) */
    dew_view_fn *on_prefetch;                /* a hook (dew/page.h) before every page, that the browser does not get */
    dew_duration guard_again;                /* how often open sockets are asked who they are, and the guards of their subscriptions
                                                run, again; left out: 60 s; DEW_NEVER: when the browser connects anew */
    void (*on_ready)(dew_app *app);          /* listening; called once, on the starting thread, before dew_app_start returns */

    bool no_listener;                        /* takes no address: pages by dew_render_url and dew_render_start alone */
    const char *host;                        /* NULL: "127.0.0.1" */
    int port;                                /* 0: a free one, see dew_app_port */
    int listen_fd_plus_one;                  /* an open listening socket + 1, taken over; 0: none */
    const char *unix_path;                   /* listen here instead */
    const char *url_prefix;                  /* "/live": every address starts with it; NULL: none */
    const char *const *hosts;                /* names that Host may hold besides `host`, addresses and localhost: "a.example",
                                                "a.example:8080", ".a.example" with all below it, "*" for any (no guard
                                                against DNS rebinding; warned of); NULL-terminated, 64 at most */
    dew_metrics metrics;                     /* 0: DEW_METRICS_LOCAL */
    dew_fetch_limits fetch;                  /* outgoing connections of each worker, for dew_fetch (dew/fetch.h) */
    int workers;                             /* 0: one per core under dew_app_main, else one; 64 at most */

    const char *data_dir;                    /* made when absent; one program's at a time; its file is dew.db. NULL: no database */
    const dew_migration *migrations;         /* ended by { NULL, NULL } */
    const char *migrations_dir;              /* or read from a folder at start */

    dew_duration request_timeout;            /* of a whole request: a page with its passes and waits (504 when it has passed, at
                                                once), a query called, an action or mutation without a .timeout of its own; left
                                                out: 30 s; DEW_NEVER; DEW_MS(0): what has to wait is refused. Loaders are shared
                                                by requests: theirs end by themselves, or when nobody waits any more */
    dew_duration loader_timeout;             /* of a query's first load, when it has no .timeout of its own; left out: 30 s;
                                                DEW_NEVER: none. Re-runs of live queries have none but their own */

    dew_duration drain;                      /* how long requests may take to finish once the application stops; left out: 10 s.
                                                Then their scopes end (DEW_END_DRAINING). DEW_MS(0): at once */
    dew_duration drain_spread;               /* over which open pages come back, evenly; left out: 5 s */

    dew_log_fn *log;                         /* NULL: lines on standard error */
    void *log_context;
    bool server_timing;                      /* pages say in Server-Timing what their time went into, to every visitor; always
                                                in development */
    bool no_ssr;                             /* the browser renders every page, as with .ssr.mode = DEW_SSR_OFF: to compare. Nothing without a browser half */
    bool development;                        /* whole messages of errors in pages and answers */
} dew_app_config;

#define DEW_SERVED(...) (const dew_served *const[]){ __VA_ARGS__, NULL }

/* Parses the command line (--help lists the options; they go before what config says), starts, prints one line with the
 * address on standard output, serves until SIGTERM, SIGINT or SIGHUP, drains as dew_app_stop does. A second signal ends the
 * waiting: what is still under way is told to end now. A handler that goes on though it was told is waited for 5 s more, or
 * until a third signal; then the process ends in here, with 0. Returns the process's exit code: 0, 1 when it could not start
 * (standard error says why), 2 for bad arguments. */
int dew_app_main(int argc, char **argv, const dew_app_config *config);

/* Starts and returns once listening. *out is owned by the caller, ended by dew_app_stop. On failure *error says what,
 * where and the mend, and nothing is left running. Any thread. Dew's own threads take no signals. Standard input, output and
 * error that are closed are opened on /dev/null: no socket may have their number. */
int dew_app_start(const dew_app_config *config, dew_app **out, dew_error *error) DEW_MUST_USE;

/* Drains, joins every thread, frees. New connections are refused, idle ones closed, tasks ended, open pages told when to come
 * back. Requests, calls and queued mutations finish; those that have not by .drain end, their scopes with DEW_END_DRAINING, and are
 * answered 503; connections that have not taken their answer a second later are cut. Code that waits for nothing and
 * returns not is waited for. Who
 * waits in dew_render_url gets DEW_E_CLOSED; no other call may begin once it has. Takes NULL. Not from a handler. */
void dew_app_stop(dew_app *app);

/* The port taken; 0 with a Unix socket and without a listener (the URL is empty then). "http://127.0.0.1:8080". Borrowed. Any thread. */
int dew_app_port(const dew_app *app);
const char *dew_app_url(const dew_app *app);

/* What a mutation from the program's own thread came to. `value` is of the mutation's type, valid during the call. */
typedef struct dew_mutated {
    int code;            /* 0, or DEW_E_…: nothing was changed */
    const char *message; /* what went wrong, whole: also what visitors do not see */
    int64_t commit; /* the commit number that holds it */
    const void *value;
} dew_mutated;
typedef void dew_mutated_fn(void *context, const dew_mutated *result);

/* Queues a mutation; args are copied. on_done (may be NULL) runs once, on a thread of Dew's, after the fsync; it must
 * not block. DEW_E_BUSY when the writer's queue is full. Any thread. */
int dew_mutate_fn(dew_app *app, const dew_fn *mutation, const void *args, dew_mutated_fn *on_done,
                  void *context) DEW_MUST_USE;
/* dew_mutate(app, move_task, on_done, context, .task_id = 1, .to = S("done")) */
#define dew_mutate(app, name_, on_done, context, ...)                                                                 \
    dew_mutate_fn((app), &name_##_fn, &(name_##_args){ __VA_ARGS__ }, (on_done), (context))

/* ---- pages for another server ---- */

typedef struct dew_rendered {
    int status;
    char *body; /* HTML, NUL-terminated */
    size_t body_len;
    char *location; /* of a redirect, or NULL */
    char **cookies; /* what Set-Cookie lines say, one each, NULL-terminated; NULL: none (dew/cookie.h) */
} dew_rendered;
void dew_rendered_dispose(dew_rendered *rendered);

/* Renders an address of the site without Dew's server. `headers` are what the request would have carried, by
 * name and value, NULL-terminated; NULL: none. Blocks the calling thread, which must not be one of Dew's.
 * out->body is freed by dew_rendered_dispose. 0 also for 404 and 500 pages: see out->status. */
int dew_render_url(dew_app *app, const char *url, const char *const *headers, dew_rendered *out) DEW_MUST_USE;

/* The same without blocking, for a server that has many requests on one thread (examples/foreign):
 *
 *     dew_render_start(app, "/users/1", headers, on_done, request, &request->rendering)
 *     dew_render_cancel(request->rendering)     the client has gone: its scopes end (DEW_END_CLIENT_GONE)
 *     dew_render_release(request->rendering)    when the handle is not needed any more
 *
 * on_done is called once, whatever happens, on a thread of Dew's, and must not block; perhaps before dew_render_start
 * returns, but after *out is written. code 0: *page is a page of whatever status, and on_done's to dispose of; otherwise it
 * is zeroed: DEW_E_CANCELLED (dew_render_cancel came first), DEW_E_CLOSED (dew_app_stop), DEW_E_NOMEM. */
typedef struct dew_rendering dew_rendering;
typedef void dew_rendered_fn(void *context, int code, dew_rendered *page);

/* url and headers are copied; `out` may be NULL. 0, DEW_E_NOMEM, DEW_E_BUSY: then on_done is not called and there is no
 * handle. Any thread. */
int dew_render_start(dew_app *app, const char *url, const char *const *headers, dew_rendered_fn *on_done, void *context,
                     dew_rendering **out) DEW_MUST_USE;

/* Nobody waits for the page any more: loaders that nobody else waits for end, and on_done comes soon. Nothing once it has
 * come. Takes NULL. Any thread, and not once dew_app_stop has returned. */
void dew_render_cancel(dew_rendering *rendering);

/* Lets the handle go, once, before on_done or after; does not cancel. Takes NULL. Any thread. */
void dew_render_release(dew_rendering *rendering);

/* Runs a query inside a handler and writes its preload token (docs/protocol.md §Preload) for pages made by other
 * means: JSON, safe in a script element. Scope's arena. */
int dew_preload_fn(dew_scope *scope, const dew_fn *query, const void *args, dew_str *token) DEW_MUST_USE;
/* dew_preload(scope, board_tasks, &token, .board_id = S("b1")) */
#define dew_preload(scope, name_, token, ...)                                                                         \
    dew_preload_fn((scope), &name_##_fn, &(name_##_args){ __VA_ARGS__ }, (token))

#ifdef __cplusplus
}
#endif
#endif
