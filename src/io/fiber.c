/* fiber.c - stackful coroutines of one loop: their stacks, their switches, and who goes on when.
 *
 * One mapping per fiber; the fiber's own object stands at the top of it:
 *
 *     low                                                          high
 *     [ guard page | stack, growing down ◀──────────── | dew_fiber ]
 *
 * A fiber is entered from whoever spawned or resumed it (the loop, or a fiber that spawned it) and goes back there
 * when it suspends or ends. Resumes are deferred to the end of the turn, so they always come from the loop's stack.
 * Loop's thread only. Invariants: a fiber that is not suspended is never deferred; an ended fiber's stack is given
 * back by the one it returned to, never by itself. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* MAP_STACK, MAP_NORESERVE */
#endif
#include "base/level.h"
#include "base/sanitizer.h"
#include "io/loop_internal.h"
#include "io/timer.h"
#include "io/watchdog.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(MAP_STACK) && defined(MAP_NORESERVE)
#define STACK_FLAGS (MAP_STACK | MAP_NORESERVE)
#else
#define STACK_FLAGS 0
#endif

#ifdef DEW_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

#if defined(__SANITIZE_THREAD__)
#define DEW_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DEW_TSAN 1
#endif
#endif
#ifdef DEW_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef VALGRIND_STACK_REGISTER
#define VALGRIND_STACK_REGISTER(low, high) 0
#define VALGRIND_STACK_DEREGISTER(id) ((void)(id))
#endif

struct dew_fiber {
    dew_deferred deferred; /* a resume that is under way; its link serves `kept` when the fiber is pooled */
    dew_context context;
    dew_context *caller; /* who goes on when it leaves */
    dew_fiber *below;    /* the fiber that entered it; NULL: the loop */
    dew_loop *loop;
    dew_fiber_group *group;
    const char *name;
    dew_fiber_fn *fn;
    void *arg, *data;
    void *mapped;
    size_t mapped_len;
    unsigned valgrind_id;
    bool is_suspended, has_ended;
    bool was_resumed; /* while it was not suspended: its next suspend returns at once */
};

/* --- stacks --- */

static void unmap_fiber(dew_fiber *fiber)
{
    VALGRIND_STACK_DEREGISTER(fiber->valgrind_id);
    munmap(fiber->mapped, fiber->mapped_len);
}

static void unmap_kept(dew_fiber_pool *pool)
{
    for (dew_link *link; (link = dew_list_pop_front(&pool->kept)) != NULL;)
        unmap_fiber(dew_container_of(link, dew_fiber, deferred.link));
    pool->kept_count = 0;
}

/* Nobody has needed a stack for a while: what the kept ones have touched is given back. */
static void on_idle(dew_timer *timer)
{
    dew_fiber_pool *pool = dew_container_of(timer, dew_fiber_pool, idle);
    if (pool->spawn_count == pool->spawns_seen) {
        unmap_kept(pool);
        return;
    }
    pool->spawns_seen = pool->spawn_count;
    dew_timer_start(timer, DEW_FIBER_IDLE_MS);
}

void dew_fiber_pool_init(dew_loop *loop, size_t max, size_t stack_size)
{
    dew_fiber_pool *pool = &loop->fibers;
    *pool = (dew_fiber_pool){ .max = max != 0 ? max : DEW_FIBER_COUNT_MAX,
                              .stack_size = stack_size != 0 ? stack_size : DEW_FIBER_STACK_SIZE };
    dew_list_init(&pool->kept);
    dew_list_init(&pool->waiting);
    dew_timer_init(&pool->idle, loop, on_idle);
}

void dew_fiber_pool_dispose(dew_fiber_pool *pool)
{
    assert(pool->alive_count == 0 && "a loop is destroyed while a fiber waits on it");
    unmap_kept(pool);
}

static dew_fiber *map_fiber(size_t stack_size)
{
    size_t page_len = (size_t)sysconf(_SC_PAGESIZE);
    size_t mapped_len = (stack_size + page_len - 1) / page_len * page_len + page_len;
    char *mapped = mmap(NULL, mapped_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | STACK_FLAGS, -1, 0);
    if (mapped == MAP_FAILED)
        return NULL;
    if (mprotect(mapped, page_len, PROT_NONE) != 0) {
        munmap(mapped, mapped_len);
        return NULL;
    }
    size_t object_len = (sizeof(dew_fiber) + 63) / 64 * 64;
    dew_fiber *fiber = (dew_fiber *)(void *)(mapped + mapped_len - object_len);
    *fiber = (dew_fiber){ .mapped = mapped, .mapped_len = mapped_len };
    fiber->context.stack = mapped + page_len;
    fiber->context.stack_size = mapped_len - page_len - object_len;
    fiber->valgrind_id = VALGRIND_STACK_REGISTER(mapped + page_len, fiber);
    return fiber;
}

