/* options_test.c - what holds for a page: field by field from the page outwards, and what accumulates, from the application
 * inwards; and what is refused at start. */
#include "page/options.h"

#include "page/plan.h"
#include "page/router.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void view(void)
{
}
static void other(void)
{
}
static void third(void)
{
}

static dew_site site;
static dew_layout outer, inner; /* inner has no view */
static dew_page page;

/* Application, outer and inner layout, page; nothing is said. */
static int fresh(void **state)
{
    (void)state;
    static const dew_page *const pages[] = { &page, NULL };
    site = (dew_site){ .name = "Test", .pages = pages };
    outer = (dew_layout){ .view = view };
    inner = (dew_layout){ .parent = &outer };
    page = (dew_page){ .path = "/", .view = view, .layout = &inner };
    return 0;
}

static dew_levels levels(void)
{
    dew_levels all;
    dew_page_levels(&site, &page, &all);
    return all;
}

static dew_ssr ssr(void)
{
    dew_levels all = levels();
    return dew_levels_ssr(&all);
}

static dew_prefetch prefetch(void)
{
    dew_levels all = levels();
    return dew_levels_prefetch(&all);
}

static void levels_lead_from_the_application_inwards(void **state)
{
    (void)state;
    dew_levels all = levels();
    assert_int_equal(all.count, 4);
    assert_ptr_equal(all.items[0], &site.inherited);
    assert_ptr_equal(all.items[1], &outer.inherited);
    assert_ptr_equal(all.items[2], &inner.inherited);
    assert_ptr_equal(all.items[3], &page.inherited);
    site.layout = &outer;
    page.layout = NULL; /* the application's */
    all = levels();
    assert_int_equal(all.count, 3);
    assert_ptr_equal(all.items[1], &outer.inherited);
    dew_page_levels(&site, NULL, &all); /* the error page */
    assert_int_equal(all.count, 2);
    assert_ptr_equal(all.items[1], &outer.inherited);
}

static void the_inner_layouts_count_when_there_are_too_many(void **state)
{
    (void)state;
    static dew_layout many[DEW_LAYOUTS_MAX + 3];
    for (size_t i = 0; i + 1 < sizeof many / sizeof *many; i++)
        many[i].parent = &many[i + 1];
    page.layout = &many[0];
    dew_levels all = levels();
    assert_int_equal(all.count, DEW_LAYOUTS_MAX + 2);
    assert_ptr_equal(all.items[all.count - 2], &many[0].inherited);
}

static void what_nobody_says_has_a_default(void **state)
{
    (void)state;
    assert_int_equal(ssr().mode, DEW_SSR_FULL);
    assert_int_equal(dew_count_of(ssr().allowed_rerenders, -5), INT64_MAX);
    assert_int_equal(dew_count_of(ssr().forbidden_rerenders, -5), 25);
    assert_int_equal(ssr().prefetch_loaders, DEW_OFF);
    assert_int_equal(prefetch().on_navigate, DEW_PREFETCH_STATE_AND_CLIENT_QUERIES);
    assert_int_equal(prefetch().on_hover, DEW_PREFETCH_NONE);
    assert_int_equal(dew_duration_ms(prefetch().hover_delay, -5), 30);
    assert_int_equal(dew_duration_ms(prefetch().stale, -5), 10000);
    page.ssr.mode = DEW_SSR_OFF; /* there is no state on the server */
    assert_int_equal(prefetch().on_navigate, DEW_PREFETCH_QUERIES);
}

/* Says one field at the application, then at each level further in, and looks at what holds each time. */
#define ASSERT_INHERITED(place, got, of_site, of_outer, of_inner, of_page)                                             \
    do {                                                                                                              \
        __typeof__(site.place) values_[] = { of_site, of_outer, of_inner, of_page };                                  \
        site.place = values_[0];                                                                                      \
        assert_memory_equal(&(__typeof__(values_[0])[]){ got }, &values_[0], sizeof values_[0]);                       \
        outer.place = values_[1];                                                                                     \
        assert_memory_equal(&(__typeof__(values_[0])[]){ got }, &values_[1], sizeof values_[0]);                       \
        inner.place = values_[2];                                                                                     \
        assert_memory_equal(&(__typeof__(values_[0])[]){ got }, &values_[2], sizeof values_[0]);                       \
        page.place = values_[3];                                                                                      \
        assert_memory_equal(&(__typeof__(values_[0])[]){ got }, &values_[3], sizeof values_[0]);                       \
    } while (0)

