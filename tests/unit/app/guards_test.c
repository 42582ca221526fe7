/* guards_test.c - chains of guards: which guards stand where, and a request on its way through them.
 *
 * wraps: malloc calloc realloc */
#include "app/app_internal.h"
#include "support/failing_allocations.h"

#include <dew/dew.h>
#include <dew/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static long allocations = -1; /* that still succeed; -1: all */

static bool fails(void)
{
    if (allocations > 0)
        allocations--;
    return allocations == 0;
}

#define BOARD_KEY(F) F(str, board_id)
DEW_STRUCT(board_key, BOARD_KEY)
#define MOVE(F) F(i64, task_id)
DEW_STRUCT(move, MOVE)
DEW_ROUTE(board, "/board/:board_id", board_key)
DEW_QUERY(board_tasks, board_key, move)
DEW_MUTATION(move_task, move, dew_none)
DEW_ACTION(sweep, dew_none, dew_none)
DEW_QUERY(news, dew_none, move)
DEW_QUERY(prices, dew_none, move)
DEW_CHANNEL(task_moved, "board/:board_id", board_key, move)
DEW_SIGNAL(ticked, "ticked")

static void view(void)
{
}

static int load_tasks(dew_scope *scope, const board_key *key, move *out) { return (void)scope, (void)key, (void)out, 0; }
static int run_move(dew_tx *tx, const move *m, dew_none *out) { return (void)tx, (void)m, (void)out, 0; }
static int run_sweep(dew_scope *scope, const dew_none *none, dew_none *out) { return (void)scope, (void)none, (void)out, 0; }
static int load_move(dew_scope *scope, const dew_none *none, move *out) { return (void)scope, (void)none, (void)out, 0; }

static const dew_layout outer = { .view = view }, inner = { .view = view, .parent = &outer },
                        unused = { .view = view };
static const dew_page board = { .route = &board_route, .view = view, .layout = &inner },
                      home = { .path = "/", .view = view }, stray = { .path = "/stray", .view = view };
static const dew_site site = { .name = "Guarded", .pages = DEW_PAGES(&board, &home) };

/* ---- guards that say what they do ---- */

static char said[256];
static int logged;
static dew_app app;
static dew_arena arena;
static dew_scope scope;
static dew_passed seen;

static void say(const char *word)
{
    strcat(said, word);
}

static int pass(dew_scope *s, dew_next *next) { return (void)s, say("p"), dew_next_run(next, NULL); }
static int other(dew_scope *s, dew_next *next) { return (void)s, say("o"), dew_next_run(next, NULL); }
static int third(dew_scope *s, dew_next *next) { return (void)s, say("t"), dew_next_run(next, NULL); }
static int fourth(dew_scope *s, dew_next *next) { return (void)s, say("4"), dew_next_run(next, NULL); }

static int around(dew_scope *s, dew_next *next)
{
    (void)s;
    say("(");
    int code = dew_next_run(next, &seen);
    say(")");
    return code;
}

static int refuse(dew_scope *s, dew_next *next)
{
    (void)next;
    say("r");
    return dew_fail(s, DEW_E_UNAUTHENTICATED, "who are you?");
}

static int forget(dew_scope *s, dew_next *next) { return (void)s, (void)next, say("f"), 0; }
static int odd(dew_scope *s, dew_next *next) { return (void)s, dew_next_run(next, NULL) + 1; }
static int twice(dew_scope *s, dew_next *next) { return (void)s, (void)!dew_next_run(next, NULL), dew_next_run(next, NULL); }
static int mend(dew_scope *s, dew_next *next) { return (void)s, (void)!dew_next_run(next, &seen), 0; }

static int after(dew_scope *s, dew_next *next)
{
    int code = dew_next_run(next, NULL);
    return code != 0 ? code : dew_fail(s, DEW_E_RATE, "too often");
}

static int careless(dew_scope *s, dew_next *next)
{
    dew_fail(s, DEW_E_IO, "something broke");
    return dew_next_run(next, NULL);
}

