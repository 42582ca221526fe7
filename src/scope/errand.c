/* errand.c - see errand.h.
 *
 * Two turns of the deferred list lie between a scope's end and leaving. Whoever waits in the scope is resumed by the same
 * list, and the errand's own listener is the first of its scope: at its first turn it goes to the end of the list, behind
 * all of them. */
#include "scope/errand.h"

#include <assert.h>

static void count(const dew_scope *scope, bool begins)
{
    dew_orphans *orphans = scope->orphans;
    if (orphans == NULL)
        return;
    if (begins) {
        __atomic_add_fetch(&orphans->now, 1, __ATOMIC_RELAXED);
        __atomic_add_fetch(&orphans->total, 1, __ATOMIC_RELAXED);
    } else {
        __atomic_sub_fetch(&orphans->now, 1, __ATOMIC_RELAXED);
    }
}

/* Nothing of the maker's is reached from the scope any more. What nests in it has ended and asks its root. */
static void cut_off(dew_scope *scope)
{
    if (scope->parent != NULL) {
        dew_list_unlink(&scope->siblings);
        scope->parent->child_count--;
        scope->parent = NULL;
    }
    scope->source = NULL;
    scope->source_context = NULL;
    scope->identify = NULL;
    scope->replay = NULL;
    scope->pin = NULL;
    scope->reads = NULL;
    scope->out = NULL;
    scope->out_type = NULL;
}

static void on_leave(dew_deferred *deferred)
{
    dew_errand *errand = dew_container_of(deferred, dew_errand, leave);
    if (errand->holds > 0)
        return; /* comes again with the last of them */
    if (!errand->has_waited) {
        errand->has_waited = true;
        dew_loop_defer(errand->scope.loop, &errand->leave);
        return;
    }
    errand->is_left = true;
    count(&errand->scope, true);
    errand->left(errand);
    cut_off(&errand->scope);
}

static void on_end(dew_scope_listener *listener, const dew_cause *cause)
{
    (void)cause;
    dew_errand *errand = dew_container_of(listener, dew_errand, listener);
    dew_loop_defer(errand->scope.loop, &errand->leave);
}

static void on_soon(dew_deferred *deferred)
{
    dew_scope_end(&dew_container_of(deferred, dew_errand, soon)->scope, DEW_END_DEADLINE);
}

void dew_errand_begin(dew_errand *errand, int64_t limit_ms, void (*left)(dew_errand *errand))
{
    dew_scope *scope = &errand->scope;
    assert(scope->ended == 0);
    errand->left = left;
    errand->listener = (dew_scope_listener){ .on_end = on_end };
    errand->leave = (dew_deferred){ .run = on_leave };
    errand->soon = (dew_deferred){ .run = on_soon };
    errand->holds = 0;
    errand->has_waited = errand->is_left = false;
    scope->errand = errand;
    if (scope->loop != NULL)
        dew_scope_listen(scope, &errand->listener);
    if (limit_ms == 0 && scope->loop != NULL)
        dew_loop_defer_next(scope->loop, &errand->soon);
    dew_scope_limit(scope, limit_ms);
}

bool dew_errand_end(dew_errand *errand)
{
    dew_scope_unlisten(&errand->listener);
    dew_deferred_cancel(&errand->leave);
    dew_deferred_cancel(&errand->soon);
    errand->scope.errand = NULL;
    if (errand->is_left)
        count(&errand->scope, false);
    return errand->is_left;
}

void dew_scope_hold(dew_scope *scope)
{
    if (scope->errand != NULL)
        scope->errand->holds++;
}

void dew_scope_unhold(dew_scope *scope)
{
    dew_errand *errand = scope->errand;
    if (errand == NULL)
        return;
    assert(errand->holds > 0);
    if (--errand->holds == 0 && errand->scope.ended != 0 && !errand->is_left)
        dew_loop_defer(errand->scope.loop, &errand->leave);
}
