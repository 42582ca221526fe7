/* side_by_side_mt_test.c - the queries of a page are loaded side by side: each loader here waits until that of its pair has begun, so
 * that a page whose loaders run one after another is out of time. Through a real socket. */
#include "support/web_client.h"

#include <dew/dew.h>
#include <dew/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SIDE(F) F(i32, number)
DEW_STRUCT(side, SIDE)
DEW_QUERY(meet, side, side) /* 2n and 2n + 1 are a pair */

static int has_begun[8]; /* atomic access only */

static int load_meet(dew_scope *scope, const side *key, side *out)
{
    int code = 0;
    __atomic_store_n(&has_begun[key->number], 1, __ATOMIC_RELEASE);
    while (code == 0 && !__atomic_load_n(&has_begun[key->number ^ 1], __ATOMIC_ACQUIRE))
        code = dew_sleep(scope, 1);
    *out = *key;
    return code;
}

static const dew_served served[] = { DEW_SERVE_QUERY(meet, .load = load_meet), DEW_SERVED_END };

static void show(int number)
{
    const side *one = need(use_meet((side){ number }));
    el(b) text(one->number);
}

/* Both are asked for before either is needed. */
static void view_view(void)
{
    (void)use_meet((side){ 0 });
    show(1);
    show(0);
}

/* What is declared: of the layout, and of the page. */
static void args_of_layout(side *args)
{
    args->number = 2;
}
static void args_of_page(side *args)
{
    args->number = 3;
}
static void frame_view(void)
{
    show(2);
    dew_outlet();
}
static void declared_view(void)
{
    show(3);
}

/* What hooks ask for. */
static void warm_frame(void)
{
    prefetch_meet((side){ 4 });
}
static void warm_page(void)
{
    prefetch_meet((side){ 5 });
}
static void warm_view(void)
{
    show(4);
    show(5);
}

static const dew_layout frame = { .view = frame_view, .loads = DEW_LOADS(DEW_LOAD_WITH(meet, args_of_layout)) },
                        warm = { .on_prefetch = warm_frame };
static const dew_page in_view = { .path = "/view", .view = view_view },
                      declared = { .path = "/declared", .view = declared_view, .layout = &frame, .ssr.prefetch_loaders = DEW_ON,
                                   .loads = DEW_LOADS(DEW_LOAD_WITH(meet, args_of_page)) },
                      in_hooks = { .path = "/hooks", .view = warm_view, .layout = &warm, .on_prefetch = warm_page };
static const dew_site site = { .name = "Sides", .pages = DEW_PAGES(&in_view, &declared, &in_hooks) };

static int start(void **state)
{
    memset(has_begun, 0, sizeof has_begun);
    dew_error error = { 0 };
    dew_app *app = NULL;
    if (dew_app_start(&(const dew_app_config){ .site = &site, .served = DEW_SERVED(served), .workers = 1 }, &app,
                      &error) != 0)
        fail_msg("%s", error.message);
    *state = app;
    return 0;
}

static int stop(void **state)
{
    dew_app_stop(*state);
    return 0;
}

static void expect(dew_app *app, const char *target, const char *part)
{
    web_answer answer = web_get(dew_app_port(app), target, NULL);
    if (answer.status != 200 || strstr(answer.body, part) == NULL)
        fail_msg("%s: wanted 200 with %s, got %d: %s", target, part, answer.status, answer.body);
    web_answer_free(&answer);
}

static void those_of_a_view(void **state)
{
    expect(*state, "/view", "<b>1</b><b>0</b>");
}

static void those_that_layouts_and_the_page_declare(void **state)
{
    expect(*state, "/declared", "<b>2</b><b>3</b>");
}

static void those_that_hooks_ask_for(void **state)
{
    expect(*state, "/hooks", "<b>4</b><b>5</b>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(those_of_a_view, start, stop),
        cmocka_unit_test_setup_teardown(those_that_layouts_and_the_page_declare, start, stop),
        cmocka_unit_test_setup_teardown(those_that_hooks_ask_for, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
