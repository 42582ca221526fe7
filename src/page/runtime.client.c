/* runtime.client.c - the browser half of an application: joins view, cache and outbox, and talks with the host
 * (client/main.js) through the functions below.
 *
 *     host                                    here
 *     dew_start(state) ─────────────────────→ route, render, adopt the server's nodes
 *     dew_opened, dew_received, dew_closed ─→ cache, outbox ──→ host_send, host_tell, host_schedule
 *     dew_flush, once per task ─────────────→ render, operations for the DOM
 *     dew_navigate(state) ──────────────────→ another page
 *     events (view/tree) ───────────────────→ dew_view_on_call → outbox
 *
 * Text comes in through dew_text_in: the host asks for room and writes there; it is valid during the next call. One
 * thread. The program is this file's one instance: after a trap the host throws all of it away and starts another. */
#include "page/cache.h"
#include "page/form.h"
#include "page/outbox.h"
#include "page/render.h"
#include "type/json.h"
#include "view/tree.h"

#include <stdlib.h>

#define EXPORT(name_) __attribute__((export_name(#name_)))
#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))

#define STATE_MAX (256u << 20)  /* memory of a page's state while it is read */
#define CALL_MAX (1u << 20)     /* memory of a form's arguments while they are read */
#define RESUME_MS 1000          /* how long the answers after a reconnect are waited for, so that one cut is shown */

/* ---- what the host gives ---- */
IMPORT(send) void host_send(const char *text, size_t len);        /* on the socket, which is open */
IMPORT(title) void host_title(const char *title, size_t len);     /* of the document */
IMPORT(schedule) void host_schedule(void);                        /* call dew_flush soon */
IMPORT(wake) void host_wake(double ms);                           /* call dew_woken after that time at the latest */
IMPORT(now) double host_now(void);                                /* milliseconds, monotonic */
IMPORT(live) void host_live(void);                                /* all that shows is subscribed and current */
/* Something the visitor must know; about a field of the form `node`, when field is not empty. */
IMPORT(tell) void host_tell(const char *message, size_t len, const char *field, size_t field_len, uint32_t node);

static struct runtime {
    char *text_in;          /* of the host, NUL-terminated */
    size_t text_len, text_cap;
    dew_router *router;
    dew_arena page_arena;   /* state and match of the page that shows */
    dew_match match;
    bool is_error;          /* the state says that the error page shows */
    dew_page_error_info info;
    dew_page_render render;
    dew_arena message;      /* of one message, one call */
    dew_cache cache;
    dew_outbox outbox;
    bool is_dirty;          /* something changed since the last render */
    bool is_scheduled, is_connected, is_resuming, is_live;
} rt;

extern const dew_site *const dew_browser_site;

static dew_str text_in(void)
{
    return dew_str_make(rt.text_in, rt.text_len);
}

/* ---- rendering ---- */

static void schedule(void)
{
    rt.is_dirty = true;
    if (rt.is_scheduled || rt.is_resuming)
        return;
    rt.is_scheduled = true;
    host_schedule();
}

static void wake(int64_t ms)
{
    if (ms > 0)
        host_wake((double)ms);
}

static void run_pass(const dew_page *page)
{
    dew_tree_begin(&rt.render.view);
    dew_page_render_pass(&rt.render, page);
}

static unsigned render(dew_tree_how how)
{
    rt.is_scheduled = rt.is_dirty = false;
    dew_cache_begin_pass(&rt.cache);
    rt.render.info = rt.info;
    run_pass(rt.is_error ? dew_page_for_error(dew_browser_site, rt.info.code) : rt.match.page);
    if (!rt.is_error && rt.render.failed != NULL) { /* a query was refused: the same page as the server would show */
        const dew_error *failed = rt.render.failed;
        rt.render.info = (dew_page_error_info){ failed->code, dew_error_status(failed->code), failed->message };
        run_pass(dew_page_for_error(dew_browser_site, failed->code));
    }
    dew_str title = dew_str_of(dew_page_render_title(&rt.render));
    host_title(title.ptr, title.len);
    unsigned remade = dew_tree_end(&rt.render.view, how);
    wake(dew_cache_end_pass(&rt.cache, (int64_t)host_now()));
    return remade;
}

