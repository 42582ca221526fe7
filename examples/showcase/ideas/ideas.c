/* ideas.c - the pages /ideas and /ideas/:id: layouts in each other, a query that needs what another brought, a store, a cookie,
 * and a link for each way of loading a page before it shows. What each asked for is counted by public/asked.js. */
#include "ideas.h"

#include "../site.h"

static const struct {
    dew_policy policy;
    const char *name, *what;
} ways[] = {
    { DEW_PREFETCH_NONE, "Nothing", "It shows at once, and fills." },
    { DEW_PREFETCH_HOOKS, "Hooks", "What its on_prefetch asks for: the author of the first idea." },
    { DEW_PREFETCH_SERVER_QUERIES, "Server queries", "What it declares that the server loads, on the open connection." },
    { DEW_PREFETCH_CLIENT_QUERIES, "Client queries", "What it declares that the browser loads: here, none." },
    { DEW_PREFETCH_QUERIES, "Queries", "All that it declares." },
    { DEW_PREFETCH_STATE, "State", "The server renders it, and sends what it found: one request." },
    { DEW_PREFETCH_STATE_AND_CLIENT_QUERIES, "State and client queries", "That, and what the browser loads. This is what holds when nobody says otherwise." },
};

/* ---- around both pages ---- */

static const struct {
    shade shade;
    const char *name, *label;
} shades[] = { { shade_auto, "auto", "Auto" }, { shade_day, "day", "Day" }, { shade_night, "night", "Night" } };

#define ADDRESSED 16 /* with a shade: the address says one, too */

static const char *without_query(void)
{
    const dew_str at = dew_location();
    const char *query = memchr(at.ptr, '?', at.len);
    return query != NULL ? fmt("%.*s", (int)(query - at.ptr), at.ptr) : at.ptr;
}

/* Live, a button sets the cookie at once. What was chosen by address goes from it, or the way back would choose it again. */
static void choose(dew_event *event)
{
    event->prevent_default = true;
    chosen_shade_set((shade)(event->arg & ~ADDRESSED));
    if (event->arg & ADDRESSED)
        dew_navigate(without_query(), .replace = true, .keep = true, .prefetch = DEW_PREFETCH_NONE);
}

/* Without scripts it asks for this page with ?shade=night, and the server sets the cookie. */
static void choose_by_address(void)
{
    server_only
    {
        for (size_t i = 0; i < sizeof shades / sizeof *shades; i++)
            if (dew_str_eq(param("shade"), dew_str_of(shades[i].name)))
                chosen_shade_set(shades[i].shade);
    }
}

static void shade_buttons(void)
{
    const shade chosen = chosen_shade_get();
    const int64_t addressed = param("shade").len != 0 ? ADDRESSED : 0;
    el(form, .class = "shades", .aria_label = "Shade") {
        for (size_t i = 0; i < sizeof shades / sizeof *shades; i++)
            el(button, .id = fmt("shade-%s", shades[i].name), .name = "shade", .value = shades[i].name,
               .aria_pressed = chosen == shades[i].shade ? "true" : "false", .on_click_do = DO(choose, shades[i].shade | addressed))
                text(shades[i].label);
    }
}

static void trail(void)
{
    const crumb *here = idea_crumb_get();
    el(nav, .class = "trail", .aria_label = "Where you are") {
        el(a, .href = dew_path("/ideas"), .aria_current = dew_page_is_shown(&ideas) ? "page" : NULL) text("Ideas");
        if (here->label.len != 0)
            el(span, .aria_current = "page") text(here->label);
    }
}

static void list(void)
{
    const idea_titles *all = need(use_all_ideas());
    el(ul) for (size_t i = 0; i < all->count; i++) {
        const idea_title *one = &all->items[i];
        const char *url = dew_url(idea, .id = one->id);
        el(li, .key = KEY(one->id)) el(a, .href = url, .aria_current = dew_link_current(url), .prefetch_on_hover = DEW_PREFETCH_STATE)
            text(one->title);
    }
}

static void ideas_frame(void)
{
    static const char *const classes[][2] = { { "ideas", "ideas going" }, { "ideas day", "ideas day going" }, { "ideas night", "ideas night going" } };
    choose_by_address();
    el(div, .class = classes[chosen_shade_get()][use_transition() != NULL]) {
        el(div, .class = "ideas-head") {
            trail();
            shade_buttons();
        }
        el(div, .class = "ideas-sides") {
            el(section, .class = "ideas-one") dew_outlet();
            el(nav, .class = "ideas-list", .aria_label = "Ideas") list();
        }
    }
}

static const dew_layout ideas_layout = { .view = ideas_frame, .parent = &frame };

/* ---- the list's page: how pages are loaded before they show ---- */

static void ideas_view(void)
{
    dew_title("Ideas");
    el(h1) text("Ideas for the garden");
    el(p, .class = "lead") text("Choose one, or go to the same kind of page in seven ways, and see what each asks for.");
    el(p, .class = "came scripts-off") text("With scripts off all seven are ordinary links, and the server sends each page whole.");
    el(ol, .class = "ways") for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        el(li) {
            el(a, .class = "way", .id = fmt("way-%d", (int)ways[i].policy), .href = dew_url(idea, .id = (int64_t)i + 1),
               .prefetch = ways[i].policy, .prefetch_on_hover = DEW_PREFETCH_NONE)
                text(ways[i].name);
            el(p) text(ways[i].what);
        }
    }
}

const dew_page ideas = { .path = "/ideas", .view = ideas_view, .layout = &ideas_layout };

/* ---- one idea ---- */

/* Deep inside: it can be asked for only when the idea is there. */
static void author(const idea_text *of)
{
    const idea_author *who = use_author_of_idea((idea_key){ of->author_id });
    el(p, .class = "note") {
        if (who != NULL)
            textf("Thought of by %s, at %s.", who->name.ptr, who->bed.ptr);
        else
            text("Thought of by somebody…");
    }
}

static void next_idea(int64_t id)
{
    const idea_titles *all = use_all_ideas();
    if (all == NULL || all->count == 0)
        return;
    int64_t next = id % (int64_t)all->count + 1;
    el(p) el(a, .href = dew_url(idea, .id = next)) text("The next one");
}

static void idea_view(void)
{
    idea_key at = idea_params();
    const idea_text *it = need(use_one_idea(at));
    dew_title("%s", it->title.ptr);
    idea_crumb_set((crumb){ it->title });
    el(article) {
        el(h1) text(it->title);
        el(p, .class = "lead") text(it->words);
        author(it);
        next_idea(at.id);
    }
}

static void idea_loading(void)
{
    el(p, .class = "empty") text("One moment…");
}

static void warm(void)
{
    prefetch_author_of_idea((idea_key){ 1 });
}

const dew_page idea = { .route = &idea_route,
                        .view = idea_view,
                        .loading = idea_loading,
                        .layout = &ideas_layout,
                        .loads = DEW_LOADS(DEW_LOAD(one_idea)),
                        .on_prefetch = warm };
