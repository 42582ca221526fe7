/* dew/scope.h - the request scope: what a loader, an action or a guard may ask about the request that it works for.
 *
 * One scope per request, made by Dew, ended by Dew. Everything it hands out is borrowed until the scope ends. Reading
 * identity, a cookie or a header makes that value part of the result's cache key (design rule 2): results that read
 * none are shared by all visitors, others only by those with the same values. Use it on its own worker, inside the
 * handler that received it.
 *
 * A scope ends once, for one cause, and everything that waits in it is told at once. Scopes nest: a child (DEW_WITH_SCOPE)
 * ends with its own deadline, with dew_scope_cancel on it, or with its parent, whichever is first; a child never ends its
 * parent. Ending is not closing: an ended scope still answers, and is closed by who made it, silently. */
#ifndef DEW_SCOPE_H
#define DEW_SCOPE_H

#include <dew/arena.h>
#include <dew/dep.h>
#include <dew/duration.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dew_scope dew_scope;
struct dew_app;

/* The arena of the scope: what a loader returns lives here. */
dew_arena *dew_scope_arena(dew_scope *scope);

/* The application, and the pointer it was configured with (dew_app_config.context). */
struct dew_app *dew_scope_app(dew_scope *scope);
void *dew_scope_context(dew_scope *scope);

/* Who is asking, as .identify said; empty when nobody. Noted (see above). */
dew_str dew_scope_identity(dew_scope *scope);

/* A cookie's value, a request header (name without regard to case); empty when absent. Noted. */
dew_str dew_scope_cookie(dew_scope *scope, const char *name);
dew_str dew_scope_header(dew_scope *scope, const char *name);

/* ---- the end ---- */

/* Who or what ended a scope. */
typedef enum dew_end {
    DEW_END_NONE,
    DEW_END_CLIENT_GONE, /* the reader left: nobody would see the answer */
    DEW_END_DEADLINE,    /* the time is up */
    DEW_END_SUPERSEDED,  /* the reader has asked for something newer in its place */
    DEW_END_DRAINING,    /* the server is going down */
    DEW_END_PROGRAM      /* dew_scope_cancel */
} dew_end;

typedef struct dew_cause {
    dew_end end;
    int code;         /* what waiting returns: DEW_E_TIMEOUT for a deadline, the program's, else DEW_E_CANCELLED */
    const char *text; /* in words; NUL-terminated, lives as long as the scope */
} dew_cause;

/* True once the reader has left or the time is up; the work may stop. Also on the helper thread of dew_offload. */
bool dew_scope_is_ended(const dew_scope *scope);

/* Why the scope has ended; NULL: it has not. The first end stays; a child that ended with its parent has the parent's
 * cause. Borrowed until the scope closes. */
const dew_cause *dew_scope_cause(const dew_scope *scope);

/* Ends the scope and its children: whoever waits there gets `code` (a DEW_E_…; anything else counts as
 * DEW_E_CANCELLED). `text` is copied; NULL: the words for the code. Does nothing on an ended scope. */
void dew_scope_cancel(dew_scope *scope, int code, const char *text);

/* Milliseconds until the deadline, its own or an ancestor's, whichever is first; 0: it has passed, or the scope has
 * ended; INT64_MAX: there is none. */
int64_t dew_scope_remaining_ms(const dew_scope *scope);

/* Takes something back. A value: may be copied, and every copy may be run, in any order; the first does it. */
typedef struct dew_undo {
    void (*run)(void *context); /* NULL: there is nothing to take back */
    void *context;
} dew_undo;

/* Runs it, and makes it one that does nothing. Takes NULL and zeroed. */
static inline void dew_undo_run(dew_undo *undo)
{
    if (undo == NULL || undo->run == NULL)
        return;
    void (*run)(void *) = undo->run;
    undo->run = NULL;
    run(undo->context);
}

/* Calls fn once when the scope ends, in order of registration (children's before their parent's), on the scope's worker;
 * on an ended scope at once, before this returns. It must not wait. Closing a scope that has not ended calls nothing: it
 * forgets. The undo is good until the handler returns. Out of memory: fails the handler (dew_fail), fn is not kept and
 * the undo does nothing. */
dew_undo dew_on_end(dew_scope *scope, void (*fn)(void *context, const dew_cause *cause), void *context);

/* ---- children ---- */

typedef struct dew_scope_options {
    dew_duration timeout; /* from now; left out and DEW_NEVER: as long as the parent. DEW_MS(0) and less: it has passed */
    bool own_memory;      /* an arena of its own, freed when it closes: for the rounds of a loop that goes on and on */
} dew_scope_options;

/* Scopes within scopes; one more fails with DEW_E_LIMIT. */
#define DEW_SCOPE_DEPTH_MAX 32

