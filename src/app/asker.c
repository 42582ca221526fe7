/* asker.c - see asker.h. The text (headers, location) stands behind the headers, in the same block. The address is routed when
 * it is first asked for. */
#include "app/asker.h"

#include "http/cookie.h"
#include "http/token.h"
#include "page/router.h"

#include <stdlib.h>

typedef struct app_asker {
    dew_asker base;
    app_worker *worker;
    struct app_asker *under; /* the same, somewhere else: it knows the rest; NULL: the headers are here */
    dew_arena arena;         /* of identify and its result, and of the match */
    dew_str identity;
    bool is_identified;
    dew_str location;        /* path and query; empty: nowhere */
    const dew_match *match;  /* arena; NULL: not asked yet */
    struct asked_field *fields; /* of the query string, asked so far: decoded once, since an asker may live long */
    size_t count;
    dew_http_header headers[];
} app_asker;

typedef struct asked_field {
    struct asked_field *next;
    dew_str name, value;
} asked_field;

/* Memory that identify may use, and the parts of the location. */
#define ASKER_ARENA_MAX ((size_t)1 << 20)

static app_asker *asker_of(dew_asker *base)
{
    return dew_container_of(base, app_asker, base);
}

static dew_str header(const app_asker *asker, dew_str name)
{
    if (asker->under != NULL)
        return header(asker->under, name);
    for (size_t i = 0; i < asker->count; i++)
        if (dew_http_eq_nocase(asker->headers[i].name, name))
            return asker->headers[i].value;
    return (dew_str){ NULL, 0 };
}

static dew_str cookie(const app_asker *asker, dew_str name)
{
    return dew_http_cookie_get(header(asker, DEW_S("cookie")), name);
}

/* In the arena. */
static dew_str identify(app_asker *asker, dew_arena *arena)
{
    dew_scope scope;
    dew_scope_init(&scope, arena);
    app_asker_scope(&asker->base, asker->worker, &scope);
    scope.is_identifying = true; /* what it reads is not noted: the identity stands for it */
    dew_str identity = dew_arena_str(arena, asker->worker->app->config.identify(&scope));
    dew_scope_dispose(&scope);
    return identity;
}

bool app_asker_is_the_same(dew_asker *base)
{
    const app_asker *asker = asker_of(base);
    if (!asker->is_identified)
        return true;
    dew_arena arena;
    dew_arena_init(&arena, ASKER_ARENA_MAX);
    bool is_same = dew_str_eq(identify(asker_of(base), &arena), asker->identity);
    dew_arena_dispose(&arena);
    return is_same;
}

dew_str app_asker_identity(dew_asker *base)
{
    app_asker *asker = asker_of(base);
    dew_app *app = asker->worker->app;
    if (asker->under != NULL)
        return app_asker_identity(&asker->under->base);
    if (asker->is_identified || app->config.identify == NULL)
        return asker->identity;
    asker->is_identified = true;
    asker->identity = identify(asker, &asker->arena);
    return asker->identity;
}

/* What there is at the asker's location; NULL: it is nowhere, or memory is out. */
static const dew_match *place(app_asker *asker)
{
    if (asker->match != NULL || asker->location.len == 0)
        return asker->match;
    dew_match *match = dew_arena_alloc(&asker->arena, sizeof *match);
    if (match == NULL)
        return NULL;
    dew_router_match(asker->worker->app->router, &asker->arena, asker->location, match);
    asker->match = match;
    return match;
}

static dew_str field(app_asker *asker, const dew_match *match, dew_str name)
{
    for (const asked_field *known = asker->fields; known != NULL; known = known->next)
        if (dew_str_eq(known->name, name))
            return known->value;
    asked_field *made = dew_arena_alloc(&asker->arena, sizeof *made);
    if (made == NULL)
        return (dew_str){ "", 0 };
    *made = (asked_field){ asker->fields, dew_arena_str(&asker->arena, name), { "", 0 } };
    if (dew_match_query(match, &asker->arena, name, &made->value) != 0)
        made->value = (dew_str){ "", 0 };
    if (made->name.ptr != NULL)
        asker->fields = made;
    return made->value;
}

/* `name` is terminated. */
static dew_str located(app_asker *asker, dew_input_kind kind, const char *name)
{
    dew_str nothing = { "", 0 };
    const dew_match *match = place(asker);
    if (match == NULL || match->page == NULL)
        return nothing;
    if (kind == DEW_INPUT_PATTERN)
        return dew_str_of(dew_page_pattern(match->page));
    if (kind == DEW_INPUT_PARAM)
        return dew_match_path_param(match, dew_str_of(name));
    return field(asker, match, dew_str_of(name));
}

static dew_str scope_identify(dew_scope *scope)
{
    return app_asker_identity(scope->source_context);
}

static dew_str asked_cookie(void *context, const char *name)
{
    return cookie(asker_of(context), dew_str_of(name));
}

static dew_str asked_header(void *context, const char *name)
{
    return header(asker_of(context), dew_str_of(name));
}

static dew_str asked_location(void *context, dew_input_kind kind, const char *name)
{
    return located(asker_of(context), kind, name);
}

static dew_str asked_trace(void *context)
{
    return header(asker_of(context), DEW_S("traceparent"));
}

