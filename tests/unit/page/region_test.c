/* Regions on the server: what stands in for what fails or waits, what is inherited, which status the page has; pages that the
 * browser renders. */
#include "page/document.h"
#include "page/head.h"
#include "page/loop.h"

#include <dew/store.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NUMBER(F) F(i32, n)
DEW_STRUCT(number, NUMBER)
DEW_QUERY(value, number, number)

/* value(n): n below 100 is loaded; 100 + i fails with the i-th of these. */
static const int codes[] = { DEW_E_IO, DEW_E_NOT_FOUND, DEW_E_REDIRECT, DEW_E_LOADER_TIMEOUT };

static void show(int n)
{
    const number *v = need(use_value((number){ n }));
    el(b) textf("%d", v->n);
}

static void waiting(void)
{
    el(i) text("waiting");
}
static void oops(void)
{
    el(i) textf("oops %d %s", dew_page_error().status, dew_page_error().message);
}
static void other(void)
{
    el(i) textf("other %d", dew_page_error().status);
}
static void failing_error_view(void)
{
    el(u) text("half");
    show(100);
}
static void gone(void)
{
    el(i) text("gone");
}

static void regions_view(void)
{
    dew_title("Regions");
    text("a");
    region(.error = oops)
    {
        dew_title("Failed");
        text("b");
        show(100);
        text("c");
    }
    text("d");
    region() show(1);
}

static void nested_view(void)
{
    region(.error = oops)
    {
        el(p) text("outer");
        region(.error = other) show(100);
        region() show(101);
    }
}

static void list_view(void)
{
    el(ul) for (int i = 99; i < 102; i++) el(li, .key = KEY(i)) region(.error = oops) show(i);
}

static void early_view(void)
{
    el(main)
    {
        region(.error = oops) {
            el(section) {
                text("open");
                show(100);
                need(use_value((number){ 101 })); /* leaves the function: the region and all elements are closed */
                text("never");
            }
        }
        text("never");
    }
}

static void redirect_view(void)
{
    region(.error = oops) show(100);
    region(.error = oops) show(102);
}
static void worst_view(void)
{
    region(.error = oops) show(101);
    region(.error = oops) show(103);
    region(.error = oops) show(100);
}
static void error_in_error_view(void)
{
    text("a");
    region(.error = failing_error_view) show(101);
}
static void own_view(void)
{
    text("a");
    show(100);
}
static void missing_view(void)
{
    show(101);
}
static void part_missing_view(void)
{
    el(main)
    {
        show(1);
        region() show(101);
    }
}
static void refuse_view(void)
{
    el(p) text("half");
    dew_view_fail(DEW_E_DENIED, "only for %s\nsecret", "members");
}
static void refuse_in_region_view(void)
{
    text("a");
    region(.error = oops) refuse_view();
}
static void fault_in_region_view(void)
{
    region(.error = oops) dew_view_fail(DEW_E_INTERNAL, "pointer %d", 7);
}
static void large_view(void)
{
    for (int i = 0; i < 100000; i++)
        text("0123456789");
}
static void endless_view(void)
{
    el(div) endless_view();
}
static void hungry_view(void)
{
    for (int i = 0; i < 100000; i++)
        dew_fmt("%01000d", i);
}
static void client_only_view(void)
{
    text("a");
    client_only(waiting) el(b) text("browser");
    client_only() el(b) text("browser");
    server_only text("server");
}

DEW_STORE(trail, number)
DEW_STORE(quiet_trail, number)

/* What it says to stores goes with it, but not what was said before. */
static void trail_view(void)
{
    el(p) textf("%d %d", trail_get()->n, quiet_trail_get()->n);
    trail_set((number){ 1 });
    region(.error = oops) {
        trail_set((number){ 2 });
        region(.error = oops) {
            trail_set((number){ 3 });
            quiet_trail_set((number){ 4 });
            trail_set((number){ 5 });
        }
        show(100);
    }
}
static void kept_trail_view(void)
{
    el(p) text(trail_get()->n);
    region(.error = oops) {
        region(.error = oops) {
            trail_set((number){ 6 });
            show(100);
        }
        trail_set((number){ 7 });
        region(.error = oops) {
            trail_set((number){ 8 });
            show(101);
        }
    }
}

