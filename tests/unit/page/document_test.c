/* document_test.c - what the document holds: body and state, whatever they say. */
#include "loop_world.h"

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

static void the_state_says_that_the_server_renders_nothing(void **state)
{
    (void)state;
    dew_document *document;
    assert_int_equal(dew_document_create(&site, S(""), S("/client.js"), S("/client.wasm"), &document), 0);
    for (int no_ssr = 0; no_ssr < 2; no_ssr++) {
        world w = start(&site);
        dew_page_loop_config config = { .router = w.router, .has_browser = true, .no_ssr = no_ssr != 0 };
        dew_page_loop_begin(&w.loop, &config, &w.arena, &w.html, S("/"));
        assert_int_equal(dew_page_loop_step(&w.loop), DEW_PAGE_SETTLED);
        dew_str page;
        assert_int_equal(dew_document_write(document, &w.loop, &(dew_state_info){ .epoch = S("e") }, &page), 0);
        dew_buf_put_char(&w.html, '\0');
        const char *said = "<script type=\"application/json\" data-dew-off id=\"dew-state\">{";
        assert_int_equal(strstr(page.ptr, said) != NULL, no_ssr);
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
    run(&w, "/dependent?q=</script>\xE2\x80\xA8");
    dew_state_write(&out, &w.loop, &(dew_state_info){ .epoch = S("e") }, true);
    assert_null(memchr(out.ptr, '<', out.len));
    dew_buf_put_char(&out, '\0');
    assert_non_null(strstr(out.ptr, "\"location\":\"/dependent?q=\\u003c/script>\\u2028\""));
    assert_non_null(strstr(out.ptr, "{\"text\":\"\\u003c/script>\\u003c!-- \"}"));
    dew_buf_clear(&out);
    dew_state_write(&out, &w.loop, &(dew_state_info){ .epoch = S("e") }, false);
    dew_buf_put_char(&out, '\0');
    assert_non_null(strstr(out.ptr, "{\"text\":\"</script><!-- \"}"));
    dew_buf_dispose(&out);
    stop(&w);
}

static void assert_state(world *w, const char *expected)
{
    dew_buf out;
    dew_buf_init(&out, 1 << 20);
    dew_state_write(&out, &w->loop, &(dew_state_info){ .epoch = S("e") }, false);
    dew_buf_put_char(&out, '\0');
    assert_string_equal(out.ptr, expected);
    dew_buf_dispose(&out);
}

static void state_of_an_error_page_says_what_happened(void **state)
{
    (void)state;
    world w = start(&site);
    run(&w, "/nowhere");
    assert_state(&w, "{\"dew\":1,\"prefix\":\"\",\"location\":\"/"
                     "nowhere\",\"status\":404,\"error\":{\"code\":\"NOT_FOUND\",\"message\":"
                     "\"no page at /nowhere\"},\"commit\":\"0\",\"epoch\":\"e\",\"queries\":[]}");
    stop(&w);
}

static void state_says_which_query_failed(void **state)
{
    (void)state;
    world w = start(&site);
    w.fail_code = DEW_E_IO;
    run(&w, "/one");
    assert_state(
        &w,
        "{\"dew\":1,\"prefix\":\"\",\"location\":\"/one\",\"status\":500,\"commit\":\"0\",\"epoch\":\"e\",\"queries\":"
        "[{\"fn\":\"first\",\"args\":{},\"error\":{\"code\":\"IO\",\"message\":\"reading or writing failed\"}}]}");
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
        cmocka_unit_test(document_holds_body_and_state_whatever_room_it_was_left),
        cmocka_unit_test(the_state_says_that_the_server_renders_nothing),
        cmocka_unit_test(state_cannot_end_its_script),
        cmocka_unit_test(state_of_an_error_page_says_what_happened),
        cmocka_unit_test(state_says_which_query_failed),
        cmocka_unit_test(preload_token_stands_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
