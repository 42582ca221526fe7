/* fetch.c - dew_fetch: waits on its fiber for libcurl, hands out the body, says how it went.
 *
 * The transfer is removed before the call returns, whatever happened: what was not finished is closed by that, and the
 * call may stand on the fiber's stack. On the scope's worker. */
#include "io/clock.h"
#include "io/timer.h"
#include "scope/fetch_internal.h"

/* Wakes the fiber when the scope ends or the time is over. */
typedef struct waker {
    dew_scope_listener listener;
    dew_timer timer;
    dew_fetch_call *call;
} waker;

static void on_late(dew_timer *timer)
{
    dew_fetch_call *call = dew_container_of(timer, waker, timer)->call;
    call->is_late = true;
    dew_fiber_resume(call->fiber);
}

static void on_end(dew_scope_listener *listener, const dew_cause *cause)
{
    (void)cause;
    dew_fiber_resume(dew_container_of(listener, waker, listener)->call->fiber);
}

/* The body, kept in the scope's arena. */
typedef struct body {
    char *ptr;
    size_t len, cap;
} body;

static int body_add(dew_fetch_call *call, body *b, dew_str piece)
{
    if (b->cap - b->len <= piece.len) { /* and the NUL */
        size_t cap = b->cap * 2 > b->len + piece.len + 1 ? b->cap * 2 : b->len + piece.len + 1;
        char *grown = dew_arena_grow(call->scope->arena, b->ptr, b->cap, cap);
        if (grown == NULL)
            return dew_fail(call->scope, DEW_E_NOMEM, "dew_fetch: the body does not fit into the scope's memory");
        b->ptr = grown;
        b->cap = cap;
    }
    memcpy(b->ptr + b->len, piece.ptr, piece.len);
    b->len += piece.len;
    return 0;
}

/* Why it is over, though libcurl has not said so; 0: it is not. */
static int over(dew_fetch_call *call)
{
    int ended = dew_scope_check(call->scope, dew_clock_now_ns());
    if (ended != 0)
        return ended;
    if (call->is_late)
        return dew_fail(call->scope, DEW_E_TIMEOUT, "dew_fetch: no answer in time");
    switch (call->failed) {
    case 0:
        return 0;
    case DEW_E_LIMIT:
        return dew_fail(call->scope, DEW_E_LIMIT,
                        call->is_head_whole ? "dew_fetch: the body is longer than %zu bytes"
                                            : "dew_fetch: the head is longer than %zu bytes",
                        call->is_head_whole ? call->body_max : DEW_FETCH_HEAD_MAX);
    default:
        return dew_fail(call->scope, call->failed, "dew_fetch: %s", dew_error_text(call->failed));
    }
}

/* Hands out what came since; on_chunk may wait, and more comes meanwhile. */
static int hand_out(dew_fetch_call *call, dew_buf *taken, body *kept)
{
    dew_buf came = call->pending;
    call->pending = *taken;
    *taken = came;
    dew_str piece = dew_buf_str(taken);
    int code = call->options->on_chunk != NULL ? call->options->on_chunk(call->options->context, piece)
                                               : body_add(call, kept, piece);
    dew_buf_clear(taken);
    return code;
}

/* libcurl's word for the end as ours. */
static int outcome(dew_fetch_call *call)
{
    const char *words = call->words[0] != '\0' ? call->words : curl_easy_strerror(call->result);
    long hops = 0;
    if (call->result == CURLE_OK)
        return 0;
    if (call->is_refused)
        return dew_fail(call->scope, DEW_E_DENIED, "that address may not be fetched");
    switch (call->result) {
    case CURLE_OUT_OF_MEMORY:
        return dew_fail(call->scope, DEW_E_NOMEM, "dew_fetch: out of memory");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_COUNT, &hops);
        return dew_fail(call->scope, hops != 0 ? DEW_E_DENIED : DEW_E_INVALID, "not a URL that can be fetched\n%s",
                        words);
    case CURLE_TOO_MANY_REDIRECTS:
        return dew_fail(call->scope, DEW_E_LIMIT, "dew_fetch: too many redirects");
    case CURLE_PEER_FAILED_VERIFICATION:
        return dew_fail(call->scope, DEW_E_IO, "dew_fetch: the upstream's certificate is refused: %s", words);
    default:
        return dew_fail(call->scope, DEW_E_IO, "dew_fetch: %s", words);
    }
}

