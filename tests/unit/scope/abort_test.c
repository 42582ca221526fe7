/* abort_test.c - the reference's table of abort sources and its edge cases, under the names that they have there, for
 * dew_with_timeout. Those of scopes alone (dispose, late listeners) are in tree_test.c, those of queries' own time-outs in
 * unit/live/loader_test.c and unit/app/timeout_mt_test.c.
 * wraps: malloc calloc realloc */
#include "io/fiber.h"
#include "io/loop.h"
#include "io/offload.h"
#include "scope/errand.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/failing_allocations.h"

static int fail_in = -1; /* how many allocations go well before one fails; -1: all do */
static int allocation_count;
static bool fails(void)
{
    allocation_count++;
    return fail_in >= 0 && fail_in-- == 0;
}

DEW_DEP(limit, int)

static dew_loop *loop;
static dew_arena arena;
static dew_scope scope;
static dew_orphans orphans;
static int dropped; /* by what a scope held */

/* What one call of dew_with_timeout did. In the scope's arena, as its contract wants it. */
typedef struct act {
    int64_t ms;
    int (*fn)(dew_scope *child, void *context);
    int code;            /* what the caller got; 1: nothing yet */
    int fn_code;         /* what fn waited for, or saw; 1: nothing yet */
    char order[8];       /* who was told, one letter each: s the signal, c the caller */
    dew_fiber *fiber;    /* of an fn that ignores its signal */
    bool may_return;
    int called, returned;
    dew_str made;
    dew_end end;
} act;

static act *a;

static int setup(void **state)
{
    (void)state;
    fail_in = -1;
    dropped = 0;
    orphans = (dew_orphans){ 0, 0 };
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    dew_loop_clock_hold(loop);
    dew_arena_init(&arena, 1 << 20);
    dew_scope_init(&scope, &arena);
    scope.loop = loop;
    scope.orphans = &orphans;
    a = dew_arena_calloc(&arena, 1, sizeof *a);
    *a = (act){ .ms = 250, .code = 1, .fn_code = 1 };
    return 0;
}

/* The caller's memory is gone, as after an answer. */
static void forget(void)
{
    dew_scope_dispose(&scope);
    dew_arena_dispose(&arena);
}

static int teardown(void **state)
{
    (void)state;
    forget();
    assert_int_equal(orphans.now, 0);
    assert_int_equal(dew_fiber_count(loop), 0);
    dew_loop_destroy(loop);
    return 0;
}

static void caller(void *arg)
{
    act *mine = arg;
    int code = dew_with_timeout(&scope, "users.profile", mine->ms, mine->fn, mine);
    mine->code = code;
    if (strlen(mine->order) < sizeof mine->order - 1)
        strcat(mine->order, "c");
}

static void call(int (*fn)(dew_scope *child, void *context))
{
    a->fn = fn;
    assert_int_equal(dew_fiber_spawn(loop, "a handler", caller, a), 0);
}

static void turn(void)
{
    dew_loop_turn(loop, false);
}

static void told(void *context, const dew_cause *cause)
{
    act *mine = context;
    strcat(mine->order, "s");
    mine->end = cause->end;
}

static int obeys(dew_scope *child, void *context)
{
    act *mine = context;
    mine->called++;
    (void)dew_on_end(child, told, mine);
    mine->fn_code = dew_sleep(child, 3600000);
    mine->returned++;
    return mine->fn_code;
}

/* Waits for what does not know of scopes. */
static int ignores(dew_scope *child, void *context)
{
    act *mine = context;
    mine->called++;
    (void)dew_on_end(child, told, mine);
    mine->fiber = dew_fiber_current();
    while (!mine->may_return)
        dew_fiber_suspend();
    mine->fn_code = dew_sleep(child, 1000);
    mine->made = dew_scope_fmt(child, "made %s", "too late");
    mine->returned++;
    return 0;
}

static void let_return(act *mine)
{
    mine->may_return = true;
    dew_fiber_resume(mine->fiber);
    turn();
}

static int at_once(dew_scope *child, void *context)
{
    act *mine = context;
    mine->called++;
    mine->made = dew_scope_fmt(child, "profile of %s", "ann");
    return mine->fn_code = 0;
}

