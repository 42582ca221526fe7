/* visit_cut.c - all results of a visit at one commit, by reading what is behind again, at last all in one transaction; then the
 * document. */
#include "app/asker.h"
#include "app/log.h"
#include "app/visit_internal.h"
#include "live/cut.h"
#include "page/document.h"

/* What is under way of a query that nobody has a value of yet: it is to be read with all others. */
static void leave_under_way(app_visit *visit, dew_page_query *query)
{
    for (app_visit_wait *wait = visit->waitings; wait != NULL; wait = wait->next)
        if (wait->query == query && !wait->is_ready)
            app_visit_wait_leave(wait, DEW_END_CLIENT_GONE);
    query->is_asked = false;
}

/* A streamed one comes late, then, unless it has failed: that is still to be told. One that is not there yet is waited for as
 * before; in order it is read with the others. */
static void reload(app_visit *visit, dew_page_query *query)
{
    if (query->is_streamed && query->state == DEW_QUERY_PENDING) {
        if (!visit->is_in_order)
            return;
        leave_under_way(visit, query);
    }
    query->is_streamed &= !visit->is_in_order; /* it waits for all of it then */
    query->is_asked &= query->state != DEW_QUERY_READY;
    for (app_visit_wait *wait = visit->waitings; wait != NULL; wait = wait->next)
        if (wait->query == query && wait->failure == NULL)
            wait->is_late = false; /* what it has brought is not told */
    dew_page_loop_reload(&visit->loop, query);
}

/* Holds the transaction open while the visit goes on, then closes it and gives the visit back. */
static void pin_fiber(void *arg)
{
    app_visit *visit = arg;
    dew_scope *scope = app_visit_scope(visit);
    visit->fiber = scope->fiber = dew_fiber_current();
    int code = dew_sql_pin_open(visit->worker->sql, scope, &visit->pin);
    if (!visit->is_done && !app_visit_has_ended(visit)) {
        if (code != 0)
            dew_page_loop_fail(&visit->loop, code, NULL);
        else
            for (dew_page_query *query = visit->loop.queries; query != NULL; query = query->next)
                reload(visit, query);
        app_visit_advance(visit);
    }
    while (!visit->is_done && !visit->is_open)
        dew_fiber_suspend();
    if (visit->is_done)
        app_visit_waits_leave(visit, DEW_END_CLIENT_GONE);
    dew_sql_pin_close(visit->pin);
    visit->pin = NULL;
    visit->fiber = scope->fiber = NULL; /* what comes late needs neither */
    if (visit->is_done)
        app_visit_give(visit);
}

void app_visit_pin(dew_deferred *deferred)
{
    app_visit *visit = dew_container_of(deferred, app_visit, pin_later);
    if (dew_fiber_spawn(visit->worker->loop, "render in one transaction", pin_fiber, visit) == 0)
        return;
    dew_page_loop_fail(&visit->loop, DEW_E_BUSY, NULL);
    app_visit_advance(visit);
}

/* For a page that is of none: each of its results at its own. As of one that has read nothing. */
#define APP_NO_COMMIT 0

bool app_visit_cut(app_visit *visit, int64_t *commit)
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
    if (app_visit_is_pinned(visit))
        return true;
    if (visit->has_fiber && dew_page_loop_has_failed(&visit->loop)) {
        *commit = APP_NO_COMMIT; /* there is no transaction to read in: this is the page that says so */
        return true;
    }
    if (++visit->cut_tries > DEW_CUT_TRIES && visit->is_open) {
        visit->is_torn = true; /* its transaction would hold up writers while it waits */
        return true;
    }
    if (visit->cut_tries > DEW_CUT_TRIES && visit->worker->sql != NULL) {
        visit->wants_pin = true;
        return false;
    }
    count = 0;
    for (dew_page_query *query = visit->loop.queries; query != NULL; query = query->next)
        if (stale[count++])
            reload(visit, query);
    return false;
}

static void positions_claim(app_visit *visit, int64_t commit)
{
    for (dew_page_query *query = visit->loop.queries; query != NULL; query = query->next)
        if (query->state == DEW_QUERY_READY && query->held != NULL) { /* not a hook's own */
            const dew_result *held = query->held;
            dew_position at = dew_cut_position(held, commit != APP_NO_COMMIT ? commit : held->high);
            query->result.commit = at.commit;
            query->result.topic = at.topic;
            visit->is_personal |= dew_inputs_are_personal(held->inputs);
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
        .is_open = visit->has_shell,
    };
    *room = 0;
    if (visit->output == APP_OUTPUT_HTML && !dew_page_loop_is_plain(loop)) {
        int code = dew_document_write(app->document, loop, &info, body);
        *room = code == 0 ? (size_t)(body->ptr - worker->html.ptr) : 0;
        return code;
    }
    dew_buf_clear(out);
    if (visit->output != APP_OUTPUT_HTML)
        dew_state_write(out, loop, &info, false);
    else
        dew_document_write_plain(out, app->config.site, dew_router_prefix(app->router), loop->status,
                                 loop->shown.message, (dew_str){ NULL, 0 });
    *body = dew_buf_str(out);
    return out->error;
}

/* What fails may do so for one alone. */
static bool is_shared(const app_visit *visit)
{
    const dew_page_loop *loop = &visit->loop;
    return !visit->is_personal && loop->error.code == 0 && !visit->worker->app->config.development;
}

void app_visit_document(app_visit *visit, int64_t commit)
{
    app_worker *worker = visit->worker;
    const dew_page_loop *loop = &visit->loop;
    const bool is_open = loop->is_streaming && visit->output == APP_OUTPUT_HTML && !dew_page_loop_is_plain(loop);
    positions_claim(visit, commit);
    if (is_open && visit->calls->begin != NULL && !visit->is_in_order)
        app_late_choose(visit);
    app_visited visited = { .status = dew_page_loop_status(loop),
                            .is_open = is_open,
                            .is_shared = is_shared(visit) && !is_open, /* what comes yet may be for one alone */
                            .passes = loop->pass_count,
                            .tells_passes = worker->app->config.development,
                            .timing = app_timing_text(visit->timing, loop->pass_count),
                            .is_draining = app_visit_has_ended(visit) && visit->scope.cause.end == DEW_END_DRAINING };
    if (document_write(visit, commit, &visited.body, &visited.room) != 0) {
        app_log(worker->app, DEW_LOG_ERROR, "%.*s: the page is longer than %zu bytes, or memory ran out",
                (int)loop->match.location.len, loop->match.location.ptr, DEW_APP_HTML_MAX);
        visited.status = 500;
        visited.is_open = visit->has_shell = false;
        dew_buf_clear(&worker->page);
        dew_document_write_plain(&worker->page, worker->app->config.site, dew_router_prefix(worker->app->router), 500,
                                 NULL, (dew_str){ NULL, 0 });
        visited.body = dew_buf_str(&worker->page);
    }
    app_passes_count(&worker->passes, loop->pass_count);
    app_at(worker->app, APP_AT_PAGE);
    if (visit->is_in_order && (visited.is_open || visit->is_open))
        app_in_order_write(visit, &visited);
    else
        app_visit_finish(visit, &visited);
}