/* ---- the cache's and the outbox's way out ---- */

static void send_text(void *context, dew_str text)
{
    (void)context;
    host_send(text.ptr, text.len);
}

static void tell(dew_str message, dew_str field, uint32_t node)
{
    host_tell(message.ptr, message.len, field.ptr, field.len, node);
}

/* "title: give 1 to 200 characters" is about the field title, when the call has one. */
static dew_str field_in(const dew_fn *fn, dew_str message)
{
    const char *colon = message.len > 0 ? memchr(message.ptr, ':', message.len) : NULL;
    dew_str name = dew_str_make(message.ptr, colon != NULL ? (size_t)(colon - message.ptr) : 0);
    const dew_type *type = fn->args();
    for (unsigned i = 0; i < type->field_count; i++)
        if (dew_str_eq(dew_str_make(type->fields[i].name, type->fields[i].name_len), name))
            return name;
    return (dew_str){ "", 0 };
}

static void on_call_end(void *context, const dew_outbox_call *call, int code, dew_str message)
{
    (void)context;
    if (code != 0)
        tell(message, field_in(call->fn, message), call->node);
    else if (call->is_form)
        dew_tree_form_reset(call->node);
}

/* ---- events ---- */

void dew_view_on_call(const dew_call *call, dew_str fields, uint32_t node)
{
    const dew_type *type = call->fn->args();
    const void *args = call->args;
    dew_str field = { "", 0 };
    dew_error error = { 0 };
    int code = 0;
    if (fields.len > 0) {
        void *merged = dew_arena_calloc(&rt.message, 1, type->size);
        code = merged == NULL ? DEW_E_NOMEM : dew_form_args(&rt.message, call->fn, fields, merged, &field, &error);
        args = merged;
    }
    if (code == 0)
        code = dew_outbox_add(&rt.outbox, call->fn, args, node, fields.len > 0, &error);
    if (code != 0)
        tell(dew_str_of(error.code != 0 ? error.message : dew_error_text(code)), field, node);
    dew_arena_reset(&rt.message);
}

void dew_view_on_handled(void)
{
    schedule();
}

/* ---- pages ---- */

static int make_router(dew_str prefix, dew_error *error)
{
    char *copy = malloc(prefix.len + 1); /* for the router's life, which is the program's */
    if (copy == NULL)
        return DEW_E_NOMEM;
    memcpy(copy, prefix.ptr, prefix.len + 1);
    return dew_router_create(dew_browser_site, copy, &rt.router, error);
}

/* Reads the state in the host's text and makes it the page that is shown next. */
static int take_state(void)
{
    dew_arena arena;
    dew_arena_init(&arena, STATE_MAX);
    dew_wire_state state;
    dew_error error = { 0 };
    int code = dew_json_read(&arena, text_in(), DEW_TYPE(dew_wire_state), &state, "state", &error);
    if (code == 0 && rt.router == NULL)
        code = make_router(state.prefix, &error);
    dew_match match;
    bool is_error = code == 0 && state.error.has;
    if (code == 0) {
        dew_router_match(rt.router, &arena, state.location, &match);
        if (match.code != 0 && !is_error)
            code = DEW_E_SCHEMA; /* the server knows a page that is not here */
    }
    if (code == 0)
        code = dew_cache_load(&rt.cache, &state);
    if (code != 0) {
        dew_arena_dispose(&arena);
        return code;
    }
    dew_arena_dispose(&rt.page_arena);
    rt.page_arena = arena;
    rt.match = match;
    rt.is_error = is_error;
    rt.info = (dew_page_error_info){ 0 };
    if (is_error)
        rt.info = (dew_page_error_info){ dew_error_from_name(state.error.value.code), state.status,
                                         state.error.value.message.ptr };
    rt.render.view.location = rt.match.location;
    rt.render.view.url_prefix = dew_router_prefix(rt.router);
    return 0;
}