/* A block with a scope of its own, closed whichever way the block is left: at its end, by break, continue, return or goto.
 *     DEW_WITH_SCOPE(child, scope, .timeout = DEW_MS(100)) {
 *         code = dew_sleep(child, 1000);
 *     }
 * What the parent has is the child's too: arena, identity, cookies, dependencies, transaction. With .own_memory all that is
 * made in the child (rows, text, results that it asked for, undos of dew_on_end) is gone with it: copy what is to stay. On an
 * ended parent the child is born ended. When it cannot be made (memory, DEW_SCOPE_DEPTH_MAX) the block does not run and the parent has failed:
 * dew_scope_error says why. Expands to
 *     for (dew_scope *child (closed on leaving) = dew_scope_open(…), *once = child; once != NULL; once = NULL) */
#define DEW_WITH_SCOPE(child, parent, ...)                                                                            \
    for (dew_scope * child __attribute__((cleanup(dew_scope_close))) =                                                \
             dew_scope_open((parent), (dew_scope_options){ __VA_ARGS__ }),                                            \
                     *child##_once_ = child;                                                                          \
         child##_once_ != NULL; child##_once_ = NULL)

/* What stands behind DEW_WITH_SCOPE. NULL: it could not be made (see there). Children close before their parent: asserted. */
dew_scope *dew_scope_open(dew_scope *parent, dew_scope_options options) DEW_MUST_USE;

/* Closes the child and sets *scope to NULL; a second call does nothing, and so do NULLs. May be called while the scope is
 * being ended (from dew_on_end). */
void dew_scope_close(dew_scope **scope);

/* Fails the current handler; returns `code`. The visitor sees the message, unless the code's status is 500 or above: then
 * it is for the log alone, as is what stands behind a line end (dew/error.h).
 *     if (missing) return dew_fail(scope, DEW_E_NOT_FOUND, "no board \"%s\"", name); */
int dew_fail(dew_scope *scope, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The last failure in this scope, of dew_fail or of Dew; code 0: none. Borrowed. */
const dew_error *dew_scope_error(const dew_scope *scope);

/* Suspends the handler's fiber for so long; 0 and less: a turn of the loop. 0, or the code of the cause as soon as the scope
 * ends. In an ended scope this and whatever else waits comes back at once with that code: leave then. (A loop that tries again
 * for ever is slowed down, and the watchdog's log names who holds a worker; nobody can end it.) */
int dew_sleep(dew_scope *scope, int64_t ms) DEW_MUST_USE;

/* Runs fn(ctx) on a helper thread while the fiber waits; for work that blocks. The return value is fn's. When the scope
 * ends first, the code of its cause comes back after fn has returned: ctx is never left behind. An fn that takes long
 * therefore asks dew_scope_is_ended now and then, the one function on a scope that may be called there:
 *     for (size_t i = 0; i < job->count && !dew_scope_is_ended(job->scope); i++) work_on(&job->items[i]); */
int dew_offload(dew_scope *scope, int (*fn)(void *ctx), void *ctx) DEW_MUST_USE;

/* Calls fn(child, context) on a fiber of its own, in a child scope that ends after `ms`, and waits for it no longer than that:
 *
 *     typedef struct profile_call { int64_t id; profile out; } profile_call;
 *     profile_call *call = dew_arena_calloc(dew_scope_arena(scope), 1, sizeof *call);
 *     call->id = args->id;
 *     int code = dew_with_timeout(scope, "users.profile", 250, fetch_profile, call);
 *     if (code == DEW_E_LOADER_TIMEOUT)
 *         return show_without_profile(out);    // not reading *call: fetch_profile may still write to it
 *
 * fn returns in time         its code. What it made in the child's arena lives as long as what is in `scope`'s
 * the time is up             the child ends first (waiting in it gives DEW_E_TIMEOUT), then DEW_E_LOADER_TIMEOUT, whose
 *                            words have the name
 * `scope` ends               the code of its cause, at once
 * `scope` had ended before   the code of its cause: fn is not called, no timer started
 *
 * At once means in that turn of the loop, also when fn goes on because it does not look at its scope's end (code without a
 * suspending call; dew_offload). It is then an orphan: it runs to its return on its fiber, whatever it waits for gives the
 * cause's code, its scope gives empty cookies and headers and nobody's identity, its outcome is dropped and its memory
 * freed (dew_orphans in /_dew/metrics). So `context` and what it points to must live in the scope's arena or longer, never
 * on the caller's stack, and the caller must not read or reuse what fn writes to unless fn's own code has come back.
 *
 * What belongs to the handler's own fiber is not for fn: a guard's dew_next, a mutation's dew_tx.
 *
 * ms 0: the next turn of the loop; an fn that does not wait is in time. Negative: DEW_E_INVALID. `name` is a literal. Needs a
 * handler that may wait; DEW_E_BUSY when no fiber is free, DEW_E_NOMEM, DEW_E_LIMIT (DEW_SCOPE_DEPTH_MAX): fn is not called. */
int dew_with_timeout(dew_scope *scope, const char *name, int64_t ms, int (*fn)(dew_scope *scope, void *context),
                     void *context) DEW_MUST_USE;

/* A formatted string in the scope's arena; empty when memory is out. */
dew_str dew_scope_fmt(dew_scope *scope, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif
#endif
