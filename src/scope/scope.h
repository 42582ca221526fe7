/* scope.h - what a request scope is made of: shared by the rooms that run handlers (app, live, page) and by those that
 * serve them (sql). Applications see include/dew/scope.h only.
 *
 * Life: dew_scope_init by whoever runs a handler (app for actions and guards, live for loaders), handler on a fiber,
 * dew_scope_end at most once from the same worker, dew_scope_dispose by the maker after the handler has returned.
 * Everything happens on one worker's thread; nothing here locks.
 *
 * Nesting (tree.c). A handler's scope is the root of a tree; children are linked in their parent and share its facts by
 * copy. What belongs to the handler as a whole (inputs, topics, the source of both) stands in the root alone: a child reaches
 * it by dew_scope_root, never by a pointer of its own, for a scope may be cut off from its parent (errand.h).
 *
 *     dew_scope_end(scope): cause set on scope → each child, the same → scope's listeners, in order of registration
 *
 * The cause is set before anything is called, so that whatever the calls do finds an ended scope. A child's deadline is never
 * later than its parent's; when the two are the same the parent's timer ends both, with the parent's cause.
 *
 * Inputs (design rule 2). An accessor that reads identity, a cookie, a header or the location notes (kind, name, value) once. The
 * noted list is what a shared result is keyed by beside query, shard and arguments; a re-run gets a scope whose source
 * is that list alone (dew_scope_replay). A re-run that reads an input which is not in the list gets an empty value and
 * sets `missed`: its result then belongs to nobody, and its home has to let every subscriber resolve anew. */
#ifndef DEW_SCOPE_SCOPE_H
#define DEW_SCOPE_SCOPE_H

#include "base/arena_keep.h"
#include "base/list.h"
#include "io/timer.h"

#include <dew/query.h>
#include <dew/scope.h>
#include <dew/type.h>

struct dew_fiber;
struct dew_offload;  /* io/offload.h */
struct dew_read_log; /* sql/readset.h */
struct dew_sql;      /* sql/reader.h: the worker's readers */
struct dew_sql_pin;  /* sql/reader.h: one connection, one transaction */

/* Most inputs that one handler may read; past it the scope fails with DEW_E_LIMIT. */
#define DEW_SCOPE_INPUTS_MAX 64

/* What a handler may ask. From DEW_INPUT_PATTERN on: where the reader is (dew/location.h). */
typedef enum dew_input_kind {
    DEW_INPUT_IDENTITY = 1,
    DEW_INPUT_COOKIE,
    DEW_INPUT_HEADER,
    DEW_INPUT_PATTERN,
    DEW_INPUT_PARAM,
    DEW_INPUT_QUERY
} dew_input_kind;

/* Where a request's facts come from. `name` of a header is compared without regard to case. Values are borrowed until
 * the scope ends; absent: empty. */
typedef struct dew_scope_source {
    dew_str (*cookie)(void *context, const char *name);
    dew_str (*header)(void *context, const char *name);
    dew_str (*location)(void *context, dew_input_kind kind, const char *name); /* NULL: nowhere */
    dew_str (*trace)(void *context); /* the header "traceparent", to be passed on: no input, changes no result; NULL: none */
} dew_scope_source;

/* One input that was read. Header names are lower case. */
typedef struct dew_scope_input {
    struct dew_scope_input *next;
    dew_input_kind kind;
    dew_str name; /* empty for identity and pattern */
    dew_str value;
} dew_scope_input;

/* A topic that the loader watches (dew_watch, in live), or that an action waits for (dew_wait, in app); the list is made in the scope's arena, newest first. */
typedef struct dew_scope_topic {
    struct dew_scope_topic *next;
    const dew_channel *channel;
    dew_str key;   /* canonical */
    int64_t heard; /* the publishes up to this number are known: dew_wait */
} dew_scope_topic;

/* Called once when the scope ends while it is linked; unlinked before the call. Embedded by who waits. */
typedef struct dew_scope_listener {
    dew_link link;
    void (*on_end)(struct dew_scope_listener *listener, const dew_cause *cause);
} dew_scope_listener;

/* A dependency as set (or removed) in one scope; in the scope's arena. */
typedef struct dew_scope_dep {
    struct dew_scope_dep *next;
    const dew_dep *dep;
    bool is_removed;
    char value[] __attribute__((aligned(16)));
} dew_scope_dep;

/* Work that was left behind by who waited for it, and has not returned; of one worker. Relaxed atomic access: metrics read it
 * from other threads. */
typedef struct dew_orphans {
    uint64_t now, total;
} dew_orphans;

struct dew_scope {
    /* set by the maker (dew_scope_init and after), borrowed */
    dew_arena *arena;
    struct dew_app *app;
    void *context;                         /* dew_app_config.context */
    dew_loop *loop;
    struct dew_fiber *fiber;               /* of the handler; NULL: not on a fiber, waiting is an error */
    struct dew_offload *offload;           /* NULL: dew_offload is an error */
    const dew_scope_source *source;        /* NULL: a scope without a request (or a replayed one) */
    void *source_context;
    dew_str (*identify)(dew_scope *scope); /* NULL: nobody is known */
    struct dew_sql *sql;                   /* NULL: no database */
    struct dew_sql_pin *pin;               /* all statements in this one transaction; NULL: each in its own */
    struct dew_read_log *reads;            /* what the handler's SQL read is added here; NULL: not noted */
    const char *name;                      /* of the query or action, for messages */
    void *out;                             /* the handler's result and its type: dew_sql finds types by pointer */
    const dew_type *out_type;
    int64_t deadline_ns;                   /* monotonic clock; 0: none (dew_scope_limit) */
    const dew_provided *provided;          /* the application's dependencies; NULL: none */
    dew_orphans *orphans;                  /* where they are counted; NULL: nowhere */

