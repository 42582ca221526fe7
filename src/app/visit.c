/* visit.c - see visit.h. Visits are pooled per worker, so a page that is in memory allocates nothing. */
#include "app/visit.h"

#include "app/admit.h"
#include "app/asker.h"
#include "app/gate.h"
#include "app/log.h"
#include "app/timing.h"
#include "io/fiber.h"
#include "live/cut.h"
#include "live/results.h"
#include "page/document.h"

#include <stdlib.h>

/* Visits kept for the next request. */
#define VISITS_KEPT 64
/* Left free before a page, so that the head of its answer goes out with it in one piece. */
#define HTTP_HEAD_ROOM 512

typedef struct waiting {
    dew_waiter waiter;
    app_visit *visit;
    dew_page_query *query;
    struct waiting *next;
    bool is_ready;
    int64_t since_ns; /* app_timing_now */
    dew_admission admission; /* by the query's guards, before the result is asked for */
} waiting;

struct app_visit {
    app_visit *next_free;
    app_worker *worker;
    dew_asker *asker; /* NULL: no query yet */
    app_gate *gate;   /* the page's guards; NULL: there are none, or they are through */
    const app_visit_owner *calls;
    void *owner; /* NULL: it has left, or has been told */
    dew_arena arena;
    app_timing *timing; /* NULL: nothing is measured */
    waiting *waitings;
    size_t missing; /* results under way */
    int cut_tries;
    bool state_only, is_stepping, is_done, wants_pin;
    bool has_scope, is_over; /* over: its time is up, and nothing is waited for any more */
    dew_scope_listener end;
    dew_deferred over_later;
    dew_sql_pin *pin;  /* the last resort: everything is read in it */
    bool has_fiber;    /* the last resort has been taken */
    dew_fiber *fiber;  /* holds the pin; NULL until it runs */
    dew_deferred pin_later;
    dew_page_loop loop; /* last but one: large, and dew_page_loop_begin zeroes it */
    dew_scope scope;    /* of the whole request, made when it first has to wait: has_scope */
};

static bool advance(app_visit *visit);

/* ---- life ---- */

static app_visit *visit_take(app_worker *worker)
{
    app_visit *visit = worker->free_visits;
    if (visit != NULL) {
        worker->free_visits = visit->next_free;
        worker->free_visit_count--;
        dew_arena arena = visit->arena;
        memset(visit, 0, offsetof(app_visit, loop));
        visit->worker = worker;
        visit->arena = arena;
        dew_arena_reset(&visit->arena);
        return visit;
    }
    visit = calloc(1, sizeof *visit);
    if (visit != NULL) {
        visit->worker = worker;
        dew_arena_init(&visit->arena, DEW_APP_REQUEST_ARENA_MAX);
    }
    return visit;
}

static void visit_give(app_visit *visit)
{
    app_worker *worker = visit->worker;
    if (visit->has_scope) {
        dew_deferred_cancel(&visit->over_later);
        dew_scope_unlisten(&visit->end);
        dew_scope_dispose(&visit->scope);
    }
    for (dew_page_query *query = visit->loop.queries; query != NULL; query = query->next)
        dew_result_unref(query->held);
    dew_page_loop_dispose(&visit->loop);
    dew_asker_unref(visit->asker);
    if (worker->free_visit_count >= VISITS_KEPT) {
        dew_arena_dispose(&visit->arena);
        free(visit);
        return;
    }
    dew_arena_reset(&visit->arena);
    visit->next_free = worker->free_visits;
    worker->free_visits = visit;
    worker->free_visit_count++;
}

void app_visits_dispose(app_worker *worker)
{
    for (app_visit *visit = worker->free_visits, *next; visit != NULL; visit = next) {
        next = visit->next_free;
        dew_arena_dispose(&visit->arena);
        free(visit);
    }
    worker->free_visits = NULL;
}

