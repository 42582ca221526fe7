/* visit.h - one visit of a page: the render loop with its queries loaded, the cut made, the document written.
 *
 *     step ─┬─ LOAD ──── queries under way; the last one that is ready steps again
 *           ├─ SETTLED ─ all at one commit? ─ yes → document → done
 *           │               └ no → those behind are read again (DEW_CUT_TRIES times, then all in one transaction)
 *           └─ REDIRECT → done
 *
 * What shows may wait for streamed queries alone: then the document, which is not whole, goes to `begin` in place of `done`, each
 * late query follows (`more`) in the order in which they settle, and `end` is the last. An owner without these is done at once.
 *
 * Without anything to wait for, all of it happens inside app_visit_start, and there is no scope. Once it has to wait it has one,
 * with the time that dew_app_config.request_timeout gives the whole: when that passes, or the server goes down, it is done at once, with
 * 504 or 503; one that has begun ends with errors in place of what is late. The error page may then show what is in memory; if it needs more, it is a plain one. The worker's thread. */
#ifndef DEW_APP_VISIT_H
#define DEW_APP_VISIT_H

#include "app/accept.h"
#include "app/app_internal.h"
#include "http/request.h"

typedef struct app_visit app_visit;

/* Borrowed during `done`. */
typedef struct app_visited {
    int status;
    dew_str body;     /* HTML, or the state */
    dew_str location; /* of a redirect; else empty */
    size_t room;      /* bytes before body.ptr that may be overwritten */
    dew_str timing;   /* what Server-Timing says; empty: nothing. Lives as long as the visit */
    const dew_http_header *cookies; /* Set-Cookie lines of what views set; live as long as the visit */
    size_t cookie_count;
    bool is_shared; /* the same for everybody: neither who asks nor a cookie or header was looked at */
    bool reads_cookies; /* its views have read or set one */
    int passes;
    bool tells_passes; /* in a header: in development */
    bool is_draining; /* it was ended with the server */
    bool is_open; /* it shows what streamed queries keep waiting: not whole */
} app_visited;

/* What a visit asks of its owner, before it is left or done. */
typedef struct app_visit_owner {
    dew_asker *(*who)(void *owner); /* who asks: called once, and only if a query is used. A reference; NULL: no memory */
    void (*done)(void *owner, const app_visited *visited); /* called once, unless `begin` was */
    /* All three, or none. begin: false: nothing can be sent, the visit is over. more: false: not now, app_visit_go_on has it
     * called again with the same piece. end: the last. */
    bool (*begin)(void *owner, const app_visited *visited);
    bool (*more)(void *owner, dew_str piece);
    void (*end)(void *owner);
} app_visit_owner;

/* Starts a visit of `target` (path and query). `done` is called perhaps before this returns; then NULL is returned.
 * Otherwise the visit, which its owner may leave. `output`: what the body is (docs/protocol.md §2). Out
 * of memory: done with status 503. `calls` is kept. */
app_visit *app_visit_start(app_worker *worker, dew_str target, app_output output, const app_visit_owner *calls,
                           void *owner);

/* What was begun may be sent on, after `more` was false. */
void app_visit_go_on(app_visit *visit);

/* Nobody wants the page any more, for this cause: nothing more is started for it, what it alone waits for ends, `done` is not
 * called, nor `end`. Not after either. Takes NULL. */
void app_visit_end(app_visit *visit, dew_end end);

/* Frees the visits that a worker keeps for reuse; none is under way. */
void app_visits_dispose(app_worker *worker);

#endif
