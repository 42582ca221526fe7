/* io_uv_internal.h - what the libuv implementation of the door shares among its own files (io_uv_*.c), the only ones
 * that include uv.h. */
#ifndef DEW_IO_UV_INTERNAL_H
#define DEW_IO_UV_INTERNAL_H

#include "io/loop_internal.h"
#include "io/stream.h"

#include <signal.h>
#include <uv.h>

/* Something open on a loop, so that destroying the loop can close it. */
typedef struct dew_uv_open {
    dew_link link;
    void (*close)(struct dew_uv_open *open); /* starts closing; unlinks itself */
} dew_uv_open;

typedef struct dew_uv_loop {
    dew_loop base; /* first */
    uv_loop_t uv;
    uv_timer_t timer;     /* the wheel's next event */
    uv_prepare_t prepare; /* before waiting */
    uv_check_t check;     /* after the handlers of what was waited for */
    uv_idle_t idle;       /* active while something is deferred to the next turn: no waiting then */
    uv_async_t wake;
    int64_t armed_ms; /* what `timer` is set to; INT64_MAX: stopped */
    uint64_t waited_from_ms;
    int is_stop_wanted;  /* atomic */
    bool is_single_turn; /* dew_loop_turn, which waits only when it has had nothing to do */
    bool has_worked;
    dew_link open; /* of dew_uv_open */
    char read_buffer[DEW_STREAM_READ_LEN];
} dew_uv_loop;

static inline dew_uv_loop *dew_uv_loop_of(const dew_loop *loop)
{
    return (dew_uv_loop *)(uintptr_t)loop; /* base is first */
}

/* A DEW_E_… for a negative libuv status; 0 for 0. */
int dew_uv_error(int status) __attribute__((const));

/* A stream on `loop` over a connected descriptor, which it owns from here on, also on failure. */
int dew_uv_stream_adopt(dew_uv_loop *loop, int fd, bool is_unix, dew_stream **out) DEW_MUST_USE;

/* Calls fn once when the stream's peer has hung up, closed or reset, whatever stands before that unread; ended by
 * dew_uv_hang_up_end (takes NULL), before the stream closes. NULL: it cannot be watched. */
typedef struct dew_uv_hang_up dew_uv_hang_up;
dew_uv_hang_up *dew_uv_hang_up_watch(dew_stream *stream, const uv_handle_t *handle, void (*fn)(dew_stream *stream));
void dew_uv_hang_up_end(dew_uv_hang_up *watch);

/* Fills an address of the endpoint's host and port. DEW_E_INVALID. */
int dew_uv_address(const dew_endpoint *endpoint, struct sockaddr_storage *address) DEW_MUST_USE;

/* Blocks SIGPIPE on this thread; restoring swallows one that came meanwhile. */
typedef struct dew_uv_sigpipe {
    sigset_t mask_before;
    bool was_pending;
} dew_uv_sigpipe;
void dew_uv_sigpipe_block(dew_uv_sigpipe *state);
void dew_uv_sigpipe_restore(const dew_uv_sigpipe *state);

/* A thread on which all signals are blocked but those that a fault raises: signals are the host program's. `name` is
 * cut to 15 bytes; borrowed for the life of the thread. */
typedef struct dew_uv_thread {
    uv_thread_t id;
    const char *name;
    void (*run)(void *arg);
    void *arg;
} dew_uv_thread;
int dew_uv_thread_start(dew_uv_thread *thread, const char *name, void (*run)(void *arg), void *arg) DEW_MUST_USE;
void dew_uv_thread_join(dew_uv_thread *thread);

#endif
