/* parser.h - the head of an HTTP/1.x request, without I/O: bytes in, offsets out (RFC 9112 §2–§6).
 *
 * Strict where leniency has been used for request smuggling: lines end with CR LF and nothing else; no folded lines, no
 * space before the colon, no control characters; one Content-Length at most, never together with Transfer-Encoding; the
 * only transfer coding is `chunked`. One empty line before the request is passed over (§2.2).
 *
 * Incremental and zero copy: the caller keeps all bytes of the head in one place and calls again with more; results are
 * offsets from its start, so the bytes may move between calls. A line is looked at when its bytes are there; feeding
 * byte by byte ends as feeding whole does. Not thread-safe; allocates nothing. */
#ifndef DEW_HTTP_PARSER_H
#define DEW_HTTP_PARSER_H

#include "http/fault.h"

#include <dew/str.h>

/* Defaults of the limits, and what no configuration may pass (offsets have 16 bits; the array below is fixed). */
#define DEW_HTTP_TARGET_MAX 8192
#define DEW_HTTP_HEAD_MAX 16384
#define DEW_HTTP_HEAD_CEILING 65535
#define DEW_HTTP_FIELD_COUNT_MAX 100

/* A zero stands for the default. */
typedef struct dew_http_head_limits {
    uint32_t target_max;      /* bytes of the request target: 414 */
    uint32_t head_max;        /* bytes of the whole head, at most DEW_HTTP_HEAD_CEILING: 431 */
    uint32_t field_count_max; /* header lines, at most DEW_HTTP_FIELD_COUNT_MAX: 431 */
} dew_http_head_limits;

typedef enum dew_http_method {
    DEW_HTTP_GET,
    DEW_HTTP_HEAD,
    DEW_HTTP_POST,
    DEW_HTTP_PUT,
    DEW_HTTP_DELETE,
    DEW_HTTP_PATCH,
    DEW_HTTP_OPTIONS,
} dew_http_method;

/* "GET". Static. */
const char *dew_http_method_name(dew_http_method method);

typedef struct dew_http_span {
    uint16_t at, len;
} dew_http_span;

typedef struct dew_http_field {
    dew_http_span name, value; /* value without white space around it */
} dew_http_field;

/* Zeroed is a parser at its start. */
typedef struct dew_http_head {
    uint32_t at;         /* where the next line starts */
    bool has_line;       /* the request line has been read */
    uint8_t minor;       /* HTTP/1.0 or 1.1 */
    uint8_t method;      /* dew_http_method */
    uint8_t fault;       /* dew_http_fault, when parsing ended with one */
    uint16_t field_count;

    bool has_host, has_length, is_chunked; /* has_length: a Content-Length was given; is_chunked excludes it */
    bool is_kept_alive;                    /* the peer wants the connection kept (version and Connection) */
    bool expects_continue;                 /* Expect: 100-continue, in HTTP/1.1 */
    bool asks_upgrade;                     /* Connection holds `upgrade` and there is an Upgrade header, HTTP/1.1 */
    bool is_absolute;                      /* the target was in absolute form */

    uint64_t content_length;
    dew_http_span target;      /* as sent */
    dew_http_span path, query; /* of the target; path starts with '/' or is "*"; query without '?' */
    dew_http_span host;        /* authority: of an absolute target, else of Host; may be empty in HTTP/1.0 */
    dew_http_field fields[DEW_HTTP_FIELD_COUNT_MAX];
} dew_http_head;

typedef enum dew_http_progress {
    DEW_HTTP_MORE,  /* call again with the same bytes and more behind them */
    DEW_HTTP_DONE,  /* complete: head->at is the length of the head */
    DEW_HTTP_FAULT, /* head->fault says why; the connection cannot go on */
} dew_http_progress;

/* Parses what is there of bytes[0 .. len), all of the head so far. limits is borrowed; NULL means the defaults. */
dew_http_progress dew_http_head_parse(dew_http_head *head, const char *bytes, size_t len,
                                      const dew_http_head_limits *limits);

/* The value of the first header of that name, without regard to case; ptr NULL when there is none. `bytes` is where the
 * head stands. */
dew_str dew_http_head_get(const dew_http_head *head, const char *bytes, dew_str name);

static inline dew_str dew_http_span_str(const char *bytes, dew_http_span span)
{
    return dew_str_make(bytes + span.at, span.len);
}

/* The value of a limit, the default put in for 0 and the ceiling applied. For answers that name it. */
size_t dew_http_head_limit(const dew_http_head_limits *limits, dew_http_fault fault);

#endif