/* The outcome goes to the owner; the visit itself ends in `advance`, which is always below this on the stack. */
static void finish(app_visit *visit, const app_visited *visited)
{
    if (visit->gate != NULL) {
        app_gate_keep(visit->gate, visited);
        return;
    }
    void *owner = visit->owner;
    visit->is_done = true;
    visit->owner = NULL;
    if (owner != NULL)
        visit->calls->done(owner, visited);
}

/* ---- the request's scope ---- */

static bool has_ended(const app_visit *visit)
{
    return visit->has_scope && visit->scope.ended != 0;
}

static void waitings_leave(app_visit *visit, dew_end end);

/* The time is up, or the server goes down: what is there is told at once. */
static void over(dew_deferred *deferred)
{
    app_visit *visit = dew_container_of(deferred, app_visit, over_later);
    if (visit->is_done)
        return;
    bool is_going = visit->scope.cause.end == DEW_END_DRAINING;
    int code = is_going ? DEW_E_CLOSED : DEW_E_TIMEOUT;
    const char *words = is_going ? visit->scope.cause.text : "the time for the whole request is up";
    visit->is_over = true;
    for (const waiting *wait = visit->waitings; wait != NULL; wait = wait->next)
        if (!wait->is_ready)
            dew_page_query_fail(wait->query, code, words);
    waitings_leave(visit, visit->scope.cause.end);
    dew_deferred_cancel(&visit->pin_later);
    if (visit->loop.error.code == 0) /* else the error page was waited for: it becomes a plain one */
        dew_page_loop_fail(&visit->loop, code, words);
    advance(visit);
}

/* Not at once: whoever ends the scope has it in hand yet. */
static void scope_ended(dew_scope_listener *listener, const dew_cause *cause)
{
    (void)cause;
    app_visit *visit = dew_container_of(listener, app_visit, end);
    if (visit->is_done)
        return;
    visit->over_later.run = over;
    dew_loop_defer(visit->worker->loop, &visit->over_later);
}

/* The visit has to wait. What it has done until now was done within one turn of the loop, so its time begins here. */
static dew_scope *scope_make(app_visit *visit)
{
    if (visit->has_scope)
        return &visit->scope;
    visit->has_scope = true;
    dew_scope_init(&visit->scope, &visit->arena);
    app_asker_scope(visit->asker, visit->worker, &visit->scope);
    visit->end.on_end = scope_ended;
    dew_scope_listen(&visit->scope, &visit->end);
    dew_scope_limit(&visit->scope, app_request_ms(visit->worker->app));
    return &visit->scope;
}

/* ---- results ---- */

static void query_settle(dew_page_query *query, dew_result *result)
{
    dew_result_unref(query->held);
    query->held = result;
    dew_page_value value = {
        .value = result->value,
        .json = dew_blob_str(result->json),
        .hash = result->hash,
        .commit = result->high,
        .topic = result->topic,
        .schema = result->fn->schema,
        .is_located = dew_inputs_are_located(result->inputs),
    };
    dew_page_query_set(query, &value);
}

static void result_ready(dew_waiter *waiter, dew_result *result, const dew_error *error)
{
    waiting *wait = dew_container_of(waiter, waiting, waiter);
    app_visit *visit = wait->visit;
    app_at(visit->worker->app, APP_AT_LOADED);
    wait->is_ready = true;
    app_timing_loaded(visit->timing, wait->query->fn, wait->since_ns, result != NULL ? result->sql_ns : 0);
    if (result != NULL)
        query_settle(wait->query, result);
    else
        dew_page_query_fail(wait->query, error->code, error->message);
    if (--visit->missing == 0 && !visit->is_stepping && !has_ended(visit))
        advance(visit);
}

static dew_asker *visit_asker(app_visit *visit)
{
    if (visit->asker == NULL)
        visit->asker = visit->calls->who(visit->owner);
    return visit->asker;
}

