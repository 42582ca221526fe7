/* loop_caps_test.c - the render loop: stores, and where the passes end. The stores are a stand-in for page/store.h. */
#include "loop_world.h"

#define STORES 4

/* Numbers that views set. */
static struct fake {
    dew_staged staged;
    int value[STORES], next[STORES];
    bool is_set[STORES];
    int commits, drops;
} fake;

static const char *const names[STORES] = { "crumbs", "second_store", "third_store", "fourth_store" };

static const char *fake_changed(dew_staged *staged)
{
    (void)staged;
    for (int i = 0; i < STORES; i++)
        if ((fake.is_set[i] ? fake.next[i] : 0) != fake.value[i])
            return names[i];
    return NULL;
}

static void fake_commit(dew_staged *staged)
{
    (void)staged;
    fake.commits++;
    for (int i = 0; i < STORES; i++) {
        fake.value[i] = fake.is_set[i] ? fake.next[i] : 0;
        fake.is_set[i] = false;
    }
}

static void fake_drop(dew_staged *staged)
{
    (void)staged;
    fake.drops++;
    memset(fake.is_set, 0, sizeof fake.is_set);
}

static void set(int store, int value)
{
    fake.next[store] = value;
    fake.is_set[store] = true;
}

static void store_view(void)
{
    el(h1) textf("%d", fake.value[0]);
    set(0, 5);
}

/* Each store says what the one before has been. */
static void chain_view(void)
{
    el(h1) textf("%d", fake.value[STORES - 1]);
    set(0, 1);
    for (int i = 1; i < STORES; i++)
        set(i, fake.value[i - 1] == 0 ? 0 : fake.value[i - 1] + 1);
}

static void counting_view(void)
{
    el(h1) textf("%d", fake.value[0]);
    set(0, fake.value[0] + 1);
}

/* A store that is said once there is data. */
static void store_and_data_view(void)
{
    const number *n = need(use_first());
    el(h1) textf("%d", fake.value[0]);
    set(0, n->n);
}

/* A store that changes in the pass that also asks for more. */
static void both_view(void)
{
    set(0, 5);
    el(h1) textf("%d", fake.value[0]);
    need(use_first());
    el(p) text("there");
}

static void counting_and_asking_view(void)
{
    counting_view();
    use_second((number){ 5000 + restless++ });
}

static void waiting(void)
{
    el(i) text("waiting");
}

/* What waits in the last pass that may be made. */
static void too_late_view(void)
{
    el(h1) text("before");
    region(.loading = waiting)
    {
        el(p) text("half");
        const number *n = need(use_first());
        el(p) textf("%d", n->n);
    }
}

/* What application, layout and page say; the page's view. */
static void show(world *w, dew_view_fn *view, dew_ssr of_site, dew_ssr of_layout, dew_ssr of_page)
{
    static dew_page it;
    static dew_layout around;
    static dew_site all;
    static const dew_page *pages[2];
    around = (dew_layout){ .ssr = of_layout };
    it = (dew_page){ .path = "/", .view = view, .ssr = of_page, .layout = &around };
    pages[0] = &it;
    all = (dew_site){ .name = "Test", .pages = pages, .ssr = of_site };
    memset(&fake, 0, sizeof fake);
    fake.staged = (dew_staged){ fake_changed, fake_commit, fake_drop };
    restless = 0;
    *w = start(&all);
    begin(w, "/", false);
    w->loop.render.staged = &fake.staged;
}

#define DEFAULTS ((dew_ssr){ .mode = DEW_SSR_INHERITED })

/* Drives it to its end, and compares. */
static void expect(world *w, int passes, int complaints, const char *html)
{
    assert_int_equal(drive(w), DEW_PAGE_SETTLED);
    assert_int_equal(w->loop.status, 200);
    assert_int_equal(w->loop.pass_count, passes);
    assert_int_equal(w->complaints, complaints);
    assert_html(w, html);
    stop(w);
}

static void a_store_two_passes(void **state)
{
    (void)state;
    world w;
    show(&w, store_view, DEFAULTS, DEFAULTS, DEFAULTS);
    expect(&w, 2, 0, "<h1>5</h1>");
    assert_int_equal(fake.value[0], 5);
    assert_int_equal(fake.drops, 0);
}

