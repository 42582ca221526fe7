/* aside.client.c - see aside.h. */
#include "page/aside.h"

#include "page/cookied.h"
#include "page/head.h"
#include "page/stored.h"
#include "view/tree.h"

#define ASIDE_MAX (16u << 20) /* memory of one address, and of what hooks write down */

/* Says that what runs aside may seed: the host keeps what it is given (seed.client.c). */
static void seeds(void *context, const dew_fn *query, const void *args, const void *value)
{
    (void)context, (void)query, (void)args, (void)value;
}

void dew_aside_begin(dew_aside *aside, dew_str text)
{
    const dew_page_render *shown = (const dew_page_render *)(const void *)dew_tree_render(); /* its first member */
    dew_arena_init(&aside->arena, ASIDE_MAX);
    dew_str rest = dew_arena_str(&aside->arena, text);
    dew_part_take(&rest); /* the prefix, which stays */
    dew_str location = dew_part_take(&rest);
    for (int i = 0; i < 2; i++) /* no error page */
        dew_part_take(&rest);
    if (text.len != 0)
        dew_router_match_parts(shown->router, &aside->arena, location, rest, &aside->match);
    else
        aside->match = (dew_match){ .code = DEW_E_NOT_FOUND, .location = location };
    dew_page_render_init(&aside->render, shown->router, &aside->match, shown->use, shown->use_context);
    aside->render.seed = seeds;
    aside->render.page = aside->match.page;
    aside->render.view.arena = &aside->arena;
    aside->render.view.location = location;
    aside->render.view.url_prefix = dew_router_prefix(shown->router);
    aside->before = dew_render_ambient_;
    dew_render_ambient_ = &aside->render.view;
}

void dew_aside_end(dew_aside *aside)
{
    dew_render_ambient_ = aside->before;
    dew_stores_drop(); /* what was said is about another page, or about none */
    dew_cookies_drop();
    dew_head_clear();
    dew_page_render_dispose(&aside->render);
    dew_arena_dispose(&aside->arena);
}
