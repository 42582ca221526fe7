/* router.server.c - the table and the match; parameters are in params.c. See router.h. */
#include "page/router.h"

#include "base/url.h"
#include "page/field.h"
#include "page/plan.h"

#include <stdlib.h>

#define ROUTER_ARENA_MAX (16u << 20) /* the table of DEW_ROUTES_MAX pages */

/* One segment. Children: literals first, the parameter last, so that the walk tries them in order of precedence. */
typedef struct node {
    dew_str literal; /* decoded; ptr NULL: a parameter */
    struct node *child, *next;
    const dew_page *page;      /* whose pattern ends here, or NULL */
    const dew_page_plan *plan; /* its plan */
    void *other;               /* likewise, what dew_router_place was given; never both */
} node;

struct dew_router {
    dew_arena arena; /* holds the nodes */
    node root;
    const dew_site *site;
    dew_str prefix;
    const dew_page_plan *plan; /* of addresses that have no page */
    bool has_others;           /* than pages */
};

const dew_site *dew_router_site(const dew_router *router)
{
    return router->site;
}

dew_str dew_router_prefix(const dew_router *router)
{
    return router->prefix;
}

/* ---- compiling ---- */

/* The next segment of a pattern or path that begins with a slash; false at the end. */
static bool next_segment(dew_str *rest, dew_str *segment)
{
    if (rest->len == 0)
        return false;
    const char *from = rest->ptr + 1, *end = rest->ptr + rest->len;
    const char *to = memchr(from, '/', (size_t)(end - from));
    if (to == NULL)
        to = end;
    *segment = dew_str_make(from, (size_t)(to - from));
    *rest = dew_str_make(to, (size_t)(end - to));
    return true;
}

static bool is_dots(dew_str segment)
{
    return dew_str_eq(segment, DEW_S(".")) || dew_str_eq(segment, DEW_S(".."));
}

static int check_route(const dew_route *route, dew_error *error)
{
    const dew_type *type = route->params();
    for (unsigned i = 0; i < type->field_count; i++) {
        if (!dew_field_is_scalar(&type->fields[i]))
            return dew_error_set(error, DEW_E_INVALID, "route %s: field %s of %s cannot stand in an address",
                                 route->name, type->fields[i].name, type->name);
    }
    dew_str rest = dew_str_of(route->pattern), segment;
    while (next_segment(&rest, &segment)) {
        if (segment.len == 0 || segment.ptr[0] != ':')
            continue;
        dew_str name = dew_str_make(segment.ptr + 1, segment.len - 1);
        if (dew_field_named(type, name) == NULL)
            return dew_error_set(error, DEW_E_INVALID, "route %s: \"%s\" names %.*s, which %s does not have",
                                 route->name, route->pattern, DEW_STR_FMT(name), type->name);
    }
    return 0;
}

/* The child for a segment of a pattern, made when it is not there; NULL when out of memory. */
static node *child_for(dew_router *router, node *parent, dew_str segment)
{
    bool is_param = segment.ptr[0] == ':';
    node **at = &parent->child;
    for (; *at != NULL; at = &(*at)->next) {
        bool at_param = (*at)->literal.ptr == NULL;
        if (is_param ? at_param : !at_param && dew_str_eq((*at)->literal, segment))
            return *at;
        if (at_param)
            break; /* literals go before it */
    }
    node *made = dew_arena_calloc(&router->arena, 1, sizeof *made);
    if (made == NULL)
        return NULL;
    if (!is_param)
        made->literal = segment;
    made->next = *at;
    return *at = made;
}

/* The node at which `pattern` ends, made when it is not there. `what` begins the messages. */
static int node_for(dew_router *router, const char *what, const char *pattern, node **out, dew_error *error)
{
    if (pattern == NULL || pattern[0] != '/')
        return dew_error_set(error, DEW_E_INVALID, "%s \"%s\": a path begins with a slash", what,
                             pattern == NULL ? "" : pattern);
    node *at = &router->root;
    dew_str rest = dew_str_of(pattern), segment;
    int params = 0;
    for (int count = 0; pattern[1] != '\0' && next_segment(&rest, &segment); count++) {
        bool is_param = segment.len > 0 && segment.ptr[0] == ':';
        if (segment.len == (size_t)is_param || is_dots(segment))
            return dew_error_set(error, DEW_E_INVALID, "%s \"%s\": empty, \".\" or \"..\" segment", what, pattern);
        params += is_param;
        if (count == DEW_ROUTE_SEGMENTS_MAX || params > DEW_ROUTE_PARAMS_MAX)
            return dew_error_set(error, DEW_E_LIMIT, "%s \"%s\": more than %d segments or %d parameters", what, pattern,
                                 DEW_ROUTE_SEGMENTS_MAX, DEW_ROUTE_PARAMS_MAX);
        at = child_for(router, at, segment);
        if (at == NULL)
            return dew_error_set(error, DEW_E_NOMEM, "the route table");
    }
    *out = at;
    return 0;
}

