/* results.c - what is kept: see results.h. Runs, and who waits for them, are in flights.c. Worker's thread.
 *
 *     base    (fn, shard, args): the shapes (sets of input names) that its runs have read, and the runs under way
 *     entry   base + inputs: one result, valid or not; all entries stand in `used`
 *
 * A base lives while it has entries or holds. Invariant: results->len is the sum of entry_len of all entries. */
#include "live/results_internal.h"

#include <assert.h>
#include <stdlib.h>

struct entry {
    dew_link link; /* of `used` */
    dew_base *base;
    dew_result *result;
    dew_str key;   /* stands behind the struct: the base's key and the inputs */
};

void dew_results_init(dew_results *results, size_t max_len, dew_hash_key key)
{
    *results = (dew_results){ .max_len = max_len };
    dew_map_init(&results->bases, SIZE_MAX, key);
    dew_map_init(&results->entries, SIZE_MAX, key);
    dew_list_init(&results->used);
}

/* ---- keys ---- */

void dew_base_put_key(dew_buf *out, const dew_live_fn *fn, dew_str shard, dew_str args)
{
    dew_buf_put(out, fn->fn->name, strlen(fn->fn->name) + 1);
    dew_buf_put_str(out, shard);
    dew_buf_put_char(out, '\0');
    dew_buf_put_str(out, args);
    dew_buf_put_char(out, '\0');
}

void dew_results_key(dew_buf *out, const dew_live_fn *fn, dew_str shard, dew_str args, dew_str inputs)
{
    dew_base_put_key(out, fn, shard, args);
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

/* ---- bases and entries ---- */

static dew_base *base_find(dew_results *results, dew_str key)
{
    return dew_map_get(&results->bases, key);
}

dew_base *dew_base_make(dew_results *results, dew_str key)
{
    dew_base *base = base_find(results, key);
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

void dew_base_release(dew_results *results, dew_base *base)
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
    return sizeof *entry + entry->key.len + sizeof(dew_base) + dew_result_size(entry->result);
}

static void entry_drop(dew_results *results, struct entry *entry)
{
    dew_base *base = entry->base;
    results->len -= entry_len(entry);
    dew_map_remove(&results->entries, entry->key);
    dew_list_unlink(&entry->link);
    dew_result_unref(entry->result);
    free(entry);
    base->entry_count--;
    dew_base_release(results, base);
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

static void shape_note(dew_base *base, dew_str inputs)
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
static struct entry *entry_find(dew_results *results, dew_base *base, dew_asker *asker)
{
    struct entry *found = NULL;
    dew_buf key;
    dew_buf_init(&key, DEW_RESULTS_KEY_MAX);
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

void dew_base_keep(dew_results *results, dew_base *base, dew_str inputs, dew_result *result)
{
    dew_buf key;
    dew_buf_init(&key, DEW_RESULTS_KEY_MAX);
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
    dew_buf_init(&key, DEW_RESULTS_KEY_MAX);
    dew_buf_init(&inputs, DEW_INPUTS_LEN_MAX);
    dew_base_put_key(&key, ask->fn, ask->shard, ask->args);
    dew_inputs_write(result->inputs, &inputs);
    dew_base *base = key.error == 0 && inputs.error == 0 ? dew_base_make(&worker->results, dew_buf_str(&key)) : NULL;
    if (base != NULL) {
        base->holds++;
        dew_base_keep(&worker->results, base, dew_buf_str(&inputs), result);
        base->holds--;
        dew_base_release(&worker->results, base);
    }
    dew_buf_dispose(&key);
    dew_buf_dispose(&inputs);
}

static struct entry *ask_find(dew_live_worker *worker, const dew_ask *ask)
{
    dew_buf key;
    dew_buf_init(&key, DEW_RESULTS_KEY_MAX);
    dew_base_put_key(&key, ask->fn, ask->shard, ask->args);
    dew_base *base = key.error == 0 ? base_find(&worker->results, dew_buf_str(&key)) : NULL;
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
