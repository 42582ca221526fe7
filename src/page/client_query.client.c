/* client_query.client.c - queries that the browser answers (dew/client_query.h): their values, and what they wait for.
 *
 *     NEW ─ run ─┬─ 0 ─────────→ READY ── stale ─→ run, the value stays
 *                ├─ PENDING ───→ LOADING ── a response is there ─→ run
 *                └─ an error ──→ FAILED ── dew_retry ─→ NEW
 *
 * Runs happen in a render, at the use; so what is there at once is in the same render. Only the render that takes over the server's
 * nodes runs none: the next one follows at once. The host keeps responses until they are taken (client/program.js). After each render
 * what it has not used is idle: its requests are cancelled, its value is forgotten at the first render after GRACE_MS. */
#include "page/sides.h"

#include "base/format.h"
#include "page/host.h"
#include "page/render.h"
#include "type/copy.h"
#include "type/json.h"
#include "view/memo.h"

#include <dew/client_query.h>

#include <stdarg.h>
#include <stdlib.h>

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))
#define VALUE_MAX (64u << 20) /* memory of one value, or of one query's arguments */
#define GRACE_MS 10000

IMPORT(again) void host_again(void); /* render soon, once the program has started */
/* Asks for an address; body NULL: GET. Each id once. When an answer is there: again(). */
IMPORT(client_fetch) void host_client_fetch(unsigned id, const char *url, const char *body, size_t body_len);
/* The status of the answer, whose body is then the host's text, which it keeps no longer; negative: it is not there. */
IMPORT(client_take) int host_client_take(unsigned id);
IMPORT(client_abort) void host_client_abort(unsigned id);
IMPORT(client_now) double host_client_now(void); /* milliseconds */
IMPORT(client_kept) int host_client_kept(const char *name);
IMPORT(client_keep) void host_client_keep(const char *name, const char *value, size_t len);
IMPORT(client_size) int host_client_size(int is_height);

typedef struct request {
    struct request *next;
    unsigned id;
    bool is_there;
    char *url;
    dew_str body; /* of POST; ptr NULL: GET */
    dew_client_response response;
} request;

enum state { NEW, LOADING, READY, FAILED };

typedef struct entry {
    struct entry *next;
    const dew_fn *fn;
    dew_str args_json;
    void *args;
    dew_arena args_arena, value_arena; /* arguments; value, or nothing */
    void *value; /* NULL: none */
    dew_error error;
    enum state state;
    uint32_t version, pass; /* of the value; the render that used it last */
    double at;              /* when it was loaded, or when it became idle */
    double wanted_until;    /* loaded ahead (dew_query_fetch): not idle before */
    request *requests;
} entry;

struct dew_client_run {
    entry *of;
    dew_arena arena;
    dew_error error;
};

static entry *entries;
static uint32_t pass = 1, versions;

static void *room(dew_arena *arena, size_t size)
{
    void *at = dew_arena_calloc(arena, 1, size);
    if (at == NULL)
        __builtin_trap();
    return at;
}

/* ---- requests ---- */

static void requests_drop(entry *e)
{
    for (request *r = e->requests, *next; r != NULL; r = next) {
        next = r->next;
        if (!r->is_there)
            host_client_abort(r->id);
        free((char *)r->response.body.ptr);
        free(r);
    }
    e->requests = NULL;
}

static const dew_client_response *ask(dew_client_run *run, const char *url, dew_str body)
{
    static unsigned ids;
    for (const request *r = run->of->requests; r != NULL; r = r->next)
        if (strcmp(r->url, url) == 0 && (r->body.ptr == NULL) == (body.ptr == NULL) && dew_str_eq(r->body, body))
            return r->is_there ? &r->response : NULL;
    const size_t url_len = strlen(url);
    request *r = calloc(1, sizeof *r + url_len + 1 + body.len);
    if (r == NULL)
        __builtin_trap();
    r->url = memcpy(r + 1, url, url_len + 1);
    if (body.ptr != NULL)
        r->body = dew_str_make(memcpy(r->url + url_len + 1, body.ptr, body.len), body.len);
    r->id = ++ids;
    r->next = run->of->requests;
    run->of->requests = r;
    host_client_fetch(r->id, r->url, r->body.ptr, r->body.len);
    return NULL;
}

/* True when an answer has come. */
static bool take_answers(entry *e)
{
    bool some = false;
    for (request *r = e->requests; r != NULL; r = r->next) {
        const int status = r->is_there ? -1 : host_client_take(r->id);
        if (status < 0)
            continue;
        const dew_str text = dew_host_text();
        char *copy = malloc(text.len + 1);
        if (copy == NULL)
            __builtin_trap();
        memcpy(copy, text.ptr, text.len + 1);
        r->response = (dew_client_response){ status, dew_str_make(copy, text.len) };
        some = r->is_there = true;
    }
    return some;
}

const dew_client_response *dew_client_get(dew_client_run *run, const char *url)
{
    return ask(run, url, (dew_str){ NULL, 0 });
}

const dew_client_response *dew_client_post(dew_client_run *run, const char *url, dew_str json)
{
    return ask(run, url, dew_str_make(json.ptr != NULL ? json.ptr : "", json.len));
}

/* ---- what a load may do besides ---- */

