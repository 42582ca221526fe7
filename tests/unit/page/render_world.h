/* render_world.h - one render whose passes a test makes by hand: what a view says in one, and what the next one sees. */
#ifndef DEW_TEST_RENDER_WORLD_H
#define DEW_TEST_RENDER_WORLD_H

#include "page/render.h"
#include "page/router.h"
#include "view/html.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef struct world {
    dew_router *router;
    dew_arena arena;
    dew_buf html;
    dew_match match;
    dew_page_render render;
    const char *sent; /* of every cookie; NULL: none */
} world;

static dew_view_fn *shown; /* what the page is */
static void page_view(void)
{
    shown();
}
static const dew_page page = { .path = "/", .view = page_view };
static const dew_site site = { .name = "Test", .pages = DEW_PAGES(&page) };

static dew_str visitors(void *context, const char *cookie)
{
    const world *w = context;
    (void)cookie;
    return w->sent != NULL ? dew_str_of(w->sent) : (dew_str){ NULL, 0 };
}

/* `sent`: what the visitor has of every cookie; NULL: nothing. `arena_max` bytes for all that is rendered. */
static void world_begin(world *w, const char *sent, size_t arena_max)
{
    *w = (world){ .sent = sent };
    assert_int_equal(dew_router_create(&site, NULL, &w->router, NULL), 0);
    dew_arena_init(&w->arena, arena_max);
    dew_buf_init(&w->html, 1 << 20);
    w->match.page = &page;
    dew_page_render_init(&w->render, w->router, &w->match, NULL, NULL);
    w->render.cookie = visitors;
    w->render.cookie_context = w;
    w->render.view.arena = &w->arena;
}

static void world_end(world *w)
{
    dew_page_render_dispose(&w->render);
    dew_router_destroy(w->router);
    dew_buf_dispose(&w->html);
    dew_arena_dispose(&w->arena);
}

/* One pass; the name of what makes another necessary, or NULL. */
static const char *pass(world *w, dew_view_fn *view)
{
    shown = view;
    dew_buf_clear(&w->html);
    dew_html_begin(&w->render.view, &w->html);
    dew_page_render_pass(&w->render, &page);
    (void)!dew_html_end(&w->render.view);
    return w->render.staged != NULL ? w->render.staged->changed(w->render.staged) : NULL;
}

static void commit(world *w)
{
    w->render.staged->commit(w->render.staged);
}

static void assert_html(world *w, const char *expected)
{
    dew_buf_put_char(&w->html, '\0');
    assert_string_equal(w->html.ptr, expected);
}

#endif
