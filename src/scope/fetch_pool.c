/* fetch_pool.c - libcurl's multi-socket interface on a worker's loop: it says which sockets and what time to wait for, the
 * loop tells it when.
 *
 * Lives as long as the loop (dew_loop_part). Loop's thread. Invariant: libcurl is never entered from its own callbacks;
 * these start timers and polls only. */
#include "io/clock.h"
#include "io/poll.h"
#include "io/timer.h"
#include "scope/fetch_internal.h"

#include <stdlib.h>

/* libcurl looks through its connections to a host one by one for each request. Where no limit has to be kept together, they are
 * spread over several multis: the next one is begun when those before have so many requests under way. All of a worker's
 * fibers (DEW_FIBER_COUNT_MAX) have room. */
#define CROWD 128
#define MULTIS_MAX 64

typedef struct connections {
    CURLM *multi; /* NULL: not made yet */
    dew_loop *loop;
    dew_outgoing *outgoing;
    size_t crowd; /* requests under way */
    dew_timer timer;
    int64_t due_ns;
    dew_deferred soon; /* libcurl asked to be called at once */
} connections;

typedef struct pool {
    dew_loop_part part;
    dew_outgoing *outgoing; /* the application's, or: */
    dew_outgoing own;       /* where there is none */
    size_t multi_count;     /* of each of these, at most */
    connections trusted[MULTIS_MAX], untrusted[MULTIS_MAX];
} pool;

static const char pool_key;

/* Tells the fibers whose transfers have ended. */
static void tell(connections *c)
{
    int left;
    for (CURLMsg *msg; (msg = curl_multi_info_read(c->multi, &left)) != NULL;) {
        dew_fetch_call *call;
        if (msg->msg != CURLMSG_DONE ||
            curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&call) != CURLE_OK)
            continue;
        call->is_done = true;
        call->result = msg->data.result;
        dew_fiber_resume(call->fiber);
    }
}

static void act(connections *c, curl_socket_t fd, int events)
{
    int running;
    curl_multi_socket_action(c->multi, fd, events, &running);
    tell(c);
}

static void on_socket(void *context, int fd, unsigned events)
{
    act(context, fd, (events & DEW_POLL_READ ? CURL_CSELECT_IN : 0) | (events & DEW_POLL_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_soon(dew_deferred *deferred)
{
    act(dew_container_of(deferred, connections, soon), CURL_SOCKET_TIMEOUT, 0);
}

/* Too early a call would be for nothing, and libcurl would not ask again. */
static void on_due(dew_timer *timer)
{
    connections *c = dew_container_of(timer, connections, timer);
    int64_t left_ns = c->due_ns - dew_clock_now_ns();
    if (left_ns > 0)
        dew_timer_start(timer, left_ns / 1000000 + 1);
    else
        act(c, CURL_SOCKET_TIMEOUT, 0);
}

static int want_time(CURLM *multi, long ms, void *context)
{
    (void)multi;
    connections *c = context;
    dew_deferred_cancel(&c->soon);
    dew_timer_stop(&c->timer);
    if (ms == 0) {
        dew_loop_defer_next(c->loop, &c->soon);
    } else if (ms > 0) {
        c->due_ns = dew_clock_now_ns() + (int64_t)ms * 1000000;
        dew_timer_start(&c->timer, ms);
    }
    return 0;
}

void dew_fetch_pool_count(dew_outgoing *outgoing, curl_socket_t fd)
{
    size_t at = (size_t)fd;
    if (at >= outgoing->is_counted_len) {
        size_t len = at * 2 + 64;
        uint8_t *grown = realloc(outgoing->is_counted, len);
        if (grown == NULL)
            return; /* one that is not told of */
        memset(grown + outgoing->is_counted_len, 0, len - outgoing->is_counted_len);
        outgoing->is_counted = grown;
        outgoing->is_counted_len = len;
    }
    if (!outgoing->is_counted[at])
        dew_outgoing_count(&outgoing->counts.connections, 1);
    outgoing->is_counted[at] = 1;
}

void dew_fetch_pool_uncount(dew_outgoing *outgoing, curl_socket_t fd)
{
    if ((size_t)fd >= outgoing->is_counted_len || !outgoing->is_counted[fd])
        return;
    outgoing->is_counted[fd] = 0;
    dew_outgoing_count(&outgoing->counts.connections, -1);
}

/* Notes that the socket connects, or, with NULL, that it no longer does. */
static void note_connecting(dew_fetch_call *call, curl_socket_t fd, dew_poll *poll)
{
    for (size_t i = 0; call != NULL && i < sizeof call->connecting / sizeof *call->connecting; i++) {
        bool is_free = call->connecting[i].poll == NULL;
        if (is_free ? poll == NULL : call->connecting[i].fd != fd)
            continue;
        call->connecting[i].poll = poll;
        call->connecting[i].fd = fd;
        return;
    }
}

void dew_fetch_pool_unwatch(dew_fetch_call *call)
{
    for (size_t i = 0; i < sizeof call->connecting / sizeof *call->connecting; i++) {
        if (call->connecting[i].poll == NULL)
            continue;
        dew_poll_close(call->connecting[i].poll);
        curl_multi_assign(call->multi, call->connecting[i].fd, NULL);
        call->connecting[i].poll = NULL;
    }
}

/* libcurl reads once a connection stands. Before that it is not counted: one that is given up while it connects is closed
 * without a word (libcurl before 8.0).
 * A failure is the transfer's alone: returned to libcurl it would break all of them. */
static int want_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *attached)
{
    connections *c = context;
    dew_poll *poll = attached;
    dew_fetch_call *call = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&call) != CURLE_OK)
        call = NULL;
    if (what == CURL_POLL_REMOVE) {
        note_connecting(call, fd, NULL);
        dew_poll_close(poll);
        curl_multi_assign(c->multi, fd, NULL);
        return 0;
    }
    int code = 0;
    if (what & CURL_POLL_IN) {
        dew_fetch_pool_count(c->outgoing, fd);
        note_connecting(call, fd, NULL);
    }
    if (poll == NULL) {
        code = dew_poll_open(c->loop, fd, on_socket, c, &poll);
        if (code == 0)
            curl_multi_assign(c->multi, fd, poll);
        if (code == 0 && (what & CURL_POLL_IN) == 0)
            note_connecting(call, fd, poll);
    }
    if (code == 0)
        code = dew_poll_set(poll,
                            (what & CURL_POLL_IN ? DEW_POLL_READ : 0u) | (what & CURL_POLL_OUT ? DEW_POLL_WRITE : 0u));
    if (code != 0 && call != NULL) {
        call->failed = code;
        dew_fiber_resume(call->fiber);
    }
    return 0;
}

