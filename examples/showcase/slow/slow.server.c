/* slow.server.c - ends as it is told to. */
#include "slow.server.h"

#include "slow.h"

static int go(dew_scope *scope, int status)
{
    return dew_redirect(scope, status, dew_scope_url(scope, slow, .came = status));
}

/* Loaders and actions end alike. */
static int end_as(dew_scope *scope, slow_end end)
{
    switch (end) {
    case slow_end_none:
        return 0;
    case slow_end_waits:
        return dew_sleep(scope, SLOW_LOADER_MS / 2);
    case slow_end_missing:
        return dew_fail(scope, DEW_E_NOT_FOUND, "There is no such thing.");
    case slow_end_unknown:
        return dew_deny(scope, DEW_E_UNAUTHENTICATED, "Say who you are first.");
    case slow_end_denied:
        return dew_deny(scope, DEW_E_DENIED, "This is somebody else’s.");
    case slow_end_rate:
        return dew_deny(scope, DEW_E_RATE, "That was too often. Try again in a minute.");
    case slow_end_fault:
        return dew_fail(scope, DEW_E_INTERNAL, "the pump at 10.0.0.7 does not answer");
    case slow_end_late:
        DEW_WITH_SCOPE(child, scope, .timeout = DEW_MS(SLOW_LOADER_MS))
        {
            return dew_sleep(child, 60000);
        }
        return dew_scope_error(scope)->code;
    case slow_end_never:
        return dew_sleep(scope, 60000);
    case slow_end_r301:
        return go(scope, 301);
    case slow_end_r302:
        return go(scope, 302);
    case slow_end_r303:
        return go(scope, 303);
    case slow_end_r307:
        return go(scope, 307);
    case slow_end_r308:
        return go(scope, 308);
    case slow_end_abroad:
        return dew_redirect(scope, 303, "https://example.org/");
    }
    return dew_fail(scope, DEW_E_INVALID, "no such end");
}

static int load_page(dew_scope *scope, const slow_how *how, slow_waited *out)
{
    out->ms = how->end == slow_end_waits ? SLOW_LOADER_MS / 2 : 0;
    return end_as(scope, how->end);
}

static int load_late(dew_scope *scope, const dew_none *none, slow_waited *out)
{
    (void)none, (void)out;
    return dew_sleep(scope, 60000);
}

static int run_act(dew_scope *scope, const slow_how *how, dew_none *out)
{
    (void)out;
    return end_as(scope, how->end);
}

/* What a mutation has written stays when it redirects, and is undone when it fails. This one has nothing to write. */
static int run_write(dew_tx *tx, const slow_how *how, dew_none *out)
{
    (void)out;
    if (how->end == slow_end_r303)
        return dew_tx_redirect(tx, 303, dew_tx_path(tx, "/slow?came=303"));
    return dew_tx_fail(tx, DEW_E_CONFLICT, "It has changed meanwhile: look again.");
}

const dew_served slow_served[] = {
    DEW_SERVE_QUERY(slow_page, .load = load_page, .timeout = DEW_NEVER),
    DEW_SERVE_QUERY(slow_late, .load = load_late, .timeout = DEW_MS(SLOW_LOADER_MS)),
    DEW_SERVE_ACTION(slow_act, .run = run_act),
    DEW_SERVE_MUTATION(slow_write, .run = run_write),
    DEW_SERVED_END
};