static int a_little_later(dew_scope *child, void *context)
{
    act *mine = context;
    mine->called++;
    mine->fn_code = dew_sleep(child, 100);
    mine->made = dew_scope_fmt(child, "profile of %s", "ann");
    return mine->fn_code;
}

/* ---- the table of sources ---- */

static void request_scoped_signal_aborts_on_client_disconnect(void **state)
{
    (void)state;
    call(obeys);
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    turn();
    assert_int_equal(a->end, DEW_END_CLIENT_GONE);
    assert_int_equal(a->fn_code, DEW_E_CANCELLED);
    assert_int_equal(a->code, DEW_E_CANCELLED);
}

static void request_scoped_signal_aborts_on_explicit_cancel(void **state)
{
    (void)state;
    call(obeys);
    dew_scope_cancel(&scope, DEW_E_CONFLICT, "the lease is lost");
    turn();
    assert_int_equal(a->end, DEW_END_PROGRAM);
    assert_int_equal(a->fn_code, DEW_E_CONFLICT);
    assert_int_equal(a->code, DEW_E_CONFLICT);
}

static void per_navigation_signal_aborts_when_a_newer_one_supersedes_it(void **state)
{
    (void)state;
    call(obeys);
    dew_scope_end(&scope, DEW_END_SUPERSEDED);
    turn();
    assert_int_equal(a->end, DEW_END_SUPERSEDED);
    assert_int_equal(a->fn_code, DEW_E_CANCELLED);
    assert_int_equal(a->code, DEW_E_CANCELLED);
}

static void per_loader_deadline_aborts_when_it_elapses(void **state)
{
    (void)state;
    call(obeys);
    dew_loop_clock_advance(loop, 249);
    assert_int_equal(a->code, 1);
    dew_loop_clock_advance(loop, 2);
    assert_int_equal(a->end, DEW_END_DEADLINE);
    assert_int_equal(a->fn_code, DEW_E_TIMEOUT);
    assert_int_equal(a->code, DEW_E_LOADER_TIMEOUT);
    assert_int_equal(scope.ended, 0); /* the upstream goes on */
}

static void per_loader_deadline_aborts_when_its_upstream_does(void **state)
{
    (void)state;
    dew_scope_limit(&scope, 100); /* of the request: first */
    call(obeys);
    dew_loop_clock_advance(loop, 102);
    assert_int_equal(a->code, DEW_E_TIMEOUT); /* the upstream's code, not the loader's */
    assert_int_equal(a->fn_code, DEW_E_TIMEOUT);
    assert_int_equal(orphans.total, 0); /* it obeyed */
}

/* ---- edge cases ---- */

static void pre_abort_short_circuits_without_loader_and_timer(void **state)
{
    (void)state;
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    allocation_count = 0;
    call(at_once);
    assert_int_equal(a->code, DEW_E_CANCELLED); /* in the same turn */
    assert_int_equal(a->called, 0);
    assert_int_equal(allocation_count, 0); /* nothing was made: no scope, no timer (it would stand in it) */
    assert_int_equal(scope.child_count, 0);
}

static void a_passed_deadline_short_circuits_too(void **state)
{
    (void)state;
    scope.deadline_ns = 1;
    call(at_once);
    assert_int_equal(a->code, DEW_E_TIMEOUT);
    assert_int_equal(a->called, 0);
}

static void the_deadline_aborts_the_signal_first_then_says_loader_timeout(void **state)
{
    (void)state;
    call(obeys);
    dew_loop_clock_advance(loop, 251);
    assert_string_equal(a->order, "sc");
    assert_int_equal(a->code, DEW_E_LOADER_TIMEOUT);
    assert_int_equal(dew_error_status(a->code), 504);
    assert_string_equal(dew_scope_words(&scope, a->code), "users.profile took longer than 250 ms");
}