/* What the region says is about what it shows. */
static void saying_view(void)
{
    dew_meta("description", "before");
    dew_meta("keywords", "stays");
    region(.error = oops)
    {
        dew_meta("description", "within");
        dew_meta("robots", "noindex");
        dew_head_link("canonical", "/within");
        dew_status(404);
        show(100);
    }
    region(.error = oops) dew_meta("author", "of what shows");
    region(.error = oops) dew_meta("description", "after");
}
static int asked_status;
static void odd_status_view(void)
{
    dew_status(203);
    dew_status(asked_status);
}
static void missing_data_view(void)
{
    dew_status(404);
}

static void frame_view(void)
{
    el(header) text("frame");
    dew_outlet();
}
static void failing_frame_view(void)
{
    el(nav) dew_outlet();
    show(100);
}
static void main_frame_view(void)
{
    el(main) dew_outlet();
}
static const dew_layout main_frame = { .view = main_frame_view };
static const dew_layout frame = { .view = frame_view };
static const dew_layout failing_frame = { .view = failing_frame_view, .parent = &frame, .error = other };
static const dew_layout quiet = { .error = other, .parent = &frame };

#define PAGE(name_, ...) static const dew_page name_ = { .path = "/" #name_, __VA_ARGS__ }
PAGE(regions, .view = regions_view);
PAGE(nested, .view = nested_view);
PAGE(list, .view = list_view);
PAGE(early, .view = early_view);
PAGE(redirected, .view = redirect_view);
PAGE(worst, .view = worst_view);
PAGE(doubly, .view = error_in_error_view);
PAGE(own, .view = own_view, .error = oops, .layout = &frame, .title = "Own");
PAGE(inherits, .view = own_view, .layout = &quiet);
PAGE(framed, .view = regions_view, .layout = &failing_frame);
PAGE(missing, .view = missing_view, .layout = &frame);
PAGE(plain_missing, .view = missing_view);
PAGE(main_missing, .view = missing_view, .layout = &main_frame);
PAGE(part_missing, .view = part_missing_view);
PAGE(refuse, .view = refuse_view);
PAGE(refuse_shown, .view = refuse_view, .error = oops);
PAGE(refuse_region, .view = refuse_in_region_view);
PAGE(fault, .view = fault_in_region_view);
PAGE(large, .view = large_view);
PAGE(endless, .view = endless_view);
PAGE(hungry, .view = hungry_view);
PAGE(sides, .view = client_only_view);
PAGE(data, .view = own_view, .ssr.mode = DEW_SSR_DATA, .title = "Data");
PAGE(saying, .view = saying_view);
PAGE(trails, .view = trail_view);
PAGE(kept_trail, .view = kept_trail_view);
PAGE(odd_status, .view = odd_status_view);
PAGE(missing_data, .view = missing_data_view, .ssr.mode = DEW_SSR_DATA);
PAGE(off, .view = own_view, .ssr.mode = DEW_SSR_OFF, .title = "Off");
PAGE(inherited_off, .view = own_view, .layout = &(const dew_layout){ .ssr.mode = DEW_SSR_OFF });
static const dew_page browser_view = { .path = "/browser_view", .view = NULL, .ssr.mode = DEW_SSR_OFF };

#define PAGES                                                                                                         \
    DEW_PAGES(&regions, &nested, &list, &early, &redirected, &worst, &doubly, &own, &inherits, &framed, &missing, &plain_missing, &main_missing, &part_missing, &refuse,          \
              &refuse_shown, &refuse_region, &fault, &large, &endless, &hungry, &sides, &saying, &trails, &kept_trail, &odd_status, &missing_data, &data, &off, &inherited_off, &browser_view)
