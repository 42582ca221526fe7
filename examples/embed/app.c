/* app.c - the station's one page. */
#include "station.h"

static void log_view(void)
{
    const entry_list *entries = need(use_logbook());

    el(h2) text("Logbook");
    if (entries->count == 0)
        el(p) text("Nothing is written down yet.");
    el(ul) for (size_t i = 0; i < entries->count; i++) {
        const entry *e = &entries->items[i];
        el(li, .key = KEY(e->id)) textf("No. %lld: %.1f °C", (long long)e->number, e->celsius);
    }
}

static void station_view(void)
{
    const reading *now = need(use_latest());

    el(main) {
        el(h1) text("Station");
        el(p) el(output, .id = "celsius") textf("%.1f °C", now->celsius);
        el(p) textf("Reading %lld", (long long)now->number);
        el(button, .id = "pause", .on_click = call_set_pause((pausing){ !now->is_paused }))
            text(now->is_paused ? "Go on" : "Pause");
        if (now->keeps_log)
            log_view();
    }
}

static const dew_page station = { .path = "/", .view = station_view };

#define STYLE                                                                                                         \
    "<style>:root { color-scheme: light dark }"                                                                       \
    "body { width: min(34rem, 100% - 2.5rem); margin: 2rem auto; font: 1rem/1.55 system-ui, sans-serif }"             \
    "output { font-size: 3rem; font-weight: 700 } button { font: inherit; padding: .4rem 1.2rem }"                    \
    "p, li { font-variant-numeric: tabular-nums } ul { list-style: none; padding: 0 }</style>"

DEW_SITE(embed, .name = "Station", .pages = DEW_PAGES(&station), .head = STYLE)
