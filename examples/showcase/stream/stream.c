/* stream.c - the page /stream: three regions (dew/region.h), each shown when its station has answered. The one that nobody reaches at
 * first is asked again by a link, whose address says so: with and without scripts. */
#include "stream.h"

#include "../site.h"

static void answered(const char *name, bool again)
{
    const report *is = need(use_ask_station((station){ dew_str_of(name), again }));
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
        el(a, .href = dew_url(stream, .again = true), .keep = true, .prefetch = DEW_PREFETCH_NONE, .prefetch_on_hover = DEW_PREFETCH_NONE)
            text("Ask again");
    }
}

static void stream_view(void)
{
    static const struct {
        const char *name;
        bool is_lost; /* at first */
    } stations[] = { { "Harbour", false }, { "Summit", false }, { "Lighthouse", true } };
    const bool again = stream_params().again;

    el(h1) text("Streamed");
    el(p, .class = "lead") text("The page goes out at once. Each station shows when it has answered, whichever comes first; one of them answers at the second try.");
    el(ul, .class = "entries") {
        for (size_t i = 0; i < sizeof stations / sizeof *stations; i++) {
            el(li, .class = "entry", .aria_live = "polite") {
                el(h2) text(stations[i].name);
                region(.loading = waiting, .error = lost) answered(stations[i].name, again && stations[i].is_lost);
            }
        }
    }
    el(p, .class = "note") {
        text("All of it is one answer of the server: the page, then each report as it comes. With scripts off, ");
        el(a, .href = dew_path("/stream?_whole=1")) text("the whole page");
        text(" comes in order, as far as it is known.");
    }
}

const dew_page stream = { .route = &stream_route, .view = stream_view, .title = "Streamed" };
