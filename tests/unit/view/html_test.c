/* The server's writer: escaping in every place, addresses, attributes, calls, limits. */
#include "view_test.h"

#include <pthread.h>

#define MOVE(F) F(i64, task_id) F(str, to)
DEW_STRUCT(move, MOVE)
DEW_MUTATION(move_task, move, dew_none)
DEW_ACTION(increment, dew_none, dew_none)

static dew_str given;
static const char *value;

static void given_text(void)
{
    el(p) text(given);
}

static void given_attr(void)
{
    el(p, .title = value);
}

/* What stands in an element, and between quotes. */
static void text_is_escaped_in_each_place(void **state)
{
    static const struct {
        const char *ptr;
        size_t len;
        const char *html;
    } cases[] = {
#define CASE(text, html) { text, sizeof(text) - 1, html }
        CASE("", ""),
        CASE("plain", "plain"),
        CASE("<", "&lt;"),
        CASE("a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d&quot;e'f"),
        CASE("&&&&&&&&&", "&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;"),
        CASE("1234567<", "1234567&lt;"),
        CASE("12345678<", "12345678&lt;"),
        CASE("123456789012345<7", "123456789012345&lt;7"),
        CASE("<12345678901234>", "&lt;12345678901234&gt;"),
        CASE("tab\tand\nnewline stay, and go on for long", "tab\tand\nnewline stay, and go on for long"),
        CASE("\t\t\t\t\t\t\t\t\t\t<", "\t\t\t\t\t\t\t\t\t\t&lt;"),
        CASE("a\r\nb\rc", "a&#13;\nb&#13;c"),
        CASE("x\0y", "x\xef\xbf\xbdy"),
        CASE("\0", "\xef\xbf\xbd"),
        CASE("caf\xc3\xa9 \xf0\x9f\x98\x80 \xe2\x82\xac", "caf\xc3\xa9 \xf0\x9f\x98\x80 \xe2\x82\xac"),
        CASE("\xc3(", "\xef\xbf\xbd("),
        CASE("a\xe2\x82", "a\xef\xbf\xbd"),
        CASE("\xf0\x9f\x98z", "\xef\xbf\xbdz"),
        CASE("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"),
        CASE("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"),
        CASE("\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"),
        CASE("\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"),
        CASE("\x01\x1f\x7f", "\x01\x1f\x7f"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[256];
        given = dew_str_make(cases[i].ptr, cases[i].len);
        snprintf(expected, sizeof expected, "<p>%s</p>", cases[i].html);
        assert_html(given_text, expected);
        if (strlen(cases[i].ptr) != cases[i].len)
            continue; /* an attribute is a C string */
        value = cases[i].ptr;
        snprintf(expected, sizeof expected, "<p title=\"%s\"></p>", cases[i].html);
        assert_html(given_attr, expected);
    }
}

static const char *escaped(unsigned char byte)
{
    static char same[2];
    same[0] = (char)byte;
    return byte == '<'    ? "&lt;"
           : byte == '>'  ? "&gt;"
           : byte == '&'  ? "&amp;"
           : byte == '"'  ? "&quot;"
           : byte == '\r' ? "&#13;"
           : byte >= 0x80 ? "\xef\xbf\xbd"
                          : same;
}

/* The scanning by words agrees with a plain loop, whichever byte stands wherever among whichever neighbours. */
static void every_byte_is_seen_in_every_place(void **state)
{
    (void)state;
    static const char neighbours[] = "x\x0e\x0c#=?'";
    for (size_t k = 0; k < sizeof neighbours - 1; k++)
        for (size_t len = 1; len < 20; len++)
            for (size_t at = 0; at < len; at++)
                for (unsigned byte = 1; byte < 0x100; byte++) {
                    char in[64], expected[128];
                    memset(in, neighbours[k], len);
                    in[at] = (char)byte;
                    given = dew_str_make(in, len);
                    snprintf(expected, sizeof expected, "<p>%.*s%s%.*s</p>", (int)at, in, escaped((unsigned char)byte),
                             (int)(len - at - 1), in + at + 1);
                    assert_html(given_text, expected);
                }
}

static void literals(void)
{
    el(p, .class = "a \"b\" & <c>") {
        text("plain ");
        text("<&>\"\r");
        text("");
        text("\xc3\xa9");
    }
}

static void literals_are_escaped_too(void **state)
{
    (void)state;
    assert_html(literals, "<p class=\"a &quot;b&quot; &amp; &lt;c&gt;\">plain &lt;&amp;&gt;&quot;&#13;\xc3\xa9</p>");
}

static void numbers(void)
{
    text(1);
    text(" ");
    text((int64_t)INT64_MIN);
    text(" ");
    text(UINT64_MAX);
    text(" ");
    text((unsigned char)200);
    text(" ");
    text(0.1f + 0.0);
    text(" ");
    text(-0.0);
    text(" ");
    text(1e21);
    textf(" %05d|%-4s|%x %.2f %zu", 42, "ab", 255, 3.14159, (size_t)7);
    textf("%300d", 1);
}

static void numbers_are_written_as_javascript_does(void **state)
{
    char expected[512];
    (void)state;
    snprintf(expected, sizeof expected,
             "1 -9223372036854775808 18446744073709551615 200 0.10000000149011612 0 1e+21 00042|ab  |ff 3.14 7%300d",
             1);
    assert_html(numbers, expected);
}

static void absent(void)
{
    el(input, .type = NULL, .value = "", .tabindex = 0, .maxlength = 0, .width = -1, .colspan = 0, .disabled = false,
       .checked = true, .attrs = ATTRS({ "data-a", NULL }, { "data-b", "" }));
    el(td, .colspan = 2, .rowspan = 0);
}

static void what_is_absent_is_left_out_and_0_is_a_number(void **state)
{
    (void)state;
    fixture f;
    fixture_render(&f, absent, false, 1 << 20);
    assert_string_equal(f.html.ptr,
                        "<input value=\"\" width=\"-1\" maxlength=\"0\" tabindex=\"0\" checked=\"\" data-b=\"\">"
                        "<td rowspan=\"0\" colspan=\"2\"></td>");
    fixture_dispose(&f);
}

static void newlines(void)
{
    el(pre) text("\nfirst");
    el(textarea, .name = "t") text("second");
    el(pre);
}

static void a_first_newline_survives_the_parser(void **state)
{
    (void)state;
    assert_html(newlines, "<pre>\n\nfirst</pre><textarea name=\"t\">\nsecond</textarea><pre>\n</pre>");
}

static void calls(void)
{
    el(button, .class = "c", .on_click = call_move_task((move){ 7, S("a\"<b>") })) text("Go");
    el(button, .on_click = call_increment()) text("+");
    el(button, .type = "button", .on_click = call_increment());
    el(div, .on_click = call_increment());
    el(form, .id = "f", .on_submit = call_move_task((move){ 0, S("") })) el(input, .name = "to");
    el(form, .action = "/search", .on_submit = call_increment());
}

static void calls_work_without_scripts(void **state)
{
    (void)state;
    assert_html(
        calls, "<button class=\"c\" type=\"submit\" form=\"dew\" formmethod=\"post\" "
               "formaction=\"/live/_dew/form/move_task\" name=\"_args\" "
               "value=\"{&quot;task_id&quot;:&quot;7&quot;,&quot;to&quot;:&quot;a\\&quot;&lt;b&gt;&quot;}\">Go</button>"
               "<button type=\"submit\" form=\"dew\" formmethod=\"post\" formaction=\"/live/_dew/form/increment\" "
               "name=\"_args\" value=\"{}\">+</button>"
               "<button type=\"button\"></button><div></div>"
               "<form id=\"f\" method=\"post\" action=\"/live/_dew/form/move_task\">"
               "<input type=\"hidden\" name=\"_args\" "
               "value=\"{&quot;task_id&quot;:&quot;0&quot;,&quot;to&quot;:&quot;&quot;}\">"
               "<input type=\"hidden\" name=\"_to\" value=\"/at?a=1&amp;b=2\"><input name=\"to\"></form>"
               "<form action=\"/search\"></form>");
}

static void handle(dew_event *event)
{
    (void)event;
}

static void local(void)
{
    el(button, .on_click_do = DO(handle, 1)) text("x");
    el(input, .on_input_do = DO(handle, 0));
}

static void local_handlers_leave_no_trace_in_html(void **state)
{
    (void)state;
    assert_html(local, "<button>x</button><input>");
}

static void addresses(void)
{
    el(a, .href = value) text("x");
}

static void image(void)
{
    el(img, .src = value);
}

static void given_href(void)
{
    el(p, .attrs = ATTRS({ "formaction", value }));
}

static void assert_refused(void (*view)(void), const char *html, const char *problem)
{
    fixture f;
    fixture_render(&f, view, false, 1 << 20);
    assert_string_equal(f.html.ptr, html);
    assert_int_equal(f.render.problem_count, 1);
    assert_non_null(strstr(f.render.problem.message, problem));
    fixture_dispose(&f);
}

static void addresses_that_run_code_are_refused(void **state)
{
    static const char *const refused[] = { "javascript:alert(1)", " javascript:x",          "\x01\x1fjAvAsCrIpT:x",
                                           "java\nscript:x",      "j\ta\rv\na\tscript\n:x", "vbscript:x",
                                           "data:text/html,x",    "DATA:image/png,x" };
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        value = refused[i];
        assert_refused(addresses, "<a href=\"#\">x</a>", "would run code");
    }
    value = "data:text/html,x";
    assert_refused(image, "<img src=\"about:blank\">", "<img src=");
    value = "javascript:x";
    assert_refused(given_href, "<p formaction=\"#\"></p>", "formaction");
}

