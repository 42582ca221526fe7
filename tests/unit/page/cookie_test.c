/* Cookies in views on the server: what is read in which pass, and what is to be sent. */
#include "page/cookied.h"
#include "render_world.h"

#define THEME(V) V(theme, light) V(theme, dark)
DEW_ENUM(theme, THEME)
DEW_COOKIE(chosen, "theme", theme)
DEW_COOKIE(lasting, "lasting", theme, .max_age = DEW_MS(5000))
DEW_COOKIE(name, "name", str)

/* What of the one cookie is to be sent; NULL: nothing. */
static const dew_cookied *sent(world *w)
{
    const dew_cookied *cookied = dew_cookies_said(&w->render);
    assert_null(cookied->next);
    return cookied->is_written ? cookied : NULL;
}

static void show(void)
{
    el(p) text(chosen_get() == theme_dark ? "dark" : "light");
}
static void dark_view(void)
{
    show();
    chosen_set(theme_dark);
}
static void removing_view(void)
{
    show();
    chosen_remove();
}
static void lasting_view(void)
{
    lasting_set(theme_dark);
}
static void name_view(void)
{
    el(p) text(name_get());
}
static void long_view(void)
{
    static char many[DEW_COOKIE_MAX + 1];
    memset(many, 'x', DEW_COOKIE_MAX);
    name_set(dew_str_of(many));
}
static int restless;
static void restless_view(void)
{
    el(p) text(name_get());
    name_set(dew_str_of(fmt("%d", restless++)));
}

static void as_the_visitor_sent_it(void **state)
{
    (void)state;
    world w;
    world_begin(&w, "dark", 1 << 20);
    assert_null(pass(&w, show));
    assert_html(&w, "<p>dark</p>");
    assert_null(sent(&w));
    world_end(&w);
    world_begin(&w, "dark;light", 1 << 20);
    assert_null(pass(&w, show));
    assert_html(&w, "<p>light</p>");
    world_end(&w);
    world_begin(&w, "%3Cscript%3E", 1 << 20);
    assert_null(pass(&w, name_view));
    assert_html(&w, "<p>&lt;script&gt;</p>");
    world_end(&w);
    world_begin(&w, NULL, 1 << 20);
    assert_null(pass(&w, name_view));
    assert_html(&w, "<p></p>");
    world_end(&w);
}

static void set_it_is_read_in_the_next_pass_and_sent(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_string_equal(pass(&w, dark_view), "theme");
    assert_html(&w, "<p>light</p>");
    commit(&w);
    assert_null(pass(&w, dark_view));
    assert_html(&w, "<p>dark</p>");
    commit(&w);
    assert_string_equal(sent(&w)->shown.text.ptr, "dark");
    assert_null(pass(&w, show)); /* no view says it any more: it stays */
    assert_html(&w, "<p>dark</p>");
    world_end(&w);
}

static void what_the_visitor_has_is_not_sent_again(void **state)
{
    (void)state;
    world w;
    world_begin(&w, "dark", 1 << 20);
    assert_null(pass(&w, dark_view));
    assert_null(sent(&w));
    world_end(&w);
    world_begin(&w, "dark", 1 << 20);
    assert_null(pass(&w, lasting_view));
    assert_string_equal(sent(&w)->shown.text.ptr, "dark"); /* but to last longer */
    world_end(&w);
}

static void age_in_seconds(void **state)
{
    (void)state;
    static const struct {
        dew_cookie cookie;
        int age_s;
    } cases[] = { { { .options = { .path = NULL } }, 0 },
                  { { .options = { .max_age = DEW_MS(1) } }, 1 },
                  { { .options = { .max_age = DEW_MS(1000) } }, 1 },
                  { { .options = { .max_age = DEW_MS(1001) } }, 2 },
                  { { .options = { .max_age = DEW_MS(0) } }, -1 },
                  { { .options = { .max_age = DEW_MS(-5) } }, -1 },
                  { { .options = { .max_age = DEW_FOREVER } }, 34560000 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dew_cookied cookied = { .cookie = &cases[i].cookie, .shown = { .text = DEW_S("x") } };
        assert_int_equal(dew_cookied_age_s(&cookied), cases[i].age_s);
        cookied.shown.text = (dew_str){ NULL, 0 };
        assert_int_equal(dew_cookied_age_s(&cookied), -1);
    }
}

static void removed(void **state)
{
    (void)state;
    world w;
    world_begin(&w, "dark", 1 << 20);
    assert_string_equal(pass(&w, removing_view), "theme");
    commit(&w);
    assert_null(pass(&w, removing_view));
    assert_html(&w, "<p>light</p>");
    assert_null(sent(&w)->shown.text.ptr);
    world_end(&w);
    world_begin(&w, NULL, 1 << 20);
    assert_null(pass(&w, removing_view));
    assert_null(sent(&w));
    world_end(&w);
}

static void dropped_it_is_sent_all_the_same(void **state)
{
    (void)state;
    world w;
    world_begin(&w, "0", 1 << 20);
    restless = 1;
    for (int i = 0; i < 3; i++) {
        assert_string_equal(pass(&w, restless_view), "name");
        commit(&w);
    }
    assert_string_equal(pass(&w, restless_view), "name");
    w.render.staged->drop(w.render.staged);
    assert_string_equal(sent(&w)->shown.text.ptr, "4");
    world_end(&w);
}

static void too_long_it_is_not_set_and_the_log_says_so(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_null(pass(&w, long_view));
    assert_int_equal(w.render.view.problem_count, 1);
    assert_non_null(strstr(w.render.view.problem.message, "cookie name: longer than 4096 bytes"));
    assert_null(sent(&w));
    world_end(&w);
}

static void outside_of_a_render_there_is_none(void **state)
{
    (void)state;
    chosen_set(theme_dark);
    assert_int_equal(chosen_get(), theme_light);
    chosen_remove();
}

static void without_memory_the_render_fails(void **state)
{
    (void)state;
    bool was_whole = false;
    for (size_t max = 0; max < 64 << 10 && !was_whole; max += 16) {
        world w;
        world_begin(&w, "dark", max);
        pass(&w, dark_view);
        was_whole = w.render.view.failed == 0;
        if (!was_whole)
            assert_int_equal(w.render.view.failed, DEW_E_NOMEM);
        world_end(&w);
    }
    assert_true(was_whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_visitor_sent_it),
        cmocka_unit_test(set_it_is_read_in_the_next_pass_and_sent),
        cmocka_unit_test(what_the_visitor_has_is_not_sent_again),
        cmocka_unit_test(age_in_seconds),
        cmocka_unit_test(removed),
        cmocka_unit_test(dropped_it_is_sent_all_the_same),
        cmocka_unit_test(too_long_it_is_not_set_and_the_log_says_so),
        cmocka_unit_test(outside_of_a_render_there_is_none),
        cmocka_unit_test(without_memory_the_render_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
