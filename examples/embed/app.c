/* app.c - the station's one page. */
#include "station.h"

static void log_view(void)
{
    const entry_list *entries = need(use_logbook());

    el(h2) text("Logbook");
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
        el(p) {
            el(output, .id = "celsius") textf("%.1f °C", now->celsius);
            textf(", reading %lld", (long long)now->number);
        }
        if (now->keeps_log)
            log_view();
    }
}

static const dew_page station = { .path = "/", .view = station_view, .title = "Station" };

DEW_SITE(embed, .name = "Station", .pages = DEW_PAGES(&station))
