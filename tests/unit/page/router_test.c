/* Addresses to pages and back: precedence, decoding, redirects, typed parameters, mistakes named at start. */
#include "page/router.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BOARD_KEY(F) F(str, board_id)
DEW_STRUCT(board_key, BOARD_KEY)
DEW_ROUTE(board, "/board/:board_id", board_key)

#define SIZE_ENUM(V) V(size, small) V(size, large)
DEW_ENUM(size, SIZE_ENUM)
#define SEARCH(F) F(i64, year) F(str, q) F(opt(i32), rows) F(bool, all) F(f64, ratio) F(size, size)
DEW_STRUCT(search, SEARCH)
DEW_ROUTE(search, "/search/:year", search)

static void view(void)
{
}

static const dew_page home = { .path = "/", .view = view }, new_board = { .path = "/board/new", .view = view },
                      board = { .route = &board_route, .view = view }, found = { .route = &search_route, .view = view },
                      deep = { .path = "/:a/x/:b", .view = view }, deep_literal = { .path = "/board/x/y", .view = view };
static const dew_site site = { .name = "test", .pages = DEW_PAGES(&deep, &home, &new_board, &board, &found, &deep_literal) };

typedef struct fixture {
    dew_router *router;
    dew_arena arena;
    dew_match match;
} fixture;

static fixture start(const char *prefix)
{
    fixture f = { .router = NULL };
    dew_error error = { 0 };
    assert_int_equal(dew_router_create(&site, prefix, &f.router, &error), 0);
    dew_arena_init(&f.arena, 1 << 20);
    return f;
}

static void stop(fixture *f)
{
    dew_arena_dispose(&f->arena);
    dew_router_destroy(f->router);
}

static const dew_match *go(fixture *f, const char *target)
{
    dew_router_match(f->router, &f->arena, dew_str_of(target), &f->match);
    return &f->match;
}

#define assert_str(str_, literal) assert_string_equal((str_).ptr, (literal))

static void literal_goes_before_parameter(void **state)
{
    (void)state;
    fixture f = start(NULL);
    assert_ptr_equal(go(&f, "/")->page, &home);
    assert_ptr_equal(go(&f, "/?a=b")->page, &home);
    assert_ptr_equal(go(&f, "/board/new")->page, &new_board);
    assert_ptr_equal(go(&f, "/board/b1")->page, &board);
    assert_str(((const board_key *)f.match.params)->board_id, "b1");
    assert_ptr_equal(go(&f, "/board/x/y")->page, &deep_literal);
    assert_ptr_equal(go(&f, "/board/x/z")->page, &deep); /* goes back from /board/x */
    assert_str(dew_match_param(&f.match, &f.arena, DEW_S("a")), "board");
    assert_str(dew_match_param(&f.match, &f.arena, DEW_S("b")), "z");
    assert_str(dew_match_param(&f.match, &f.arena, DEW_S("c")), "");
    stop(&f);
}

static void what_no_page_has_is_not_found(void **state)
{
    (void)state;
    fixture f = start(NULL);
    const char *targets[] = { "/none",     "/board",     "/board/",      "//",         "/board//",   "//evil.example/",
                              "/board/..", "/board/%2e", "/board/%ff",   "/board/%00", "/board/%4",  "/board/%zz",
                              "",          "board/new",  "/a/b/c/d/e/f", "/search/x",  "/search/1.5" };
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        const dew_match *match = go(&f, targets[i]);
        assert_int_equal(match->code, DEW_E_NOT_FOUND);
        assert_null(match->page);
        assert_int_equal(match->redirect.len, 0);
    }
    stop(&f);
}

static void segments_are_decoded(void **state)
{
    (void)state;
    fixture f = start(NULL);
    assert_ptr_equal(go(&f, "/%62oard/n%65w")->page, &new_board);
    assert_ptr_equal(go(&f, "/board/a%2Fb%20c%C3%A4+d")->page, &board);
    assert_str(((const board_key *)f.match.params)->board_id, "a/b c\xc3\xa4+d");
    stop(&f);
}

static void end_slash_is_redirected(void **state)
{
    (void)state;
    fixture f = start(NULL);
    assert_str(go(&f, "/board/b1/")->redirect, "/board/b1");
    assert_str(go(&f, "/board/b1/?x=1&y=/")->redirect, "/board/b1?x=1&y=/");
    assert_str(go(&f, "/board/\\x/?y=\\")->redirect, "/board/%5Cx?y=\\"); /* which a browser would take for a slash */
    stop(&f);
}

