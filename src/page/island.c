/* island.c - islands where the page's view puts them: a div that says which it is, when it is due and its props, and in it the content. The
 * script of static pages (client/islands.js) finds them by it. Both sides; the browser comes here only on pages that are live as a
 * whole. */
#include "page/island.h"

#include "type/json.h"

static int index_of(const dew_islands *islands, const dew_island *island)
{
    int index = 0;
    while (islands->all[index] != NULL && islands->all[index] != island)
        index++;
    return islands->all[index] != NULL ? index : -1;
}

void dew_island_draw(const dew_island *island, const void *props)
{
    dew_page_render *render = dew_page_render_current();
    const bool around = render->in_island;
    render->in_island = true;
    dew_region() island->view(props);
    render->in_island = around;
}

/* The props as text of the render; NULL: they cannot be written, and the render knows. */
static const char *props_text(dew_page_render *render, const dew_island *island, const void *props)
{
    dew_error error = { 0 };
    dew_buf_clear(&render->scratch);
    if (dew_json_write(&render->scratch, island->type(), props, &error) != 0) {
        dew_render_problem(&render->view, "island: its props cannot be written: %s", error.message);
        return NULL;
    }
    dew_str text = dew_arena_str(render->view.arena, dew_buf_str(&render->scratch));
    if (text.ptr == NULL)
        dew_render_fail(&render->view, DEW_E_NOMEM);
    return text.ptr;
}

void dew_island_put_(const dew_island *island, const void *props, dew_island_when when)
{
    static const char *const names[] = { NULL, "visible", "idle" };
    dew_page_render *render = dew_page_render_current();
    const dew_islands *islands = render->page != NULL ? render->page->islands : NULL;
    const int index = islands != NULL && !render->in_island ? index_of(islands, island) : -1;
    if (islands != NULL && index < 0)
        dew_render_problem(&render->view, render->in_island
                                              ? "an island stands in another: it is a part of that one"
                                              : "an island is not in .islands of its page: it stays as it is");
    const char *text = index >= 0 ? props_text(render, island, props) : NULL;
    if (text == NULL)
        dew_el(div) dew_island_draw(island, props);
    else
        dew_el(div, .attrs = DEW_ATTRS({ "data-dew-island", dew_fmt("%d", index) }, { "data-dew-when", names[when] },
                                       { "data-dew-props", text })) dew_island_draw(island, props);
}
