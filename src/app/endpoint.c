/* endpoint.c - see endpoint.h.
 *
 *     address → endpoint by method → from another site? → JSON of path, query and body, merged → invocation → answer
 *
 * The merged text is the body's object with the other fields behind its own: what is wrong with a field is then found in one
 * place, by the reader of typed JSON. The worker's thread, but for making. */
#include "app/endpoint.h"

#include "app/asker.h"
#include "app/invoke.h"
#include "app/origin.h"
#include "app/reply.h"
#include "base/format.h"
#include "base/outcome.h"
#include "base/url.h"
#include "http/token.h"
#include "page/field.h"
#include "page/router.h"
#include "type/json.h"

#include <stdlib.h>

/* Longest arguments, the three places together. */
#define ENDPOINT_ARGS_MAX ((size_t)2 << 20)
/* Longest Allow. */
#define ALLOW_MAX 64

typedef struct app_endpoint {
    const dew_registered *entry;
    dew_http_method method;
    const char *pattern;                   /* within the entry's name */
    unsigned fields[DEW_ROUTE_PARAMS_MAX]; /* of the arguments: for each parameter of the pattern, in order */
    struct app_endpoint *next;             /* at the same address, by another method */
} app_endpoint;

static const dew_http_method methods[] = { DEW_HTTP_GET, DEW_HTTP_POST, DEW_HTTP_PUT, DEW_HTTP_PATCH, DEW_HTTP_DELETE };
#define METHOD_COUNT (sizeof methods / sizeof *methods)

/* ---- making ---- */

static int method_set(app_endpoint *endpoint, dew_error *error)
{
    const char *name = endpoint->entry->fn->name, *space = strchr(name, ' ');
    dew_str given = dew_str_make(name, (size_t)(space - name));
    endpoint->pattern = space + 1;
    for (size_t i = 0; i < METHOD_COUNT; i++)
        if (dew_str_eq(given, dew_str_of(dew_http_method_name(methods[i])))) {
            endpoint->method = methods[i];
            return 0;
        }
    return dew_error_set(error, DEW_E_INVALID, "endpoint %s: the method is one of GET, POST, PUT, PATCH and DELETE",
                         name);
}

static int fields_set(app_endpoint *endpoint, dew_error *error)
{
    const dew_fn *fn = endpoint->entry->fn;
    const dew_type *type = fn->args();
    unsigned count = 0;
    for (const char *at = strchr(endpoint->pattern, ':'); at != NULL; at = strchr(at + 1, ':')) {
        if (at[-1] != '/')
            continue;
        dew_str name = dew_str_make(at + 1, strcspn(at + 1, "/"));
        const dew_field *field = dew_field_named(type, name);
        if (field == NULL || !dew_field_is_scalar(field))
            return dew_error_set(error, DEW_E_INVALID, "endpoint %s: :%.*s is no field of %s that an address can give",
                                 fn->name, (int)name.len, name.ptr, type->name);
        for (unsigned i = 0; i < count; i++)
            if (endpoint->fields[i] == (unsigned)(field - type->fields))
                return dew_error_set(error, DEW_E_INVALID, "endpoint %s: :%.*s stands there twice", fn->name,
                                     (int)name.len, name.ptr);
        endpoint->fields[count++] = (unsigned)(field - type->fields);
    }
    return 0;
}

static bool is_own(const char *pattern)
{
    dew_str text = dew_str_of(pattern);
    return dew_str_eq(text, DEW_S("/health")) || dew_str_eq(text, DEW_S("/_dew")) ||
           dew_str_starts_with(text, DEW_S("/_dew/"));
}

static int endpoint_place(dew_app *app, app_endpoint *endpoint, dew_error *error)
{
    const char *name = endpoint->entry->fn->name;
    void **place;
    int code = method_set(endpoint, error);
    if (code == 0 && is_own(endpoint->pattern))
        code = dew_error_set(error, DEW_E_INVALID, "endpoint %s: this address is Dew's own", name);
    if (code == 0)
        code = dew_router_place(app->router, "endpoint", endpoint->pattern, &place, error);
    if (code == 0)
        code = fields_set(endpoint, error); /* the pattern is one: it has no more parameters than there is room */
    if (code != 0)
        return code;
    for (app_endpoint *other = *place; other != NULL; other = other->next)
        if (other->method == endpoint->method)
            return dew_error_set(error, DEW_E_INVALID, "endpoints %s and %s have the same address",
                                 other->entry->fn->name, name);
    endpoint->next = *place;
    *place = endpoint;
    return 0;
}

