/* loop_hooks_test.c - the render loop: what is asked for before the first pass (hooks, declared loads, seeds), and queries on a
 * condition. */
#include "loop_world.h"

#define ID(F) F(i32, n) F(opt(str), q)
DEW_STRUCT(place, ID)
DEW_ROUTE(item, "/item/:n", place)

static int hook_runs;
static bool is_right; /* what a hook or view has found */
static char order[16];

static void note(const char *mark)
{
    if (strlen(order) + 1 < sizeof order)
        strcat(order, mark);
}

/* ---- hooks ---- */

static void warm_both(void)
{
    hook_runs++;
    const number *n = need(fetch_first());
    prefetch_second(*n);
}

static void warm_for_nobody(void)
{
    prefetch_second((number){ 70 });
}

static void warm_restless(void)
{
    prefetch_second((number){ 1000000 + hook_runs++ });
}

static void drawing_hook(void)
{
    el(p) text("nowhere");
}

static void outlet_hook(void)
{
    dew_outlet();
}

static void warm_param(void)
{
    place at = item_params();
    prefetch_second((number){ at.n });
}

static void seed_first(void)
{
    first_set(&(number){ 41 });
    second_set((number){ 41 }, &(words){ S("seed <") });
    const number *n = fetch_first();
    is_right = n != NULL && n->n == 41;
}

static void seed_late(void)
{
    const number *n = need(fetch_first());
    (void)n;
    first_set(&(number){ 41 }); /* is there */
}

static void mark_site(void)
{
    note("s");
}
static void mark_layout(void)
{
    note("l");
}
static void mark_page(void)
{
    note("p");
}

/* ---- views ---- */

static void item_view(void)
{
    const words *w = need(use_second((number){ item_params().n }));
    el(p) text(w->text);
}

static void seeding_view(void)
{
    second_set((number){ 5 }, &(words){ S("no") });
    el(p) text("plain");
}

static void conditional_view(void)
{
    const words *none = use_with(second, { 6 }, .enabled = false);
    const number *n = use_with(first, {}, .enabled = none == NULL);
    const words *w = use_with(second, (number){ n != NULL ? n->n : 0 }, .enabled = n != NULL);
    const words *same = use_second_with((number){ n != NULL ? n->n : 0 }, (dew_use_options){ .enabled = n != NULL });
    is_right = none == NULL && w == same;
    if (w != NULL)
        el(p) text(w->text);
}

/* Deep in a component, dependent on what another shows. */
static void deep_view(void)
{
    el(main) el(section) {
        const number *n = use_first();
        const words *w = use_with(second, { n != NULL ? n->n : 0 }, .enabled = n != NULL);
        el(p) text(w != NULL ? w->text : S("…"));
    }
}

static void args_of_first(number *args)
{
    const number *n = need(use_first());
    args->n = n->n;
}

static const number *came; /* by no query of the arguments' own */
static void find_first(void)
{
    came = fetch_first();
}
static void args_of_found(number *args)
{
    const number *n = need(came);
    args->n = n->n;
}
static void args_that_fail(number *args)
{
    args->n = 1;
    dew_view_fail(DEW_E_DENIED, "not for you");
}
static void view_of_first(void)
{
    const number *n = need(use_first());
    el(b) text(n->n);
    dew_outlet();
}
static void view_of_second(void)
{
    const words *w = need(use_second((number){ 7 }));
    el(p) text(w->text);
}

/* ---- a page of one's own ---- */

static dew_site own_site;
static dew_layout own_layout;
static dew_page own;

static int fresh(void **state)
{
    (void)state;
    static const dew_page *const pages[] = { &own, NULL };
    own_site = (dew_site){ .name = "Test", .pages = pages, .error = failed_view };
    own_layout = (dew_layout){ .view = frame_view };
    own = (dew_page){ .path = "/", .view = dependent_view };
    hook_runs = 0;
    is_right = false;
    order[0] = '\0';
    return 0;
}

static void expect(world *w, int passes, int loads, const char *html)
{
    run(w, own.path != NULL ? own.path : "/item/9?q=x");
    assert_html(w, html);
    assert_int_equal(w->loop.pass_count, passes);
    assert_int_equal(w->loads, loads);
}

static bool carries(world *w, const char *words_)
{
    dew_buf out;
    dew_buf_init(&out, 1 << 20);
    dew_state_write(&out, &w->loop, &(dew_state_info){ .epoch = S("e") }, false);
    dew_buf_put_char(&out, '\0');
    bool found = strstr(out.ptr, words_) != NULL;
    dew_buf_dispose(&out);
    return found;
}

