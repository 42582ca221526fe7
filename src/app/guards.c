/* guards.c - which guards stand before what: the chains, made at start from what is served. See guards.h; they are run in
 * guards_run.c.
 *
 * A function's chain is the application's guards, then those of each page, layout and channel in its array (with the layouts around
 * them), then its own. All of it is found by looking through the arrays again: it is done once. */
#include "app/guards.h"

#include "page/router.h"

/* Memory of all chains. */
#define GUARDS_ARENA_MAX ((size_t)64 << 20)
/* Layouts around one page: more than any tree that is meant. */
#define LAYOUTS_MAX 64

/* A chain that grows. */
typedef struct draft {
    const dew_app_config *config;
    const char *where; /* of what it is, for errors */
    struct app_guard items[DEW_GUARDS_MAX];
    unsigned count;
    int code;
} draft;

static dew_guard_list use_of(const dew_served *item)
{
    if (item == NULL)
        return (dew_guard_list){ NULL, NULL };
    if (item->channel != NULL)
        return ((const dew_guarded_options *)item->options)->use;
    if (item->fn == NULL)
        return ((const dew_page_served_options *)item->options)->use;
    switch (item->fn->kind) {
    case DEW_FN_QUERY:
        return ((const dew_query_options *)item->options)->use;
    case DEW_FN_MUTATION:
        return ((const dew_mutation_options *)item->options)->use;
    case DEW_FN_ACTION:
    case DEW_FN_ENDPOINT:
        return ((const dew_action_options *)item->options)->use;
    case DEW_FN_CLIENT_QUERY: /* not served here */
        break;
    }
    return (dew_guard_list){ NULL, NULL };
}

static void put(draft *to, dew_guard_list use)
{
    for (unsigned place = 0; use.guards != NULL && use.guards[place] != NULL; place++) {
        unsigned at = 0;
        while (at < to->count && to->items[at].guard != use.guards[place])
            at++;
        if (at < to->count)
            continue;
        if (to->count == DEW_GUARDS_MAX) {
            to->code = DEW_E_LIMIT;
            return;
        }
        to->items[to->count++] = (struct app_guard){ use.guards[place], use.names, place };
    }
}

/* ---- looking through the arrays ---- */

static bool is_same(const dew_served *a, const dew_served *b)
{
    return (a->page != NULL && a->page == b->page) || (a->layout != NULL && a->layout == b->layout) ||
           (a->channel != NULL && a->channel == b->channel);
}

/* The entry of the same page, layout or channel, the first but `a` itself; NULL: none. *room is its array. */
static const dew_served *entry_like(const dew_app_config *config, const dew_served *a, const dew_served **room)
{
    for (const dew_served *const *list = config->served; list != NULL && *list != NULL; list++)
        for (const dew_served *item = *list; item->options != NULL; item++)
            if (item != a && is_same(item, a)) {
                *room = *list;
                return item;
            }
    return NULL;
}

/* Those of the layouts, outer to inner. */
static void put_layouts(draft *to, const dew_layout *inner)
{
    const dew_layout *path[LAYOUTS_MAX];
    const dew_served *room;
    int count = 0;
    for (; inner != NULL && count < LAYOUTS_MAX; inner = inner->parent)
        path[count++] = inner;
    while (count-- > 0)
        put(to, use_of(entry_like(to->config, &(dew_served){ .layout = path[count] }, &room)));
}

static const dew_layout *layout_of(const dew_app_config *config, const dew_page *page)
{
    return page->layout != NULL ? page->layout : config->site->layout;
}

static void put_page(draft *to, const dew_page *page)
{
    const dew_served *room;
    put_layouts(to, layout_of(to->config, page));
    put(to, use_of(entry_like(to->config, &(dew_served){ .page = page }, &room)));
}

static void put_room(draft *to, const dew_served *room)
{
    for (const dew_served *item = room; item->options != NULL; item++) {
        if (item->page != NULL)
            put_page(to, item->page);
        else if (item->layout != NULL)
            put_layouts(to, item->layout);
        else if (item->channel != NULL)
            put(to, use_of(item));
    }
}

/* ---- keeping ---- */

static void begin(draft *to, const dew_app_config *config, const char *where)
{
    to->config = config;
    to->where = where;
    to->count = 0;
    to->code = 0;
    put(to, config->use);
}

