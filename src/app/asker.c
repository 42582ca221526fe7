/* asker.c - see asker.h. The text stands behind the headers, in the same block. */
#include "app/asker.h"

#include "http/cookie.h"
#include "http/token.h"

#include <stdlib.h>

typedef struct app_asker {
    dew_asker base;
    app_worker *worker;
    dew_arena arena; /* of identify and its result */
    dew_str identity;
    bool is_identified;
    size_t count;
    dew_http_header headers[];
} app_asker;

/* Memory that identify may use. */
#define IDENTIFY_ARENA_MAX ((size_t)1 << 20)

static dew_str header(const app_asker *asker, dew_str name)
{
    for (size_t i = 0; i < asker->count; i++)
        if (dew_http_eq_nocase(asker->headers[i].name, name))
            return asker->headers[i].value;
    return (dew_str){ NULL, 0 };
}

static dew_str cookie(const app_asker *asker, dew_str name)
{
    return dew_cookie_get(header(asker, DEW_S("cookie")), name);
}

dew_str app_asker_identity(dew_asker *base)
{
    app_asker *asker = dew_container_of(base, app_asker, base);
    dew_app *app = asker->worker->app;
    if (asker->is_identified || app->config.identify == NULL)
        return asker->identity;
    asker->is_identified = true;
    dew_arena_init(&asker->arena, IDENTIFY_ARENA_MAX);
    dew_scope scope;
    dew_scope_init(&scope, &asker->arena);
    app_asker_scope(base, asker->worker, &scope);
    scope.is_identifying = true; /* what it reads is not noted: the identity stands for it */
    asker->identity = dew_arena_str(&asker->arena, app->config.identify(&scope));
    dew_scope_dispose(&scope);
    return asker->identity;
}

static dew_str scope_identify(dew_scope *scope)
{
    return app_asker_identity(scope->source_context);
}

static dew_str asked_cookie(void *context, const char *name)
{
    return cookie(dew_container_of((dew_asker *)context, app_asker, base), dew_str_of(name));
}

static dew_str asked_header(void *context, const char *name)
{
    return header(dew_container_of((dew_asker *)context, app_asker, base), dew_str_of(name));
}

static const dew_scope_source asker_source = { asked_cookie, asked_header };

void app_asker_scope(dew_asker *base, app_worker *worker, dew_scope *scope)
{
    scope->app = worker->app;
    scope->context = worker->app->config.context;
    scope->provided = worker->app->config.deps;
    scope->loop = worker->loop;
    scope->sql = worker->sql;
    scope->offload = worker->app->offload;
    scope->source = &asker_source;
    scope->source_context = base;
    scope->identify = scope_identify;
}

static bool asker_get(dew_asker *base, dew_input_kind kind, dew_str name, dew_str *value)
{
    app_asker *asker = dew_container_of(base, app_asker, base);
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
    }
    return true;
}

static void asker_destroy(dew_asker *base)
{
    app_asker *asker = dew_container_of(base, app_asker, base);
    if (asker->is_identified)
        dew_arena_dispose(&asker->arena);
    free(asker);
}

/* Where headers come from: the i-th of them, false past the end. */
typedef bool header_at_fn(const void *from, size_t i, dew_str *name, dew_str *value);

static dew_asker *create(app_worker *worker, header_at_fn *at, const void *from)
{
    size_t count = 0, len = 0;
    dew_str name, value;
    for (; at(from, count, &name, &value); count++)
        len += name.len + value.len + 2;
    app_asker *asker = malloc(sizeof *asker + count * sizeof *asker->headers + len);
    if (asker == NULL)
        return NULL;
    *asker = (app_asker){ .base = { .refs = 1, .get = asker_get, .destroy = asker_destroy },
                          .worker = worker,
                          .count = count };
    char *text = (char *)(asker->headers + count);
    for (size_t i = 0; i < count; i++) {
        at(from, i, &name, &value);
        dew_str *both[] = { &name, &value };
        for (size_t k = 0; k < 2; k++) {
            if (both[k]->len != 0)
                memcpy(text, both[k]->ptr, both[k]->len);
            text[both[k]->len] = '\0';
            both[k]->ptr = text;
            text += both[k]->len + 1;
        }
        asker->headers[i] = (dew_http_header){ name, value };
    }
    return &asker->base;
}

static bool request_header(const void *from, size_t i, dew_str *name, dew_str *value)
{
    return dew_http_request_header_at(from, i, name, value);
}

dew_asker *app_asker_of_request(app_worker *worker, const dew_http_request *request)
{
    return create(worker, request_header, request);
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

dew_asker *app_asker_of_list(app_worker *worker, app_header_list headers)
{
    return create(worker, list_header, headers);
}
