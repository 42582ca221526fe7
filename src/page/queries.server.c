/* queries.server.c - the queries of one page (loop.h): found by function and arguments, asked for, settled, seeded. */
#include "base/format.h"
#include "page/loop_internal.h"
#include "type/copy.h"
#include "type/json.h"
#include "type/schema.h"
#include "view/html.h"

#define BUCKETS (sizeof((dew_page_loop *)0)->buckets / sizeof((dew_page_loop *)0)->buckets[0])
/* Bytes of one seeded value's JSON. */
#define SEED_MAX ((size_t)16 << 20)

static const dew_error no_memory = { DEW_E_NOMEM, "out of memory" };

/* ---- the query table ---- */

static dew_page_query *find_query(const dew_page_loop *loop, const dew_fn *fn, dew_str args_json, uint32_t hash)
{
    dew_page_query *query = loop->query_count != 0 ? loop->buckets[hash % BUCKETS] : NULL;
    while (query != NULL && !(query->hash == hash && query->fn == fn && dew_str_eq(query->args_json, args_json)))
        query = query->next_in_bucket;
    return query;
}

static dew_page_query *add_query(dew_page_loop *loop, const dew_fn *fn, const void *args, dew_str args_json,
                                 uint32_t hash)
{
    const dew_type *type = fn->args();
    dew_page_query *query = dew_arena_calloc(loop->arena, 1, sizeof *query);
    void *copy = dew_arena_calloc(loop->arena, 1, type->size);
    if (query == NULL || copy == NULL || dew_value_copy(loop->arena, type, args, copy) != 0)
        return NULL;
    query->args_json = dew_arena_str(loop->arena, args_json);
    if (query->args_json.ptr == NULL)
        return NULL;
    query->fn = fn;
    query->args = copy;
    query->hash = hash;
    query->loop = loop;
    if (loop->query_count == 0)
        memset(loop->buckets, 0, sizeof loop->buckets);
    query->next_in_bucket = loop->buckets[hash % BUCKETS];
    loop->buckets[hash % BUCKETS] = query;
    *loop->queries_end = query;
    loop->queries_end = &query->next;
    loop->query_count++;
    return query;
}

void dew_page_loop_add_pending(dew_page_loop *loop, dew_page_query *query)
{
    query->next_pending = NULL;
    *loop->pending_end = query;
    loop->pending_end = &query->next_pending;
}

/* Of several failures: a redirect, else the highest status, else the first. */
static void note_failure(dew_page_loop *loop, const dew_error *error)
{
    const dew_error *worst = loop->worst;
    if (worst == NULL ||
        (worst->code != DEW_E_REDIRECT &&
         (error->code == DEW_E_REDIRECT || dew_error_status(error->code) > dew_error_status(worst->code))))
        loop->worst = error;
}

/* What waits may be drawn, or fail, in its region: what stands before that stays. */
static void note_streamed(dew_page_loop *loop)
{
    const dew_region_scope *region = loop->render.region;
    const size_t mark = region != NULL ? region->mark.at : 0, room = loop->config.html_room;
    const size_t at = mark > room ? mark - room : 0;
    loop->is_streaming = true;
    if (at < loop->wait_at)
        loop->wait_at = at;
}

void dew_page_loop_tell(dew_page_loop *loop, dew_error *error)
{
    if (error->code == DEW_E_REDIRECT)
        return;
    if (loop->config.failed != NULL && !loop->is_told && loop->told++ < DEW_PAGE_TOLD_MAX)
        loop->config.failed(loop->config.context, error);
    else if (!loop->config.development)
        dew_error_redact(error);
}

/* As *whole, for the visitor; made once. */
static const dew_error *shown_of(dew_page_loop *loop, const dew_error *whole, const dew_error **shown)
{
    if (*shown == NULL) {
        dew_error *copy = dew_arena_alloc(loop->arena, sizeof *copy);
        if (copy == NULL)
            return &no_memory;
        *copy = *whole;
        dew_page_loop_tell(loop, copy);
        *shown = copy;
    }
    return *shown;
}

/* Keeps the first failure that belongs to no query. */
static const void *use_failed(dew_page_loop *loop, const dew_fn *fn, int code, const char *what,
                              const dew_error **error)
{
    if (loop->use_error.code == 0)
        dew_error_set(&loop->use_error, code, "query %s: %s", fn->name, what);
    *error = shown_of(loop, &loop->use_error, &loop->use_shown);
    note_failure(loop, &loop->use_error);
    return NULL;
}

void dew_page_loop_view_failed(void *context, dew_error *error)
{
    dew_page_loop *loop = context;
    if (loop->render.region == NULL || loop->worst == &loop->view_error)
        return;
    loop->view_error = *error;
    note_failure(loop, &loop->view_error);
}

