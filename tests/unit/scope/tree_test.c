/* tree_test.c - causes, dew_on_end, children and their closing, deadlines. The names are those of the reference's edge cases.
 * wraps: malloc */
#include "io/clock.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "scope/scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static bool malloc_fails;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return malloc_fails ? NULL : __real_malloc(size);
}

static dew_arena arena;
static dew_scope scope;

static int setup(void **state)
{
    (void)state;
    dew_arena_init(&arena, 1 << 20);
    dew_scope_init(&scope, &arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dew_scope_dispose(&scope);
    dew_arena_dispose(&arena);
    return 0;
}

/* What was told, in order: one letter each. */
static char told[16];
static dew_end told_end;
static void note(void *context, const dew_cause *cause)
{
    strcat(told, context);
    told_end = cause->end;
}

static dew_undo watch(dew_scope *s, const char *letter)
{
    return dew_on_end(s, note, (void *)(uintptr_t)letter);
}

static int fresh(void **state)
{
    told[0] = '\0';
    told_end = DEW_END_NONE;
    return setup(state);
}

/* ---- causes ---- */

static void each_source_of_abort_has_its_cause(void **state)
{
    (void)state;
    static const struct {
        dew_end end;
        int code;
    } sources[] = { { DEW_END_CLIENT_GONE, DEW_E_CANCELLED },
                    { DEW_END_DEADLINE, DEW_E_TIMEOUT },
                    { DEW_END_SUPERSEDED, DEW_E_CANCELLED },
                    { DEW_END_DRAINING, DEW_E_CANCELLED } };
    assert_null(dew_scope_cause(&scope));
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        dew_scope one;
        dew_scope_init(&one, &arena);
        dew_scope_end(&one, sources[i].end);
        const dew_cause *cause = dew_scope_cause(&one);
        assert_int_equal(cause->end, sources[i].end);
        assert_int_equal(cause->code, sources[i].code);
        assert_true(strlen(cause->text) > 0);
        assert_int_equal(dew_scope_check(&one, 0), sources[i].code);
        dew_scope_dispose(&one);
    }
}

static void the_first_cause_stays(void **state)
{
    (void)state;
    dew_scope_end(&scope, DEW_END_SUPERSEDED);
    dew_scope_end(&scope, DEW_END_DEADLINE);
    dew_scope_cancel(&scope, DEW_E_CONFLICT, "late");
    assert_int_equal(dew_scope_cause(&scope)->end, DEW_END_SUPERSEDED);
    assert_int_equal(dew_scope_cause(&scope)->code, DEW_E_CANCELLED);
}

static void the_program_gives_code_and_text(void **state)
{
    (void)state;
    char text[] = "the lease is lost";
    dew_scope_cancel(&scope, DEW_E_CONFLICT, text);
    text[0] = 'X';
    assert_int_equal(dew_scope_cause(&scope)->end, DEW_END_PROGRAM);
    assert_int_equal(dew_scope_cause(&scope)->code, DEW_E_CONFLICT);
    assert_string_equal(dew_scope_cause(&scope)->text, "the lease is lost");
}

static void the_default_code_is_cancelled(void **state)
{
    (void)state;
    static const int none[] = { 0, 7, -12345 };
    for (size_t i = 0; i < 3; i++) {
        dew_scope one;
        dew_scope_init(&one, &arena);
        dew_scope_cancel(&one, none[i], NULL);
        assert_int_equal(dew_scope_cause(&one)->code, DEW_E_CANCELLED);
        assert_string_equal(dew_scope_cause(&one)->text, dew_error_text(DEW_E_CANCELLED));
        dew_scope_dispose(&one);
    }
    dew_scope_cancel(&scope, DEW_E_INTERNAL, NULL);
    assert_int_equal(dew_scope_cause(&scope)->code, DEW_E_INTERNAL);
}

/* ---- dew_on_end ---- */

static void fires_once_in_order_of_registration(void **state)
{
    (void)state;
    watch(&scope, "a");
    watch(&scope, "b");
    dew_scope_end(&scope, DEW_END_DRAINING);
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    assert_string_equal(told, "ab");
    assert_int_equal(told_end, DEW_END_DRAINING);
}

