/* cookie.server.c - cookies of one request: as the visitor sent them, then as views set them; in the render's arena. See cookied.h. */
#include "page/cookied.h"
#include "page/stored.h"

static dew_cookied *create(dew_page_render *render, const dew_cookie *cookie)
{
    dew_arena *arena = render->view.arena;
    dew_cookied *cookied = dew_arena_calloc(arena, 1, sizeof *cookied);
    if (cookied == NULL)
        return NULL;
    dew_str sent = { NULL, 0 };
    if (render->cookie != NULL)
        sent = render->cookie(render->cookie_context, cookie->name);
    cookied->cookie = cookie;
    cookied->shown.arena = cookied->staged.arena = arena;
    return dew_cookie_value_read(&cookied->shown, cookie, sent) ? cookied : NULL;
}

dew_cookied *dew_cookied_of(const dew_cookie *cookie)
{
    dew_page_render *render = dew_page_render_current();
    dew_stores *stores = render != NULL ? dew_stores_of(render) : NULL;
    if (stores == NULL)
        return NULL;
    dew_cookied **place = &stores->cookies;
    while (*place != NULL && (*place)->cookie != cookie)
        place = &(*place)->next;
    if (*place == NULL && (*place = create(render, cookie)) == NULL)
        dew_render_fail(&render->view, DEW_E_NOMEM);
    return *place;
}

void dew_cookied_refresh(dew_cookied *cookied)
{
    (void)cookied; /* it was read when it was made */
}

void dew_cookied_clear(dew_cookied *cookied)
{
    (void)cookied; /* the arena's */
}

void dew_cookied_write(dew_cookied *cookied, bool is_new)
{
    cookied->is_written |= is_new || cookied->cookie->options.max_age.biased_ms != 0;
}

const dew_cookied *dew_cookies_said(dew_page_render *render)
{
    if (render->staged == NULL)
        return NULL;
    dew_cookied *first = ((dew_stores *)(void *)render->staged)->cookies;
    for (dew_cookied *cookied = first; cookied != NULL; cookied = cookied->next)
        dew_cookied_commit(cookied);
    return first;
}
