/* route_fuzz.c - addresses to pages, with typed parameters, and back.
 *
 * Input: byte 0, bit 0: below a prefix; the rest is the target of a request. A second matcher, too simple to be fast, says which
 * page is right; a redirect leads to an address of our own that is not redirected again; the address that is written from typed
 * parameters leads to the same page and parameters. Seeds: fuzz/corpus/route. */
#include "page/router.h"

#include "base/url.h"
#include "http/token.h"
#include "type/equal.h"

#include <stdlib.h>

#define CHECK(condition) ((condition) ? (void)0 : abort())
#define INPUT_MAX 4000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* ---- the site ---- */

#define BOARD_KEY(F) F(str, board_id)
DEW_STRUCT(board_key, BOARD_KEY)
DEW_ROUTE(board, "/board/:board_id", board_key)

#define SIZE_ENUM(V) V(size, small) V(size, large)
DEW_ENUM(size, SIZE_ENUM)
#define SEARCH(F)                                                                                                      \
    F(i64, year) F(str, q) F(opt(i32), rows) F(bool, all) F(f64, ratio) F(size, size) F(opt(time), since) F(bytes, raw)
DEW_STRUCT(search, SEARCH)
DEW_ROUTE(search, "/search/:year", search)

#define PLACE(F) F(i32, x) F(str, name) F(size, size)
DEW_STRUCT(place, PLACE)
DEW_ROUTE(place, "/at/:x/:name/in/:size", place)

static void view(void)
{
}

static const dew_page home = { .path = "/", .view = view }, new_board = { .path = "/board/new", .view = view },
                      board = { .route = &board_route, .view = view }, found = { .route = &search_route, .view = view },
                      at = { .route = &place_route, .view = view }, deep = { .path = "/:a/x/:b", .view = view },
                      deep_literal = { .path = "/board/x/y", .view = view };
static const dew_page *const pages[] = { &deep, &home, &new_board, &board, &found, &at, &deep_literal };
#define PAGES (sizeof pages / sizeof *pages)
static const dew_site site = { .name = "fuzz", .pages = DEW_PAGES(&deep, &home, &new_board, &board, &found, &at, &deep_literal) };

static const char *pattern_of(const dew_page *page)
{
    return page->route != NULL ? page->route->pattern : page->path;
}

/* ---- the simple matcher ---- */

/* Cuts the next segment off a path or pattern that begins with "/". */
static bool next_segment(dew_str *rest, dew_str *segment)
{
    if (rest->len == 0)
        return false;
    size_t end = 1;
    while (end < rest->len && rest->ptr[end] != '/')
        end++;
    *segment = dew_str_make(rest->ptr + 1, end - 1);
    *rest = dew_str_make(rest->ptr + end, rest->len - end);
    return true;
}

/* Does `path` have the pattern's form? *literals: a bit for each level, set where the pattern has a literal; the first level
 * is the highest bit, so that of two patterns the one to be preferred has the larger number. */
static bool fits(dew_arena *arena, const char *pattern, dew_str path, uint32_t *literals)
{
    dew_str rest = dew_str_of(pattern), wanted, given;
    *literals = 0;
    for (uint32_t bit = UINT32_C(1) << 31;; bit >>= 1) {
        bool has_wanted = next_segment(&rest, &wanted), has_given = next_segment(&path, &given);
        if (has_wanted != has_given)
            return false;
        if (!has_wanted)
            return true;
        dew_str decoded;
        if (dew_url_decode(arena, given, false, &decoded) != 0)
            return false;
        if (wanted.len != 0 && wanted.ptr[0] == ':') {
            if (decoded.len == 0 || dew_str_eq(decoded, DEW_S(".")) || dew_str_eq(decoded, DEW_S("..")))
                return false;
            continue;
        }
        *literals |= bit;
        if (!dew_str_eq(decoded, wanted))
            return false;
    }
}

