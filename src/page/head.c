/* head.c - see head.h: what both sides do. */
#include "page/head.h"

#include "view/memo.h"
#include "view/url.h"

static int kind_of(int kind, const char *name)
{
    bool is_property = kind == DEW_HEAD_META_ && memchr(name, ':', strlen(name)) != NULL &&
                       !dew_str_starts_with(dew_str_of(name), DEW_S("twitter:"));
    return is_property ? DEW_HEAD_PROPERTY_ : kind;
}

static dew_head_entry *find(dew_head_entry *from, const dew_head_entry *before, int kind, const char *name)
{
    while (from != before && (from->kind != kind || strcmp(from->name, name) != 0))
        from = from->next;
    return from != before ? from : NULL;
}

dew_head_entry *dew_head_shown(dew_head_entry *list)
{
    dew_head_entry *shown = NULL;
    for (dew_head_entry *entry = list; entry != NULL; entry = entry->next) {
        if (find(list, entry, entry->kind, entry->name) != NULL)
            continue;
        entry->shown_after = shown;
        shown = entry;
    }
    return shown;
}

void dew_head_put_(int kind, const char *name, const char *content)
{
    dew_render *view = dew_render_current();
    dew_head_entry **list = dew_head_list(), *entry;
    const dew_region_scope *region = dew_page_render_current()->region;
    dew_memo_never(); /* it has to be said in each pass */
    kind = kind_of(kind, name);
    if (kind == DEW_HEAD_LINK_ && !dew_url_is_safe(DEW_TAG_a, "href", content)) {
        dew_render_problem(view, "link %s: \"%s\" would run code: it is left out", name, content);
        return;
    }
    entry = find(*list, region != NULL ? region->head : NULL, kind,
                 name); /* what stood before the region may be needed again */
    if (entry == NULL) {
        entry = dew_arena_calloc(view->arena, 1, sizeof *entry);
        if (entry == NULL) {
            dew_render_fail(view, DEW_E_NOMEM);
            return;
        }
        entry->next = *list;
        *list = entry;
    }
    entry->kind = kind;
    entry->name = name;
    entry->content = content;
}

static void run(dew_view_fn *meta)
{
    if (meta != NULL)
        meta();
}

void dew_head_begin(dew_page_render *render, const dew_site *site, const dew_page *page)
{
#ifdef __wasm__
    dew_head_clear();
#else
    render->head = NULL;
    render->status = 0;
#endif
    run(site->meta);
    for (int i = render->chain_at; i < DEW_LAYOUTS_MAX; i++)
        run(render->chain[i]->meta);
    if (page == NULL)
        return;
    if (page->title != NULL)
        render->title = page->title;
    run(page->meta);
}
