/* counter.c - the page /counter. */
#include "counter.h"

#include "../site.h"

static void counter_view(void)
{
    const count *now = need(use_current_count());

    el(h1) text("Counter");
    el(p, .class = "lead") text("Held in the program’s memory, shared by everyone who looks.");
    el(div, .class = "counter") {
        el(output, .id = "count", .class = "number", .aria_live = "polite") text(now->number);
        el(button, .id = "increment", .class = "primary", .on_click = call_increment()) text("Add one");
    }
}

const dew_page counter = { .path = "/counter", .view = counter_view, .title = "Counter" };