static void warmed_in_a_hook_one_pass(void **state)
{
    (void)state;
    own.on_prefetch = warm_both;
    world w = start(&own_site);
    expect(&w, 1, 2, "<p>word</p>");
    assert_int_equal(hook_runs, 3); /* asks for one, then for the other, then for nothing */
    stop(&w);
    hook_runs = 0;
    w = start(&own_site);
    w.in_memory = true;
    expect(&w, 1, 0, "<p>word</p>");
    assert_int_equal(hook_runs, 1);
    stop(&w);
}

static void hooks_accumulate_and_run_before_the_view(void **state)
{
    (void)state;
    own_site.on_prefetch = mark_site;
    own_layout.on_prefetch = mark_layout;
    own_layout.view = NULL;
    own.layout = &own_layout;
    own.on_prefetch = mark_page;
    own.view = plain_view;
    world w = start(&own_site);
    expect(&w, 1, 0, "<p>plain</p>");
    assert_string_equal(order, "slp");
    stop(&w);
}

static void hooks_do_not_run_for_an_address_without_a_page(void **state)
{
    (void)state;
    own_site.on_prefetch = mark_site;
    world w = start(&own_site);
    run(&w, "/nowhere");
    assert_string_equal(order, "");
    stop(&w);
}

static void what_a_hook_asks_for_goes_with_the_page_though_no_view_uses_it(void **state)
{
    (void)state;
    own.on_prefetch = warm_for_nobody;
    own.view = one_view;
    world w = start(&own_site);
    expect(&w, 2, 2, "<p>7</p>");
    assert_true(carries(&w, "{\"fn\":\"second\",\"schema\":\"0a0b0c0d\",\"args\":{\"n\":70}"));
    stop(&w);
    w = start(&own_site); /* a part of which failed */
    w.fail_code = DEW_E_BUSY;
    run(&w, "/");
    assert_int_equal(w.loop.status, 503);
    assert_true(carries(&w, "\"fn\":\"second\""));
    dew_page_loop_fail(&w.loop, DEW_E_TIMEOUT, NULL); /* not with an error page */
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_false(carries(&w, "\"fn\":\"second\""));
    stop(&w);
}

static void what_fails_in_a_hook_is_the_views_matter(void **state)
{
    (void)state;
    own.on_prefetch = warm_both;
    own.view = plain_view;
    world w = start(&own_site);
    w.fail_code = DEW_E_DENIED;
    expect(&w, 1, 1, "<p>plain</p>");
    assert_int_equal(w.loop.status, 200);
    stop(&w);
    own.view = one_view;
    w = start(&own_site);
    w.fail_code = DEW_E_DENIED;
    run(&w, "/");
    assert_int_equal(w.loop.status, 403);
    assert_int_equal(w.loads, 1); /* tried once */
    stop(&w);
}

static void hooks_that_never_end_are_left_with_one_line(void **state)
{
    (void)state;
    own.on_prefetch = warm_restless;
    own.view = plain_view;
    world w = start(&own_site);
    expect(&w, 1, 25, "<p>plain</p>");
    assert_int_equal(hook_runs, 25);
    assert_int_equal(w.complaints, 1);
    assert_non_null(strstr(w.complaint, "after 25 runs, the last one for second {\"n\":1000024}"));
    stop(&w);
}

static void a_hook_knows_the_address(void **state)
{
    (void)state;
    own.path = NULL, own.route = &item_route, own.view = item_view;
    own.on_prefetch = warm_param;
    world w = start(&own_site);
    expect(&w, 1, 1, "<p>word</p>");
    stop(&w);
}

static void a_hook_that_draws_is_told_of_in_development(void **state)
{
    (void)state;
    own.on_prefetch = drawing_hook;
    own.view = plain_view;
    world w = start(&own_site);
    begin(&w, "/", true);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_html(&w, "<p>plain</p>");
    assert_int_equal(w.complaints, 1);
    assert_non_null(strstr(w.complaint, "draws"));
    stop(&w);
    own.on_prefetch = outlet_hook;
    w = start(&own_site);
    begin(&w, "/", true);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_html(&w, "<p>plain</p>");
    assert_int_equal(w.complaints, 1);
    stop(&w);
}

/* ---- declared loads ---- */