static int add_page(dew_router *router, const dew_page *page, dew_error *error)
{
    const char *pattern = dew_page_pattern(page);
    if (page->route != NULL && page->path != NULL && strcmp(page->path, pattern) != 0)
        return dew_error_set(error, DEW_E_INVALID, "page \"%s\" also has .route with \"%s\": give one of them",
                             page->path, pattern);
    node *at;
    int code = node_for(router, "page", pattern, &at, error);
    if (code != 0)
        return code;
    if (at->page != NULL)
        return dew_error_set(error, DEW_E_INVALID, "pages \"%s\" and \"%s\" have the same address",
                             dew_page_pattern(at->page), pattern);
    at->page = page;
    return page->route == NULL ? 0 : check_route(page->route, error);
}

int dew_router_plan(dew_router *router, dew_hook_of_fn *hook_of, void *context, dew_error *error)
{
    const dew_site *site = router->site;
    dew_page_plan *plan;
    int code = dew_page_plan_make(&router->arena, site, NULL, hook_of, context, &plan, error);
    if (code != 0)
        return code;
    router->plan = plan;
    for (const dew_page *const *page = site->pages; page != NULL && *page != NULL; page++) {
        node *at;
        code = node_for(router, "page", dew_page_pattern(*page), &at, error);
        if (code == 0)
            code = dew_page_plan_make(&router->arena, site, *page, hook_of, context, &plan, error);
        if (code != 0)
            return code;
        at->plan = plan;
    }
    return 0;
}

int dew_router_place(dew_router *router, const char *what, const char *pattern, void ***place, dew_error *error)
{
    node *at;
    int code = node_for(router, what, pattern, &at, error);
    if (code != 0)
        return code;
    if (at->page != NULL)
        return dew_error_set(error, DEW_E_INVALID, "%s \"%s\" has the address of page \"%s\"", what, pattern,
                             dew_page_pattern(at->page));
    *place = &at->other;
    router->has_others = true;
    return 0;
}

int dew_router_create(const dew_site *site, const char *url_prefix, dew_router **out, dew_error *error)
{
    dew_str prefix = dew_str_of(url_prefix);
    if (prefix.len > 0 && (prefix.ptr[0] != '/' || prefix.ptr[prefix.len - 1] == '/'))
        return dew_error_set(error, DEW_E_INVALID, "url_prefix \"%s\": write it as \"/live\"", url_prefix);
    dew_router *router = calloc(1, sizeof *router);
    if (router == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "the route table");
    dew_arena_init(&router->arena, ROUTER_ARENA_MAX);
    router->site = site;
    router->prefix = prefix;
    int code = 0, count = 0;
    for (const dew_page *const *page = site->pages; code == 0 && page != NULL && *page != NULL; page++)
        code = ++count > DEW_ROUTES_MAX ? dew_error_set(error, DEW_E_LIMIT, "more than %d pages", DEW_ROUTES_MAX)
                                        : add_page(router, *page, error);
    if (code == 0)
        code = dew_router_plan(router, NULL, NULL, error);
    if (code != 0) {
        dew_router_destroy(router);
        return code;
    }
    *out = router;
    return 0;
}

void dew_router_destroy(dew_router *router)
{
    if (router == NULL)
        return;
    dew_arena_dispose(&router->arena);
    free(router);
}

/* ---- matching ---- */

typedef struct walk {
    dew_str segments[DEW_ROUTE_SEGMENTS_MAX]; /* decoded; those that are no other when decoded stand in the path itself */
    int count;
    dew_match *match;
} walk;

/* The node at or under `at` where a pattern of the segments from `index` ends; path parameters go into match->values from
 * `params`. */