static void fires_at_once_on_an_ended_scope(void **state)
{
    (void)state;
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    dew_undo undo = watch(&scope, "a");
    assert_string_equal(told, "a");
    dew_undo_run(&undo);
    assert_string_equal(told, "a");
}

static void an_undone_one_does_not_fire_and_undo_is_idempotent(void **state)
{
    (void)state;
    dew_undo undo = watch(&scope, "a"), copy = undo;
    watch(&scope, "b");
    dew_undo_run(&undo);
    dew_undo_run(&undo);
    dew_undo_run(&copy);
    dew_undo_run(NULL);
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    assert_string_equal(told, "b");
}

static dew_undo other;
static void undo_other(void *context, const dew_cause *cause)
{
    note(context, cause);
    dew_undo_run(&other);
}

static void one_may_undo_the_next_while_firing(void **state)
{
    (void)state;
    dew_on_end(&scope, undo_other, (char[]){ "a" });
    other = watch(&scope, "b");
    watch(&scope, "c");
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    assert_string_equal(told, "ac");
}

static void dispose_detaches_and_does_not_end(void **state)
{
    (void)state;
    dew_undo undo = watch(&scope, "a");
    dew_scope_dispose(&scope);
    assert_string_equal(told, "");
    assert_false(dew_scope_is_ended(&scope));
    dew_undo_run(&undo);
}

static void dispose_is_idempotent(void **state)
{
    (void)state;
    watch(&scope, "a");
    dew_scope_dispose(&scope);
    dew_scope_dispose(&scope);
    dew_scope_dispose(NULL);
    dew_scope_dispose(&(dew_scope){ 0 });
    assert_string_equal(told, "");
}

static void dispose_this(void *context, const dew_cause *cause)
{
    note((char[]){ "d" }, cause);
    dew_scope_dispose(context);
}

static void dispose_is_safe_when_re_entered(void **state)
{
    (void)state;
    dew_on_end(&scope, dispose_this, &scope);
    watch(&scope, "b");
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    assert_string_equal(told, "d"); /* the rest is forgotten */
}

static void out_of_memory_keeps_nothing_and_fails_the_handler(void **state)
{
    (void)state;
    dew_arena small;
    dew_scope poor;
    dew_arena_init(&small, 0);
    dew_scope_init(&poor, &small);
    dew_undo undo = watch(&poor, "a");
    assert_null(undo.run);
    assert_int_equal(dew_scope_error(&poor)->code, DEW_E_NOMEM);
    dew_scope_end(&poor, DEW_END_CLIENT_GONE);
    assert_string_equal(told, "");
    dew_scope_dispose(&poor);
    dew_arena_dispose(&small);
}

/* ---- children ---- */

static void ending_a_parent_ends_children_first_with_its_cause(void **state)
{
    (void)state;
    watch(&scope, "p");
    DEW_WITH_SCOPE(child, &scope, )
    {
        watch(child, "c");
        DEW_WITH_SCOPE(grandchild, child, )
        {
            watch(grandchild, "g");
            dew_scope_cancel(&scope, DEW_E_BUSY, "enough");
            assert_string_equal(told, "gcp");
            assert_int_equal(dew_scope_cause(grandchild)->code, DEW_E_BUSY);
            assert_string_equal(dew_scope_cause(grandchild)->text, "enough");
        }
    }
    assert_int_equal(scope.child_count, 0);
}

static void a_child_does_not_end_its_parent(void **state)
{
    (void)state;
    DEW_WITH_SCOPE(child, &scope, )
    {
        dew_scope_cancel(child, DEW_E_CANCELLED, NULL);
        assert_true(dew_scope_is_ended(child));
    }
    assert_false(dew_scope_is_ended(&scope));
}

static void a_child_of_an_ended_scope_is_born_ended(void **state)
{
    (void)state;
    bool ran = false;
    dew_scope_end(&scope, DEW_END_SUPERSEDED);
    DEW_WITH_SCOPE(child, &scope, .timeout = DEW_MS(1000))
    {
        ran = true;
        assert_int_equal(dew_scope_cause(child)->end, DEW_END_SUPERSEDED);
        assert_false(dew_timer_is_active(&child->deadline));
        watch(child, "c");
    }
    assert_true(ran);
    assert_string_equal(told, "c");
}

