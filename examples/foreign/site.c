/* site.c - two pages: one to ask from, and one that takes its time. */
#include "site.h"

static void home_view(void)
{
    el(h1) text("Dew under another server");
    el(p) text("libmicrohttpd has the connections, Dew makes the pages. Ask for a slow one, then press Stop: the program "
               "says at once that nobody waits any more.");
    el(form, .action = "/wait") {
        el(label) {
            text("Milliseconds ");
            el(input, .type = "number", .name = "ms", .value = "5000", .min = "0", .max = "60000");
        }
        text(" ");
        el(button) text("Wait");
    }
}

static void waiting_view(void)
{
    const waited *it = need(use_waited_for(waiting_params()));
    el(h1) textf("That took %d ms", (int)it->ms);
    el(p) el(a, .href = "/") text("Again");
}

static const dew_page home = { .path = "/", .view = home_view },
                      waiting = { .route = &waiting_route, .view = waiting_view };

DEW_SITE(foreign,
         .name = "Dew under another server",
         .pages = DEW_PAGES(&home, &waiting),
         .head = "<meta name=\"color-scheme\" content=\"light dark\">"
                 "<style>body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem }"
                 "input, button { font: inherit }</style>")