static int of_b1(dew_scope *s, dew_next *next)
{
    const board_key *key = dew_next_args(next, board_key);
    if (key == NULL || !dew_str_eq(key->board_id, S("b1")))
        return dew_fail(s, DEW_E_DENIED, "not yours");
    return dew_next_run(next, NULL);
}

static void log_line(void *context, dew_log_level level, const char *message)
{
    (void)level;
    logged++;
    if (context != NULL)
        assert_non_null(strstr(message, context));
}

static int set_up(void **state)
{
    (void)state;
    said[0] = '\0';
    logged = 0;
    allocations = -1;
    seen = (dew_passed){ 0 };
    app = (dew_app){ .config = { .log = log_line } };
    dew_arena_init(&arena, 1 << 20);
    dew_scope_init(&scope, &arena);
    scope.app = &app;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dew_scope_dispose(&scope);
    dew_arena_dispose(&arena);
    return 0;
}

/* ---- on the way ---- */

static int reached;
static app_guard_set settled;

static int guarded(void *context, dew_scope *s, app_guard_set set, dew_passed *passed)
{
    (void)s;
    say("!");
    reached++;
    settled = set;
    passed->passes = 2;
    return *(int *)context;
}

/* Runs this chain around something that comes to `code`. */
static int through_with(dew_guard_list use, int code, const app_guarded *what, app_guards_outcome *outcome)
{
    static char room[sizeof(app_guards) + DEW_GUARDS_MAX * sizeof(struct app_guard)] __attribute__((aligned(16)));
    app_guards *guards = (app_guards *)(void *)room;
    for (guards->count = 0; use.guards[guards->count] != NULL; guards->count++)
        guards->items[guards->count] = (struct app_guard){ use.guards[guards->count], use.names, guards->count };
    reached = 0;
    return app_guards_run(guards, 0, &scope, what, guarded, &code, outcome);
}

static int through(dew_guard_list use, int code)
{
    static const app_guarded what = { .fn = &sweep_fn };
    return through_with(use, code, &what, NULL);
}
#define USE(...) ((dew_guard_list)DEW_USE(__VA_ARGS__))

static void guards_stand_around_what_they_guard(void **state)
{
    (void)state;
    assert_int_equal(through(USE(pass, around, other), 0), 0);
    assert_string_equal(said, "p(o!)");
    assert_int_equal(seen.code, 0);
    assert_int_equal(seen.status, 200);
    assert_int_equal(seen.passes, 2);
    assert_true(seen.duration_us >= 0);
    assert_int_equal(logged, 0);
}

static void what_comes_after_next_sees_a_failure(void **state)
{
    (void)state;
    assert_int_equal(through(USE(around, pass), DEW_E_NOT_FOUND), DEW_E_NOT_FOUND);
    assert_string_equal(said, "(p!)");
    assert_int_equal(seen.code, DEW_E_NOT_FOUND);
    assert_int_equal(seen.status, 404);
}

static void a_guard_that_refuses_closes_the_way(void **state)
{
    (void)state;
    app_guards_outcome outcome;
    static const app_guarded what = { .fn = &sweep_fn };
    assert_int_equal(through_with(USE(around, refuse, other), 0, &what, &outcome), DEW_E_UNAUTHENTICATED);
    assert_string_equal(said, "(r)");
    assert_int_equal(reached, 0);
    assert_false(outcome.is_reached);
    assert_string_equal(dew_scope_words(&scope, DEW_E_UNAUTHENTICATED), "who are you?");
    assert_int_equal(seen.status, 401);
}

static void a_guard_that_forgets_next_closes_the_way_and_is_named(void **state)
{
    (void)state;
    app.config.log_context = (void *)"forget closes sweep";
    assert_int_equal(through(USE(pass, forget, other), 0), DEW_E_DENIED);
    assert_int_equal(reached, 0);
    assert_int_equal(logged, 1);
}

