/* visitor.c - see visitor.h. */
#include "visitor.h"

static void other_theme(dew_event *event)
{
    (void)event;
    chosen_theme_set(chosen_theme_get() == theme_dark ? theme_light : theme_dark);
}

static void wider(dew_event *event)
{
    (void)event;
    panel_width_set(*panel_width_get() + 10);
}

static void forget(dew_event *event)
{
    (void)event;
    chosen_theme_remove();
}

static void typed(dew_event *event)
{
    nickname_set(event->value);
}

/* Drawn before what it shows is said. */
static void site_view(void)
{
    const crumb_list *trail = breadcrumbs_get();
    el(nav, .id = "trail") for (size_t i = 0; i < trail->count; i++)
        el(a, .href = trail->items[i].url.ptr, .key = KEY((int)i)) text(trail->items[i].label);
    el(p, .id = "theme", .class = chosen_theme_get() == theme_dark ? "dark" : "light")
        text(chosen_theme_get() == theme_dark ? "dark" : "light");
    el(p, .id = "width") text(*panel_width_get());
    el(button, .id = "other", .on_click_do = DO(other_theme, 0)) text("Other theme");
    el(button, .id = "forget", .on_click_do = DO(forget, 0)) text("Forget it");
    el(button, .id = "wider", .on_click_do = DO(wider, 0)) text("Wider");
    for (int i = 1; i <= 2; i++)
        el(a, .id = fmt("to%d", i), .href = idea_url((idea_key){ i }), .key = KEY(i)) textf("Idea %d", i);
    el(a, .id = "home", .href = dew_path("/")) text("Home");
    dew_outlet();
}
static const dew_layout site = { .view = site_view };

static void no_args(dew_none *args)
{
    (void)args;
}

static void about_site(void)
{
    dew_title("Visitor");
    dew_meta("description", "All that a visitor \"does\" <here>");
    dew_meta("og:site_name", "Visitor");
    dew_head_link("canonical", "https://visitor.example%.*s", DEW_STR_FMT(dew_location()));
}

static void about_idea(void)
{
    const idea *i = need(use_idea_by_id(idea_params()));
    dew_title("%s", i->title.ptr);
    dew_meta("description", "%s", i->title.ptr);
    dew_meta("robots", "noindex");
    dew_head_link("next", "javascript:alert(%d)", 1);
}

static void gone_view(void)
{
    dew_status(404);
    dew_status(410);
    dew_status(100);
    el(main) el(h1) text("Gone");
}

static void home_view(void)
{
    el(main) el(h1) text("Home");
}

/* Without the layout's cookie: the same for everybody. */
static void bare_view(void)
{
    dew_outlet();
}
static const dew_layout no_layout = { .view = bare_view };
static void shared_view(void)
{
    const idea *i = need(use_idea_by_id((idea_key){ 1 }));
    el(main) el(h1) text(i->title);
}
static void own_view(void)
{
    const greeting_text *g = need(use_greeting());
    el(main) el(h1) text(g->text);
}

static void idea_view(void)
{
    const idea *i = need(use_idea_by_id(idea_params()));
    crumb trail[] = { { S("Home"), dew_str_of(dew_path("/")) }, { i->title, dew_location() } };
    breadcrumbs_set((crumb_list){ trail, 2, 0 });
    el(main) el(h1) text(i->title);
}

/* Rendered again for what they read, and kept saying what they say. */
static void reading_card(const idea_key *key)
{
    el(p, .id = "reads", .key = KEY(key->id))
        textf("%d %s", *panel_width_get(), chosen_theme_get() == theme_dark ? "dark" : "light");
}
static void saying_card(const idea_key *key)
{
    crumb one = { S("Kept"), S("/memo") };
    breadcrumbs_set((crumb_list){ &one, 1, 0 });
    dew_meta("robots", "none");
    el(p, .key = KEY(key->id)) text("says");
}
static void memo_view(void)
{
    idea_key one = { 1 }, two = { 2 };
    memo(reading_card, idea_key, &one, KEY(1));
    memo(saying_card, idea_key, &two, KEY(2));
}

