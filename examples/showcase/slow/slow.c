/* slow.c - the page /slow: what a visitor gets for each way in which a handler may end. */
#include "slow.h"

#include "../site.h"

static void lead_to(slow_end end, const char *label, const char *code, const char *what)
{
    el(li, .class = "entry") {
        el(h3) el(a, .href = dew_url(slow, .end = end)) text(label);
        el(p) el(code) text(code);
        el(p) text(what);
    }
}

static void pages(void)
{
    el(h2, .id = "pages") text("A page’s loader ends so");
    el(ul, .class = "entries") {
        lead_to(slow_end_waits, "It takes a while", "dew_sleep(scope, 250)", "The page comes when all of it is there: 200.");
        lead_to(slow_end_missing, "Not found", "dew_fail(scope, DEW_E_NOT_FOUND, …)", "The site’s error page, and 404.");
        lead_to(slow_end_unknown, "Not signed in", "dew_deny(scope, DEW_E_UNAUTHENTICATED, …)", "The error page with the loader’s words, and 401.");
        lead_to(slow_end_denied, "Not allowed", "dew_deny(scope, DEW_E_DENIED, …)", "The same with 403.");
        lead_to(slow_end_rate, "Too often", "dew_deny(scope, DEW_E_RATE, …)", "The same with 429.");
        lead_to(slow_end_fault, "A fault", "dew_fail(scope, DEW_E_INTERNAL, …)", "500, and not a word of what the loader said: that is in the log, under the id that shows.");
        lead_to(slow_end_late, "A loader that is too slow", ".timeout = DEW_MS(500)", "Half a second, then 504. The loader has ended by then.");
        lead_to(slow_end_never, "A request that is too slow", ".request_timeout = DEW_MS(5000)", "All of the request together: five seconds, then 504.");
    }
}

static void redirects(void)
{
    static const struct {
        slow_end end;
        const char *label;
    } ways[] = { { slow_end_r301, "301" }, { slow_end_r302, "302" }, { slow_end_r303, "303" }, { slow_end_r307, "307" }, { slow_end_r308, "308" }, { slow_end_abroad, "To another site" } };
    el(h2, .id = "redirects") text("It is elsewhere");
    el(p, .class = "note") text("dew_redirect(scope, 303, url). A first load gets the status and Location. A link that is followed in the browser gets "
                                "it as data, and goes there without a load; to another site the browser goes by itself.");
    el(nav, .class = "choices", .aria_label = "Redirects") {
        el(ul) for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
            el(li) el(a, .href = dew_url(slow, .end = ways[i].end)) text(ways[i].label);
    }
}

static void buttons(void)
{
    static const struct {
        slow_end end;
        const char *label;
    } acts[] = { { slow_end_r303, "Go elsewhere" }, { slow_end_denied, "Be refused" }, { slow_end_fault, "Fail" }, { slow_end_late, "Take too long" } };
    el(h2, .id = "buttons") text("Buttons end so, too");
    el(p, .class = "note") text("With scripts a refusal shows as a notice and the page stays as it is; without, as a page that leads back.");
    el(h3) text("An action");
    el(div, .class = "row", .id = "act") for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        el(button, .on_click = call_slow_act((slow_how){ acts[i].end })) text(acts[i].label);
    el(h3) text("A mutation");
    el(div, .class = "row", .id = "write") {
        el(button, .on_click = call_slow_write((slow_how){ slow_end_r303 })) text("Write, then go elsewhere");
        el(button, .on_click = call_slow_write((slow_how){ slow_end_denied })) text("Write, and be undone");
    }
}

static void slow_view(void)
{
    slow_at at = slow_params();
    int waited_ms = 0;
    if (at.end == slow_end_late)
        (void)need(use_slow_late());
    else if (at.end != slow_end_none)
        waited_ms = need(use_slow_page((slow_how){ at.end }))->ms;
    el(h1) text("How it may end");
    el(p, .class = "lead") text("Every outcome of a handler, and what its visitor gets. Try them with scripts off, too.");
    if (waited_ms != 0)
        el(p, .class = "came", .id = "came") textf("This page waited %d ms for its loader.", waited_ms);
    if (at.came != 0)
        el(p, .class = "came", .id = "came") textf("A redirect led here, with %d.", at.came);
    pages();
    redirects();
    buttons();
}

void slow_failed_view(void)
{
    if (dew_str_starts_with(dew_location(), dew_str_of(dew_path("/slow"))))
        el(p) el(a, .href = dew_path("/slow")) text("Back to how it may end.");
}

const dew_page slow = { .route = &slow_route, .view = slow_view, .title = "How it may end" };
