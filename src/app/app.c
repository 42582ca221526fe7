/* app.c - starting and stopping an application.
 *
 * Start, on the caller's thread: what all share (registry, routes, document, files, database, live), then the workers' tools
 * on loops that do not run yet, the listener, and last the threads: nothing can be asked before all is there. Stop, in the
 * opposite order: workers drain and end, then the database finishes what is queued (both until dew_app_config.drain is
 * over), then the rest is freed. */
#include "app/config.h"
#include "app/drain.h"
#include "app/endpoint.h"
#include "app/loader.h"
#include "app/log.h"
#include "app/prefetch.h"
#include "app/tasks.h"
#include "app/worker.h"
#include "base/format.h"
#include "io/clock.h"
#include "io/fiber.h"
#include "io/random.h"
#include "io/signal.h"
#include "page/document.h"
#include "page/plan.h"

#include <stdlib.h>

/* Longest address of an embedded file, prefix included. */
#define ASSET_PATH_MAX 1024

const char *app_point_name(app_point point)
{
    static const char *const names[] = {
#define NAME(name) "app." #name,
        APP_POINTS(NAME)
#undef NAME
    };
    return names[point];
}

/* ---- what all workers share ---- */

static int random_key(dew_hash_key *key, dew_error *error)
{
    int code = dew_random_bytes(key, sizeof *key);
    return code == 0 ? 0 : dew_error_set(error, code, "the system gives no random bytes");
}

/* The embedded files under the prefix: a copy of the table whose paths begin with it. */
static int files_make(dew_app *app, dew_hash_key key, dew_error *error)
{
    const dew_assets *assets = app->config.assets;
    dew_http_static_init(&app->files, key);
    if (assets == NULL)
        return 0;
    dew_str prefix = dew_router_prefix(app->router);
    const dew_asset *items = assets->items;
    if (prefix.len != 0) {
        app->prefixed = calloc(assets->count + 1, sizeof *app->prefixed);
        if (app->prefixed == NULL)
            return dew_error_set(error, DEW_E_NOMEM, "out of memory");
        for (size_t i = 0; i < assets->count; i++) {
            size_t len = prefix.len + items[i].path.len;
            char *path = malloc(len + 1);
            if (path == NULL)
                return dew_error_set(error, DEW_E_NOMEM, "out of memory");
            dew_format(path, len + 1, "%.*s%.*s", (int)prefix.len, prefix.ptr, (int)items[i].path.len,
                       items[i].path.ptr);
            app->prefixed[i] = items[i];
            app->prefixed[i].path = dew_str_make(path, len);
        }
        items = app->prefixed;
    }
    int code = dew_http_static_add(&app->files, items);
    return code == 0 ? 0 : dew_error_set(error, code, "the embedded files: %s", dew_error_text(code));
}

static int document_make(dew_app *app, dew_error *error)
{
    const dew_assets *assets = app->config.assets;
    char script[ASSET_PATH_MAX] = "", wasm[ASSET_PATH_MAX] = "";
    dew_str prefix = dew_router_prefix(app->router);
    if (assets != NULL && assets->script != NULL && assets->wasm != NULL) {
        dew_format(script, sizeof script, "%.*s%s", (int)prefix.len, prefix.ptr, assets->script);
        dew_format(wasm, sizeof wasm, "%.*s%s", (int)prefix.len, prefix.ptr, assets->wasm);
        dew_format(app->build_id, sizeof app->build_id, "%s", assets->build_id);
    }
    int code = dew_document_create(app->config.site, prefix, dew_str_of(script), dew_str_of(wasm), &app->document);
    return code == 0 ? 0 : dew_error_set(error, code, "the document could not be made: %s", dew_error_text(code));
}

static void committed(void *context, const dew_db_commit *commit)
{
    dew_app *app = context;
    app_at(app, APP_AT_VISIBLE);
    if (app->live != NULL) /* while the database opens (migrations) nobody looks on yet */
        dew_live_commit(app->live, commit->number, commit->writes != NULL ? dew_write_set_ref(commit->writes) : NULL);
    app_at(app, APP_AT_TOLD);
}

static void stamped(void *context)
{
    app_at(context, APP_AT_STAMPED);
}

static int live_make(dew_app *app, dew_hash_key key, dew_error *error)
{
    app_loader_init(app);
    const dew_live_config config = {
        .workers = app->worker_count,
        .epoch = app->db != NULL ? dew_db_epoch(app->db) : dew_random_u64(),
        .hash_key = key,
        .env = &app->env,
        .data = app->config.data_dir != NULL ? &app->data : NULL,
    };
    int code = dew_live_create(&config, &app->live);
    return code == 0 ? 0 : dew_error_set(error, code, "live queries could not be set up: %s", dew_error_text(code));
}