static void upstreams_cause_comes_at_once_also_when_the_loader_ignores_its_signal(void **state)
{
    (void)state;
    static const struct {
        dew_end end;
        int code;
    } causes[] = { { DEW_END_CLIENT_GONE, DEW_E_CANCELLED },
                   { DEW_END_SUPERSEDED, DEW_E_CANCELLED },
                   { DEW_END_DRAINING, DEW_E_CANCELLED },
                   { DEW_END_DEADLINE, DEW_E_TIMEOUT } };
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (i != 0) {
            forget();
            dew_arena_init(&arena, 1 << 20);
            dew_scope_init(&scope, &arena);
            scope.loop = loop;
            scope.orphans = &orphans;
            a = dew_arena_calloc(&arena, 1, sizeof *a);
            *a = (act){ .ms = 250, .code = 1, .fn_code = 1 };
        }
        call(ignores);
        dew_scope_end(&scope, causes[i].end);
        turn(); /* this turn and no other: no time passes */
        assert_int_equal(a->code, causes[i].code);
        assert_int_equal(a->returned, 0);
        assert_int_equal(orphans.now, 1);
        assert_string_equal(a->order, "sc");
        let_return(a);
        assert_int_equal(orphans.now, 0);
        assert_int_equal(orphans.total, i + 1);
    }
}

static void upstreams_default_cause_is_cancelled(void **state)
{
    (void)state;
    call(ignores);
    dew_scope_cancel(&scope, 0, NULL);
    turn();
    assert_int_equal(a->code, DEW_E_CANCELLED);
    let_return(a);
}

static void a_loader_that_ignores_its_signal_is_left_and_its_late_outcome_dropped(void **state)
{
    (void)state;
    call(ignores);
    dew_loop_clock_advance(loop, 251);
    assert_int_equal(a->code, DEW_E_LOADER_TIMEOUT);
    assert_int_equal(orphans.now, 1);
    assert_int_equal(scope.child_count, 0); /* the caller may close */
    let_return(a);
    assert_int_equal(a->returned, 1);
    assert_int_equal(a->code, DEW_E_LOADER_TIMEOUT);
    assert_string_equal(a->order, "sc"); /* nobody was told a second time */
    assert_int_equal(orphans.now, 0);
    assert_int_equal(orphans.total, 1);
}

static void a_loader_that_comes_back_late_but_obeys_is_no_orphan(void **state)
{
    (void)state;
    call(obeys);
    dew_loop_clock_advance(loop, 251);
    assert_int_equal(a->returned, 1);
    assert_int_equal(orphans.total, 0);
}

static int catches(dew_scope *child, void *context)
{
    act *mine = context;
    mine->fn_code = dew_sleep(child, 3600000);
    return 0; /* as if nothing were */
}

static void a_success_after_the_deadline_is_dropped(void **state)
{
    (void)state;
    call(catches);
    dew_loop_clock_advance(loop, 251);
    assert_int_equal(a->fn_code, DEW_E_TIMEOUT);
    assert_int_equal(a->code, DEW_E_LOADER_TIMEOUT);
}

static void resolving_normally_clears_the_timer_and_keeps_what_was_made(void **state)
{
    (void)state;
    call(a_little_later);
    dew_loop_clock_advance(loop, 101);
    assert_int_equal(a->code, 0);
    assert_true(dew_str_eq(a->made, DEW_S("profile of ann"))); /* in the parent's arena now */
    dew_loop_clock_advance(loop, 10000);
    assert_int_equal(a->code, 0);
    assert_int_equal(scope.ended, 0);
    assert_int_equal(scope.child_count, 0);
    assert_int_equal(orphans.total, 0);
}

static int fails_with_words(dew_scope *child, void *context)
{
    (void)context;
    return dew_fail(child, DEW_E_NOT_FOUND, "no user 7");
}

static void a_loaders_own_code_and_words_are_passed_on(void **state)
{
    (void)state;
    call(fails_with_words);
    assert_int_equal(a->code, DEW_E_NOT_FOUND);
    assert_string_equal(dew_scope_words(&scope, DEW_E_NOT_FOUND), "no user 7");
    assert_int_equal(scope.error.code, 0); /* it is for the handler to fail */
}

static void ms_0_is_the_next_turn(void **state)
{
    (void)state;
    a->ms = 0;
    call(ignores);
    assert_int_equal(a->code, 1);
    assert_int_equal(a->called, 1);
    turn(); /* no time passes */
    assert_int_equal(a->code, DEW_E_LOADER_TIMEOUT);
    let_return(a);
}

