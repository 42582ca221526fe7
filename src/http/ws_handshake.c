/* ws_handshake.c - how a request becomes a WebSocket (RFC 6455 §4.2). See ws_connection.h. */
#include "http/ws_internal.h"

#include "http/token.h"

#include <stdlib.h>

static dew_http_fault handshake_check(const dew_http_request *request, dew_str *key)
{
    *key = dew_http_request_header(request, DEW_S("sec-websocket-key"));
    if (!request->head.asks_upgrade || request->head.method != DEW_HTTP_GET ||
        !dew_http_list_has(dew_http_request_header(request, DEW_S("upgrade")), DEW_S("websocket")))
        return DEW_HTTP_FAULT_UPGRADE;
    if (!dew_str_eq(dew_http_request_header(request, DEW_S("sec-websocket-version")), DEW_S("13")))
        return DEW_HTTP_FAULT_UPGRADE_VERSION;
    bool is_first = request->conn->requests.next == &request->link && request->conn->request_count == 1;
    return is_first && dew_ws_is_key(*key) && request->body.len == 0 ? DEW_HTTP_FAULT_NONE : DEW_HTTP_FAULT_UPGRADE;
}

static int handshake_write(conn *c, dew_str key, dew_str protocol)
{
    char accept[DEW_WS_ACCEPT_LEN];
    dew_ws_accept(key, accept);
    const dew_str head = DEW_S("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: ");
    const dew_str name = DEW_S("\r\nSec-WebSocket-Protocol: "), end_of_head = DEW_S("\r\n\r\n");
    const dew_io_slice slices[] = { { head.ptr, head.len, NULL },
                                    { accept, sizeof accept, NULL },
                                    { name.ptr, protocol.len != 0 ? name.len : 0, NULL },
                                    { protocol.ptr, protocol.len, NULL },
                                    { end_of_head.ptr, end_of_head.len, NULL } };
    return dew_http_conn_write(c, slices, sizeof slices / sizeof *slices);
}

/* The stream changes hands; the request goes back to the pool. */
static void take_over(dew_ws *ws, conn *c, dew_http_request *request)
{
    dew_http_server *server = ws->server;
    dew_ws_start(ws);
    dew_http_request_release(request);
    dew_http_conn_hand_over(c, ws);
    if (server->is_closing)
        dew_ws_close(ws, DEW_WS_GOING_AWAY, DEW_S(""));
}

int dew_http_upgrade_ws(dew_http_request *request, const dew_ws_events *events, void *data,
                        const dew_ws_options *options, dew_ws **out)
{
    static const dew_ws_options none;
    conn *c = request->conn;
    dew_str key;
    if (options == NULL)
        options = &none;
    if (dew_http_request_is_gone(request)) {
        dew_http_abandon(request);
        return DEW_E_CLOSED;
    }
    dew_http_fault fault = handshake_check(request, &key);
    if (fault != DEW_HTTP_FAULT_NONE) {
        dew_http_respond_fault(request, fault, 0);
        return DEW_E_PROTOCOL;
    }
    dew_ws *ws = dew_ws_create(request->server, c->stream, events, data, options);
    if (ws == NULL) {
        dew_http_respond_fault(request, DEW_HTTP_FAULT_NOMEM, 0);
        return DEW_E_NOMEM;
    }
    if (handshake_write(c, key, options->protocol) != 0) {
        free(ws);
        dew_http_abandon(request);
        return DEW_E_CLOSED;
    }
    take_over(ws, c, request);
    *out = ws;
    return 0;
}
