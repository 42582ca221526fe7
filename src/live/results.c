/* results.c - see results.h. Worker's thread.
 *
 *     base    (fn, shard, args): the shapes (sets of input names) that its runs have read, and the runs under way
 *     entry   base + inputs: one result, valid or not; all entries stand in `used`
 *     flight  one run and who waits for it. Whoever joins guesses that it will read the same inputs as he has; when the
 *             guess was wrong, or the result is older than his question, he asks anew.
 *
 * A base lives while it has entries or holds. Invariant: results->len is the sum of entry_len of all entries. */
#include "live/live_internal.h"

#include <assert.h>
#include <stdlib.h>

struct base {
    dew_str key; /* stands behind the struct: fn \0 shard \0 args \0 */
    struct { char *bytes; size_t len; } shapes[DEW_RESULT_SHAPES_MAX]; /* inputs of an example */
    size_t shape_count, next_shape, entry_count;
    size_t holds; /* flights, joinable or not, and whoever works with it */
    dew_link flights;
};

struct entry {
    dew_link link; /* of `used` */
    struct base *base;
    dew_result *result;
    dew_str key;   /* stands behind the struct: the base's key and the inputs */
};

typedef struct dew_flight {
    dew_run run;
    dew_link link; /* of base->flights; unlinked once nobody may join */
    dew_live_worker *worker;
    struct base *base; /* NULL: private */
    dew_link waiters;
    dew_str guess, key; /* stand behind the struct, as do args and shard; key is the base's */
} dew_flight;

void dew_results_init(dew_results *results, size_t max_len, dew_hash_key key)
{
    *results = (dew_results){ .max_len = max_len };
    dew_map_init(&results->bases, SIZE_MAX, key);
    dew_map_init(&results->entries, SIZE_MAX, key);
    dew_list_init(&results->used);
}

/* ---- keys ---- */

static void put_base_key(dew_buf *out, const dew_live_fn *fn, dew_str shard, dew_str args)
{
    dew_buf_put(out, fn->fn->name, strlen(fn->fn->name) + 1);
    dew_buf_put_str(out, shard);
    dew_buf_put_char(out, '\0');
    dew_buf_put_str(out, args);
    dew_buf_put_char(out, '\0');
}

void dew_results_key(dew_buf *out, const dew_live_fn *fn, dew_str shard, dew_str args, dew_str inputs)
{
    put_base_key(out, fn, shard, args);
    dew_buf_put_str(out, inputs);
}

dew_key_parts dew_results_key_parts(dew_str key)
{
    dew_key_parts parts = { .fn = dew_str_of(key.ptr) };
    parts.shard = dew_str_of(parts.fn.ptr + parts.fn.len + 1);
    parts.args = dew_str_of(parts.shard.ptr + parts.shard.len + 1);
    const char *inputs = parts.args.ptr + parts.args.len + 1;
    parts.inputs = dew_str_make(inputs, (size_t)(key.ptr + key.len - inputs));
    return parts;
}

#define KEY_MAX (DEW_LIVE_ARGS_MAX + 2 * DEW_INPUTS_LEN_MAX + 1024)

/* ---- bases and entries ---- */

static struct base *base_find(dew_results *results, dew_str key)
{
    return dew_map_get(&results->bases, key);
}

static struct base *base_make(dew_results *results, dew_str key)
{
    struct base *base = base_find(results, key);
    if (base != NULL)
        return base;
    base = calloc(1, sizeof *base + key.len);
    if (base == NULL)
        return NULL;
    base->key = dew_str_make(memcpy(base + 1, key.ptr, key.len), key.len);
    dew_list_init(&base->flights);
    if (dew_map_put(&results->bases, base->key, base) == 0)
        return base;
    free(base);
    return NULL;
}

static void base_release(dew_results *results, struct base *base)
{
    if (base == NULL || base->entry_count > 0 || base->holds > 0)
        return;
    dew_map_remove(&results->bases, base->key);
    for (size_t i = 0; i < base->shape_count; i++)
        free(base->shapes[i].bytes);
    free(base);
}

static size_t entry_len(const struct entry *entry)
{
    return sizeof *entry + entry->key.len + sizeof(struct base) + dew_result_size(entry->result);
}