static void ms_0_does_not_drop_what_does_not_wait(void **state)
{
    (void)state;
    a->ms = 0;
    call(at_once);
    turn();
    assert_int_equal(a->code, 0);
    assert_true(dew_str_eq(a->made, DEW_S("profile of ann")));
}

static void negative_is_refused(void **state)
{
    (void)state;
    a->ms = -1;
    call(at_once);
    assert_int_equal(a->code, DEW_E_INVALID);
    assert_int_equal(a->called, 0);
    assert_non_null(strstr(dew_scope_error(&scope)->message, "users.profile"));
}

static void it_needs_a_fiber(void **state)
{
    (void)state;
    assert_int_equal(dew_with_timeout(&scope, "users.profile", 250, at_once, a), DEW_E_UNSUPPORTED);
    assert_int_equal(a->called, 0);
}

static void without_a_free_fiber_nothing_starts_and_nothing_leaks(void **state)
{
    (void)state;
    dew_loop *big = loop;
    assert_int_equal(dew_loop_create(&(dew_loop_options){ .fiber_max = 1 }, &loop), 0);
    scope.loop = loop;
    call(at_once);
    assert_int_equal(a->code, DEW_E_BUSY);
    assert_int_equal(a->called, 0);
    assert_int_equal(scope.child_count, 0);
    dew_loop_destroy(loop);
    loop = big;
}

static void set_up_that_fails_half_way_leaks_nothing(void **state)
{
    (void)state;
    call(at_once); /* stacks and keeps that later calls reuse */
    turn();
    limit_set(&scope, 7); /* to be copied */
    forget();
    int n = 0;
    for (int code = 1; code != 0; n++) {
        dew_arena_init(&arena, 1 << 20);
        dew_scope_init(&scope, &arena);
        scope.loop = loop;
        scope.orphans = &orphans;
        limit_set(&scope, 7);
        a = dew_arena_calloc(&arena, 1, sizeof *a);
        *a = (act){ .ms = 250, .code = 1, .fn_code = 1 };
        fail_in = n;
        call(a_little_later);
        bool was_reached = fail_in < 0;
        fail_in = -1;
        dew_loop_clock_advance(loop, 101);
        code = a->code;
        assert_int_equal(code, was_reached ? DEW_E_NOMEM : 0);
        assert_int_equal(a->called, was_reached ? 0 : 1);
        assert_int_equal(scope.child_count, 0);
        assert_int_equal(dew_fiber_count(loop), 0);
        forget(); /* LeakSanitizer sees the rest */
    }
    assert_in_range(n, 3, 20);
    dew_arena_init(&arena, 1 << 20);
    dew_scope_init(&scope, &arena);
}

/* ---- orphans ---- */

static int offloaded(void *ctx)
{
    (*(int *)ctx)++;
    return 0;
}

static int offload_count;

static int suspends_in_all_ways(dew_scope *child, void *context)
{
    act *mine = context;
    mine->fiber = dew_fiber_current();
    while (!mine->may_return)
        dew_fiber_suspend();
    mine->fn_code = dew_sleep(child, 1000);
    if (dew_offload(child, offloaded, &offload_count) != mine->fn_code)
        mine->fn_code = 2;
    if (dew_with_timeout(child, "inner", 100, at_once, mine) != mine->fn_code)
        mine->fn_code = 3;
    DEW_WITH_SCOPE(inner, child, .timeout = DEW_MS(100))
    if (dew_sleep(inner, 1000) != mine->fn_code)
        mine->fn_code = 4;
    (void)dew_on_end(child, told, mine);
    mine->returned++;
    return 0;
}

static void every_suspending_call_of_an_orphan_gives_the_causes_code_at_once(void **state)
{
    (void)state;
    dew_offload_pool *pool;
    assert_int_equal(dew_offload_create(1, 0, &pool), 0);
    offload_count = 0;
    scope.offload = pool;
    call(suspends_in_all_ways);
    dew_loop_clock_advance(loop, 251);
    assert_int_equal(a->code, DEW_E_LOADER_TIMEOUT);
    let_return(a); /* one turn, and no time passes */
    assert_int_equal(a->returned, 1);
    assert_int_equal(a->fn_code, DEW_E_TIMEOUT);
    assert_int_equal(a->called, 0);
    assert_int_equal(offload_count, 0);
    assert_string_equal(a->order, "cs"); /* a late listener fires at once */
    dew_offload_destroy(pool);
}

