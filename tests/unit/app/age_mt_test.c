/* age_mt_test.c - .max_age: how long a result may be served from memory when nothing says that it has changed. */
#include <dew/dew.h>
#include <dew/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define RUNS(F) F(i32, count)
DEW_STRUCT(runs, RUNS)
DEW_QUERY(ageless, dew_none, runs)
DEW_QUERY(lasting, dew_none, runs)
DEW_QUERY(passing, dew_none, runs)

static int ageless_runs, lasting_runs, passing_runs; /* one worker's */

static int load_ageless(dew_scope *scope, const dew_none *none, runs *out)
{
    (void)scope, (void)none;
    out->count = ++ageless_runs;
    return 0;
}

static int load_lasting(dew_scope *scope, const dew_none *none, runs *out)
{
    (void)scope, (void)none;
    out->count = ++lasting_runs;
    return 0;
}

static int load_passing(dew_scope *scope, const dew_none *none, runs *out)
{
    (void)scope, (void)none;
    out->count = ++passing_runs;
    return 0;
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(ageless, .load = load_ageless),
    DEW_SERVE_QUERY(lasting, .load = load_lasting, .max_age = DEW_MS(3600000)),
    DEW_SERVE_QUERY(passing, .load = load_passing, .max_age = DEW_MS(0)),
    DEW_SERVED_END,
};
static const dew_served wrong[] = { DEW_SERVE_QUERY(passing, .load = load_passing, .max_age = DEW_MS(-5)),
                                    DEW_SERVED_END };

static void view(void)
{
    const runs *a = need(use_ageless()), *l = need(use_lasting()), *p = need(use_passing());
    el(p) textf("runs: %d %d %d", (int)a->count, (int)l->count, (int)p->count);
}

static const dew_page home = { .path = "/", .view = view };
DEW_SITE(ages, .name = "Ages", .pages = DEW_PAGES(&home))

static void a_result_is_served_from_memory_within_its_age(void **state)
{
    (void)state;
    dew_app *app;
    dew_error error;
    dew_app_config config = { .site = &ages_site, .served = DEW_SERVED(served), .no_listener = true };
    assert_int_equal(dew_app_start(&config, &app, &error), 0);
    for (int visit = 1; visit <= 3; visit++) {
        char expected[32];
        dew_rendered page;
        assert_int_equal(dew_render_url(app, "/", NULL, &page), 0);
        snprintf(expected, sizeof expected, "runs: 1 1 %d", visit);
        assert_non_null(strstr(page.body, expected));
        dew_rendered_dispose(&page);
    }
    dew_app_stop(app);
}

static void a_negative_age_is_refused_by_name(void **state)
{
    (void)state;
    dew_app *app;
    dew_error error;
    dew_app_config config = { .site = &ages_site, .served = DEW_SERVED(wrong), .no_listener = true };
    assert_int_equal(dew_app_start(&config, &app, &error), DEW_E_INVALID);
    assert_non_null(strstr(error.message, "passing: its .max_age"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_is_served_from_memory_within_its_age),
        cmocka_unit_test(a_negative_age_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
