/* runtime.client.c - the browser half of an application: it renders pages from the values that the host keeps
 * (client/queries.js), and hands the calls that events make to the host (client/calls.js).
 *
 *     host                                   here
 *     dew_start(page) ─────────────────────→ route, render, adopt the server's nodes
 *     dew_navigate(page) ──────────────────→ another page
 *     dew_flush ───────────────────────────→ render, operations for the DOM
 *     host_use ←──────────────────────────── dew_use: the value's JSON, when it is another than before
 *     host_call ←─────────────────────────── events, through view/tree
 *
 * Text comes in through dew_text_in: the host asks for room and writes there; it is valid until the next text. One
 * thread. After a trap the host throws the program away and starts another from the values that it has. */
#include "base/format.h"
#include "page/head.h"
#include "page/host.h"
#include "page/retry.h"
#include "page/sides.h"
#include "page/stored.h"
#include "type/json.h"
#include "view/memo.h"
#include "view/tree.h"

#include <dew/island.h>

#include <stdlib.h>

#define EXPORT(name_) __attribute__((export_name(#name_)))
#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))

#define PAGE_MAX (16u << 20)   /* memory of a page's address and parameters */
#define TITLE_MAX 128          /* bytes; a longer one is told to the host each time */
#define VALUE_MAX (256u << 20) /* memory of one typed value */
#define JSON_MAX (16u << 20)   /* bytes of a query's arguments as text */

/* ---- what the host gives ---- */

/* The query's place in `values` times 4, plus how its value is. `key` names the items of a keyed list, else empty. The
 * text of FRESH is the value's JSON, of FAILED the code's name, a NUL and the message. */
enum use_status { USE_WAITING, USE_SAME, USE_FRESH, USE_FAILED };
IMPORT(use) unsigned host_use(const char *fn, const char *args, size_t args_len, const char *key);
/* A call was made, at `node`. What a form says, urlencoded, goes instead of the arguments, which are among its fields. */
IMPORT(call)
void host_call(const char *fn, int kind, const char *args, size_t args_len, const char *fields, size_t fields_len,
               unsigned node);
IMPORT(title) void host_title(const char *title);
IMPORT(schedule) void host_schedule(void); /* call dew_flush soon */

/* A query's value as views see it. */
typedef struct value {
    dew_arena arena;
    void *typed; /* NULL: none yet */
    dew_error error;
    uint32_t version; /* each value has another, of whatever query */
} value;

static struct runtime {
    char *text_in; /* of the host, NUL-terminated */
    size_t text_len, text_cap;
    dew_router *router;
    dew_arena page_arena; /* what the host said of the page, and the match */
    dew_match match;
    dew_page_failure failure; /* code not 0: the server showed the error page */
    dew_page_render render;
    value **values; /* by the host's numbers */
    unsigned value_cap;
    dew_buf json;
} rt;

extern const dew_site *const dew_browser_site;

/* Room for a text of the host. */
EXPORT(dew_text_in) char *dew_text_in(size_t len)
{
    if (rt.text_cap <= len) {
        free(rt.text_in);
        rt.text_cap = len + 1 > 2 * rt.text_cap ? len + 1 : 2 * rt.text_cap;
        rt.text_in = malloc(rt.text_cap);
        if (rt.text_in == NULL)
            __builtin_trap();
    }
    rt.text_len = len;
    rt.text_in[len] = '\0';
    return rt.text_in;
}

dew_str dew_host_text(void)
{
    return dew_str_make(rt.text_in, rt.text_len);
}

/* ---- values ---- */

static value *value_at(unsigned place)
{
    if (place >= rt.value_cap) {
        unsigned cap = 2 * place + 16;
        rt.values = realloc(rt.values, cap * sizeof *rt.values);
        if (rt.values == NULL)
            __builtin_trap();
        memset(rt.values + rt.value_cap, 0, (cap - rt.value_cap) * sizeof *rt.values);
        rt.value_cap = cap;
    }
    if (rt.values[place] == NULL)
        rt.values[place] = calloc(1, sizeof **rt.values);
    if (rt.values[place] == NULL)
        __builtin_trap();
    return rt.values[place];
}

