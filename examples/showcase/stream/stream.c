/* stream.c - the page /stream: three regions (dew/region.h), each shown when its station has answered. The one that nobody answers at
 * is asked again from its error view (dew_retry): in the browser that region alone; without scripts the link loads the page. */
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

/* What shows stays until the answer is there, so the count tells at once that the click was heard. */
static void ask_again(dew_event *event)
{
    int *asked = event->data;
    *asked += 1;
    dew_retry(event);
}

static void lost(void)
{
    int *asked = use_state(int, 1);
    el(p, .class = "number") text("—");
    el(p) text(dew_page_error().message);
    el(p) {
        el(a, .href = dew_here(), .on_click_do = DO(ask_again, asked)) text("Ask again");
        if (*asked > 1)
            textf(" (asked %d times)", *asked);
    }
}

static void keeper_view(void)
{
    const keeper *k = need(use_keeper_now());
    el(div, .class = "row keeper") {
        el(p) text(k->awake ? "The keeper of the lighthouse is awake." : "The keeper of the lighthouse sleeps.");
        el(button, .id = "keeper", .on_click = call_tell_keeper((keeper){ !k->awake })) text(k->awake ? "Let him sleep" : "Wake him");
    }
}

static void stream_view(void)
{
    static const char *const names[] = { "Harbour", "Summit", "Lighthouse" };

    el(h1) text("Streamed");
    el(p, .class = "lead") text("The page goes out at once. Each station shows when it has answered, whichever comes first; at one of them nobody does.");
    el(ul, .class = "entries") {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            el(li, .class = "entry", .aria_live = "polite") {
                el(h2) text(names[i]);
                region(.loading = waiting, .error = lost) answered(names[i]);
            }
        }
    }
    region() keeper_view();
    el(p, .class = "note") text("All windows see the keeper wake. The report that failed is not told of it: it has to be asked for again.");
    el(p, .class = "note") {
        text("All of it is one answer of the server: the page, then each report as it comes. With scripts off, ");
        el(a, .href = dew_path("/stream?_whole=1")) text("the whole page");
        text(" comes in order, as far as it is known.");
    }
}

const dew_page stream = { .path = "/stream", .view = stream_view, .title = "Streamed" };