static const dew_scope_source asker_source = { asked_cookie, asked_header, asked_location, asked_trace };

void app_asker_scope(dew_asker *base, app_worker *worker, dew_scope *scope)
{
    dew_list_push_back(&worker->scopes, &scope->of_maker);
    scope->app = worker->app;
    scope->began_at = dew_topics_now(dew_live_topics(worker->app->live));
    scope->context = worker->app->config.context;
    scope->provided = worker->app->config.deps;
    scope->orphans = &worker->orphans;
    scope->loop = worker->loop;
    scope->sql = worker->sql;
    scope->offload = worker->app->offload;
    scope->source = &asker_source;
    scope->source_context = base;
    scope->identify = scope_identify;
}

static bool asker_get(dew_asker *base, dew_input_kind kind, dew_str name, dew_str *value)
{
    app_asker *asker = asker_of(base);
    switch (kind) {
    case DEW_INPUT_IDENTITY:
        *value = app_asker_identity(base);
        break;
    case DEW_INPUT_COOKIE:
        *value = cookie(asker, name);
        break;
    case DEW_INPUT_HEADER:
        *value = header(asker, name);
        break;
    case DEW_INPUT_PATTERN:
    case DEW_INPUT_PARAM:
    case DEW_INPUT_QUERY:
        *value = located(asker, kind, name.ptr);
        break;
    }
    return true;
}

static void asker_destroy(dew_asker *base)
{
    app_asker *asker = asker_of(base);
    dew_arena_dispose(&asker->arena);
    if (asker->under != NULL)
        dew_asker_unref(&asker->under->base);
    free(asker);
}

/* Where headers come from: the i-th of them, false past the end. */
typedef bool header_at_fn(const void *from, size_t i, dew_str *name, dew_str *value);

static dew_str put(char **at, dew_str text)
{
    char *to = *at;
    if (text.len != 0)
        memcpy(to, text.ptr, text.len);
    to[text.len] = '\0';
    *at = to + text.len + 1;
    return dew_str_make(to, text.len);
}

static bool no_header(const void *from, size_t i, dew_str *name, dew_str *value)
{
    (void)from, (void)i, (void)name, (void)value;
    return false;
}

static dew_asker *create(app_worker *worker, header_at_fn *at, const void *from, dew_str location)
{
    size_t count = 0, len = location.len + 1;
    dew_str name, value;
    for (; at(from, count, &name, &value); count++)
        len += name.len + value.len + 2;
    app_asker *asker = malloc(sizeof *asker + count * sizeof *asker->headers + len);
    if (asker == NULL)
        return NULL;
    *asker = (app_asker){ .base = { .refs = 1, .get = asker_get, .destroy = asker_destroy },
                          .worker = worker,
                          .count = count };
    dew_arena_init(&asker->arena, ASKER_ARENA_MAX);
    char *text = (char *)(asker->headers + count);
    asker->location = put(&text, location);
    for (size_t i = 0; i < count; i++) {
        at(from, i, &name, &value);
        asker->headers[i].name = put(&text, name);
        asker->headers[i].value = put(&text, value);
    }
    return &asker->base;
}

static bool request_header(const void *from, size_t i, dew_str *name, dew_str *value)
{
    return dew_http_request_header_at(from, i, name, value);
}

dew_asker *app_asker_of_request(app_worker *worker, const dew_http_request *request)
{
    return create(worker, request_header, request, (dew_str){ NULL, 0 });
}

dew_asker *app_asker_of_page(app_worker *worker, const dew_http_request *request)
{
    return create(worker, request_header, request, dew_http_request_target(request));
}

static bool list_header(const void *from, size_t i, dew_str *name, dew_str *value)
{
    app_header_list list = from;
    if (list == NULL || list[2 * i] == NULL || list[2 * i + 1] == NULL)
        return false;
    *name = dew_str_of(list[2 * i]);
    *value = dew_str_of(list[2 * i + 1]);
    return true;
}

dew_asker *app_asker_of_list(app_worker *worker, app_header_list headers, dew_str location)
{
    return create(worker, list_header, headers, location);
}

/* Is there a page? */
static int check_location(const dew_app *app, dew_str location, dew_error *error)
{
    dew_arena arena;
    dew_match match;
    if (location.len > APP_LOCATION_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "location: longer than %d bytes", APP_LOCATION_MAX);
    dew_arena_init(&arena, ASKER_ARENA_MAX);
    dew_router_match(app->router, &arena, location, &match);
    int code = match.code;
    if (code != 0)
        dew_error_set(error, code, "location: %s", match.error.message);
    dew_arena_dispose(&arena);
    return code;
}

int app_asker_at(app_worker *worker, dew_asker *asker, dew_str location, dew_asker **out, dew_error *error)
{
    if (dew_str_eq(location, asker_of(asker)->location)) {
        *out = dew_asker_ref(asker);
        return 0;
    }
    int code = check_location(worker->app, location, error);
    if (code != 0)
        return code;
    dew_asker *made = create(worker, no_header, NULL, location);
    if (made == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    app_asker *under = asker_of(asker);
    asker_of(made)->under = asker_of(dew_asker_ref(under->under != NULL ? &under->under->base : asker));
    *out = made;
    return 0;
}