/* The host will use the place for another query. */
EXPORT(dew_forget) void dew_forget(unsigned place)
{
    value *gone = value_at(place);
    dew_arena_dispose(&gone->arena);
    free(gone);
    rt.values[place] = NULL;
}

/* The host's text becomes the typed value; what views saw of the old one, the tree has copied. */
static void parse_value(value *into, const dew_fn *fn)
{
    const dew_type *type = fn->value();
    dew_arena_dispose(&into->arena);
    dew_arena_init(&into->arena, VALUE_MAX);
    into->typed = dew_arena_calloc(&into->arena, 1, type->size);
    into->error.code = 0;
    if (into->typed == NULL ||
        dew_json_read(&into->arena, dew_host_text(), type, into->typed, fn->name, &into->error) != 0) {
        into->typed = NULL;
        if (into->error.code == 0)
            into->error.code = DEW_E_NOMEM;
    }
}

static void take_failure(value *into)
{
    dew_str rest = dew_host_text();
    int code = dew_error_from_name(dew_part_take(&rest));
    dew_error_set(&into->error, code, "%s", rest.ptr);
}

/* Asks the host, and takes what it has that is new. */
static value *look(const dew_fn *fn, const char *args, size_t args_len, enum use_status *status)
{
    static uint32_t versions;
    const char *key = fn->value()->key_name;
    unsigned used = host_use(fn->name, args, args_len, key != NULL ? key : "");
    value *found = value_at(used >> 2);
    *status = used & 3;
    if (*status == USE_FRESH)
        parse_value(found, fn);
    if (*status == USE_FAILED)
        take_failure(found);
    if (*status == USE_FRESH)
        found->version = ++versions;
    return found;
}

/* What a memoised component has read: the query, and its arguments after it. */
typedef struct noted {
    const dew_fn *fn;
    uint32_t args_len;
} noted;

static uint32_t version_of(const void *what)
{
    const noted *query = what;
    enum use_status status;
    const value *found = look(query->fn, (const char *)(query + 1), query->args_len, &status);
    return status == USE_SAME || status == USE_FRESH ? found->version : 0;
}

/* Of the arguments in rt.json. What waits or has failed is asked for again by the component itself. */
static void note(const dew_fn *fn, bool is_there)
{
    static dew_buf what = { .max = JSON_MAX + sizeof(noted) };
    const noted query = { fn, (uint32_t)rt.json.len };
    dew_buf_clear(&what);
    dew_buf_put(&what, (const char *)&query, sizeof query);
    dew_buf_put(&what, rt.json.ptr, rt.json.len);
    if (is_there && what.error == 0)
        dew_memo_read(version_of, what.ptr, what.len);
    else
        dew_memo_never();
}

static const void *use(void *context, const dew_fn *fn, const void *args, const dew_error **error)
{
    (void)context;
    if (fn->client != NULL)
        return fn->client->use(fn, args, error);
    dew_buf_clear(&rt.json);
    if (dew_json_write(&rt.json, fn->args(), args, NULL) != 0)
        return NULL;
    enum use_status status;
    value *found = look(fn, rt.json.ptr, rt.json.len, &status);
    const bool has_failed = status == USE_FAILED || found->error.code != 0;
    if (dew_memo_depth != 0)
        note(fn, status != USE_WAITING && !has_failed);
    if (has_failed)
        *error = &found->error;
    return has_failed || status == USE_WAITING ? NULL : found->typed;
}

/* ---- rendering ---- */

bool dew_is_adopting;
void (*dew_rendered)(void);
void (*dew_asked_again)(const dew_fn *query, dew_str args);

static void run_pass(void)
{
    rt.render.shown = rt.failure;
    dew_tree_begin(&rt.render.view);
    if (dew_retrying)
        dew_retry_begin_();
    if (rt.failure.code == 0 && rt.match.page->islands != NULL)
        rt.match.page->islands->run(&rt.render, rt.match.page);
    else if (rt.failure.code == 0)
        dew_page_render_pass(&rt.render, rt.match.page);
    else
        dew_page_render_error(&rt.render);
}