/* Room for a text of the host, one byte more than asked for. */
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

/* The first call. adopt: the root element holds what the server rendered for this state; else it is filled anew.
 * Negative: this state is not for this program. Else how many elements were not as expected, and were made anew. */
EXPORT(dew_start) int dew_start(int adopt)
{
    dew_cache_init(&rt.cache, send_text, NULL);
    dew_outbox_init(&rt.outbox, send_text, on_call_end, NULL);
    dew_arena_init(&rt.message, CALL_MAX);
    dew_page_render_init(&rt.render, NULL, &rt.match, dew_cache_use, &rt.cache);
    int code = take_state();
    if (code != 0)
        return code;
    rt.render.router = rt.router;
    return (int)render(adopt ? DEW_TREE_ADOPT : DEW_TREE_CREATE);
}

/* Shows the page of another state. Negative: it is not for this program, and nothing has changed. */
EXPORT(dew_navigate) int dew_navigate(void)
{
    int code = take_state();
    if (code == 0)
        render(DEW_TREE_UPDATE);
    return code;
}

EXPORT(dew_flush) void dew_flush(void)
{
    if (rt.is_scheduled)
        render(DEW_TREE_UPDATE);
}

/* ---- the connection ---- */

/* After a reconnect, what shows stays until all answers are there: then it goes from one cut to the next. */
static void check_resumed(bool is_late)
{
    if (!rt.is_connected || (dew_cache_unanswered(&rt.cache) > 0 && !is_late))
        return;
    if (rt.is_resuming) {
        rt.is_resuming = false;
        if (rt.is_dirty)
            schedule();
    }
    if (!rt.is_live && dew_cache_unanswered(&rt.cache) == 0) {
        rt.is_live = true;
        host_live();
    }
}

/* The socket is open, and the host has sent "connect". */
EXPORT(dew_opened) void dew_opened(void)
{
    dew_cache_opened(&rt.cache);
    dew_outbox_opened(&rt.outbox);
    rt.is_resuming = dew_cache_unanswered(&rt.cache) > 0;
    if (rt.is_resuming)
        wake(RESUME_MS);
}

EXPORT(dew_closed) void dew_closed(void)
{
    rt.is_connected = rt.is_live = rt.is_resuming = false;
    dew_cache_closed(&rt.cache);
    dew_outbox_closed(&rt.outbox);
}

static void take_answer(const dew_wire_message *message)
{
    dew_str none = { "", 0 };
    if (message->error.has)
        dew_outbox_answer(&rt.outbox, message->id.value, dew_error_from_name(message->error.value.code),
                          message->error.value.message);
    else
        dew_outbox_answer(&rt.outbox, message->id.value, 0, none);
}

/* One message of the server. Negative: it cannot be read. */
EXPORT(dew_received) int dew_received(void)
{
    dew_arena arena;
    dew_arena_init(&arena, STATE_MAX);
    dew_wire_message message;
    int code = dew_json_read(&arena, text_in(), DEW_TYPE(dew_wire_message), &message, NULL, NULL);
    if (code == 0) {
        rt.is_connected |= dew_str_eq(message.type, DEW_S("connected"));
        if (dew_str_eq(message.type, DEW_S("answer")))
            take_answer(&message);
        else if (dew_str_eq(message.type, DEW_S("error")) && message.message.has)
            tell(message.message.value, (dew_str){ "", 0 }, 0);
        else if (dew_cache_receive(&rt.cache, &message))
            schedule();
        check_resumed(false);
    }
    dew_arena_dispose(&arena);
    return code;
}

EXPORT(dew_woken) void dew_woken(void)
{
    check_resumed(true);
    wake(dew_cache_sweep(&rt.cache, (int64_t)host_now()));
}