/* Gets a query's result, or waits for it, once its guards have let it through. */
static void result_get(waiting *wait, const dew_registered *entry)
{
    app_visit *visit = wait->visit;
    dew_page_query *query = wait->query;
    dew_ask ask = { .fn = &entry->live, .args = query->args_json, .asker = visit->asker, .snapshot = visit->pin };
    dew_result *result;
    int got = dew_results_get(visit->worker->live, &ask, &result, &wait->waiter);
    if (got == 1)
        query_settle(query, result);
    else if (got < 0)
        dew_page_query_fail(query, got, NULL);
    wait->is_ready = got != 0;
    visit->missing += got == 0;
}

static void admitted(dew_admission *admission, const dew_error *refusal)
{
    waiting *wait = dew_container_of(admission, waiting, admission);
    app_visit *visit = wait->visit;
    visit->missing--;
    wait->is_ready = true;
    if (refusal != NULL)
        dew_page_query_fail(wait->query, refusal->code, refusal->message);
    else
        result_get(wait, dew_registry_find(&visit->worker->app->registry, dew_str_of(wait->query->fn->name)));
    if (visit->missing == 0 && !visit->is_stepping && !has_ended(visit))
        advance(visit);
}

/* The query's guards that are still to be asked: not those that the page's have stood for; none for a result that is only
 * read again. */
static bool is_guarded(const app_visit *visit, const dew_page_query *query, const dew_registered *entry,
                       app_guard_set *settled)
{
    *settled = visit->gate != NULL ? app_gate_settled(visit->gate, entry->guards) : 0;
    if (visit->gate != NULL && visit->worker->app->config.development)
        app_gate_warn(visit->gate, entry);
    return query->held == NULL && app_guards_ask(entry->guards, *settled);
}

/* NULL: it has failed, since it is not served. */
static const dew_registered *entry_of(const app_visit *visit, dew_page_query *query)
{
    const dew_registered *entry = dew_registry_find(&visit->worker->app->registry, dew_str_of(query->fn->name));
    if (entry != NULL && entry->fn->kind == DEW_FN_QUERY)
        return entry;
    app_log(visit->worker->app, DEW_LOG_ERROR, "query %s is used but not served: list it in dew_app_config.served",
            query->fn->name);
    dew_page_query_fail(query, DEW_E_INTERNAL, "a query that the page uses is not served");
    return NULL;
}

/* `settled`: guards that need not be asked. */
static void query_get(app_visit *visit, dew_page_query *query, const dew_registered *entry, bool ask_guards,
                      app_guard_set settled)
{
    waiting *wait = dew_arena_calloc(&visit->arena, 1, sizeof *wait);
    if (wait == NULL || visit_asker(visit) == NULL) {
        dew_page_query_fail(query, DEW_E_NOMEM, NULL);
        return;
    }
    *wait = (waiting){ .waiter = { .ready = result_ready },
                       .visit = visit,
                       .query = query,
                       .next = visit->waitings,
                       .since_ns = app_timing_now(visit->timing),
                       .admission.decided = admitted };
    visit->waitings = wait;
    if (!ask_guards) {
        result_get(wait, entry);
        return;
    }
    dew_error refusal;
    int code = app_admit(visit->worker, entry, query->args_json, visit->asker, settled, &wait->admission, &refusal);
    wait->is_ready = code < 0;
    if (code == 0)
        result_get(wait, entry);
    else if (code < 0)
        dew_page_query_fail(query, code, refusal.message);
    else
        visit->missing++;
}

/* In the middle of a pass, when guards cannot run: those have to wait until it is over. Once the time is up nothing is asked for. */
static void find(void *context, dew_page_query *query)
{
    app_visit *visit = context;
    const dew_registered *entry = visit->is_over ? NULL : entry_of(visit, query);
    app_guard_set settled;
    if (entry != NULL && !is_guarded(visit, query, entry, &settled))
        query_get(visit, query, entry, false, 0);
}

static void failed(void *context, dew_error *error)
{
    app_visit *visit = context;
    app_failure_show(visit->worker->app, visit->loop.match.location, error);
}

static bool is_under_way(const app_visit *visit, const dew_page_query *query)
{
    for (const waiting *wait = visit->waitings; wait != NULL; wait = wait->next)
        if (wait->query == query && !wait->is_ready)
            return true;
    return false;
}

