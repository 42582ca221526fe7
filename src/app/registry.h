/* registry.h - what is served, by name: made once at start from dew_app_config.served, never changed; any thread reads. */
#ifndef DEW_APP_REGISTRY_H
#define DEW_APP_REGISTRY_H

#include "base/map.h"
#include "live/result.h"

#include <dew/serve.h>

/* Functions of one application. */
#define DEW_SERVED_MAX 10000

typedef struct app_guards app_guards; /* app/guards.h */

typedef struct dew_registered {
    const dew_fn *fn;
    const void *options; /* dew_query_options, dew_mutation_options or dew_action_options, by fn->kind */
    const app_guards *guards; /* NULL: none. Set by app_guarding_init */
    unsigned is_warned_of;    /* atomic access only: app_gate_warn */
    dew_live_fn live;    /* a query, as live/ knows it; its schema is that of any kind */
} dew_registered;

typedef struct dew_registry {
    dew_map by_name;
    dew_registered *items; /* owned */
    size_t count;
} dew_registry;

/* DEW_E_INVALID names two entries of one name, one without a handler, and one with a negative .timeout. `served` may be NULL. */
int dew_registry_init(dew_registry *registry, const dew_served *const *served, dew_hash_key key,
                      dew_error *error) DEW_MUST_USE;
void dew_registry_dispose(dew_registry *registry); /* takes zeroed */

/* NULL when nothing of that name is served. */
const dew_registered *dew_registry_find(const dew_registry *registry, dew_str name);

static inline const dew_query_options *dew_registered_query(const dew_registered *entry)
{
    return entry->options;
}
static inline const dew_mutation_options *dew_registered_mutation(const dew_registered *entry)
{
    return entry->options;
}
static inline const dew_action_options *dew_registered_action(const dew_registered *entry)
{
    return entry->options;
}

#endif