static int polls(void *ctx)
{
    dew_scope *child = ctx;
    __atomic_add_fetch(&offload_count, 1, __ATOMIC_RELEASE);
    while (!dew_scope_is_ended(child))
        sched_yield();
    return 0;
}

static int blocks_politely(dew_scope *child, void *context)
{
    act *mine = context;
    mine->fn_code = dew_offload(child, polls, child);
    mine->returned++;
    return mine->fn_code;
}

static void blocking_code_may_poll_the_signal(void **state)
{
    (void)state;
    dew_offload_pool *pool;
    assert_int_equal(dew_offload_create(1, 0, &pool), 0);
    offload_count = 0;
    scope.offload = pool;
    call(blocks_politely);
    while (__atomic_load_n(&offload_count, __ATOMIC_ACQUIRE) == 0)
        sched_yield();
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    turn();
    assert_int_equal(a->code, DEW_E_CANCELLED); /* nobody waits for the thread */
    while (a->returned == 0)
        turn();
    assert_int_equal(a->fn_code, DEW_E_CANCELLED);
    dew_offload_destroy(pool);
}

static int seen_limit;
static char seen_text[32];

static void drop(void *context)
{
    (void)context;
    dropped++;
}

/* Reads what its caller, and its caller's caller, left it. */
static int reads_on(dew_scope *child, void *context)
{
    act *mine = context;
    limit_set(child, 8);
    mine->fiber = dew_fiber_current();
    while (!mine->may_return)
        dew_fiber_suspend();
    seen_limit = limit_get(child);
    assert_int_equal(dropped, 0); /* what the scopes further up held for it is held */
    assert_int_equal(dew_scope_identity(child).len, 0);
    assert_int_equal(dew_scope_cookie(child, "theme").len, 0);
    memcpy(seen_text, mine->made.ptr, mine->made.len + 1);
    return 0;
}

static int through_another(dew_scope *child, void *context)
{
    act *mine = context;
    mine->made = dew_scope_fmt(child, "read %s", "on"); /* in an arena of its own */
    mine->fn_code = dew_with_timeout(child, "inner", 100, reads_on, mine);
    return mine->fn_code;
}

static void an_orphan_may_read_what_its_callers_left_behind(void **state)
{
    (void)state;
    seen_text[0] = '\0';
    limit_set(&scope, 7);
    assert_int_equal(dew_scope_keep(&scope, drop, NULL), 0);
    call(through_another);
    dew_loop_clock_advance(loop, 101);
    assert_int_equal(a->code, DEW_E_LOADER_TIMEOUT);
    assert_int_equal(orphans.now, 1);
    act *left = a;
    forget(); /* the answer is sent */
    for (int i = 0; i < 100; i++) {
        dew_arena_init(&arena, 1 << 20); /* other requests come and go */
        memset(dew_arena_alloc(&arena, 3000), 0xff, 3000);
        dew_arena_dispose(&arena);
    }
    assert_int_equal(dropped, 0);
    let_return(left);
    assert_string_equal(seen_text, "read on");
    assert_int_equal(seen_limit, 8);
    assert_int_equal(dropped, 1);
    assert_int_equal(orphans.now, 0);
}

static void what_a_scope_held_is_let_go_with_it_when_nobody_is_left(void **state)
{
    (void)state;
    assert_int_equal(dew_scope_keep(&scope, drop, NULL), 0);
    call(a_little_later);
    dew_loop_clock_advance(loop, 101);
    dew_scope_dispose(&scope);
    assert_int_equal(dropped, 1);
}

static int holds(dew_scope *child, void *context)
{
    (void)context;
    return dew_scope_keep(child, drop, NULL);
}

static void what_a_call_held_is_its_callers_when_it_is_in_time(void **state)
{
    (void)state;
    call(holds);
    turn();
    assert_int_equal(a->code, 0);
    assert_int_equal(dropped, 0);
    dew_scope_dispose(&scope);
    assert_int_equal(dropped, 1);
}