static const dew_site bare_site = { .name = "Test", .pages = PAGES };
static const dew_layout options_alone = { .ssr = { .allowed_rerenders = DEW_COUNT(3) } };
static const dew_site optioned_site = { .name = "Test", .pages = PAGES, .layout = &options_alone };
static const dew_site framed_site = { .name = "Test", .pages = PAGES, .layout = &main_frame };
static const dew_site site = { .name = "Test", .pages = PAGES, .not_found = gone, .error = oops };

typedef struct world {
    dew_router *router;
    dew_arena arena;
    dew_buf html;
    dew_page_loop loop;
    int loads, told;
} world;

static void failed(void *context, dew_error *error)
{
    world *w = context;
    w->told++;
    dew_error_redact(error);
}

static void settle(world *w, dew_page_query *query)
{
    const int n = ((const number *)query->args)->n;
    if (n >= 100) {
        const int code = codes[n - 100];
        dew_page_query_fail(query, code, code == DEW_E_REDIRECT ? "303 /login" : NULL);
        return;
    }
    number *out = dew_arena_calloc(&w->arena, 1, sizeof *out);
    out->n = n;
    dew_page_value result = { .value = out, .json = S("{\"n\":1}"), .schema = "0a0b0c0d", .commit = 12 };
    result.hash = dew_hash_value(result.json);
    dew_page_query_set(query, &result);
}

static dew_page_step run(world *w, const dew_site *of, const char *target, bool has_browser)
{
    memset(w, 0, sizeof *w);
    assert_int_equal(dew_router_create(of, NULL, &w->router, NULL), 0);
    dew_arena_init(&w->arena, 64 << 20);
    dew_buf_init(&w->html, 100 << 10);
    dew_page_loop_config config = { .router = w->router, .has_browser = has_browser, .failed = failed, .context = w };
    dew_page_loop_begin(&w->loop, &config, &w->arena, &w->html, dew_str_of(target));
    for (;;) {
        dew_page_step step = dew_page_loop_step(&w->loop);
        if (step != DEW_PAGE_LOAD)
            return step;
        for (dew_page_query *query = w->loop.pending; query != NULL; query = query->next_pending, w->loads++)
            settle(w, query);
    }
}

static void stop(world *w)
{
    dew_page_loop_dispose(&w->loop);
    dew_router_destroy(w->router);
    dew_buf_dispose(&w->html);
    dew_arena_dispose(&w->arena);
}

static void assert_page_of(const dew_site *of, const char *target, int status, const char *expected)
{
    world w;
    assert_int_equal(run(&w, of, target, true), DEW_PAGE_SETTLED);
    assert_int_equal(w.loop.status, status);
    dew_buf_put_char(&w.html, '\0');
    assert_string_equal(w.html.ptr, expected);
    stop(&w);
}
#define assert_page(target, status, expected) assert_page_of(&site, target, status, expected)

static char *state_of(world *w)
{
    static char text[4096];
    dew_buf out;
    dew_buf_init(&out, sizeof text);
    dew_state_write(&out, &w->loop, &(dew_state_info){ .epoch = S("e") }, false);
    assert_int_equal(out.error, 0);
    memcpy(text, out.ptr, out.len);
    text[out.len] = '\0';
    dew_buf_dispose(&out);
    return text;
}

static void what_failed_is_taken_back_and_the_rest_lives(void **state)
{
    (void)state;
    assert_page("/regions", 500, "a<i>oops 500 reading or writing failed</i>d<b>1</b>");
    world w;
    run(&w, &site, "/regions", true);
    assert_string_equal(dew_page_render_title(&w.loop.render),
                        "Regions"); /* what the failed region said is taken back, too */
    assert_int_equal(w.told, 1);
    assert_int_equal(w.loop.pass_count, 2);
    assert_int_equal(w.loads, 2); /* both are loaded: a failure does not end the page */
    stop(&w);
}

static void a_region_in_a_region_decides_first(void **state)
{
    (void)state;
    assert_page("/nested", 500, "<p>outer</p><i>other 500</i><i>oops 404 no such thing</i>");
}

