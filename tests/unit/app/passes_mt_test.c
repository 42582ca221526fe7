/* passes_mt_test.c - how many passes pages need, through real sockets: the header Dew-Passes, the metrics, the log; hooks that the
 * server alone has. */
#include "support/web_client.h"

#include <dew/dew.h>
#include <dew/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEY_FIELDS(F) F(i64, id)
DEW_STRUCT(idea_key, KEY_FIELDS)
#define IDEA(F) F(i64, id) F(str, title) F(i64, author_id)
DEW_STRUCT(idea, IDEA)
#define PERSON(F) F(str, name)
DEW_STRUCT(person, PERSON)
#define ME(F) F(str, name) F(bool, is_admin)
DEW_STRUCT(me, ME)

DEW_QUERY(session, dew_none, me)
DEW_QUERY(one_idea, idea_key, idea)
DEW_QUERY(author, idea_key, person)
DEW_QUERY(failing, dew_none, me)
DEW_QUERY(endless, idea_key, idea)
DEW_QUERY(leading, idea_key, idea)
DEW_ROUTE(idea, "/idea/:id", idea_key)
DEW_STORE(crumb, str)
DEW_STORE(level_two, str)
DEW_STORE(level_three, str)
DEW_STORE(level_four, str)
DEW_STORE(restless, i32)

static long loads; /* atomic access only: of all queries; failing ones included */

static int load_session(dew_scope *scope, const dew_none *none, me *out)
{
    (void)none;
    __atomic_add_fetch(&loads, 1, __ATOMIC_RELAXED);
    *out = (me){ dew_scope_cookie(scope, "user"), true };
    return 0;
}

static int load_idea(dew_scope *scope, const idea_key *key, idea *out)
{
    (void)scope;
    __atomic_add_fetch(&loads, 1, __ATOMIC_RELAXED);
    *out = (idea){ key->id, S("An idea"), key->id + 1 };
    return 0;
}

static int load_author(dew_scope *scope, const idea_key *key, person *out)
{
    __atomic_add_fetch(&loads, 1, __ATOMIC_RELAXED);
    out->name = dew_scope_fmt(scope, "Author %lld", (long long)key->id);
    return 0;
}

static int load_failing(dew_scope *scope, const dew_none *none, me *out)
{
    (void)none, (void)out;
    __atomic_add_fetch(&loads, 1, __ATOMIC_RELAXED);
    return dew_fail(scope, DEW_E_CONFLICT, "not now");
}

static int load_leading(dew_scope *scope, const idea_key *key, idea *out)
{
    (void)key, (void)out;
    return dew_redirect(scope, 303, "/");
}

