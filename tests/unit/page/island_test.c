/* Islands on the server: what stands in a static page and goes with it; how a wrong one is told of. */
#include "loop_world.h"

#include <dew/island.h>

#define LAMP(F) F(str, name) F(i32, n)
DEW_STRUCT(lamp_props, LAMP)
DEW_ISLAND(lamp, lamp_props)
DEW_ISLAND(post, number)

static void lamp_view(const lamp_props *props)
{
    el(b) text(props->name);
}
DEW_ISLAND_VIEW(lamp, lamp_props, lamp_view)

static void post_view(const number *props)
{
    const words *w = need(use_second(*props));
    el(i) text(w->text);
}
DEW_ISLAND_VIEW(post, number, post_view)

static void around_view(const number *props)
{
    (void)props;
    island(lamp, { S("inner"), 1 });
}
DEW_ISLAND(around, number)
DEW_ISLAND_VIEW(around, number, around_view)

static void static_view(void)
{
    const number *n = need(use_first());
    el(p) textf("%d", n->n);
    island(lamp, { S("<\"'&>"), 2 }, .when = DEW_ON_VISIBLE);
    island(post, { 3 }, .when = DEW_ON_IDLE);
    island(lamp, {});
}

static void nested_island_view(void)
{
    island(around, { 1 });
}

static const dew_page still = { .path = "/still", .view = static_view, .islands = DEW_ISLANDS(&lamp_island, &post_island) },
                      live = { .path = "/live", .view = static_view },
                      unlisted = { .path = "/unlisted", .view = static_view, .islands = DEW_ISLANDS(&post_island) },
                      nested = { .path = "/nested", .view = nested_island_view, .islands = DEW_ISLANDS(&around_island, &lamp_island) };
static const dew_site islands = { .name = "Test", .pages = DEW_PAGES(&still, &live, &unlisted, &nested) };

static char *text_of(dew_str from)
{
    static char text[8192];
    assert_true(from.len < sizeof text);
    memcpy(text, from.ptr, from.len);
    text[from.len] = '\0';
    return text;
}

static char *document_of(world *w, const char *script)
{
    dew_document *document;
    dew_str page;
    assert_int_equal(dew_document_create(&islands, S(""), dew_str_of(script), S("/_dew/client.2.wasm"), &document), 0);
    assert_int_equal(dew_document_write(document, &w->loop, &(dew_state_info){ .epoch = S("e") }, &page), 0);
    char *text = text_of(page);
    dew_document_destroy(document);
    return text;
}

static void each_says_which_it_is_when_it_is_due_and_its_props(void **state)
{
    (void)state;
    world w = start(&islands);
    run(&w, "/still");
    const char *text = document_of(&w, "/_dew/client.1.js");
    assert_non_null(
        strstr(text, "<p>7</p>"
                     "<div data-dew-island=\"0\" data-dew-when=\"visible\" "
                     "data-dew-props=\"{&quot;name&quot;:&quot;&lt;\\&quot;'&amp;&gt;&quot;,"
                     "&quot;n&quot;:2}\"><b>&lt;&quot;'&amp;&gt;</b></div>"
                     "<div data-dew-island=\"1\" data-dew-when=\"idle\" data-dew-props=\"{&quot;n&quot;:3}\"><i>"));
    assert_non_null(strstr(
        text,
        "<div data-dew-island=\"0\" data-dew-props=\"{&quot;name&quot;:&quot;&quot;,&quot;n&quot;:0}\"><b></b></div>"));
    stop(&w);
}

static void a_static_page_fetches_a_script_alone_and_carries_what_islands_use(void **state)
{
    (void)state;
    world w = start(&islands);
    run(&w, "/still");
    const char *text = document_of(&w, "/_dew/client.1.js");
    assert_non_null(strstr(text, "<script type=\"module\" src=\"/_dew/client.1.islands.js\"></script>"));
    assert_null(strstr(text, "preload"));
    assert_null(strstr(text, "\"fn\":\"first\""));
    assert_non_null(strstr(text, "\"fn\":\"second\""));
    assert_non_null(strstr(text, "\"epoch\":\"e\",\"islands\":2,\"queries\":["));
    stop(&w);
    w = start(&islands);
    run(&w, "/still");
    assert_null(strstr(document_of(&w, ""), "script"));
    stop(&w);
    w = start(&islands);
    run(&w, "/live");
    text = document_of(&w, "/_dew/client.1.js");
    assert_non_null(strstr(text, "\"fn\":\"first\""));
    assert_null(strstr(text, "\"islands\":"));
    assert_non_null(strstr(text, "src=\"/_dew/client.1.js\""));
    assert_non_null(strstr(text, "<p>7</p><div><b>&lt;&quot;'&amp;&gt;</b></div><div><i>"));
    stop(&w);
}

static void one_that_is_not_listed_or_stands_in_another_is_told_of(void **state)
{
    (void)state;
    world w = start(&islands);
    run(&w, "/unlisted");
    assert_non_null(strstr(w.loop.render.view.problem.message, "not in .islands"));
    stop(&w);
    w = start(&islands);
    run(&w, "/nested");
    assert_non_null(strstr(w.loop.render.view.problem.message, "stands in another"));
    stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_says_which_it_is_when_it_is_due_and_its_props),
        cmocka_unit_test(a_static_page_fetches_a_script_alone_and_carries_what_islands_use),
        cmocka_unit_test(one_that_is_not_listed_or_stands_in_another_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
