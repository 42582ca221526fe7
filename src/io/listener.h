/* listener.h - takes connections and spreads them over loops.
 *
 * One loop accepts and hands each connection to the next loop in turn (its own included). That is even to within one
 * connection, however few there are; it is the same for TCP, Unix sockets and adopted descriptors; and it replays in a
 * simulator. SO_REUSEPORT spreads by hash, unevenly when connections are few and long-lived as WebSockets are, and
 * loses those queued on a socket that closes. The price is one message per connection. */
#ifndef DEW_IO_LISTENER_H
#define DEW_IO_LISTENER_H

#include "io/stream.h"

typedef struct dew_listener dew_listener;

/* Connections that the kernel keeps waiting (it may allow less). */
#define DEW_LISTENER_BACKLOG 1024
/* Pause after running out of descriptors. */
#define DEW_LISTENER_RETRY_MS 100

typedef struct dew_listener_options {
    dew_endpoint endpoint;
    int fd_plus_one;        /* an open, listening socket + 1: taken over; endpoint is ignored. 0: none */
    dew_loop *const *loops; /* who gets connections, in turn; copied. NULL: the accepting loop alone */
    size_t loop_count;
    void *context; /* borrowed until every loop is destroyed */
    /* On the thread of `loop`, which is the stream's. The owner attaches, or closes, before it returns. */
    void (*on_accept)(void *context, dew_loop *loop, dew_stream *stream);
    /* On the accepting loop's thread: descriptors or memory have run out and connections wait (true), once; the next one
     * has been taken (false). May be NULL. */
    void (*on_starved)(void *context, bool is_starved);
} dew_listener_options;

/* Listens on `loop`. DEW_E_CONFLICT: the address is in use; DEW_E_DENIED; DEW_E_INVALID: not an address; *error says
 * which address and what to do, may be NULL. A stale Unix socket (nobody answers) is replaced. */
int dew_listener_open(dew_loop *loop, const dew_listener_options *options, dew_listener **out,
                      dew_error *error) DEW_MUST_USE;

/* The port taken; 0 for a Unix socket. Any thread. */
int dew_listener_port(const dew_listener *listener);

/* No further connection; a Unix socket that it made is removed. Connections on their way to other loops are closed
 * there. The listener is gone afterwards. On its loop's thread. Takes NULL. A listener still open when its loop is
 * destroyed is closed by that. */
void dew_listener_close(dew_listener *listener);

#endif
