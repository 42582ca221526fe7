/* store.server.c - stores of one request: in the render's arena, each from its first use on; and what the loop knows of stores and
 * cookies together. See stored.h. */
#include "page/cookied.h"
#include "page/stored.h"

#include "type/copy.h"

static void *made(dew_page_render *render, size_t size)
{
    void *zeroed = dew_arena_calloc(render->view.arena, 1, size);
    if (zeroed == NULL)
        dew_render_fail(&render->view, DEW_E_NOMEM);
    return zeroed;
}

/* ---- for the loop ---- */

static dew_stores *of(dew_staged *staged)
{
    return (dew_stores *)(void *)staged; /* its first member */
}

static const char *changed(dew_staged *staged)
{
    for (const dew_stored *stored = of(staged)->stores; stored != NULL; stored = stored->next)
        if (stored->is_read && dew_stored_differs(stored))
            return stored->store->name;
    for (const dew_cookied *cookied = of(staged)->cookies; cookied != NULL; cookied = cookied->next)
        if (cookied->is_read && dew_cookied_differs(cookied))
            return cookied->cookie->name;
    return NULL;
}

static void commit_cookies(dew_staged *staged)
{
    for (dew_cookied *cookied = of(staged)->cookies; cookied != NULL; cookied = cookied->next)
        dew_cookied_commit(cookied);
}

static void commit(dew_staged *staged)
{
    for (dew_stored *stored = of(staged)->stores; stored != NULL; stored = stored->next)
        dew_stored_commit(stored);
    commit_cookies(staged);
}

static void drop(dew_staged *staged)
{
    for (dew_stored *stored = of(staged)->stores; stored != NULL; stored = stored->next)
        dew_stored_drop(stored);
    commit_cookies(staged);
}

dew_stores *dew_stores_of(dew_page_render *render)
{
    if (render->staged != NULL)
        return of(render->staged);
    dew_stores *stores = made(render, sizeof *stores);
    if (stores == NULL)
        return NULL;
    stores->staged = (dew_staged){ changed, commit, drop };
    render->staged = &stores->staged;
    return stores;
}

/* ---- for store.c ---- */

dew_store_said **dew_stores_said(void)
{
    return &dew_page_render_current()->said;
}

dew_stored *dew_stored_of(const dew_store *store)
{
    dew_page_render *render = dew_page_render_current();
    dew_stores *stores = render != NULL ? dew_stores_of(render) : NULL;
    if (stores == NULL)
        return NULL;
    dew_stored **place = &stores->stores;
    while (*place != NULL && (*place)->store != store)
        place = &(*place)->next;
    if (*place != NULL)
        return *place;
    dew_stored *stored = made(render, sizeof *stored);
    if (stored == NULL)
        return NULL;
    stored->store = store;
    stored->base = stored->shown = store->initial;
    return *place = stored;
}

const void *dew_stored_copy(const dew_type *type, const void *value)
{
    dew_render *view = dew_render_current();
    void *copy = dew_arena_alloc(view->arena, type->size);
    if (copy != NULL && dew_value_copy(view->arena, type, value, copy) == 0)
        return copy;
    dew_render_fail(view, DEW_E_NOMEM);
    return NULL;
}

void dew_stored_free(dew_stored *stored, const void *value)
{
    (void)stored, (void)value; /* the arena's */
}

void dew_store_is_set(void)
{
}