static void entry_drop(dew_results *results, struct entry *entry)
{
    struct base *base = entry->base;
    results->len -= entry_len(entry);
    dew_map_remove(&results->entries, entry->key);
    dew_list_unlink(&entry->link);
    dew_result_unref(entry->result);
    free(entry);
    base->entry_count--;
    base_release(results, base);
}

void dew_results_dispose(dew_results *results)
{
    for (struct dew_link *link; (link = results->used.next) != NULL && link != &results->used;)
        entry_drop(results, dew_container_of(link, struct entry, link));
    assert(results->bases.count == 0);
    dew_map_dispose(&results->bases);
    dew_map_dispose(&results->entries);
}

/* Two inputs' bytes with the same kinds and names? */
static bool is_same_shape(dew_str a, dew_str b)
{
    dew_input_view x, y;
    for (;;) {
        bool more = dew_inputs_next(&a, &x);
        if (more != dew_inputs_next(&b, &y))
            return false;
        if (!more)
            return true;
        if (x.kind != y.kind || !dew_str_eq(x.name, y.name))
            return false;
    }
}

static void shape_note(struct base *base, dew_str inputs)
{
    for (size_t i = 0; i < base->shape_count; i++)
        if (is_same_shape(dew_str_make(base->shapes[i].bytes, base->shapes[i].len), inputs))
            return;
    char *bytes = malloc(inputs.len + 1);
    if (bytes == NULL)
        return; /* not found again: runs again */
    if (inputs.len != 0)
        memcpy(bytes, inputs.ptr, inputs.len);
    size_t at =
        base->shape_count < DEW_RESULT_SHAPES_MAX ? base->shape_count++ : base->next_shape++ % DEW_RESULT_SHAPES_MAX;
    free(base->shapes[at].bytes);
    base->shapes[at].bytes = bytes;
    base->shapes[at].len = inputs.len;
}

/* The entry, valid or not, whose inputs this asker has; NULL: none. */
static struct entry *entry_find(dew_results *results, struct base *base, dew_asker *asker)
{
    struct entry *found = NULL;
    dew_buf key;
    dew_buf_init(&key, KEY_MAX);
    for (size_t i = 0; i < base->shape_count && found == NULL; i++) {
        dew_buf_clear(&key);
        dew_buf_put_str(&key, base->key);
        if (dew_inputs_ask(dew_str_make(base->shapes[i].bytes, base->shapes[i].len), asker, &key) && key.error == 0)
            found = dew_map_get(&results->entries, dew_buf_str(&key));
    }
    dew_buf_dispose(&key);
    return found;
}

static void touch(dew_results *results, struct entry *entry)
{
    dew_list_unlink(&entry->link);
    dew_list_push_back(&results->used, &entry->link);
}

static void make_room(dew_results *results)
{
    while (results->len > results->max_len && !dew_list_is_empty(&results->used))
        entry_drop(results, dew_container_of(results->used.next, struct entry, link));
}

static void keep(dew_results *results, struct base *base, dew_str inputs, dew_result *result)
{
    dew_buf key;
    dew_buf_init(&key, KEY_MAX);
    dew_buf_put_str(&key, base->key);
    dew_buf_put_str(&key, inputs);
    struct entry *entry = key.error == 0 ? dew_map_get(&results->entries, dew_buf_str(&key)) : NULL;
    if (entry != NULL) {
        results->len -= entry_len(entry);
        dew_result_unref(entry->result);
        entry->result = dew_result_ref(result);
        results->len += entry_len(entry);
        touch(results, entry);
    } else if (key.error == 0 && (entry = calloc(1, sizeof *entry + key.len)) != NULL) {
        entry->key = dew_str_make(memcpy(entry + 1, key.ptr, key.len), key.len);
        if (dew_map_put(&results->entries, entry->key, entry) == 0) {
            entry->base = base;
            entry->result = dew_result_ref(result);
            base->entry_count++;
            results->len += entry_len(entry);
            dew_list_push_back(&results->used, &entry->link);
            shape_note(base, inputs);
        } else {
            free(entry);
        }
    }
    dew_buf_dispose(&key);
    make_room(results);
}

