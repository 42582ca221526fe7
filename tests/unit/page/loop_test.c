/* loop_test.c - the render loop: how many passes, and what they show. */
#include "loop_world.h"

static void without_data_one_pass(void **state)
{
    (void)state;
    world w = start(&site);
    run(&w, "/");
    assert_int_equal(w.loop.pass_count, 1);
    assert_int_equal(w.loop.status, 200);
    assert_html(&w, "<p>plain</p>");
    stop(&w);
}

static void one_query_two_passes(void **state)
{
    (void)state;
    world w = start(&site);
    run(&w, "/one?x=1");
    assert_int_equal(w.loop.pass_count, 2);
    assert_int_equal(w.loads, 1);
    assert_html(&w, "<p>7</p>");
    stop(&w);
}

static void dependent_query_three_passes(void **state)
{
    (void)state;
    world w = start(&site);
    run(&w, "/dependent");
    assert_int_equal(w.loop.pass_count, 3);
    assert_int_equal(w.loads, 2);
    assert_string_equal(dew_page_render_title(&w.loop.render), "Title of word");
    stop(&w);
}

static void valid_results_one_pass(void **state)
{
    (void)state;
    world w = start(&site);
    w.in_memory = true;
    run(&w, "/dependent");
    assert_int_equal(w.loop.pass_count, 1);
    assert_int_equal(w.loads, 0);
    stop(&w);
}

static void independent_queries_load_side_by_side_and_once(void **state)
{
    (void)state;
    world w = start(&site);
    run(&w, "/side");
    assert_int_equal(w.loop.pass_count, 2);
    assert_int_equal(w.loads, 3);
    assert_int_equal(w.loop.query_count, 3);
    assert_html(&w, "<p>7 word word 1</p>");
    stop(&w);
}

static void layouts_stand_around_the_page(void **state)
{
    (void)state;
    world w = start(&site);
    run(&w, "/framed");
    assert_int_equal(w.loop.pass_count, 3);
    assert_html(&w, "<header>frame 7</header><main><section><p>word</p></section></main>");
    stop(&w);
}

static void what_is_asked_for_on_the_way_only_decides_nothing(void **state)
{
    (void)state;
    world w = start(&site);
    begin(&w, "/dependent", false);
    assert_int_equal(dew_page_loop_step(&w.loop), DEW_PAGE_LOAD);
    settle(&w, w.loop.pending);
    assert_int_equal(dew_page_loop_step(&w.loop), DEW_PAGE_LOAD); /* `second`: it fails, and then nobody wants it */
    dew_page_query *first_query = w.loop.queries;
    dew_page_query_fail(w.loop.pending, DEW_E_INTERNAL, NULL);
    dew_page_query_fail(first_query, DEW_E_NOT_FOUND, NULL);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_int_equal(w.loop.status, 404);
    stop(&w);
}

static void stale_result_is_loaded_and_rendered_again(void **state)
{
    (void)state;
    world w = start(&site);
    w.in_memory = true;
    run(&w, "/dependent");
    w.word = "newer";
    dew_page_query *stale = w.loop.queries->next;
    assert_ptr_equal(stale->fn, &second_fn);
    dew_page_loop_reload(&w.loop, stale);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_int_equal(w.loads, 1);
    assert_int_equal(w.loop.pass_count, 2);
    assert_html(&w, "<p>newer</p>");
    stop(&w);
}

static void page_past_its_buffer_fails(void **state)
{
    (void)state;
    world w = start(&site);
    dew_buf_dispose(&w.html);
    dew_buf_init(&w.html, 4);
    run(&w, "/one");
    assert_true(dew_page_loop_is_plain(&w.loop));
    assert_int_equal(w.loop.status, 500);
    stop(&w);
}

/* As the log has it. */
static void failed(void *context, dew_error *error)
{
    world *w = context;
    w->told++;
    snprintf(w->complaint, sizeof w->complaint, "%s", error->message);
}

static void page_whose_views_never_end_fails(void **state)
{
    (void)state;
    static const struct {
        const char *target, *line;
    } cases[] = {
        { "/endless", "endless_view: views that call each other too deep" },
        { "/crumbs",
          "endless_crumbs_view: views that call each other too deep" }, /* asks for a query on its way down */
        { "/texts", "endless_texts_view: views that call each other too deep" },
        { "/asking/3", "page \"/asking/:id\": views that call each other too deep" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int development = 0; development < 2; development++) {
            world w = start(&site);
            dew_page_loop_config config = {
                .router = w.router, .find = find, .failed = failed, .context = &w, .development = development != 0
            };
            dew_page_loop_begin(&w.loop, &config, &w.arena, &w.html, dew_str_of(cases[i].target));
            assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
            assert_int_equal(w.loop.status, 500);
            assert_string_equal(w.loop.error.message, cases[i].line);
            assert_int_equal(w.told, 1);
            assert_string_equal(w.complaint, cases[i].line);
            stop(&w);
        }
}

/* No element holds them up: the text behind them is past the limit already. */
static void views_that_go_on_past_the_limit_end(void **state)
{
    (void)state;
    world w = start(&site);
    dew_buf_dispose(&w.html);
    dew_buf_init(&w.html, 2048);
    run(&w, "/texts");
    assert_int_equal(w.loop.status, 500);
    assert_string_equal(w.loop.error.message, "endless_texts_view: views that call each other too deep");
    stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_data_one_pass),
        cmocka_unit_test(one_query_two_passes),
        cmocka_unit_test(dependent_query_three_passes),
        cmocka_unit_test(valid_results_one_pass),
        cmocka_unit_test(independent_queries_load_side_by_side_and_once),
        cmocka_unit_test(layouts_stand_around_the_page),
        cmocka_unit_test(what_is_asked_for_on_the_way_only_decides_nothing),
        cmocka_unit_test(stale_result_is_loaded_and_rendered_again),
        cmocka_unit_test(page_past_its_buffer_fails),
        cmocka_unit_test(page_whose_views_never_end_fails),
        cmocka_unit_test(views_that_go_on_past_the_limit_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