int dew_client_read_(dew_client_run *run, const dew_client_response *response, const dew_type *type, void *out)
{
    if (response->status == 0)
        return dew_client_fail(run, DEW_E_IO, "there was no answer");
    if (response->status < 200 || response->status > 299)
        return dew_client_fail(run, response->status == 404 ? DEW_E_NOT_FOUND : DEW_E_IO, "the answer was %d",
                               response->status);
    return dew_json_read(&run->arena, response->body, type, out, "answer", &run->error);
}

int dew_client_fail(dew_client_run *run, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    run->error.code = code;
    dew_vformat(run->error.message, sizeof run->error.message, format, args);
    va_end(args);
    return code;
}

const char *dew_client_text(dew_client_run *run, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const size_t len = dew_vformat(NULL, 0, format, args);
    char *text = room(&run->arena, len + 1);
    dew_vformat(text, len + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

dew_arena *dew_client_arena(dew_client_run *run)
{
    return &run->arena;
}

bool dew_client_kept(dew_client_run *run, const char *name, dew_str *value)
{
    if (!host_client_kept(name))
        return false;
    *value = dew_arena_str(&run->arena, dew_host_text());
    return value->ptr != NULL;
}

void dew_client_keep(const char *name, dew_str value)
{
    host_client_keep(name, value.ptr, value.len);
}

int dew_client_width(void)
{
    return host_client_size(0);
}

int dew_client_height(void)
{
    return host_client_size(1);
}

/* ---- entries ---- */

static void run_load(entry *e)
{
    dew_client_run run = { .of = e };
    dew_arena_init(&run.arena, VALUE_MAX);
    void *value = room(&run.arena, e->fn->value()->size);
    const int code = e->fn->client->load(&run, e->args, value);
    e->state = LOADING;
    if (code == DEW_E_PENDING) {
        dew_arena_dispose(&run.arena);
        return;
    }
    requests_drop(e);
    e->at = host_client_now();
    if (code == 0) {
        dew_arena_dispose(&e->value_arena);
        e->value_arena = run.arena;
        e->value = value;
        e->state = READY;
        e->version = ++versions;
        return;
    }
    if (run.error.code != code)
        dew_error_set(&run.error, code, "%s", dew_error_text(code));
    e->error = run.error;
    e->state = e->value != NULL ? READY : FAILED; /* what shows stays */
    dew_arena_dispose(&run.arena);
}

static void advance(entry *e)
{
    const bool is_stale = /* what a view of this render has seen stays */
        e->state == READY && e->pass != pass &&
        host_client_now() - e->at > (double)dew_duration_ms(e->fn->client->stale, 1ll << 52);
    e->pass = pass;
    if (dew_page_render_current()->is_keeping)
        e->wanted_until = host_client_now() + GRACE_MS;
    if (dew_is_adopting)
        host_again();
    else if (e->state == NEW || is_stale || (e->state == LOADING && take_answers(e)))
        run_load(e);
}

static void entry_free(entry *e)
{
    requests_drop(e);
    dew_arena_dispose(&e->args_arena);
    dew_arena_dispose(&e->value_arena);
    free(e);
}

/* A render is over. */
static void rendered(void)
{
    if (dew_is_adopting)
        return;
    for (entry **at = &entries, *e; (e = *at) != NULL;) {
        if (e->pass == pass || e->wanted_until > host_client_now()) {
            at = &e->next;
            continue;
        }
        if (e->state == LOADING) {
            requests_drop(e);
            e->state = e->value != NULL ? READY : NEW;
        }
        if (e->pass + 1 == pass)
            e->at = host_client_now();
        if (e->value == NULL || host_client_now() - e->at > GRACE_MS) {
            *at = e->next;
            entry_free(e);
        } else {
            at = &e->next;
        }
    }
    pass++;
}

static void asked_again(const dew_fn *query, dew_str args)
{
    for (entry *e = entries; e != NULL; e = e->next)
        if (e->state == FAILED && e->fn == query && dew_str_eq(e->args_json, args))
            e->state = NEW;
    host_again();
}

static entry *entry_of(const dew_fn *fn, const void *args)
{
    static dew_buf json = { .max = DEW_PAGE_ARGS_MAX };
    dew_buf_clear(&json);
    if (dew_json_write(&json, fn->args(), args, NULL) != 0)
        return NULL;
    for (entry *e = entries; e != NULL; e = e->next)
        if (e->fn == fn && dew_str_eq(e->args_json, dew_buf_str(&json)))
            return e;
    entry *e = calloc(1, sizeof *e);
    if (e == NULL)
        __builtin_trap();
    dew_arena_init(&e->args_arena, VALUE_MAX);
    e->fn = fn;
    e->args = room(&e->args_arena, fn->args()->size);
    e->args_json = dew_arena_str(&e->args_arena, dew_buf_str(&json));
    if (e->args_json.ptr == NULL || dew_value_copy(&e->args_arena, fn->args(), args, e->args) != 0)
        __builtin_trap();
    e->next = entries;
    entries = e;
    dew_rendered = rendered;
    dew_asked_again = asked_again;
    return e;
}

const void *dew_client_use(const dew_fn *query, const void *args, const dew_error **error)
{
    dew_memo_never();
    entry *e = entry_of(query, args);
    if (e == NULL)
        return NULL;
    advance(e);
    if (e->state == FAILED)
        *error = &e->error;
    return e->value;
}
