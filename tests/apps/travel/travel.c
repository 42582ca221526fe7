/* travel.c - see travel.h. */
#include "travel.h"

#include <dew/link.h>

/* ---- a page for each policy ---- */

static const struct policy {
    const char *name;
    dew_policy policy;
} policies[] = {
    { "none", DEW_PREFETCH_NONE },
    { "hooks", DEW_PREFETCH_HOOKS },
    { "server", DEW_PREFETCH_SERVER_QUERIES },
    { "client", DEW_PREFETCH_CLIENT_QUERIES },
    { "queries", DEW_PREFETCH_QUERIES },
    { "state", DEW_PREFETCH_STATE },
    { "all", DEW_PREFETCH_STATE_AND_CLIENT_QUERIES },
};

static place_key here(void)
{
    int64_t id = 0;
    dew_str text = param("id");
    for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
        id = id * 10 + (text.ptr[i] - '0');
    return (place_key){ id };
}

static void shown(const char *id, const said *value)
{
    el(p, .id = id) text(value != NULL ? value->text : S("(none)"));
}

static void place_view(void)
{
    place_key at = here();
    dew_title("Place %lld", (long long)at.id);
    el(h1) textf("Place %lld", (long long)at.id);
    shown("item", use_item(at));
    shown("note", use_note(at));
    shown("deep", use_deep(at));
    shown("spot", use_spot(at));
}

static void warm(void)
{
    prefetch_note(here());
}

#define PLACE(name_, policy_, ...)                                                                                     \
    static const dew_page name_ = { .path = "/" #name_ "/:id", .view = place_view, .layout = &frame,                   \
                                    .loads = DEW_LOADS(DEW_LOAD(item), DEW_LOAD(spot)), .on_prefetch = warm,                           \
                                    .prefetch = { .on_navigate = policy_, __VA_ARGS__ } };

PLACE(none, DEW_PREFETCH_NONE)
PLACE(hooks, DEW_PREFETCH_HOOKS)
PLACE(server, DEW_PREFETCH_SERVER_QUERIES)
PLACE(client, DEW_PREFETCH_CLIENT_QUERIES)
PLACE(queries, DEW_PREFETCH_QUERIES)
PLACE(state, DEW_PREFETCH_STATE)
PLACE(all, DEW_PREFETCH_STATE_AND_CLIENT_QUERIES)
PLACE(hover, DEW_PREFETCH_STATE, .on_hover = DEW_PREFETCH_STATE)
PLACE(glance, DEW_PREFETCH_QUERIES, .on_hover = DEW_PREFETCH_QUERIES)

/* Policies of a layout, and of the application. */
static void loose_view(void)
{
    el(main) dew_outlet();
}
static const dew_layout loose = { .view = loose_view };
static const dew_layout eager = { .view = loose_view, .prefetch = { .on_navigate = DEW_PREFETCH_NONE } };
#define INHERITING(name_, layout_)                                                                                     \
    static const dew_page name_ = { .path = "/" #name_ "/:id", .view = place_view, .layout = &layout_,                 \
                                    .loads = DEW_LOADS(DEW_LOAD(item), DEW_LOAD(spot)), .on_prefetch = warm };
INHERITING(of_site, loose)
INHERITING(of_layout, eager)

/* What hovers of its pages bring comes at once, and is never old. */
static const dew_layout lasting = { .view = loose_view,
                                    .parent = &frame,
                                    .prefetch = { .on_navigate = DEW_PREFETCH_STATE, .on_hover = DEW_PREFETCH_STATE, .hover_delay = DEW_MS(0), .stale = DEW_FOREVER } };
INHERITING(of_lasting, lasting)

/* A page that is known to need something at each level: the application (1), the layout (2), the page (3); of the layout in the
 * browser alone (4), of the page on the server alone (5). */
static void levels_view(void)
{
    el(h1) text("Levels");
    for (int i = 5; i >= 1; i--)
        shown(fmt("note-%d", i), use_note((place_key){ 100 + i }));
    for (int i = 3; i >= 1; i--)
        shown(fmt("item-%d", i), use_item((place_key){ 100 + i }));
}

