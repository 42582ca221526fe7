/* The render loop: how many passes, what happens to failures, what the document then holds. */
#include "page/document.h"
#include "page/loop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NUMBER(F) F(i32, n)
DEW_STRUCT(number, NUMBER)
#define WORDS(F) F(str, text)
DEW_STRUCT(words, WORDS)
DEW_QUERY(first, dew_none, number)
DEW_QUERY(second, number, words)
DEW_MUTATION(bump, number, dew_none)

static void plain_view(void)
{
    el(p) text("plain");
}

static void one_view(void)
{
    const number *n = need(use_first());
    el(p) textf("%d", n->n);
}

static void dependent_view(void)
{
    const number *n = need(use_first());
    const words *w = need(use_second(*n));
    dew_title("Title of %s", w->text.ptr);
    el(p) text(w->text);
}

static void side_by_side_view(void)
{
    const number *n = use_first();
    const words *a = use_second((number){ 1 }), *b = use_second((number){ 2 }), *again = use_second((number){ 1 });
    if (n != NULL && a != NULL && b != NULL)
        el(p) textf("%d %s %s %d", n->n, a->text.ptr, b->text.ptr, a == again);
}

static int restless; /* a view that asks for something else each time */
static void restless_view(void)
{
    use_second((number){ restless++ });
}

static void calls_view(void)
{
    el(button, .on_click = call_bump((number){ 3 })) text("+");
    el(a, .href = "/one") text(dew_location());
}

/* Asks for as many as there are codes: number 100 + i fails with codes[i]. */
static struct {
    int codes[4];
    size_t count;
    bool stops; /* needs each before it asks for the next */
} several;
static void several_view(void)
{
    for (size_t i = 0; i < several.count; i++)
        if (use_second((number){ 100 + (int)i }) == NULL && several.stops)
            return;
}

static void frame_view(void)
{
    const number *n = use_first();
    el(header) textf("frame %d", n != NULL ? n->n : -1);
    el(main) dew_outlet();
}
static const dew_layout frame = { .view = frame_view };
static void inner_view(void)
{
    el(section) dew_outlet();
}
static const dew_layout inner = { .view = inner_view, .parent = &frame };

static void missing_view(void)
{
    dew_title("Gone");
    el(h1) text("no such page");
}
static void failed_view(void)
{
    el(h1) textf("%d %s", dew_page_error().status, dew_page_error().message);
}
static void broken_error_view(void)
{
    el(p) text("half");
    use_second((number){ 99 }); /* fails again */
}

static const dew_page plain = { .path = "/", .view = plain_view }, one = { .path = "/one", .view = one_view, .title = "One <1>" },
                      dependent = { .path = "/dependent", .view = dependent_view },
                      side_by_side = { .path = "/side", .view = side_by_side_view }, never = { .path = "/never", .view = restless_view },
                      calls = { .path = "/calls", .view = calls_view }, framed = { .path = "/framed", .view = dependent_view, .layout = &inner },
                      many = { .path = "/many", .view = several_view };
#define PAGES DEW_PAGES(&plain, &one, &dependent, &side_by_side, &never, &calls, &framed, &many)
static const dew_site site = { .name = "Test", .pages = PAGES, .not_found = missing_view, .error = failed_view, .head = "<!--{/}a {/}-->" };

/* What stands behind the queries, and what was loaded. */
typedef struct world {
    dew_router *router;
    dew_arena arena;
    dew_buf html;
    size_t html_room;
    dew_page_loop loop;
    bool in_memory; /* results are there at the first use */
    int fail_code;  /* of `first` */
    int loads, steps, told;
    const char *word;
} world;

static void settle(world *w, dew_page_query *query)
{
    if (query->fn == &first_fn && w->fail_code != 0) {
        dew_page_query_fail(query, w->fail_code, "secret of the server");
        return;
    }
    if (query->fn == &second_fn && ((const number *)query->args)->n == 99) {
        dew_page_query_fail(query, DEW_E_INTERNAL, NULL);
        return;
    }
    if (query->fn == &second_fn && ((const number *)query->args)->n >= 100) {
        int code = several.codes[((const number *)query->args)->n - 100];
        dew_page_query_fail(query, code, code == DEW_E_REDIRECT ? "303 /login" : NULL);
        return;
    }
    dew_page_value result = { .schema = "0a0b0c0d", .commit = 12, .topic = 3 };
    if (query->fn == &first_fn) {
        number *value = dew_arena_calloc(&w->arena, 1, sizeof *value);
        value->n = 7;
        result.value = value;
        result.json = S("{\"n\":7}");
    } else {
        words *value = dew_arena_calloc(&w->arena, 1, sizeof *value);
        value->text = dew_str_of(w->word);
        result.value = value;
        result.json = S("{\"text\":\"</script><!-- \"}");
    }
    result.hash = dew_hash_value(result.json);
    dew_page_query_set(query, &result);
}