static void prefix_is_taken_off(void **state)
{
    (void)state;
    fixture f = start("/live");
    assert_ptr_equal(go(&f, "/live/")->page, &home);
    assert_str(go(&f, "/live")->redirect, "/live/");
    assert_str(go(&f, "/live?q=1")->redirect, "/live/?q=1");
    assert_ptr_equal(go(&f, "/live/board/b1")->page, &board);
    assert_str(f.match.location, "/live/board/b1");
    assert_int_equal(go(&f, "/livelier")->code, DEW_E_NOT_FOUND);
    assert_int_equal(go(&f, "/board/b1")->code, DEW_E_NOT_FOUND);
    stop(&f);
}

static void query_is_typed(void **state)
{
    (void)state;
    fixture f = start(NULL);
    assert_int_equal(go(&f, "/search/2026?q=a+b%26&rows=0&all=true&ratio=1.5&size=large")->code, 0);
    const search *p = f.match.params;
    assert_int_equal(p->year, 2026);
    assert_str(p->q, "a b&");
    assert_true(p->rows.has);
    assert_int_equal(p->rows.value, 0);
    assert_true(p->all);
    assert_true(p->ratio == 1.5);
    assert_int_equal(p->size, size_large);
    assert_int_equal(go(&f, "/search/-3?other=1")->code, 0);
    p = f.match.params;
    assert_int_equal(p->year, -3);
    assert_str(p->q, "");
    assert_false(p->rows.has);
    stop(&f);
}

static void bad_query_value_names_its_field(void **state)
{
    (void)state;
    fixture f = start(NULL);
    assert_int_equal(go(&f, "/search/1?rows=many")->code, DEW_E_INVALID);
    assert_non_null(strstr(f.match.error.message, "rows"));
    assert_int_equal(go(&f, "/search/1?rows=99999999999")->code, DEW_E_INVALID);
    assert_non_null(strstr(f.match.error.message, "rows"));
    assert_int_equal(go(&f, "/search/1?q=%f")->code, DEW_E_INVALID);
    assert_non_null(strstr(f.match.error.message, "q"));
    stop(&f);
}

static const char *written(dew_buf *out, const char *prefix, const dew_route *route, const void *params)
{
    dew_buf_clear(out);
    assert_int_equal(dew_route_write(out, dew_str_of(prefix), route, params, NULL), 0);
    dew_buf_put_char(out, '\0');
    return out->ptr;
}

static void addresses_are_written(void **state)
{
    (void)state;
    dew_buf out;
    dew_buf_init(&out, 4096);
    board_key key = { S("a/b c?\xc3\xa4") };
    assert_string_equal(written(&out, "/live", &board_route, &key), "/live/board/a%2Fb%20c%3F%C3%A4");
    search all = {
        .year = -5, .q = S("x&y=z"), .rows = DEW_SOME(i32, 0), .all = true, .ratio = 0.5, .size = size_large
    };
    assert_string_equal(written(&out, "", &search_route, &all),
                        "/search/-5?q=x%26y%3Dz&rows=0&all=true&ratio=0.5&size=large");
    assert_string_equal(written(&out, "", &search_route, &(search){ .year = 1 }), "/search/1");
    dew_buf_dispose(&out);
}

static void address_that_cannot_be_is_refused(void **state)
{
    (void)state;
    dew_buf out;
    dew_error error;
    dew_buf_init(&out, 4096);
    const char *bad[] = { "", ".", ".." };
    for (int i = 0; i < 3; i++) {
        assert_int_equal(dew_route_write(&out, DEW_S(""), &board_route, &(board_key){ dew_str_of(bad[i]) }, &error),
                         DEW_E_INVALID);
        assert_non_null(strstr(error.message, "board_id"));
    }
    dew_buf_dispose(&out);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    fixture f = start("/p");
    search in = { .year = INT64_MIN, .q = S("+%&=?#/ \xc3\xa4"), .rows = DEW_SOME(i32, -7), .ratio = 1e-9 };
    dew_buf out;
    dew_buf_init(&out, 4096);
    assert_int_equal(dew_route_write(&out, dew_router_prefix(f.router), &search_route, &in, NULL), 0);
    dew_router_match(f.router, &f.arena, dew_buf_str(&out), &f.match);
    assert_int_equal(f.match.code, 0);
    const search *p = f.match.params;
    assert_true(p->year == in.year && p->rows.value == -7 && p->ratio == in.ratio && dew_str_eq(p->q, in.q));
    dew_buf_dispose(&out);
    stop(&f);
}

