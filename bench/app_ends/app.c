/* app.c - the pages of the measurements of ends: the same one, whose loader suspends or does not. */
#include "app.h"

static void rows_view(const wait_rows *list)
{
    el(h1) text("Rows");
    el(table) for (size_t i = 0; i < list->count; i++) el(tr, .key = KEY(list->items[i].id))
    {
        el(td) text(list->items[i].id);
        el(td) text(list->items[i].title);
        el(td) text(list->items[i].price);
    }
}

static void ready_view(void)
{
    rows_view(need(use_ready_rows(ready_params())));
}

static void waits_view(void)
{
    rows_view(need(use_waits_rows(waits_params())));
}

static const dew_page ready_page = { .route = &ready_route, .view = ready_view, .title = "Ready" };
static const dew_page waits_page = { .route = &waits_route, .view = waits_view, .title = "Waits" };

DEW_SITE(bench_ends, .name = "Bench", .pages = DEW_PAGES(&ready_page, &waits_page))
