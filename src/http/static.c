/* static.c - see static.h. */
#include "http/static.h"

#include "http/token.h"

void dew_http_static_init(dew_http_static *table, dew_hash_key key)
{
    dew_map_init(&table->by_path, DEW_HTTP_ASSET_COUNT_MAX, key);
}

void dew_http_static_dispose(dew_http_static *table)
{
    dew_map_dispose(&table->by_path);
}

int dew_http_static_add(dew_http_static *table, const dew_asset *assets)
{
    for (const dew_asset *asset = assets; asset->path.ptr != NULL; asset++) {
        int error = dew_map_put(&table->by_path, asset->path, (void *)(uintptr_t)asset);
        if (error != 0)
            return error;
        table->lengths |= UINT64_C(1) << (asset->path.len & 63);
    }
    return 0;
}

const dew_asset *dew_http_static_find(const dew_http_static *table, dew_str path)
{
    return table->lengths >> (path.len & 63) & 1 ? dew_map_get(&table->by_path, path) : NULL;
}

/* --- negotiation --- */

int dew_http_coding_weight(dew_str header, dew_str coding)
{
    bool is_identity = dew_str_eq(coding, DEW_S("identity"));
    int any = is_identity ? 1 : 0; /* identity is acceptable unless excluded (§12.5.3) */
    dew_str element;
    if (header.ptr == NULL)
        return is_identity ? DEW_HTTP_WEIGHT_ONE : 0;
    while (dew_http_list_next(&header, &element)) {
        dew_str name = dew_http_take(&element, ';');
        if (dew_http_eq_nocase(name, coding))
            return dew_http_weight(element);
        if (dew_str_eq(name, DEW_S("*")))
            any = dew_http_weight(element);
    }
    return any;
}

bool dew_http_etag_matches(dew_str header, dew_str etag)
{
    dew_str element;
    while (dew_http_list_next(&header, &element)) {
        if (dew_str_eq(element, DEW_S("*")))
            return true;
        if (dew_str_starts_with(element, DEW_S("W/")))
            element = dew_str_make(element.ptr + 2, element.len - 2);
        if (dew_str_eq(element, etag))
            return true;
    }
    return false;
}

/* --- answering --- */

typedef struct form {
    dew_str bytes, coding, suffix; /* coding empty: identity. suffix of the entity tag */
} form;

/* The acceptable form of the highest weight; between equals br, gzip, identity. */
static form form_choose(const dew_asset *asset, dew_str accepted)
{
    const form forms[] = { { asset->br, DEW_S("br"), DEW_S("-br") },
                           { asset->gzip, DEW_S("gzip"), DEW_S("-gz") },
                           { asset->identity, DEW_S(""), DEW_S("") } };
    int best_weight = 0;
    size_t best = 2; /* identity also when all is refused: better than 406 (§12.5.3) */
    for (size_t i = 0; i < 3; i++) {
        int weight = dew_http_coding_weight(accepted, i < 2 ? forms[i].coding : DEW_S("identity"));
        if (forms[i].bytes.ptr != NULL && weight > best_weight) {
            best_weight = weight;
            best = i;
        }
    }
    return forms[best];
}

/* "<digits>-gz" with its quotes: the suffix goes before the last one. */
static dew_str etag_write(dew_arena *arena, dew_str etag, dew_str suffix)
{
    if (suffix.len == 0 || etag.len < 2)
        return etag;
    char *text = dew_arena_alloc(arena, etag.len + suffix.len);
    if (text == NULL)
        return dew_str_make(NULL, 0);
    memcpy(text, etag.ptr, etag.len - 1);
    memcpy(text + etag.len - 1, suffix.ptr, suffix.len);
    text[etag.len - 1 + suffix.len] = '"';
    return dew_str_make(text, etag.len + suffix.len);
}

static void serve(dew_http_request *request, const dew_asset *asset)
{
    form chosen = form_choose(asset, dew_http_request_header(request, DEW_S("accept-encoding")));
    dew_str etag = etag_write(dew_http_request_arena(request), asset->etag, chosen.suffix);
    dew_http_header headers[4] = {
        { DEW_S("ETag"), etag },
        { DEW_S("Cache-Control"), asset->is_immutable ? DEW_S("max-age=31536000, immutable") : DEW_S("no-cache") },
        { DEW_S("X-Content-Type-Options"), DEW_S("nosniff") },
    };
    size_t header_count = 3;
    bool is_same =
        etag.len != 0 && dew_http_etag_matches(dew_http_request_header(request, DEW_S("if-none-match")), etag);
    if (chosen.coding.len != 0 && !is_same)
        headers[header_count++] = (dew_http_header){ DEW_S("Content-Encoding"), chosen.coding };
    dew_io_slice body = { chosen.bytes.ptr, chosen.bytes.len, NULL };
    dew_http_response response = {
        .status = is_same ? 304 : 200,
        .content_type = is_same ? DEW_S("") : asset->content_type,
        .headers = etag.len != 0 ? headers : headers + 1,
        .header_count = etag.len != 0 ? header_count : header_count - 1,
        .head_lines = asset->gzip.ptr != NULL || asset->br.ptr != NULL ? DEW_S("Vary: Accept-Encoding\r\n") : DEW_S(""),
        .body = &body,
        .body_count = is_same ? 0 : 1,
    };
    (void)!dew_http_respond(request, &response); /* answered in any case */
}

bool dew_http_static_serve(const dew_http_static *table, dew_http_request *request)
{
    const dew_asset *asset = dew_http_static_find(table, dew_http_request_path(request));
    if (asset == NULL)
        return false;
    dew_http_method method = dew_http_request_method(request);
    if (method == DEW_HTTP_GET || method == DEW_HTTP_HEAD) {
        serve(request, asset);
        return true;
    }
    static const dew_http_header allow = { DEW_S_INIT("Allow"), DEW_S_INIT("GET, HEAD") };
    dew_http_response response = { .status = 405, .headers = &allow, .header_count = 1 };
    (void)!dew_http_respond(request, &response);
    return true;
}
