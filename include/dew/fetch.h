/* dew/fetch.h - outgoing HTTP and HTTPS: dew_fetch, in the optional library dew-fetch (libcurl).
 *
 * For loaders, actions and tasks: it suspends the handler's fiber, and comes back with DEW_E_CANCELLED or DEW_E_TIMEOUT at
 * once when the scope ends; the connection to the upstream is closed then, never kept for another request. Each worker
 * has its own connections, within the limits of dew_app_config.fetch; who finds them taken waits in line, within its time
 * and its scope. HTTP/1.1. The environment (http_proxy and the like), .netrc and cookies of earlier answers are not
 * looked at.
 *
 * A valid `traceparent` header of the visitor's request is passed on (W3C Trace Context), and does not become part of a
 * result's key.
 *
 * libcurl has sockets, clock and resolver threads of its own, which do not pass through src/io: under the simulator the
 * library is left out, and its fake, src/scope/fetch_sim.c (to come with the simulator), defines dew_fetch_with instead. */
#ifndef DEW_FETCH_H
#define DEW_FETCH_H

#include <dew/duration.h>
#include <dew/scope.h>
#include <dew/type.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The outgoing connections of each worker: dew_app_config.fetch. Those for untrusted URLs are apart, with the same limits.
 * Without either limit thousands at once are cheap; with one, each request looks through the connections to its host.
 *     .fetch = { .per_host = DEW_NO_LIMIT, .connections = DEW_NO_LIMIT } */
typedef struct dew_fetch_limits {
    dew_count connections; /* at once: DEW_FETCH_CONNECTIONS_MAX. Each takes a file descriptor (ulimit -n) */
    dew_count per_host;    /* at once, to one host and port: DEW_FETCH_HOST_MAX */
    dew_count idle;        /* kept for the next request: DEW_FETCH_IDLE_MAX; DEW_COUNT(0): each request has its own */
} dew_fetch_limits;
#define DEW_FETCH_CONNECTIONS_MAX 1024
#define DEW_FETCH_HOST_MAX 128
#define DEW_FETCH_IDLE_MAX 64

/* Defaults of the options below. */
#define DEW_FETCH_BODY_MAX ((size_t)8 * 1024 * 1024)
#define DEW_FETCH_REDIRECT_MAX 5
#define DEW_FETCH_TIMEOUT_MS 30000
/* Bytes of an answer's head. */
#define DEW_FETCH_HEAD_MAX ((size_t)64 * 1024)
/* Bytes of a body that wait for on_chunk; then the upstream is not read from. */
#define DEW_FETCH_PENDING_MAX ((size_t)64 * 1024)

typedef struct dew_header {
    dew_str name, value;
} dew_header;

/* A field left out means the default. All is borrowed until the call returns. */
typedef struct dew_fetch_options {
    const char *method;        /* "GET"; with a body "POST" */
    const dew_header *headers; /* a name that is no token, or a value with a line end, is DEW_E_INVALID */
    size_t header_count;
    dew_str body;              /* Content-Type is yours to give; none is sent otherwise */
    dew_duration timeout;      /* of the whole, redirects included: DEW_FETCH_TIMEOUT_MS; the scope's end comes first */
    size_t max_body;           /* bytes of the answer, chunks put together: DEW_FETCH_BODY_MAX */
    dew_count max_redirects;   /* DEW_FETCH_REDIRECT_MAX; DEW_COUNT(0): the 3xx is the answer */
    /* The URL, or part of it, came from a request: an address that is not public (loopback, private, link-local,
     * unique-local, mapped, …) is refused, in every redirect and for every address that a name has. No proxy then. */
    bool untrusted;
    const char *const *allowed; /* "127.0.0.1:8080", "[::1]:80": for `untrusted`, these are not refused. NULL-terminated */
    const char *ca_file;        /* PEM: these authorities in place of the system's */
    const char *proxy;          /* "http://host:port"; none */
    /* The body in pieces instead of in dew_response.body, on the handler's fiber: may wait; the upstream is read no faster.
     * Status, url and headers of *out are there before the first piece. Other than 0 ends the fetch with that code. The
     * piece is borrowed until it returns. */
    int (*on_chunk)(void *context, dew_str chunk);
    void *context;
} dew_fetch_options;

/* In the scope's arena. An answer is an answer, whatever its status. */
typedef struct dew_response {
    int status;
    dew_str body;        /* NUL behind it; empty with on_chunk */
    dew_header *headers; /* of the last answer, in order */
    size_t header_count;
    dew_str url;         /* after redirects */
} dew_response;

/* The first header of that name, without regard to case; ptr NULL when there is none. */
dew_str dew_response_header(const dew_response *response, const char *name);

/* Reads the body as JSON of a declared type, its text into the scope's arena: dew_response_json(scope, &answer, profile, &out).
 * The form is that of dew/type.h (an i64 is a string of digits), and strict: a field that the type does not have is an error. 0, or
 * DEW_E_IO with a message for the log that names the place; DEW_E_NOMEM. */
#define dew_response_json(scope, response, type_, out) dew_response_read((scope), (response), dew_tf_##type_, (out))
int dew_response_read(dew_scope *scope, const dew_response *response, dew_type_fn *type, void *out) DEW_MUST_USE;

/* Fetches. http and https only; redirects are followed for GET, HEAD and POST (which 301, 302 and 303 turn into GET), for
 * other methods the 3xx is the answer. When a redirect leads to another host, libcurl withholds Authorization and Cookie,
 * but no other header. 0, or with a message in the scope (dew_fail):
 *     DEW_E_CANCELLED, DEW_E_TIMEOUT  the scope ended; TIMEOUT also: .timeout
 *     DEW_E_INVALID      the URL or an option
 *     DEW_E_DENIED       an address that is not public (untrusted), or a redirect to another scheme
 *     DEW_E_LIMIT        the body, the head or the redirects passed their limit
 *     DEW_E_IO           no such host, refused, broken off, a certificate: in libcurl's words, for the log
 *     DEW_E_NOMEM, DEW_E_UNSUPPORTED (not on a fiber), what on_chunk returned */
int dew_fetch_with(dew_scope *scope, dew_response *out, const char *url, const dew_fetch_options *options) DEW_MUST_USE;

/* dew_fetch(scope, &answer, "https://example.org/", .timeout = DEW_MS(500))
 *   → dew_fetch_with(scope, &answer, "https://…", &(dew_fetch_options){ .timeout = DEW_MS(500) }) */
#ifndef __cplusplus
#define dew_fetch(scope, out, url, ...) dew_fetch_with((scope), (out), (url), &(dew_fetch_options){ __VA_ARGS__ })
#endif

#ifdef __cplusplus
}
#endif
#endif