static void each_field_of_ssr_is_inherited_alone(void **state)
{
    (void)state;
    ASSERT_INHERITED(ssr.mode, ssr().mode, DEW_SSR_DATA, DEW_SSR_OFF, DEW_SSR_FULL, DEW_SSR_DATA);
    assert_int_equal(dew_count_of(ssr().forbidden_rerenders, 0), 25);
    ASSERT_INHERITED(ssr.allowed_rerenders, ssr().allowed_rerenders, DEW_COUNT(0), DEW_COUNT(7), DEW_NO_LIMIT,
                     DEW_COUNT(0));
    ASSERT_INHERITED(ssr.forbidden_rerenders, ssr().forbidden_rerenders, DEW_COUNT(3), DEW_COUNT(7), DEW_COUNT(1),
                     DEW_NO_LIMIT);
    ASSERT_INHERITED(ssr.prefetch_loaders, ssr().prefetch_loaders, DEW_ON, DEW_OFF, DEW_ON, DEW_OFF);
    assert_int_equal(ssr().mode, DEW_SSR_DATA);
}

static void each_field_of_prefetch_is_inherited_alone(void **state)
{
    (void)state;
    ASSERT_INHERITED(prefetch.on_navigate, prefetch().on_navigate, DEW_PREFETCH_NONE, DEW_PREFETCH_HOOKS,
                     DEW_PREFETCH_QUERIES, DEW_PREFETCH_STATE);
    ASSERT_INHERITED(prefetch.on_hover, prefetch().on_hover, DEW_PREFETCH_QUERIES, DEW_PREFETCH_NONE,
                     DEW_PREFETCH_SERVER_QUERIES, DEW_PREFETCH_CLIENT_QUERIES);
    ASSERT_INHERITED(prefetch.hover_delay, prefetch().hover_delay, DEW_MS(0), DEW_MS(65), DEW_MS(0), DEW_MS(100));
    ASSERT_INHERITED(prefetch.stale, prefetch().stale, DEW_FOREVER, DEW_MS(0), DEW_MS(1), DEW_FOREVER);
}

static void the_views_for_what_waits_and_fails_are_those_next_outwards(void **state)
{
    (void)state;
    dew_levels all = levels();
    assert_null(dew_levels_loading(&all, 3));
    site.loading = view, site.error = third;
    inner.loading = other, page.error = view;
    assert_ptr_equal(dew_levels_loading(&all, 3), other);
    assert_ptr_equal(dew_levels_loading(&all, 1), view); /* of the outer layout itself */
    assert_ptr_equal(dew_levels_error(&all, 3), view);
    assert_ptr_equal(dew_levels_error(&all, 2), third);
}

/* ---- plans ---- */

#define KEY(F) F(i64, id) F(str, word)
DEW_STRUCT(load_key, KEY)
#define WIDE(F) F(i32, id)
DEW_STRUCT(wide_key, WIDE)
#define PARAMS(F) F(i64, id) F(str, word) F(opt(i32), rows)
DEW_STRUCT(item_place, PARAMS)
DEW_ROUTE(item, "/item/:id", item_place)
DEW_QUERY(thing, load_key, load_key)
DEW_QUERY(narrow, wide_key, load_key)
DEW_QUERY(bare, dew_none, load_key)
DEW_MUTATION(change, load_key, dew_none)

static void any_args(load_key *args)
{
    args->id = 1;
}

/* The plan's refusal: has all of these words. NULL: it is made. */
static void expect_refusal(const char *first, const char *second)
{
    dew_router *router;
    dew_error error = { 0 };
    int code = dew_router_create(&site, NULL, &router, &error);
    if (first == NULL) {
        if (code != 0)
            fail_msg("%s", error.message);
        dew_router_destroy(router);
        return;
    }
    assert_int_equal(code, DEW_E_INVALID);
    if (strstr(error.message, first) == NULL || strstr(error.message, second) == NULL)
        fail_msg("wanted \"%s\" and \"%s\" in: %s", first, second, error.message);
}

