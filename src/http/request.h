/* request.h - a request in a handler's hands, and answering it.
 *
 * The handler owns the request from its call until it has answered: with dew_http_respond, dew_http_end,
 * dew_http_upgrade_ws or dew_http_abandon, once, now or at any later time on the loop's thread. Text that the accessors
 * give stands in the request's memory until then (no NUL behind it, but for the body). When the peer hangs up first,
 * on_gone tells; the request stays valid, and must still be answered: that then only frees it. */
#ifndef DEW_HTTP_REQUEST_H
#define DEW_HTTP_REQUEST_H

#include "http/server.h"

#include <dew/arena.h>

/* Memory of one request: head, arena of the handler, head of the answer. The body is counted apart. */
#define DEW_HTTP_ARENA_MAX ((size_t)1 << 20)

/* --- reading it --- */

dew_http_method dew_http_request_method(const dew_http_request *request);
dew_str dew_http_request_target(const dew_http_request *request); /* as sent */
dew_str dew_http_request_path(const dew_http_request *request);   /* undecoded: base/url.h; starts with '/', or "*" */
dew_str dew_http_request_query(const dew_http_request *request);  /* undecoded, without '?' */
dew_str dew_http_request_host(const dew_http_request *request);   /* with the port, if one was sent */
dew_str dew_http_request_body(const dew_http_request *request);   /* decoded from chunks; NUL behind it */

/* The first header of that name, without regard to case; ptr NULL when there is none. */
dew_str dew_http_request_header(const dew_http_request *request, dew_str name);
/* The i-th header as sent; false past the end. */
bool dew_http_request_header_at(const dew_http_request *request, size_t i, dew_str *name, dew_str *value);
/* Searches every Cookie header; ptr NULL when there is none. */
dew_str dew_http_request_cookie(const dew_http_request *request, dew_str name);

/* For what lives as long as the request. Pooled: small requests cost no allocation. */
dew_arena *dew_http_request_arena(dew_http_request *request);
dew_http_server *dew_http_request_server(const dew_http_request *request);
/* The peer's address; empty when it is gone. See dew_stream_peer and dew_stream_peer_host. */
void dew_http_request_peer(const dew_http_request *request, char text[DEW_ENDPOINT_TEXT_MAX]);
void dew_http_request_peer_host(const dew_http_request *request, char text[DEW_ENDPOINT_TEXT_MAX]);

/* For an answer that takes its time. on_gone: the peer hung up (closed, reset, or sent its end); called once, from the
 * loop, only while the request is unanswered. on_drain: what a streamed answer had waiting has been taken. Both may be
 * NULL. */
typedef struct dew_http_watch {
    void (*on_gone)(dew_http_request *request, void *data);
    void (*on_drain)(dew_http_request *request, void *data);
    void *data;
} dew_http_watch;
void dew_http_request_watch(dew_http_request *request, const dew_http_watch *watch); /* copied */
bool dew_http_request_is_gone(const dew_http_request *request);

/* --- answering it --- */

typedef struct dew_http_header {
    dew_str name, value;
} dew_http_header;

/* Date, Content-Length or Transfer-Encoding, and Connection are added; none of them may be given. All is borrowed until
 * the call returns, but blobs in slices, which are counted up as long as they are needed. */
typedef struct dew_http_response {
    int status;                     /* 0: 200; 200 to 599 */
    dew_str content_type;           /* empty: none */
    const dew_http_header *headers; /* checked: a name that is no token or a value with a line end is DEW_E_INVALID */
    size_t header_count;
    dew_str head_lines;             /* whole lines, "Name: value\r\n…", made by the program: not checked */
    const dew_io_slice *body;
    size_t body_count;              /* slices; not sent for HEAD, 204 and 304 (Content-Length of HEAD tells it) */
    size_t head_room;               /* bytes before body[0].ptr that may be overwritten: with enough of them head and body
                                     * go out as one piece, which the kernel takes faster than two. For one slice, no blob */
} dew_http_response;

/* Answers and gives the request back, whatever it returns: 0; DEW_E_CLOSED, the peer is gone; DEW_E_INVALID or
 * DEW_E_NOMEM, the answer could not be made and 500 went out instead. */
int dew_http_respond(dew_http_request *request, const dew_http_response *response);

/* A whole answer of borrowed text. */
int dew_http_respond_text(dew_http_request *request, int status, dew_str content_type, dew_str body);

/* `{"error":{"code":…,"message":…}}` with the code's status; message NULL: the code's own words. */
int dew_http_respond_error(dew_http_request *request, int code, const char *message);

/* An answer in pieces: begin, write any number of times, end. Chunked; over HTTP/1.0 the connection's end ends it. begin: a body is the
 * first piece, taken whatever waits of answers before it, as the head is. write: DEW_E_LIMIT when stream_queue_max bytes are waiting
 * (nothing taken; see on_drain), DEW_E_CLOSED, DEW_E_NOMEM. At most DEW_STREAM_SLICE_MAX - 3 slices. When begin fails the request has
 * been given back, as with dew_http_respond. end gives it back. */
int dew_http_begin(dew_http_request *request, const dew_http_response *response) DEW_MUST_USE;
int dew_http_write(dew_http_request *request, const dew_io_slice *slices, size_t count) DEW_MUST_USE;
void dew_http_end(dew_http_request *request);
/* Bytes of a streamed answer that wait to be taken by the peer. */
size_t dew_http_queued_len(const dew_http_request *request);

/* No (further) answer: cuts the connection. A client that has a part of an answer can tell: a chunked one lacks its last chunk, a
 * whole one is shorter than its Content-Length. Over HTTP/1.0 it cannot tell of one in pieces. */
void dew_http_abandon(dew_http_request *request);

#endif
