/* ssr_pages.c - the views that bench/c/ssr.c measures, as an application would write them. */
#include "ssr_pages.h"

#include <dew/view.h>

void list_page(const item *items, int count)
{
    el(div, .class = "page") {
        el(h1) text("Items");
        el(ul, .class = "list") for (const item *it = items; it < items + count; it++)
            el(li, .class = "item", .key = KEY(it->id)) {
                el(a, .href = fmt("/items/%d", it->id)) text(it->title);
                el(span, .class = "price") text(it->price);
            }
    }
}

static void table_row(const item *it)
{
    el(tr, .class = it->qty > 50 ? "row hot" : "row", .key = KEY(it->id)) {
        el(td, .class = "id") text(it->id);
        el(td) el(a, .href = fmt("/items/%d", it->id)) text(it->title);
        el(td, .class = "num") text(it->price);
        el(td, .class = "num") textf("%d", it->qty);
    }
}

void table_page(const item *items, int count)
{
    el(table, .class = "table") {
        el(thead) el(tr) {
            el(th) text("Id");
            el(th) text("Title");
            el(th) text("Price");
            el(th) text("Qty");
        }
        el(tbody) for (const item *it = items; it < items + count; it++) table_row(it);
    }
}
