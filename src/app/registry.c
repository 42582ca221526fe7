/* registry.c - see registry.h. */
#include "app/registry.h"

#include "base/format.h"
#include "type/schema.h"

#include <stdlib.h>

static bool has_handler(const dew_served *served)
{
    /* all three kinds begin with their handler */
    void (*handler)(void);
    memcpy(&handler, served->options, sizeof handler);
    return handler != NULL;
}

static dew_duration timeout_of(const dew_registered *entry)
{
    switch (entry->fn->kind) {
    case DEW_FN_QUERY:
        return dew_registered_query(entry)->timeout;
    case DEW_FN_MUTATION:
        return dew_registered_mutation(entry)->timeout;
    case DEW_FN_ACTION:
    case DEW_FN_ENDPOINT:
        return dew_registered_action(entry)->timeout;
    case DEW_FN_CLIENT_QUERY: /* not served here */
        break;
    }
    return (dew_duration){ 0 };
}

static int add(dew_registry *registry, const dew_served *served, dew_error *error)
{
    const dew_fn *fn = served->fn;
    if (!has_handler(served))
        return dew_error_set(error, DEW_E_INVALID, "%s is served without a handler: give %s", fn->name,
                             fn->kind == DEW_FN_QUERY ? ".load" : ".run");
    if (dew_map_get(&registry->by_name, dew_str_of(fn->name)) != NULL)
        return dew_error_set(error, DEW_E_INVALID, "%s is served twice: one name, one function", fn->name);
    dew_registered *entry = &registry->items[registry->count++];
    *entry = (dew_registered){ .fn = fn, .options = served->options };
    if (fn->kind == DEW_FN_QUERY && dew_duration_ms(dew_registered_query(entry)->max_age, 0) < 0)
        return dew_error_set(error, DEW_E_INVALID, "%s: its .max_age is negative: give DEW_MS(0) or more, or DEW_NEVER",
                             fn->name);
    int64_t timeout_ms = dew_duration_ms(timeout_of(entry), 0);
    if (timeout_ms < 0)
        return dew_error_set(error, DEW_E_INVALID, "%s: its .timeout is %lld ms: give DEW_MS(0) or more, or DEW_NEVER",
                             fn->name, (long long)timeout_ms);
    if (fn->kind == DEW_FN_QUERY)
        entry->live.options = served->options;
    entry->live.fn = fn;
    dew_fn_schema(fn, entry->live.schema);
    if (fn->kind == DEW_FN_ENDPOINT)
        return 0; /* found by its address */
    int code = dew_map_put(&registry->by_name, dew_str_of(fn->name), entry);
    return code == 0 ? 0 : dew_error_set(error, code, "out of memory");
}

int dew_registry_init(dew_registry *registry, const dew_served *const *served, dew_hash_key key, dew_error *error)
{
    *registry = (dew_registry){ 0 };
    dew_map_init(&registry->by_name, DEW_SERVED_MAX, key);
    size_t count = 0;
    for (const dew_served *const *list = served; list != NULL && *list != NULL; list++)
        for (const dew_served *item = *list; item->options != NULL; item++)
            count += item->fn != NULL;
    if (count > DEW_SERVED_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "%zu functions are served; the limit is %d", count, DEW_SERVED_MAX);
    registry->items = calloc(count + 1, sizeof *registry->items);
    if (registry->items == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    for (const dew_served *const *list = served; list != NULL && *list != NULL; list++)
        for (const dew_served *item = *list; item->options != NULL; item++) {
            int failed = item->fn != NULL ? add(registry, item, error) : 0; /* the others: guards.c */
            if (failed != 0) {
                dew_registry_dispose(registry);
                return failed;
            }
        }
    return 0;
}

void dew_registry_dispose(dew_registry *registry)
{
    dew_map_dispose(&registry->by_name);
    free(registry->items);
    *registry = (dew_registry){ 0 };
}

const dew_registered *dew_registry_find(const dew_registry *registry, dew_str name)
{
    return dew_map_get(&registry->by_name, name);
}
