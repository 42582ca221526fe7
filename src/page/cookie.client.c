/* cookie.client.c - cookies of the program: read from document.cookie at the first use in a row of passes, and at each use in a
 * handler; written there. See cookied.h. */
#include "page/cookied.h"
#include "page/host.h"

#include <stdlib.h>

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))
#define VALUE_MAX (1u << 20) /* memory of a cookie's value, text and typed */

/* Writes the cookie as it is sent into the host's text (host.h); false: there is none. */
IMPORT(cookie) bool host_cookie(const char *name);
/* max_age: dew_cookied_age_s. `path` and `domain` may be NULL. */
IMPORT(set_cookie)
void host_set_cookie(const char *name, const char *text, int max_age, const char *path, const char *domain,
                     int same_site);

static dew_cookied *cookies; /* set by dew_cookied_of alone, as `stores` in store.client.c */

static dew_arena *arena_create(void)
{
    dew_arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL)
        __builtin_trap();
    dew_arena_init(arena, VALUE_MAX);
    return arena;
}

static void value_read(dew_cookied *cookied, dew_str text)
{
    if (!dew_cookie_value_read(&cookied->shown, cookied->cookie, text))
        __builtin_trap();
}

static bool is_same(dew_str a, dew_str b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && dew_str_eq(a, b);
}

/* As the browser has it now. */
static void refresh(dew_cookied *cookied)
{
    dew_str text = host_cookie(cookied->cookie->name) ? dew_host_text() : (dew_str){ NULL, 0 };
    if (text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"') /* as the server reads it */
        text = dew_str_make(text.ptr + 1, text.len - 2);
    if (cookied->shown.value != NULL && is_same(text, cookied->shown.text))
        return;
    dew_arena_reset(cookied->shown.arena);
    value_read(cookied, text);
    cookied->version++;
}

void dew_cookied_refresh(dew_cookied *cookied)
{
    if (!cookied->is_fresh)
        refresh(cookied);
    cookied->is_fresh = dew_render_current() != NULL;
}

static dew_cookied *create(const dew_cookie *cookie)
{
    dew_cookied *cookied = calloc(1, sizeof *cookied);
    if (cookied == NULL)
        __builtin_trap();
    cookied->cookie = cookie;
    cookied->shown.arena = arena_create();
    cookied->staged.arena = arena_create();
    return cookied;
}

dew_cookied *dew_cookied_of(const dew_cookie *cookie)
{
    dew_cookied **place = &cookies;
    while (*place != NULL && (*place)->cookie != cookie)
        place = &(*place)->next;
    if (*place == NULL)
        *place = create(cookie);
    dew_cookied_refresh(*place);
    return *place;
}

void dew_cookied_clear(dew_cookied *cookied)
{
    dew_arena_reset(cookied->staged.arena);
}

/* What a view says over and over is written when it is new; what a handler sets, always, and so lasts longer. */
void dew_cookied_write(dew_cookied *cookied, bool is_new)
{
    const dew_cookie *cookie = cookied->cookie;
    const dew_cookie_options *options = &cookie->options;
    if (!is_new && dew_render_current() != NULL)
        return;
    host_set_cookie(cookie->name, cookied->shown.text.ptr, dew_cookied_age_s(cookied), options->path, options->domain,
                    (int)options->same_site);
}

const char *dew_cookies_changed(void)
{
    for (const dew_cookied *cookied = cookies; cookied != NULL; cookied = cookied->next)
        if (cookied->is_read && dew_cookied_differs(cookied))
            return cookied->cookie->name;
    return NULL;
}

void dew_cookies_commit(void)
{
    for (dew_cookied *cookied = cookies; cookied != NULL; cookied = cookied->next)
        dew_cookied_commit(cookied);
}

void dew_cookies_drop(void)
{
    for (dew_cookied *cookied = cookies; cookied != NULL; cookied = cookied->next)
        cookied->is_staged = cookied->is_read = cookied->is_fresh = false;
}

void dew_cookies_settled(void)
{
    for (dew_cookied *cookied = cookies; cookied != NULL; cookied = cookied->next)
        cookied->is_fresh = false;
}
