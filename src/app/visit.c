/* visit.c - see visit.h: the life of a visit, its scope, its steps, the guards around it. Visits are pooled per worker, so a page
 * that is in memory allocates nothing. */
#include "app/visit_internal.h"

#include "app/asker.h"
#include "app/cookies.h"
#include "app/log.h"
#include "page/document.h"

#include <stdlib.h>

/* Visits kept for the next request. */
#define VISITS_KEPT 64
/* Left free before a page, so that the head of its answer goes out with it in one piece. */
#define HTTP_HEAD_ROOM 512

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

void app_visit_give(app_visit *visit)
{
    app_worker *worker = visit->worker;
    if (visit->is_open) {
        dew_timer_stop(&visit->beat);
        dew_buf_dispose(&visit->sent);
    }
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

/* The outcome goes to the owner; the visit itself ends in app_visit_advance, which is always below this on the stack. */
void app_visit_finish(app_visit *visit, const app_visited *visited)
{
    if (visit->gate != NULL) {
        app_gate_keep(visit->gate, visited);
        return;
    }
    if (visit->is_in_order && visit->is_open) {
        app_in_order_leave(visit, visited->location);
        return;
    }
    void *owner = visit->owner;
    app_visited with_cookies;
    if (visit->loop.render.staged != NULL) {
        with_cookies = *visited;
        app_visit_cookies(visit, &with_cookies);
        visited = &with_cookies;
    }
    if (visited->is_open && visit->has_shell && owner != NULL) {
        app_late_begin(visit, visited);
        return;
    }
    visit->is_done = true;
    visit->owner = NULL;
    if (owner != NULL)
        visit->calls->done(owner, visited);
}

/* ---- the request's scope ---- */

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
    if (visit->has_shell) {
        app_late_over(visit, code, words);
        return;
    }
    for (const app_visit_wait *wait = visit->waitings; wait != NULL; wait = wait->next)
        if (!wait->is_ready)
            dew_page_query_fail(wait->query, code, words);
    app_visit_waits_leave(visit, visit->scope.cause.end);
    dew_deferred_cancel(&visit->pin_later);
    if (!dew_page_loop_has_failed(&visit->loop) &&
        !visit->is_open) /* else the error page was waited for: it becomes a plain one */
        dew_page_loop_fail(&visit->loop, code, words);
    app_visit_advance(visit);
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
dew_scope *app_visit_scope(app_visit *visit)
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

static void failed(void *context, dew_error *error)
{
    app_visit *visit = context;
    app_failure_show(visit->worker->app, visit->loop.match.location, error);
}

static void complain(void *context, const char *message)
{
    app_visit *visit = context;
    dew_str at = visit->loop.match.location;
    app_log(visit->worker->app, DEW_LOG_ERROR, "%.*s: %s", (int)at.len, at.ptr, message);
}

static dew_str cookie(void *context, const char *name)
{
    dew_asker *asker = app_visit_asker(context);
    dew_str value = { NULL, 0 };
    if (asker != NULL)
        (void)asker->get(asker, DEW_INPUT_COOKIE, dew_str_of(name), &value);
    return value;
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
        app_visit_load(visit);
        (void)app_visit_load_late(visit);
        return visit->missing == 0;
    case DEW_PAGE_SETTLED:
        if (visit->loop.is_stopped)
            app_visit_waits_leave_of(visit, false,
                                     DEW_END_CLIENT_GONE); /* what the last pass asked for would need another one */
        if (visit->missing > 0)
            return false; /* asked for, then not needed: their waiters stand in the arena */
        if (app_visit_load_late(visit) && visit->is_in_order)
            return true; /* nobody else says that it is there */
        app_at(visit->worker->app, APP_AT_SETTLED);
        if (app_visit_cut(visit, &commit)) {
            app_at(visit->worker->app, APP_AT_CUT);
            app_visit_document(visit, commit);
            return false;
        }
        return !visit->wants_pin;
    case DEW_PAGE_REDIRECT:
        app_visit_finish(visit, &(app_visited){ .status = visit->loop.status,
                                                .location = visit->loop.location,
                                                .passes = visit->loop.pass_count });
        return false;
    }
    return false;
}