static dew_fiber *take_fiber(dew_fiber_pool *pool)
{
    dew_link *link = dew_list_pop_front(&pool->kept);
    if (link == NULL)
        return map_fiber(pool->stack_size);
    pool->kept_count--;
    return dew_container_of(link, dew_fiber, deferred.link);
}

/* After it has left its stack for the last time. */
static void give_fiber(dew_fiber_pool *pool, dew_fiber *fiber)
{
    /* frames that never returned left their red zones behind */
    DEW_UNPOISON(fiber->context.stack, fiber->context.stack_size);
    if (pool->kept_count == DEW_FIBER_KEEP_MAX) {
        unmap_fiber(fiber);
        return;
    }
    dew_list_push_front(&pool->kept, &fiber->deferred.link); /* the warmest stack first */
    pool->kept_count++;
    if (!dew_timer_is_active(&pool->idle)) {
        pool->spawns_seen = pool->spawn_count;
        dew_timer_start(&pool->idle, DEW_FIBER_IDLE_MS);
    }
}

/* --- switches --- */

/* Both are inlined: between them and the jump the sanitizers believe to be on the other stack already. */
__attribute__((always_inline)) static inline void announce_switch(dew_context *from, dew_context *to, bool from_ends)
{
#ifdef DEW_ASAN
    __sanitizer_start_switch_fiber(from_ends ? NULL : &from->asan_fake_stack, to->stack, to->stack_size);
#endif
#ifdef DEW_TSAN
    from->tsan_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to->tsan_fiber, 0);
#endif
    (void)from, (void)to, (void)from_ends;
}

__attribute__((always_inline)) static inline void confirm_switch(dew_context *arrived, dew_context *left)
{
#ifdef DEW_ASAN
    __sanitizer_finish_switch_fiber(arrived->asan_fake_stack, &left->stack, &left->stack_size);
#endif
    (void)arrived, (void)left;
}

/* Runs a fiber until it suspends or ends. */
static void enter(dew_fiber *fiber)
{
    dew_loop *loop = fiber->loop;
    dew_fiber_pool *pool = &loop->fibers;
    dew_loop *loop_before = dew_loop_current();
    dew_loop_set_current(loop); /* also when entered before the loop runs */
    fiber->below = pool->current;
    fiber->caller = fiber->below != NULL ? &fiber->below->context : &pool->thread;
    fiber->is_suspended = false;
    pool->current = fiber;
    const char *label_before = dew_watchdog_begin(loop, fiber->name);

    announce_switch(fiber->caller, &fiber->context, false);
    dew_context_jump(fiber->caller, &fiber->context);
    confirm_switch(fiber->caller, &fiber->context);

    dew_watchdog_end(loop, label_before);
    pool->current = fiber->below;
    dew_loop_set_current(loop_before);
    if (!fiber->has_ended)
        return;
#ifdef DEW_TSAN
    __tsan_destroy_fiber(fiber->context.tsan_fiber);
#endif
    DEW_LEVEL_ADD(&pool->alive_count, -1);
    give_fiber(pool, fiber);
    dew_link *link = dew_list_pop_front(&pool->waiting);
    if (link != NULL)
        dew_loop_defer(loop, dew_container_of(link, dew_deferred, link));
}

void dew_context_enter(dew_context *context)
{
    dew_fiber *fiber = dew_container_of(context, dew_fiber, context);
    confirm_switch(context, fiber->caller);
    fiber->fn(fiber->arg);
    if (fiber->group != NULL)
        dew_fiber_group_leave(fiber->group);
    fiber->has_ended = true;
    announce_switch(context, fiber->caller, true);
    dew_context_jump(context, fiber->caller);
    abort(); /* an ended fiber was entered: its owner resumed it too late */
}

/* --- the fiber's life --- */

static void go_on(dew_deferred *deferred)
{
    enter(dew_container_of(deferred, dew_fiber, deferred));
}

