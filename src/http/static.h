/* static.h - embedded files, answered: strong entity tags, precompressed forms, immutable by hash (RFC 9110 §8.8, §12.5,
 * §13; RFC 8246).
 *
 * A table by path, made at start; afterwards read-only, one per worker or shared. Which form goes out is negotiated by
 * Accept-Encoding with its weights; all forms of one file answer with Vary. */
#ifndef DEW_HTTP_STATIC_H
#define DEW_HTTP_STATIC_H

#include "base/map.h"
#include "http/assets.h"
#include "http/request.h"

/* Files in one table. */
#define DEW_HTTP_ASSET_COUNT_MAX 10000

typedef struct dew_http_static {
    dew_map by_path;  /* path → const dew_asset * */
    uint64_t lengths; /* bit n: some path has that length, modulo 64. Most pages' have another, and are not looked up */
} dew_http_static;

/* An empty table; `key` spreads the paths (dew_random_bytes). */
void dew_http_static_init(dew_http_static *table, dew_hash_key key);
void dew_http_static_dispose(dew_http_static *table); /* takes zeroed */

/* Adds every entry up to the one whose path is NULL; borrowed. A path that is there already is replaced. 0, DEW_E_LIMIT,
 * DEW_E_NOMEM. */
int dew_http_static_add(dew_http_static *table, const dew_asset *assets) DEW_MUST_USE;

/* NULL when there is none. */
const dew_asset *dew_http_static_find(const dew_http_static *table, dew_str path);

/* Answers the request with the file of its path: 200, 304, or 405 for methods but GET and HEAD. False, and the request
 * is still the caller's, when there is no such file. */
bool dew_http_static_serve(const dew_http_static *table, dew_http_request *request);

/* The weight of one coding in an Accept-Encoding header, in thousandths; 0: not acceptable. `header` ptr NULL: none was
 * sent. */
int dew_http_coding_weight(dew_str header, dew_str coding);

/* True when an If-None-Match header names the tag (weak comparison, RFC 9110 §13.1.2). */
bool dew_http_etag_matches(dew_str header, dew_str etag);

#endif
