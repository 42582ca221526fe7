/* visit_internal.h - a visit's insides: shared by visit.c (life, scope, steps, guards), visit_load.c (its queries' results),
 * visit_late.c (those that come after the document) and visit_cut.c (all at one commit, and the document). The worker's thread. */
#ifndef DEW_APP_VISIT_INTERNAL_H
#define DEW_APP_VISIT_INTERNAL_H

#include "app/admit.h"
#include "app/gate.h"
#include "app/timing.h"
#include "app/visit.h"
#include "io/fiber.h"
#include "io/timer.h"
#include "live/results.h"
#include "page/loop.h"

/* A query of the visit that is, or was, asked for. */
typedef struct app_visit_wait {
    dew_waiter waiter;
    app_visit *visit;
    dew_page_query *query;
    struct app_visit_wait *next;
    bool is_ready;
    bool is_late; /* of a streamed query: the page does not wait for it */
    bool is_kept; /* of a late one: its value is query->held alone, until the page that is read in one transaction is written */
    struct app_visit_wait *next_late; /* in visit->late_first: what has come and was not sent */
    const dew_error *failure; /* of a late one; NULL: none */
    int64_t since_ns; /* app_timing_now */
    dew_admission admission; /* by the query's guards, before the result is asked for */
} app_visit_wait;

struct app_visit {
    app_visit *next_free;
    app_worker *worker;
    dew_asker *asker; /* NULL: no query yet */
    app_gate *gate;   /* the page's guards; NULL: there are none, or they are through */
    const app_visit_owner *calls;
    void *owner; /* NULL: it has left, or has been told */
    dew_arena arena;
    app_timing *timing; /* NULL: nothing is measured */
    app_visit_wait *waitings;
    size_t missing; /* results under way that the page waits for */
    app_visit_wait *late_first, *late_last; /* late ones that have settled, in that order */
    size_t late_missing; /* after has_shell: those under way */
    int cut_tries;
    app_output output;
    bool is_personal; /* guards stand before it, or a result looked at who asks */
    bool is_stepping, is_done, wants_pin;
    bool asks_late; /* views have asked for something that is streamed and not there */
    bool has_shell; /* the document that late ones follow is written */
    bool is_open;   /* and it has been sent; in order: a part of it */
    bool is_in_order; /* nothing comes late: what waits holds up what stands behind it */
    dew_deferred again_later; /* in order, and open: another render at the end of the turn */
    bool is_torn;   /* in order: not all of it can be had at one commit */
    dew_buf sent;   /* in order: what has been */
    int sent_status;
    const dew_http_header *sent_cookies; /* arena */
    size_t sent_cookie_count;
    dew_timer beat; /* while is_open */
    bool has_scope, is_over; /* over: its time is up, and nothing is waited for any more */
    dew_scope_listener end;
    dew_deferred over_later;
    dew_sql_pin *pin;  /* the last resort: everything is read in it */
    bool has_fiber;    /* the last resort has been taken: what is read outside of the pin is not shown beside what is read in it */
    dew_fiber *fiber;  /* holds the pin; NULL until it runs */
    dew_deferred pin_later;
    dew_page_loop loop; /* last but one: large, and dew_page_loop_begin zeroes it */
    dew_scope scope;    /* of the whole request, made when it first has to wait: has_scope */
};

static inline bool app_visit_has_ended(const app_visit *visit)
{
    return visit->has_scope && visit->scope.ended != 0;
}

/* What it needs is read in the pin: from then on until a part of the page is sent, when that is closed. */
static inline bool app_visit_is_pinned(const app_visit *visit)
{
    return visit->pin != NULL && !visit->is_open;
}

/* ---- visit.c ---- */
/* Steps until there is something to wait for; false when the visit is over (and perhaps freed). */
bool app_visit_advance(app_visit *visit);
/* Of one that is done: gives it back, now or when the fiber that holds its transaction has let go. */
void app_visit_close(app_visit *visit);
/* The outcome goes to the owner; the visit itself ends in app_visit_advance, which is always below this on the stack. */
void app_visit_finish(app_visit *visit, const app_visited *visited);
/* Of the whole request: made now, if it has none yet. */
dew_scope *app_visit_scope(app_visit *visit);
/* Frees it, or keeps it for the next. */
void app_visit_give(app_visit *visit);

/* ---- visit_load.c ---- */
/* Who asks; NULL: no memory. */
dew_asker *app_visit_asker(app_visit *visit);
/* dew_page_find_fn. */
void app_visit_find(void *context, dew_page_query *query);
/* Starts what the loop wants and nobody has started yet. */
void app_visit_load(app_visit *visit);
/* Asks for what is streamed and not there, unless that was done. True when some of it was there at once, which nobody else says. */
bool app_visit_load_late(app_visit *visit);
/* The value that was kept is the query's from now on. */
void app_visit_wait_tell(app_visit_wait *wait);
/* Waits for no result any more, for this cause. */
void app_visit_waits_leave(app_visit *visit, dew_end end);
/* The same of those that the page waits for, of late ones, or of one. */
void app_visit_waits_leave_of(app_visit *visit, bool is_late, dew_end end);
void app_visit_wait_leave(app_visit_wait *wait, dew_end end);

/* ---- visit_in_order.c ---- */
/* Is the page at this address to be sent so? */
bool app_in_order_is_asked(dew_str location);
/* The page as it stands: sends what will not change. Within a step. */
void app_in_order_write(app_visit *visit, const app_visited *page);
/* A part has been sent, and the rest is elsewhere (empty: at the page's own address, which then waits for all). Within a step. */
void app_in_order_leave(app_visit *visit, dew_str location);
/* A streamed query of such a page has. */
void app_in_order_failed(dew_page_query *query, int code, const char *message);
/* Outside of a step: some of what it waits for has settled, or what was refused may be sent. One render, at the end of the turn of the
 * loop, is for all that comes in it. */
void app_in_order_go_on(app_visit *visit);

/* ---- visit_late.c ---- */
/* A streamed query has come (code 0: its value is set), or has failed. */
void app_late_settled(app_visit_wait *wait, int code, const char *message);
/* Outside of a step: sends on what can be; the visit may be over, and freed. */
void app_late_go_on(app_visit *visit);
/* No pass follows: what shows waits for some of them; the others are left. */
void app_late_choose(app_visit *visit);
/* The document goes to the owner, then what is there already. Within a step, or where the visit's end is looked at next. */
void app_late_begin(app_visit *visit, const app_visited *visited);
/* What is under way has failed: the time is up, or the server goes down. Ends as app_late_go_on. */
void app_late_over(app_visit *visit, int code, const char *words);

/* ---- visit_cut.c ---- */
/* Of visit->pin_later: reads everything in one transaction, on a fiber. */
void app_visit_pin(dew_deferred *deferred);
/* True when everything stands at *commit; or that is 0, and each result at its own: the error page of one that could not be read in one
 * transaction. Otherwise what is behind is asked for again. */
bool app_visit_cut(app_visit *visit, int64_t *commit);
/* Writes the page or its state, as of this commit, and finishes. */
void app_visit_document(app_visit *visit, int64_t commit);

#endif
