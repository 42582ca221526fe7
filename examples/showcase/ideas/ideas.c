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

static void other_shade(dew_event *event)
{
    (void)event;
    chosen_shade_set(chosen_shade_get() == shade_night ? shade_day : shade_night);
}

static void trail(void)
{
    const crumb *here = idea_crumb_get();
    el(nav, .class = "trail", .aria_label = "Where you are") {
        el(a, .href = dew_path("/ideas"), .aria_current = dew_link_current(dew_path("/ideas"))) text("Ideas");
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
    const bool is_night = chosen_shade_get() == shade_night;
    const char *class = is_night ? use_transition() != NULL ? "ideas night going" : "ideas night" : use_transition() != NULL ? "ideas going" : "ideas";
    el(div, .class = class) {
        el(div, .class = "ideas-head") {
            trail();
            el(button, .id = "shade", .type = "button", .on_click_do = DO(other_shade, 0)) text(is_night ? "By day" : "By night");
        }
        el(div, .class = "ideas-sides") {
            el(nav, .class = "ideas-list", .aria_label = "Ideas") list();
            el(section, .class = "ideas-one") dew_outlet();
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