static void a_load_needs_the_parameters_of_its_address(void **state)
{
    (void)state;
    page.path = NULL, page.route = &item_route;
    page.loads = DEW_LOADS(DEW_LOAD(thing), DEW_LOAD(bare));
    expect_refusal(NULL, NULL);
    page.loads = NULL;
    outer.loads = DEW_LOADS(DEW_LOAD(narrow)); /* one of a layout's, for this page */
    expect_refusal("page \"/item/:id\": .loads has narrow, whose argument id is i32; the route's parameter is i64", "");
    page.route = NULL, page.path = "/other/:id";
    expect_refusal(NULL, NULL); /* text, read as whatever it is wanted as */
    page.path = "/other/:idle";
    expect_refusal("narrow, whose argument id is no parameter of this address", "DEW_LOAD_WITH(narrow, …)");
    outer.loads = NULL;
    page.path = "/other/:id", page.loads = DEW_LOADS(DEW_LOAD(thing));
    expect_refusal("page \"/other/:id\": .loads has thing, whose argument word is no parameter",
                   "name it in the route");
    page.loads = DEW_LOADS(DEW_LOAD_WITH(thing, any_args));
    expect_refusal(NULL, NULL);
    page.loads = DEW_LOADS(DEW_LOAD_WITH(change, any_args));
    expect_refusal(".loads has change", "no query");
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    inner.ssr.forbidden_rerenders = (dew_count)DEW_COUNT(0);
    expect_refusal("page \"/\": .ssr.forbidden_rerenders", "DEW_COUNT(1)");
    page.ssr.forbidden_rerenders = (dew_count)DEW_NO_LIMIT;
    expect_refusal(NULL, NULL);
    page.prefetch.hover_delay = (dew_duration)DEW_MS(-1);
    expect_refusal("hover_delay", "DEW_MS(0)");
}

static void expect_policy_refusal(bool no_ssr, const char *first, const char *second)
{
    dew_error error = { 0 };
    int code = dew_site_check_policies(&site, no_ssr, &error);
    if (first == NULL) {
        if (code != 0)
            fail_msg("%s", error.message);
        return;
    }
    assert_int_equal(code, DEW_E_INVALID);
    if (strstr(error.message, first) == NULL || strstr(error.message, second) == NULL)
        fail_msg("wanted \"%s\" and \"%s\" in: %s", first, second, error.message);
}

static void a_policy_that_needs_the_servers_render_says_so(void **state)
{
    (void)state;
    page.ssr.mode = DEW_SSR_OFF;
    expect_policy_refusal(false, NULL, NULL);
    site.prefetch.on_hover = DEW_PREFETCH_STATE;
    expect_refusal(NULL, NULL); /* of the routes alone: they do not know whether there is a browser half */
    expect_policy_refusal(false, "page \"/\": .prefetch.on_hover, which the application says, asks for its state",
                          "DEW_SSR_OFF");
    page.prefetch.on_hover = DEW_PREFETCH_NONE;
    expect_policy_refusal(false, NULL, NULL);
    page.prefetch.on_navigate = DEW_PREFETCH_STATE_AND_CLIENT_QUERIES;
    expect_policy_refusal(false, "page \"/\": .prefetch.on_navigate, which the page says, ",
                          "DEW_PREFETCH_QUERIES or less, or let the server render it");
    expect_policy_refusal(true, ".ssr.mode is DEW_SSR_OFF",
                          "let the server render it"); /* what would be in the way without it, too */
    page.ssr.mode = DEW_SSR_DATA;
    expect_policy_refusal(false, NULL, NULL);
}

static void a_policy_that_needs_the_servers_render_is_refused_without_it(void **state)
{
    (void)state;
    expect_policy_refusal(true, NULL, NULL); /* what holds when nobody says it asks for nothing that is missed */
    page.prefetch.on_navigate = DEW_PREFETCH_QUERIES;
    expect_policy_refusal(true, NULL, NULL);
    page.prefetch.on_navigate = DEW_PREFETCH_STATE;
    expect_policy_refusal(true, "page \"/\": .prefetch.on_navigate, which the page says, ",
                          "DEW_PREFETCH_QUERIES or less");
    outer.prefetch.on_hover = DEW_PREFETCH_STATE_AND_CLIENT_QUERIES;
    page.prefetch.on_navigate = DEW_PREFETCH_NONE;
    expect_policy_refusal(true, "page \"/\": .prefetch.on_hover, which a layout of it says, ", "without --no-ssr");
    inner.prefetch.on_hover = DEW_PREFETCH_NONE;
    expect_policy_refusal(true, NULL, NULL);
    site.prefetch.on_navigate = DEW_PREFETCH_STATE_AND_CLIENT_QUERIES;
    expect_policy_refusal(true, NULL, NULL); /* the page's goes before */
    page.prefetch.on_navigate = DEW_POLICY_INHERITED;
    expect_policy_refusal(true, "page \"/\": .prefetch.on_navigate, which the application says, ",
                          "dew_app_config.no_ssr");
}

