/* loop.server.c - see loop.h. */
#include "page/loop.h"

#include "base/outcome.h"
#include "type/copy.h"
#include "type/json.h"
#include "view/html.h"

enum { MODE_PAGE, MODE_ERROR, MODE_PLAIN };

#define BUCKETS (sizeof((dew_page_loop *)0)->buckets / sizeof((dew_page_loop *)0)->buckets[0])

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

static void add_pending(dew_page_loop *loop, dew_page_query *query)
{
    query->next_pending = NULL;
    *loop->pending_end = query;
    loop->pending_end = &query->next_pending;
}

static void clear_pending(dew_page_loop *loop)
{
    loop->pending = NULL;
    loop->pending_end = &loop->pending;
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

/* Keeps the first failure of a pass that belongs to no query. */
static const void *use_failed(dew_page_loop *loop, const dew_fn *fn, int code, const char *what,
                              const dew_error **error)
{
    dew_error_set(&loop->use_error, code, "query %s: %s", fn->name, what);
    *error = &loop->use_error;
    note_failure(loop, *error);
    return NULL;
}

static const void *loop_use(void *context, const dew_fn *fn, const void *args, const dew_error **error)
{
    dew_page_loop *loop = context;
    dew_buf *scratch = &loop->render.scratch;
    dew_error inner = { 0 };
    dew_buf_clear(scratch);
    int code = dew_json_write(scratch, fn->args(), args, &inner);
    if (code != 0)
        return use_failed(loop, fn, code, code == DEW_E_LIMIT ? "arguments past DEW_PAGE_ARGS_MAX" : inner.message,
                          error);
    dew_str json = dew_buf_str(scratch);
    uint32_t hash = dew_xxh32(json.ptr, json.len, (uint32_t)(uintptr_t)fn);
    dew_page_query *query = find_query(loop, fn, json, hash);
    if (query == NULL) {
        if (loop->query_count == DEW_PAGE_QUERIES_MAX)
            return use_failed(loop, fn, DEW_E_LIMIT, "more than DEW_PAGE_QUERIES_MAX on one page", error);
        query = add_query(loop, fn, args, json, hash);
        if (query == NULL)
            return use_failed(loop, fn, DEW_E_NOMEM, "out of memory", error);
        if (loop->config.find != NULL)
            loop->config.find(loop->config.context, query);
        if (query->state == DEW_QUERY_PENDING)
            add_pending(loop, query);
    }
    query->last_pass = loop->pass_count;
    if (query->state == DEW_QUERY_FAILED) {
        *error = query->error;
        note_failure(loop, *error);
    }
    return query->state == DEW_QUERY_READY ? query->result.value : NULL;
}

void dew_page_query_set(dew_page_query *query, const dew_page_value *result)
{
    query->result = *result;
    query->state = DEW_QUERY_READY;
}

void dew_page_query_fail(dew_page_query *query, int code, const char *message)
{
    static const dew_error no_memory = { DEW_E_NOMEM, "out of memory" };
    dew_error *error = dew_arena_calloc(query->loop->arena, 1, sizeof *error);
    if (error != NULL)
        dew_error_set(error, code, "%s", message != NULL ? message : dew_error_text(code));
    query->error = error != NULL ? error : &no_memory;
    query->state = DEW_QUERY_FAILED;
}

/* ---- the loop ---- */

void dew_page_loop_begin(dew_page_loop *loop, const dew_page_loop_config *config, dew_arena *arena, dew_buf *html,
                         dew_str target)
{
    /* one by one: it is large, and most of it is not worth zeroing for each request */
    loop->config = *config;
    loop->arena = arena;
    loop->html = html;
    loop->status = 200;
    loop->error.code = loop->use_error.code = 0;
    loop->location = (dew_str){ NULL, 0 };
    loop->mode = loop->mode_passes = 0;
    loop->query_count = loop->pass_count = 0;
    loop->queries = NULL;
    loop->queries_end = &loop->queries;
    clear_pending(loop);
    dew_router_match(config->router, arena, target, &loop->match);
    dew_page_render_init(&loop->render, config->router, &loop->match, loop_use, loop);
    dew_render *view = &loop->render.view;
    view->arena = arena;
    view->development = config->development;
    view->url_prefix = dew_router_prefix(config->router);
    view->location = loop->match.location;
    if (loop->match.redirect.len != 0) {
        loop->status = 308;
        loop->location = loop->match.redirect;
    } else if (loop->match.code != 0) {
        dew_page_loop_fail(loop, loop->match.code, loop->match.error.message);
    }
}

static bool redirect(dew_page_loop *loop, const char *message)
{
    int status;
    dew_str location;
    if (!dew_redirect_parse(message, &status, &location))
        return false;
    location = dew_arena_str(loop->arena, location);
    if (location.ptr == NULL)
        return false;
    loop->status = status;
    loop->location = location;
    return true;
}

void dew_page_loop_fail(dew_page_loop *loop, int code, const char *message)
{
    clear_pending(loop);
    if (code == DEW_E_REDIRECT && message != NULL && redirect(loop, message))
        return;
    dew_error_set(&loop->error, code == DEW_E_REDIRECT ? DEW_E_INTERNAL : code, "%s",
                  message != NULL ? message : dew_error_text(code));
    loop->mode = loop->mode == MODE_PAGE ? MODE_ERROR : MODE_PLAIN;
    loop->shown = loop->error;
    if (loop->config.failed != NULL)
        loop->config.failed(loop->config.context, &loop->shown);
    else if (!loop->config.development)
        dew_error_redact(&loop->shown);
    loop->status = dew_error_status(loop->error.code);
    loop->render.info = (dew_page_error_info){ loop->error.code, loop->status, loop->shown.message };
}

/* The view failed while the error page was shown: the first failure stays the one that is told. */
static void fail_again(dew_page_loop *loop, const dew_error *error)
{
    if (loop->mode == MODE_PAGE || error->code == DEW_E_REDIRECT)
        dew_page_loop_fail(loop, error->code, error->message);
    else
        loop->mode = MODE_PLAIN;
}

static bool has_unsettled(const dew_page_loop *loop)
{
    for (const dew_page_query *query = loop->pending; query != NULL; query = query->next_pending)
        if (query->state == DEW_QUERY_PENDING)
            return true;
    return false;
}

/* Too many passes: names the query that was new in the last one. */
static void fail_at_cap(dew_page_loop *loop, const dew_page_query *last)
{
    dew_error error;
    dew_str args = last != NULL ? last->args_json : (dew_str){ "", 0 };
    dew_error_set(&error, DEW_E_LIMIT, "the page did not settle in %d passes; the last one asked for %s %.*s",
                  DEW_PAGE_PASSES_MAX, last != NULL ? last->fn->name : "nothing new", DEW_STR_FMT(args));
    error.code = DEW_E_INTERNAL; /* not the visitor's limit */
    fail_again(loop, &error);
}

/* Empty, but for the room in front. */
static void html_clear(dew_page_loop *loop)
{
    dew_buf_clear(loop->html);
    if (dew_buf_reserve(loop->html, loop->config.html_room) == 0)
        loop->html->len = loop->config.html_room;
}

/* One pass; what made it fail, or NULL. */
static const dew_error *run_pass(dew_page_loop *loop)
{
    dew_page_render *render = &loop->render;
    loop->pass_count++;
    loop->worst = NULL;
    html_clear(loop);
    dew_html_begin(&render->view, loop->html);
    if (loop->mode == MODE_PAGE)
        dew_page_render_pass(render, loop->match.page);
    else
        dew_page_render_error(render);
    int code = dew_html_end(&render->view);
    if (code == 0 || (loop->worst != NULL && loop->worst->code == DEW_E_REDIRECT))
        return loop->worst;
    dew_error_set(&loop->use_error, code == DEW_E_LIMIT ? DEW_E_INTERNAL : code, "the page: %s",
                  code == DEW_E_LIMIT ? "larger than the limit of its buffer" : dew_error_text(code));
    return &loop->use_error;
}

dew_page_step dew_page_loop_step(dew_page_loop *loop)
{
    if (loop->location.len == 0 && has_unsettled(loop))
        return DEW_PAGE_LOAD;
    while (loop->mode != MODE_PLAIN && loop->location.len == 0) {
        const dew_page_query *last = loop->pending;
        clear_pending(loop);
        if (loop->mode_passes++ == DEW_PAGE_PASSES_MAX) {
            fail_at_cap(loop, last);
            loop->mode_passes = 0;
            continue;
        }
        const dew_error *failed = run_pass(loop);
        if (failed != NULL) {
            fail_again(loop, failed);
            continue;
        }
        if (loop->pending != NULL)
            return DEW_PAGE_LOAD;
        return DEW_PAGE_SETTLED;
    }
    html_clear(loop);
    return loop->location.len != 0 ? DEW_PAGE_REDIRECT : DEW_PAGE_SETTLED;
}

void dew_page_loop_reload(dew_page_loop *loop, dew_page_query *query)
{
    query->state = DEW_QUERY_PENDING;
    add_pending(loop, query);
}

size_t dew_page_loop_room(const dew_page_loop *loop)
{
    return loop->config.html_room < loop->html->len ? loop->config.html_room : loop->html->len;
}

dew_str dew_page_loop_html(const dew_page_loop *loop)
{
    size_t room = dew_page_loop_room(loop);
    return dew_str_make(loop->html->ptr + room, loop->html->len - room);
}

bool dew_page_loop_is_plain(const dew_page_loop *loop)
{
    return loop->mode == MODE_PLAIN;
}

void dew_page_loop_dispose(dew_page_loop *loop)
{
    if (loop != NULL)
        dew_page_render_dispose(&loop->render);
}
