/* options.server.c - a page's plan, and the checks that it is one. See plan.h. */
#include "page/field.h"
#include "page/plan.h"
#include "page/router.h"

#include <limits.h>

static const char *pattern_of(const dew_page *page)
{
    return page != NULL ? dew_page_pattern(page) : "";
}

/* ---- loads ---- */

/* Is ":name" a segment of the pattern? */
static bool has_segment(const char *pattern, dew_str name)
{
    for (const char *at = strchr(pattern, ':'); at != NULL; at = strchr(at + 1, ':'))
        if (at[-1] == '/' && strncmp(at + 1, name.ptr, name.len) == 0 &&
            (at[1 + name.len] == '\0' || at[1 + name.len] == '/'))
            return true;
    return false;
}

/* Both are read from the same text: what the one takes the other must take, and understand alike. */
static int check_field(const dew_page *page, const dew_fn *query, const dew_field *field, dew_error *error)
{
    dew_str name = dew_field_name(field);
    const dew_field *given = page->route != NULL ? dew_field_named(page->route->params(), name) : NULL;
    if (given == NULL && (page->route != NULL || !has_segment(pattern_of(page), name)))
        return dew_error_set(
            error, DEW_E_INVALID,
            "page \"%s\": .loads has %s, whose argument %s is no parameter of this address: name it in the "
            "route, or give DEW_LOAD_WITH(%s, …)",
            pattern_of(page), query->name, field->name, query->name);
    if (given != NULL && (given->kind != field->kind || given->type() != field->type()))
        return dew_error_set(error, DEW_E_INVALID,
                             "page \"%s\": .loads has %s, whose argument %s is %s; the route's parameter is %s",
                             pattern_of(page), query->name, field->name, field->type()->name, given->type()->name);
    return 0;
}

static int check_load(const dew_page *page, const dew_load *load, dew_error *error)
{
    const dew_fn *query = load->query;
    if (query->kind == DEW_FN_MUTATION || query->kind == DEW_FN_ACTION || query->kind == DEW_FN_ENDPOINT)
        return dew_error_set(error, DEW_E_INVALID, "page \"%s\": .loads has %s, which is no query", pattern_of(page),
                             query->name);
    const dew_type *type = query->args();
    for (unsigned i = 0; load->args == NULL && i < type->field_count; i++) {
        int code = check_field(page, query, &type->fields[i], error);
        if (code != 0)
            return code;
    }
    return 0;
}

static const dew_load *loads_of(const dew_levels *levels, int level)
{
    static const dew_load none = { NULL, NULL };
    return levels->items[level]->loads != NULL ? levels->items[level]->loads : &none;
}