    /* the tree */
    dew_scope *parent; /* NULL in a root */
    dew_link siblings; /* in parent->children */
    dew_link children; /* those that have not ended */
    size_t child_count; /* those that are open */
    unsigned depth;
    dew_arena own;     /* of a child with memory of its own; else empty */
    dew_link of_maker; /* a list of its maker's; left when it is disposed of */
    struct dew_errand *errand; /* what it works for, itself or nested, and may be left behind with; NULL: none (errand.h) */

    /* inputs */
    dew_scope_input *inputs; /* noted so far, sorted by (kind, name): the order of the key */
    const dew_scope_input *replay;
    size_t input_count;
    bool is_replay, missed, is_identifying;

    dew_scope_topic *topics;
    int64_t began_at; /* number of the last publish when the handler began; for dew_wait */
    dew_scope_dep *deps;
    dew_arena_drop *kept;  /* in the arena, newest first */
    dew_error error;       /* of dew_fail, or of the machinery; code 0: none */
    dew_error passed_on;   /* the last failure of a child: words for its code, should the handler return it */
    int ended;             /* 0, or cause.code; written by atomic access, since dew_offload's threads read it */
    dew_cause cause;       /* end NONE: not ended */
    dew_link listeners;    /* of dew_scope_listener */
    dew_timer deadline;    /* ends the scope; running only with a limit */
    unsigned refusals;     /* root: calls that were turned away since the end (dew_scope_enter) */
    unsigned endings;      /* dew_scope_end is at work in it: its memory stays */
    bool is_disposed;      /* dew_scope_dispose has run */
    bool is_freed_by_end;  /* on the heap, and to be freed once `endings` is 0 */
};

/* A root: all zero but arena; the caller fills the rest of the first block. Takes uninitialised memory. */
void dew_scope_init(dew_scope *scope, dew_arena *arena);

/* A child: the parent's facts and place, and its arena. Ended when the parent is. Disposed of before the parent: asserted. Takes
 * uninitialised memory. */
void dew_scope_nest(dew_scope *child, dew_scope *parent);

/* The handler's scope. */
static inline dew_scope *dew_scope_root(dew_scope *scope)
{
    while (scope->parent != NULL)
        scope = scope->parent;
    return scope;
}

/* Around a call of Dew's on the scope's fiber that uses what the scope borrows (connection, log of reads) and that returns soon
 * after the scope's end: until then the work is not left behind (errand.h). Nests. */
void dew_scope_hold(dew_scope *scope);
void dew_scope_unhold(dew_scope *scope);

/* The scope reads its inputs from this list alone, and notes them as they are read. Borrowed. */
void dew_scope_replay(dew_scope *scope, const dew_scope_input *inputs);

/* Ends the scope and its children: whoever waits there is told. Later calls do nothing. Not DEW_END_PROGRAM, which is
 * dew_scope_cancel. On the scope's worker. */
void dew_scope_end(dew_scope *scope, dew_end end);

/* The scope ends (DEW_END_DEADLINE) after so long, whatever the handler waits for, or with its parent when that is first.
 * Its loop must be set; once. INT64_MAX: no limit of its own. */
void dew_scope_limit(dew_scope *scope, int64_t limit_ms);

/* The words for a code that the handler returned: of its own failure, of a child's whose code it passes on, or the code's. */
const char *dew_scope_words(const dew_scope *scope, int code);

/* Links a listener; on an ended scope it is called at once (before this returns). Undone by dew_scope_unlisten, which
 * may be called twice and after the end. */
void dew_scope_listen(dew_scope *scope, dew_scope_listener *listener);
void dew_scope_unlisten(dew_scope_listener *listener);

/* Has drop(context) called when the scope whose arena this is closes. 0, or DEW_E_NOMEM: not taken. */
int dew_scope_keep(dew_scope *scope, void (*drop)(void *context), void *context) DEW_MUST_USE;

/* What every call that suspends asks first: as dew_scope_check, now. A handler that goes on after the end, in a loop that tries
 * again for ever, must not keep its worker from everybody else: after DEW_SCOPE_REFUSALS refusals in one tree of scopes
 * each further one waits a millisecond. Then this suspends. */
int dew_scope_enter(dew_scope *scope) DEW_MUST_USE;
#define DEW_SCOPE_REFUSALS 64

/* Suspends the fiber until *is_done or the scope's end, whichever is first; returns *is_done. Whoever sets it resumes the
 * fiber. */
bool dew_scope_await(dew_scope *scope, const bool *is_done) DEW_MUST_USE;

/* 0, or the code of its cause: ended, or a deadline (its own, an ancestor's) has passed by `now_ns`. */
int dew_scope_check(dew_scope *scope, int64_t now_ns);

/* Forgets what dew_on_end registered, and leaves the parent. Does not end the scope, and calls nothing. Asserts that nobody
 * waits in it any more and that its children are closed. The arena is the maker's. Idempotent; takes NULL, zeroed, and
 * a scope that is being ended. */
void dew_scope_dispose(dew_scope *scope);

#endif