static void warm_application(void)
{
    if (dew_page_is_shown(&levels))
        prefetch_note((place_key){ 101 });
}
static void warm_layout(void)
{
    prefetch_note((place_key){ 102 });
}
static void warm_page(void)
{
    prefetch_note((place_key){ 103 });
}

/* Of other pages it is what they declare themselves. */
static void item_of_application(place_key *at)
{
    *at = dew_page_is_shown(&levels) ? (place_key){ 101 } : here();
}
static void item_of_layout(place_key *at)
{
    at->id = 102;
}
static void item_of_page(place_key *at)
{
    at->id = 103;
}

static const dew_layout level = { .parent = &frame,
                                  .loads = DEW_LOADS(DEW_LOAD_WITH(item, item_of_layout)),
                                  .on_prefetch = warm_layout,
                                  .on_client_prefetch = DEW_IN_BROWSER(warm_in_browser) };
const dew_page levels = { .path = "/levels",
                          .view = levels_view,
                          .layout = &level,
                          .loads = DEW_LOADS(DEW_LOAD_WITH(item, item_of_page)),
                          .on_prefetch = warm_page,
                          .prefetch = { .on_navigate = DEW_PREFETCH_QUERIES } };

/* The browser renders it: there is no state to ask for. */
static const dew_page off = { .path = "/off/:id", .view = place_view, .layout = &frame, .ssr = { .mode = DEW_SSR_OFF },
                              .loads = DEW_LOADS(DEW_LOAD(item), DEW_LOAD(spot)), .on_prefetch = warm,
                              .prefetch = { .on_navigate = DEW_PREFETCH_NONE } };

/* Pages whose query leads elsewhere, or fails. */
static void member_view(void)
{
    el(h1) text("Member");
    shown("member", need(use_member(here())));
}
static const dew_page members = { .path = "/member/:id", .view = member_view, .layout = &frame, .loads = DEW_LOADS(DEW_LOAD(member)) };

static void broken_view(void)
{
    shown("broken", need(use_broken(here())));
}
static void failed_view(void)
{
    el(h1) textf("Failed: %d", dew_page_error().status);
}
static const dew_page broken_page = { .path = "/broken/:id", .view = broken_view, .layout = &frame, .error = failed_view,
                                      .loads = DEW_LOADS(DEW_LOAD(broken)) };

/* ---- where the focus goes ---- */

static void field_view(void)
{
    const bool is_disabled = here().id == 2;
    el(h1) text("Field");
    el(p) el(input, .name = "first", .aria_label = "First");
    el(p) el(input, .id = "field", .name = "field", .aria_label = "Field", .autofocus = true, .disabled = is_disabled);
}
static const dew_page field = { .path = "/field/:id", .view = field_view, .layout = &frame };

static void heading_view(void)
{
    el(p) text("No main element, and a heading");
    el(h1) text("Heading");
}
static const dew_page heading = { .path = "/heading", .view = heading_view };

/* ---- pages that have a say ---- */

static const dew_page home;

static char said_text[512]; /* what hooks have heard, in order */

static void say(const char *what, const dew_navigation *n)
{
    const char *words[] = { what, " ", n->from.ptr, " ", n->to.ptr, "\n" };
    size_t lens[] = { strlen(what), 1, n->from.len, 1, n->to.len, 1 };
    for (int i = 0; i < 6; i++) {
        size_t len = strlen(said_text);
        if (lens[i] < sizeof said_text - len)
            memcpy(said_text + len, words[i], lens[i]);
    }
}

static enum { CLEAN, DIRTY, ASKING, KEEP, DROP } draft_is;

static void draft_set(dew_event *event)
{
    draft_is = (int)event->arg;
}

