/* router.client.c - the match in the browser. See router.h.
 *
 * The server has checked the pages and chosen one for this address already; here the same one is found by comparing all
 * patterns, which needs no table. Slashes at the end and prefixes without one do not get this far. */
#include "page/router.h"

#include <stdlib.h>

struct dew_router {
    const dew_site *site;
    dew_str prefix;
};

const dew_site *dew_router_site(const dew_router *router)
{
    return router->site;
}

dew_str dew_router_prefix(const dew_router *router)
{
    return router->prefix;
}

int dew_router_create(const dew_site *site, const char *url_prefix, dew_router **out, dew_error *error)
{
    (void)error;
    dew_router *router = malloc(sizeof *router);
    if (router == NULL)
        return DEW_E_NOMEM;
    *router = (dew_router){ site, dew_str_of(url_prefix) };
    *out = router;
    return 0;
}

void dew_router_destroy(dew_router *router)
{
    free(router);
}

static const char *pattern_of(const dew_page *page)
{
    return page->route != NULL ? page->route->pattern : page->path;
}

/* The length of the segment after the slash at `at`. */
static size_t segment_len(const char *at)
{
    size_t len = 0;
    while (at[1 + len] != '\0' && at[1 + len] != '/')
        len++;
    return len;
}

/* Does the pattern fit the segments? */
static bool fits(const char *pattern, const dew_str *segments, int count)
{
    int i = 0;
    for (; *pattern != '\0' && pattern[1] != '\0'; pattern += 1 + segment_len(pattern), i++) {
        if (i == count)
            return false;
        dew_str own = dew_str_make(pattern + 1, segment_len(pattern));
        if (own.ptr[0] != ':' && !dew_str_eq(own, segments[i]))
            return false;
    }
    return i == count;
}

/* Of two patterns that fit the same path: does a go before b? At the first difference, the literal does. */
static bool goes_before(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a += 1 + segment_len(a), b += 1 + segment_len(b))
        if ((a[1] == ':') != (b[1] == ':'))
            return b[1] == ':';
    return false;
}

dew_str dew_part_take(dew_str *parts)
{
    dew_str part = dew_str_of(parts->ptr);
    size_t gone = part.len < parts->len ? part.len + 1 : part.len;
    *parts = dew_str_make(parts->ptr + gone, parts->len - gone);
    return part;
}

int dew_match_query(const dew_match *match, dew_arena *arena, dew_str name, dew_str *value)
{
    (void)arena;
    for (dew_str rest = match->query; rest.len > 0;) {
        dew_str key = dew_part_take(&rest);
        *value = dew_part_take(&rest);
        if (dew_str_eq(key, name))
            return 0;
    }
    return DEW_E_NOT_FOUND;
}

void dew_router_match_parts(const dew_router *router, dew_arena *arena, dew_str location, dew_str parts, dew_match *out)
{
    dew_str segments[DEW_ROUTE_SEGMENTS_MAX];
    int count = 0;
    while (count < DEW_ROUTE_SEGMENTS_MAX && (segments[count] = dew_part_take(&parts)).len > 0)
        count++;
    *out = (dew_match){ .code = DEW_E_NOT_FOUND, .location = location, .query = parts };
    for (const dew_page *const *page = router->site->pages; *page != NULL; page++)
        if (fits(pattern_of(*page), segments, count) &&
            (out->page == NULL || goes_before(pattern_of(*page), pattern_of(out->page))))
            out->page = *page;
    if (out->page == NULL)
        return;
    const char *pattern = pattern_of(out->page);
    for (int i = 0; i < count; i++, pattern += 1 + segment_len(pattern))
        if (pattern[1] == ':' && out->value_count < DEW_ROUTE_PARAMS_MAX)
            out->values[out->value_count++] = segments[i];
    out->code = 0;
    if (out->page->route == NULL)
        return;
    void *params = dew_arena_calloc(arena, 1, out->page->route->params()->size);
    out->code = params == NULL ? DEW_E_NOMEM : dew_match_params(out, arena, out->page->route, params, NULL);
    out->params = params;
}