static void a_number_that_is_no_code_closes_the_way(void **state)
{
    (void)state;
    app.config.log_context = (void *)"odd closes sweep";
    assert_int_equal(through(USE(odd), 0), DEW_E_DENIED);
    assert_int_equal(logged, 1);
}

static void next_happens_once(void **state)
{
    (void)state;
    assert_int_equal(through(USE(twice), DEW_E_CONFLICT), DEW_E_CONFLICT);
    assert_int_equal(reached, 1);
}

static void a_failure_is_not_mended_by_a_guard_that_returns_0(void **state)
{
    (void)state;
    assert_int_equal(through(USE(mend, pass), DEW_E_CONFLICT), DEW_E_CONFLICT);
    assert_int_equal(seen.code, DEW_E_CONFLICT);
    assert_int_equal(through(USE(mend, refuse), 0), DEW_E_UNAUTHENTICATED);
}

static void a_guard_may_fail_after_next(void **state)
{
    (void)state;
    app_guards_outcome outcome;
    static const app_guarded what = { .fn = &sweep_fn };
    assert_int_equal(through_with(USE(after), 0, &what, &outcome), DEW_E_RATE);
    assert_true(outcome.is_reached);
    assert_int_equal(outcome.reached, 0);
}

static void what_failed_in_the_scope_closes_the_way(void **state)
{
    (void)state;
    assert_int_equal(through(USE(careless), 0), DEW_E_IO);
}

static void nothing_begins_in_a_scope_that_has_ended(void **state)
{
    (void)state;
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    assert_int_equal(through(USE(pass, other), 0), DEW_E_CANCELLED);
    assert_string_equal(said, "p");
    assert_int_equal(reached, 0);
}

static void guards_see_the_arguments_of_their_type(void **state)
{
    (void)state;
    const board_key mine = { S("b1") }, theirs = { S("b2") };
    const move m = { 7 };
    assert_int_equal(through_with(USE(of_b1), 0, &(app_guarded){ &board_tasks_fn, dew_tf_board_key, &mine }, NULL), 0);
    assert_int_equal(through_with(USE(of_b1), 0, &(app_guarded){ NULL, dew_tf_board_key, &mine }, NULL), 0);
    assert_int_equal(through_with(USE(of_b1), 0, &(app_guarded){ &board_tasks_fn, dew_tf_board_key, &theirs }, NULL),
                     DEW_E_DENIED);
    assert_int_equal(through_with(USE(of_b1), 0, &(app_guarded){ &move_task_fn, dew_tf_move, &m }, NULL), DEW_E_DENIED);
    assert_int_equal(through_with(USE(of_b1), 0, &(app_guarded){ NULL, NULL, NULL }, NULL), DEW_E_DENIED);
}

static void who_has_not_looked_at_the_arguments_is_settled(void **state)
{
    (void)state;
    const board_key mine = { S("b1") };
    assert_int_equal(through_with(USE(pass, of_b1, other), 0, &(app_guarded){ NULL, dew_tf_board_key, &mine }, NULL),
                     0);
    assert_int_equal(settled & 7, 5);
}

/* ---- which stand where ---- */

static const dew_served board_room[] = {
    DEW_SERVE_PAGE(board, .use = DEW_USE(third)),
    DEW_SERVE_QUERY(board_tasks, .load = load_tasks),
    DEW_SERVE_MUTATION(move_task, .run = run_move, .use = DEW_USE(fourth, pass)),
    DEW_SERVE_CHANNEL(ticked),
    DEW_SERVED_END
};
static const dew_served frame[] = {
    DEW_SERVE_LAYOUT(inner, .use = DEW_USE(other)), DEW_SERVE_LAYOUT(outer, .use = DEW_USE(pass)),
    DEW_SERVE_ACTION(sweep, .run = run_sweep),      DEW_SERVED_END
};
static const dew_served channel_room[] = {
    DEW_SERVE_QUERY(news, .load = load_move), DEW_SERVE_CHANNEL(task_moved, .use = DEW_USE(fourth)), DEW_SERVED_END
};
static const dew_served open_room[] = { DEW_SERVE_QUERY(prices, .load = load_move), DEW_SERVED_END };

