/* render.c - the render that is going on, as far as both sides share it: problems, calls, formatted strings, numbers.
 * On the worker that renders; native and wasm32. See render.h. */
#include "view/view_internal.h"

#include "base/format.h"
#include "base/sanitizer.h"
#include "base/utf8.h"
#include "type/json.h"
#include "view/url.h"

#include <stdarg.h>

#define ARGS_MAX (16u << 20) /* bytes of one call's arguments as JSON */

#ifndef dew_render_problem
void dew_render_problem(dew_render *render, const char *format, ...)
{
    if (render->problem_count++ != 0)
        return;
    va_list args;
    va_start(args, format);
    dew_vformat(render->problem.message, sizeof render->problem.message, format, args);
    va_end(args);
    render->problem.code = DEW_E_INVALID;
}

bool dew_el_broken_(const char *component)
{
    dew_render_problem(
        dew_render_current(),
        "%s: `break` inside el() { } leaves the element, not the loop around it: break outside its braces", component);
    return false;
}
#endif

#ifdef __wasm__
/* As JSON: so they outlive what they borrow, are compared by their bytes, and are what the host is given. */
const void *dew_call_keep(const dew_fn *fn, const void *args, size_t args_size)
{
    (void)args_size;
    static dew_buf json;
    if (json.max == 0)
        dew_buf_init(&json, ARGS_MAX);
    dew_buf_clear(&json);
    if (dew_json_write(&json, fn->args(), args, NULL) != 0)
        dew_buf_clear(&json);
    dew_str *kept = dew_arena_alloc(dew_render_current()->arena, sizeof *kept + json.len);
    if (kept == NULL)
        __builtin_trap();
    *kept = dew_str_make((char *)(kept + 1), json.len);
    memcpy(kept + 1, json.ptr, json.len);
    return kept;
}
#else
const void *dew_call_keep(const dew_fn *fn, const void *args, size_t args_size)
{
    (void)fn;
    dew_render *render = dew_render_current();
    void *copy = dew_arena_alloc(render->arena, args_size);
    if (copy == NULL)
        dew_render_fail(render, DEW_E_NOMEM);
    else
        memcpy(copy, args, args_size);
    return copy;
}
#endif

/* The common case of formatting: straight into the free part of the arena's chunk. Shorter than this is not tried. */
#define FORMAT_ROOM 256

/* Formats into the free part of the chunk and takes what it needed; NULL, and nothing taken, when it is too short.
 * *len is the text's length in any case. */
static char *format_in_place(size_t *len, const char *format, dew_arguments *arguments)
{
    dew_arena *arena = dew_render_latest()->arena;
    char *place = arena->at;
    size_t cap = (size_t)(arena->end - arena->at);
    if (cap < FORMAT_ROOM)
        cap = 0;
    DEW_UNPOISON(place, cap);
    *len = dew_format_arguments(place, cap, format, arguments);
    DEW_POISON(place, cap);
    if (*len >= cap)
        return NULL;
    char *taken = dew_arena_text(arena, *len); /* the same place, unless the end of the chunk is too near after all */
    return taken == place ? taken : NULL;
}

/* Room in the arena for a text of this length; NULL marks the render failed. */
static char *format_room(size_t len)
{
    dew_render *render = dew_render_latest();
    char *room = dew_arena_text(render->arena, len);
    if (room == NULL)
        dew_render_fail(render, DEW_E_NOMEM);
    return room;
}

const char *(dew_fmt)(const char *format, ...)
{
    size_t len;
    dew_arguments arguments;
    va_start(arguments.list, format);
    char *out = format_in_place(&len, format, &arguments);
    va_end(arguments.list);
    if (out == NULL && (out = format_room(len)) != NULL) {
        va_start(arguments.list, format);
        dew_format_arguments(out, len + 1, format, &arguments);
        va_end(arguments.list);
    }
    return out != NULL ? out : "";
}

#ifndef __wasm__ /* there it is the text of dew_fmt */
#define FORMAT_STACK 256

void dew_textf(const char *format, ...)
{
    char stack[FORMAT_STACK];
    char *out = stack;
    dew_arguments arguments;
    va_start(arguments.list, format);
    size_t len = dew_format_arguments(stack, sizeof stack, format, &arguments);
    va_end(arguments.list);
    if (len >= sizeof stack && (out = format_room(len)) != NULL) {
        va_start(arguments.list, format);
        dew_format_arguments(out, len + 1, format, &arguments);
        va_end(arguments.list);
    }
    if (out != NULL)
        dew_view_put_text(out, len);
}
#endif

void dew_text_str(dew_str text)
{
    dew_view_put_text(text.ptr, text.len);
}

/* The second byte's range decides whether a broken sequence goes on (Unicode 15, table 3-7). */
static size_t broken_len(const unsigned char *at, size_t left)
{
    unsigned char lead = at[0], low = 0x80, high = 0xbf;
    size_t whole = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4)
        return 1;
    if (lead == 0xe0)
        low = 0xa0;
    else if (lead == 0xed)
        high = 0x9f;
    else if (lead == 0xf0)
        low = 0x90;
    else if (lead == 0xf4)
        high = 0x8f;
    if (left < 2 || at[1] < low || at[1] > high)
        return 1;
    size_t len = 2;
    while (len < whole && len < left && (at[len] & 0xc0) == 0x80)
        len++;
    return len;
}

size_t dew_text_step(const char *at, const char *end, bool *is_text)
{
    size_t len = dew_utf8_sequence_len(at, end);
    *is_text = len != 0 && *at != '\0';
    return len != 0 ? len : broken_len((const unsigned char *)at, (size_t)(end - at));
}

const char *dew_url_checked(dew_render *render, int tag, const char *name, const char *url)
{
    if (dew_url_is_safe(tag, name, url))
        return url;
    dew_render_problem(render, "<%s %s=\"%.40s\">: this address would run code; it was left out", dew_tag_name(tag),
                       name, url);
    return dew_url_refused(name);
}

static bool is_name_char(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || c == '_';
    return letter || (!first && ((c >= '0' && c <= '9') || c == '-' || c == ':' || c == '.'));
}

/* Lower case, but for those that HTML's parser knows (foreign.c): then the parser changes nothing, and no spelling of a name slips past the tests for it.
 * xlink:href is of another namespace, which setAttribute does not give it: href does the same. */
bool dew_attr_name_is_fit(const char *name)
{
    if ((name[0] == 'o' && name[1] == 'n') || dew_str_starts_with(dew_str_of(name), DEW_S("xlink:")))
        return false;
    if (dew_foreign_used && dew_attr_is_mixed(name))
        return true;
    for (const char *c = name; *c != '\0'; c++)
        if (!is_name_char(*c, c == name))
            return false;
    return name[0] != '\0' && strcmp(name, "srcdoc") != 0;
}

#define TAG_NAME_(name) [DEW_TAG_##name] = #name,
static const char *const tag_names[DEW_TAG_COUNT_] = { DEW_VOID_TAGS(TAG_NAME_) DEW_TAGS(TAG_NAME_)
                                                       DEW_FOREIGN_TAGS(TAG_NAME_)
                                                       [DEW_TAG_SCRIPT_] = "script" };

const char *dew_tag_name(int tag)
{
    return tag >= 0 && tag < DEW_TAG_COUNT_ && tag_names[tag] != NULL ? tag_names[tag] : "";
}