/* Starts what the loop wants and nobody has started yet. */
static void load_pending(app_visit *visit)
{
    for (dew_page_query *query = visit->loop.pending; query != NULL; query = query->next_pending)
        if (visit->is_over) {
            dew_page_query_fail(query, DEW_E_TIMEOUT, NULL);
        } else if (!is_under_way(visit, query)) {
            const dew_registered *entry = entry_of(visit, query);
            app_guard_set settled = 0;
            if (entry != NULL)
                query_get(visit, query, entry, is_guarded(visit, query, entry, &settled), settled);
        }
}

static void waitings_leave(app_visit *visit, dew_end end)
{
    for (waiting *wait = visit->waitings; wait != NULL; wait = wait->next)
        if (!wait->is_ready) {
            app_admit_leave(&wait->admission, end);
            dew_results_leave(visit->worker->live, &wait->waiter, end);
        }
    visit->waitings = NULL;
    visit->missing = 0;
}

/* ---- the cut ---- */

/* Holds the transaction open while the visit goes on, then closes it and gives the visit back. */
static void pin_fiber(void *arg)
{
    app_visit *visit = arg;
    dew_scope *scope = scope_make(visit);
    visit->fiber = scope->fiber = dew_fiber_current();
    int code = dew_sql_pin_open(visit->worker->sql, scope, &visit->pin);
    if (!visit->is_done && !has_ended(visit)) {
        if (code != 0)
            dew_page_loop_fail(&visit->loop, code, NULL);
        else
            for (dew_page_query *query = visit->loop.queries; query != NULL; query = query->next)
                dew_page_loop_reload(&visit->loop, query);
        advance(visit);
    }
    while (!visit->is_done)
        dew_fiber_suspend();
    waitings_leave(visit, DEW_END_CLIENT_GONE);
    dew_sql_pin_close(visit->pin);
    visit->pin = NULL;
    visit_give(visit);
}

static void pin_start(dew_deferred *deferred)
{
    app_visit *visit = dew_container_of(deferred, app_visit, pin_later);
    if (dew_fiber_spawn(visit->worker->loop, "render in one transaction", pin_fiber, visit) == 0)
        return;
    dew_page_loop_fail(&visit->loop, DEW_E_BUSY, NULL);
    advance(visit);
}

/* True when everything stands at *commit; otherwise what is behind is asked for again. */
static bool cut(app_visit *visit, int64_t *commit)
{
    enum { SOME = 16 };
    dew_result *few[SOME], **results = few;
    bool few_stale[SOME], *stale = few_stale;
    size_t count = 0;
    if (visit->loop.query_count > SOME) {
        results = dew_arena_calloc(&visit->arena, (size_t)visit->loop.query_count, sizeof *results);
        stale = dew_arena_calloc(&visit->arena, (size_t)visit->loop.query_count, sizeof *stale);
        if (results == NULL || stale == NULL) {
            dew_page_loop_fail(&visit->loop, DEW_E_NOMEM, NULL);
            return false;
        }
    }
    for (dew_page_query *query = visit->loop.queries; query != NULL; query = query->next)
        results[count++] = query->state == DEW_QUERY_READY ? query->held : NULL;
    if (dew_cut_check(results, count, dew_live_worker_data(visit->worker->live), stale, commit) == 0)
        return true;
    if (visit->has_fiber)
        return true; /* there is no transaction to read in: this is the page that says so, and claims nothing else */
    if (++visit->cut_tries > DEW_CUT_TRIES && visit->worker->sql != NULL) {
        visit->wants_pin = true;
        return false;
    }
    count = 0;
    for (dew_page_query *query = visit->loop.queries; query != NULL; query = query->next)
        if (stale[count++])
            dew_page_loop_reload(&visit->loop, query);
    return false;
}