static void a_region_in_a_list_fails_alone(void **state)
{
    (void)state;
    assert_page("/list", 500,
                "<ul><li><b>99</b></li><li><i>oops 500 reading or writing failed</i></li><li><i>oops 404 no such "
                "thing</i></li></ul>");
}

static void need_inside_a_region_closes_it(void **state)
{
    (void)state;
    assert_page("/early", 500, "<main><i>oops 500 reading or writing failed</i></main>");
}

static void a_redirect_goes_before_all(void **state)
{
    (void)state;
    world w;
    assert_int_equal(run(&w, &site, "/redirected", true), DEW_PAGE_REDIRECT);
    assert_string_equal(w.loop.location.ptr, "/login");
    stop(&w);
}

static void the_status_is_the_worst(void **state)
{
    (void)state;
    assert_page("/worst", 504,
                "<i>oops 404 no such thing</i><i>oops 504 what the answer needs took too long</i><i>oops 500 reading "
                "or writing failed</i>");
}

static void an_error_view_that_fails_leaves_it_to_the_region_around(void **state)
{
    (void)state;
    assert_page("/doubly", 500, "<i>oops 500 reading or writing failed</i>");
}

static void a_page_is_a_region_inside_its_layouts(void **state)
{
    (void)state;
    assert_page("/own", 500, "<header>frame</header><i>oops 500 reading or writing failed</i>");
    assert_page("/missing", 404, "<header>frame</header><i>gone</i>");
    assert_page_of(&bare_site, "/missing", 404, "<header>frame</header><h1>no such thing</h1>");
}

static void the_plain_message_is_the_main_part_of_a_page_without_a_layout_only(void **state)
{
    (void)state;
    assert_page_of(&bare_site, "/plain_missing", 404, "<main><h1>no such thing</h1></main>");
    assert_page_of(&bare_site, "/main_missing", 404, "<main><h1>no such thing</h1></main>");
    assert_page_of(&bare_site, "/part_missing", 404, "<main><b>1</b><h1>no such thing</h1></main>");
    assert_page_of(&bare_site, "/nowhere", 404, "<main><h1>no page at /nowhere</h1></main>");
    assert_page_of(&optioned_site, "/nowhere", 404, "<main><h1>no page at /nowhere</h1></main>");
    assert_page_of(&framed_site, "/nowhere", 404, "<main><h1>no page at /nowhere</h1></main>");
}

static void views_are_inherited_from_layouts_without_a_view_too(void **state)
{
    (void)state;
    assert_page("/inherits", 500, "<header>frame</header><i>other 500</i>");
}

static void a_layout_that_fails_shows_it_inside_those_around(void **state)
{
    (void)state;
    assert_page("/framed", 500, "<header>frame</header><i>other 500</i>");
}

static void a_view_that_fails_shows_the_error_view_of_its_region(void **state)
{
    (void)state;
    assert_page_of(&bare_site, "/refuse_region", 403, "a<i>oops 403 only for members</i>");
    assert_page_of(&bare_site, "/refuse_shown", 403, "<i>oops 403 only for members</i>");
    assert_page_of(&bare_site, "/fault", 500, "<i>oops 500 a fault in the program; the log has the details</i>");
    world w;
    run(&w, &bare_site, "/fault", true);
    assert_int_equal(w.told, 1);
    assert_int_equal(w.loop.error.code, DEW_E_INTERNAL);
    stop(&w);
}

static void assert_bare(const dew_site *of, const char *target, int status, const char *in_state)
{
    world w;
    assert_int_equal(run(&w, of, target, true), DEW_PAGE_SETTLED);
    assert_int_equal(w.loop.status, status);
    assert_true(w.loop.is_bare);
    assert_int_equal(dew_page_loop_html(&w.loop).len, 0);
    assert_non_null(strstr(state_of(&w), in_state));
    stop(&w);
}