static void a_static_page_is_rendered_on_the_server(void **state)
{
    (void)state;
    page.islands = (const struct dew_islands *)(const void *)&site; /* some; which does not matter here */
    expect_refusal(NULL, NULL);
    site.ssr.mode = DEW_SSR_DATA;
    expect_refusal("page \"/\" has .islands", "DEW_SSR_FULL");
    page.ssr.mode = DEW_SSR_FULL;
    expect_refusal(NULL, NULL);
}

static dew_view_fn *hook_of(void *context, const dew_layout *layout, const dew_page *of)
{
    (void)context;
    return of == &page ? third : layout == &outer ? other : layout == NULL && of == NULL ? view : NULL;
}

static void hooks_of_both_sides_and_of_the_server_accumulate(void **state)
{
    (void)state;
    dew_arena arena;
    dew_arena_init(&arena, 1 << 20);
    dew_page_plan *plan;
    assert_int_equal(dew_page_plan_make(&arena, &site, &page, NULL, NULL, &plan, NULL), 0);
    assert_false(plan->has_prefetch);
    inner.on_prefetch = view;
    page.on_prefetch = other;
    assert_int_equal(dew_page_plan_make(&arena, &site, &page, hook_of, NULL, &plan, NULL), 0);
    dew_view_fn *const wanted[] = {
        view, other, view, other, third, NULL
    }; /* server: site, outer; both: inner, page; server: page */
    assert_memory_equal(plan->hooks, wanted, sizeof wanted);
    assert_true(plan->has_prefetch);
    site.loads = DEW_LOADS(DEW_LOAD(bare));
    page.loads = DEW_LOADS(DEW_LOAD_WITH(thing, any_args));
    page.ssr.prefetch_loaders = DEW_ON;
    assert_int_equal(dew_page_plan_make(&arena, &site, &page, NULL, NULL, &plan, NULL), 0);
    assert_true(plan->asks_loads);
    assert_ptr_equal(plan->loads[0].query, &bare_fn);
    assert_ptr_equal(plan->loads[1].query, &thing_fn);
    assert_null(plan->loads[2].query);
    dew_arena_dispose(&arena);
}

static void a_plan_without_memory_is_none(void **state)
{
    (void)state;
    page.loads = DEW_LOADS(DEW_LOAD(bare));
    page.on_prefetch = view;
    dew_arena arena;
    dew_arena_init(&arena, 64);
    dew_page_plan *plan = NULL;
    dew_error error;
    assert_int_equal(dew_page_plan_make(&arena, &site, &page, NULL, NULL, &plan, &error), DEW_E_NOMEM);
    assert_null(plan);
    dew_arena_dispose(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(levels_lead_from_the_application_inwards, fresh),
        cmocka_unit_test_setup(the_inner_layouts_count_when_there_are_too_many, fresh),
        cmocka_unit_test_setup(what_nobody_says_has_a_default, fresh),
        cmocka_unit_test_setup(each_field_of_ssr_is_inherited_alone, fresh),
        cmocka_unit_test_setup(each_field_of_prefetch_is_inherited_alone, fresh),
        cmocka_unit_test_setup(the_views_for_what_waits_and_fails_are_those_next_outwards, fresh),
        cmocka_unit_test_setup(a_load_needs_the_parameters_of_its_address, fresh),
        cmocka_unit_test_setup(options_out_of_range_are_refused, fresh),
        cmocka_unit_test_setup(a_policy_that_needs_the_servers_render_says_so, fresh),
        cmocka_unit_test_setup(a_policy_that_needs_the_servers_render_is_refused_without_it, fresh),
        cmocka_unit_test_setup(a_static_page_is_rendered_on_the_server, fresh),
        cmocka_unit_test_setup(hooks_of_both_sides_and_of_the_server_accumulate, fresh),
        cmocka_unit_test_setup(a_plan_without_memory_is_none, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
