/* loop_memory_test.c - the render loop when the Nth allocation fails: hooks, declared loads and seeds, from the routes to the page's state.
 *
 * wraps: malloc calloc realloc */
#include "loop_world.h"

#include "support/failing_allocations.h"

static long allocations = -1; /* that still succeed; -1: all */

static bool fails(void)
{
    if (allocations > 0)
        allocations--;
    return allocations == 0;
}

static void warm(void)
{
    second_set((number){ 41 }, &(words){ S("seeded") });
    const number *n = need(fetch_first());
    prefetch_second((number){ n->n + 1 });
}

static void args_of_first(number *args)
{
    const number *n = need(use_first());
    args->n = n->n + 2;
}

static void all_view(void)
{
    const words *seeded = need(use_second((number){ 41 }));
    const words *declared = need(use_with(second, { 9 }, .enabled = true));
    el(p) text(seeded->text);
    el(p) text(declared->text);
}

static const dew_page all = { .path = "/", .view = all_view, .on_prefetch = warm,
                              .loads = DEW_LOADS(DEW_LOAD(first), DEW_LOAD_WITH(second, args_of_first)),
                              .ssr = { .prefetch_loaders = DEW_ON } };
static const dew_site own_site = { .name = "Test", .pages = DEW_PAGES(&all) };

/* The world's own memory does not fail: what is behind the queries is not under test. */
static void settle_all(world *w)
{
    long left = allocations;
    allocations = -1;
    for (dew_page_query *query = w->loop.pending; query != NULL; query = query->next_pending)
        settle(w, query);
    allocations = left;
}

/* The page's status with so many allocations; 0: not even the routes could be made. */
static int status_with(long count, bool *is_whole)
{
    world w = { .word = "word" };
    dew_error error;
    allocations = count;
    int code = dew_router_create(&own_site, NULL, &w.router, &error);
    if (code != 0) {
        allocations = -1;
        assert_int_equal(code, DEW_E_NOMEM);
        return 0;
    }
    dew_arena_init(&w.arena, 64 << 20);
    dew_buf_init(&w.html, 1 << 20);
    begin(&w, "/", false);
    while (dew_page_loop_step(&w.loop) == DEW_PAGE_LOAD)
        settle_all(&w);
    dew_buf out;
    dew_buf_init(&out, 1 << 20);
    dew_state_write(&out, &w.loop, &(dew_state_info){ .epoch = S("e") }, true);
    allocations = -1;
    int status = w.loop.status;
    *is_whole = status == 200 && dew_str_eq(dew_page_loop_html(&w.loop), S("<p>seeded</p><p>word</p>"));
    dew_buf_dispose(&out);
    stop(&w);
    return status;
}

static void each_allocation_that_fails_is_told_of(void **state)
{
    (void)state;
    bool is_whole = false;
    int failed = 0;
    for (long count = 1; !is_whole; count++) {
        assert_true(count < 1000);
        int status = status_with(count, &is_whole);
        assert_true(status != 200 || is_whole);
        failed += status != 200;
    }
    assert_true(failed > 3);
    assert_int_equal(status_with(-1, &is_whole), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_that_fails_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
