/* store.client.c - the stores of the program: each from its first use on, begun from what the page's state carries. See
 * stored.h. */
#include "page/cookied.h"
#include "page/host.h"
#include "page/stored.h"

#include "type/copy.h"
#include "type/json.h"
#include "view/tree.h"

#include <stdlib.h>

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))
#define VALUE_MAX (16u << 20) /* memory of one store's value */

/* Writes what the page's state carries of this store, as JSON, into the host's text (host.h); false: nothing. */
IMPORT(store) bool host_store(const char *name);
/* Says in the console that this one does not settle. */
IMPORT(unsettled) void host_unsettled(const char *name);

static dew_stored
    *stores;       /* set by dew_stored_of alone: NULL in a program that uses none, which then has none of this */
static int passes; /* in a row that asked for another */

/* A value with what it points to. */
typedef struct kept {
    dew_arena arena;
    _Alignas(8) char value[];
} kept;

static kept *kept_create(const dew_type *type)
{
    kept *made = calloc(1, sizeof *made + type->size);
    if (made == NULL)
        __builtin_trap();
    dew_arena_init(&made->arena, VALUE_MAX);
    return made;
}

static void kept_destroy(kept *gone)
{
    dew_arena_dispose(&gone->arena);
    free(gone);
}

const void *dew_stored_copy(const dew_type *type, const void *value)
{
    kept *made = kept_create(type);
    if (dew_value_copy(&made->arena, type, value, made->value) != 0)
        __builtin_trap();
    return made->value;
}

void dew_stored_free(dew_stored *stored, const void *value)
{
    if (value == stored->store->initial || value == stored->base || value == stored->shown || value == stored->staged)
        return;
    kept_destroy((kept *)(uintptr_t)((const char *)value - offsetof(kept, value)));
}

bool dew_store_is_said;
dew_store_said *dew_store_last_said;

dew_store_said **dew_stores_said(void)
{
    return &dew_store_last_said;
}

/* Shows what the page carries, if it does. */
static void arrive(dew_stored *stored)
{
    const dew_type *type = stored->store->type();
    if (!host_store(stored->store->name))
        return;
    kept *made = kept_create(type);
    if (dew_json_read(&made->arena, dew_host_text(), type, made->value, NULL, NULL) != 0) {
        kept_destroy(made); /* of another build */
        return;
    }
    const void *old = stored->shown;
    stored->shown = made->value;
    stored->version++;
    dew_stored_free(stored, old);
}

dew_stored *dew_stored_of(const dew_store *store)
{
    dew_stored **place = &stores;
    while (*place != NULL && (*place)->store != store)
        place = &(*place)->next;
    if (*place != NULL)
        return *place;
    dew_stored *stored = calloc(1, sizeof *stored);
    if (stored == NULL)
        __builtin_trap();
    stored->store = store;
    stored->base = stored->shown = store->initial;
    dew_store_is_said = true; /* may be, from now on */
    *place = stored;
    arrive(stored);
    return stored;
}

void dew_store_is_set(void)
{
    dew_view_on_handled(); /* an effect is no event, which nothing would follow */
}

void dew_stores_arrive(void)
{
    for (dew_stored *stored = stores; stored != NULL; stored = stored->next)
        arrive(stored);
}

static const char *changed(void)
{
    const char *cookie = dew_cookies_changed();
    if (cookie != NULL)
        return cookie;
    for (const dew_stored *stored = stores; stored != NULL; stored = stored->next)
        if (stored->is_read && dew_stored_differs(stored))
            return stored->store->name;
    return NULL;
}

void dew_stores_drop(void)
{
    if (dew_store_is_said)
        dew_stores_said_end();
    for (dew_stored *stored = stores; stored != NULL; stored = stored->next)
        dew_stored_drop(stored);
}

bool dew_stores_again(void)
{
    if (dew_store_is_said)
        dew_stores_said_end();
    const char *name = changed();
    bool is_stopped = name != NULL && passes == DEW_STORE_PASSES_MAX;
    if (is_stopped) {
        host_unsettled(name);
        dew_stores_drop();
    }
    for (dew_stored *stored = stores; stored != NULL && !is_stopped; stored = stored->next)
        dew_stored_commit(stored);
    dew_cookies_commit();
    if (name == NULL || is_stopped)
        dew_cookies_settled();
    passes = name != NULL && !is_stopped ? passes + 1 : 0;
    return passes != 0;
}
