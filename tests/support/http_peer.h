/* http_peer.h - the other end of an HTTP connection, for tests: one loop, a server, and a client that keeps what comes.
 *
 * Both ends are streams of one loop, whose clock stands still (dew_loop_clock_hold): nothing here waits for real time. */
#ifndef DEW_TESTS_HTTP_PEER_H
#define DEW_TESTS_HTTP_PEER_H

#include "base/buffer.h"
#include "http/server.h"

typedef struct http_peer {
    dew_loop *loop;
    dew_stream *stream; /* NULL once closed */
    dew_buf seen;       /* all that came, NUL behind it */
    bool is_ended;      /* the server sent its end, or broke the connection */
} http_peer;

/* A connection to the server, over a pair of sockets. */
void http_peer_open(http_peer *peer, dew_http_server *server);
/* The same without telling the server: returns its end, not attached. */
dew_stream *http_peer_pair(http_peer *peer, dew_loop *loop);
void http_peer_send(http_peer *peer, const char *text);
void http_peer_send_bytes(http_peer *peer, const void *bytes, size_t len);
/* Turns the loop until nothing more happens. */
void http_peer_settle(dew_loop *loop);
/* What came since the last call, NUL-terminated; borrowed until the next call. Settles first. */
const char *http_peer_take(http_peer *peer);
void http_peer_close(http_peer *peer);
/* Closes and frees. */
void http_peer_dispose(http_peer *peer);
/* Closes the server, which nobody uses any more, and destroys the loop. The test fails unless the server says, once, that it is closed. */
void http_peer_end_server(dew_loop *loop, dew_http_server *server);

#endif
