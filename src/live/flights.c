/* flights.c - runs for those who ask for a result (results.h), one for all who ask alike. Worker's thread.
 *
 *     flight  one run and who waits for it. Whoever joins guesses that it will read the same inputs as he has; when the
 *             guess was wrong, or the result is older than his question, he asks anew. */
#include "live/results_internal.h"

#include "base/copy.h"

#include <stdlib.h>

typedef struct dew_flight {
    dew_run run;
    dew_link link; /* of base->flights; unlinked once nobody may join */
    dew_live_worker *worker;
    dew_base *base; /* NULL: private */
    dew_link waiters;
    dew_str guess, key; /* stand behind the struct, as do args and shard; key is the base's */
} dew_flight;

/* What the asker has for every input that runs of this base have read so far. */
static void put_guess(const dew_base *base, dew_asker *asker, dew_buf *out)
{
    for (size_t i = 0; base != NULL && i < base->shape_count; i++)
        dew_inputs_ask(dew_str_make(base->shapes[i].bytes, base->shapes[i].len), asker, out);
}

static dew_flight *flight_find(const dew_base *base, dew_str guess)
{
    if (base == NULL)
        return NULL;
    dew_list_each(link, &base->flights) {
        dew_flight *flight = dew_container_of(link, dew_flight, link);
        if (dew_str_eq(flight->guess, guess))
            return flight;
    }
    return NULL;
}

static void flight_done(dew_run *run);

static dew_flight *flight_create(dew_live_worker *worker, const dew_ask *ask, dew_str key, dew_str guess)
{
    dew_flight *flight = calloc(1, sizeof *flight + guess.len + key.len + ask->args.len + ask->shard.len + 4);
    if (flight == NULL)
        return NULL;
    char *at = (char *)(flight + 1);
    flight->worker = worker;
    flight->guess = dew_copy_text(&at, guess);
    flight->key = dew_copy_text(&at, key);
    dew_list_init(&flight->waiters);
    flight->run = (dew_run){
        .fn = ask->fn,
        .shard = dew_copy_text(&at, ask->shard),
        .args_json = dew_copy_text(&at, ask->args),
        .asker = dew_asker_ref(ask->asker),
        .snapshot = ask->snapshot,
        .is_first = true,
        .data = worker->live->data,
        .topics = worker->live->topics,
        .done = flight_done,
        .owner = flight,
    };
    return flight;
}

static void flight_free(dew_flight *flight)
{
    dew_list_unlink(&flight->link);
    if (flight->base != NULL) {
        flight->base->holds--;
        dew_base_release(&flight->worker->results, flight->base);
    }
    dew_result_unref(flight->run.result);
    dew_asker_unref(flight->run.asker);
    free(flight);
}

static void waiter_join(dew_flight *flight, dew_waiter *waiter, dew_asker *asker, dew_position since)
{
    waiter->flight = flight;
    waiter->asker = dew_asker_ref(asker);
    waiter->since = since;
    dew_list_push_back(&flight->waiters, &waiter->link);
}

static void waiter_forget(dew_waiter *waiter)
{
    dew_list_unlink(&waiter->link);
    dew_asker_unref(waiter->asker);
    waiter->asker = NULL;
    waiter->flight = NULL;
}

/* Starts a flight, or joins one that is under way. */
static int flight_take(dew_live_worker *worker, const dew_ask *ask, dew_waiter *waiter, dew_position since)
{
    const dew_live_env *env = worker->live->env;
    dew_buf key, guess;
    dew_buf_init(&key, DEW_RESULTS_KEY_MAX);
    dew_buf_init(&guess, DEW_INPUTS_LEN_MAX * DEW_RESULT_SHAPES_MAX);
    dew_base_put_key(&key, ask->fn, ask->shard, ask->args);
    dew_base *base =
        ask->snapshot == NULL && key.error == 0 ? dew_base_make(&worker->results, dew_buf_str(&key)) : NULL;
    put_guess(base, ask->asker, &guess);
    int failed = key.error != 0 ? key.error : guess.error;
    dew_flight *flight = failed == 0 ? flight_find(base, dew_buf_str(&guess)) : NULL;
    bool is_new = failed == 0 && flight == NULL;
    if (is_new && (flight = flight_create(worker, ask, dew_buf_str(&key), dew_buf_str(&guess))) == NULL)
        failed = DEW_E_NOMEM;
    dew_buf_dispose(&key);
    dew_buf_dispose(&guess);
    if (failed == 0 && is_new) {
        flight->base = base;
        if (base != NULL) {
            base->holds++;
            dew_list_push_back(&base->flights, &flight->link);
        }
        dew_live_at(worker, DEW_LIVE_AT_RUN, flight->key);
        failed = env->start(env->context, worker->index, &flight->run);
        if (failed != 0)
            flight_free(flight), base = NULL;
        else
            worker->stats.runs++;
    }
    if (failed == 0)
        waiter_join(flight, waiter, ask->asker, since);
    else
        dew_base_release(&worker->results, base);
    return failed;
}