/* Says the store while it shows; and once it does, sets another. */
static void say_crumb(const idea_key *key, dew_effect *effect)
{
    crumb one = { dew_str_of(dew_fmt("Effect %d", (int)key->id)), S("/effects") };
    breadcrumbs_set((crumb_list){ &one, 1, 0 });
    dew_effect_undo(effect, NULL, NULL); /* nothing, here */
}
static void widen(const dew_none *none, dew_effect *effect)
{
    (void)none, (void)effect;
    panel_width_set(300);
}
static void effects_view(void)
{
    el(main) el(h1) text("Effects");
    use_effect_ssr(say_crumb, idea_key, &(idea_key){ 7 });
    use_effect(widen, dew_none, NULL);
}

static int next;
static void restless_view(void)
{
    el(main) el(h1) text(*restless_get());
    restless_set(++next);
}

static void greeting_view(void)
{
    const greeting_text *g = need(use_greeting());
    el(main) el(h1) text(g->text);
}

/* Sets several cookies, one of them each time anew. */
static void visits_view(void)
{
    basket b = basket_kept_get();
    el(main) {
        el(h1) textf("%lld visits", (long long)visits_get());
        el(p, .id = "basket") textf("%d of %.*s", b.many, (int)b.what.len, b.what.ptr != NULL ? b.what.ptr : "");
    }
    visits_set(7);
    basket_kept_set((basket){ S("pears; \"ripe\""), 3 });
    chosen_theme_set(theme_dark);
}

static void nickname_view(void)
{
    el(main) {
        el(h1) textf("Hello, %.*s", DEW_STR_FMT(nickname_get()));
        el(input, .id = "nick", .value = nickname_get().ptr, .on_input_do = DO(typed, 0));
    }
}

/* Is elsewhere, and remembers that somebody has come by. */
static void away_view(void)
{
    visits_set(1);
    use_elsewhere();
}

static void failing_view(void)
{
    visits_set(2);
    (void)need(use_idea_by_id((idea_key){ 99 }));
}

/* More than one page may take. */
static void unsettled_cookie_view(void)
{
    el(p) text(visits_get());
    visits_set(visits_get() + 1);
}

static const dew_page home = { .path = "/", .view = home_view }, idea_page = { .route = &idea_route, .view = idea_view, .meta = about_idea,
                                                                            .loads = DEW_LOADS(DEW_LOAD(idea_by_id), DEW_LOAD_WITH(greeting, no_args)) },
                      restless_page = { .path = "/restless", .view = restless_view },
                      greeting_page = { .path = "/greeting", .view = greeting_view },
                      visits_page = { .path = "/visits", .view = visits_view },
                      nickname_page = { .path = "/nickname", .view = nickname_view },
                      away_page = { .path = "/away", .view = away_view, .loads = DEW_LOADS(DEW_LOAD(elsewhere)) }, failing_page = { .path = "/failing", .view = failing_view },
                      capped_page = { .path = "/capped",
                                      .view = unsettled_cookie_view,
                                      .ssr.allowed_rerenders = DEW_COUNT(2) },
                      effects_page = { .path = "/effects", .view = effects_view },
                      memo_page = { .path = "/memo", .view = memo_view },
                      shared_page = { .path = "/shared", .view = shared_view, .layout = &no_layout },
                      own_page = { .path = "/own", .view = own_view, .layout = &no_layout },
                      gone_page = { .path = "/gone", .view = gone_view, .title = "No more" }, soft_page = { .path = "/soft", .view = restless_view, .ssr.allowed_rerenders = DEW_COUNT(1) };

DEW_SITE(visitor, .name = "Visitor", .layout = &site, .meta = about_site, .head = "<meta name=\"robots\" content=\"all\" id=\"theirs\">",
         .pages = DEW_PAGES(&home, &idea_page, &restless_page, &greeting_page, &visits_page, &nickname_page, &away_page,
                            &failing_page, &capped_page, &soft_page, &gone_page, &memo_page, &shared_page, &own_page, &effects_page))