static const dew_page *page_of(dew_arena *arena, dew_str prefix, dew_str target)
{
    size_t path_len = 0;
    while (path_len < target.len && target.ptr[path_len] != '?')
        path_len++;
    if (path_len < prefix.len || (prefix.len != 0 && memcmp(target.ptr, prefix.ptr, prefix.len) != 0))
        return NULL;
    dew_str path = dew_str_make(target.ptr + prefix.len, path_len - prefix.len);
    if (path.len == 0 || path.ptr[0] != '/')
        return NULL;
    const dew_page *best = NULL;
    uint32_t best_literals = 0, literals;
    for (size_t i = 0; i < PAGES; i++)
        if (fits(arena, pattern_of(pages[i]), path, &literals) && (best == NULL || literals > best_literals)) {
            best = pages[i];
            best_literals = literals;
        }
    return best;
}

/* ---- what must hold ---- */

/* The bytes that the parser lets through. */
static bool is_target(dew_str text)
{
    return dew_http_find_no_target(text.ptr, text.ptr + text.len) == text.ptr + text.len;
}

static void check_redirect(const dew_router *router, dew_arena *arena, dew_str prefix, dew_str to)
{
    dew_match again;
    CHECK(to.len > prefix.len && to.ptr[0] == '/' && is_target(to));
    CHECK(prefix.len == 0 || memcmp(to.ptr, prefix.ptr, prefix.len) == 0);
    CHECK(to.len == 1 || (to.ptr[1] != '/' && to.ptr[1] != '\\')); /* never another host */
    dew_router_match(router, arena, to, &again);
    CHECK(again.redirect.len == 0);
}

static void check_round_trip(const dew_router *router, dew_arena *arena, dew_str prefix, const dew_match *match)
{
    const dew_route *route = match->page->route;
    dew_error error = { 0 };
    dew_match again;
    dew_buf out;
    dew_buf_init(&out, 1 << 20);
    CHECK(dew_route_write(&out, prefix, route, match->params, &error) == 0);
    dew_router_match(router, arena, dew_buf_str(&out), &again);
    CHECK(again.code == 0 && again.redirect.len == 0 && again.page == match->page);
    CHECK(dew_value_equal(route->params(), match->params, again.params));
    dew_buf_dispose(&out);
}

static void check_match(const dew_router *router, dew_arena *arena, dew_str prefix, dew_str target)
{
    dew_match match;
    dew_router_match(router, arena, target, &match);
    CHECK(match.code == 0 || match.code == DEW_E_NOT_FOUND || match.code == DEW_E_INVALID);
    CHECK((match.code == 0) == (match.page != NULL) || match.code == DEW_E_INVALID);
    if (match.redirect.len != 0) {
        check_redirect(router, arena, prefix, match.redirect);
        return;
    }
    const dew_page *right = page_of(arena, prefix, target);
    if (match.code == 0) {
        CHECK(match.page == right);
        CHECK((match.params != NULL) == (right->route != NULL));
        for (int i = 0; i < match.value_count; i++)
            CHECK(memchr(match.values[i].ptr, '\0', match.values[i].len) == NULL);
        if (match.params != NULL)
            check_round_trip(router, arena, prefix, &match);
    } else {
        CHECK(match.error.message[0] != '\0');
        CHECK(right == NULL || right->route != NULL); /* a page without types is there for every value */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static dew_router *routers[2];
    static const char *const prefixes[2] = { NULL, "/live" };
    if (len < 1 || len > INPUT_MAX)
        return 0;
    unsigned which = data[0] & 1;
    dew_str target = dew_str_make((const char *)data + 1, len - 1);
    if (!is_target(target))
        return 0;
    dew_error error = { 0 };
    if (routers[which] == NULL)
        CHECK(dew_router_create(&site, prefixes[which], &routers[which], &error) == 0);
    dew_arena arena;
    dew_arena_init(&arena, 1 << 22);
    check_match(routers[which], &arena, dew_router_prefix(routers[which]), target);
    dew_arena_dispose(&arena);
    return 0;
}