static void loads_before_the_first_pass_one_pass(void **state)
{
    (void)state;
    own_layout.view = view_of_first;
    own_layout.loads = DEW_LOADS(DEW_LOAD(first));
    own.layout = &own_layout;
    own.view = view_of_second;
    own.loads = DEW_LOADS(DEW_LOAD_WITH(second, args_of_first)); /* its arguments wait for the layout's */
    own_site.ssr.prefetch_loaders = DEW_ON;
    world w = start(&own_site);
    expect(&w, 1, 2, "<b>7</b><p>word</p>");
    stop(&w);
}

static void loads_are_found_by_rendering_when_they_are_not_asked_for_before(void **state)
{
    (void)state;
    own_layout.view = view_of_first;
    own_layout.loads = DEW_LOADS(DEW_LOAD(first));
    own.layout = &own_layout;
    own.view = view_of_second;
    world w = start(&own_site);
    expect(&w, 3, 2, "<b>7</b><p>word</p>"); /* need() in the layout hides the page until then */
    stop(&w);
}

static void arguments_come_from_the_address(void **state)
{
    (void)state;
    own.path = NULL, own.route = &item_route, own.view = item_view;
    own.loads = DEW_LOADS(DEW_LOAD(second));
    own.ssr.prefetch_loaders = DEW_ON;
    world w = start(&own_site);
    expect(&w, 1, 1, "<p>word</p>");
    assert_string_equal(w.loop.queries->args_json.ptr, "{\"n\":9}");
    stop(&w);
    own.route = NULL, own.path = "/:n";
    w = start(&own_site);
    run(&w, "/many"); /* which is no number: not loaded */
    assert_int_equal(w.loop.pass_count, 2);
    stop(&w);
}

static void arguments_that_depend_on_what_failed_are_not_made(void **state)
{
    (void)state;
    own.view = plain_view;
    own.loads = DEW_LOADS(DEW_LOAD_WITH(second, args_of_first));
    own.ssr.prefetch_loaders = DEW_ON;
    world w = start(&own_site);
    w.fail_code = DEW_E_IO;
    expect(&w, 1, 1, "<p>plain</p>");
    assert_int_equal(w.loop.query_count, 1);
    stop(&w);
}

static void a_load_waits_for_whatever_its_arguments_need(void **state)
{
    (void)state;
    own.on_prefetch = find_first;
    own.loads = DEW_LOADS(DEW_LOAD_WITH(second, args_of_found));
    own.ssr.prefetch_loaders = DEW_ON;
    world w = start(&own_site);
    expect(&w, 1, 2, "<p>word</p>");
    assert_int_equal(w.loop.query_count, 2); /* none with arguments that were not known yet */
    stop(&w);
}

static void a_load_whose_arguments_never_come_is_left_out(void **state)
{
    (void)state;
    own.view = plain_view;
    own.loads = DEW_LOADS(DEW_LOAD_WITH(second, args_of_found), DEW_LOAD_WITH(second, args_that_fail), DEW_LOAD(first));
    own.ssr.prefetch_loaders = DEW_ON;
    came = NULL;
    world w = start(&own_site);
    expect(&w, 1, 1, "<p>plain</p>");
    assert_int_equal(w.loop.query_count, 1); /* the last one's */
    assert_int_equal(w.loop.status, 200);
    stop(&w);
}

/* A loop is begun anew where another one was. */
static void what_fails_in_a_hook_looks_at_nothing_of_a_page_before(void **state)
{
    (void)state;
    own.on_prefetch = find_first;
    own.view = plain_view;
    world w = start(&own_site);
    w.fail_code = DEW_E_DENIED;
    w.loop.worst = (const dew_error *)(uintptr_t)8;
    expect(&w, 1, 1, "<p>plain</p>");
    stop(&w);
}

/* ---- seeds ---- */

static void a_seeded_query_is_not_loaded(void **state)
{
    (void)state;
    own.on_prefetch = seed_first;
    world w = start(&own_site);
    expect(&w, 1, 0, "<p>seed &lt;</p>");
    assert_true(is_right);
    assert_true(carries(&w, "{\"fn\":\"first\",\"schema\":\""));
    assert_true(
        carries(&w,
                "\"args\":{},\"at\":[\"0\",\"0\"],\"value\":{\"n\":41}")); /* no hash: the browser asks for it whole */
    stop(&w);
}

static void what_is_loaded_stays_when_a_hook_seeds_it(void **state)
{
    (void)state;
    own.on_prefetch = seed_late;
    own.view = one_view;
    world w = start(&own_site);
    expect(&w, 1, 1, "<p>7</p>");
    stop(&w);
}