static dew_verdict keep_draft(const dew_navigation *n)
{
    if (draft_is == CLEAN)
        return DEW_GO;
    if (n->to.len == 0)
        return DEW_STAY;
    if (draft_is == KEEP || n->is_over) {
        draft_is = DIRTY;
        return DEW_STAY;
    }
    if (draft_is == DROP) {
        draft_is = CLEAN;
        return DEW_GO;
    }
    draft_is = ASKING;
    return DEW_WAIT;
}

static void draft_entered(const dew_navigation *n)
{
    say("enter page", n);
}

static void draft_left(const dew_navigation *n)
{
    say("leave page", n);
}

static void draft_view(void)
{
    dew_title("Draft");
    el(h1) text("Draft");
    el(button, .id = "write", .type = "button", .on_click_do = DO(draft_set, DIRTY)) text("Write");
    if (draft_is == ASKING)
        el(div, .id = "ask") {
            el(button, .id = "keep", .type = "button", .on_click_do = DO(draft_set, KEEP)) text("Stay");
            el(button, .id = "drop", .type = "button", .on_click_do = DO(draft_set, DROP)) text("Leave");
        }
}

static void desk_entered(const dew_navigation *n)
{
    say("enter desk", n);
}

static void desk_left(const dew_navigation *n)
{
    say("leave desk", n);
}

static const dew_layout desk = { .parent = &frame, .travel = DEW_TRAVEL(.on_enter = desk_entered, .on_leave = desk_left) };
static const dew_page draft = {
    .path = "/draft",
    .view = draft_view,
    .layout = &desk,
    .travel = DEW_TRAVEL(.can_leave = keep_draft, .on_enter = draft_entered, .on_leave = draft_left),
};

static void sent_view(void)
{
    dew_title("Sent");
    el(h1) text("Sent");
}
static const dew_page sent = { .path = "/sent", .view = sent_view, .layout = &desk };

/* A layout that is entered once it is open, and is not left for the home page. */
static enum { SHUT, ASKED, OPEN } gate_is;

static void gate_open(dew_event *event)
{
    (void)event;
    gate_is = OPEN;
}

static dew_verdict enter_gate(const dew_navigation *n)
{
    if (n->is_over)
        say("over", n);
    gate_is = gate_is == OPEN ? OPEN : n->is_over ? SHUT : ASKED;
    return gate_is == OPEN ? DEW_GO : DEW_WAIT;
}

static dew_verdict leave_gate(const dew_navigation *n)
{
    return n->to_page == &home ? dew_elsewhere(dew_url(list, .sort = S("gate"))) : DEW_GO;
}

static const dew_layout gate = { .parent = &frame, .travel = DEW_TRAVEL(.can_enter = enter_gate, .can_leave = leave_gate) };

static void porch_view(void)
{
    el(h1) text("Porch");
    if (gate_is == ASKED)
        el(button, .id = "open", .type = "button", .on_click_do = DO(gate_open, 0)) text("Open");
    el(a, .id = "inside", .href = dew_path("/inside/1")) text("inside");
}
static const dew_page porch = { .path = "/porch", .view = porch_view, .layout = &frame };

static void inside_view(void)
{
    el(h1) textf("Inside %lld", (long long)here().id);
    el(a, .id = "next", .href = dew_path(fmt("/inside/%lld", (long long)here().id + 1))) text("next");
}
static const dew_page inside = { .path = "/inside/:id", .view = inside_view, .layout = &gate };

static dew_verdict to_list(const dew_navigation *n)
{
    (void)n;
    return dew_elsewhere(dew_url(list, .sort = S("secret")));
}
static const dew_page secret = { .path = "/secret", .view = sent_view, .layout = &frame, .travel = DEW_TRAVEL(.can_enter = to_list) };

static dew_verdict once_noted(const dew_navigation *n)
{
    (void)n;
    return fetch_note((place_key){ 5 }) != NULL ? DEW_GO : DEW_WAIT;
}
static void late_view(void)
{
    dew_title("Late");
    el(h1) text("Late");
    shown("note", use_note((place_key){ 5 }));
}
static const dew_page late = { .path = "/late",
                               .view = late_view,
                               .layout = &frame,
                               .prefetch = { .on_navigate = DEW_PREFETCH_NONE },
                               .travel = DEW_TRAVEL(.can_enter = once_noted) };

