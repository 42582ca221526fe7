/* guards.h - the chains of guards of an application (include/dew/guard.h): made once at start, run per request on its fiber.
 *
 *     served arrays, site ── app_guarding_init ──→ per function: dew_registered.guards
 *                                             └──→ per page: app_guards_of_page
 *
 * Whoever opens a door asks for the chain, and runs it around what he does: app_guards_run. NULL is the chain without guards,
 * and costs nothing. Immutable once made; chains run on any worker. */
#ifndef DEW_APP_GUARDS_H
#define DEW_APP_GUARDS_H

#include "app/registry.h"

#include <dew/app.h>
#include <dew/guard.h>

/* A chain, outermost first, no guard twice, none empty. */
struct app_guards {
    unsigned count;
    struct app_guard {
        dew_guard *guard;
        const char *names; /* of its DEW_USE */
        unsigned place;    /* in there */
    } items[];
};

/* All chains of an application. */
typedef struct app_guarding {
    dew_arena arena;             /* of the chains */
    dew_map pages;               /* const dew_page * → chain */
    dew_map rooms;               /* const dew_channel * → the array in which it is served */
    const app_guards *elsewhere; /* of addresses without a page: the application's; NULL: none */
    bool has_pages;              /* some page has a chain, or elsewhere has */
    bool has_queries;            /* some query has one */
} app_guarding;

/* Makes the chains, and sets those of the functions. DEW_E_INVALID names a page that the site does not list, a layout that no
 * page has, and what is served twice; DEW_E_LIMIT a chain that is too long. Borrows what config points to. */
int app_guarding_init(app_guarding *guarding, const dew_app_config *config, dew_registry *registry, dew_hash_key key,
                      dew_error *error) DEW_MUST_USE;
void app_guarding_dispose(app_guarding *guarding); /* takes zeroed */

/* page NULL: an address without one. */
const app_guards *app_guards_of_page(const app_guarding *guarding, const dew_page *page);

/* May this query's loader watch the channel? Yes when the channel has no guards, or both are served in one array. */
bool app_guards_may_watch(const app_guarding *guarding, const dew_fn *query, const dew_channel *channel);

/* ---- running ---- */

/* What is guarded; borrowed during the run. */
typedef struct app_guarded {
    const dew_fn *fn;  /* NULL: a page */
    dew_type_fn *type; /* of args; NULL: there are none */
    const void *args;
} app_guarded;

/* Guards as a set: bit i is the chain's i-th. */
typedef uint32_t app_guard_set;

typedef struct app_guards_outcome {
    bool is_reached; /* what is guarded was done, and came to `reached` */
    int reached;
} app_guards_outcome;

/* What is guarded: returns its code, may set passed->status and ->passes. `settled`: the guards that have let it through without
 * having looked at the arguments. */
typedef int app_guarded_run(void *context, dew_scope *scope, app_guard_set settled, dew_passed *passed);

/* On a fiber: runs the chain (may be NULL) but for the guards in `skip`, and `run` inside it. Returns 0, or the code of the
 * outcome, whose words are dew_scope_words(scope, code). `outcome` may be NULL. */
int app_guards_run(const app_guards *guards, app_guard_set skip, dew_scope *scope, const app_guarded *what,
                   app_guarded_run *run, void *context, app_guards_outcome *outcome) DEW_MUST_USE;

/* The guards of `chain` that are among those of `other` in `settled`: not to be asked again in the same request. */
app_guard_set app_guards_among(const app_guards *chain, const app_guards *other, app_guard_set settled);

/* Is a guard left? */
static inline bool app_guards_ask(const app_guards *chain, app_guard_set skip)
{
    return chain != NULL && (uint64_t)(skip & (((uint64_t)1 << chain->count) - 1)) != ((uint64_t)1 << chain->count) - 1;
}

#endif