static const dew_hash_key key = { 1, 2 };

static dew_app_config config_of(const dew_served *const *served)
{
    return (dew_app_config){ .site = &site, .served = served };
}

static void assert_chain(const app_guards *guards, dew_guard_list use)
{
    unsigned count = 0;
    while (use.guards != NULL && use.guards[count] != NULL)
        count++;
    assert_int_equal(guards != NULL ? guards->count : 0, count);
    for (unsigned i = 0; i < count; i++)
        assert_ptr_equal(guards->items[i].guard, use.guards[i]);
}
#define NO_USE ((dew_guard_list){ NULL, NULL })

typedef struct made {
    dew_registry registry;
    app_guarding guarding;
    dew_error error;
} made;

static int make(made *m, const dew_app_config *config)
{
    *m = (made){ 0 };
    int code = dew_registry_init(&m->registry, config->served, key, &m->error);
    return code == 0 ? app_guarding_init(&m->guarding, config, &m->registry, key, &m->error) : code;
}

static void unmake(made *m)
{
    app_guarding_dispose(&m->guarding);
    dew_registry_dispose(&m->registry);
}

static const app_guards *guards_of(made *m, const char *fn)
{
    return dew_registry_find(&m->registry, dew_str_of(fn))->guards;
}

static void guards_are_inherited_downwards(void **state)
{
    (void)state;
    made m;
    dew_app_config config = config_of(DEW_SERVED(board_room, frame, channel_room, open_room));
    assert_int_equal(make(&m, &config), 0);
    assert_chain(app_guards_of_page(&m.guarding, &board), USE(pass, other, third));
    assert_chain(app_guards_of_page(&m.guarding, &home), NO_USE);
    assert_chain(app_guards_of_page(&m.guarding, NULL), NO_USE);
    assert_chain(guards_of(&m, "board_tasks"), USE(pass, other, third));
    assert_chain(guards_of(&m, "move_task"), USE(pass, other, third, fourth)); /* pass stands there already */
    assert_chain(guards_of(&m, "sweep"), USE(pass, other));
    assert_chain(guards_of(&m, "news"), USE(fourth));
    assert_chain(guards_of(&m, "prices"), NO_USE);
    assert_true(m.guarding.has_pages);
    unmake(&m);
}

static void the_applications_guards_stand_before_all(void **state)
{
    (void)state;
    made m;
    dew_app_config config = config_of(DEW_SERVED(board_room, open_room));
    config.use = USE(around);
    assert_int_equal(make(&m, &config), 0);
    assert_chain(app_guards_of_page(&m.guarding, &board), USE(around, third));
    assert_chain(app_guards_of_page(&m.guarding, &home), USE(around));
    assert_chain(app_guards_of_page(&m.guarding, NULL), USE(around));
    assert_chain(guards_of(&m, "prices"), USE(around));
    unmake(&m);
}

static void without_guards_there_are_no_chains(void **state)
{
    (void)state;
    made m;
    dew_app_config config = config_of(DEW_SERVED(open_room));
    assert_int_equal(make(&m, &config), 0);
    assert_false(m.guarding.has_pages);
    assert_null(guards_of(&m, "prices"));
    unmake(&m);
}

static void a_guarded_channel_is_watched_in_its_own_array_only(void **state)
{
    (void)state;
    made m;
    dew_app_config config = config_of(DEW_SERVED(board_room, channel_room, open_room));
    assert_int_equal(make(&m, &config), 0);
    assert_true(app_guards_may_watch(&m.guarding, &news_fn, &task_moved_channel));
    assert_false(app_guards_may_watch(&m.guarding, &prices_fn, &task_moved_channel));
    assert_false(app_guards_may_watch(&m.guarding, &board_tasks_fn, &task_moved_channel));
    assert_true(app_guards_may_watch(&m.guarding, &prices_fn, &ticked_channel)); /* served, without guards */
    unmake(&m);
}