DEW_ROUTE(lost, "/lost/:nowhere", board_key)
#define ROW(F) F(str, id)
DEW_STRUCT(row, ROW)
DEW_LIST(row_list, row, id)
#define LISTED(F) F(row_list, rows)
DEW_STRUCT(listed, LISTED)
DEW_ROUTE(listed, "/listed", listed)

static void mistakes_are_named_at_start(void **state)
{
    (void)state;
    static const dew_page twin_a = { .path = "/a/:x/b", .view = view }, twin_b = { .path = "/a/:y/b", .view = view },
                          relative = { .path = "board", .view = view }, no_view = { .path = "/x" },
                          empty = { .path = "/a//b", .view = view }, end = { .path = "/a/", .view = view },
                          lost = { .route = &lost_route, .view = view },
                          list = { .route = &listed_route, .view = view },
                          both = { .path = "/x", .route = &board_route, .view = view };
    const struct {
        const dew_page *const *pages;
        const char *names[2];
    } cases[] = {
        { DEW_PAGES(&twin_a, &twin_b), { "/a/:x/b", "/a/:y/b" } },
        { DEW_PAGES(&relative), { "\"board\"", "slash" } },
        { DEW_PAGES(&no_view), { "/x", ".view" } },
        { DEW_PAGES(&empty), { "/a//b", "empty" } },
        { DEW_PAGES(&end), { "/a/", "empty" } },
        { DEW_PAGES(&lost), { "nowhere", "board_key" } },
        { DEW_PAGES(&list), { "rows", "listed" } },
        { DEW_PAGES(&both), { "/x", "/board/:board_id" } },
    };
    dew_router *router = NULL;
    dew_error error = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dew_site broken = { .name = "broken", .pages = cases[i].pages };
        assert_int_equal(dew_router_create(&broken, NULL, &router, &error), DEW_E_INVALID);
        assert_null(router);
        assert_non_null(strstr(error.message, cases[i].names[0]));
        assert_non_null(strstr(error.message, cases[i].names[1]));
    }
    assert_int_equal(dew_router_create(&site, "live/", &router, &error), DEW_E_INVALID);
    dew_router_destroy(NULL);
}

static void what_is_no_page_stands_in_the_same_table(void **state)
{
    (void)state;
    fixture f = start("/live");
    dew_error error;
    void **place, *taken;
    assert_null(dew_router_find(f.router, &f.arena, DEW_S("/live/board/new"), &f.match));
    assert_int_equal(dew_router_place(f.router, "endpoint", "/board/:board_id/tasks", &place, &error), 0);
    assert_null(*place);
    *place = &taken;
    assert_int_equal(dew_router_place(f.router, "endpoint", "/board/:id/tasks", &place, &error), 0);
    assert_ptr_equal(*place, &taken);
    assert_ptr_equal(dew_router_find(f.router, &f.arena, DEW_S("/live/board/b%201/tasks?x=1"), &f.match), &taken);
    assert_int_equal(f.match.value_count, 1);
    assert_str(f.match.values[0], "b 1");
    assert_str(f.match.query, "x=1");
    assert_null(dew_router_find(f.router, &f.arena, DEW_S("/live/board/new"), &f.match));
    assert_null(dew_router_find(f.router, &f.arena, DEW_S("/live/board/b1/tasks/"), &f.match));
    assert_str(f.match.redirect, "/live/board/b1/tasks");
    assert_int_equal(go(&f, "/live/board/b1/tasks")->code, DEW_E_NOT_FOUND);
    assert_ptr_equal(go(&f, "/live/board/new")->page, &new_board);
    assert_int_equal(dew_router_place(f.router, "endpoint", "/board/:x", &place, &error), DEW_E_INVALID);
    assert_string_equal(error.message, "endpoint \"/board/:x\" has the address of page \"/board/:board_id\"");
    assert_int_equal(dew_router_place(f.router, "endpoint", "//x", &place, &error), DEW_E_INVALID);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literal_goes_before_parameter),
        cmocka_unit_test(what_is_no_page_stands_in_the_same_table),
        cmocka_unit_test(what_no_page_has_is_not_found),
        cmocka_unit_test(segments_are_decoded),
        cmocka_unit_test(end_slash_is_redirected),
        cmocka_unit_test(prefix_is_taken_off),
        cmocka_unit_test(query_is_typed),
        cmocka_unit_test(bad_query_value_names_its_field),
        cmocka_unit_test(addresses_are_written),
        cmocka_unit_test(address_that_cannot_be_is_refused),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(mistakes_are_named_at_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