static void a_view_that_fails_without_an_error_view_leaves_it_to_the_browser(void **state)
{
    (void)state;
    assert_bare(&bare_site, "/refuse", 403,
                "\"status\":403,\"failed\":{\"code\":\"DENIED\",\"message\":\"only for members\"},");
    assert_page("/refuse", 403, "<i>oops 403 only for members</i>");
    world w;
    assert_int_equal(run(&w, &bare_site, "/refuse", false), DEW_PAGE_SETTLED); /* there is no browser half */
    assert_int_equal(w.loop.status, 403);
    assert_false(w.loop.is_bare);
    dew_buf_put_char(&w.html, '\0');
    assert_string_equal(w.html.ptr, "<main><h1>only for members</h1></main>");
    stop(&w);
}

static void a_page_past_a_limit_is_left_to_the_browser(void **state)
{
    (void)state;
    assert_bare(&site, "/large", 500,
                "\"failed\":{\"code\":\"INTERNAL\",\"message\":\"a fault in the program; the log has the details\"}");
    assert_bare(&site, "/endless", 500,
                "\"failed\":{\"code\":\"INTERNAL\",\"message\":\"a fault in the program; the log has the details\"}");
    assert_bare(&site, "/hungry", 500, "\"failed\":{\"code\":\"NOMEM\",\"message\":\"");
}

static void what_is_for_one_side_is_drawn_there(void **state)
{
    (void)state;
    assert_page("/sides", 200, "a<i>waiting</i>server");
}

static void modes_say_where_a_page_is_rendered(void **state)
{
    (void)state;
    assert_bare(&site, "/data", 500, "\"queries\":[{\"fn\":\"value\",\"args\":{\"n\":100},\"error\":");
    assert_bare(&site, "/off", 200, "\"status\":200,\"commit\":\"0\",\"epoch\":\"e\",\"queries\":[]}");
    assert_bare(&site, "/inherited_off", 200, "\"queries\":[]}");
    assert_bare(&site, "/browser_view", 200, "\"queries\":[]}");
    world w;
    run(&w, &site, "/off", true);
    assert_int_equal(w.loop.pass_count, 0);
    assert_int_equal(w.loads, 0);
    assert_string_equal(dew_page_render_title(&w.loop.render), "Off");
    stop(&w);
    run(&w, &site, "/off", false); /* nobody else would render it */
    assert_int_equal(w.loop.status, 500);
    assert_false(w.loop.is_bare);
    stop(&w);
}

static bool holds(dew_str page, const char *part)
{
    char *text = test_malloc(page.len + 1);
    memcpy(text, page.ptr, page.len);
    text[page.len] = '\0';
    const bool is_there = strstr(text, part) != NULL;
    test_free(text);
    return is_there;
}

static void document_of_a_bare_page_says_so_without_scripts(void **state)
{
    (void)state;
    dew_document *document;
    world w;
    dew_str page;
    assert_int_equal(dew_document_create(&bare_site, S(""), S("/c.js"), S("/c.wasm"), &document), 0);
    run(&w, &bare_site, "/off", true);
    assert_int_equal(dew_document_write(document, &w.loop, &(dew_state_info){ .epoch = S("e") }, &page), 0);
    assert_true(holds(page, "<title>Off</title>"));
    assert_true(holds(page, "<div id=\"app\"></div><noscript><main><h1>This page needs JavaScript</h1>"));
    stop(&w);
    run(&w, &bare_site, "/refuse", true);
    assert_int_equal(dew_document_write(document, &w.loop, &(dew_state_info){ .epoch = S("e") }, &page), 0);
    assert_true(
        holds(page,
              "<div id=\"app\"></div><noscript><main><h1>Not allowed</h1><p>only for members</p></main></noscript>"));
    stop(&w);
    dew_document_destroy(document);
}

