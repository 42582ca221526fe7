/* Stores on the server: what views read in which pass, when another pass is needed, what the page carries. */
#include "page/dehydrate.h"
#include "page/stored.h"
#include "render_world.h"

#define CRUMB(F) F(str, label) F(opt(i32), depth)
DEW_STRUCT(crumb, CRUMB)
DEW_ARRAY(crumb_list, crumb)
DEW_STORE(trail, crumb_list)
DEW_STORE_INITIAL(width, i32, 240)
DEW_STORE_INITIAL(hint, crumb, .label = S("none"), .depth = { true, 1 })
DEW_STORE(other, i32)

/* Passes until nothing changes; how many. */
static int settle(world *w, dew_view_fn *view)
{
    int count = 1;
    while (pass(w, view) != NULL && count < 50) {
        commit(w);
        count++;
    }
    commit(w);
    return count;
}

static void say(const char *label)
{
    crumb one = { .label = dew_str_of(fmt("%s", label)) }; /* another place in each pass */
    trail_set((crumb_list){ &one, 1, 0 });
}

static void show_trail(void)
{
    const crumb_list *list = trail_get();
    el(nav) for (size_t i = 0; i < list->count; i++) text(list->items[i].label);
}

static void plain_view(void)
{
    el(p) text("plain");
}
static void silent_view(void)
{
    show_trail();
}
static void said_below_view(void)
{
    show_trail();
    say("Ideas");
}
static void said_above_view(void)
{
    say("Ideas");
    show_trail();
}
static void said_twice_view(void)
{
    show_trail();
    say("Ideas");
    say("Idea 7");
}
static void unread_view(void)
{
    say("Ideas");
}
static void chain_view(void)
{
    el(p) textf("%d %d %s", *other_get(), *width_get(), hint_get()->label.ptr);
    hint_set((crumb){ .label = dew_str_of(fmt("%d", *width_get())) });
    width_set(*other_get() + 1);
    other_set(7);
}
static int restless;
static void restless_view(void)
{
    el(p) text(*width_get());
    width_set(restless++);
}

static void initial_values(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_null(pass(&w, silent_view));
    assert_html(&w, "<nav></nav>");
    dew_html_begin(&w.render.view, &w.html);
    assert_int_equal(*width_get(), 240);
    assert_int_equal(*other_get(), 0);
    assert_string_equal(hint_get()->label.ptr, "none");
    assert_int_equal(hint_get()->depth.value, 1);
    (void)!dew_html_end(&w.render.view);
    world_end(&w);
}

static void a_view_above_reads_it_in_the_next_pass(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_string_equal(pass(&w, said_below_view), "trail");
    assert_html(&w, "<nav></nav>");
    commit(&w);
    assert_null(pass(&w, said_below_view)); /* the same by value, elsewhere in memory */
    assert_html(&w, "<nav>Ideas</nav>");
    world_end(&w);
}

static void within_a_pass_it_does_not_move(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_string_equal(pass(&w, said_above_view), "trail");
    assert_html(&w, "<nav></nav>");
    assert_int_equal(settle(&w, said_above_view), 2);
    assert_html(&w, "<nav>Ideas</nav>");
    world_end(&w);
}

static void the_last_of_a_pass_wins(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_int_equal(settle(&w, said_twice_view), 2);
    assert_html(&w, "<nav>Idea 7</nav>");
    world_end(&w);
}

static void what_nobody_reads_costs_no_pass(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_int_equal(settle(&w, unread_view), 1);
    assert_null(pass(&w, said_below_view)); /* but it is there */
    assert_html(&w, "<nav>Ideas</nav>");
    world_end(&w);
}

static void it_goes_with_the_view_that_said_it(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_int_equal(settle(&w, said_below_view), 2);
    assert_string_equal(pass(&w, silent_view), "trail");
    assert_html(&w, "<nav>Ideas</nav>");
    commit(&w);
    assert_null(pass(&w, silent_view));
    assert_html(&w, "<nav></nav>");
    world_end(&w);
}

static void a_chain_settles(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_int_equal(settle(&w, chain_view), 4);
    assert_html(&w, "<p>7 8 8</p>");
    world_end(&w);
}

static void what_does_not_settle_is_named(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_int_equal(settle(&w, restless_view), 50);
    assert_string_equal(pass(&w, restless_view), "width");
    world_end(&w);
}

static void dropped_the_page_stays_as_it_was_drawn(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_int_equal(settle(&w, said_below_view), 2);
    assert_string_equal(pass(&w, said_twice_view), "trail");
    w.render.staged->drop(w.render.staged);
    const dew_stored *stored = dew_stores_first(w.render.staged);
    assert_string_equal(((const crumb_list *)stored->shown)->items[0].label.ptr, "Ideas");
    assert_html(&w, "<nav>Ideas</nav>");
    world_end(&w);
}

static void renders_do_not_share(void **state)
{
    (void)state;
    world a, b;
    world_begin(&a, NULL, 1 << 20);
    world_begin(&b, NULL, 1 << 20);
    assert_string_equal(pass(&a, said_below_view), "trail");
    commit(&a);
    assert_null(pass(&b, silent_view));
    assert_html(&b, "<nav></nav>");
    assert_null(pass(&a, said_below_view));
    assert_html(&a, "<nav>Ideas</nav>");
    world_end(&a);
    world_end(&b);
}

static void without_a_render_it_is_what_it_is_at_first(void **state)
{
    (void)state;
    width_set(3);
    assert_int_equal(*width_get(), 240);
}

static void a_page_without_stores_has_none(void **state)
{
    (void)state;
    world w;
    world_begin(&w, NULL, 1 << 20);
    assert_null(pass(&w, plain_view));
    assert_null(w.render.staged);
    world_end(&w);
}
/* Each size of memory: the render fails or is whole. */
static void without_memory_the_render_fails(void **state)
{
    (void)state;
    bool was_whole = false;
    for (size_t max = 0; max < 64 << 10 && !was_whole; max += 16) {
        world w;
        world_begin(&w, NULL, max);
        pass(&w, chain_view);
        if (w.render.view.failed == 0) {
            was_whole = true;
            assert_non_null(w.render.staged);
        } else {
            assert_int_equal(w.render.view.failed, DEW_E_NOMEM);
        }
        world_end(&w);
    }
    assert_true(was_whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(initial_values),
        cmocka_unit_test(a_view_above_reads_it_in_the_next_pass),
        cmocka_unit_test(within_a_pass_it_does_not_move),
        cmocka_unit_test(the_last_of_a_pass_wins),
        cmocka_unit_test(what_nobody_reads_costs_no_pass),
        cmocka_unit_test(it_goes_with_the_view_that_said_it),
        cmocka_unit_test(a_chain_settles),
        cmocka_unit_test(what_does_not_settle_is_named),
        cmocka_unit_test(dropped_the_page_stays_as_it_was_drawn),
        cmocka_unit_test(renders_do_not_share),
        cmocka_unit_test(without_a_render_it_is_what_it_is_at_first),
        cmocka_unit_test(a_page_without_stores_has_none),
        cmocka_unit_test(without_memory_the_render_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
