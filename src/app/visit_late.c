/* visit_late.c - what a page shows after it has been sent: streamed queries (docs/protocol.md §4, "What comes late").
 *
 *     asked for ── settled ─→ late_first … late_last ── is_open ─→ sent, in that order ── none under way ─→ the document's end
 *
 * A streamed query is asked for as soon as the pass that wants it is over. A value that is there before the page is settled stands in
 * the page as any other, unless that is read in one transaction (visit_cut.c); a failure waits for its turn, so that it never is the
 * page's. When the page is settled those that it shows something for are chosen, and the others left. What the peer does not take stays
 * here: values are held by their results. The worker's thread. */
#include "app/asker.h"
#include "app/visit_internal.h"
#include "live/cut.h"
#include "page/document.h"

/* How often a comment is sent, lest somebody on the way takes the connection for idle; the browser knows by it that it is not cut. */
#define BEAT_MS 5000
#define BEAT DEW_S("<!---->\n")

static const dew_error *failure_make(dew_arena *arena, int code, const char *message)
{
    static const dew_error no_memory = { DEW_E_NOMEM, "out of memory" };
    dew_error *failure = dew_arena_alloc(arena, sizeof *failure);
    if (failure == NULL)
        return &no_memory;
    dew_error_set(failure, code, "%s", message);
    return failure;
}

void app_late_settled(app_visit_wait *wait, int code, const char *message)
{
    app_visit *visit = wait->visit;
    if (visit->is_in_order) {
        if (code != 0)
            app_in_order_failed(wait->query, code, message);
        return;
    }
    wait->next_late = NULL;
    if (code != 0) /* cancelled while the client is there: the server goes down */
        wait->failure = failure_make(&visit->arena, code == DEW_E_CANCELLED ? DEW_E_CLOSED : code, message);
    if (visit->late_last != NULL)
        visit->late_last->next_late = wait;
    else
        visit->late_first = wait;
    visit->late_last = wait;
    visit->late_missing -= visit->has_shell;
}

void app_late_choose(app_visit *visit)
{
    app_visit_wait *settled = visit->late_first;
    visit->late_first = visit->late_last = NULL;
    visit->late_missing = 0;
    for (app_visit_wait *next; settled != NULL; settled = next) {
        next = settled->next_late;
        if (!settled->is_late || !dew_page_loop_is_late(&visit->loop, settled->query))
            continue;
        if (settled->is_kept)
            app_visit_wait_tell(settled);
        app_late_settled(settled, 0, NULL); /* in the same order */
    }
    for (app_visit_wait *wait = visit->waitings; wait != NULL; wait = wait->next) {
        if (!wait->is_late || wait->is_ready)
            continue;
        if (dew_page_loop_is_late(&visit->loop, wait->query))
            visit->late_missing++;
        else
            app_visit_wait_leave(wait, DEW_END_CLIENT_GONE);
    }
    visit->has_shell = true;
}

/* Its element; false: the peer has to take what waits for it first. */
static bool put_one(app_visit *visit, const app_visit_wait *wait)
{
    dew_page_query *query = wait->query;
    dew_buf *out = &visit->worker->page;
    dew_buf_clear(out);
    if (wait->failure != NULL) {
        if (query->state == DEW_QUERY_PENDING)
            dew_page_query_fail(query, wait->failure->code, wait->failure->message);
    } else {
        const dew_result *result = query->held;
        const dew_position at = dew_cut_position(result, result->high);
        query->result.commit = at.commit;
        query->result.topic = at.topic;
    }
    dew_late_write(out, query);
    return out->error != 0 ||
           visit->calls->more(visit->owner, dew_buf_str(out)); /* no memory: the browser asks for it */
}

/* Sends what is there; when all is, the end: the visit is done then. */
static void flush(app_visit *visit)
{
    for (; visit->late_first != NULL; visit->late_first = visit->late_first->next_late)
        if (!put_one(visit, visit->late_first))
            return;
    visit->late_last = NULL;
    if (visit->late_missing != 0 || !visit->calls->more(visit->owner, DEW_DOCUMENT_END))
        return;
    void *owner = visit->owner;
    visit->is_done = true;
    visit->owner = NULL;
    visit->calls->end(owner);
}

void app_late_go_on(app_visit *visit)
{
    if (!visit->is_open || visit->is_stepping || visit->is_done)
        return;
    if (visit->is_in_order) {
        app_in_order_go_on(visit);
        return;
    }
    flush(visit);
    if (visit->is_done)
        app_visit_close(visit);
}

void app_visit_go_on(app_visit *visit)
{
    app_late_go_on(visit);
}

static void beat_later(app_visit *visit)
{
    const app_hook *hook = visit->worker->app->hook;
    dew_timer_start(&visit->beat, hook != NULL && hook->beat_ms != 0 ? hook->beat_ms : BEAT_MS);
}

static void beat(dew_timer *timer)
{
    app_visit *visit = dew_container_of(timer, app_visit, beat);
    (void)visit->calls->more(visit->owner, BEAT); /* refused: there is enough under way */
    beat_later(visit);
}

void app_late_begin(app_visit *visit, const app_visited *visited)
{
    if (!visit->calls->begin(visit->owner, visited)) {
        visit->is_done = true;
        visit->owner = NULL;
        return;
    }
    visit->is_open = true;
    dew_timer_init(&visit->beat, visit->worker->loop, beat);
    beat_later(visit);
    flush(visit);
    if (!visit->is_done && visit->fiber != NULL && visit->fiber != dew_fiber_current())
        dew_fiber_resume(visit->fiber); /* it holds a transaction, which nobody needs any more */
}

void app_late_over(app_visit *visit, int code, const char *words)
{
    const dew_end end = visit->scope.cause.end;
    for (app_visit_wait *wait = visit->waitings; wait != NULL; wait = wait->next)
        if (wait->is_late && !wait->is_ready) {
            app_visit_wait_leave(wait, end);
            app_late_settled(wait, code, words);
        }
    app_late_go_on(visit);
}