static const dew_served queries[] = {
    DEW_SERVE_QUERY(session, .load = load_session, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(one_idea, .load = load_idea, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(author, .load = load_author, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(failing, .load = load_failing, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(endless, .load = load_idea, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(leading, .load = load_leading),
    DEW_SERVED_END,
};

/* ---- pages ---- */

static void plain_view(void)
{
    el(p) text("plain");
}

static void frame_view(void)
{
    const me *who = need(use_session());
    el(header) text(who->name);
    dew_outlet();
}

static void idea_view(void)
{
    const idea *it = need(use_one_idea(idea_params()));
    el(h1) text(it->title);
}

static void author_card(int64_t id)
{
    const person *who = use_with(author, { id }, .enabled = id != 0);
    if (who != NULL)
        el(i) text(who->name);
}

static void deep_view(void)
{
    const idea *it = use_one_idea((idea_key){ 5 });
    el(main) el(section) author_card(it != NULL ? it->author_id : 0);
}

static void store_view(void)
{
    el(nav) text(*crumb_get());
    crumb_set(S("here"));
}

static void chain_view(void)
{
    el(b) text(*level_four_get());
    crumb_set(S("x"));
    level_two_set(*crumb_get());
    level_three_set(*level_two_get());
    level_four_set(*level_three_get());
}

static void restless_view(void)
{
    el(b) text(*restless_get());
    restless_set(*restless_get() + 1);
}

static int asked; /* of one worker */
static void endless_view(void)
{
    use_endless((idea_key){ asked++ });
    el(p) text("shown");
}

static void failing_view(void)
{
    need(use_failing());
}

static void leading_view(void)
{
    const idea *it = need(use_one_idea((idea_key){ 5 }));
    need(use_leading((idea_key){ it->id }));
}

static void disabled_view(void)
{
    use_with(failing, {}, .enabled = false);
    el(p) text("on");
}

static void warm(void)
{
    const me *who = need(fetch_session());
    if (who->is_admin)
        prefetch_one_idea(idea_params());
}

static void warm_session(void)
{
    prefetch_session();
}

static void warm_idea(void)
{
    prefetch_one_idea(idea_params());
}

static void seed_session(void)
{
    session_set(&(me){ S("seeded"), false });
}

static const dew_layout frame = { .view = frame_view, .loads = DEW_LOADS(DEW_LOAD(session)) };
static const dew_load *const idea_loads = DEW_LOADS(DEW_LOAD(one_idea));
static dew_page idea_page; /* each test says more */
static const dew_page plain = { .path = "/", .view = plain_view }, deep = { .path = "/deep", .view = deep_view },
                      store = { .path = "/store", .view = store_view }, chain = { .path = "/chain", .view = chain_view },
                      never = { .path = "/restless", .view = restless_view }, endless_page = { .path = "/endless", .view = endless_view },
                      fails = { .path = "/fails", .view = failing_view }, disabled = { .path = "/disabled", .view = disabled_view },
                      leads = { .path = "/leads", .view = leading_view };
static const dew_page *const pages[] = { &plain, &deep, &store, &chain, &never, &endless_page, &fails, &disabled, &leads, &idea_page, NULL };
static const dew_site site = { .name = "Passes", .pages = pages };

static const dew_served with_hooks[] = { DEW_SERVE_PAGE(idea_page, .on_prefetch = warm_idea),
                                         DEW_SERVE_LAYOUT(frame, .on_prefetch = warm_session), DEW_SERVED_END };

/* What a guard hears. */
static int passed; /* atomic access only: of the page that was asked for last */

static int note_passes(dew_scope *scope, dew_next *next)
{
    (void)scope;
    dew_passed page;
    int code = dew_next_run(next, &page);
    __atomic_store_n(&passed, page.passes, __ATOMIC_RELAXED);
    return code;
}

static const dew_served guarded[] = { DEW_SERVE_PAGE(chain, .use = DEW_USE(note_passes)),
                                      DEW_SERVE_PAGE(leads, .use = DEW_USE(note_passes)), DEW_SERVED_END };

/* ---- the application ---- */

typedef struct fixture {
    dew_app *app;
    long errors; /* atomic access only: lines in the log */
    char line[512];
    const dew_served *served[3];
} fixture;

static void take_line(void *context, dew_log_level level, const char *message)
{
    fixture *f = context;
    if (level != DEW_LOG_ERROR)
        return;
    __atomic_add_fetch(&f->errors, 1, __ATOMIC_RELAXED);
    snprintf(f->line, sizeof f->line, "%s", message);
}

static int set_up(void **state)
{
    idea_page = (dew_page){ .route = &idea_route, .view = idea_view, .layout = &frame, .loads = idea_loads };
    asked = 0;
    *state = calloc(1, sizeof(fixture));
    return *state != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    dew_app_stop(f->app);
    free(f);
    return 0;
}

/* served: beside the queries; or NULL. hook: the application's. */
static void start(fixture *f, bool development, const dew_served *served, dew_view_fn *hook)
{
    f->served[0] = queries;
    f->served[1] = served;
    const dew_app_config config = { .site = &site,
                                    .served = f->served,
                                    .on_prefetch = hook,
                                    .development = development,
                                    .log = take_line,
                                    .log_context = f };
    dew_error error = { 0 };
    if (dew_app_start(&config, &f->app, &error) != 0)
        fail_msg("%s", error.message);
}

/* GETs the page: so many passes and loads, and this in it. */
static void expect(fixture *f, const char *target, const char *headers, int passes, long wanted_loads, const char *part)
{
    __atomic_store_n(&loads, 0, __ATOMIC_RELAXED);
    web_answer answer = web_get(dew_app_port(f->app), target, headers);
    const char *header = web_header(&answer, "dew-passes");
    if (header == NULL || atoi(header) != passes || strstr(answer.body, part) == NULL ||
        __atomic_load_n(&loads, __ATOMIC_RELAXED) != wanted_loads)
        fail_msg("%s: wanted %d passes, %ld loads, %s; got %s, %ld: %s", target, passes, wanted_loads, part,
                 header != NULL ? header : "no header", __atomic_load_n(&loads, __ATOMIC_RELAXED), answer.body);
    web_answer_free(&answer);
}

static void pages_need_so_many_passes(void **state)
{
    fixture *f = *state;
    start(f, true, NULL, NULL);
    expect(f, "/", NULL, 1, 0, "<p>plain</p>");
    expect(f, "/idea/7", "Cookie: user=ann\r\n", 3, 2, "<header>ann</header><h1>An idea</h1>");
    expect(f, "/deep", NULL, 3, 2, "<i>Author 6</i>");
    expect(f, "/store", NULL, 2, 0, "<nav>here</nav>");
    expect(f, "/chain", NULL, 5, 0, "<b>x</b>");
    expect(f, "/disabled", NULL, 1, 0, "<p>on</p>");
    expect(f, "/fails", NULL, 2, 1, "not now"); /* tried once */
    assert_int_equal(__atomic_load_n(&f->errors, __ATOMIC_RELAXED), 0);
}

static void the_state_alone_needs_as_many(void **state)
{
    fixture *f = *state;
    start(f, true, NULL, NULL);
    expect(f, "/idea/7", "Accept: application/vnd.dew.state+json\r\n", 3, 2, "\"fn\":\"one_idea\"");
}

static void loads_before_the_first_pass(void **state)
{
    fixture *f = *state;
    idea_page.ssr.prefetch_loaders = DEW_ON;
    start(f, true, NULL, NULL);
    expect(f, "/idea/7", "Cookie: user=ann\r\n", 1, 2, "<header>ann</header><h1>An idea</h1>");
}

static void a_hook_of_both_sides(void **state)
{
    fixture *f = *state;
    idea_page.on_prefetch = warm;
    start(f, true, NULL, NULL);
    expect(f, "/idea/7", NULL, 1, 2, "<h1>An idea</h1>");
}

static void hooks_of_the_server_alone(void **state)
{
    fixture *f = *state;
    start(f, true, with_hooks, NULL);
    expect(f, "/idea/7", NULL, 1, 2, "<h1>An idea</h1>");
    expect(f, "/", NULL, 1, 0, "plain");
}

static void the_applications_hook_stands_before_every_page(void **state)
{
    fixture *f = *state;
    start(f, true, NULL, seed_session);
    expect(f, "/idea/7", NULL, 2, 1, "<header>seeded</header><h1>An idea</h1>");
    expect(f, "/", "Accept: application/vnd.dew.state+json\r\n", 1, 0,
           "\"value\":{\"name\":\"seeded\",\"is_admin\":false}"); /* goes with the page */
}

static void pages_that_never_settle_are_shown_with_one_line_in_the_log(void **state)
{
    fixture *f = *state;
    start(f, true, NULL, NULL);
    expect(f, "/restless", NULL, 25, 0, "<b>24</b>");
    assert_int_equal(__atomic_load_n(&f->errors, __ATOMIC_ACQUIRE), 1);
    assert_non_null(strstr(f->line, "/restless: the page did not settle in 25 passes"));
    assert_non_null(strstr(f->line, "restless"));
    web_answer answer = web_get(dew_app_port(f->app), "/endless", NULL);
    assert_int_equal(answer.status, 200);
    assert_string_equal(web_header(&answer, "dew-passes"), "25");
    assert_int_equal(__atomic_load_n(&f->errors, __ATOMIC_ACQUIRE), 2);
    assert_non_null(strstr(f->line, "asked for endless {\"id\":\"24\"}"));
    web_answer_free(&answer);
}

static void a_guard_hears_of_them(void **state)
{
    fixture *f = *state;
    start(f, false, guarded, NULL);
    web_answer answer = web_get(dew_app_port(f->app), "/chain", NULL);
    assert_int_equal(answer.status, 200);
    assert_int_equal(__atomic_load_n(&passed, __ATOMIC_RELAXED), 5);
    web_answer_free(&answer);
    answer = web_get(dew_app_port(f->app), "/leads", NULL);
    assert_int_equal(answer.status, 303);
    assert_int_equal(__atomic_load_n(&passed, __ATOMIC_RELAXED), 3);
    web_answer_free(&answer);
}

static void only_development_says_so(void **state)
{
    fixture *f = *state;
    start(f, false, NULL, NULL);
    web_answer answer = web_get(dew_app_port(f->app), "/store", NULL);
    assert_int_equal(answer.status, 200);
    assert_null(web_header(&answer, "dew-passes"));
    web_answer_free(&answer);
}

static void metrics_count_them(void **state)
{
    fixture *f = *state;
    start(f, false, NULL, NULL);
    static const char *const targets[] = { "/", "/", "/store", "/chain", "/idea/3", "/restless" }; /* 1 1 2 5 3 25 */
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        web_answer page = web_get(dew_app_port(f->app), targets[i], NULL);
        web_answer_free(&page);
    }
    web_answer answer = web_get(dew_app_port(f->app), "/_dew/metrics", NULL);
    const char *const wanted = "# TYPE dew_page_passes histogram\n"
                               "dew_page_passes_bucket{le=\"1\"} 2\n"
                               "dew_page_passes_bucket{le=\"2\"} 3\n"
                               "dew_page_passes_bucket{le=\"3\"} 4\n"
                               "dew_page_passes_bucket{le=\"5\"} 5\n"
                               "dew_page_passes_bucket{le=\"10\"} 5\n"
                               "dew_page_passes_bucket{le=\"25\"} 6\n"
                               "dew_page_passes_bucket{le=\"+Inf\"} 6\n"
                               "dew_page_passes_sum 37\n"
                               "dew_page_passes_count 6\n";
    if (strstr(answer.body, wanted) == NULL)
        fail_msg("%s", answer.body);
    web_answer_free(&answer);
}

static void a_load_that_the_address_does_not_give_is_refused_at_start(void **state)
{
    fixture *f = *state;
    idea_page.route = NULL, idea_page.path = "/idea/:slug";
    const dew_app_config config = { .site = &site, .served = DEW_SERVED(queries), .log = take_line, .log_context = f };
    dew_error error = { 0 };
    assert_int_equal(dew_app_start(&config, &f->app, &error), DEW_E_INVALID);
    assert_non_null(
        strstr(error.message, "page \"/idea/:slug\": .loads has one_idea, whose argument id is no parameter"));
    f->app = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_need_so_many_passes),
        TEST(the_state_alone_needs_as_many),
        TEST(loads_before_the_first_pass),
        TEST(a_hook_of_both_sides),
        TEST(hooks_of_the_server_alone),
        TEST(the_applications_hook_stands_before_every_page),
        TEST(pages_that_never_settle_are_shown_with_one_line_in_the_log),
        TEST(a_guard_hears_of_them),
        TEST(only_development_says_so),
        TEST(metrics_count_them),
        TEST(a_load_that_the_address_does_not_give_is_refused_at_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