/* ---- what navigations do to a page ---- */

static void home_view(void)
{
    dew_title("Home");
    el(h1) text("Home");
    el(ul) for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        el(li) el(a, .id = fmt("hover-%s", policies[i].name), .href = dew_path(fmt("/none/%zu", 10 + i)), .prefetch_on_hover = policies[i].policy)
            text(policies[i].name);
    }
    el(p) el(a, .id = "own", .href = dew_path("/none/9"), .prefetch = DEW_PREFETCH_STATE) text("with a policy of its own");
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        el(a, .id = fmt("member-%s", policies[i].name), .href = dew_path(fmt("/member/%zu", 1 + i)), .prefetch = policies[i].policy) text("member ");
        el(a, .id = fmt("broken-%s", policies[i].name), .href = dew_path(fmt("/broken/%zu", 1 + i)), .prefetch = policies[i].policy) text("broken ");
    }
    el(a, .id = "broken-hover", .href = dew_path("/broken/9"), .prefetch = DEW_PREFETCH_STATE, .prefetch_on_hover = DEW_PREFETCH_STATE) text("broken");
    el(p) {
        el(a, .id = "of-site", .href = dew_path("/of_site/1")) text("as the application says ");
        el(a, .id = "of-layout", .href = dew_path("/of_layout/1")) text("as the layout says ");
        el(a, .id = "of-lasting", .href = dew_path("/of_lasting/1")) text("as another layout says ");
        el(a, .id = "room", .href = dew_path("/room/1")) text("a room ");
        el(button, .id = "go-ahead", .type = "button", .on_click_do = DO(go_ahead, 0)) text("Go");
        el(a, .id = "levels", .href = dew_path("/levels")) text("levels ");
        el(a, .id = "file", .href = "/spot.json?9") text("a file");
        el(button, .id = "act", .type = "button", .on_click = call_act()) text("Act");
    }
    el(p, .prefetch_on_hover = DEW_PREFETCH_NONE) el(a, .id = "not-hovered", .href = dew_path("/hover/8")) text("not ahead");
    el(p) el(a, .id = "reload", .href = dew_path("/none/3"), .reload = true) text("whole");
    el(p) el(a, .id = "jump", .href = "#low") text("down");
    el(p, .style = "height: 3000px") {}
    el(p) el(a, .id = "low", .href = dew_path("/list")) text("the list");
    el(p) {
        el(a, .id = "off-link", .href = dew_path("/off/1"), .prefetch = DEW_PREFETCH_STATE) text("off ");
        el(a, .id = "off-hover", .href = dew_path("/off/2"), .prefetch = DEW_PREFETCH_STATE_AND_CLIENT_QUERIES,
           .prefetch_on_hover = DEW_PREFETCH_STATE)
            text("off, ahead ");
        el(a, .id = "field-1", .href = dew_path("/field/1")) text("a field ");
        el(a, .id = "field-2", .href = dew_path("/field/2")) text("a field that is disabled ");
        el(a, .id = "heading", .href = dew_path("/heading")) text("a heading");
    }
}
static const dew_page home = { .path = "/", .view = home_view, .layout = &frame };

static void sort_by_date(dew_event *event)
{
    (void)event;
    dew_navigate(dew_url(list, .sort = S("date")), .replace = true, .keep = true);
}

static const char *const addresses[] = { "javascript:window.ran=1", "?sort=query", "//other.invalid/list", "/spot.json?7" };
static void go_there(dew_event *event)
{
    dew_navigate(addresses[event->arg]);
}

