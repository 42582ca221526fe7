/* store.c - one store: read, staged, committed. See stored.h. Where it is kept is the side's: store.server.c, store.client.c. */
#include "page/stored.h"

#include "type/equal.h"
#include "view/memo.h"

/* For memoised components: they read it without being called. */
static uint32_t version_of(const void *what)
{
    dew_stored *stored = *(dew_stored *const *)what;
    stored->is_read |= dew_render_current() != NULL;
    return stored->version;
}

const void *dew_store_get(const dew_store *store)
{
    dew_stored *stored = dew_stored_of(store);
    if (stored == NULL)
        return store->initial;
    stored->is_read |= dew_render_current() != NULL;
    dew_memo_read(version_of, &stored, sizeof(dew_stored *));
    return stored->shown;
}

static void replace(dew_stored *stored, const void **place, const void *value)
{
    const void *old = *place;
    *place = value;
    stored->version += place == &stored->shown;
    if (old != NULL)
        dew_stored_free(stored, old);
}

/* Where it is in use already it is not copied. */
static const void *keep(dew_stored *stored, const void *value)
{
    const dew_type *type = stored->store->type();
    if (dew_value_equal(type, value, stored->shown))
        return stored->shown;
    return dew_stored_copy(type, value);
}

static void stage(dew_stored *stored, const void *value)
{
    dew_render *view = dew_render_current();
    dew_store_said **list = dew_stores_said(), *said = dew_arena_alloc(view->arena, sizeof *said);
    if (said == NULL) {
        dew_render_fail(view, DEW_E_NOMEM);
        dew_stored_free(stored, value);
        return;
    }
    *said = (dew_store_said){ *list, stored, stored->staged };
    *list = said;
    stored->staged = value;
}

void dew_stores_cut(dew_store_said *mark)
{
    dew_store_said **list = dew_stores_said();
    for (; *list != mark; *list = (*list)->next)
        replace((*list)->stored, &(*list)->stored->staged, (*list)->before);
}

void dew_stores_said_end(void)
{
    dew_store_said **list = dew_stores_said();
    for (; *list != NULL; *list = (*list)->next)
        if ((*list)->before != NULL)
            dew_stored_free((*list)->stored, (*list)->before);
}

void dew_store_set(const dew_store *store, const void *value)
{
    dew_stored *stored = dew_stored_of(store);
    const void *kept = stored != NULL ? keep(stored, value) : NULL;
    if (kept == NULL)
        return;
    if (dew_render_current() != NULL) {
        dew_memo_never();
        stage(stored, kept);
        return;
    }
    dew_store_is_set();
    replace(stored, &stored->base, kept);
    if (!stored->is_said) /* no view will say anything else: it holds at once */
        replace(stored, &stored->shown, kept);
}

static const void *next_of(const dew_stored *stored)
{
    return stored->staged != NULL ? stored->staged : stored->base;
}

bool dew_stored_differs(const dew_stored *stored)
{
    const void *next = next_of(stored);
    return next != stored->shown && !dew_value_equal(stored->store->type(), next, stored->shown);
}

void dew_stored_commit(dew_stored *stored)
{
    const void *next = next_of(stored);
    stored->is_said = stored->staged != NULL;
    stored->is_read = false;
    stored->staged = NULL;
    if (next != stored->shown)
        replace(stored, &stored->shown, next);
}

void dew_stored_drop(dew_stored *stored)
{
    stored->is_read = false;
    replace(stored, &stored->staged, NULL);
}
