/* loop.h - the render loop of one request, without I/O: render, tell what is pending, let the caller load it, render
 * again, until nothing is (design §3). The caller (app/) runs the loaders, side by side, on fibers.
 *
 *     dew_page_loop_begin(loop, …);
 *     for (;;)
 *         switch (dew_page_loop_step(loop)) {
 *         case DEW_PAGE_LOAD:     settle every query of the list loop->pending: dew_page_query_set or _fail; break;
 *         case DEW_PAGE_SETTLED:  check the cut; stale ones: dew_page_loop_reload each, break; else take the result; return;
 *         case DEW_PAGE_REDIRECT: loop->status and loop->location; return;
 *              }
 *
 *             ┌────────── settled by caller ──────────┐
 *             v                                       │
 *     begin → pass ── new pending queries ──────────→ LOAD
 *             │ ├──── page not found, no region could show what failed → the same with the error page, then plain
 *             │ ├──── a view failed, or was too large → SETTLED, bare: the browser renders
 *             │ └──── a query is elsewhere ─→ REDIRECT
 *             └────── none ─→ SETTLED ── reload ─────→ LOAD
 *
 * Before the first pass hooks run and declared loads are asked for (page/plan.h), again until nothing of that is pending: no passes.
 * After a pass that changed a store (page/store.h) the next follows at once. A page that would need more passes than it may
 * (dew_ssr) is settled as it is, and said so: what is pending then stays so.
 *
 * A query is tried once per request, so one that fails cannot loop; reload is the caller's word and counts as a pass.
 * Invariants: a query is in `queries` once per (fn, canonical args); its value does not move until the loop ends.
 * Belongs to one worker; begin and step never suspend. Server only. */
#ifndef DEW_PAGE_LOOP_H
#define DEW_PAGE_LOOP_H

#include "page/render.h"

#include "base/hash.h"

#define DEW_PAGE_TOLD_MAX 8      /* failures of one page that are noted whole, each on a line of the log */
#define DEW_PAGE_QUERIES_MAX 1000 /* queries of one page: a subscription each */

typedef enum dew_page_query_state { DEW_QUERY_PENDING, DEW_QUERY_READY, DEW_QUERY_FAILED } dew_page_query_state;

/* A query's result as the caller hands it over. Everything stays the caller's, alive until the loop is disposed. */
typedef struct dew_page_value {
    const void *value;     /* typed; not NULL */
    dew_str json;          /* its canonical bytes, which the page's state carries */
    dew_value_hash hash;   /* of json */
    int64_t commit, topic; /* position */
    const char *schema;    /* of the function: 8 hex digits */
    bool is_located;       /* right at this address alone */
    bool is_seeded;        /* by a hook: of no position, and no hash */
} dew_page_value;

/* One query of the page, in the loop's arena. Read-only to the caller but for `held`. */
typedef struct dew_page_query {
    const dew_fn *fn;
    const void *args;      /* deep copy */
    dew_str args_json;     /* canonical */
    struct dew_page_query *next, *next_pending;
    bool is_streamed;      /* set by the caller's find: while it is pending nobody waits for it, and no failure of it is the page's */
    bool is_asked;         /* the caller's own: it is being loaded, or has failed; of streamed ones */
    void *held;            /* the caller's own, NULL at first: what keeps the value alive */
    dew_page_query_state state;
    dew_page_value result; /* when READY */
    const dew_error *error; /* when FAILED: whole */
    const dew_error *shown; /* what of it a visitor may read; NULL: it was not used */
    /* private to loop.c */
    struct dew_page_loop *loop;
    struct dew_page_query *next_in_bucket;
    uint32_t hash;
    int last_pass, missed_pass; /* the last pass that got its value, and that did not since it was pending; 0: hooks */
    bool is_island;             /* an island has used it */
    bool is_kept;               /* goes with the page whether or not a view has used it */
} dew_page_query;

/* For results that are in memory: called on the first use of a query, in the middle of a pass. May settle it at
 * once with dew_page_query_set; must not suspend. Leaving it pending is always right. */
typedef void dew_page_find_fn(void *context, dew_page_query *query);

typedef struct dew_page_loop_config {
    const dew_router *router;
    bool development;          /* whole messages to the visitor */
    bool no_ssr;               /* every page as with DEW_SSR_OFF */
    bool is_data;              /* what the page declares is loaded (.loads), and nothing rendered */
    bool has_browser;          /* a browser half will render what the server does not */
    dew_page_find_fn *find;    /* or NULL */
    /* Told once of each failure that the page, or a region of it, shows, before anything of it is, DEW_PAGE_TOLD_MAX at most: notes
     * the whole, and leaves what a visitor may read. Not of redirects. NULL: dew_error_redact, unless in development. */
    void (*failed)(void *context, dew_error *error);
    /* Told what views and hooks do that should be mended, as one line for the log: a page that did not settle. NULL: nobody. */
    void (*complain)(void *context, const char *message);
    dew_page_cookie_fn *cookie; /* NULL: the visitor has none */
    void *context;
    size_t html_room;          /* bytes to leave free in front of the HTML: dew_document_room; 0: none */
} dew_page_loop_config;

typedef enum dew_page_step { DEW_PAGE_LOAD, DEW_PAGE_SETTLED, DEW_PAGE_REDIRECT } dew_page_step;

