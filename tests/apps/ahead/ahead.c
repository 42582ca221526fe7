/* ahead.c - see ahead.h. */
#include "ahead.h"

/* ---- arguments ---- */

static void author_of_idea(idea_key *args)
{
    const idea_row *it = need(use_idea(idea_page_params()));
    args->id = it->author_id;
}

/* ---- hooks ---- */

/* What admins see besides. */
static void warm(void)
{
    const me_row *me = need(fetch_me());
    if (me->is_admin)
        prefetch_reports(idea_page_params());
}

/* Each idea of the list is one that its own page can show at once. */
static void seed(void)
{
    const idea_list *list = need(fetch_ideas());
    for (size_t i = 0; i < list->count; i++)
        idea_set((idea_key){ list->items[i].id }, &list->items[i]);
    /* of a page that does not show yet */
    last_seen_set((person){ S("hook") });
    crumbs_set((person){ S("hook") });
    dew_meta("description", "of %s", "a hook");
}

/* ---- on a condition ---- */

static void author_name(int64_t id)
{
    const person *author = use_with(author, { id }, .enabled = id != 0);
    el(p, .id = "author") text(author != NULL ? author->name : S("(nobody)"));
}

/* ---- views ---- */

static void report(idea_key at)
{
    const me_row *me = use_me();
    const person *said = use_with(reports, at, .enabled = me != NULL && me->is_admin);
    el(p, .id = "report") text(said != NULL ? said->name : S("(none)"));
}

/* In the browser: what is known here shows at once. */
static void rename_idea(dew_event *event)
{
    idea_set((idea_key){ event->arg }, &(idea_row){ event->arg, S("Renamed"), 0 });
}

static void show(idea_key at)
{
    const idea_row *it = use_idea(at);
    el(h1) textf("Idea %lld", (long long)at.id);
    el(p, .id = "title") text(it != NULL ? it->title : S("(none)"));
    author_name(it != NULL ? it->author_id : 0);
    report(at);
    el(button, .id = "rename", .on_click_do = DO(rename_idea, at.id)) text("Rename");
}

static void idea_view(void)
{
    show(idea_page_params());
}

static void plain_view(void)
{
    show(plain_page_params());
}

static void home_view(void)
{
    const idea_list *list = need(use_ideas());
    el(h1) text("Ideas");
    for (size_t i = 0; i < list->count; i++) {
        int64_t id = list->items[i].id;
        el(p) el(a, .id = fmt("idea-%lld", (long long)id), .href = dew_url(idea_page, .id = id)) text(list->items[i].title);
        el(p) el(a, .id = fmt("plain-%lld", (long long)id), .href = dew_url(plain_page, .id = id)) text("plain");
    }
}

static void frame_view(void)
{
    const me_row *me = need(use_me());
    el(header) text(me->name);
    el(main) dew_outlet();
    el(footer) textf("%s%s", crumbs_get()->name.len != 0 ? crumbs_get()->name.ptr : "", last_seen_get().name.len != 0 ? last_seen_get().name.ptr : "");
}
static const dew_layout frame = { .view = frame_view, .loads = DEW_LOADS(DEW_LOAD(me)) };

/* ---- pages ---- */

static const dew_page home = {
    .path = "/",
    .view = home_view,
    .layout = &frame,
    .loads = DEW_LOADS(DEW_LOAD(ideas)),
};

static const dew_page idea_ = {
    .route = &idea_page_route,
    .view = idea_view,
    .layout = &frame,
    .loads = DEW_LOADS(DEW_LOAD(idea), DEW_LOAD_WITH(author, author_of_idea)),
    .on_prefetch = warm,
    .ssr = { .prefetch_loaders = DEW_ON },
    .prefetch = { .on_navigate = DEW_PREFETCH_QUERIES },
};

static const dew_page plain = {
    .route = &plain_page_route,
    .view = plain_view,
    .layout = &frame,
    .on_prefetch = seed,
    .prefetch = { .on_navigate = DEW_PREFETCH_HOOKS },
};

DEW_SITE(ahead,
         .name = "Ahead",
         .layout = &frame, /* of addresses without a page */
         .pages = DEW_PAGES(&home, &idea_, &plain))
