/* holder.c - see holder.h. Worker's thread.
 *
 *     idle ── open ──→ deferred ──→ on a fiber: waits for a connection ── opened ──→ open ── close ──→ idle
 *                                                      └── opened, with why not ──→ idle */
#include "live/holder.h"

#include "io/fiber.h"

#include <assert.h>
#include <stdlib.h>

/* What opening may allocate: SQL of our own, and its errors. */
#define ARENA_MAX (64u << 10)

struct dew_holder {
    dew_loop *loop;
    dew_sql *sql;
    dew_snapshot *snapshot; /* NULL: idle */
    dew_fiber *fiber;
    dew_scope *scope; /* while it waits for a connection */
    dew_deferred deferred;
    bool is_closed, is_ending;
};

static int pin_open(dew_holder *holder, dew_sql_pin **pin)
{
    dew_arena arena;
    dew_scope scope;
    dew_arena_init(&arena, ARENA_MAX);
    dew_scope_init(&scope, &arena);
    scope.loop = holder->loop;
    scope.fiber = holder->fiber;
    scope.sql = holder->sql;
    dew_scope_limit(&scope, DEW_LIVE_LATE_MS);
    holder->scope = &scope;
    int code = holder->is_ending ? DEW_E_CANCELLED : dew_sql_pin_open(holder->sql, &scope, pin);
    holder->scope = NULL;
    dew_scope_dispose(&scope);
    dew_arena_dispose(&arena);
    return code;
}

static void fail(dew_holder *holder, int code)
{
    dew_snapshot *snapshot = holder->snapshot;
    holder->snapshot = NULL;
    snapshot->opened(snapshot, code);
}

static void hold(void *arg)
{
    dew_holder *holder = arg;
    dew_sql_pin *pin = NULL;
    holder->fiber = dew_fiber_current();
    holder->is_closed = false;
    int code = pin_open(holder, &pin);
    if (code != 0) {
        fail(holder, code);
        return;
    }
    holder->snapshot->handle = pin;
    holder->snapshot->commit = dew_sql_pin_number(pin);
    holder->snapshot->opened(holder->snapshot, 0);
    while (!holder->is_closed)
        dew_fiber_suspend();
    dew_sql_pin_close(pin);
    holder->snapshot = NULL;
}

static void on_deferred(dew_deferred *deferred)
{
    dew_holder *holder = dew_container_of(deferred, dew_holder, deferred);
    int code = dew_fiber_spawn(holder->loop, "a snapshot for live queries", hold, holder);
    if (code != 0)
        fail(holder, code);
}

int dew_holder_create(dew_loop *loop, dew_sql *sql, dew_holder **out)
{
    dew_holder *holder = calloc(1, sizeof *holder);
    if (holder == NULL)
        return DEW_E_NOMEM;
    *holder = (dew_holder){ .loop = loop, .sql = sql, .deferred.run = on_deferred };
    *out = holder;
    return 0;
}

void dew_holder_destroy(dew_holder *holder)
{
    assert(holder == NULL || dew_holder_is_idle(holder));
    free(holder);
}

int dew_holder_open(dew_holder *holder, dew_snapshot *snapshot)
{
    if (holder->sql == NULL)
        return DEW_E_UNSUPPORTED;
    if (holder->snapshot != NULL)
        return DEW_E_BUSY;
    holder->snapshot = snapshot;
    dew_loop_defer(holder->loop, &holder->deferred);
    return 0;
}

void dew_holder_close(dew_holder *holder, dew_snapshot *snapshot)
{
    (void)snapshot; /* without assertions */
    assert(holder->snapshot == snapshot && snapshot->handle != NULL);
    holder->is_closed = true;
    dew_fiber_resume(holder->fiber);
}

void dew_holder_end(dew_holder *holder)
{
    holder->is_ending = true;
    if (holder->scope != NULL)
        dew_scope_end(holder->scope, DEW_END_DRAINING);
}

bool dew_holder_is_idle(const dew_holder *holder)
{
    return holder->snapshot == NULL;
}
