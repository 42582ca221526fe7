/* island.client.c - a program that is for one island of a static page: its tree is that island's content, and nothing else. The host starts
 * one for each island that is due (client/island_lives.js), all from one module. See dew/island.h. */
#include "page/island.h"

#include "page/host.h"
#include "page/options.h"
#include "type/json.h"

#include <stdlib.h>

#define PROPS_MAX (16u << 20)

/* Which of the page's islands this program is for, whose props are then the host's text; negative: the whole page. */
__attribute__((import_module("dew"), import_name("island"))) int host_island(void);

static struct {
    bool is_known;
    const dew_island *island; /* NULL: the whole page */
    dew_arena arena;
    void *props;
} mine;

static void take(const dew_islands *islands)
{
    const int index = host_island();
    mine.is_known = true;
    if (index < 0)
        return;
    for (int i = 0; i <= index; i++)
        if (islands->all[i] == NULL) /* the page is of another build */
            __builtin_trap();
    mine.island = islands->all[index];
    const dew_type *type = mine.island->type();
    dew_arena_init(&mine.arena, PROPS_MAX);
    mine.props = dew_arena_calloc(&mine.arena, 1, type->size);
    if (mine.props == NULL || dew_json_read(&mine.arena, dew_host_text(), type, mine.props, NULL, NULL) != 0)
        __builtin_trap();
}

void dew_islands_run_(dew_page_render *render, const dew_page *page)
{
    if (!mine.is_known)
        take(page->islands);
    if (mine.island == NULL) {
        dew_page_render_pass(render, page);
        return;
    }
    dew_page_render_hooks(render, page); /* no layouts, nothing for the head */
    dew_levels levels;
    dew_page_levels(dew_router_site(render->router), page, &levels);
    dew_region_scope whole = { .views = { dew_router_site(render->router)->loading, NULL } };
    dew_region_begin_(&whole);
    dew_region_scope around = { .views = { dew_levels_loading(&levels, levels.count - 1),
                                           dew_levels_error(&levels, levels.count - 1) } };
    dew_region_begin_(&around);
    dew_island_draw(mine.island, mine.props);
    dew_region_end_(&around);
    dew_region_end_(&whole);
}
