/* What views are told of where the reader is (dew/link.h), on the server: the address shown and those of links. */
#include "page/loop.h"

#include <dew/link.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct {
    const char *links[8]; /* asked about */
    bool is_active[8];
    const char *current[8];
    dew_shown shown;
    bool is_transition, is_home;
    bool is_path_kept;
} seen;

static void view(void);
static const dew_page home = { .path = "/", .view = view }, idea = { .path = "/ideas/:id", .view = view },
                      ideas = { .path = "/ideas", .view = view };
static const dew_site site = { .name = "test", .pages = DEW_PAGES(&home, &idea, &ideas), .not_found = view };

static void view(void)
{
    for (int i = 0; seen.links[i] != NULL; i++) {
        seen.is_active[i] = dew_link_is_active(seen.links[i]);
        seen.current[i] = dew_link_current(seen.links[i]);
    }
    seen.shown = use_route();
    seen.is_transition = use_transition() != NULL;
    seen.is_home = dew_page_is_shown(&home);
    seen.is_path_kept = strcmp(dew_path("/a%20b/%s%d%%"), "/live/a%20b/%s%d%%") == 0;
}

/* Renders `target`; pattern and location are copied to where the caller says, as they end with the render. */
static void show(const char *prefix, const char *target, char *pattern, char *location)
{
    dew_router *router;
    dew_arena arena;
    dew_buf html;
    dew_page_loop loop;
    assert_int_equal(dew_router_create(&site, prefix, &router, NULL), 0);
    dew_arena_init(&arena, 1 << 20);
    dew_buf_init(&html, 1 << 20);
    dew_page_loop_config config = { .router = router };
    dew_page_loop_begin(&loop, &config, &arena, &html, dew_str_of(target));
    assert_int_equal(dew_page_loop_step(&loop), DEW_PAGE_SETTLED);
    strcpy(pattern, seen.shown.pattern);
    memcpy(location, seen.shown.location.ptr, seen.shown.location.len);
    location[seen.shown.location.len] = '\0';
    dew_page_loop_dispose(&loop);
    dew_buf_dispose(&html);
    dew_arena_dispose(&arena);
    dew_router_destroy(router);
}

static void links_are_active_at_and_above_the_address(void **state)
{
    (void)state;
    char pattern[64], location[64];
    const char *links[8] = {
        "/ideas/3", "/ideas", "/ideas?sort=name", "/idea", "/", "/ideas/3/notes", "/ideas/3?rows=5"
    };
    memcpy(seen.links, links, sizeof links);
    show(NULL, "/ideas/3?rows=5", pattern, location);
    const bool active[] = { true, true, true, false, false, false, true };
    for (int i = 0; i < 7; i++) {
        assert_int_equal(seen.is_active[i], active[i]);
        if (i == 6)
            assert_string_equal(seen.current[i], "page");
        else
            assert_null(seen.current[i]);
    }
    assert_string_equal(pattern, "/ideas/:id");
    assert_string_equal(location, "/ideas/3?rows=5");
    assert_ptr_equal(seen.shown.page, &idea);
    assert_false(seen.is_transition);
    assert_false(seen.is_home);
}

static void the_root_below_a_prefix_is_active_alone(void **state)
{
    (void)state;
    char pattern[64], location[64];
    const char *links[8] = { "/live/", "/live/ideas" };
    memcpy(seen.links, links, sizeof links);
    show("/live", "/live/ideas", pattern, location);
    assert_false(seen.is_active[0]);
    assert_true(seen.is_active[1]);
    show("/live", "/live/", pattern, location);
    assert_true(seen.is_active[0]);
    assert_true(seen.is_home);
}

static void an_address_of_no_route_is_taken_as_it_is(void **state)
{
    (void)state;
    char pattern[64], location[64];
    memset(seen.links, 0, sizeof seen.links);
    show("/live", "/live/", pattern, location);
    assert_true(seen.is_path_kept);
}

static void where_nothing_is_there_is_no_page(void **state)
{
    (void)state;
    char pattern[64], location[64];
    memset(seen.links, 0, sizeof seen.links);
    show(NULL, "/missing", pattern, location);
    assert_null(seen.shown.page);
    assert_string_equal(pattern, "");
    assert_string_equal(location, "/missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_are_active_at_and_above_the_address),
        cmocka_unit_test(the_root_below_a_prefix_is_active_alone),
        cmocka_unit_test(an_address_of_no_route_is_taken_as_it_is),
        cmocka_unit_test(where_nothing_is_there_is_no_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
