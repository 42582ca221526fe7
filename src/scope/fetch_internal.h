/* fetch_internal.h - what the files of dew_fetch share.
 *
 *     fetch.c          the call: waits on its fiber, hands out the body, says how it went
 *     fetch_request.c  one request as libcurl wants it; the answer's head; which addresses are refused
 *     fetch_pool.c     libcurl's connections on the worker's loop
 *     fetch_json.c     a body as a typed value
 *
 * libcurl's callbacks run on the loop's stack or, when the fiber lets a paused transfer go on, on the fiber's. They only
 * note what happened and resume the fiber; every call that adds, removes or resumes a transfer is made on its fiber, never
 * within a callback. What libcurl calls to close a socket may come after the call: it gets the loop's counts. */
#ifndef DEW_SCOPE_FETCH_INTERNAL_H
#define DEW_SCOPE_FETCH_INTERNAL_H

#include "base/buffer.h"
#include "io/fiber.h"
#include "io/poll.h"
#include "scope/outgoing.h"
#include "scope/scope.h"

#include <curl/curl.h>
#include <dew/fetch.h>

/* One fetch; stands on its fiber's stack. */
typedef struct dew_fetch_call {
    dew_scope *scope;
    const char *url;
    const dew_fetch_options *options;
    dew_fiber *fiber;
    dew_outgoing *outgoing;
    CURLM *multi;
    size_t *crowd; /* requests that the multi has under way; NULL: not joined */
    CURL *easy;
    struct {
        dew_poll *poll;
        curl_socket_t fd;
    } connecting[2]; /* sockets that do not stand yet: of IPv6 and IPv4 */
    struct curl_slist *headers;
    dew_buf head;    /* lines of the answer's head, "\r\n" behind each */
    dew_buf pending; /* of the body, not yet handed out */
    size_t body_max, body_len;
    bool is_head_whole, is_paused, is_done, is_late; /* is_late: .timeout has passed */
    bool is_refused;                                 /* an address was */
    int failed;                                      /* DEW_E_… noted by a callback; 0: none */
    CURLcode result;                                 /* once is_done */
    char words[CURL_ERROR_SIZE];
} dew_fetch_call;

/* fetch_request.c: makes call->easy. 0, or a code with its message in the scope. */
int dew_fetch_request_init(dew_fetch_call *call) DEW_MUST_USE;
void dew_fetch_request_dispose(dew_fetch_call *call); /* takes half-made */
/* Status, headers and url, once the head is whole. */
int dew_fetch_request_answer(dew_fetch_call *call, dew_response *out) DEW_MUST_USE;

/* fetch_pool.c: sets the call's multi and outgoing: the loop's connections, made when first asked for; those of untrusted
 * requests are apart, since a connection that is used again is not checked again. 0, DEW_E_NOMEM. */
int dew_fetch_pool_join(dew_fetch_call *call) DEW_MUST_USE;
void dew_fetch_pool_leave(dew_fetch_call *call); /* takes one that did not join */

/* fetch_pool.c: before the call leaves libcurl. What still connects is watched no more: libcurl (before 8.0) closes it first and
 * says so afterwards, when its number may be another thread's. */
void dew_fetch_pool_unwatch(dew_fetch_call *call);

/* fetch_pool.c: a connection stands, and counts from now on; its descriptor is about to be closed, counted or not. */
void dew_fetch_pool_count(dew_outgoing *outgoing, curl_socket_t fd);
void dew_fetch_pool_uncount(dew_outgoing *outgoing, curl_socket_t fd);

#endif
