/* ws_send.c - what goes out on a WebSocket, and when. Loop's thread.
 *
 * What is sent in a turn is gathered in `out` and leaves in one write at the turn's end, or when `out` is full, or when
 * something more does not fit into queue_max beside it. A frame for thousands of connections takes long to write: at
 * the end of a turn so many of them are served, in the order in which they were sent to, and the others in the next
 * turns, so that everybody else gets their share in between.
 *
 * Invariant: whoever is refused hears on_drain. Hence only what the stream has queued is a reason to refuse, since only
 * that is told to have gone (on_stream_drain); what waits in `out` may be taken whole by the kernel, without a word. */
#include "http/ws_internal.h"
#include "io/watchdog.h"

#include <assert.h>

/* At the end of one turn so many connections are written to, or so many bytes written: some milliseconds. */
#define TURN_COUNT_MAX 128
#define TURN_LEN_MAX ((size_t)4 << 20)

static int give(dew_ws *ws, const dew_io_slice *slices, size_t count)
{
    int error = dew_stream_is_closing(ws->stream) ? DEW_E_CLOSED : dew_stream_write(ws->stream, slices, count);
    if (error != 0)
        dew_ws_lose(ws);
    else
        for (size_t i = 0; i < count; i++)
            ws->given_len += slices[i].len;
    return error;
}

/* --- gathering --- */

void dew_ws_out_drop(dew_ws *ws)
{
    for (size_t i = 0; i < ws->out_count; i++)
        dew_blob_unref(ws->out[i]);
    ws->out_count = 0;
    ws->out_len = 0;
}

static void out_write(dew_ws *ws)
{
    dew_io_slice slices[WS_OUT_MAX];
    for (size_t i = 0; i < ws->out_count; i++)
        slices[i] = (dew_io_slice){ ws->out[i]->data, ws->out[i]->len, ws->out[i] };
    if (ws->out_count != 0)
        (void)!give(ws, slices, ws->out_count); /* on failure it is closing */
    dew_ws_out_drop(ws);
}

void dew_ws_flush(dew_ws *ws)
{
    if (ws->state == WS_OPEN)
        out_write(ws);
}

/* Takes the frame over. */
static void out_add(dew_ws *ws, dew_blob *frame)
{
    if (ws->out_count == WS_OUT_MAX)
        out_write(ws);
    ws->out[ws->out_count++] = frame;
    ws->out_len += frame->len;
    dew_ws_unsent(ws);
}

/* --- the end of a turn --- */

void dew_ws_unsent(dew_ws *ws)
{
    dew_http_server *server = ws->server;
    if (ws->unsent.next == NULL)
        dew_list_push_back(&server->unsent, &ws->unsent);
    dew_loop_defer(server->loop, &server->flush);
}

static void flush_one(dew_ws *ws)
{
    if (ws->early.len != 0 && !dew_stream_is_closing(ws->stream))
        dew_ws_feed(ws, "", 0);
    out_write(ws);
}

void dew_ws_flush_unsent(dew_deferred *deferred)
{
    dew_http_server *server = dew_container_of(deferred, dew_http_server, flush);
    size_t count = 0, len = 0;
    const char *previous = dew_watchdog_begin(server->loop, "sending to WebSockets");
    for (dew_link *link; count < TURN_COUNT_MAX && len < TURN_LEN_MAX; count++) {
        if ((link = dew_list_pop_front(&server->unsent)) == NULL)
            break;
        dew_ws *ws = dew_container_of(link, dew_ws, unsent);
        len += ws->out_len;
        flush_one(ws);
    }
    dew_watchdog_end(server->loop, previous);
    if (!dew_list_is_empty(&server->unsent)) {
        dew_deferred_cancel(&server->flush); /* whoever was sent to meanwhile waits for their turn, too */
        dew_loop_defer_next(server->loop, &server->flush);
    }
}

/* --- how much waits --- */

size_t dew_ws_queued_len(const dew_ws *ws)
{
    return ws->out_len + dew_stream_queued_len(ws->stream);
}

bool dew_ws_has_taken(dew_ws *ws)
{
    int64_t left_len = (int64_t)dew_stream_untaken_len(ws->stream), taken_len = (int64_t)ws->given_len - left_len;
    bool has_taken = ws->was_behind && taken_len > ws->taken_mark;
    ws->was_behind = left_len != 0;
    ws->taken_mark = taken_len;
    return has_taken;
}

/* Where nothing waits, a frame of any length fits. */
static bool has_room(const dew_ws *ws, size_t len)
{
    size_t queued = dew_ws_queued_len(ws);
    return queued == 0 || (queued < ws->queue_max && len <= ws->queue_max - queued);
}

/* 0: may be sent. */
static int send_check(dew_ws *ws, size_t len)
{
    if (ws->state != WS_OPEN)
        return DEW_E_CLOSED;
    if (!has_room(ws, len))
        out_write(ws); /* the kernel may take it now */
    if (dew_stream_is_closing(ws->stream))
        return DEW_E_CLOSED;
    if (has_room(ws, len))
        return 0;
    assert(dew_stream_queued_len(ws->stream) != 0 && "a refusal without on_drain");
    if (ws->overflow == DEW_WS_OVERFLOW_REFUSE)
        return DEW_E_LIMIT;
    ws->close_code = DEW_WS_TRY_LATER;
    dew_ws_close(ws, DEW_WS_TRY_LATER, DEW_S("too slow (queue_max)"));
    return DEW_E_CLOSED;
}

/* --- sending --- */

int dew_ws_send_frame(dew_ws *ws, dew_blob *frame)
{
    int error = send_check(ws, frame->len);
    if (error == 0)
        out_add(ws, dew_blob_ref(frame));
    return error;
}

int dew_ws_send(dew_ws *ws, dew_ws_opcode opcode, const dew_io_slice *slices, size_t count)
{
    dew_io_slice all[DEW_STREAM_SLICE_MAX];
    char head[DEW_WS_HEAD_MAX];
    size_t len = 0;
    assert(count < DEW_STREAM_SLICE_MAX);
    for (size_t i = 0; i < count; i++)
        len += slices[i].len;
    int error = send_check(ws, len + sizeof head);
    if (error != 0)
        return error;
    out_write(ws);
    all[0] = (dew_io_slice){ head, dew_ws_head_write(head, opcode, len), NULL };
    if (count != 0)
        memcpy(all + 1, slices, count * sizeof *all);
    return give(ws, all, count + 1);
}

void dew_ws_control_send(dew_ws *ws, dew_ws_opcode opcode, dew_str payload)
{
    if (dew_ws_queued_len(ws) > ws->queue_max) /* a peer that pings and does not read gets no pong */
        return;
    dew_blob *frame = dew_ws_frame_create(opcode, payload);
    if (frame != NULL)
        out_add(ws, frame);
}

void dew_ws_close_frame_send(dew_ws *ws, uint16_t code, dew_str reason)
{
    char frame[2 + DEW_WS_CONTROL_MAX];
    const dew_io_slice slice = { frame, dew_ws_close_write(frame, code, reason), NULL };
    out_write(ws);
    (void)!give(ws, &slice, 1); /* on failure it is closing */
    dew_timer_start(&ws->timer, ws->close_timeout_ms);
}