static int db_make(dew_app *app, dew_error *error)
{
    if (app->config.data_dir == NULL)
        return 0;
    const dew_db_config config = {
        .dir = app->config.data_dir,
        .migrations = app->config.migrations,
        .migrations_dir = app->config.migrations_dir,
        .context = app->config.context,
        .url_prefix = dew_router_prefix(app->router),
        .on_commit = committed,
        .on_commit_context = app,
        .on_stamped = app->hook != NULL ? stamped : NULL,
    };
    return dew_db_open(&config, &app->db, error);
}

/* ---- workers ---- */

/* Then it is told while it lasts. */
#define HELD_LONG_MS 1000

static void held(void *context, const dew_watchdog_report *report)
{
    if (report->is_over)
        app_log(context, DEW_LOG_WARN, "%s held worker %u for %lld ms: use dew_offload for work that blocks",
                report->label, report->loop_index, (long long)report->held_ms);
    else if (report->held_ms >= HELD_LONG_MS) /* it may never be over */
        app_log(context, DEW_LOG_ERROR, "%s has held worker %u for %lld ms and goes on; nothing else runs there",
                report->label, report->loop_index, (long long)report->held_ms);
}

static void starved(void *context, bool is_starved)
{
    if (is_starved)
        app_log(context, DEW_LOG_WARN, "new connections wait: open files or memory have run out (ulimit -n)");
    else
        app_log(context, DEW_LOG_INFO, "new connections are taken again");
}

static int listen_open(dew_app *app, dew_error *error)
{
    const dew_app_config *config = &app->config;
    if (config->no_listener)
        return 0;
    const dew_listener_options options = {
        .endpoint = { .host = config->host, .port = config->port, .unix_path = config->unix_path },
        .fd_plus_one = config->listen_fd_plus_one,
        .loops = dew_worker_group_loops(app->group),
        .loop_count = app->worker_count,
        .context = app,
        .on_accept = app_worker_accept,
        .on_starved = starved,
    };
    int code = dew_listener_open(dew_worker_group_loop(app->group, 0), &options, &app->listener, error);
    if (code != 0)
        return code;
    app->port = dew_listener_port(app->listener);
    dew_str prefix = dew_router_prefix(app->router);
    if (config->unix_path != NULL) {
        dew_format(app->url, sizeof app->url, "unix:%s", config->unix_path);
    } else {
        const char *host = config->host != NULL ? config->host : "127.0.0.1";
        bool is_v6 = strchr(host, ':') != NULL;
        dew_format(app->url, sizeof app->url, "http://%s%s%s:%d%.*s", is_v6 ? "[" : "", host, is_v6 ? "]" : "",
                   app->port, (int)prefix.len, prefix.ptr);
    }
    return 0;
}