static void other_addresses_pass(void **state)
{
    static const char *const fine[] = { "/a",         "#x",       "?q=javascript:", "https://example.org/",
                                        "javascript", "mailto:a", "java/script:x",  "./javascript:x",
                                        "data" };
    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        char expected[128];
        value = fine[i];
        snprintf(expected, sizeof expected, "<a href=\"%s\">x</a>", value);
        assert_html(addresses, expected);
    }
    value = "data:image/png;base64,AA";
    assert_html(image, "<img src=\"data:image/png;base64,AA\">");
}

static void odd_names(void)
{
    el(p, .attrs = ATTRS({ "onclick", "x" }, { "data-ok", "y" }, { "a b", "x" }, { "SRC", "x" }, { "srcdoc", "x" }, { "", "x" },
                         { "x\"", "x" }, { "xlink:href", "/x" }));
}

static void names_that_are_no_attributes_are_left_out(void **state)
{
    fixture f;
    (void)state;
    fixture_render(&f, odd_names, false, 1 << 20);
    assert_string_equal(f.html.ptr, "<p data-ok=\"y\"></p>");
    assert_int_equal(f.render.problem_count, 7);
    assert_string_equal(f.render.problem.message, "<p>: \"onclick\" cannot be an attribute in .attrs; it was left out");
    fixture_dispose(&f);
}

