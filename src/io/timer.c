/* timer.c - timers on a hierarchical wheel (Varghese and Lauck 1987).
 *
 * Seven levels of 64 slots. A timer stands at the level of the highest 6-bit digit in which its time differs from the
 * wheel's present, in the slot named by that digit:
 *
 *     level 2                level 1                level 0
 *     64 × 4096 ms           64 × 64 ms             64 × 1 ms
 *     [ | | |#| … ]          [ | |#| | … ]          [ |#|#| | … ]
 *
 * When the present reaches the beginning of a slot, its timers fall to lower levels, or fire from level 0.
 * Loop's thread only. Invariants:
 *   1. every timer in the wheel is due after now_ms;
 *   2. hence at each level only slots beyond the present's own digit are occupied, and the first occupied slot of the
 *      lowest occupied level is what comes next;
 *   3. a slot with timers has its bit in `occupied`; a slot with the bit may be empty (stopping does not look). */
#include "io/loop_internal.h"

#include <assert.h>

#define DIGIT_MASK (DEW_WHEEL_SLOTS - 1)
/* Timers of a slot that are looked at to know when to wake up. */
#define LOOK_MAX 4

void dew_wheel_init(dew_wheel *wheel, int64_t now_ms)
{
    *wheel = (dew_wheel){ .now_ms = now_ms, .limit_ms = now_ms };
    for (int level = 0; level < DEW_WHEEL_LEVELS; level++)
        for (int slot = 0; slot < DEW_WHEEL_SLOTS; slot++)
            dew_list_init(&wheel->slots[level][slot]);
    dew_list_init(&wheel->due);
}

/* Puts a timer whose due_ms is after the present in its slot. */
static void insert(dew_wheel *wheel, dew_timer *timer)
{
    uint64_t differs = (uint64_t)timer->due_ms ^ (uint64_t)wheel->now_ms;
    int level = (63 - __builtin_clzll(differs)) / DEW_WHEEL_BITS;
    assert(timer->due_ms > wheel->now_ms && level < DEW_WHEEL_LEVELS);
    int slot = (int)(timer->due_ms >> (level * DEW_WHEEL_BITS)) & DIGIT_MASK;
    dew_list_push_back(&wheel->slots[level][slot], &timer->link);
    wheel->occupied[level] |= UINT64_C(1) << slot;
}

/* The level of what comes next, and its time; -1 when the wheel is empty. */
static int next_level(const dew_wheel *wheel, int64_t *at_ms)
{
    for (int level = 0; level < DEW_WHEEL_LEVELS; level++) {
        if (wheel->occupied[level] == 0)
            continue;
        int shift = level * DEW_WHEEL_BITS;
        int64_t slot = __builtin_ctzll(wheel->occupied[level]);
        int64_t above = wheel->now_ms >> (shift + DEW_WHEEL_BITS) << (shift + DEW_WHEEL_BITS);
        *at_ms = above | slot << shift;
        return level;
    }
    return -1;
}

/* When the first timer of a slot that begins at at_ms is due; at_ms when there are too many to look at. So an idle loop
 * does not wake up only to let timers fall from level to level. */
static int64_t earliest(const dew_link *head, int64_t at_ms)
{
    int64_t due_ms = INT64_MAX;
    int count = 0;
    dew_list_each(link, head) {
        const dew_timer *timer = dew_container_of(link, dew_timer, link);
        if (++count > LOOK_MAX)
            return at_ms;
        if (timer->due_ms < due_ms)
            due_ms = timer->due_ms;
    }
    return due_ms;
}

int64_t dew_wheel_next_ms(dew_wheel *wheel)
{
    int64_t at_ms = 0;
    for (int level; (level = next_level(wheel, &at_ms)) >= 0;) {
        int slot = (int)(at_ms >> (level * DEW_WHEEL_BITS)) & DIGIT_MASK;
        const dew_link *head = &wheel->slots[level][slot];
        if (!dew_list_is_empty(head))
            return level == 0 ? at_ms : earliest(head, at_ms);
        wheel->occupied[level] &= ~(UINT64_C(1) << slot); /* its timers were stopped */
    }
    return INT64_MAX;
}

/* Opens the slot that the present has just reached: its timers fire or fall. */
static void open_slot(dew_wheel *wheel, int level)
{
    int slot = (int)(wheel->now_ms >> (level * DEW_WHEEL_BITS)) & DIGIT_MASK;
    dew_link *head = &wheel->slots[level][slot];
    wheel->occupied[level] &= ~(UINT64_C(1) << slot);
    for (dew_link *link; (link = dew_list_pop_front(head)) != NULL;) {
        dew_timer *timer = dew_container_of(link, dew_timer, link);
        if (timer->due_ms <= wheel->now_ms)
            dew_list_push_back(&wheel->due, link);
        else
            insert(wheel, timer);
    }
}

void dew_wheel_advance(dew_wheel *wheel, int64_t to_ms)
{
    wheel->limit_ms = to_ms;
    int64_t at_ms = 0;
    for (int level; (level = next_level(wheel, &at_ms)) >= 0 && at_ms <= to_ms;) {
        wheel->now_ms = at_ms;
        open_slot(wheel, level);
        /* one by one: a handler may stop others that are due */
        for (dew_link *link; (link = dew_list_pop_front(&wheel->due)) != NULL;) {
            dew_timer *timer = dew_container_of(link, dew_timer, link);
            timer->on_due(timer);
        }
    }
    if (to_ms > wheel->now_ms)
        wheel->now_ms = to_ms;
    wheel->limit_ms = wheel->now_ms;
}

void dew_timer_init(dew_timer *timer, dew_loop *loop, dew_timer_fn *on_due)
{
    *timer = (dew_timer){ .loop = loop, .on_due = on_due };
}

void dew_timer_start(dew_timer *timer, int64_t delay_ms)
{
    assert(dew_loop_is_mine(timer->loop));
    dew_wheel *wheel = &timer->loop->wheel;
    dew_list_unlink(&timer->link);
    if (delay_ms > DEW_TIMER_DELAY_MAX_MS)
        delay_ms = DEW_TIMER_DELAY_MAX_MS;
    int64_t due_ms = dew_loop_now_ms(timer->loop) + (delay_ms > 0 ? delay_ms : 0);
    /* after the advance that is under way, or a timer that restarts itself with 0 would hold the loop */
    timer->due_ms = due_ms > wheel->limit_ms ? due_ms : wheel->limit_ms + 1;
    insert(wheel, timer);
}

void dew_timer_stop(dew_timer *timer)
{
    dew_list_unlink(&timer->link);
}

bool dew_timer_is_active(const dew_timer *timer)
{
    return timer->link.next != NULL;
}