/* The host is asked only for another than before. */
static void show_title(const char *title)
{
    static char shown[TITLE_MAX];
    const size_t size = strlen(title) + 1;
    if (size <= TITLE_MAX && memcmp(shown, title, size) == 0)
        return;
    memcpy(shown, title, size < TITLE_MAX ? size : TITLE_MAX);
    host_title(title);
}

/* What the server sent is taken over as it was meant first: what stores said then follows. */
static unsigned render(dew_tree_how how)
{
    bool again;
    dew_is_adopting = how == DEW_TREE_ADOPT;
    do {
        run_pass();
        again = dew_stores_again();
    } while (again && how != DEW_TREE_ADOPT);
    show_title(dew_page_render_title(&rt.render));
    dew_head_show();
    unsigned anew = dew_tree_end(&rt.render.view, how);
    if (again)
        render(DEW_TREE_UPDATE);
    else if (dew_rendered != NULL)
        dew_rendered();
    if (dew_retrying)
        dew_retry_rendered_();
    return anew;
}

/* ---- events ---- */

void dew_view_on_call(const dew_call *call, dew_str fields, uint32_t node)
{
    dew_str args = *(const dew_str *)call->args;
    if (args.len == 0) /* cannot be written: the server says so */
        args = DEW_S("null");
    host_call(call->fn->name, call->fn->kind, args.ptr, args.len, fields.ptr, fields.len, node);
}

void dew_view_on_handled(void)
{
    host_schedule();
}

/* A form's call was done: its fields as they were at first. */
EXPORT(dew_form_done) void dew_form_done(unsigned node)
{
    dew_tree_form_reset(node);
}

/* ---- pages ---- */

static int make_router(dew_str prefix)
{
    char *copy = malloc(prefix.len + 1); /* for the router's life, which is the program's */
    if (copy == NULL)
        return DEW_E_NOMEM;
    memcpy(copy, prefix.ptr, prefix.len + 1);
    return dew_router_create(dew_browser_site, copy, &rt.router, NULL);
}

/* Makes what the host says the page that is shown next: prefix, address, then of an error page code and message,
 * else two empty parts; then the address in parts (router.h). */
static int take_page(void)
{
    dew_arena arena;
    dew_arena_init(&arena, PAGE_MAX);
    dew_str rest = dew_arena_str(&arena, dew_host_text());
    dew_str prefix = dew_part_take(&rest), location = dew_part_take(&rest);
    dew_str name = dew_part_take(&rest), message = dew_part_take(&rest);
    dew_match match;
    int code = rt.router == NULL ? make_router(prefix) : 0;
    if (code == 0) {
        dew_router_match_parts(rt.router, &arena, location, rest, &match);
        code = name.len > 0 ? 0 : match.code; /* a page that is not here: the server is another build */
    }
    if (code != 0) {
        dew_arena_dispose(&arena);
        return code;
    }
    dew_arena_dispose(&rt.page_arena);
    rt.page_arena = arena;
    rt.match = match;
    dew_memo_page++;
    rt.failure = (dew_page_failure){ name.len > 0 ? dew_error_from_name(name) : 0, message.ptr };
    rt.render.router = rt.router;
    rt.render.view.location = match.location;
    rt.render.view.url_prefix = dew_router_prefix(rt.router);
    return 0;
}

/* The first call. adopt: the root element holds what the server rendered; else it is filled anew. Negative: this page is
 * not for this program. Else how many elements were not as expected, and were made anew. */
EXPORT(dew_start) int dew_start(int adopt)
{
    dew_page_render_init(&rt.render, NULL, &rt.match, use, NULL);
    dew_buf_init(&rt.json, JSON_MAX);
    int code = take_page();
    return code != 0 ? code : (int)render(adopt ? DEW_TREE_ADOPT : DEW_TREE_CREATE);
}

/* Shows another page. Negative: it is not for this program, and nothing has changed. */
EXPORT(dew_navigate) int dew_navigate(void)
{
    int code = take_page();
    if (code == 0) {
        dew_stores_arrive();
        render(DEW_TREE_UPDATE);
    }
    return code;
}

EXPORT(dew_flush) void dew_flush(void)
{
    render(DEW_TREE_UPDATE);
}