static void a_chain_of_stores_five_passes(void **state)
{
    (void)state;
    world w;
    show(&w, chain_view, DEFAULTS, DEFAULTS, DEFAULTS);
    expect(&w, 5, 0, "<h1>4</h1>");
}

static void a_store_changed_in_a_pass_that_loads_costs_no_pass_of_its_own(void **state)
{
    (void)state;
    world w;
    show(&w, both_view, DEFAULTS, DEFAULTS, DEFAULTS);
    expect(&w, 2, 0, "<h1>5</h1><p>there</p>");
    show(&w, store_and_data_view, DEFAULTS, DEFAULTS, DEFAULTS);
    expect(&w, 3, 0, "<h1>7</h1>");
}

static void never_settling_stores_stop_at_25_with_one_line(void **state)
{
    (void)state;
    world w;
    show(&w, counting_view, DEFAULTS, DEFAULTS, DEFAULTS);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_non_null(strstr(w.complaint, "changed crumbs"));
    assert_non_null(strstr(w.complaint, "25 passes"));
    assert_true(w.loop.is_stopped);
    /* what is carried is what the HTML shows */
    assert_int_equal(fake.value[0], 24);
    assert_int_equal(fake.drops, 1);
    assert_int_equal(w.loop.pass_count, 25);
    assert_int_equal(w.complaints, 1);
    assert_html(&w, "<h1>24</h1>");
    stop(&w);
}

static void never_settling_queries_stop_at_25_with_one_line(void **state)
{
    (void)state;
    restless = 0;
    world w = start(&site);
    begin(&w, "/never", false);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_int_equal(w.loop.status, 200);
    assert_int_equal(w.loop.pass_count, 25);
    assert_int_equal(w.loads, 24);
    assert_int_equal(w.complaints, 1);
    assert_non_null(strstr(w.complaint, "asked for second {\"n\":24}"));
    /* one that comes too late for the last pass is not carried: the HTML does not show it */
    dew_page_query *last = w.loop.queries;
    while (last->next != NULL)
        last = last->next;
    settle(&w, last);
    assert_false(dew_page_loop_carries(&w.loop, last));
    stop(&w);
}

static void a_result_read_again_after_the_last_pass_is_shown(void **state)
{
    (void)state;
    restless = 0;
    world w = start(&site);
    begin(&w, "/never", false);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    dew_page_loop_reload(&w.loop, w.loop.queries);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_int_equal(w.loop.pass_count, 26);
    assert_int_equal(w.complaints, 1); /* was said */
    stop(&w);
}

static void the_soft_cap_ends_quietly_with_what_was_shown(void **state)
{
    (void)state;
    world w;
    show(&w, counting_view, DEFAULTS, DEFAULTS, (dew_ssr){ .allowed_rerenders = DEW_COUNT(3) });
    expect(&w, 4, 0, "<h1>3</h1>");
    assert_int_equal(fake.value[0], 3);
    assert_int_equal(fake.drops, 1);
    show(&w, store_view, DEFAULTS, DEFAULTS, (dew_ssr){ .allowed_rerenders = DEW_COUNT(0) });
    expect(&w, 1, 0, "<h1>0</h1>");
    assert_int_equal(fake.value[0], 0);
    show(&w, store_view, DEFAULTS, DEFAULTS, (dew_ssr){ .allowed_rerenders = DEW_COUNT(1) });
    expect(&w, 2, 0, "<h1>5</h1>"); /* just enough */
    assert_int_equal(fake.drops, 0);
}

static void the_soft_cap_is_not_for_queries(void **state)
{
    (void)state;
    world w;
    show(&w, dependent_view, DEFAULTS, DEFAULTS, (dew_ssr){ .allowed_rerenders = DEW_COUNT(0) });
    expect(&w, 3, 0, "<p>word</p>");
    show(&w, store_and_data_view, DEFAULTS, DEFAULTS, (dew_ssr){ .allowed_rerenders = DEW_COUNT(0) });
    expect(&w, 2, 0, "<h1>0</h1>");
}