static const node *find_node(const walk *path, const node *at, int index, int params)
{
    if (index == path->count) {
        if (at->page == NULL && at->other == NULL)
            return NULL;
        path->match->value_count = params;
        return at;
    }
    dew_str segment = path->segments[index];
    for (const node *child = at->child; child != NULL; child = child->next) {
        bool is_param = child->literal.ptr == NULL;
        if (!is_param && !dew_str_eq(child->literal, segment))
            continue;
        if (is_param)
            path->match->values[params] = segment;
        const node *found = find_node(path, child, index + 1, params + is_param);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* The same when decoded: no escape, and of ASCII that a decoded segment may hold. */
static bool is_plain(dew_str segment)
{
    for (size_t i = 0; i < segment.len; i++)
        if ((signed char)segment.ptr[i] <= 0 || segment.ptr[i] == '%')
            return false;
    return true;
}

/* Splits and decodes `path`; false when no page can have it. A slash at the end is left out and told of. */
static bool split_path(walk *to, dew_arena *arena, dew_str path, bool *has_end_slash)
{
    dew_str segment;
    *has_end_slash = path.len > 1 && path.ptr[path.len - 1] == '/';
    if (*has_end_slash || path.len == 1)
        path.len--;
    while (next_segment(&path, &segment)) {
        if (to->count == DEW_ROUTE_SEGMENTS_MAX)
            return false;
        if (!is_plain(segment) && dew_url_decode(arena, segment, false, &segment) != 0)
            return false;
        if (segment.len == 0 || is_dots(segment))
            return false;
        to->segments[to->count++] = segment;
    }
    return true;
}

/* A backslash is written in its code: where an address is read, browsers take it for a slash, and two of them for a host. */
static void set_redirect(dew_match *out, dew_arena *arena, dew_str path, size_t keep_len, bool add_slash)
{
    char *text = dew_arena_alloc(arena, 3 * path.len + out->query.len + 3);
    if (text == NULL) {
        out->code = DEW_E_NOMEM;
        return;
    }
    size_t len = 0;
    for (size_t i = 0; i < keep_len; i++) {
        bool is_backslash = path.ptr[i] == '\\';
        memcpy(text + len, is_backslash ? "%5C" : path.ptr + i, is_backslash ? 3 : 1);
        len += is_backslash ? 3 : 1;
    }
    if (add_slash)
        text[len++] = '/';
    if (out->query.len > 0) {
        text[len++] = '?';
        memcpy(text + len, out->query.ptr, out->query.len);
        len += out->query.len;
    }
    text[len] = '\0';
    out->redirect = dew_str_make(text, len);
}

/* Parameters are terminated; those that stand in the path are not yet. */
static int copy_values(dew_match *match, dew_arena *arena)
{
    for (int i = 0; i < match->value_count; i++) {
        match->values[i] = dew_arena_str(arena, match->values[i]);
        if (match->values[i].ptr == NULL)
            return DEW_E_NOMEM;
    }
    return 0;
}

/* The node of `path`, which is location without its query; NULL: nobody's, or a redirect is set. */
static const node *match_node(const dew_router *router, dew_arena *arena, dew_str path, dew_match *out)
{
    dew_str prefix = router->prefix, inner;
    if (!dew_str_starts_with(path, prefix))
        return NULL;
    inner = dew_str_make(path.ptr + prefix.len, path.len - prefix.len);
    if (inner.len == 0 && router->root.page != NULL && prefix.len > 0) {
        set_redirect(out, arena, path, path.len, true); /* "/live" → "/live/" */
        return NULL;
    }
    walk segments = { .count = 0, .match = out };
    bool has_end_slash;
    if (inner.len == 0 || inner.ptr[0] != '/' || !split_path(&segments, arena, inner, &has_end_slash))
        return NULL;
    const node *found = find_node(&segments, &router->root, 0, 0);
    if (found == NULL || !has_end_slash)
        return found;
    set_redirect(out, arena, path, path.len - 1, false);
    return NULL;
}

/* The page of `path` and its parameters. out->code stays as it is without one. */
static void match_path(const dew_router *router, dew_arena *arena, dew_str path, dew_match *out)
{
    const node *found = match_node(router, arena, path, out);
    if (found == NULL || found->page == NULL)
        return;
    const dew_page *page = found->page;
    out->code = copy_values(out, arena);
    if (out->code != 0)
        return;
    out->page = page;
    out->plan = found->plan;
    if (page->route == NULL)
        return;
    void *params = dew_arena_calloc(arena, 1, page->route->params()->size);
    out->code = params == NULL ? DEW_E_NOMEM : dew_match_params(out, arena, page->route, params, &out->error);
    out->params = params;
    if (out->code != 0)
        out->page = NULL;
}

/* Takes the location apart; returns the path, which is the location without its query. */
static dew_str begin_match(dew_str location, dew_match *out)
{
    /* one by one: neither the message nor the values are worth zeroing for each request */
    out->code = DEW_E_NOT_FOUND;
    out->page = NULL;
    out->location = location;
    out->query = out->redirect = (dew_str){ NULL, 0 };
    out->value_count = 0;
    out->params = NULL;
    out->error.code = 0;
    out->error.message[0] = '\0';
    dew_str path = out->location;
    const char *mark = path.len == 0 ? NULL : memchr(path.ptr, '?', path.len);
    if (mark != NULL) {
        out->query = dew_str_make(mark + 1, (size_t)(path.ptr + path.len - mark - 1));
        path.len = (size_t)(mark - path.ptr);
    }
    return path;
}

void *dew_router_find(const dew_router *router, dew_arena *arena, dew_str target, dew_match *out)
{
    if (!router->has_others) {
        out->redirect = (dew_str){ NULL, 0 };
        return NULL;
    }
    const node *found = match_node(router, arena, begin_match(target, out), out);
    if (found == NULL || found->other == NULL)
        return NULL;
    out->code = copy_values(out, arena);
    return found->other;
}

void dew_router_match(const dew_router *router, dew_arena *arena, dew_str target, dew_match *out)
{
    dew_str path = begin_match(dew_arena_str(arena, target), out);
    out->plan = router->plan;
    if (path.ptr != NULL)
        match_path(router, arena, path, out);
    else
        out->code = DEW_E_NOMEM;
    if (out->code == DEW_E_NOT_FOUND && out->error.code == 0)
        dew_error_set(&out->error, DEW_E_NOT_FOUND, "no page at %.*s", DEW_STR_FMT(path));
    else if (out->code != 0 && out->error.code == 0)
        dew_error_set(&out->error, out->code, "%s", dew_error_text(out->code));
}

int dew_match_query(const dew_match *match, dew_arena *arena, dew_str name, dew_str *value)
{
    return dew_url_find(arena, match->query, name, value);
}
