/* places.c - see places.h. Every element that holds the text has an id, by which the test knows what is to stand there. */
#include "places.h"

static void elements(dew_str s)
{
    el(p, .id = "text") text(s);
    el(p, .id = "beside") {
        text("[");
        text(s);
        text("]");
    }
    el(p, .id = "formatted") textf("<%s>", s.ptr);
    el(pre, .id = "pre") text(s);
    el(textarea, .id = "textarea") text(s);
    el(select, .id = "select", .aria_label = "one") el(option, .id = "option", .value = s.ptr) text(s);
    el(ul) el(li, .id = "keyed", .key = KEY(s)) text(s);
}

static void attributes(dew_str s)
{
    el(p, .id = "title", .title = s.ptr, .lang = s.ptr, .aria_label = s.ptr);
    el(p, .id = "class", .class = s.ptr);
    el(p, .id = "style", .style = s.ptr);
    el(p, .id = "attrs", .attrs = ATTRS({ "data-s", s.ptr }, { "aria-description", s.ptr }));
    el(input, .id = "value", .name = "v", .value = s.ptr, .placeholder = s.ptr, .aria_label = "v");
    el(img, .id = "alt", .alt = s.ptr, .width = 1, .height = 1);
    el(a, .id = "href", .href = s.ptr) text("its own address");
    el(a, .id = "query", .href = dew_url(places, .s = s)) text("in a query string");
    if (s.len != 0)
        el(a, .id = "path", .href = dew_url(part, .s = s)) text("in a path");
    el(a, .id = "fragment", .href = fmt("#%s", s.ptr)) text("in a fragment");
}

static void foreign(dew_str s)
{
    el(svg, .id = "svg", .width = 1, .height = 1, .aria_label = s.ptr, .attrs = ATTRS({ "data-s", s.ptr })) {
        el(title, .id = "svg-title") text(s);
        el(text, .id = "svg-text") el(tspan, .id = "tspan", .class = s.ptr) text(s);
        el(a, .id = "svg-href", .href = s.ptr) text("its own address");
        el(foreignObject) el(p, .id = "inside", .title = s.ptr) text(s);
    }
    el(math, .id = "math", .title = s.ptr) el(mtext, .id = "mtext") text(s);
}

struct around {
    const char *s;
};
DEW_CONTEXT(around_context, struct around)

static void inside_context(void)
{
    const struct around *around = use_context(around_context);
    el(p, .id = "context", .title = around->s) text(around->s);
}

static void calls(dew_str s)
{
    el(form, .id = "form", .on_submit = call_refuse((given){ s })) {
        el(input, .id = "field", .name = "s", .value = s.ptr, .aria_label = "s");
        el(button, .id = "send") text("Send");
    }
    el(button, .id = "call", .on_click = call_refuse((given){ s })) text("Refuse");
    el(button, .id = "lead", .on_click = call_lead_on((given){ s })) text("Lead on");
}

static void places_view(void)
{
    dew_str asked = places_params().s;
    const given *echoed = need(use_echo((given){ asked }));
    dew_title("%s", asked.ptr);
    dew_meta("description", "%s", asked.ptr);
    dew_meta("og:title", "%s", asked.ptr);
    dew_head_link("canonical", "https://places.example/%s", asked.ptr);
    said_set((given){ asked });
    if (asked.len < 500)
        chosen_set((given){ asked }); /* browsers take 4 KB */
    elements(echoed->s);
    attributes(echoed->s);
    foreign(echoed->s);
    provide (around_context, &(struct around){ echoed->s.ptr }) inside_context();
    island(held, { echoed->s });
    calls(asked);
    el(p, .id = "stored") text(said_get()->s);
    el(p, .id = "cookie") text(asked.len < 500 ? chosen_get().s : asked);
    dew_script_json("json", DEW_S("{\"a\":\"</script><script>pwned=1</script><!--\"}"));
}

/* ---- what comes late ---- */

static void late_view(void)
{
    const given *echoed = need(use_late_echo(late_params()));
    el(p, .id = "late", .title = echoed->s.ptr) text(echoed->s);
    el(textarea, .id = "late-area") text(echoed->s);
}

static void late_refusal_view(void)
{
    const given *never = need(use_late_refusal(late_params()));
    text(never->s);
}

static void waiting_view(void)
{
    el(p, .class = "waiting") text("waiting");
}

static void refused_view(void)
{
    el(p, .id = "refused", .title = dew_page_error().message) text(dew_page_error().message);
}

static void late_page_view(void)
{
    el(p, .id = "before") text("before");
    region(.loading = waiting_view) late_view();
    region(.loading = waiting_view, .error = refused_view) late_refusal_view();
    el(p, .id = "after") text("after");
}

/* ---- the props of an island ---- */

static void show_again(dew_event *event)
{
    bool *shown = event->data;
    *shown = true;
}

static void held_view(const given *props)
{
    bool *shown = use_state(bool, false);
    el(p, .id = "props", .title = props->s.ptr) text(props->s);
    el(button, .id = "show", .type = "button", .on_click_do = DO(show_again, shown)) text("Again");
    if (*shown)
        el(p, .id = "again", .title = props->s.ptr) text(props->s);
}
DEW_ISLAND_VIEW(held, given, held_view)

static void islet_view(void)
{
    island(held, { islet_params().s });
}

static void part_view(void)
{
    el(p, .id = "part") text(part_params().s);
}

static void away_view(void)
{
    const given *never = need(use_echo((given){ S("redirect") }));
    text(never->s);
}

static void start_view(void)
{
    el(p, .id = "start") text("start");
}

static void error_view(void)
{
    el(p, .id = "error") text(dew_page_error().message);
}

static const dew_page start = { .path = "/", .view = start_view },
                      places = { .route = &places_route, .view = places_view },
                      part = { .route = &part_route, .view = part_view },
                      away = { .route = &away_route, .view = away_view },
                      late = { .route = &late_route, .view = late_page_view },
                      islet = { .route = &islet_route, .view = islet_view, .islands = DEW_ISLANDS(&held_island) },
                      broken = { .route = &broken_route, .view = places_view };

DEW_SITE(places,
         .name = "Places",
         .error = error_view,
         .pages = DEW_PAGES(&start, &places, &part, &late, &islet, &away, &broken))
