/* chunked.h - the chunked transfer coding, without I/O: encoded bytes in, slices of the same bytes out (RFC 9112 §7.1).
 *
 * Strict: sizes are one to sixteen hex digits with nothing around them, lines end with CR LF. Extensions are skipped and
 * bounded over the whole body; trailers are checked for shape, bounded and ignored. Byte by byte; keeps no bytes. */
#ifndef DEW_HTTP_CHUNKED_H
#define DEW_HTTP_CHUNKED_H

#include "http/parser.h"

#define DEW_HTTP_CHUNK_EXTENSION_MAX 4096 /* bytes of all extensions of one body together */
#define DEW_HTTP_TRAILER_MAX 4096         /* bytes of all trailers together */

/* Zeroed is a decoder at its start. */
typedef struct dew_http_chunked {
    uint64_t left; /* of the present chunk; while its size line is read, the size so far */
    uint32_t extension_len, trailer_len;
    uint8_t state, digits;
    uint8_t fault; /* dew_http_fault */
} dew_http_chunked;

/* Takes from bytes[0 .. len) up to the end of the next piece of data: *used says how much, *data is the piece (empty, or
 * inside bytes). MORE: call again with what follows, as long as *used < len or more comes. DONE: the body has ended,
 * what follows *used is the next request. */
dew_http_progress dew_http_chunked_decode(dew_http_chunked *chunked, const char *bytes, size_t len, size_t *used,
                                          dew_str *data);

#endif