static void what_it_said_to_stores_goes_with_it(void **state)
{
    (void)state;
    world w;
    assert_page("/trails", 500, "<p>1 0</p><i>oops 500 reading or writing failed</i>");
    run(&w, &site, "/trails", true);
    assert_non_null(strstr(state_of(&w), "\"stores\":{\"trail\":{\"n\":1}}"));
    stop(&w);
    assert_page("/kept_trail", 500, "<p>7</p><i>oops 500 reading or writing failed</i><i>oops 404 no such thing</i>");
}

static void what_a_region_said_of_the_page_is_taken_back_with_it(void **state)
{
    (void)state;
    world w;
    assert_int_equal(run(&w, &site, "/saying", true), DEW_PAGE_SETTLED);
    assert_int_equal(dew_page_loop_status(&w.loop), 500);
    dew_buf head;
    dew_buf_init(&head, 4096);
    dew_head_write(&head, &w.loop.render);
    dew_buf_put_char(&head, '\0');
    assert_string_equal(head.ptr,
                        "<meta name=\"keywords\" content=\"stays\" data-dew><meta name=\"author\" content=\"of "
                        "what shows\" data-dew><meta name=\"description\" content=\"after\" data-dew>");
    dew_buf_dispose(&head);
    stop(&w);
}

static void what_no_status_can_be_is_left_out_and_told(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *told;
    } cases[] = { { 200, "" },
                  { 999, "" },
                  { 199, "dew_status(199): a page's status is 200 to 999; it is left out" },
                  { 1000, "dew_status(1000): a page's status is 200 to 999; it is left out" },
                  { -1, "dew_status(-1): a page's status is 200 to 999; it is left out" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        asked_status = cases[i].status;
        const bool is_taken = cases[i].told[0] == '\0';
        world w;
        run(&w, &site, "/odd_status", true);
        assert_int_equal(dew_page_loop_status(&w.loop), is_taken ? asked_status : 203);
        assert_int_equal(w.loop.render.view.problem_count, is_taken ? 0 : 1);
        if (!is_taken)
            assert_string_equal(w.loop.render.view.problem.message, cases[i].told);
        stop(&w);
    }
}

static void a_page_of_data_has_the_status_that_its_view_says(void **state)
{
    (void)state;
    world w;
    assert_int_equal(run(&w, &site, "/missing_data", true), DEW_PAGE_SETTLED);
    assert_true(w.loop.is_bare);
    assert_int_equal(dew_page_loop_status(&w.loop), 404);
    stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_failed_is_taken_back_and_the_rest_lives),
        cmocka_unit_test(a_region_in_a_region_decides_first),
        cmocka_unit_test(a_region_in_a_list_fails_alone),
        cmocka_unit_test(need_inside_a_region_closes_it),
        cmocka_unit_test(a_redirect_goes_before_all),
        cmocka_unit_test(the_status_is_the_worst),
        cmocka_unit_test(an_error_view_that_fails_leaves_it_to_the_region_around),
        cmocka_unit_test(a_page_is_a_region_inside_its_layouts),
        cmocka_unit_test(the_plain_message_is_the_main_part_of_a_page_without_a_layout_only),
        cmocka_unit_test(views_are_inherited_from_layouts_without_a_view_too),
        cmocka_unit_test(a_layout_that_fails_shows_it_inside_those_around),
        cmocka_unit_test(a_view_that_fails_shows_the_error_view_of_its_region),
        cmocka_unit_test(a_view_that_fails_without_an_error_view_leaves_it_to_the_browser),
        cmocka_unit_test(a_page_past_a_limit_is_left_to_the_browser),
        cmocka_unit_test(what_is_for_one_side_is_drawn_there),
        cmocka_unit_test(modes_say_where_a_page_is_rendered),
        cmocka_unit_test(what_a_region_said_of_the_page_is_taken_back_with_it),
        cmocka_unit_test(what_it_said_to_stores_goes_with_it),
        cmocka_unit_test(what_no_status_can_be_is_left_out_and_told),
        cmocka_unit_test(a_page_of_data_has_the_status_that_its_view_says),
        cmocka_unit_test(document_of_a_bare_page_says_so_without_scripts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
