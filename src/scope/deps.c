/* deps.c - typed dependencies (dew/dep.h): a short list per scope, newest first, over the parents' and the application's.
 * On the scope's worker only. An entry of a removed dependency stands in the list and hides what is further up. */
#include "scope/scope.h"

static dew_scope_dep *find(const dew_scope *scope, const dew_dep *dep)
{
    dew_scope_dep *entry = scope->deps;
    while (entry != NULL && entry->dep != dep)
        entry = entry->next;
    return entry;
}

/* The value in force; NULL: there is none. */
static const void *look_up(const dew_scope *scope, const dew_dep *dep)
{
    for (const dew_scope *at = scope; at != NULL; at = at->parent) {
        const dew_scope_dep *entry = find(at, dep);
        if (entry != NULL)
            return entry->is_removed ? NULL : entry->value;
    }
    for (const dew_provided *p = scope->provided; p != NULL && p->dep != NULL; p++)
        if (p->dep == dep)
            return p->value;
    return NULL;
}

bool dew_dep_get(const dew_scope *scope, const dew_dep *dep, void *out)
{
    const void *value = look_up(scope, dep);
    if (value != NULL)
        memcpy(out, value, dep->size);
    else
        memset(out, 0, dep->size);
    return value != NULL;
}

/* The scope's own entry, made when there is none; NULL: the handler has failed. */
static dew_scope_dep *own(dew_scope *scope, const dew_dep *dep)
{
    dew_scope_dep *entry = find(scope, dep);
    if (entry != NULL)
        return entry;
    entry = dew_arena_calloc(scope->arena, 1, sizeof *entry + dep->size);
    if (entry == NULL) {
        dew_fail(scope, DEW_E_NOMEM, "out of memory");
        return NULL;
    }
    entry->dep = dep;
    entry->next = scope->deps;
    scope->deps = entry;
    return entry;
}

int dew_dep_set(dew_scope *scope, const dew_dep *dep, const void *value)
{
    dew_scope_dep *entry = own(scope, dep);
    if (entry == NULL)
        return DEW_E_NOMEM;
    memcpy(entry->value, value, dep->size);
    entry->is_removed = false;
    return 0;
}

int dew_dep_remove(dew_scope *scope, const dew_dep *dep)
{
    dew_scope_dep *entry = own(scope, dep);
    if (entry == NULL)
        return DEW_E_NOMEM;
    entry->is_removed = true;
    return 0;
}