/* All of them in one list, checked. */
static int collect_loads(dew_arena *arena, dew_page_plan *plan, dew_error *error)
{
    size_t count = 0;
    for (int i = 0; i < plan->levels.count; i++)
        for (const dew_load *load = loads_of(&plan->levels, i); load->query != NULL; load++, count++) {
            int code = check_load(plan->page, load, error);
            if (code != 0)
                return code;
        }
    dew_load *all = dew_arena_calloc(arena, count + 1, sizeof *all);
    if (all == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    plan->loads = all;
    for (int i = 0; i < plan->levels.count; i++)
        for (const dew_load *load = loads_of(&plan->levels, i); load->query != NULL; load++)
            *all++ = *load;
    return 0;
}

/* ---- hooks ---- */

/* Level 0 is the application's; the others are layouts, but for the page's own. */
static const dew_layout *layout_at(const dew_levels *levels, const dew_page *page, int level)
{
    bool is_layout = level > 0 && (page == NULL || level < levels->count - 1);
    if (!is_layout)
        return NULL;
    return (const dew_layout *)(const void *)((const char *)levels->items[level] - offsetof(dew_layout, inherited));
}

static int collect_hooks(dew_arena *arena, dew_page_plan *plan, dew_hook_of_fn *hook_of, void *context,
                         dew_error *error)
{
    const dew_levels *levels = &plan->levels;
    dew_view_fn **hooks = dew_arena_calloc(arena, 2 * (size_t)levels->count + 1, sizeof *hooks);
    size_t count = 0;
    if (hooks == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    for (int i = 0; i < levels->count; i++) {
        const dew_page *page = i > 0 && i == levels->count - 1 ? plan->page : NULL;
        dew_view_fn *own = hook_of != NULL ? hook_of(context, layout_at(levels, plan->page, i), page) : NULL;
        if (levels->items[i]->on_prefetch != NULL)
            hooks[count++] = levels->items[i]->on_prefetch;
        if (own != NULL)
            hooks[count++] = own;
    }
    plan->hooks = count != 0 ? hooks : NULL;
    return 0;
}

/* ---- the rest ---- */

static int limit_of(dew_count count)
{
    int64_t value = dew_count_of(count, 0);
    return value < INT_MAX ? (int)value : INT_MAX;
}

static int check_options(const dew_page *page, const dew_levels *levels, const dew_ssr *ssr, dew_error *error)
{
    dew_prefetch prefetch = dew_levels_prefetch(levels);
    if (page != NULL && page->view == NULL && ssr->mode != DEW_SSR_OFF)
        return dew_error_set(error, DEW_E_INVALID,
                             "page \"%s\" has no .view; one that only the browser renders says .ssr.mode = DEW_SSR_OFF",
                             pattern_of(page));
    if (page != NULL && page->islands != NULL && ssr->mode != DEW_SSR_FULL)
        return dew_error_set(error, DEW_E_INVALID,
                             "page \"%s\" has .islands, so the browser takes it as the server renders it: .ssr.mode "
                             "must be DEW_SSR_FULL",
                             pattern_of(page));
    if (dew_count_of(ssr->allowed_rerenders, 0) < 0)
        return dew_error_set(error, DEW_E_INVALID,
                             "page \"%s\": .ssr.allowed_rerenders is negative: give DEW_COUNT(0) or more",
                             pattern_of(page));
    if (dew_count_of(ssr->forbidden_rerenders, 0) < 1)
        return dew_error_set(error, DEW_E_INVALID,
                             "page \"%s\": .ssr.forbidden_rerenders: give DEW_COUNT(1) or more; the first pass counts",
                             pattern_of(page));
    if (dew_duration_ms(prefetch.hover_delay, 0) < 0 || dew_duration_ms(prefetch.stale, 0) < 0)
        return dew_error_set(error, DEW_E_INVALID,
                             "page \"%s\": .prefetch.hover_delay and .stale: give DEW_MS(0) or more", pattern_of(page));
    return 0;
}

/* ---- policies that need the server's rendering ---- */

static dew_policy on_navigate_of(const dew_inherited *level)
{
    return level->prefetch.on_navigate;
}

static dew_policy on_hover_of(const dew_inherited *level)
{
    return level->prefetch.on_hover;
}

/* `field`: its name. is_off: the page or what is around it says that the server does not render it. */
static int check_policy(const dew_page *page, const dew_levels *levels, dew_policy (*policy_of)(const dew_inherited *),
                        const char *field, bool is_off, dew_error *error)
{
    int at = levels->count - 1;
    while (at > 0 && policy_of(levels->items[at]) == DEW_POLICY_INHERITED)
        at--;
    if (policy_of(levels->items[at]) < DEW_PREFETCH_STATE)
        return 0;
    return dew_error_set(error, DEW_E_INVALID,
                         "page \"%s\": .prefetch.%s, which %s says, asks for its state, which the server finds by "
                         "rendering, and %s: give DEW_PREFETCH_QUERIES or less, or %s",
                         pattern_of(page), field,
                         at == levels->count - 1 ? "the page"
                         : at == 0               ? "the application"
                                                 : "a layout of it",
                         is_off ? ".ssr.mode is DEW_SSR_OFF"
                                : "--no-ssr (dew_app_config.no_ssr) leaves that to the browser",
                         is_off ? "let the server render it" : "start without --no-ssr");
}

int dew_site_check_policies(const dew_site *site, bool no_ssr, dew_error *error)
{
    int code = 0;
    for (const dew_page *const *page = site->pages; code == 0 && page != NULL && *page != NULL; page++) {
        dew_levels levels;
        dew_page_levels(site, *page, &levels);
        bool is_off = dew_levels_ssr(&levels).mode == DEW_SSR_OFF;
        if (!is_off && !no_ssr)
            continue;
        code = check_policy(*page, &levels, on_navigate_of, "on_navigate", is_off, error);
        if (code == 0)
            code = check_policy(*page, &levels, on_hover_of, "on_hover", is_off, error);
    }
    return code;
}

int dew_page_plan_make(dew_arena *arena, const dew_site *site, const dew_page *page, dew_hook_of_fn *hook_of,
                       void *context, dew_page_plan **out, dew_error *error)
{
    dew_page_plan *plan = dew_arena_calloc(arena, 1, sizeof *plan);
    if (plan == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    plan->page = page;
    dew_page_levels(site, page, &plan->levels);
    dew_ssr ssr = dew_levels_ssr(&plan->levels);
    int code = check_options(page, &plan->levels, &ssr, error);
    if (code != 0)
        return code;
    plan->mode = ssr.mode;
    plan->allowed = limit_of(ssr.allowed_rerenders);
    plan->forbidden = limit_of(ssr.forbidden_rerenders);
    if (page != NULL) { /* what is nobody's address is not prefetched for */
        code = collect_loads(arena, plan, error);
        if (code == 0)
            code = collect_hooks(arena, plan, hook_of, context, error);
        if (code != 0)
            return code;
        plan->asks_loads = ssr.prefetch_loaders == DEW_ON && plan->loads->query != NULL;
        plan->has_prefetch = plan->asks_loads || plan->hooks != NULL;
    }
    *out = plan;
    return 0;
}