static void find(void *context, dew_page_query *query)
{
    world *w = context;
    if (w->in_memory)
        settle(w, query);
}

static world start(const dew_site *of)
{
    world w = { .word = "word" };
    assert_int_equal(dew_router_create(of, NULL, &w.router, NULL), 0);
    dew_arena_init(&w.arena, 64 << 20);
    dew_buf_init(&w.html, 1 << 20);
    return w;
}

static void begin(world *w, const char *target, bool development)
{
    dew_page_loop_config config = { .router = w->router, .development = development, .find = find, .context = w };
    config.html_room = w->html_room;
    dew_page_loop_begin(&w->loop, &config, &w->arena, &w->html, dew_str_of(target));
}

/* Loads what is asked for until the loop wants nothing more. */
static dew_page_step drive(world *w)
{
    for (;;) {
        dew_page_step step = dew_page_loop_step(&w->loop);
        w->steps++;
        if (step != DEW_PAGE_LOAD)
            return step;
        for (dew_page_query *query = w->loop.pending; query != NULL; query = query->next_pending) {
            settle(w, query);
            w->loads++;
        }
    }
}

static void run(world *w, const char *target)
{
    begin(w, target, false);
    assert_int_equal(drive(w), DEW_PAGE_SETTLED);
}

static void stop(world *w)
{
    dew_page_loop_dispose(&w->loop);
    dew_router_destroy(w->router);
    dew_buf_dispose(&w->html);
    dew_arena_dispose(&w->arena);
}

static void assert_html(world *w, const char *expected)
{
    dew_buf_put_char(&w->html, '\0');
    w->html.len--;
    assert_string_equal(w->html.ptr, expected);
}

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

static void never_settling_stops_at_the_cap(void **state)
{
    (void)state;
    world w = start(&site);
    begin(&w, "/never", true);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_int_equal(w.loop.status, 500);
    assert_int_equal(w.loads, DEW_PAGE_PASSES_MAX);
    assert_int_equal(w.loop.pass_count, DEW_PAGE_PASSES_MAX + 1); /* and the error page's */
    assert_non_null(strstr(w.loop.error.message, "second {\"n\":"));
    assert_non_null(strstr(w.loop.error.message, "25 passes"));
    stop(&w);
}

static void failed_query_shows_the_error_page_once_tried(void **state)
{
    (void)state;
    world w = start(&site);
    w.fail_code = DEW_E_IO;
    run(&w, "/one");
    assert_int_equal(w.loads, 1);
    assert_int_equal(w.loop.status, 500);
    assert_int_equal(w.loop.error.code, DEW_E_IO);
    assert_string_equal(w.loop.error.message, "secret of the server");
    assert_html(&w, "<h1>500 reading or writing failed</h1>");
    stop(&w);
}

static void development_shows_the_message(void **state)
{
    (void)state;
    world w = start(&site);
    w.fail_code = DEW_E_IO;
    begin(&w, "/one", true);
    drive(&w);
    assert_html(&w, "<h1>500 secret of the server</h1>");
    stop(&w);
}

static void message_for_the_visitor_is_shown(void **state)
{
    (void)state;
    world w = start(&site);
    w.fail_code = DEW_E_DENIED;
    run(&w, "/one");
    assert_html(&w, "<h1>403 secret of the server</h1>");
    stop(&w);
}

static void query_that_finds_nothing_makes_the_page_not_found(void **state)
{
    (void)state;
    world w = start(&site);
    w.fail_code = DEW_E_NOT_FOUND;
    run(&w, "/one");
    assert_int_equal(w.loop.status, 404);
    assert_html(&w, "<h1>no such page</h1>");
    stop(&w);
}