int app_endpoints_make(dew_app *app, dew_error *error)
{
    const dew_registry *registry = &app->registry;
    size_t count = 0;
    for (size_t i = 0; i < registry->count; i++)
        count += registry->items[i].fn->kind == DEW_FN_ENDPOINT;
    if (count == 0)
        return 0;
    app_endpoint *endpoint = app->endpoints = calloc(count, sizeof *endpoint);
    if (endpoint == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    int code = 0;
    for (size_t i = 0; i < registry->count && code == 0; i++) {
        if (registry->items[i].fn->kind != DEW_FN_ENDPOINT)
            continue;
        endpoint->entry = &registry->items[i];
        code = endpoint_place(app, endpoint++, error);
    }
    return code;
}

/* ---- arguments ---- */

/* What one request's arguments are read with. */
typedef struct reading {
    const dew_type *type;
    dew_arena *arena;
    dew_buf text;       /* the merged JSON, without its end */
    bool is_empty;      /* no field stands in it yet */
    const char **given; /* for each field, where it was given: "path", "query string"; NULL: not yet */
    void *scratch;      /* a value of the type */
    dew_error *error;
} reading;

static int put(reading *r, const dew_field *field, dew_str text, const char *where)
{
    const char **given = &r->given[field - r->type->fields];
    if (*given != NULL)
        return dew_error_set(r->error, DEW_E_TYPE, "%s: given twice, in the %s and in the %s", field->name, *given,
                             where);
    *given = where;
    int code = dew_field_read(r->arena, field, text, r->scratch, r->error);
    if (code != 0)
        return code;
    if (!r->is_empty)
        dew_buf_put_char(&r->text, ',');
    r->is_empty = false;
    dew_buf_put_char(&r->text, '"');
    dew_buf_put_str(&r->text, dew_field_name(field)); /* a name of C: nothing to escape */
    dew_buf_put_lit(&r->text, "\":");
    const char *member = (const char *)r->scratch + field->offset + field->value_offset;
    return dew_json_write(&r->text, field->type(), member, r->error);
}

/* The body's object, but for its closing brace; a body of nothing is an object of nothing. */
static int put_body(reading *r, dew_str body)
{
    static const char space[] = " \t\r\n";
    r->is_empty = true;
    if (body.len == 0) {
        dew_buf_put_char(&r->text, '{');
        return 0;
    }
    int code = dew_json_check(body, "body", r->error);
    if (code != 0)
        return code;
    body.len--; /* of the last that is no space, below: the text is JSON, and has one */
    while (strchr(space, body.ptr[body.len]) != NULL)
        body.len--;
    size_t at = strspn(body.ptr, space);
    if (body.ptr[at] != '{')
        return dew_error_set(r->error, DEW_E_TYPE, "body: expected an object");
    r->is_empty = at + 1 + strspn(body.ptr + at + 1, space) == body.len;
    dew_buf_put_str(&r->text, body);
    return 0;
}

static int put_query(reading *r, dew_str query)
{
    dew_str raw_name, raw, name, text;
    int code = 0;
    while (code == 0 && dew_url_next_pair(&query, &raw_name, &raw)) {
        code = dew_url_decode(r->arena, raw_name, true, &name);
        if (code == 0)
            code = dew_url_decode(r->arena, raw, true, &text);
        if (code != 0)
            return dew_error_set(r->error, code, "the query string is not well-formed text");
        const dew_field *field = dew_field_named(r->type, name);
        if (field == NULL)
            return dew_error_set(r->error, DEW_E_TYPE, "%.*s: unknown field", (int)(name.len < 64 ? name.len : 64),
                                 name.ptr);
        code =
            dew_field_is_scalar(field)
                ? put(r, field, text, "query string")
                : dew_error_set(r->error, DEW_E_TYPE, "%s: a query string cannot give it, the body can", field->name);
    }
    return code;
}

/* The reader finds a field of path or query string in the body as well: says so in the words of this place. */
static void name_double(const reading *r)
{
    static const char words[] = ": the field stands there twice";
    for (unsigned i = 0; i < r->type->field_count; i++) {
        const dew_field *field = &r->type->fields[i];
        if (r->given[i] != NULL && strncmp(r->error->message, field->name, field->name_len) == 0 &&
            strncmp(r->error->message + field->name_len, words, sizeof words - 1) == 0) {
            dew_error_set(r->error, DEW_E_TYPE, "%s: given twice, in the %s and in the body", field->name, r->given[i]);
            return;
        }
    }
}

static int read_merged(reading *r, const app_endpoint *endpoint, const dew_match *match, dew_str body, void *args)
{
    int code = put_body(r, body);
    for (int i = 0; i < match->value_count && code == 0; i++) {
        code = put(r, &r->type->fields[endpoint->fields[i]], match->values[i], "path");
        if (code != 0 && code != DEW_E_NOMEM)
            code = r->error->code = DEW_E_NOT_FOUND; /* there is no such address */
    }
    if (code == 0)
        code = put_query(r, match->query);
    dew_buf_put_char(&r->text, '}');
    if (code == 0 && r->text.error != 0)
        code = dew_error_set(r->error, r->text.error, "the arguments are longer than %zu bytes", ENDPOINT_ARGS_MAX);
    if (code == 0)
        code = dew_json_read(r->arena, dew_buf_str(&r->text), r->type, args, NULL, r->error);
    if (code != 0)
        name_double(r);
    return code;
}

/* *args of the endpoint's type, in the arena: 0, or *error says what is wrong. */
static int args_read(const app_endpoint *endpoint, const dew_match *match, dew_str body, dew_arena *arena, void **args,
                     dew_error *error)
{
    const dew_type *type = endpoint->entry->fn->args();
    reading r = { .type = type, .arena = arena, .error = error };
    r.given = dew_arena_calloc(arena, type->field_count + 1u, sizeof *r.given);
    r.scratch = dew_arena_calloc(arena, 1, type->size);
    *args = dew_arena_calloc(arena, 1, type->size);
    if (r.given == NULL || r.scratch == NULL || *args == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "%s", dew_error_text(DEW_E_NOMEM));
    dew_buf_init(&r.text, ENDPOINT_ARGS_MAX);
    int code = read_merged(&r, endpoint, match, body, *args);
    dew_buf_dispose(&r.text);
    return code;
}

/* ---- the call ---- */

typedef struct endpoint_request {
    dew_http_request *request;
    const app_endpoint *endpoint;
    app_invocation *invocation;
} endpoint_request;

static void invoked(void *owner, const app_outcome *outcome)
{
    endpoint_request *e = owner;
    int status;
    dew_str location;
    if (outcome->code == DEW_E_REDIRECT && dew_redirect_parse(outcome->message, &status, &location))
        app_reply_redirect(e->request, status, location);
    else if (outcome->code != 0)
        app_reply_error(e->request, outcome->code, outcome->message);
    else if (e->endpoint->entry->fn->value == dew_tf_dew_none)
        (void)dew_http_respond(e->request, &(dew_http_response){ .status = 204,
                                                                 .head_lines = DEW_S("Cache-Control: no-store\r\n") });
    else
        app_reply_json(e->request, 200, outcome->value);
}

static void gone(dew_http_request *request, void *data)
{
    endpoint_request *e = data;
    app_invocation_leave(e->invocation);
    dew_http_abandon(request);
}

static void start(app_worker *worker, dew_http_request *request, const app_endpoint *endpoint, const void *args)
{
    endpoint_request *e = dew_arena_calloc(dew_http_request_arena(request), 1, sizeof *e);
    dew_asker *asker = e != NULL ? app_asker_of_request(worker, request) : NULL;
    if (asker != NULL) {
        *e = (endpoint_request){ .request = request, .endpoint = endpoint };
        const app_call call = { .entry = endpoint->entry, .typed_args = args };
        e->invocation = app_invoke(worker, &call, asker, invoked, e);
    }
    dew_asker_unref(asker);
    if (e == NULL || e->invocation == NULL)
        (void)dew_http_respond_error(request, DEW_E_NOMEM, NULL);
    else
        dew_http_request_watch(request, &(dew_http_watch){ .on_gone = gone, .data = e });
}

static bool is_read(dew_http_method method)
{
    return method == DEW_HTTP_GET || method == DEW_HTTP_HEAD;
}

static dew_str media_type(const dew_http_request *request)
{
    dew_str type = dew_http_request_header(request, DEW_S("content-type"));
    size_t len = 0;
    while (len < type.len && type.ptr[len] != ';' && type.ptr[len] != ' ')
        len++;
    return dew_str_make(type.ptr, len);
}

static void answer(app_worker *worker, dew_http_request *request, const app_endpoint *endpoint, const dew_match *match)
{
    dew_error error = { 0 };
    dew_str body = is_read(endpoint->method) ? (dew_str){ "", 0 } : dew_http_request_body(request);
    if (!is_read(endpoint->method) && app_origin_check(request) != 0) {
        (void)dew_http_respond_error(request, DEW_E_DENIED, "this request comes from another site");
        return;
    }
    if (body.len != 0 && !dew_http_eq_nocase(media_type(request), DEW_S("application/json"))) {
        (void)dew_http_respond_error(request, DEW_E_MEDIA_TYPE, "send application/json");
        return;
    }
    dew_arena arena;
    void *args;
    dew_arena_init(&arena, DEW_APP_REQUEST_ARENA_MAX);
    int code = args_read(endpoint, match, body, &arena, &args, &error);
    if (code == 0)
        start(worker, request, endpoint, args);
    else
        (void)dew_http_respond_error(request, code, error.message);
    dew_arena_dispose(&arena);
}

/* Another method than those of this address: 405, and to OPTIONS the list. */
static void refuse(dew_http_request *request, const app_endpoint *first)
{
    char allow[ALLOW_MAX] = "";
    for (size_t i = 0; i < METHOD_COUNT; i++)
        for (const app_endpoint *endpoint = first; endpoint != NULL; endpoint = endpoint->next)
            if (endpoint->method == methods[i])
                dew_format(allow + strlen(allow), sizeof allow - strlen(allow), "%s%s%s", allow[0] != '\0' ? ", " : "",
                           dew_http_method_name(methods[i]), methods[i] == DEW_HTTP_GET ? ", HEAD" : "");
    if (dew_http_request_method(request) != DEW_HTTP_OPTIONS) {
        app_reply_method(request, allow);
        return;
    }
    dew_http_header header = { DEW_S("Allow"), dew_str_of(allow) };
    (void)dew_http_respond(request, &(dew_http_response){ .status = 204, .headers = &header, .header_count = 1 });
}

bool app_endpoint_handle(app_worker *worker, dew_http_request *request)
{
    if (worker->app->endpoints == NULL)
        return false; /* pages need not pay for what is not there */
    dew_match match;
    dew_http_method method = dew_http_request_method(request);
    dew_arena *arena = dew_http_request_arena(request);
    const app_endpoint *first = dew_router_find(worker->app->router, arena, dew_http_request_target(request), &match);
    if (first == NULL) {
        if (is_read(method) || match.redirect.len == 0)
            return false;
        app_reply_redirect(request, 308, match.redirect);
        return true;
    }
    if (match.code != 0) {
        (void)dew_http_respond_error(request, match.code, NULL);
        return true;
    }
    const app_endpoint *endpoint = first;
    while (endpoint != NULL && endpoint->method != (method == DEW_HTTP_HEAD ? DEW_HTTP_GET : method))
        endpoint = endpoint->next;
    if (endpoint != NULL)
        answer(worker, request, endpoint, &match);
    else
        refuse(request, first);
    return true;
}
