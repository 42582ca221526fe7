/* assets.h - the shape of embedded static files: what the embedder generates and http/static.c serves.
 *
 * Constant data in the program's own image; nothing here is freed or changed, any thread may read it. The embedder
 * writes one array per set, sorted or not, closed by an entry whose path is NULL, and the set around it:
 *
 *     static const dew_asset board_items[] = {
 *         { .path = { "/_dew/client.3f9a0c21.wasm", 26 }, .content_type = { "application/wasm", 16 },
 *           .etag = { "\"1\"", 3 }, .is_immutable = true,
 *           .identity = { bytes_0, 51234 }, .gzip = { bytes_0_gzip, 20480 } },
 *         { 0 }
 *     };
 *     const struct dew_assets board_assets = { board_items, 1, "/_dew/client.….js", "/_dew/client.3f9a0c21.wasm", "…" };
 */
#ifndef DEW_HTTP_ASSETS_H
#define DEW_HTTP_ASSETS_H

#include <dew/str.h>

typedef struct dew_asset {
    dew_str path;         /* absolute and decoded, as it is asked for: "/app.css". ptr NULL ends an array */
    dew_str content_type; /* whole header value: "text/css; charset=utf-8" */
    dew_str etag;         /* strong entity tag with its quotes, of the identity bytes: "\"<32 hex digits>\"" (RFC 9110 §8.8.3);
                             "\"1\"" when the path tells the bytes. Encodings get their own from it: "\"1-gz\"", "\"1-br\"" */
    bool is_immutable;    /* the path carries a hash of the bytes: may be kept for a year without asking */
    dew_str identity;     /* the bytes; always present (len 0 for an empty file, ptr not NULL) */
    dew_str gzip;         /* the same, compressed; ptr NULL when not made or not smaller */
    dew_str br;           /* the same */
} dew_asset;

/* A set, as dew/app.h declares it (dew_app_config.assets). */
struct dew_assets {
    const dew_asset *items; /* closed by an entry whose path is NULL */
    size_t count;           /* of items, that entry not counted */
    const char *script;     /* path of the browser host, an ES module; NULL: pages without scripts */
    const char *wasm;       /* path of the browser half of the application; NULL with script */
    const char *build_id;   /* 16 hex digits over both; "" without */
};

#endif