static void unknown_address_is_not_found(void **state)
{
    (void)state;
    world w = start(&site);
    run(&w, "/nowhere");
    assert_int_equal(w.loop.status, 404);
    assert_int_equal(w.loop.pass_count, 1);
    assert_html(&w, "<h1>no such page</h1>");
    assert_string_equal(dew_page_render_title(&w.loop.render), "Gone");
    stop(&w);
}

static void broken_error_page_leaves_the_plain_one(void **state)
{
    (void)state;
    dew_site broken = site;
    broken.error = broken_error_view;
    world w = start(&broken);
    w.fail_code = DEW_E_BUSY;
    run(&w, "/one");
    assert_true(dew_page_loop_is_plain(&w.loop));
    assert_int_equal(w.loop.status, 503);
    assert_int_equal(w.loop.error.code, DEW_E_BUSY);
    stop(&w);
}

static void address_with_slash_is_redirected(void **state)
{
    (void)state;
    world w = start(&site);
    begin(&w, "/one/", false);
    assert_int_equal(drive(&w), DEW_PAGE_REDIRECT);
    assert_string_equal(w.loop.location.ptr, "/one");
    assert_int_equal(w.loop.status, 308);
    stop(&w);
}

/* What /many comes to when its queries fail with these codes, in the order of the view. */
#define ASSERT_MANY(wanted_step, wanted_status, stops_, ...)                                                           \
    do {                                                                                                              \
        const int codes_[] = { __VA_ARGS__ };                                                                         \
        memcpy(several.codes, codes_, sizeof codes_);                                                                 \
        several.count = sizeof codes_ / sizeof *codes_;                                                               \
        several.stops = (stops_);                                                                                     \
        world w_ = start(&site);                                                                                      \
        begin(&w_, "/many", false);                                                                                   \
        assert_int_equal(drive(&w_), (wanted_step));                                                                  \
        assert_int_equal(w_.loop.status, (wanted_status));                                                            \
        if ((wanted_step) == DEW_PAGE_REDIRECT)                                                                       \
            assert_string_equal(w_.loop.location.ptr, "/login");                                                      \
        stop(&w_);                                                                                                    \
    } while (0)

static void of_several_failures_the_redirect_decides_else_the_highest_status(void **state)
{
    (void)state;
    ASSERT_MANY(DEW_PAGE_REDIRECT, 303, false, DEW_E_REDIRECT);
    ASSERT_MANY(DEW_PAGE_REDIRECT, 303, false, DEW_E_NOT_FOUND, DEW_E_INTERNAL, DEW_E_REDIRECT);
    ASSERT_MANY(DEW_PAGE_REDIRECT, 303, false, DEW_E_REDIRECT, DEW_E_LOADER_TIMEOUT);
    ASSERT_MANY(DEW_PAGE_SETTLED, 504, false, DEW_E_NOT_FOUND, DEW_E_LOADER_TIMEOUT, DEW_E_BUSY);
    ASSERT_MANY(DEW_PAGE_SETTLED, 504, false, DEW_E_TIMEOUT, DEW_E_LOADER_TIMEOUT);
    ASSERT_MANY(DEW_PAGE_SETTLED, 404, false, DEW_E_UNAUTHENTICATED, DEW_E_NOT_FOUND);
    /* what comes after a need() that fails is not asked for, and decides nothing */
    ASSERT_MANY(DEW_PAGE_SETTLED, 404, true, DEW_E_NOT_FOUND, DEW_E_REDIRECT);
}