int dew_fiber_spawn_in(dew_loop *loop, dew_fiber_group *group, const char *name, dew_fiber_fn *fn, void *arg)
{
    assert(dew_loop_is_mine(loop) && "spawned from another thread");
    dew_fiber_pool *pool = &loop->fibers;
    if (pool->alive_count >= pool->max)
        return DEW_E_BUSY;
    dew_fiber *fiber = take_fiber(pool);
    if (fiber == NULL) /* mostly for want of maps: there are more when others have ended */
        return pool->alive_count != 0 ? DEW_E_BUSY : DEW_E_NOMEM;
    fiber->context.asan_fake_stack = NULL;
    int error = dew_context_make(&fiber->context);
    if (error != 0) {
        give_fiber(pool, fiber);
        return error;
    }
#ifdef DEW_TSAN
    fiber->context.tsan_fiber = __tsan_create_fiber(0);
#endif
    fiber->deferred = (dew_deferred){ .run = go_on };
    fiber->loop = loop;
    fiber->group = group;
    fiber->name = name;
    fiber->fn = fn;
    fiber->arg = arg;
    fiber->data = NULL;
    fiber->has_ended = fiber->was_resumed = false;
    DEW_LEVEL_ADD(&pool->alive_count, 1);
    pool->spawn_count++;
    enter(fiber);
    return 0;
}

int dew_fiber_spawn(dew_loop *loop, const char *name, dew_fiber_fn *fn, void *arg)
{
    return dew_fiber_spawn_in(loop, NULL, name, fn, arg);
}

dew_fiber *dew_fiber_current(void)
{
    dew_loop *loop = dew_loop_current();
    return loop != NULL ? loop->fibers.current : NULL;
}

void dew_fiber_suspend(void)
{
    dew_fiber *fiber = dew_fiber_current();
    assert(fiber != NULL && "suspended outside of a fiber");
    assert(!fiber->loop->fibers.is_held && "suspended within a render pass");
    if (fiber->was_resumed) {
        fiber->was_resumed = false;
        return;
    }
    fiber->is_suspended = true;
    announce_switch(&fiber->context, fiber->caller, false);
    dew_context_jump(&fiber->context, fiber->caller);
    confirm_switch(&fiber->context, fiber->caller);
}

void dew_fiber_resume(dew_fiber *fiber)
{
    assert(dew_loop_is_mine(fiber->loop) && "resumed from another thread");
    assert(!fiber->has_ended);
    if (fiber->is_suspended)
        dew_loop_defer(fiber->loop, &fiber->deferred);
    else
        fiber->was_resumed = true;
}

dew_loop *dew_fiber_loop(const dew_fiber *fiber)
{
    return fiber->loop;
}

void dew_fiber_set_data(dew_fiber *fiber, void *data)
{
    fiber->data = data;
}

void *dew_fiber_data(const dew_fiber *fiber)
{
    return fiber->data;
}

size_t dew_fiber_count(const dew_loop *loop)
{
    return DEW_LEVEL_GET(&loop->fibers.alive_count);
}

size_t dew_fiber_free_count(const dew_loop *loop)
{
    return loop->fibers.max - loop->fibers.alive_count;
}

void dew_fiber_await_free(dew_loop *loop, dew_deferred *deferred)
{
    assert(loop->fibers.alive_count != 0 && "no fiber will end");
    if (deferred->link.next == NULL)
        dew_list_push_back(&loop->fibers.waiting, &deferred->link);
}

void dew_fiber_hold(dew_loop *loop, bool held)
{
    loop->fibers.is_held = held;
}

/* --- waiting for a turn, and for a time --- */

typedef struct pause_state {
    dew_deferred deferred;
    dew_timer timer;
    dew_fiber *fiber;
    bool is_over;
} pause_state;

static void end_pause(pause_state *state)
{
    state->is_over = true;
    dew_fiber_resume(state->fiber);
}

static void on_turn(dew_deferred *deferred)
{
    end_pause(dew_container_of(deferred, pause_state, deferred));
}

static void on_time(dew_timer *timer)
{
    end_pause(dew_container_of(timer, pause_state, timer));
}

void dew_fiber_yield(void)
{
    pause_state state = { .deferred.run = on_turn, .fiber = dew_fiber_current() };
    assert(state.fiber != NULL);
    dew_loop_defer_next(state.fiber->loop, &state.deferred);
    while (!state.is_over)
        dew_fiber_suspend();
}

void dew_fiber_sleep_ms(int64_t ms)
{
    pause_state state = { .fiber = dew_fiber_current() };
    assert(state.fiber != NULL);
    dew_timer_init(&state.timer, state.fiber->loop, on_time);
    dew_timer_start(&state.timer, ms);
    while (!state.is_over)
        dew_fiber_suspend();
}
