/* visit_load.c - the results that a visit needs: from memory, or waited for, past the guards of each query. */
#include "app/asker.h"
#include "app/log.h"
#include "app/visit_internal.h"

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

void app_visit_wait_tell(app_visit_wait *wait)
{
    wait->is_kept = false;
    query_settle(wait->query, dew_result_ref(wait->query->held));
}

/* What is streamed is of a commit of its own: the page that is read in one transaction must not show it, nor claim that. */
static bool keeps_late(const app_visit *visit)
{
    return visit->has_fiber && !visit->has_shell && !visit->is_in_order;
}

/* `result`, counted, or why there is none. */
static void wait_settle(app_visit_wait *wait, dew_result *result, const dew_error *error)
{
    dew_page_query *query = wait->query;
    wait->is_ready = true;
    if (result != NULL && wait->is_late && keeps_late(wait->visit)) {
        dew_result_unref(query->held);
        query->held = result;
        wait->is_kept = true;
    } else if (result != NULL) {
        query_settle(query, result);
    }
    if (wait->is_late)
        app_late_settled(wait, result != NULL ? 0 : error->code, result != NULL ? NULL : error->message);
    else if (result == NULL)
        dew_page_query_fail(query, error->code, error->message);
}

/* After what was under way has settled. */
static void go_on(const app_visit_wait *wait)
{
    app_visit *visit = wait->visit;
    if (wait->is_late)
        app_late_go_on(visit);
    else if (--visit->missing == 0 && !visit->is_stepping && !app_visit_has_ended(visit))
        app_visit_advance(visit);
}

static void result_ready(dew_waiter *waiter, dew_result *result, const dew_error *error)
{
    app_visit_wait *wait = dew_container_of(waiter, app_visit_wait, waiter);
    app_visit *visit = wait->visit;
    app_at(visit->worker->app, APP_AT_LOADED);
    app_timing_loaded(visit->timing, wait->query->fn, wait->since_ns, result != NULL ? result->sql_ns : 0);
    wait_settle(wait, result, error);
    go_on(wait);
}

dew_asker *app_visit_asker(app_visit *visit)
{
    if (visit->asker == NULL)
        visit->asker = visit->calls->who(visit->owner);
    return visit->asker;
}

/* Gets a query's result, or waits for it, once its guards have let it through. */
static void result_get(app_visit_wait *wait, const dew_registered *entry)
{
    app_visit *visit = wait->visit;
    dew_page_query *query = wait->query;
    dew_ask ask = { .fn = &entry->live, .args = query->args_json, .asker = visit->asker };
    dew_result *result = NULL;
    if (!wait->is_late && app_visit_is_pinned(visit))
        ask.snapshot = visit->pin;
    int got = dew_results_get(visit->worker->live, &ask, &result, &wait->waiter);
    if (got == 0) {
        visit->missing += !wait->is_late;
        return;
    }
    dew_error error = { 0 };
    if (got < 0)
        dew_error_set(&error, got, "%s", dew_error_text(got));
    wait_settle(wait, got == 1 ? result : NULL, &error);
}

static void admitted(dew_admission *admission, const dew_error *refusal)
{
    app_visit_wait *wait = dew_container_of(admission, app_visit_wait, admission);
    if (refusal != NULL)
        wait_settle(wait, NULL, refusal);
    else
        result_get(wait, dew_registry_find(&wait->visit->worker->app->registry, dew_str_of(wait->query->fn->name)));
    go_on(wait);
}

/* The query's guards that are still to be asked: not those that the page's have stood for; none for a result that is only
 * read again. */