static void the_hard_cap_is_checked_first(void **state)
{
    (void)state;
    dew_ssr both = { .allowed_rerenders = DEW_COUNT(3), .forbidden_rerenders = DEW_COUNT(4) };
    world w;
    show(&w, counting_view, DEFAULTS, DEFAULTS, both);
    expect(&w, 4, 1, "<h1>3</h1>"); /* both are reached: the log says so */
    both.forbidden_rerenders = (dew_count)DEW_COUNT(1);
    show(&w, counting_view, DEFAULTS, DEFAULTS, both);
    expect(&w, 1, 1, "<h1>0</h1>");
    both.forbidden_rerenders = (dew_count)DEW_COUNT(5);
    show(&w, counting_view, DEFAULTS, DEFAULTS, both);
    expect(&w, 4, 0, "<h1>3</h1>");
}

static void what_still_waits_at_the_hard_cap_shows_its_loading_view(void **state)
{
    (void)state;
    world w;
    show(&w, too_late_view, DEFAULTS, DEFAULTS, (dew_ssr){ .forbidden_rerenders = DEW_COUNT(1) });
    expect(&w, 1, 1, "<h1>before</h1><i>waiting</i>");
    show(&w, too_late_view, DEFAULTS, DEFAULTS, (dew_ssr){ .forbidden_rerenders = DEW_COUNT(2) });
    expect(&w, 2, 0, "<h1>before</h1><p>half</p><p>7</p>");
}

static void caps_are_inherited_key_by_key(void **state)
{
    (void)state;
    const dew_ssr two = { .forbidden_rerenders = DEW_COUNT(2) }, six = { .forbidden_rerenders = DEW_COUNT(6) },
                  quiet = { .allowed_rerenders = DEW_COUNT(2) };
    world w;
    show(&w, counting_view, two, DEFAULTS, DEFAULTS);
    expect(&w, 2, 1, "<h1>1</h1>");
    show(&w, counting_view, two, six, DEFAULTS);
    expect(&w, 6, 1, "<h1>5</h1>");
    show(&w, counting_view, two, six, quiet);
    expect(&w, 3, 0, "<h1>2</h1>");
    show(&w, counting_view, quiet, DEFAULTS, two);
    expect(&w, 2, 1, "<h1>1</h1>");
    show(&w, counting_view, quiet, (dew_ssr){ .allowed_rerenders = DEW_NO_LIMIT }, six);
    expect(&w, 6, 1, "<h1>5</h1>");
}

static void what_the_last_pass_asked_for_is_named_before_a_store(void **state)
{
    (void)state;
    world w;
    show(&w, counting_and_asking_view, DEFAULTS, DEFAULTS, (dew_ssr){ .forbidden_rerenders = DEW_COUNT(3) });
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_int_equal(w.loop.pass_count, 3);
    assert_int_equal(w.complaints, 1);
    assert_non_null(strstr(w.complaint, "asked for second {\"n\":5002}"));
    stop(&w);
}

static void a_failing_query_is_tried_once_and_an_error_page_has_stores_of_its_own(void **state)
{
    (void)state;
    world w;
    show(&w, both_view, DEFAULTS, DEFAULTS, DEFAULTS);
    w.fail_code = DEW_E_BUSY;
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_int_equal(w.loads, 1);
    assert_int_equal(w.loop.status, 503);
    assert_int_equal(fake.drops, 0); /* the rest of the page lives */
    dew_page_loop_fail(&w.loop, DEW_E_TIMEOUT, NULL);
    assert_int_equal(fake.drops, 1);
    assert_int_equal(drive(&w), DEW_PAGE_SETTLED);
    assert_int_equal(w.loop.status, 504);
    stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_two_passes),
        cmocka_unit_test(a_chain_of_stores_five_passes),
        cmocka_unit_test(a_store_changed_in_a_pass_that_loads_costs_no_pass_of_its_own),
        cmocka_unit_test(never_settling_stores_stop_at_25_with_one_line),
        cmocka_unit_test(never_settling_queries_stop_at_25_with_one_line),
        cmocka_unit_test(a_result_read_again_after_the_last_pass_is_shown),
        cmocka_unit_test(the_soft_cap_ends_quietly_with_what_was_shown),
        cmocka_unit_test(the_soft_cap_is_not_for_queries),
        cmocka_unit_test(the_hard_cap_is_checked_first),
        cmocka_unit_test(what_still_waits_at_the_hard_cap_shows_its_loading_view),
        cmocka_unit_test(caps_are_inherited_key_by_key),
        cmocka_unit_test(what_the_last_pass_asked_for_is_named_before_a_store),
        cmocka_unit_test(a_failing_query_is_tried_once_and_an_error_page_has_stores_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