static void positions_claim(app_visit *visit, int64_t commit)
{
    for (dew_page_query *query = visit->loop.queries; query != NULL; query = query->next)
        if (query->state == DEW_QUERY_READY) {
            dew_position at = dew_cut_position(query->held, commit);
            query->result.commit = at.commit;
            query->result.topic = at.topic;
        }
}

/* Writes the settled page or its state; *room as in app_visited. 0, or the error of the buffer it was written to. */
static int document_write(app_visit *visit, int64_t commit, dew_str *body, size_t *room)
{
    app_worker *worker = visit->worker;
    dew_app *app = worker->app;
    dew_page_loop *loop = &visit->loop;
    dew_buf *out = &worker->page;
    dew_state_info info = {
        .build = dew_str_of(app->build_id),
        .epoch = dew_topics_epoch(dew_live_topics(app->live)),
        .commit = commit,
    };
    *room = 0;
    if (!visit->state_only && !dew_page_loop_is_plain(loop)) {
        int code = dew_document_write(app->document, loop, &info, body);
        *room = code == 0 ? (size_t)(body->ptr - worker->html.ptr) : 0;
        return code;
    }
    dew_buf_clear(out);
    if (visit->state_only)
        dew_state_write(out, loop, &info, false);
    else
        dew_document_write_plain(out, app->config.site, dew_router_prefix(app->router), loop->status,
                                 loop->shown.message, (dew_str){ NULL, 0 });
    *body = dew_buf_str(out);
    return out->error;
}

static void document_finish(app_visit *visit, int64_t commit)
{
    app_worker *worker = visit->worker;
    const dew_page_loop *loop = &visit->loop;
    positions_claim(visit, commit);
    app_visited visited = { .status = loop->status,
                            .passes = loop->pass_count,
                            .timing = app_timing_text(visit->timing, loop->pass_count),
                            .is_draining = has_ended(visit) && visit->scope.cause.end == DEW_END_DRAINING };
    if (document_write(visit, commit, &visited.body, &visited.room) != 0) {
        app_log(worker->app, DEW_LOG_ERROR, "%.*s: the page is longer than %zu bytes, or memory ran out",
                (int)loop->match.location.len, loop->match.location.ptr, DEW_APP_HTML_MAX);
        visited.status = 500;
        dew_buf_clear(&worker->page);
        dew_document_write_plain(&worker->page, worker->app->config.site, dew_router_prefix(worker->app->router), 500,
                                 NULL, (dew_str){ NULL, 0 });
        visited.body = dew_buf_str(&worker->page);
    }
    app_at(worker->app, APP_AT_PAGE);
    finish(visit, &visited);
}

/* ---- stepping ---- */

/* One step; false when there is nothing to do until a result comes, or when the visit is over. */
static bool step_once(app_visit *visit)
{
    int64_t commit = 0, since_ns = app_timing_now(visit->timing);
    dew_page_step step = dew_page_loop_step(&visit->loop);
    app_timing_rendered(visit->timing, since_ns);
    switch (step) {
    case DEW_PAGE_LOAD:
        app_at(visit->worker->app, APP_AT_LOAD);
        load_pending(visit);
        return visit->missing == 0;
    case DEW_PAGE_SETTLED:
        if (visit->missing > 0)
            return false; /* asked for, then not needed: their waiters stand in the arena */
        app_at(visit->worker->app, APP_AT_SETTLED);
        if (cut(visit, &commit)) {
            app_at(visit->worker->app, APP_AT_CUT);
            document_finish(visit, commit);
            return false;
        }
        return !visit->wants_pin;
    case DEW_PAGE_REDIRECT:
        finish(visit, &(app_visited){ .status = visit->loop.status,
                                      .location = visit->loop.location,
                                      .passes = visit->loop.pass_count });
        return false;
    }
    return false;
}

/* The visit is done: gives it back, now or when the fiber that holds its transaction has let go. */
static void visit_end(app_visit *visit)
{
    if (visit->fiber != NULL) {
        if (visit->fiber != dew_fiber_current())
            dew_fiber_resume(visit->fiber);
        return;
    }
    dew_deferred_cancel(&visit->pin_later);
    waitings_leave(visit, DEW_END_CLIENT_GONE);
    visit_give(visit);
}