static void only_who_ignores_the_signal_is_an_orphan(void **state)
{
    (void)state;
    a->ms = 50; /* of the outer one; the inner has 100 */
    call(through_another);
    dew_loop_clock_advance(loop, 51);
    assert_int_equal(a->fn_code, DEW_E_TIMEOUT); /* the inner caller: its scope's cause */
    assert_int_equal(a->code, DEW_E_LOADER_TIMEOUT);
    assert_int_equal(orphans.total, 1);
    let_return(a);
}

/* A statement under way: it ends soon after the scope, and uses what the handler borrows until then. */
static int in_a_statement(dew_scope *child, void *context)
{
    act *mine = context;
    DEW_WITH_SCOPE(inner, child, )
    {
        dew_scope_hold(inner);
        mine->fiber = dew_fiber_current();
        while (!mine->may_return)
            dew_fiber_suspend();
        dew_scope_unhold(inner);
        mine->may_return = false;
        while (!mine->may_return) /* then it ignores its signal */
            dew_fiber_suspend();
    }
    return 0;
}

static void who_is_inside_a_statement_is_not_left_before_it_is_over(void **state)
{
    (void)state;
    call(in_a_statement);
    dew_loop_clock_advance(loop, 251);
    turn();
    assert_int_equal(a->code, 1); /* not yet: the connection is its caller's */
    assert_int_equal(orphans.total, 0);
    let_return(a);
    assert_int_equal(a->code, DEW_E_LOADER_TIMEOUT);
    assert_int_equal(orphans.now, 1);
    let_return(a);
}

static void a_thousand_orphans_leave_nothing(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static act many[MANY]; /* longer than any scope */
    for (int i = 0; i < MANY; i++) {
        many[i] = (act){ .ms = 10 + i % 7, .code = 1, .fn = ignores };
        assert_int_equal(dew_fiber_spawn(loop, "a handler", caller, &many[i]), 0);
    }
    dew_loop_clock_advance(loop, 20);
    assert_int_equal(orphans.now, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(many[i].code, DEW_E_LOADER_TIMEOUT);
        many[i].may_return = true;
        dew_fiber_resume(many[i].fiber);
    }
    turn();
    assert_int_equal(orphans.now, 0);
    assert_int_equal(orphans.total, MANY);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(request_scoped_signal_aborts_on_client_disconnect),
        EACH(request_scoped_signal_aborts_on_explicit_cancel),
        EACH(per_navigation_signal_aborts_when_a_newer_one_supersedes_it),
        EACH(per_loader_deadline_aborts_when_it_elapses),
        EACH(per_loader_deadline_aborts_when_its_upstream_does),
        EACH(pre_abort_short_circuits_without_loader_and_timer),
        EACH(a_passed_deadline_short_circuits_too),
        EACH(the_deadline_aborts_the_signal_first_then_says_loader_timeout),
        EACH(upstreams_cause_comes_at_once_also_when_the_loader_ignores_its_signal),
        EACH(upstreams_default_cause_is_cancelled),
        EACH(a_loader_that_ignores_its_signal_is_left_and_its_late_outcome_dropped),
        EACH(a_loader_that_comes_back_late_but_obeys_is_no_orphan),
        EACH(a_success_after_the_deadline_is_dropped),
        EACH(resolving_normally_clears_the_timer_and_keeps_what_was_made),
        EACH(a_loaders_own_code_and_words_are_passed_on),
        EACH(ms_0_is_the_next_turn),
        EACH(ms_0_does_not_drop_what_does_not_wait),
        EACH(negative_is_refused),
        EACH(it_needs_a_fiber),
        EACH(without_a_free_fiber_nothing_starts_and_nothing_leaks),
        EACH(set_up_that_fails_half_way_leaks_nothing),
        EACH(every_suspending_call_of_an_orphan_gives_the_causes_code_at_once),
        EACH(blocking_code_may_poll_the_signal),
        EACH(an_orphan_may_read_what_its_callers_left_behind),
        EACH(what_a_scope_held_is_let_go_with_it_when_nobody_is_left),
        EACH(what_a_call_held_is_its_callers_when_it_is_in_time),
        EACH(only_who_ignores_the_signal_is_an_orphan),
        EACH(who_is_inside_a_statement_is_not_left_before_it_is_over),
        EACH(a_thousand_orphans_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
