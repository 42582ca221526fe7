/* app.c - the pages that are measured: /plain, which asks for nothing, and /table. */
#include "app.h"

#define ROWS_DEFAULT 50
#define PARAGRAPHS   9

/* Some 5 KB of HTML in all, the same on each request. */
static void plain_view(void)
{
    el(h1) text("A page of five kilobytes");
    for (int i = 0; i < PARAGRAPHS; i++)
        el(p, .class = "text")
            text("Where the path leaves the wood it follows the brook for a mile or so, past the old mill and its pond, over a "
                 "bridge of three planks, and up through meadows that are mown twice a year. In wet weather take the lane "
                 "instead: it is longer, but it is dry, and from the top of the hill one sees both the village and the sea. "
                 "Those who come in May will find the orchards in flower and the inn open; in winter neither is worth the "
                 "walk, though the view is better for it.");
    el(p) el(a, .href = "/table?rows=50") text("The table");
}

static void row(const item *it)
{
    el(tr, .key = KEY(it->id)) {
        el(td, .class = "number") text(it->id);
        el(td) text(it->title);
        el(td, .class = "number") text(it->price);
        el(td, .class = it->stock == 0 ? "number out" : "number") text(it->stock);
    }
}

static void table_view(void)
{
    range at = table_params();
    if (!at.rows.has)
        at.rows = DEW_SOME(i32, ROWS_DEFAULT);
    const item_list *list = need(use_items(at));

    el(h1) text("Catalogue");
    el(table, .class = "table") {
        el(thead) el(tr) {
            el(th) text("No.");
            el(th) text("Item");
            el(th) text("Price");
            el(th) text("In stock");
        }
        el(tbody) for (size_t i = 0; i < list->count; i++) row(&list->items[i]);
    }
}

static const dew_page plain = { .path = "/plain", .view = plain_view, .title = "Plain" };
static const dew_page table = { .route = &table_route, .view = table_view, .title = "Catalogue" };

DEW_SITE(bench, .name = "Bench", .pages = DEW_PAGES(&plain, &table))