/* Is this what the waiter asked for: with his inputs, and not older than his question? */
static bool is_his(dew_flight *flight, const dew_waiter *waiter, dew_str inputs)
{
    const dew_result *result = flight->run.result;
    const dew_live *live = flight->worker->live;
    if (flight->run.code == 0) {
        bool reads_old = result->reads != NULL && result->high < waiter->since.commit && live->data != NULL &&
                         live->data->stamp(live->data->context, result->reads) > result->high;
        bool hears_old = result->topic < waiter->since.topic && !dew_result_topics_valid(result, live->topics);
        if (reads_old || hears_old)
            return false;
    }
    dew_buf his;
    dew_buf_init(&his, DEW_INPUTS_LEN_MAX);
    bool same = dew_inputs_ask(inputs, waiter->asker, &his) && dew_str_eq(inputs, dew_buf_str(&his));
    dew_buf_dispose(&his);
    return same;
}

static void deliver(dew_flight *flight, dew_waiter *waiter)
{
    bool done = flight->run.code == 0;
    waiter_forget(waiter);
    waiter->ready(waiter, done ? dew_result_ref(flight->run.result) : NULL, done ? NULL : &flight->run.error);
}

static void ask_again(dew_flight *flight, dew_waiter *waiter)
{
    dew_asker *asker = waiter->asker;
    dew_position since = waiter->since;
    dew_ask ask = { flight->run.fn, flight->run.shard, flight->run.args_json, asker, NULL };
    dew_list_unlink(&waiter->link);
    waiter->asker = NULL;
    waiter->flight = NULL;
    dew_result *found = dew_results_find(flight->worker, &ask);
    int failed = found == NULL ? flight_take(flight->worker, &ask, waiter, since) : 0;
    dew_asker_unref(asker);
    if (found != NULL) {
        waiter->ready(waiter, found, NULL);
    } else if (failed != 0) {
        dew_error error;
        dew_error_set(&error, failed, "%s", dew_error_text(failed));
        waiter->ready(waiter, NULL, &error);
    }
}

static void flight_done(dew_run *run)
{
    dew_flight *flight = run->owner;
    dew_live_worker *worker = flight->worker;
    dew_list_unlink(&flight->link); /* nobody joins any more */
    run->is_cancelled = true;       /* nor is it to be cancelled when they leave */
    dew_live_at(worker, DEW_LIVE_AT_RAN, flight->key);
    dew_buf inputs;
    dew_buf_init(&inputs, DEW_INPUTS_LEN_MAX);
    if (run->result != NULL)
        dew_inputs_write(run->result->inputs, &inputs);
    if (run->code == 0 && inputs.error != 0)
        run->code =
            dew_error_set(&run->error, inputs.error, "%s: its cookies and headers are too long", run->fn->fn->name);
    if (run->code == 0 && flight->base != NULL && !worker->is_stopping)
        dew_base_keep(&worker->results, flight->base, dew_buf_str(&inputs), run->result);
    dew_link waiters;
    dew_list_init(&waiters);
    for (dew_link *link; (link = dew_list_pop_front(&flight->waiters)) != NULL;)
        dew_list_push_back(&waiters, link);
    while (!dew_list_is_empty(&waiters)) {
        dew_waiter *waiter = dew_container_of(waiters.next, dew_waiter, link);
        if (flight->base == NULL || worker->is_stopping || is_his(flight, waiter, dew_buf_str(&inputs)))
            deliver(flight, waiter);
        else
            ask_again(flight, waiter);
    }
    dew_buf_dispose(&inputs);
    flight_free(flight);
    dew_live_settle(worker);
}

int dew_results_get(dew_live_worker *worker, const dew_ask *ask, dew_result **out, dew_waiter *waiter)
{
    if (worker->is_stopping)
        return DEW_E_CLOSED;
    if (ask->shard.len != 0)
        return DEW_E_DENIED; /* the default shard alone is granted */
    if (ask->args.len > DEW_LIVE_ARGS_MAX)
        return DEW_E_LIMIT;
    dew_result *found = ask->snapshot == NULL ? dew_results_find(worker, ask) : NULL;
    if (found != NULL) {
        *out = found;
        return 1;
    }
    return flight_take(worker, ask, waiter, dew_live_present(worker->live));
}

void dew_results_leave(dew_live_worker *worker, dew_waiter *waiter, dew_end cause)
{
    dew_flight *flight = waiter->flight;
    if (flight == NULL)
        return;
    waiter_forget(waiter);
    if (!dew_list_is_empty(&flight->waiters) || flight->run.is_cancelled)
        return;
    flight->run.is_cancelled = true;
    flight->run.cancelled_by = cause;
    dew_list_unlink(&flight->link); /* who comes now starts anew */
    const dew_live_env *env = worker->live->env;
    if (env->cancel != NULL)
        env->cancel(env->context, worker->index, &flight->run);
}
