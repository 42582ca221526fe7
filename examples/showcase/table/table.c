/* table.c - the page /table?rows=N. */
#include "table.h"

#include "../site.h"

#define ROWS_DEFAULT 50

static void row(const item *it)
{
    el(tr, .key = KEY(it->id)) {
        el(td, .class = "number") text(it->id);
        el(td) text(it->title);
        el(td, .class = "number") textf("%lld.%02lld", (long long)(it->price / 100), (long long)(it->price % 100));
        el(td, .class = it->stock == 0 ? "number out" : "number") text(it->stock);
    }
}

static void table_view(void)
{
    table_size size = table_params();
    const item_list *list = need(use_items((item_range){ size.rows.has ? size.rows.value : ROWS_DEFAULT }));

    el(h1) text("Catalogue");
    el(table) {
        el(caption) textf("%zu items", list->count);
        el(thead) el(tr) {
            el(th, .class = "number") text("No.");
            el(th) text("Item");
            el(th, .class = "number") text("Price");
            el(th, .class = "number") text("In stock");
        }
        el(tbody) for (size_t i = 0; i < list->count; i++) row(&list->items[i]);
    }
}

const dew_page table = { .route = &table_route, .view = table_view, .title = "Catalogue" };