static void json(void)
{
    dew_script_json("state", S("{\"a\":\"</script><!--\"}"));
    dew_script_json(NULL, S("[]"));
}

static void json_cannot_leave_its_script(void **state)
{
    (void)state;
    assert_html(json, "<script type=\"application/json\" id=\"state\">{\"a\":\"\\u003c/script>\\u003c!--\"}</script>"
                      "<script type=\"application/json\">[]</script>");
}

static void large(void)
{
    for (int i = 0; i < 1000; i++)
        el(p, .class = fmt("c%d", i), .title = "t", .on_click = call_increment()) {
            text("some literal text");
            textf("%d", i);
            text(i);
            el(button, .on_click = call_move_task((move){ i, S("<<<<") })) el(br);
            el(pre) text(S("and text & more"));
        }
    dew_script_json("x", S("{}"));
}

/* A page past its limit fails whole, wherever the limit falls; what comes later is dropped. */
static void a_page_past_its_limit_fails(void **state)
{
    (void)state;
    for (int development = 0; development < 2; development++)
        for (size_t max = 0; max < 1500; max += 7) {
            fixture f;
            fixture_render(&f, large, development, max);
            assert_int_equal(f.result, DEW_E_LIMIT);
            assert_true(f.html.len <= max);
            fixture_dispose(&f);
        }
}

