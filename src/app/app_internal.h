/* app_internal.h - what the files of app/ share: the application, its workers, and one worker's tools.
 *
 *     dew_app ── registry, router, document, live, db (may be none)       immutable once started, read by all threads
 *        └── app_worker, one per thread ── loop, http server, readers, live worker       its own thread only
 */
#ifndef DEW_APP_INTERNAL_H
#define DEW_APP_INTERNAL_H

#include "app/guards.h"
#include "app/hook.h"
#include "app/passes.h"
#include "app/registry.h"
#include "http/server.h"
#include "http/static.h"
#include "io/inbox.h"
#include "io/listener.h"
#include "io/offload.h"
#include "io/timer.h"
#include "io/watchdog.h"
#include "io/worker.h"
#include "live/holder.h"
#include "live/live.h"
#include "live/loader.h"
#include "scope/outgoing.h"
#include "scope/scope.h"
#include "sql/db.h"
#include "sql/reader.h"

#include <dew/app.h>

/* Memory of one request: arguments, render arena, answers. */
#define DEW_APP_REQUEST_ARENA_MAX ((size_t)64 << 20)
/* Longest page. */
#define DEW_APP_HTML_MAX ((size_t)64 << 20)
/* Memory of one action; of the arguments of one mutation. */
#define DEW_APP_ACTION_ARENA_MAX ((size_t)64 << 20)
/* dew_app_config.request_timeout when it does not say. */
#define DEW_APP_TIMEOUT_MS 30000
/* Fibers of all workers together: two memory maps each, and Linux grants a process 65,530 (vm.max_map_count). */
#define DEW_APP_FIBERS_MAX 24576
/* Names that the program and the command line may add to the hosts that are answered. */
#define DEW_APP_HOSTS_MAX 64
/* How long a stopping application lets requests and mutations finish, and over how long it spreads the return of open pages, when
 * its configuration does not say. */
#define DEW_APP_DRAIN_MS 10000
#define DEW_APP_DRAIN_SPREAD_MS 5000
/* What requests that were told to end get for their answers, before their connections are cut. */
#define DEW_APP_CUT_MS 1000

typedef struct app_worker app_worker;

/* navigations.c: a worker's visits that wait, by their tab. */
#define APP_NAVIGATION_BUCKETS 64
typedef struct app_navigations {
    dew_link buckets[APP_NAVIGATION_BUCKETS];
    unsigned count; /* written by its worker; the others read it, atomically */
} app_navigations;

struct dew_app {
    dew_app_config config; /* as given, defaults filled in */
    const app_hook *hook;  /* borrowed; NULL in all but tests */
    dew_registry registry;
    app_guarding guarding;
    struct dew_router *router;
    struct app_endpoint *endpoints; /* owned, of endpoint.c; the router finds them */
    struct dew_document *document;
    dew_live *live;
    dew_live_env env;
    dew_live_data data;
    dew_db *db;           /* NULL: no database */
    dew_foreign *foreign; /* on worker 0's loop, as the listener */
    dew_listener *listener;
    dew_watchdog *watchdog;
    dew_offload_pool *offload;
    dew_http_static files;
    dew_asset *prefixed; /* owned: the assets under url_prefix; NULL without one */
    const char **hosts;  /* owned list of names that Host may hold */
    dew_worker_group *group;
    app_worker *workers;
    struct app_task *tasks; /* owned, of tasks.c; NULL: none */
    size_t task_count;
    unsigned worker_count;
    unsigned renderings; /* atomic access only: dew_render_start's so far, which go to the workers in turn */
    char url[256];
    char build_id[32]; /* of the browser half; empty without scripts */
    int port;
    bool is_draining;              /* of app_drain; the thread that stops it */
    unsigned settled_count;        /* atomic access only: workers that have come to their end */
    void (*on_drained)(void *context);
    void *drained_context;
};

struct app_worker {
    dew_app *app;
    unsigned index;
    dew_loop *loop;
    dew_live_worker *live;
    dew_msg wake;          /* loader.c: has dew_live_turn called */
    unsigned is_woken;     /* atomic access only: `wake` is on its way */
    dew_sql *sql;          /* NULL: no database */
    dew_outgoing outgoing; /* of dew_fetch */
    dew_loader *loader;
    dew_orphans orphans;   /* of this worker's handlers; metrics read them */
    dew_holder *holder;
    dew_buf html, page;    /* of the page that is being made; reused */
    dew_http_server *http; /* NULL once it has closed */
    dew_http_stats http_stats; /* of it; metrics read them */
    dew_link sockets;      /* of socket.c */
    dew_link scopes;       /* of dew_scope.of_maker: roots, not ended */
    dew_timer tick, settle;
    dew_timer limit;       /* of the drain */
    dew_msg drain, hurry;
    bool is_draining;
    unsigned settle_tries;
    bool is_settled;       /* nothing of it is under way any more */
    struct app_visit *free_visits;
    size_t free_visit_count;
    app_navigations navigations;
    app_passes passes; /* of its pages; metrics read them */
};

/* The name of a point, as a hook gets it. Static. */
const char *app_point_name(app_point point);

static inline void app_at(const dew_app *app, app_point point)
{
    if (__builtin_expect(app->hook != NULL, 0))
        app->hook->at(app->hook->context, app_point_name(point));
}

/* The time for a whole request, in milliseconds: dew_app_config.request_timeout. */
static inline int64_t app_request_ms(const dew_app *app)
{
    return dew_duration_ms(app->config.request_timeout, DEW_APP_TIMEOUT_MS);
}

static inline app_worker *app_worker_of(dew_loop *loop)
{
    return dew_loop_data(loop);
}

#endif