static bool is_guarded(app_visit *visit, const dew_page_query *query, const dew_registered *entry,
                       app_guard_set *settled)
{
    *settled = visit->gate != NULL ? app_gate_settled(visit->gate, entry->guards) : 0;
    visit->is_personal |= entry->guards != NULL;
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
                      app_guard_set settled, bool is_late)
{
    app_visit_wait *wait = dew_arena_calloc(&visit->arena, 1, sizeof *wait);
    if (wait == NULL || app_visit_asker(visit) == NULL) {
        if (!is_late || visit->is_in_order) /* else the browser asks for it, as for any other */
            dew_page_query_fail(query, DEW_E_NOMEM, NULL);
        return;
    }
    *wait = (app_visit_wait){ .waiter = { .ready = result_ready },
                              .visit = visit,
                              .query = query,
                              .is_late = is_late,
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
    if (code == 0)
        result_get(wait, entry);
    else if (code < 0)
        wait_settle(wait, NULL, &refusal);
    else
        visit->missing += !is_late;
}

/* What the page is not kept waiting for, unless it is asked for whole, or nobody would load it later. */
static bool is_streamed(app_visit *visit, const dew_registered *entry)
{
    dew_str whole;
    if (!dew_registered_query(entry)->stream || !visit->loop.config.has_browser ||
        dew_page_loop_has_islands(&visit->loop))
        return false;
    if (dew_match_query(&visit->loop.match, &visit->arena, DEW_S("_whole"), &whole) != 0)
        return true;
    visit->is_in_order = visit->calls->begin != NULL && visit->output == APP_OUTPUT_HTML && visit->gate == NULL &&
                         app_in_order_is_asked(visit->loop.match.location);
    return visit->is_in_order;
}

/* A streamed query: from memory, or late. */
static void query_stream(app_visit *visit, dew_page_query *query, const dew_registered *entry, bool is_open)
{
    query->is_streamed = visit->asks_late = true;
    if (!is_open || keeps_late(visit) || app_visit_asker(visit) == NULL)
        return;
    dew_ask ask = { .fn = &entry->live, .args = query->args_json, .asker = visit->asker };
    dew_result *result = dew_results_find(visit->worker->live, &ask);
    if (result != NULL)
        query_settle(query, result);
}

/* In the middle of a pass, when guards cannot run: those have to wait until it is over. Once the time is up nothing is asked for. */
void app_visit_find(void *context, dew_page_query *query)
{
    app_visit *visit = context;
    const dew_registered *entry = visit->is_over ? NULL : entry_of(visit, query);
    app_guard_set settled;
    if (entry == NULL)
        return;
    const bool is_open = !is_guarded(visit, query, entry, &settled);
    if (is_streamed(visit, entry) && !(visit->is_in_order && app_visit_is_pinned(visit)))
        query_stream(visit, query, entry, is_open);
    else if (is_open)
        query_get(visit, query, entry, false, 0, false);
}

static bool is_under_way(const app_visit *visit, const dew_page_query *query)
{
    for (const app_visit_wait *wait = visit->waitings; wait != NULL; wait = wait->next)
        if (wait->query == query && !wait->is_ready)
            return true;
    return false;
}

/* Starts what the loop wants and nobody has started yet. */
void app_visit_load(app_visit *visit)
{
    for (dew_page_query *query = visit->loop.pending; query != NULL; query = query->next_pending)
        if (visit->is_over) {
            dew_page_query_fail(query, DEW_E_TIMEOUT, NULL);
        } else if (!is_under_way(visit, query)) {
            const dew_registered *entry = entry_of(visit, query);
            app_guard_set settled = 0;
            if (entry != NULL)
                query_get(visit, query, entry, is_guarded(visit, query, entry, &settled), settled, false);
        }
}

bool app_visit_load_late(app_visit *visit)
{
    bool has_settled = false;
    if (!visit->asks_late || visit->is_over || visit->calls->begin == NULL || visit->output != APP_OUTPUT_HTML)
        return false;
    for (dew_page_query *query = visit->loop.queries; query != NULL; query = query->next) {
        if (!query->is_streamed || query->is_asked || query->state != DEW_QUERY_PENDING)
            continue;
        const dew_registered *entry = entry_of(visit, query);
        app_guard_set settled = 0;
        query->is_asked = true;
        if (entry != NULL)
            query_get(visit, query, entry, is_guarded(visit, query, entry, &settled), settled, true);
        has_settled |= query->state != DEW_QUERY_PENDING;
    }
    return has_settled;
}

void app_visit_wait_leave(app_visit_wait *wait, dew_end end)
{
    app_admit_leave(&wait->admission, end);
    dew_results_leave(wait->visit->worker->live, &wait->waiter, end);
    wait->is_ready = true;
}

void app_visit_waits_leave_of(app_visit *visit, bool is_late, dew_end end)
{
    for (app_visit_wait *wait = visit->waitings; wait != NULL; wait = wait->next)
        if (!wait->is_ready && wait->is_late == is_late)
            app_visit_wait_leave(wait, end);
    if (!is_late)
        visit->missing = 0;
}

void app_visit_waits_leave(app_visit *visit, dew_end end)
{
    app_visit_waits_leave_of(visit, false, end);
    app_visit_waits_leave_of(visit, true, end);
    visit->waitings = visit->late_first = visit->late_last = NULL;
    visit->late_missing = 0;
}