/* Steps until there is something to wait for; false when the visit is over (and perhaps freed). */
static bool advance(app_visit *visit)
{
    visit->is_stepping = true;
    while (step_once(visit))
        ;
    visit->is_stepping = false;
    if (visit->wants_pin && !visit->is_done) {
        visit->wants_pin = false;
        visit->has_fiber = true;
        visit->pin_later.run = pin_start; /* not at once: the visit would be over before its owner has heard of it */
        dew_loop_defer(visit->worker->loop, &visit->pin_later);
    }
    if (!visit->is_done) {
        (void)scope_make(visit);
        return true;
    }
    visit_end(visit);
    return false;
}

/* ---- guards ---- */

static void gate_go(app_visit *visit)
{
    (void)advance(visit); /* the answer is kept: not over yet */
}

static void gate_over(app_visit *visit, const app_visited *kept, const dew_error *refusal)
{
    if (visit->owner == NULL || kept != NULL) {
        visit->is_done = true;
        if (visit->owner != NULL)
            finish(visit, kept);
        visit_end(visit);
        return;
    }
    waitings_leave(visit, DEW_END_DEADLINE);
    dew_deferred_cancel(&visit->pin_later);
    visit->wants_pin = false;
    visit->loop.location = (dew_str){ NULL, 0 }; /* of a redirect that is not let out */
    dew_page_loop_fail(&visit->loop, refusal->code, refusal->message);
    (void)advance(visit);
}

/* Goes on inside the page's guards, if there are any; false when the visit is over. */
static bool begin(app_visit *visit)
{
    static const app_gate_calls calls = { gate_go, gate_over };
    const app_guarding *guarding = &visit->worker->app->guarding;
    const app_guards *guards = guarding->has_pages ? app_guards_of_page(guarding, visit->loop.match.page) : NULL;
    if (guards == NULL)
        return advance(visit);
    if (visit_asker(visit) == NULL) {
        dew_page_loop_fail(&visit->loop, DEW_E_NOMEM, NULL);
        return advance(visit);
    }
    return !app_gate_open(&visit->gate, visit->worker, guards, &visit->loop.match, visit->asker, &calls, visit);
}

app_visit *app_visit_start(app_worker *worker, dew_str target, bool state_only, const app_visit_owner *calls,
                           void *owner)
{
    app_at(worker->app, APP_AT_VISIT);
    app_visit *visit = visit_take(worker);
    if (visit == NULL) {
        calls->done(owner, &(app_visited){ .status = 503, .body = DEW_S("out of memory") });
        return NULL;
    }
    visit->calls = calls;
    visit->owner = owner;
    visit->state_only = state_only;
    visit->timing = app_timing_make(worker->app, &visit->arena);
    const dew_page_loop_config config = {
        .router = worker->app->router,
        .development = worker->app->config.development,
        .find = find,
        .failed = failed,
        .context = visit,
        .html_room = state_only ? 0 : HTTP_HEAD_ROOM + dew_document_room(worker->app->document),
    };
    /* several visits of a worker may be under way at once, each between its passes: the HTML of a pass that others follow
     * is not needed any more, so they share the buffer */
    dew_page_loop_begin(&visit->loop, &config, &visit->arena, &worker->html, target);
    return begin(visit) ? visit : NULL;
}

void app_visit_end(app_visit *visit, dew_end end)
{
    if (visit == NULL)
        return;
    visit->owner = NULL;
    waitings_leave(visit, end);
    if (visit->has_scope) {
        dew_scope_unlisten(&visit->end);
        dew_deferred_cancel(&visit->over_later);
        dew_scope_end(&visit->scope, end);
    }
    if (visit->gate != NULL) {
        app_gate_end(visit->gate, end); /* which ends in gate_over */
        return;
    }
    visit->is_done = true;
    visit_end(visit);
}