static void a_view_seeds_nothing(void **state)
{
    (void)state;
    own.view = seeding_view;
    world w = start(&own_site);
    begin(&w, "/", true);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_int_equal(w.loop.query_count, 0);
    assert_non_null(strstr(w.complaint, "second_set() in a view"));
    stop(&w);
}

static void outside_of_a_render_nothing_is_seeded(void **state)
{
    (void)state;
    assert_null(dew_render_current());
    first_set(&(number){ 41 }); /* as in a loader, an action, a guard */
    second_set((number){ 5 }, &(words){ S("no") });
    own.view = one_view;
    world w = start(&own_site);
    expect(&w, 2, 1, "<p>7</p>");
    stop(&w);
}

/* ---- on a condition ---- */

static void a_disabled_query_is_skipped(void **state)
{
    (void)state;
    own.view = conditional_view;
    world w = start(&own_site);
    expect(&w, 3, 2, "<p>word</p>");
    assert_int_equal(w.loop.query_count, 2); /* second {6} was never asked for */
    assert_true(is_right);
    stop(&w);
}

static void a_dependent_query_deep_in_a_component(void **state)
{
    (void)state;
    own.view = deep_view;
    world w = start(&own_site);
    expect(&w, 3, 2, "<main><section><p>word</p></section></main>");
    stop(&w);
}

/* ---- without memory ---- */

static void a_page_whose_hooks_find_no_memory_fails(void **state)
{
    (void)state;
    own.on_prefetch = seed_first;
    own.loads = DEW_LOADS(DEW_LOAD_WITH(second, args_of_first));
    own.ssr.prefetch_loaders = DEW_ON;
    bool has_failed = false, has_passed = false;
    for (size_t max = 256; max < 65536; max += 64) {
        world w = start(&own_site);
        dew_arena_dispose(&w.arena);
        dew_arena_init(&w.arena, max);
        begin(&w, "/", false);
        while (dew_page_loop_step(&w.loop) == DEW_PAGE_LOAD)
            for (dew_page_query *query = w.loop.pending; query != NULL; query = query->next_pending)
                dew_page_query_fail(query, DEW_E_BUSY, NULL);
        has_failed = has_failed || w.loop.status >= 500;
        has_passed = w.loop.status == 200;
        stop(&w);
    }
    assert_true(has_failed);
    assert_true(has_passed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(warmed_in_a_hook_one_pass, fresh),
        cmocka_unit_test_setup(hooks_accumulate_and_run_before_the_view, fresh),
        cmocka_unit_test_setup(hooks_do_not_run_for_an_address_without_a_page, fresh),
        cmocka_unit_test_setup(what_a_hook_asks_for_goes_with_the_page_though_no_view_uses_it, fresh),
        cmocka_unit_test_setup(what_fails_in_a_hook_is_the_views_matter, fresh),
        cmocka_unit_test_setup(hooks_that_never_end_are_left_with_one_line, fresh),
        cmocka_unit_test_setup(a_hook_knows_the_address, fresh),
        cmocka_unit_test_setup(a_hook_that_draws_is_told_of_in_development, fresh),
        cmocka_unit_test_setup(loads_before_the_first_pass_one_pass, fresh),
        cmocka_unit_test_setup(loads_are_found_by_rendering_when_they_are_not_asked_for_before, fresh),
        cmocka_unit_test_setup(arguments_come_from_the_address, fresh),
        cmocka_unit_test_setup(arguments_that_depend_on_what_failed_are_not_made, fresh),
        cmocka_unit_test_setup(a_load_waits_for_whatever_its_arguments_need, fresh),
        cmocka_unit_test_setup(a_load_whose_arguments_never_come_is_left_out, fresh),
        cmocka_unit_test_setup(what_fails_in_a_hook_looks_at_nothing_of_a_page_before, fresh),
        cmocka_unit_test_setup(a_seeded_query_is_not_loaded, fresh),
        cmocka_unit_test_setup(what_is_loaded_stays_when_a_hook_seeds_it, fresh),
        cmocka_unit_test_setup(a_view_seeds_nothing, fresh),
        cmocka_unit_test_setup(outside_of_a_render_nothing_is_seeded, fresh),
        cmocka_unit_test_setup(a_disabled_query_is_skipped, fresh),
        cmocka_unit_test_setup(a_dependent_query_deep_in_a_component, fresh),
        cmocka_unit_test_setup(a_page_whose_hooks_find_no_memory_fails, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
