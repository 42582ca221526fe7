/* differential_test.c - 100,000 steps of random writes and publishes; after each, what every subscriber shows equals a fresh
 * run. Nobody is left waiting: a missed wake-up shows at once. */
#include "support/live_sim_internal.h"

#define STEPS 100000
/* A world's history only grows: a new one now and then. */
#define STEPS_PER_WORLD 2000

static void check_all(sim_world *world, unsigned clients)
{
    sim_run_all(world);
    for (unsigned i = 0; i < clients; i++)
        sim_client_read(sim_client_at(world, i));
    sim_run_all(world);
    for (unsigned i = 0; i < clients; i++) {
        sim_client_read(sim_client_at(world, i));
        sim_client_check(sim_client_at(world, i), true);
    }
}

static void one_step(sim_world *world, const sim_options *options)
{
    sim_client *client = sim_client_at(world, (unsigned)sim_random(world, options->clients));
    switch (sim_random(world, 20)) {
    case 0:
    case 1:
    case 2:
        sim_publish(world, (int)sim_random(world, SIM_COUNTERS));
        break;
    case 3:
        sim_client_disconnect(client);
        for (uint64_t i = sim_random(world, 4); i > 0; i--)
            sim_write_random(world);
        if (sim_random(world, 4) == 0)
            sim_time_passes(world, DEW_LIVE_GRACE_MS + 1);
        sim_client_connect(client, (unsigned)sim_random(world, options->workers));
        break;
    case 4:
        sim_client_mutate(client, (int)sim_random(world, SIM_TABLES), (int)sim_random(world, SIM_ROWS),
                          (int64_t)sim_random(world, 9));
        break;
    default:
        sim_write_random(world);
    }
}

static void subscribers_show_what_a_fresh_run_gives(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= STEPS / STEPS_PER_WORLD; seed++) {
        sim_options options = { .seed = seed,
                                .workers = 1 + (unsigned)(seed % 3),
                                .clients = 4,
                                .quiet_fails = true,
                                .ring_budget = seed % 2 != 0 ? 400 : 0 };
        sim_world *world = sim_create(&options);
        sim_settle(world);
        for (int step = 0; step < STEPS_PER_WORLD; step++) {
            one_step(world, &options);
            check_all(world, options.clients);
        }
        sim_destroy(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(subscribers_show_what_a_fresh_run_gives) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