static int leaves_by_return(void)
{
    DEW_WITH_SCOPE(child, &scope, )
    return 7;
    return 8;
}

static void the_block_closes_by_break_continue_return_and_goto(void **state)
{
    (void)state;
    DEW_WITH_SCOPE(child, &scope, )
    break;
    assert_int_equal(scope.child_count, 0);
    DEW_WITH_SCOPE(child, &scope, )
    continue;
    assert_int_equal(scope.child_count, 0);
    assert_int_equal(leaves_by_return(), 7);
    assert_int_equal(scope.child_count, 0);
    DEW_WITH_SCOPE(child, &scope, )
    goto out;
    fail_msg("not reached");
out:
    assert_int_equal(scope.child_count, 0);
}

static void close_this(void *context, const dew_cause *cause)
{
    note((char[]){ "x" }, cause);
    dew_scope_close(context);
}

static void a_child_may_be_closed_while_it_or_its_parent_ends(void **state)
{
    (void)state;
    dew_scope *child = dew_scope_open(&scope, (dew_scope_options){ 0 });
    dew_scope *sibling = dew_scope_open(&scope, (dew_scope_options){ 0 });
    dew_on_end(child, close_this, &sibling); /* before its turn */
    watch(sibling, "s");
    dew_on_end(child, close_this, &child);
    watch(child, "c");
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    assert_string_equal(told, "xx");
    assert_null(child);
    assert_null(sibling);
    dew_scope_close(&child);
    dew_scope_close(NULL);
}

static void set_up_that_fails_leaks_nothing_and_does_not_run_the_block(void **state)
{
    (void)state;
    bool ran = false;
    malloc_fails = true;
    DEW_WITH_SCOPE(child, &scope, .timeout = DEW_MS(5))
    ran = true;
    malloc_fails = false;
    assert_false(ran);
    assert_int_equal(dew_scope_error(&scope)->code, DEW_E_NOMEM);
    assert_int_equal(scope.child_count, 0);
}

static int nest(dew_scope *s)
{
    int deeper = 0;
    DEW_WITH_SCOPE(child, s, )
    deeper = 1 + nest(child);
    return deeper;
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    assert_int_equal(nest(&scope), DEW_SCOPE_DEPTH_MAX);
    assert_int_equal(scope.child_count, 0);
}

static dew_str identify(dew_scope *s)
{
    (void)s;
    return S("ann");
}

static void what_a_child_reads_is_noted_for_the_handler(void **state)
{
    (void)state;
    scope.identify = identify;
    DEW_WITH_SCOPE(child, &scope, )
    assert_true(dew_str_eq(dew_scope_identity(child), S("ann")));
    assert_int_equal(scope.input_count, 1);
}

static void a_childs_failure_is_not_its_parents_but_keeps_its_words(void **state)
{
    (void)state;
    int code = 0;
    DEW_WITH_SCOPE(child, &scope, )
    code = dew_fail(child, DEW_E_CONFLICT, "the task moved");
    assert_int_equal(scope.error.code, 0);
    assert_string_equal(dew_scope_words(&scope, code), "the task moved");
    assert_string_equal(dew_scope_words(&scope, DEW_E_IO), dew_error_text(DEW_E_IO));
}

/* ---- deadlines ---- */

static void without_a_deadline_the_time_is_endless(void **state)
{
    (void)state;
    assert_true(dew_scope_remaining_ms(&scope) == INT64_MAX);
    DEW_WITH_SCOPE(child, &scope, .timeout = DEW_NEVER)
    assert_true(dew_scope_remaining_ms(child) == INT64_MAX);
}

static void a_childs_deadline_is_the_earlier_of_its_own_and_its_parents(void **state)
{
    (void)state;
    dew_scope_limit(&scope, 3600000);
    DEW_WITH_SCOPE(longer, &scope, .timeout = DEW_MS(7200000))
    assert_true(longer->deadline_ns == scope.deadline_ns);
    DEW_WITH_SCOPE(shorter, &scope, .timeout = DEW_MS(1800000))
    {
        assert_true(shorter->deadline_ns < scope.deadline_ns);
        assert_in_range(dew_scope_remaining_ms(shorter), 1, 1800000);
    }
    dew_scope_end(&scope, DEW_END_CLIENT_GONE);
    assert_int_equal(dew_scope_remaining_ms(&scope), 0);
}