typedef struct dew_page_loop {
    dew_page_loop_config config;
    dew_match match;
    dew_page_query *queries; /* in order of first use, linked by next */
    dew_page_query *pending; /* after DEW_PAGE_LOAD: linked by next_pending */
    int query_count, pass_count;
    int status;              /* HTTP */
    bool is_stopped;         /* after SETTLED: more passes were needed than there may be; what is pending is not waited for */
    dew_str location;        /* after DEW_PAGE_REDIRECT: where to, with `status`; empty before */
    bool is_streaming;       /* after SETTLED: it shows something that a streamed query waits for */
    size_t wait_at;          /* if is_streaming: bytes of the HTML that stand before all that may change when it comes */
    size_t body_at;          /* after dew_document_write: where the HTML stands in the page */
    bool is_bare;            /* after SETTLED: no body, the browser renders */
    dew_error error;         /* code not 0: why the page asked for, or a region of it, was not shown; whole */
    dew_error shown;         /* what of it a visitor may read; of a page that was not shown */
    dew_page_render render;
    /* private to loop.server.c */
    dew_arena *arena;
    dew_buf *html;
    dew_page_query **queries_end, **pending_end;
    dew_error use_error, view_error;
    const dew_error *use_shown;
    int told;
    bool is_told;            /* why the page is not shown: what else fails on the way to the error page is not */
    const dew_error *worst;  /* of the queries of this pass: what the page answers when one failed */
    const struct dew_page_plan *plan;
    int mode, mode_passes;   /* the page, bare, the error page, the plain one; passes of it */
    int store_passes;        /* of these, those for what stores and cookies changed alone */
    int hook_runs;           /* -1: no more */
    bool has_complained;
    dew_page_query *buckets[64]; /* undefined while query_count is 0 */
} dew_page_loop;

/* The address is one of a static page (dew/island.h). */
static inline bool dew_page_loop_has_islands(const dew_page_loop *loop)
{
    return loop->match.page != NULL && loop->match.page->islands != NULL;
}
/* After SETTLED: the browser takes the page as it is, but for its islands. */
static inline bool dew_page_loop_is_static(const dew_page_loop *loop)
{
    return dew_page_loop_has_islands(loop) && loop->mode == 0 && !loop->is_bare;
}

/* Starts a request for `target`. `arena` and `html` (cleared by each pass) are borrowed until the loop ends. */
void dew_page_loop_begin(dew_page_loop *loop, const dew_page_loop_config *config, dew_arena *arena, dew_buf *html,
                         dew_str target);

/* Renders, and says what comes next. */
dew_page_step dew_page_loop_step(dew_page_loop *loop);

/* Settle a query, when it is pending or to be loaded. *result is copied (shallow), the message is copied (NULL: what the code means). */
void dew_page_query_set(dew_page_query *query, const dew_page_value *result);
void dew_page_query_fail(dew_page_query *query, int code, const char *message);

/* After SETTLED: this result is behind the cut. The next step asks for it again, unless it is streamed, then renders again. */
void dew_page_loop_reload(dew_page_loop *loop, dew_page_query *query);

/* After SETTLED: a part of the page has been sent, with this status, and some of what it waits for has been settled since. The next step
 * renders again. */
void dew_page_loop_resume(dew_page_loop *loop, int sent_status);

/* Shows the error page instead, for a failure outside the view (a guard, a deadline); step again. DEW_E_REDIRECT with the
 * message of one (base/outcome.h) redirects. */
void dew_page_loop_fail(dew_page_loop *loop, int code, const char *message);

/* The page asked for is not shown, but the error page. */
bool dew_page_loop_has_failed(const dew_page_loop *loop);

/* After SETTLED: not even the error page could be rendered; what is left is dew_document_write_plain. */
bool dew_page_loop_is_plain(const dew_page_loop *loop);

/* After SETTLED: of the answer; what a view said (dew_status), else 200, or the failure's. */
static inline int dew_page_loop_status(const dew_page_loop *loop)
{
    if (loop->render.is_sent)
        return loop->render.sent_status;
    bool is_bare_failure = loop->is_bare && loop->error.code != 0;
    bool is_said = loop->render.status != 0 && !is_bare_failure && !dew_page_loop_is_plain(loop);
    return is_said ? loop->render.status : loop->status;
}

/* After SETTLED: is this query's value what the page shows, or goes with it? */
bool dew_page_loop_carries(const dew_page_loop *loop, const dew_page_query *query);
/* After SETTLED: the query failed, and the page, or a region of it, says so. */
bool dew_page_loop_shows_failure(const dew_page_loop *loop, const dew_page_query *query);

/* After SETTLED: a streamed query, and what shows waits for it (DEW_PENDING; settled since, when the caller did so after the last step). */
static inline bool dew_page_loop_is_late(const dew_page_loop *loop, const dew_page_query *query)
{
    return query->is_streamed && query->missed_pass == loop->pass_count && query->missed_pass != 0;
}

/* Of a query that failed: what a visitor may read; the first time the whole is noted. Alive as long as the loop. */
const dew_error *dew_page_query_shown(dew_page_query *query);

/* After SETTLED: body HTML, valid until the next step, in the buffer that was given; and how many bytes stand free before
 * it there. */
dew_str dew_page_loop_html(const dew_page_loop *loop);
size_t dew_page_loop_room(const dew_page_loop *loop);

/* What is not in the arena; what queries hold is the caller's. Takes NULL and zeroed. */
void dew_page_loop_dispose(dew_page_loop *loop);

#endif