static void of_equal_statuses_the_first_is_told(void **state)
{
    (void)state;
    several.codes[0] = DEW_E_TIMEOUT, several.codes[1] = DEW_E_LOADER_TIMEOUT, several.count = 2, several.stops = false;
    world w = start(&site);
    run(&w, "/many");
    assert_int_equal(w.loop.error.code, DEW_E_TIMEOUT);
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

static void a_redirect_from_outside_the_view(void **state)
{
    (void)state;
    world w = start(&site);
    begin(&w, "/one", false);
    dew_page_loop_fail(&w.loop, DEW_E_REDIRECT, "307 https://example.org/x");
    assert_int_equal(drive(&w), DEW_PAGE_REDIRECT);
    assert_int_equal(w.loop.status, 307);
    assert_string_equal(w.loop.location.ptr, "https://example.org/x");
    assert_int_equal(w.loads, 0);
    stop(&w);
}

static void a_redirect_without_an_address_is_a_fault(void **state)
{
    (void)state;
    world w = start(&site);
    w.fail_code = DEW_E_REDIRECT; /* "secret of the server" */
    run(&w, "/one");
    assert_int_equal(w.loop.status, 500);
    assert_int_equal(w.loop.error.code, DEW_E_INTERNAL);
    assert_null(strstr(w.loop.shown.message, "secret"));
    stop(&w);
}

static void while_the_error_page_is_shown_a_redirect_is_followed(void **state)
{
    (void)state;
    dew_site other = site;
    other.not_found = several_view;
    several.codes[0] = DEW_E_REDIRECT, several.count = 1;
    world w = start(&other);
    begin(&w, "/nowhere", false);
    assert_int_equal(drive(&w), DEW_PAGE_REDIRECT);
    assert_int_equal(w.loop.status, 303);
    stop(&w);
}

static void name_failure(void *context, dew_error *error)
{
    world *w = context;
    w->told++;
    dew_error_set(error, error->code, "told %d", w->told);
}

static void the_caller_hears_of_a_failure_once_and_says_what_is_shown(void **state)
{
    (void)state;
    world w = start(&site);
    w.fail_code = DEW_E_INTERNAL;
    dew_page_loop_config config = { .router = w.router, .find = find, .failed = name_failure, .context = &w };
    dew_page_loop_begin(&w.loop, &config, &w.arena, &w.html, S("/one"));
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_int_equal(w.told, 1);
    assert_string_equal(w.loop.error.message, "secret of the server");
    assert_html(&w, "<h1>500 told 1</h1>");
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

static void failure_from_outside_shows_the_error_page(void **state)
{
    (void)state;
    world w = start(&site);
    begin(&w, "/one", false);
    assert_int_equal(dew_page_loop_step(&w.loop), DEW_PAGE_LOAD);
    dew_page_loop_fail(&w.loop, DEW_E_TIMEOUT, NULL);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_int_equal(w.loop.status, 504);
    assert_html(&w, "<h1>504 the deadline passed</h1>");
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

static void document_holds_body_and_state_whatever_room_it_was_left(void **state)
{
    (void)state;
    dew_document *document;
    assert_int_equal(dew_document_create(&site, S("/pre"), S("/_dew/client.1.js"), S("/_dew/client.2.wasm"), &document),
                     0);
    const size_t whole = dew_document_room(document), rooms[] = { 0, 1, whole / 2, whole, whole + 100 };
    const char *const expected =
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width, "
        "initial-scale=1\"><title>One &lt;1&gt;</title><link rel=\"icon\" href=\"data:,\"><!--/pre/a /pre/--><link "
        "id=\"dew-wasm\" rel=\"preload\" as=\"fetch\" "
        "type=\"application/wasm\" crossorigin href=\"/_dew/client.2.wasm\"><script type=\"module\" async "
        "src=\"/_dew/client.1.js\"></script></head><body><div id=\"app\"><p>7</p></div><form id=\"dew\" "
        "method=\"post\" "
        "hidden><input type=\"hidden\" name=\"_to\" value=\"/one\"></form><script type=\"application/json\" "
        "id=\"dew-state\">{\"dew\":1,\"build\":\"b\\u003c1\",\"prefix\":\"\",\"location\":\"/"
        "one\",\"status\":200,\"commit\":\"15\","
        "\"epoch\":\"e1\",\"queries\":[{\"fn\":\"first\",\"schema\":\"0a0b0c0d\",\"args\":{},\"at\":[\"12\",\"3\"],"
        "\"hash\":"
        "\"41d0336864075063\",\"value\":{\"n\":7}}]}</script></body></html>";
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        world w = start(&site);
        w.html_room = rooms[i];
        run(&w, "/one");
        dew_state_info info = { .build = S("b<1"), .epoch = S("e1"), .commit = 15 };
        dew_str page;
        assert_int_equal(dew_document_write(document, &w.loop, &info, &page), 0);
        assert_int_equal(page.len, strlen(expected));
        assert_memory_equal(page.ptr, expected, page.len);
        if (rooms[i] > whole)
            assert_true(page.ptr - w.html.ptr >= 100);
        stop(&w);
    }
    dew_document_destroy(document);
}

static void state_cannot_end_its_script(void **state)
{
    (void)state;
    world w = start(&site);
    dew_buf out;
    dew_buf_init(&out, 1 << 20);
    run(&w, "/dependent?q=</script>");
    dew_state_write(&out, &w.loop, &(dew_state_info){ .epoch = S("e") }, true);
    assert_null(memchr(out.ptr, '<', out.len));
    dew_buf_put_char(&out, '\0');
    assert_non_null(strstr(out.ptr, "\"location\":\"/dependent?q=\\u003c/script>\""));
    assert_non_null(strstr(out.ptr, "{\"text\":\"\\u003c/script>\\u003c!-- \"}"));
    dew_buf_clear(&out);
    dew_state_write(&out, &w.loop, &(dew_state_info){ .epoch = S("e") }, false);
    dew_buf_put_char(&out, '\0');
    assert_non_null(strstr(out.ptr, "{\"text\":\"</script><!-- \"}"));
    dew_buf_dispose(&out);
    stop(&w);
}

static void state_of_an_error_page_says_what_happened(void **state)
{
    (void)state;
    world w = start(&site);
    dew_buf out;
    dew_buf_init(&out, 1 << 20);
    w.fail_code = DEW_E_IO;
    run(&w, "/one");
    dew_state_write(&out, &w.loop, &(dew_state_info){ .epoch = S("e") }, false);
    dew_buf_put_char(&out, '\0');
    assert_string_equal(
        out.ptr,
        "{\"dew\":1,\"prefix\":\"\",\"location\":\"/one\",\"status\":500,\"error\":{\"code\":\"IO\",\"message\":"
        "\"reading or writing failed\"},\"commit\":\"0\",\"epoch\":\"e\",\"queries\":[]}");
    dew_buf_dispose(&out);
    stop(&w);
}

static void preload_token_stands_alone(void **state)
{
    (void)state;
    dew_buf out;
    dew_buf_init(&out, 4096);
    dew_page_value result = { .json = S("[\"<\"]"), .schema = "00000001", .commit = 5 };
    dew_token_write(&out, &first_fn, S("{}"), &result, S("e1"), true);
    dew_buf_put_char(&out, '\0');
    assert_string_equal(
        out.ptr,
        "{\"dew\":1,\"epoch\":\"e1\",\"fn\":\"first\",\"schema\":\"00000001\",\"args\":{},\"at\":[\"5\",\"0\"],"
        "\"hash\":\"0000000000000000\",\"value\":[\"\\u003c\"]}");
    dew_buf_dispose(&out);
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
        cmocka_unit_test(never_settling_stops_at_the_cap),
        cmocka_unit_test(failed_query_shows_the_error_page_once_tried),
        cmocka_unit_test(development_shows_the_message),
        cmocka_unit_test(message_for_the_visitor_is_shown),
        cmocka_unit_test(query_that_finds_nothing_makes_the_page_not_found),
        cmocka_unit_test(unknown_address_is_not_found),
        cmocka_unit_test(broken_error_page_leaves_the_plain_one),
        cmocka_unit_test(address_with_slash_is_redirected),
        cmocka_unit_test(of_several_failures_the_redirect_decides_else_the_highest_status),
        cmocka_unit_test(of_equal_statuses_the_first_is_told),
        cmocka_unit_test(what_is_asked_for_on_the_way_only_decides_nothing),
        cmocka_unit_test(a_redirect_from_outside_the_view),
        cmocka_unit_test(a_redirect_without_an_address_is_a_fault),
        cmocka_unit_test(while_the_error_page_is_shown_a_redirect_is_followed),
        cmocka_unit_test(the_caller_hears_of_a_failure_once_and_says_what_is_shown),
        cmocka_unit_test(stale_result_is_loaded_and_rendered_again),
        cmocka_unit_test(failure_from_outside_shows_the_error_page),
        cmocka_unit_test(page_past_its_buffer_fails),
        cmocka_unit_test(document_holds_body_and_state_whatever_room_it_was_left),
        cmocka_unit_test(state_cannot_end_its_script),
        cmocka_unit_test(state_of_an_error_page_says_what_happened),
        cmocka_unit_test(preload_token_stands_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