static int levels;

/* As a view of a tree whose data goes round in a ring. */
static void endless(void)
{
    levels++;
    el(div, .class = "node") endless();
}

static void *render_endless(void *unused)
{
    (void)unused;
    for (int development = 0; development < 2; development++)
        for (size_t max = 64; max <= 64u << 20; max <<= 20) {
            fixture f;
            levels = 0;
            fixture_render(&f, endless, development, max);
            assert_int_equal(f.result, DEW_E_LIMIT);
            assert_int_equal(f.render.is_too_deep, max > 64);
            assert_in_range(levels, 1, DEW_VIEW_STACK_MAX / sizeof(void *));
            fixture_dispose(&f);
        }
    return NULL;
}

/* Views that call each other without end fail the render before the stack ends, one as small as a fiber's too, whether or not
 * there is room. */
static void endless_views_end(void **state)
{
    (void)state;
    pthread_t thread;
    pthread_attr_t attributes;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, 2 * DEW_VIEW_STACK_MAX), 0);
    assert_int_equal(pthread_create(&thread, &attributes, render_endless, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
}

static void memory_that_is_out_fails_the_render(void **state)
{
    (void)state;
    for (size_t max = 0; max < 4096; max += 512) {
        dew_arena arena;
        dew_buf html;
        dew_arena_init(&arena, max);
        dew_buf_init(&html, 1 << 22);
        dew_render render = { .arena = &arena };
        dew_html_begin(&render, &html);
        large();
        assert_int_equal(dew_html_end(&render), DEW_E_NOMEM);
        dew_buf_dispose(&html);
        dew_arena_dispose(&arena);
    }
}

static void long_formats(void)
{
    const char *first = fmt("%s", "kept");
    const char *second = fmt("%2000d", 5);
    el(p, .title = first) text(dew_str_of(second + 1995));
    textf("%s%s", first, fmt("%d", 6));
}

static void formatted_strings_live_until_the_render_ends(void **state)
{
    (void)state;
    assert_html(long_formats, "<p title=\"kept\">    5</p>kept6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped_in_each_place),
        cmocka_unit_test(every_byte_is_seen_in_every_place),
        cmocka_unit_test(literals_are_escaped_too),
        cmocka_unit_test(numbers_are_written_as_javascript_does),
        cmocka_unit_test(what_is_absent_is_left_out_and_0_is_a_number),
        cmocka_unit_test(a_first_newline_survives_the_parser),
        cmocka_unit_test(calls_work_without_scripts),
        cmocka_unit_test(local_handlers_leave_no_trace_in_html),
        cmocka_unit_test(addresses_that_run_code_are_refused),
        cmocka_unit_test(other_addresses_pass),
        cmocka_unit_test(names_that_are_no_attributes_are_left_out),
        cmocka_unit_test(json_cannot_leave_its_script),
        cmocka_unit_test(a_page_past_its_limit_fails),
        cmocka_unit_test(endless_views_end),
        cmocka_unit_test(memory_that_is_out_fails_the_render),
        cmocka_unit_test(formatted_strings_live_until_the_render_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
