/* islands.c - see islands.h. */
#include "islands.h"

/* ---- state alone ---- */

static void add(dew_event *event)
{
    int *count = event->data;
    *count += 1;
}

static void type_draft(dew_event *event)
{
    dew_text_set(event->data, event->value);
}

static void stepper_view(const stepper_props *props)
{
    int *count = use_state(int, props->from);
    dew_text_state *draft = use_text("");
    el(button, .type = "button", .class = "step", .on_click_do = DO(add, count)) textf("%s: %d", props->name.ptr, *count);
    el(input, .class = "draft", .aria_label = "Draft", .value = draft->text.ptr, .on_input_do = DO(type_draft, draft));
    el(output) text(draft->text);
}
DEW_ISLAND_VIEW(stepper, stepper_props, stepper_view)

/* ---- a query, and a call ---- */

static void broken(void)
{
    el(p, .class = "broken") text(dew_page_error().message);
}

static void counter_view(const tally_key *props)
{
    const tally_value *is = need(use_tally(*props));
    el(p, .class = "tally") textf("%s has %lld", props->of.ptr, (long long)is->count);
    el(button, .class = "add", .on_click = call_add_to(*props)) textf("Add to %s", props->of.ptr);
}
DEW_ISLAND_VIEW(counter, tally_key, counter_view)

/* ---- pages ---- */

static void links(void)
{
    el(nav) {
        el(a, .href = "/") text("Static");
        el(a, .href = "/live") text("Live");
        el(a, .href = "/hooked") text("Hooked");
    }
}

static void static_view(void)
{
    const tally_key *said = need(use_motto());
    dew_title("Said by the view: %s", said->of.ptr);
    el(h1) text(said->of);
    links();
    island(stepper, { S("<Apples> & \"pears\" 'n' </div>"), 3 });
    island(counter, { S("a") });
    island(counter, { S("a") }, .when = DEW_ON_IDLE);
    el(div, .attrs = ATTRS({ "style", "height: 300vh" })) text("far");
    island(stepper, { S("Below"), 8 }, .when = DEW_ON_VISIBLE);
    island(counter, { S("b") }, .when = DEW_ON_VISIBLE);
}

static void below_view(void)
{
    el(h1) text("Below");
    links();
    el(div, .attrs = ATTRS({ "style", "height: 300vh" })) text("far");
    island(stepper, { S("Below"), 8 }, .when = DEW_ON_VISIBLE);
    island(counter, { S("missing") }, .when = DEW_ON_VISIBLE);
}

static void none_view(void)
{
    const tally_key *said = need(use_motto());
    el(h1) text(said->of);
    links();
}

static void live_view(void)
{
    el(h1) text("Live");
    links();
    island(stepper, { S("Plums"), 5 }, .when = DEW_ON_VISIBLE);
    island(counter, { S("a") });
}

/* Of no page: it asks for what is streamed elsewhere, too. */
static void missing_view(void)
{
    const tally_key *said = use_motto();
    el(h1) textf("Nothing here. %s", said != NULL ? said->of.ptr : "");
}

/* A hook asks as views do. */
static void warm(void)
{
    use_tally((tally_key){ S("b") });
}

static const dew_page static_page = { .path = "/", .view = static_view, .islands = DEW_ISLANDS(&stepper_island, &counter_island) },
                      below = { .path = "/below", .view = below_view, .islands = DEW_ISLANDS(&counter_island, &stepper_island), .error = broken },
                      none = { .path = "/none", .view = none_view, .islands = DEW_ISLANDS() },
                      hooked = { .path = "/hooked", .view = none_view, .on_prefetch = warm, .prefetch = { .on_navigate = DEW_PREFETCH_HOOKS } },
                      live = { .path = "/live", .view = live_view, .title = "Live" };

DEW_SITE(islands, .name = "Islands", .not_found = missing_view, .pages = DEW_PAGES(&static_page, &below, &none, &live, &hooked))
