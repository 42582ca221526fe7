/* visit_in_order.c - a page with streamed queries for those without scripts: ?_whole=1 (docs/protocol.md §4, "In order").
 *
 *     settled, as far as it goes → what stands before the first region that waits is sent ←┐
 *         └ some of it has come → rendered again: begins with what was sent? ── yes ───────┘ … nothing waits: all of it, the end
 *                                              └ no → nothing more, until nothing waits: still no → led to ?_whole=2, which waits for all
 *
 * What was sent is kept and compared byte by byte: what comes late may set a title or a store that stands further up. The worker's
 * thread. */
#include "app/cookies.h"
#include "app/log.h"
#include "app/visit_internal.h"
#include "base/outcome.h"
#include "page/document.h"
#include "view/html.h"

#define ASKED "_whole=1"
#define ASKED_LEN (sizeof(ASKED) - 1)

/* Where it stands in the query string, as a field; NULL: nowhere. */
static const char *asked_in(dew_str location)
{
    const char *end = location.ptr + location.len, *at = memchr(location.ptr, '?', location.len);
    while (at != NULL && (size_t)(end - ++at) >= ASKED_LEN) {
        if (memcmp(at, ASKED, ASKED_LEN) == 0 && (at + ASKED_LEN == end || at[ASKED_LEN] == '&'))
            return at;
        at = memchr(at, '&', (size_t)(end - at));
    }
    return NULL;
}

bool app_in_order_is_asked(dew_str location)
{
    return asked_in(location) != NULL;
}

/* ---- the end ---- */

static bool was_sent(const app_visit *visit, dew_str line)
{
    for (size_t i = 0; i < visit->sent_cookie_count; i++)
        if (dew_str_eq(visit->sent_cookies[i].value, line))
            return true;
    return false;
}

/* What views said too late, once for the answer. */
static void tell_what_is_lost(app_visit *visit)
{
    dew_app *app = visit->worker->app;
    const dew_page_render *render = &visit->loop.render;
    const dew_str at = visit->loop.match.location;
    if (render->late_status != 0)
        app_log(app, DEW_LOG_WARN,
                "%.*s: dew_status(%d) in a view that waits for a streamed query: the answer's head is sent, and its "
                "status, %d, "
                "stays; say it before, or serve that query without .stream",
                DEW_STR_FMT(at), render->late_status, visit->sent_status);
    app_visited now = { 0 };
    if (render->staged != NULL)
        app_visit_cookies(visit, &now);
    for (size_t i = 0; i < now.cookie_count; i++) {
        const dew_str line = now.cookies[i].value;
        const char *equals = memchr(line.ptr, '=', line.len);
        if (was_sent(visit, line))
            continue;
        app_log(app, DEW_LOG_WARN,
                "%.*s: cookie %.*s is set by a view that waits for a streamed query: the answer's head is sent, and "
                "the cookie is "
                "not; set it before, in an action, or serve that query without .stream",
                DEW_STR_FMT(at), (int)(equals != NULL ? equals - line.ptr : 0), line.ptr);
        return;
    }
}

static void end(app_visit *visit)
{
    void *owner = visit->owner;
    tell_what_is_lost(visit);
    visit->is_done = true;
    visit->owner = NULL;
    visit->calls->end(owner);
}

/* Its own address, where it waits for all. */
static void put_whole(dew_buf *out, dew_str location)
{
    const size_t before = (size_t)(asked_in(location) - location.ptr) + ASKED_LEN - 1;
    dew_html_put_text(out, dew_str_make(location.ptr, before));
    dew_buf_put_char(out, '2');
    dew_html_put_text(out, dew_str_make(location.ptr + before + 1, location.len - before - 1));
}

static void put_address(dew_buf *out, const app_visit *visit, dew_str location)
{
    if (location.len != 0)
        dew_html_put_text(out, location);
    else
        put_whole(out, visit->loop.match.location);
}

