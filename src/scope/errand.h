/* errand.h - work on a fiber in a scope of its own, which whoever waits for it leaves behind when that scope ends: the one
 * mechanism under dew_with_timeout and under queries' time-outs and cancelled loads.
 *
 *     begin ── work returns ─────────────────────────────→ end: false, its outcome counts
 *       └── its scope ends, and all who wait in it are told
 *             ├── it returns in that turn ───────────────→ end: false, whoever made it drops the outcome
 *             └── it does not ── left() ── it is an orphan ── returns some time ──→ end: true, whoever made it frees
 *
 * Leaving comes after everybody in the scope has been told and has had the rest of the loop's turn to return, so work that
 * obeys its signal is never an orphan. Work that stands in a call of Dew's that is itself about to return (dew_sql, which the
 * progress handler ends; another errand's caller) is not left before that call has: see dew_scope_hold. So whatever
 * that call uses of the maker's (a pinned connection, the log of reads) may go once left() has been called.
 *
 * An orphan's scope has no parent, no request and no transaction: it is ended, its accessors give empty values, and
 * whatever suspends in it returns the cause's code at once. The errand must stand in memory of its own, with all that
 * the work reads; arenas of scopes further up are kept with base/arena_keep.h. Its fiber counts against the loop's
 * (DEW_FIBER_COUNT_MAX), which bounds orphans. On the scope's worker only. */
#ifndef DEW_SCOPE_ERRAND_H
#define DEW_SCOPE_ERRAND_H

#include "io/loop.h"
#include "scope/scope.h"

typedef struct dew_errand dew_errand;
struct dew_errand {
    dew_scope scope; /* made by the maker (dew_scope_init or dew_scope_nest), disposed of by it after end */
    /* Its scope has ended and the work goes on: whoever waits for it must be let go now. Once, from the loop. The scope is
     * still what it was; it is cut off when this returns. */
    void (*left)(dew_errand *errand);
    dew_scope_listener listener;
    dew_deferred leave;
    dew_deferred soon; /* a limit of 0: the next turn */
    unsigned holds;
    bool has_waited, is_left;
};

/* Before the work starts, with `scope` made and its loop set (without a loop it is never left). It has not ended. Ends the
 * scope after limit_ms (0: in the next turn of the loop; INT64_MAX: no limit). */
void dew_errand_begin(dew_errand *errand, int64_t limit_ms, void (*left)(dew_errand *errand));

/* The work has returned. True: it had been left, so nobody wants its outcome. The scope may be disposed of now. */
bool dew_errand_end(dew_errand *errand) DEW_MUST_USE;

#endif