void app_visit_close(app_visit *visit)
{
    dew_deferred_cancel(&visit->again_later);
    if (visit->fiber != NULL) {
        if (visit->fiber != dew_fiber_current())
            dew_fiber_resume(visit->fiber);
        return;
    }
    dew_deferred_cancel(&visit->pin_later);
    app_visit_waits_leave(visit, DEW_END_CLIENT_GONE);
    app_visit_give(visit);
}

/* Steps until there is something to wait for; false when the visit is over (and perhaps freed). */
bool app_visit_advance(app_visit *visit)
{
    visit->is_stepping = true;
    while (step_once(visit))
        ;
    visit->is_stepping = false;
    if (visit->wants_pin && !visit->is_done) {
        visit->wants_pin = false;
        visit->has_fiber = true;
        visit->pin_later.run =
            app_visit_pin; /* not at once: the visit would be over before its owner has heard of it */
        dew_loop_defer(visit->worker->loop, &visit->pin_later);
    }
    if (!visit->is_done) {
        (void)app_visit_scope(visit);
        return true;
    }
    app_visit_close(visit);
    return false;
}

/* ---- guards ---- */

static void gate_go(app_visit *visit)
{
    (void)app_visit_advance(visit); /* the answer is kept: not over yet */
}

static void gate_over(app_visit *visit, const app_visited *kept, const dew_error *refusal)
{
    if (visit->owner != NULL && kept != NULL && kept->is_open) {
        app_visit_finish(visit, kept); /* begins */
        if (visit->is_done)
            app_visit_close(visit);
        return;
    }
    if (visit->owner == NULL || kept != NULL) {
        visit->is_done = true;
        if (visit->owner != NULL)
            app_visit_finish(visit, kept);
        app_visit_close(visit);
        return;
    }
    app_visit_waits_leave(visit, DEW_END_DEADLINE);
    dew_deferred_cancel(&visit->pin_later);
    visit->wants_pin = visit->has_shell = false;
    visit->loop.location = (dew_str){ NULL, 0 }; /* of a redirect that is not let out */
    dew_page_loop_fail(&visit->loop, refusal->code, refusal->message);
    (void)app_visit_advance(visit);
}

/* Goes on inside the page's guards, if there are any; false when the visit is over. */
static bool begin(app_visit *visit)
{
    static const app_gate_calls calls = { gate_go, gate_over };
    const app_guarding *guarding = &visit->worker->app->guarding;
    const app_guards *guards = guarding->has_pages ? app_guards_of_page(guarding, visit->loop.match.page) : NULL;
    if (guards == NULL)
        return app_visit_advance(visit);
    visit->is_personal = true;
    if (app_visit_asker(visit) == NULL) {
        dew_page_loop_fail(&visit->loop, DEW_E_NOMEM, NULL);
        return app_visit_advance(visit);
    }
    return !app_gate_open(&visit->gate, visit->worker, guards, &visit->loop.match, visit->asker, &calls, visit);
}

app_visit *app_visit_start(app_worker *worker, dew_str target, app_output output, const app_visit_owner *calls,
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
    visit->output = output;
    visit->timing = app_timing_make(worker->app, &visit->arena);
    const dew_page_loop_config config = {
        .router = worker->app->router,
        .development = worker->app->config.development,
        .no_ssr = worker->app->config.no_ssr,
        .has_browser = dew_document_has_scripts(worker->app->document),
        .find = app_visit_find,
        .failed = failed,
        .complain = complain,
        .cookie = cookie,
        .context = visit,
        .is_data = output == APP_OUTPUT_DATA,
        .html_room = output != APP_OUTPUT_HTML ? 0 : HTTP_HEAD_ROOM + dew_document_room(worker->app->document),
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
    app_visit_waits_leave(visit, end);
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
    app_visit_close(visit);
}