void dew_results_put(dew_live_worker *worker, const dew_ask *ask, dew_result *result)
{
    dew_buf key, inputs;
    dew_buf_init(&key, KEY_MAX);
    dew_buf_init(&inputs, DEW_INPUTS_LEN_MAX);
    put_base_key(&key, ask->fn, ask->shard, ask->args);
    dew_inputs_write(result->inputs, &inputs);
    struct base *base = key.error == 0 && inputs.error == 0 ? base_make(&worker->results, dew_buf_str(&key)) : NULL;
    if (base != NULL) {
        base->holds++;
        keep(&worker->results, base, dew_buf_str(&inputs), result);
        base->holds--;
        base_release(&worker->results, base);
    }
    dew_buf_dispose(&key);
    dew_buf_dispose(&inputs);
}

static struct entry *ask_find(dew_live_worker *worker, const dew_ask *ask)
{
    dew_buf key;
    dew_buf_init(&key, KEY_MAX);
    put_base_key(&key, ask->fn, ask->shard, ask->args);
    struct base *base = key.error == 0 ? base_find(&worker->results, dew_buf_str(&key)) : NULL;
    dew_buf_dispose(&key);
    return base != NULL ? entry_find(&worker->results, base, ask->asker) : NULL;
}

dew_result *dew_results_find(dew_live_worker *worker, const dew_ask *ask)
{
    struct entry *entry = ask_find(worker, ask);
    if (entry == NULL || !dew_result_is_valid(entry->result, worker->live->data, worker->live->topics))
        return NULL;
    touch(&worker->results, entry);
    return dew_result_ref(entry->result);
}

bool dew_results_shape(dew_live_worker *worker, const dew_ask *ask, dew_buf *inputs)
{
    struct entry *entry = ask_find(worker, ask);
    if (entry != NULL)
        dew_inputs_write(entry->result->inputs, inputs);
    return entry != NULL;
}

/* ---- flights ---- */

/* What the asker has for every input that runs of this base have read so far. */
static void put_guess(const struct base *base, dew_asker *asker, dew_buf *out)
{
    for (size_t i = 0; base != NULL && i < base->shape_count; i++)
        dew_inputs_ask(dew_str_make(base->shapes[i].bytes, base->shapes[i].len), asker, out);
}

static dew_flight *flight_find(const struct base *base, dew_str guess)
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

static dew_str append(char **at, dew_str text)
{
    dew_str placed = dew_str_make(*at, text.len);
    if (text.len != 0)
        memcpy(*at, text.ptr, text.len);
    (*at)[text.len] = '\0';
    *at += text.len + 1;
    return placed;
}

static void flight_done(dew_run *run);

static dew_flight *flight_create(dew_live_worker *worker, const dew_ask *ask, dew_str key, dew_str guess)
{
    dew_flight *flight = calloc(1, sizeof *flight + guess.len + key.len + ask->args.len + ask->shard.len + 4);
    if (flight == NULL)
        return NULL;
    char *at = (char *)(flight + 1);
    flight->worker = worker;
    flight->guess = append(&at, guess);
    flight->key = append(&at, key);
    dew_list_init(&flight->waiters);
    flight->run = (dew_run){
        .fn = ask->fn,
        .shard = append(&at, ask->shard),
        .args_json = append(&at, ask->args),
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
        base_release(&flight->worker->results, flight->base);
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
    dew_buf_init(&key, KEY_MAX);
    dew_buf_init(&guess, DEW_INPUTS_LEN_MAX * DEW_RESULT_SHAPES_MAX);
    put_base_key(&key, ask->fn, ask->shard, ask->args);
    struct base *base = ask->snapshot == NULL && key.error == 0 ? base_make(&worker->results, dew_buf_str(&key)) : NULL;
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
        base_release(&worker->results, base);
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
        keep(&worker->results, flight->base, dew_buf_str(&inputs), run->result);
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

void dew_results_leave(dew_live_worker *worker, dew_waiter *waiter)
{
    dew_flight *flight = waiter->flight;
    if (flight == NULL)
        return;
    waiter_forget(waiter);
    if (!dew_list_is_empty(&flight->waiters) || flight->run.is_cancelled)
        return;
    flight->run.is_cancelled = true;
    dew_list_unlink(&flight->link); /* who comes now starts anew */
    const dew_live_env *env = worker->live->env;
    if (env->cancel != NULL)
        env->cancel(env->context, worker->index, &flight->run);
}