void app_in_order_leave(app_visit *visit, dew_str location)
{
    dew_buf *out = &visit->worker->page;
    dew_buf_clear(out);
    dew_buf_put_lit(out, "<meta http-equiv=\"refresh\" content=\"0; url=");
    put_address(out, visit, location);
    dew_buf_put_lit(out, "\"><p><a href=\"");
    put_address(out, visit, location);
    dew_buf_put_lit(out, "\">Go on</a></p>");
    dew_buf_put_str(out, DEW_DOCUMENT_END);
    if (out->error == 0 && !visit->calls->more(visit->owner, dew_buf_str(out)))
        return;
    end(visit);
}

/* ---- on the way ---- */

void app_in_order_failed(dew_page_query *query, int code, const char *message)
{
    int status;
    dew_str location;
    dew_error words = { 0 };
    if (code == DEW_E_REDIRECT && dew_redirect_parse(message, &status, &location)) {
        dew_error_set(&words, code, "see %.*s", DEW_STR_FMT(location)); /* nobody follows it: the region says it */
        message = words.message;
    }
    dew_page_query_fail(query, code == DEW_E_CANCELLED ? DEW_E_CLOSED : code, message);
}

/* The head, and what of the page will not change. */
static void begin(app_visit *visit, const app_visited *page, size_t len)
{
    app_visited first = *page;
    first.body.len = len;
    if (visit->loop.render.staged != NULL)
        app_visit_cookies(visit, &first);
    if (!visit->calls->begin(visit->owner, &first)) {
        visit->is_done = true;
        visit->owner = NULL;
        return;
    }
    visit->is_open = true;
    visit->sent_status = first.status;
    dew_page_loop_resume(&visit->loop, first.status);
    visit->sent_cookies = first.cookies;
    visit->sent_cookie_count = first.cookie_count;
    dew_buf_init(&visit->sent, DEW_APP_HTML_MAX);
    dew_buf_put_str(&visit->sent, first.body);
    if (visit->fiber != NULL && visit->fiber != dew_fiber_current())
        dew_fiber_resume(visit->fiber); /* as in app_late_begin */
}

void app_in_order_write(app_visit *visit, const app_visited *page)
{
    const dew_page_loop *loop = &visit->loop;
    const dew_str sent = dew_buf_str(&visit->sent);
    const bool is_last = !page->is_open || visit->is_torn;
    dew_deferred_cancel(&visit->again_later); /* all that has settled is in it */
    size_t len = page->body.len;
    if (page->is_open && loop->wait_at < len - loop->body_at)
        len = loop->body_at + (loop->is_bare ? 0 : loop->wait_at);
    if (!visit->is_open) {
        begin(visit, page, len);
        return;
    }
    const bool fits =
        visit->sent.error == 0 && !visit->is_torn && len >= sent.len && memcmp(page->body.ptr, sent.ptr, sent.len) == 0;
    if (!fits && is_last) {
        app_log(visit->worker->app, DEW_LOG_WARN,
                "%.*s: what a streamed query brings changes what was sent before it (a title, a store, data that is "
                "written "
                "meanwhile): without scripts the page is loaded once more, whole",
                DEW_STR_FMT(loop->match.location));
        app_in_order_leave(visit, (dew_str){ NULL, 0 });
    }
    if (!fits)
        return; /* the next one may, or is the last */
    const dew_str piece = dew_str_make(page->body.ptr + sent.len, len - sent.len);
    if (piece.len != 0 && !visit->calls->more(visit->owner, piece))
        return; /* made again when there is room */
    if (is_last)
        end(visit);
    else
        dew_buf_put_str(&visit->sent, piece);
}

static void again(dew_deferred *deferred)
{
    app_visit *visit = dew_container_of(deferred, app_visit, again_later);
    if (visit->is_done || visit->missing != 0 || (app_visit_has_ended(visit) && !visit->is_over))
        return;
    visit->cut_tries = 0;
    dew_page_loop_resume(&visit->loop, visit->sent_status);
    (void)app_visit_advance(visit);
}

void app_in_order_go_on(app_visit *visit)
{
    visit->again_later.run = again;
    dew_loop_defer(visit->worker->loop, &visit->again_later);
}
