/* stream.c - the page /stream: three regions (dew/region.h), each shown when its station has answered. */
#include "stream.h"

#include "../site.h"

static void answered(const char *name)
{
    const report *is = need(use_ask_station((station){ dew_str_of(name) }));
    el(p, .class = "number") textf("%d °C", is->degrees);
    el(p) textf("answered after %d ms", is->took_ms);
}

static void waiting(void)
{
    el(p, .class = "number pulse") text("…");
    el(p) text("has been asked");
}

static void lost(void)
{
    el(p, .class = "number") text("—");
    el(p) {
        text(dew_page_error().message);
        text(" ");
        el(a, .href = dew_here(), .on_click_do = DO(dew_retry, 0)) text("Ask again");
    }
}

static void stream_view(void)
{
    static const char *const names[] = { "Harbour", "Summit", "Lighthouse" };

    el(h1) text("Streamed");
    el(p, .class = "lead") text("The page goes out at once. Each station shows when it has answered, whichever comes first; one of them does not.");
    el(ul, .class = "entries") {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            el(li, .class = "entry", .aria_live = "polite") {
                el(h2) text(names[i]);
                region(.loading = waiting, .error = lost) answered(names[i]);
            }
        }
    }
    el(p, .class = "note") {
        text("All of it is one answer of the server: the page, then each report as it comes. With scripts off, ");
        el(a, .href = "/stream?_whole=1") text("the whole page");
        text(" comes in order, as far as it is known.");
    }
}

const dew_page stream = { .path = "/stream", .view = stream_view, .title = "Streamed" };