static void a_deadline_of_0_has_passed(void **state)
{
    (void)state;
    DEW_WITH_SCOPE(child, &scope, .timeout = DEW_MS(0))
    {
        assert_int_equal(dew_scope_remaining_ms(child), 0);
        assert_int_equal(dew_scope_check(child, child->deadline_ns), DEW_E_TIMEOUT);
    }
    DEW_WITH_SCOPE(child, &scope, .timeout = DEW_MS(-1))
    assert_int_equal(dew_scope_check(child, child->deadline_ns), DEW_E_TIMEOUT);
    assert_false(dew_scope_is_ended(&scope));
}

static void a_passed_deadline_of_the_parents_ends_the_parent(void **state)
{
    (void)state;
    dew_scope_limit(&scope, 1000);
    DEW_WITH_SCOPE(child, &scope, )
    assert_int_equal(dew_scope_check(child, scope.deadline_ns), DEW_E_TIMEOUT);
    assert_int_equal(dew_scope_cause(&scope)->end, DEW_END_DEADLINE);
}

/* On a fiber: the child's deadline ends the child's wait, then the parent's ends the parent's. */
static int inner_code, outer_code;
static void two_waits(void *arg)
{
    dew_scope *s = arg;
    DEW_WITH_SCOPE(child, s, .timeout = DEW_MS(10))
    inner_code = dew_sleep(child, 3600000);
    outer_code = dew_sleep(s, 3600000);
}

static void a_wait_ends_with_the_deadline_or_the_parent(void **state)
{
    (void)state;
    dew_loop *loop;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    dew_loop_clock_hold(loop);
    scope.loop = loop;
    inner_code = outer_code = 1;
    assert_int_equal(dew_fiber_spawn(loop, "two waits", two_waits, &scope), 0);
    dew_loop_clock_advance(loop, 9);
    assert_int_equal(inner_code, 1);
    dew_loop_clock_advance(loop, 2);
    dew_loop_turn(loop, false);
    assert_int_equal(inner_code, DEW_E_TIMEOUT);
    assert_int_equal(outer_code, 1);
    dew_scope_cancel(&scope, DEW_E_CONFLICT, NULL);
    dew_loop_turn(loop, false);
    assert_int_equal(outer_code, DEW_E_CONFLICT);
    assert_int_equal(dew_fiber_count(loop), 0);
    dew_loop_destroy(loop);
}

/* Tries again for ever, as a client library may. */
static int tries;
static bool may_leave;
static void never_gives_up(void *arg)
{
    while (!may_leave) {
        DEW_WITH_SCOPE(round, arg, .timeout = DEW_MS(100))
        assert_int_equal(dew_sleep(round, -1), DEW_E_CONFLICT);
        tries++;
    }
}

static void who_goes_on_after_the_end_gives_way(void **state)
{
    (void)state;
    dew_loop *loop;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    dew_loop_clock_hold(loop);
    scope.loop = loop;
    dew_scope_cancel(&scope, DEW_E_CONFLICT, NULL);
    tries = 0;
    may_leave = false;
    assert_int_equal(dew_fiber_spawn(loop, "never gives up", never_gives_up, &scope), 0);
    dew_loop_turn(loop, false);
    assert_int_equal(tries, DEW_SCOPE_REFUSALS); /* and this goes on */
    dew_loop_clock_advance(loop, 1);
    dew_loop_turn(loop, false);
    assert_int_equal(tries, DEW_SCOPE_REFUSALS + 1);
    may_leave = true;
    dew_loop_clock_advance(loop, 1);
    dew_loop_turn(loop, false);
    assert_int_equal(dew_fiber_count(loop), 0);
    dew_loop_destroy(loop);
}