static void connections_dispose(connections *c)
{
    if (c->multi == NULL)
        return;
    curl_multi_cleanup(c->multi);
    dew_timer_stop(&c->timer);
    dew_deferred_cancel(&c->soon);
}

/* libcurl's 0 is no limit */
static bool limit(CURLM *multi, CURLMoption option, dew_count given, int64_t fallback)
{
    int64_t count = dew_count_of(given, fallback);
    return curl_multi_setopt(multi, option, count > INT32_MAX ? 0L : (long)count) == CURLM_OK;
}

/* The first of a group keeps the idle ones; where idle ones are without limit, all do. */
static long idle_max(const dew_fetch_limits *limits, bool is_first)
{
    int64_t idle = dew_count_of(limits->idle, DEW_FETCH_IDLE_MAX);
    if (idle > INT32_MAX)
        return INT32_MAX;
    return is_first ? (long)idle : 1;
}

static bool connections_init(connections *c, dew_loop *loop, dew_outgoing *outgoing, bool is_first)
{
    const dew_fetch_limits *limits = &outgoing->limits;
    c->loop = loop;
    c->outgoing = outgoing;
    c->soon.run = on_soon;
    dew_timer_init(&c->timer, loop, on_due);
    c->multi = curl_multi_init();
    if (c->multi == NULL)
        return false;
    if (curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, want_socket) == CURLM_OK &&
        curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c) == CURLM_OK &&
        curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, want_time) == CURLM_OK &&
        curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c) == CURLM_OK &&
        curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, idle_max(limits, is_first)) == CURLM_OK &&
        limit(c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limits->connections, DEW_FETCH_CONNECTIONS_MAX) &&
        limit(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS, limits->per_host, DEW_FETCH_HOST_MAX))
        return true;
    curl_multi_cleanup(c->multi);
    c->multi = NULL;
    return false;
}

static void dispose(dew_loop_part *part)
{
    pool *self = dew_container_of(part, pool, part);
    for (size_t i = 0; i < self->multi_count; i++) {
        connections_dispose(&self->trusted[i]);
        connections_dispose(&self->untrusted[i]);
    }
    free(self->outgoing->is_counted);
    self->outgoing->is_counted = NULL;
    self->outgoing->is_counted_len = 0;
    free(self);
    curl_global_cleanup();
}

/* NULL: out of memory. */
static pool *pool_make(dew_loop *loop)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) /* counted, and safe on any thread: libcurl 7.84 */
        return NULL;
    pool *self = calloc(1, sizeof *self);
    if (self == NULL) {
        curl_global_cleanup();
        return NULL;
    }
    self->part = (dew_loop_part){ .key = &pool_key, .dispose = dispose };
    self->outgoing = dew_outgoing_of(loop);
    if (self->outgoing == NULL)
        self->outgoing = &self->own;
    const dew_fetch_limits *limits = &self->outgoing->limits;
    bool is_limited = dew_count_of(limits->connections, DEW_FETCH_CONNECTIONS_MAX) < CROWD * MULTIS_MAX ||
                      dew_count_of(limits->per_host, DEW_FETCH_HOST_MAX) < CROWD * MULTIS_MAX;
    self->multi_count = is_limited ? 1 : MULTIS_MAX;
    dew_loop_part_add(loop, &self->part);
    return self;
}

int dew_fetch_pool_join(dew_fetch_call *call)
{
    dew_loop *loop = dew_fiber_loop(call->fiber);
    dew_loop_part *part = dew_loop_part_find(loop, &pool_key);
    pool *self = part != NULL ? dew_container_of(part, pool, part) : pool_make(loop);
    if (self == NULL)
        return DEW_E_NOMEM;
    connections *group = call->options->untrusted ? self->untrusted : self->trusted;
    size_t at = 0;
    while (at + 1 < self->multi_count && group[at].crowd >= CROWD)
        at++;
    if (group[at].multi == NULL && !connections_init(&group[at], loop, self->outgoing, at == 0))
        return DEW_E_NOMEM;
    call->outgoing = self->outgoing;
    call->multi = group[at].multi;
    call->crowd = &group[at].crowd;
    ++*call->crowd;
    return 0;
}

void dew_fetch_pool_leave(dew_fetch_call *call)
{
    if (call->crowd != NULL)
        --*call->crowd;
    call->crowd = NULL;
}
