/* abort_random_test.c - trees of dew_with_timeout and DEW_WITH_SCOPE whose functions obey, ignore, cancel and fail as a seed
 * wants, ended at any moment for any cause. Whatever happens: the cause's code reaches each caller, nothing is read after it
 * was freed (AddressSanitizer), and in the end nothing is left. SIM_SEED=n runs one seed. */
#include "io/fiber.h"
#include "io/loop.h"
#include "scope/errand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SEEDS 1000
#define ROOTS 12
#define DEPTH_MAX 4
#define STEPS_MAX 4

static uint64_t state;
static unsigned long seed;

static unsigned below(unsigned n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((state >> 33) % n);
}

static dew_loop *loop;
static dew_orphans orphans;

/* Those that wait and do not look at their scope. */
static dew_link deaf;
typedef struct deaf_wait {
    dew_link link;
    dew_fiber *fiber;
    bool is_over;
} deaf_wait;

/* What a function gets: in the arena of its caller's scope. It may look at its callers' as well. */
typedef struct frame {
    struct frame *up;
    unsigned depth, check;
    char text[24];
} frame;

typedef struct root {
    dew_arena arena;
    dew_scope scope;
    bool is_running, ever_dropped;
} root;

static root roots[ROOTS];
static long live_frames_seen;

static void told(void *context, const dew_cause *cause)
{
    assert_true(cause->code != 0 && cause->end != DEW_END_NONE);
    ((frame *)context)->check ^= 1;
}

static frame *frame_make(dew_scope *scope, frame *up)
{
    frame *f = dew_arena_calloc(dew_scope_arena(scope), 1, sizeof *f);
    assert_non_null(f);
    f->up = up;
    f->depth = up != NULL ? up->depth + 1 : 0;
    return f;
}

static void look_up(const frame *f)
{
    for (; f != NULL; f = f->up)
        live_frames_seen += f->depth + (f->check & 1u) + (unsigned char)f->text[0];
}

static void ignore(void)
{
    deaf_wait w = { .fiber = dew_fiber_current() };
    dew_list_push_back(&deaf, &w.link);
    while (!w.is_over)
        dew_fiber_suspend();
}

static void drop(void *context)
{
    live_frames_seen += ((frame *)context)->depth; /* still there */
}

static int steps(dew_scope *scope, frame *f);

static int timed(dew_scope *scope, void *context)
{
    frame *f = context;
    assert_int_equal(dew_scope_is_ended(scope), false);
    snprintf(f->text, sizeof f->text, "frame %u", f->depth);
    return steps(scope, f);
}

static int one_step(dew_scope *scope, frame *f)
{
    int code = 0;
    switch (below(9)) {
    case 0:
    case 1:
        code = dew_sleep(scope, below(12));
        break;
    case 2:
        ignore();
        break;
    case 3:
    case 4:
        if (f->depth >= DEPTH_MAX)
            break;
        code = dew_with_timeout(scope, "random", below(12), timed, frame_make(scope, f));
        if (scope->ended != 0 && !(code == scope->ended || code == 0 || code == DEW_E_CONFLICT))
            fail_msg("seed %lu: ended with %d, got %d", seed, scope->ended, code);
        break;
    case 5:
        if (f->depth >= DEPTH_MAX)
            break;
        DEW_WITH_SCOPE(child, scope, .timeout = DEW_MS((int)below(12)), .own_memory = below(2) == 0)
        code = steps(child, frame_make(child, f));
        break;
    case 6:
        (void)dew_on_end(scope, told, f);
        break;
    case 7:
        assert_int_equal(dew_scope_keep(scope, drop, f), 0);
        break;
    case 8:
        if (below(8) == 0)
            dew_scope_cancel(scope, DEW_E_CONFLICT, "by the program");
        break;
    }
    look_up(f);
    if (scope->ended != 0) {
        int late = dew_sleep(scope, 5);
        assert_int_equal(late, scope->ended);
    }
    return code;
}

static int steps(dew_scope *scope, frame *f)
{
    unsigned count = 1 + below(STEPS_MAX);
    bool obeys = below(3) != 0;
    for (unsigned i = 0; i < count; i++) {
        int code = one_step(scope, f);
        if (code != 0 && obeys)
            return code;
    }
    return 0;
}

static void root_fiber(void *arg)
{
    root *r = arg;
    dew_arena_init(&r->arena, 1 << 20);
    dew_scope_init(&r->scope, &r->arena);
    r->scope.loop = loop;
    r->scope.orphans = &orphans;
    r->is_running = true;
    (void)steps(&r->scope, frame_make(&r->scope, NULL));
    r->is_running = false;
    dew_scope_dispose(&r->scope);
    dew_arena_dispose(&r->arena); /* at once, whoever is left */
}

static void release(dew_link *link)
{
    deaf_wait *w = dew_container_of(link, deaf_wait, link);
    dew_list_unlink(link);
    w->is_over = true;
    dew_fiber_resume(w->fiber);
}

static void run_seed(void)
{
    state = seed * 2654435761u + 1;
    orphans = (dew_orphans){ 0, 0 };
    dew_list_init(&deaf);
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    dew_loop_clock_hold(loop);
    for (int i = 0; i < ROOTS; i++)
        assert_int_equal(dew_fiber_spawn(loop, "a root", root_fiber, &roots[i]), 0);
    for (int round = 0; round < 60; round++) {
        root *r = &roots[below(ROOTS)];
        if (below(4) == 0 && r->is_running)
            dew_scope_end(&r->scope, (dew_end)(DEW_END_CLIENT_GONE + below(4)));
        if (below(3) == 0 && !dew_list_is_empty(&deaf))
            release(below(2) == 0 ? deaf.next : deaf.prev);
        dew_loop_clock_advance(loop, below(4));
    }
    while (dew_fiber_count(loop) > 0) {
        dew_list_each_safe(link, &deaf)
            release(link);
        dew_loop_clock_advance(loop, 5);
    }
    assert_int_equal(orphans.now, 0);
    dew_loop_destroy(loop);
}

static void whatever_happens_causes_arrive_and_nothing_is_left(void **cmocka_state)
{
    (void)cmocka_state;
    const char *only = getenv("SIM_SEED");
    uint64_t left = 0;
    live_frames_seen = 0;
    for (unsigned long i = 1; i <= SEEDS; i++) {
        seed = only != NULL ? strtoul(only, NULL, 10) : i;
        run_seed();
        left += orphans.total;
        if (only != NULL)
            return;
    }
    assert_true(left > SEEDS); /* it does happen */
    assert_true(live_frames_seen > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(whatever_happens_causes_arrive_and_nothing_is_left) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