static void assert_refused(const dew_app_config *config, int code, const char *part)
{
    made m;
    assert_int_equal(make(&m, config), code);
    if (strstr(m.error.message, part) == NULL)
        fail_msg("wanted %s, got %s", part, m.error.message);
    unmake(&m);
}

static const dew_served not_listed[] = { DEW_SERVE_PAGE(stray, .use = DEW_USE(pass)), DEW_SERVED_END };
static const dew_served no_page[] = { DEW_SERVE_LAYOUT(unused, .use = DEW_USE(pass)), DEW_SERVED_END };
static const dew_served again[] = { DEW_SERVE_PAGE(board), DEW_SERVED_END };

static void mistakes_are_named(void **state)
{
    (void)state;
    dew_app_config config = config_of(DEW_SERVED(not_listed));
    assert_refused(&config, DEW_E_INVALID, "page stray is served, but the site does not list it");
    config = config_of(DEW_SERVED(no_page));
    assert_refused(&config, DEW_E_INVALID, "layout unused is served, but no page has it");
    config = config_of(DEW_SERVED(board_room, again));
    assert_refused(&config, DEW_E_INVALID, "board is served twice");
}

/* Guards that differ by their address alone. */
#define MANY(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10)
#define GUARD(n)                                                                                                      \
    static int a##n(dew_scope *s, dew_next *next) { return (void)s, (void)(n), dew_next_run(next, NULL); }             \
    static int b##n(dew_scope *s, dew_next *next) { return (void)s, (void)(n + 1), dew_next_run(next, NULL); }         \
    static int c##n(dew_scope *s, dew_next *next) { return (void)s, (void)(n + 2), dew_next_run(next, NULL); }
MANY(GUARD)
#define ABC(n) a##n, b##n, c##n,

static void a_chain_is_limited(void **state)
{
    (void)state;
    static dew_guard *const many[] = { MANY(ABC) NULL }; /* 33 */
    dew_app_config config = config_of(DEW_SERVED(open_room));
    config.use = (dew_guard_list){ "many", many + 1 };
    made m;
    assert_int_equal(make(&m, &config), 0);
    unmake(&m);
    config.use.guards = many;
    assert_refused(&config, DEW_E_LIMIT, "more than 32 guards in one chain");
}

static void memory_that_runs_out_leaves_nothing_behind(void **state)
{
    (void)state;
    made m = { 0 };
    dew_app_config config = config_of(DEW_SERVED(board_room, frame, channel_room));
    int code = DEW_E_NOMEM;
    for (long n = 1; code != 0; n++) {
        assert_int_equal(code, DEW_E_NOMEM);
        assert_in_range(n, 1, 200);
        allocations = n;
        code = make(&m, &config);
        allocations = -1;
        unmake(&m);
    }
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(guards_stand_around_what_they_guard),
        EACH(what_comes_after_next_sees_a_failure),
        EACH(a_guard_that_refuses_closes_the_way),
        EACH(a_guard_that_forgets_next_closes_the_way_and_is_named),
        EACH(a_number_that_is_no_code_closes_the_way),
        EACH(next_happens_once),
        EACH(a_failure_is_not_mended_by_a_guard_that_returns_0),
        EACH(a_guard_may_fail_after_next),
        EACH(what_failed_in_the_scope_closes_the_way),
        EACH(nothing_begins_in_a_scope_that_has_ended),
        EACH(guards_see_the_arguments_of_their_type),
        EACH(who_has_not_looked_at_the_arguments_is_settled),
        EACH(guards_are_inherited_downwards),
        EACH(the_applications_guards_stand_before_all),
        EACH(without_guards_there_are_no_chains),
        EACH(a_guarded_channel_is_watched_in_its_own_array_only),
        EACH(mistakes_are_named),
        EACH(a_chain_is_limited),
        EACH(memory_that_runs_out_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