const void *dew_page_loop_use(void *context, const dew_fn *fn, const void *args, const dew_error **error)
{
    dew_page_loop *loop = context;
    dew_buf *scratch = &loop->render.scratch;
    dew_error inner = { 0 };
    if (!dew_html_goes_on(&loop->render.view))
        return NULL; /* the render has failed, which is told at its end */
    dew_buf_clear(scratch);
    int code = dew_json_write(scratch, fn->args(), args, &inner);
    if (code != 0)
        return use_failed(loop, fn, code, code == DEW_E_LIMIT ? "arguments past DEW_PAGE_ARGS_MAX" : inner.message,
                          error);
    dew_str json = dew_buf_str(scratch);
    uint32_t hash = dew_xxh32(json.ptr, json.len, (uint32_t)(uintptr_t)fn);
    dew_page_query *query = find_query(loop, fn, json, hash);
    if (query == NULL) {
        if (fn->kind == DEW_FN_CLIENT_QUERY)
            return NULL; /* pending for good: the browser loads it */
        if (loop->query_count == DEW_PAGE_QUERIES_MAX)
            return use_failed(loop, fn, DEW_E_LIMIT, "more than DEW_PAGE_QUERIES_MAX on one page", error);
        query = add_query(loop, fn, args, json, hash);
        if (query == NULL)
            return use_failed(loop, fn, DEW_E_NOMEM, "out of memory", error);
        if (loop->config.find != NULL)
            loop->config.find(loop->config.context, query);
        if (query->state == DEW_QUERY_PENDING && !query->is_streamed)
            dew_page_loop_add_pending(loop, query);
    }
    query->is_kept |= loop->render.is_keeping;
    query->is_island |= loop->render.in_island;
    if (query->state == DEW_QUERY_READY) {
        query->last_pass = loop->pass_count;
        return query->result.value;
    }
    if (query->state == DEW_QUERY_FAILED) {
        query->last_pass = loop->pass_count;
        *error = shown_of(loop, query->error, &query->shown);
        if (!query->is_streamed)
            note_failure(loop, query->error);
    } else {
        query->missed_pass = loop->pass_count;
        if (query->is_streamed)
            note_streamed(loop);
        loop->render.is_again |= !query->is_streamed && !loop->is_stopped;
    }
    return NULL;
}

const dew_error *dew_page_query_shown(dew_page_query *query)
{
    return shown_of(query->loop, query->error, &query->shown);
}

bool dew_page_loop_shows_failure(const dew_page_loop *loop, const dew_page_query *query)
{
    if (dew_page_loop_is_static(loop) && !query->is_island)
        return false;
    return query->state == DEW_QUERY_FAILED && query->shown != NULL && query->last_pass == loop->pass_count;
}

bool dew_page_loop_carries(const dew_page_loop *loop, const dew_page_query *query)
{
    if (dew_page_loop_is_static(loop) && !query->is_island)
        return false;
    return query->state == DEW_QUERY_READY && query->missed_pass != loop->pass_count &&
           (query->last_pass == loop->pass_count || (query->is_kept && !dew_page_loop_has_failed(loop)));
}

/* ---- seeds ---- */

void dew_query_seed(const dew_fn *query, const void *args, const void *value)
{
    dew_page_render *render = dew_page_render_current();
    if (render == NULL) /* a loader, an action, a guard */
        return;
    if (render->seed != NULL)
        render->seed(render->use_context, query, args, value);
    else
        dew_render_problem(&render->view,
                           "%s_set() in a view does nothing on the server: set it in a hook (.on_prefetch)",
                           query->name);
}

/* The value and its JSON, in the loop's arena. */
static int seed_make(dew_page_loop *loop, const dew_fn *fn, const void *value, dew_page_value *out)
{
    const dew_type *type = fn->value();
    dew_buf json;
    dew_buf_init(&json, SEED_MAX);
    int code = dew_json_write(&json, type, value, NULL);
    dew_str text = code == 0 ? dew_arena_str(loop->arena, dew_buf_str(&json)) : (dew_str){ NULL, 0 };
    dew_buf_dispose(&json);
    void *copy = dew_arena_calloc(loop->arena, 1, type->size);
    char *schema = dew_arena_alloc(loop->arena, DEW_SCHEMA_LEN + 1);
    if (code != 0)
        return code;
    if (text.ptr == NULL || copy == NULL || schema == NULL || dew_value_copy(loop->arena, type, value, copy) != 0)
        return DEW_E_NOMEM;
    dew_fn_schema(fn, schema);
    *out = (dew_page_value){ .value = copy, .json = text, .schema = schema, .is_seeded = true };
    return 0;
}

void dew_page_loop_seed(void *context, const dew_fn *fn, const void *args, const void *value)
{
    dew_page_loop *loop = context;
    dew_buf *scratch = &loop->render.scratch;
    dew_buf_clear(scratch);
    int code = dew_json_write(scratch, fn->args(), args, NULL);
    dew_str json = dew_buf_str(scratch);
    uint32_t hash = code == 0 ? dew_xxh32(json.ptr, json.len, (uint32_t)(uintptr_t)fn) : 0;
    dew_page_query *query = code == 0 ? find_query(loop, fn, json, hash) : NULL;
    if (query != NULL) /* asked for before, or seeded in an earlier run of the hook */
        return;
    dew_page_value seed;
    if (code == 0 && loop->query_count == DEW_PAGE_QUERIES_MAX)
        code = DEW_E_LIMIT;
    if (code == 0)
        code = seed_make(loop, fn, value, &seed);
    if (code == 0 && (query = add_query(loop, fn, args, json, hash)) == NULL)
        code = DEW_E_NOMEM;
    if (code == DEW_E_NOMEM)
        dew_render_fail(&loop->render.view, code);
    else if (code != 0)
        dew_render_problem(&loop->render.view, "%s_set(): %s", fn->name, dew_error_text(code));
    if (code != 0)
        return;
    query->is_kept = true;
    dew_page_query_set(query, &seed);
}

/* ---- settling ---- */

void dew_page_query_set(dew_page_query *query, const dew_page_value *result)
{
    query->result = *result;
    query->state = DEW_QUERY_READY;
}

void dew_page_query_fail(dew_page_query *query, int code, const char *message)
{
    dew_error *error = dew_arena_calloc(query->loop->arena, 1, sizeof *error);
    if (error != NULL)
        dew_error_set(error, code, "%s", message != NULL ? message : dew_error_text(code));
    query->error = error != NULL ? error : &no_memory;
    query->shown = NULL;
    query->state = DEW_QUERY_FAILED;
}
