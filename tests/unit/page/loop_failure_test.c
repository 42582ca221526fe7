/* loop_failure_test.c - the render loop: what happens to failures and redirects. */
#include "loop_world.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failed_query_shows_the_error_page_once_tried),
        cmocka_unit_test(development_shows_the_message),
        cmocka_unit_test(message_for_the_visitor_is_shown),
        cmocka_unit_test(query_that_finds_nothing_makes_the_page_not_found),
        cmocka_unit_test(unknown_address_is_not_found),
        cmocka_unit_test(broken_error_page_leaves_the_plain_one),
        cmocka_unit_test(address_with_slash_is_redirected),
        cmocka_unit_test(of_several_failures_the_redirect_decides_else_the_highest_status),
        cmocka_unit_test(of_equal_statuses_the_first_is_told),
        cmocka_unit_test(a_redirect_from_outside_the_view),
        cmocka_unit_test(a_redirect_without_an_address_is_a_fault),
        cmocka_unit_test(while_the_error_page_is_shown_a_redirect_is_followed),
        cmocka_unit_test(the_caller_hears_of_a_failure_once_and_says_what_is_shown),
        cmocka_unit_test(failure_from_outside_shows_the_error_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
