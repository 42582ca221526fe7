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

static void result_ready(dew_waiter *waiter, dew_result *result, const dew_error *error)
{
    app_visit_wait *wait = dew_container_of(waiter, app_visit_wait, waiter);
    app_visit *visit = wait->visit;
    app_at(visit->worker->app, APP_AT_LOADED);
    wait->is_ready = true;
    app_timing_loaded(visit->timing, wait->query->fn, wait->since_ns, result != NULL ? result->sql_ns : 0);
    if (result != NULL)
        query_settle(wait->query, result);
    else
        dew_page_query_fail(wait->query, error->code, error->message);
    if (--visit->missing == 0 && !visit->is_stepping && !app_visit_has_ended(visit))
        app_visit_advance(visit);
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
    app_visit_wait *wait = dew_container_of(admission, app_visit_wait, admission);
    app_visit *visit = wait->visit;
    visit->missing--;
    wait->is_ready = true;
    if (refusal != NULL)
        dew_page_query_fail(wait->query, refusal->code, refusal->message);
    else
        result_get(wait, dew_registry_find(&visit->worker->app->registry, dew_str_of(wait->query->fn->name)));
    if (visit->missing == 0 && !visit->is_stepping && !app_visit_has_ended(visit))
        app_visit_advance(visit);
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
                      app_guard_set settled)
{
    app_visit_wait *wait = dew_arena_calloc(&visit->arena, 1, sizeof *wait);
    if (wait == NULL || app_visit_asker(visit) == NULL) {
        dew_page_query_fail(query, DEW_E_NOMEM, NULL);
        return;
    }
    *wait = (app_visit_wait){ .waiter = { .ready = result_ready },
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

/* What the page is not kept waiting for, unless it is asked for whole, or nobody would load it later. */
static bool is_streamed(app_visit *visit, const dew_registered *entry)
{
    dew_str whole;
    return dew_registered_query(entry)->stream && visit->loop.config.has_browser &&
           dew_match_query(&visit->loop.match, &visit->arena, DEW_S("_whole"), &whole) != 0;
}

/* A streamed query: from memory or not at all. */
static void query_stream(app_visit *visit, dew_page_query *query, const dew_registered *entry, bool is_open)
{
    query->is_streamed = true;
    if (!is_open || app_visit_asker(visit) == NULL)
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
    if (is_streamed(visit, entry))
        query_stream(visit, query, entry, is_open);
    else if (is_open)
        query_get(visit, query, entry, false, 0);
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
                query_get(visit, query, entry, is_guarded(visit, query, entry, &settled), settled);
        }
}

void app_visit_waits_leave(app_visit *visit, dew_end end)
{
    for (app_visit_wait *wait = visit->waitings; wait != NULL; wait = wait->next)
        if (!wait->is_ready) {
            app_admit_leave(&wait->admission, end);
            dew_results_leave(visit->worker->live, &wait->waiter, end);
        }
    visit->waitings = NULL;
    visit->missing = 0;
}
