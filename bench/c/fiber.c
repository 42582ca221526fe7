/* fiber.c - what a handler's fiber costs: making and ending one; going away and coming back, alone and among many.
 *
 *     bench_fiber        one line each: name nanoseconds */
#include "io/fiber.h"
#include "stopwatch.h"

#include <stdio.h>

#define CROWD 1000

static dew_loop *loop;
static bool is_over;

static void nothing(void *arg)
{
    (void)arg;
}

static void spawn(void *context, int times)
{
    (void)context;
    for (int i = 0; i < times; i++)
        if (dew_fiber_spawn(loop, "nothing", nothing, NULL) != 0)
            abort();
}

static void yielding(void *arg)
{
    (void)arg;
    while (!is_over)
        dew_fiber_yield();
}

static void turns(void *context, int times)
{
    (void)context;
    for (int i = 0; i < times; i++)
        dew_loop_turn(loop, false);
}

static double crowd(int count)
{
    is_over = false;
    for (int i = 0; i < count; i++)
        if (dew_fiber_spawn(loop, "yielding", yielding, NULL) != 0)
            abort();
    double ns = stopwatch(turns, NULL, 20000 / count + 20);
    is_over = true;
    while (dew_fiber_count(loop) > 0)
        dew_loop_turn(loop, false);
    return ns;
}

int main(void)
{
    if (dew_loop_create(NULL, &loop) != 0)
        return 1;
    double empty = stopwatch(turns, NULL, 10000), alone = crowd(1), many = crowd(CROWD);
    printf("fiber_spawn_end %.1f\n", stopwatch(spawn, NULL, 10000));
    printf("loop_turn_empty %.1f\n", empty);
    printf("fiber_round_trip_alone %.1f\n", alone - empty); /* there and back */
    printf("fiber_round_trip_of_%d %.1f\n", CROWD, (many - empty) / CROWD);
    dew_loop_destroy(loop);
    return 0;
}