static int workers_make(dew_app *app, dew_error *error)
{
    app->workers = calloc(app->worker_count, sizeof *app->workers);
    if (app->workers == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    for (unsigned i = 0; i < app->worker_count; i++) {
        int code = app_worker_init(&app->workers[i], app, i, dew_worker_group_loop(app->group, i), error);
        if (code != 0)
            return code;
    }
    if (app->db != NULL) {
        int code = dew_foreign_open(app->db, dew_worker_group_loop(app->group, 0), &app->foreign);
        if (code != 0)
            return dew_error_set(error, code, "the database cannot be watched for writes of other programs: %s",
                                 dew_error_text(code));
    }
    return listen_open(app, error);
}

static int threads_start(dew_app *app, dew_error *error)
{
    const dew_watchdog_options watch = {
        .loops = dew_worker_group_loops(app->group), .loop_count = app->worker_count, .context = app, .on_held = held
    };
    if (dew_watchdog_start(&watch, &app->watchdog) != 0)
        app_log(app, DEW_LOG_WARN,
                "there is no thread for the watchdog: handlers that hold a worker will not be named");
    int code = dew_worker_group_start(app->group);
    return code == 0
               ? 0
               : dew_error_set(error, code, "the workers' threads could not be started: %s", dew_error_text(code));
}

/* ---- start and stop ---- */

static void app_free(dew_app *app)
{
    dew_watchdog_stop(app->watchdog);
    for (unsigned i = 0; app->workers != NULL && i < app->worker_count; i++)
        app_worker_dispose(&app->workers[i]);
    dew_offload_destroy(app->offload);
    dew_db_close(app->db);
    dew_worker_group_destroy(app->group);
    dew_live_destroy(app->live);
    dew_http_static_dispose(&app->files);
    for (dew_asset *asset = app->prefixed; asset != NULL && asset->path.ptr != NULL; asset++)
        free((char *)asset->path.ptr);
    free(app->prefixed);
    dew_document_destroy(app->document);
    dew_router_destroy(app->router);
    free(app->endpoints);
    app_tasks_free(app);
    app_guarding_dispose(&app->guarding);
    dew_registry_dispose(&app->registry);
    free(app->hosts);
    free(app->workers);
    free(app);
}

static size_t fibers_per_worker(const dew_app *app)
{
    size_t share = DEW_APP_FIBERS_MAX / app->worker_count;
    return share < DEW_FIBER_COUNT_MAX ? share : DEW_FIBER_COUNT_MAX;
}

static int app_make(dew_app *app, dew_error *error)
{
    dew_hash_key key;
    int code = app_config_check(&app->config, error);
    if (code == 0)
        code = random_key(&key, error);
    if (code == 0)
        code = dew_registry_init(&app->registry, app->config.served, key, error);
    if (code == 0)
        code = dew_router_create(app->config.site, app->config.url_prefix, &app->router, error);
    if (code == 0)
        code = app_endpoints_make(app, error);
    if (code == 0)
        code = app_guarding_init(&app->guarding, &app->config, &app->registry, key, error);
    if (code == 0)
        code = app_hooks_make(app, error);
    if (code == 0)
        code = document_make(app, error);
    if (code == 0 && dew_document_has_scripts(app->document))
        code = dew_site_check_policies(app->config.site, app->config.no_ssr, error);
    if (code == 0)
        code = files_make(app, key, error);
    if (code == 0)
        code = app_hosts_make(app, error);
    if (code == 0)
        code = db_make(app, error);
    if (code == 0)
        code = live_make(app, key, error); /* begins at the database's commit number */
    if (code == 0 && (code = dew_offload_create(0, 0, &app->offload)) != 0)
        dew_error_set(error, code, "out of memory");
    const dew_worker_options options = { .count = app->worker_count, .loop.fiber_max = fibers_per_worker(app) };
    if (code == 0 && (code = dew_worker_group_create(&options, &app->group)) != 0)
        dew_error_set(error, code, "the workers' loops could not be made: %s", dew_error_text(code));
    if (code == 0)
        code = workers_make(app, error);
    if (code == 0)
        code = app_tasks_make(app, error);
    return code == 0 ? threads_start(app, error) : code;
}

int app_start_hooked(const dew_app_config *config, const app_hook *hook, dew_app **out, dew_error *error)
{
    dew_error unheard;
    if (error == NULL)
        error = &unheard;
    dew_app *app = calloc(1, sizeof *app);
    if (app == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    dew_standard_files_ensure();
    app->config = *config;
    app->hook = hook;
    app->worker_count = config->workers > 0 ? (unsigned)config->workers : 1;
    int code = app_make(app, error);
    if (code != 0) {
        for (unsigned i = 0; app->workers != NULL && i < app->worker_count; i++)
            app_worker_undo(&app->workers[i]);
        app_free(app);
        return code;
    }
    *out = app;
    if (config->on_ready != NULL)
        config->on_ready(app);
    app_tasks_start(app);
    return 0;
}

int dew_app_start(const dew_app_config *config, dew_app **out, dew_error *error)
{
    return app_start_hooked(config, NULL, out, error);
}

/* Nothing is committed from then on. */
static void db_end_in(dew_app *app, int64_t ms)
{
    int64_t now_ns = dew_clock_now_ns();
    if (app->db != NULL && ms < (INT64_MAX - now_ns) / 1000000)
        dew_db_end_by(app->db, now_ns + ms * 1000000);
}

void app_drain(dew_app *app, void (*on_drained)(void *context), void *context)
{
    if (app->is_draining)
        return;
    app->is_draining = true;
    app->on_drained = on_drained;
    app->drained_context = context;
    db_end_in(app, dew_duration_ms(app->config.drain, DEW_APP_DRAIN_MS));
    for (unsigned i = 0; i < app->worker_count; i++)
        app_worker_drain(&app->workers[i]);
}

void app_drain_hurry(dew_app *app)
{
    db_end_in(app, 0);
    for (unsigned i = 0; i < app->worker_count; i++)
        app_worker_hurry(&app->workers[i]);
}

bool app_is_drained(const dew_app *app)
{
    return __atomic_load_n(&app->settled_count, __ATOMIC_ACQUIRE) == app->worker_count;
}

void app_worker_settled(dew_app *app)
{
    void (*on_drained)(void *) = app->on_drained;
    void *context = app->drained_context; /* read before the count: from the last on, the application may be gone */
    if (__atomic_add_fetch(&app->settled_count, 1, __ATOMIC_ACQ_REL) == app->worker_count && on_drained != NULL)
        on_drained(context);
}

void dew_app_stop(dew_app *app)
{
    if (app == NULL)
        return;
    app_drain(app, NULL, NULL);
    dew_worker_group_join(app->group);
    app_free(app);
}

int dew_app_port(const dew_app *app)
{
    return app->port;
}

const char *dew_app_url(const dew_app *app)
{
    return app->url;
}