static void a_time_below_zero_has_passed(void **state)
{
    (void)state;
    DEW_WITH_SCOPE(child, &scope, .timeout = DEW_MS(-10000000000000))
    assert_int_equal(dew_scope_check(child, dew_clock_now_ns()), DEW_E_TIMEOUT);
    assert_false(dew_scope_is_ended(&scope));
}

static void drop(void *context)
{
    strcat(told, context);
}

/* A hundred times what there is room for: each round's memory is the next one's. */
static void a_child_with_own_memory_frees_it(void **state)
{
    (void)state;
    int rounds = 0;
    for (int i = 0; i < 200; i++)
        DEW_WITH_SCOPE(round, &scope, .own_memory = true)
        {
            rounds += dew_arena_alloc(dew_scope_arena(round), 1 << 19) != NULL;
            DEW_WITH_SCOPE(inner, round, )
            {
                rounds += dew_arena_alloc(dew_scope_arena(inner), 1 << 10) != NULL;
            }
        }
    assert_int_equal(rounds, 400);
    assert_true(arena.held_len < 1 << 12);
    assert_int_equal(dew_scope_error(&scope)->code, 0);
}

static void what_it_holds_goes_with_it(void **state)
{
    (void)state;
    DEW_WITH_SCOPE(round, &scope, .own_memory = true)
    {
        DEW_WITH_SCOPE(inner, round, )
        {
            assert_int_equal(dew_scope_keep(inner, drop, (void *)(uintptr_t) "a"), 0);
            watch(inner, "never");
        }
        assert_string_equal(told, "");
        dew_scope_cancel(round, DEW_E_CONFLICT, "so it is");
        assert_string_equal(dew_scope_cause(round)->text, "so it is");
    }
    assert_string_equal(told, "a");
    assert_false(dew_scope_is_ended(&scope));
}

static void close_scope(void *context, const dew_cause *cause)
{
    (void)cause;
    dew_scope_close(context);
}

static void it_may_be_closed_while_it_ends(void **state)
{
    (void)state;
    dew_scope *round = dew_scope_open(&scope, (dew_scope_options){ .own_memory = true });
    assert_non_null(round);
    dew_on_end(round, close_scope, &round);
    watch(round, "never");
    dew_scope_cancel(round, DEW_E_CONFLICT, "text of its own");
    assert_null(round);
    assert_string_equal(told, "");
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, fresh, teardown)
    const struct CMUnitTest tests[] = {
        EACH(each_source_of_abort_has_its_cause),
        EACH(who_goes_on_after_the_end_gives_way),
        EACH(a_time_below_zero_has_passed),
        EACH(the_first_cause_stays),
        EACH(the_program_gives_code_and_text),
        EACH(the_default_code_is_cancelled),
        EACH(fires_once_in_order_of_registration),
        EACH(fires_at_once_on_an_ended_scope),
        EACH(an_undone_one_does_not_fire_and_undo_is_idempotent),
        EACH(one_may_undo_the_next_while_firing),
        EACH(dispose_detaches_and_does_not_end),
        EACH(dispose_is_idempotent),
        EACH(dispose_is_safe_when_re_entered),
        EACH(out_of_memory_keeps_nothing_and_fails_the_handler),
        EACH(ending_a_parent_ends_children_first_with_its_cause),
        EACH(a_child_does_not_end_its_parent),
        EACH(a_child_of_an_ended_scope_is_born_ended),
        EACH(the_block_closes_by_break_continue_return_and_goto),
        EACH(a_child_may_be_closed_while_it_or_its_parent_ends),
        EACH(set_up_that_fails_leaks_nothing_and_does_not_run_the_block),
        EACH(nesting_has_a_limit),
        EACH(what_a_child_reads_is_noted_for_the_handler),
        EACH(a_childs_failure_is_not_its_parents_but_keeps_its_words),
        EACH(without_a_deadline_the_time_is_endless),
        EACH(a_childs_deadline_is_the_earlier_of_its_own_and_its_parents),
        EACH(a_deadline_of_0_has_passed),
        EACH(a_passed_deadline_of_the_parents_ends_the_parent),
        EACH(a_wait_ends_with_the_deadline_or_the_parent),
        EACH(a_child_with_own_memory_frees_it),
        EACH(what_it_holds_goes_with_it),
        EACH(it_may_be_closed_while_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