/* *out stays NULL for an empty one. */
static int keep(const draft *from, app_guarding *guarding, const app_guards **out, dew_error *error)
{
    if (from->code != 0)
        return dew_error_set(error, from->code, "%s: more than %d guards in one chain", from->where, DEW_GUARDS_MAX);
    if (from->count == 0)
        return 0;
    size_t len = from->count * sizeof from->items[0];
    app_guards *guards = dew_arena_alloc(&guarding->arena, sizeof *guards + len);
    if (guards == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    guards->count = from->count;
    memcpy(guards->items, from->items, len);
    *out = guards;
    return 0;
}

static dew_str pointer_key(const void *slot)
{
    return dew_str_make(slot, sizeof(const void *));
}

static int keep_page(app_guarding *guarding, const dew_app_config *config, const dew_page *const *page,
                     dew_error *error)
{
    draft d;
    const app_guards *guards = NULL;
    begin(&d, config, dew_page_pattern(*page));
    put_page(&d, *page);
    int code = keep(&d, guarding, &guards, error);
    if (code != 0 || guards == NULL)
        return code;
    guarding->has_pages = true;
    code = dew_map_put(&guarding->pages, pointer_key(page), (void *)guards);
    return code == 0 ? 0 : dew_error_set(error, code, "out of memory");
}

static int keep_function(app_guarding *guarding, const dew_app_config *config, const dew_served *room,
                         const dew_served *item, dew_registered *entry, dew_error *error)
{
    draft d;
    begin(&d, config, item->fn->name);
    put_room(&d, room);
    put(&d, use_of(item));
    int code = keep(&d, guarding, &entry->guards, error);
    guarding->has_queries |= entry->guards != NULL && item->fn->kind == DEW_FN_QUERY;
    return code;
}

/* ---- checking ---- */

static bool has_layout(const dew_app_config *config, const dew_page *page, const dew_layout *layout)
{
    const dew_layout *at = layout_of(config, page);
    for (int i = 0; at != NULL && i < LAYOUTS_MAX; i++, at = at->parent)
        if (at == layout)
            return true;
    return false;
}

static int check(const dew_app_config *config, const dew_served *item, dew_error *error)
{
    const dew_served *room;
    bool is_there = item->channel != NULL;
    for (const dew_page *const *page = config->site->pages; page != NULL && *page != NULL; page++)
        is_there = is_there || *page == item->page || (item->layout != NULL && has_layout(config, *page, item->layout));
    if (!is_there && item->page != NULL)
        return dew_error_set(error, DEW_E_INVALID, "page %s is served, but the site does not list it", item->name);
    if (!is_there)
        return dew_error_set(error, DEW_E_INVALID, "layout %s is served, but no page has it", item->name);
    if (entry_like(config, item, &room) != NULL)
        return dew_error_set(error, DEW_E_INVALID, "%s is served twice: give all its guards in one place", item->name);
    return 0;
}

static int keep_item(app_guarding *guarding, const dew_app_config *config, const dew_served *room,
                     const dew_served *item, dew_registered **next, dew_error *error)
{
    if (item->fn != NULL)
        return keep_function(guarding, config, room, item, (*next)++, error);
    int code = check(config, item, error);
    if (code != 0 || item->channel == NULL || use_of(item).guards == NULL)
        return code;
    code = dew_map_put(&guarding->rooms, pointer_key(&item->channel), (void *)room);
    return code == 0 ? 0 : dew_error_set(error, code, "out of memory");
}

int app_guarding_init(app_guarding *guarding, const dew_app_config *config, dew_registry *registry, dew_hash_key key,
                      dew_error *error)
{
    *guarding = (app_guarding){ .has_pages = config->use.guards != NULL };
    dew_arena_init(&guarding->arena, GUARDS_ARENA_MAX);
    dew_map_init(&guarding->pages, DEW_ROUTES_MAX, key);
    dew_map_init(&guarding->rooms, DEW_SERVED_MAX, key);
    dew_registered *next = registry->items; /* which stand in the order of the arrays */
    draft d;
    begin(&d, config, "the application");
    int code = keep(&d, guarding, &guarding->elsewhere, error);
    for (const dew_served *const *list = config->served; list != NULL && *list != NULL; list++)
        for (const dew_served *item = *list; code == 0 && item->options != NULL; item++)
            code = keep_item(guarding, config, *list, item, &next, error);
    for (const dew_page *const *page = config->site->pages; code == 0 && page != NULL && *page != NULL; page++)
        code = keep_page(guarding, config, page, error);
    if (code != 0)
        app_guarding_dispose(guarding);
    return code;
}

void app_guarding_dispose(app_guarding *guarding)
{
    dew_map_dispose(&guarding->pages);
    dew_map_dispose(&guarding->rooms);
    dew_arena_dispose(&guarding->arena);
    *guarding = (app_guarding){ 0 };
}

const app_guards *app_guards_of_page(const app_guarding *guarding, const dew_page *page)
{
    return page == NULL ? guarding->elsewhere : dew_map_get(&guarding->pages, pointer_key(&page));
}

bool app_guards_may_watch(const app_guarding *guarding, const dew_fn *query, const dew_channel *channel)
{
    const dew_served *room = dew_map_get(&guarding->rooms, pointer_key(&channel));
    for (const dew_served *item = room; item != NULL && item->options != NULL; item++)
        if (item->fn == query)
            return true;
    return room == NULL;
}
