/* scope.c - the request scope: accessors that note what they hand out, failure.
 *
 * Ending and children are in tree.c, waiting (dew_sleep, dew_offload) in wait.c, dependencies in deps.c. Runs on the scope's worker only. Invariant: `inputs` is sorted by
 * (kind, name) and has no two entries of the same, so that equal inputs give equal keys whatever the order of reads. */
#include "scope/scope.h"

#include "base/format.h"

#include <dew/location.h>

#include <stdarg.h>

void dew_scope_replay(dew_scope *scope, const dew_scope_input *inputs)
{
    scope->replay = inputs;
    scope->is_replay = true;
}

dew_arena *dew_scope_arena(dew_scope *scope)
{
    return scope->arena;
}

struct dew_app *dew_scope_app(dew_scope *scope)
{
    return scope->app;
}

void *dew_scope_context(dew_scope *scope)
{
    return scope->context;
}

/* ---- inputs ---- */

static int compare(dew_input_kind kind, dew_str name, const dew_scope_input *input)
{
    if (kind != input->kind)
        return kind < input->kind ? -1 : 1;
    return dew_str_cmp(name, input->name);
}

static const dew_scope_input *find(const dew_scope_input *list, dew_input_kind kind, dew_str name)
{
    for (; list != NULL; list = list->next)
        if (compare(kind, name, list) == 0)
            return list;
    return NULL;
}

/* Notes an input and returns its value as kept. Memory that runs out, or too many inputs, fail the handler: a result
 * that is keyed by less than it read must not be shared. */
static dew_str note(dew_scope *scope, dew_input_kind kind, dew_str name, dew_str value)
{
    dew_str none = { NULL, 0 };
    if (scope->input_count >= DEW_SCOPE_INPUTS_MAX) {
        dew_fail(scope, DEW_E_LIMIT, "%s reads more than %d cookies, headers and parameters",
                 scope->name ? scope->name : "the handler", DEW_SCOPE_INPUTS_MAX);
        return none;
    }
    dew_scope_input *input = dew_arena_calloc(scope->arena, 1, sizeof *input);
    dew_str kept_name = dew_arena_str(scope->arena, name);
    dew_str kept_value = dew_arena_str(scope->arena, value);
    if (input == NULL || kept_name.ptr == NULL || kept_value.ptr == NULL) {
        dew_fail(scope, DEW_E_NOMEM, "out of memory");
        return none;
    }
    dew_scope_input **at = &scope->inputs;
    while (*at != NULL && compare(kind, name, *at) > 0)
        at = &(*at)->next;
    *input = (dew_scope_input){ *at, kind, kept_name, kept_value };
    *at = input;
    scope->input_count++;
    return kept_value;
}

static dew_str replayed(dew_scope *scope, dew_input_kind kind, dew_str name)
{
    const dew_scope_input *input = find(scope->replay, kind, name);
    if (input == NULL) {
        scope->missed = true;
        return (dew_str){ NULL, 0 };
    }
    return input->value;
}

dew_str dew_scope_identity(dew_scope *scope)
{
    scope = dew_scope_root(scope);
    dew_str name = { NULL, 0 }, value = { NULL, 0 };
    const dew_scope_input *known = find(scope->inputs, DEW_INPUT_IDENTITY, name);
    if (known != NULL)
        return known->value;
    if (scope->is_replay) {
        value = replayed(scope, DEW_INPUT_IDENTITY, name);
    } else if (scope->identify != NULL && !scope->is_identifying) {
        /* what identify reads is not noted: the identity stands for it */
        scope->is_identifying = true;
        value = scope->identify(scope);
        scope->is_identifying = false;
    }
    return note(scope, DEW_INPUT_IDENTITY, name, value);
}

static dew_str from_source(dew_scope *scope, dew_input_kind kind, const char *name)
{
    const dew_scope_source *source = scope->source;
    if (source == NULL)
        return (dew_str){ NULL, 0 };
    if (kind == DEW_INPUT_COOKIE)
        return source->cookie(scope->source_context, name);
    if (kind == DEW_INPUT_HEADER)
        return source->header(scope->source_context, name);
    if (source->location == NULL || scope->is_identifying) /* who it is does not depend on where */
        return (dew_str){ NULL, 0 };
    return source->location(scope->source_context, kind, name);
}

static dew_str named_input(dew_scope *scope, dew_input_kind kind, dew_str name, const char *c_name)
{
    scope = dew_scope_root(scope);
    if (scope->is_identifying)
        return from_source(scope, kind, c_name);
    const dew_scope_input *known = find(scope->inputs, kind, name);
    if (known != NULL)
        return known->value;
    return note(scope, kind, name, scope->is_replay ? replayed(scope, kind, name) : from_source(scope, kind, c_name));
}

dew_str dew_scope_cookie(dew_scope *scope, const char *name)
{
    return named_input(scope, DEW_INPUT_COOKIE, dew_str_of(name), name);
}

dew_str dew_scope_header(dew_scope *scope, const char *name)
{
    char lower[128];
    size_t len = strlen(name);
    if (len >= sizeof lower)
        return (dew_str){ NULL, 0 };
    for (size_t i = 0; i <= len; i++)
        lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    return named_input(scope, DEW_INPUT_HEADER, dew_str_make(lower, len), lower);
}

/* ---- where the reader is ---- */

const char *dew_scope_pattern(dew_scope *scope)
{
    dew_str pattern = named_input(scope, DEW_INPUT_PATTERN, (dew_str){ NULL, 0 }, "");
    return pattern.len != 0 ? pattern.ptr : "";
}

dew_str dew_scope_param(dew_scope *scope, const char *name)
{
    return named_input(scope, DEW_INPUT_PARAM, dew_str_of(name), name);
}

dew_str dew_scope_query(dew_scope *scope, const char *name)
{
    return named_input(scope, DEW_INPUT_QUERY, dew_str_of(name), name);
}

/* ---- failing ---- */

int dew_fail(dew_scope *scope, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    scope->error.code = code;
    dew_vformat(scope->error.message, sizeof scope->error.message, format, args);
    va_end(args);
    return code;
}

const dew_error *dew_scope_error(const dew_scope *scope)
{
    return &scope->error;
}

const char *dew_scope_words(const dew_scope *scope, int code)
{
    if (scope->error.code == code && scope->error.message[0] != '\0')
        return scope->error.message;
    if (scope->passed_on.code == code && scope->passed_on.message[0] != '\0')
        return scope->passed_on.message;
    if (scope->ended == code && (scope->cause.end == DEW_END_DRAINING || scope->cause.end == DEW_END_PROGRAM))
        return scope->cause.text;
    return dew_error_text(code);
}

/* ---- text ---- */

dew_str dew_scope_fmt(dew_scope *scope, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t len = dew_vformat(NULL, 0, format, args);
    va_end(args);
    char *text = dew_arena_alloc(scope->arena, len + 1);
    if (text == NULL) {
        dew_fail(scope, DEW_E_NOMEM, "out of memory");
        return (dew_str){ "", 0 };
    }
    va_start(args, format);
    dew_vformat(text, len + 1, format, args);
    va_end(args);
    return dew_str_make(text, len);
}