/* Until all is handed out. */
static int receive(dew_fetch_call *call, dew_response *out)
{
    dew_response answer = { 0 };
    body kept = { 0 };
    dew_buf taken;
    bool is_streamed = call->options->on_chunk != NULL, has_begun = false;
    int code;
    dew_buf_init(&taken, call->pending.max);
    while ((code = over(call)) == 0) {
        if (call->pending.len != 0) {
            if (!has_begun && (code = dew_fetch_request_answer(call, is_streamed ? out : &answer)) != 0)
                break;
            has_begun = true;
            if ((code = hand_out(call, &taken, &kept)) != 0)
                break;
        } else if (call->is_done) {
            break;
        } else if (call->is_paused) {
            call->is_paused = false; /* before: it may be paused again within */
            curl_easy_pause(call->easy, CURLPAUSE_CONT);
        } else {
            dew_fiber_suspend();
        }
    }
    dew_buf_dispose(&taken);
    if (code == 0)
        code = outcome(call);
    if (code == 0 && !has_begun)
        code = dew_fetch_request_answer(call, is_streamed ? out : &answer);
    if (code == 0 && !is_streamed) {
        if (kept.ptr != NULL)
            kept.ptr[kept.len] = '\0';
        answer.body = kept.ptr != NULL ? dew_str_make(kept.ptr, kept.len) : DEW_S("");
        *out = answer;
    }
    return code;
}

static int transfer(dew_fetch_call *call, dew_response *out)
{
    if (curl_multi_add_handle(call->multi, call->easy) != CURLM_OK)
        return dew_fail(call->scope, DEW_E_NOMEM, "dew_fetch: out of memory");
    dew_outgoing_count(&call->outgoing->counts.started, 1);
    dew_outgoing_count(&call->outgoing->counts.under_way, 1);
    waker w = { .listener.on_end = on_end, .call = call };
    int64_t timeout_ms = dew_duration_ms(call->options->timeout, DEW_FETCH_TIMEOUT_MS);
    dew_timer_init(&w.timer, dew_fiber_loop(call->fiber), on_late);
    if (timeout_ms < DEW_TIMER_DELAY_MAX_MS)
        dew_timer_start(&w.timer, timeout_ms);
    dew_scope_listen(call->scope, &w.listener);
    int code = receive(call, out);
    dew_scope_unlisten(&w.listener);
    dew_timer_stop(&w.timer);
    dew_fetch_pool_unwatch(call);
    curl_multi_remove_handle(call->multi, call->easy);
    dew_outgoing_count(&call->outgoing->counts.under_way, -1);
    return code;
}

int dew_fetch_with(dew_scope *scope, dew_response *out, const char *url, const dew_fetch_options *options)
{
    dew_fetch_call call = { .scope = scope, .url = url, .options = options, .fiber = dew_fiber_current() };
    if (call.fiber == NULL)
        return dew_fail(scope, DEW_E_UNSUPPORTED, "dew_fetch needs a handler that may wait (a loader or an action)");
    int code = dew_scope_enter(scope);
    if (code != 0)
        return code;
    code = dew_fetch_pool_join(&call) == 0 ? dew_fetch_request_init(&call)
                                           : dew_fail(scope, DEW_E_NOMEM, "dew_fetch: out of memory");
    if (code == 0)
        code = transfer(&call, out);
    dew_fetch_pool_leave(&call);
    dew_fetch_request_dispose(&call);
    return code;
}