static void list_view(void)
{
    list_key at = list_params();
    dew_title("List");
    el(h1) text("List");
    el(p, .id = "sort", .style = "height: 2em") text(at.sort);
    el(p, .id = "find") text(at.find);
    el(a, .id = "sort-name", .href = dew_url(list, .sort = S("name")), .replace = true, .keep = true) text("By name");
    el(button, .id = "sort-date", .type = "button", .on_click_do = DO(sort_by_date, 0)) text("By date");
    for (int i = 0; i < 4; i++)
        el(button, .id = fmt("go-%d", i), .type = "button", .on_click_do = DO(go_there, i)) text(addresses[i]);
    el(form, .id = "search", .action = dew_url(list), .method = "get") {
        el(input, .name = "find", .aria_label = "Find");
        el(button) text("Find");
    }
    el(p, .style = "height: 3000px") {}
    el(h2, .id = "end", .tabindex = -1) text("End");
}
static const dew_page list = { .route = &list_route, .view = list_view, .layout = &frame };

/* ---- layouts ---- */

/* Memoised: it has read that a navigation is under way. */
static void pending_line(const place_key *no_key)
{
    (void)no_key;
    const dew_transition *t = use_transition();
    el(p, .id = "pending", .style = "height: 2em") if (t != NULL) textf("%.*s to %.*s", (int)t->from.len, t->from.ptr, (int)t->to.len, t->to.ptr);
}

static void frame_view(void)
{
    el(nav) {
        el(a, .href = dew_path("/"), .aria_current = dew_link_current(dew_path("/"))) text("Home");
        const char *to_list = dew_url(list);
        el(a, .id = "list", .href = to_list, .aria_current = dew_link_current(to_list), .class = dew_link_is_active(to_list) ? "here" : NULL)
            text("List");
        el(a, .id = "pattern", .style = "display: inline-block; width: 12em", .href = dew_path("/draft"), .class = dew_page_is_shown(&draft) ? "here" : NULL) text(use_route().pattern);
        static const char *const others[] = { "draft", "sent", "secret", "late" };
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            el(a, .id = others[i], .href = dew_path(fmt("/%s", others[i]))) text(others[i]);
        for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
            el(a, .id = policies[i].name, .href = fmt("%s/1", dew_path(fmt("/%s", policies[i].name)))) text(policies[i].name);
        el(a, .id = "hover", .href = dew_path("/hover/1")) text("hover");
        el(a, .id = "hover-2", .href = dew_path("/hover/2")) text("hover 2");
        el(a, .id = "glance", .href = dew_path("/glance/1")) text("glance");
        el(a, .id = "bare", .href = dew_path("/bare")) text("bare");
        el(a, .id = "to-end", .href = dew_path("/list#end")) text("the list's end");
    }
    memo(pending_line, place_key, &(place_key){ 0 }, KEY(0));
    el(input, .id = "kept", .aria_label = "Kept");
    el(main) dew_outlet();
    el(pre, .id = "said") text(said_text);
}
const dew_layout frame = { .view = frame_view, .prefetch = { .on_navigate = DEW_PREFETCH_STATE_AND_CLIENT_QUERIES } };

static void bare_view(void)
{
    el(h1) text("Bare");
    el(a, .href = dew_path("/")) text("Home");
}
static void bare_frame_view(void)
{
    el(input, .id = "kept", .aria_label = "Another");
    el(main) dew_outlet();
}
static const dew_layout bare_frame = { .view = bare_frame_view, .prefetch = { .on_navigate = DEW_PREFETCH_STATE_AND_CLIENT_QUERIES } };
static const dew_page bare = { .path = "/bare", .view = bare_view, .layout = &bare_frame };

DEW_SITE(travel,
         .name = "Travel",
         .prefetch = { .on_navigate = DEW_PREFETCH_QUERIES },
         .on_prefetch = warm_application,
         .loads = DEW_LOADS(DEW_LOAD_WITH(item, item_of_application)),
         .pages = DEW_PAGES(&of_site, &of_layout, &of_lasting, &levels, &members, &broken_page, &home, &list, &none, &hooks, &server, &client, &queries, &state, &all, &hover, &glance, &bare, &draft, &sent, &secret, &late, &porch, &inside, &off, &field, &heading, &room, &far))
