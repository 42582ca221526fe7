/* travel.client.c - whether pages and layouts may be left and entered, and that they were (dew_travel, dew/link.h): the host
 * asks when a navigation begins, again after each render while one says "wait", and tells when it is over (client/hooks.js). Linked
 * with applications that have something to say (tools/dew-wasm). */
#include "page/aside.h"
#include "view/tree.h"

#include <dew/link.h>

#include <stdlib.h>

enum { ASK, OVER, LEAVE, ENTER, IS_GUARDED }; /* as in client/hooks.js */

/* One navigation, and whose hooks run in it. */
typedef struct trip {
    dew_navigation data;
    dew_levels from, to;
    dew_page_render *from_render, *to_render;
} trip;

typedef dew_verdict can_fn(const dew_navigation *navigation);

static char *elsewhere; /* what the last answer said; the host reads it at once */

void dew_travel_linked_(void)
{
}

static dew_levels levels_of(const dew_page_render *render, const dew_page *page)
{
    dew_levels levels = { .count = 0 };
    if (page != NULL)
        dew_page_levels(dew_router_site(render->router), page, &levels);
    return levels;
}

/* The page itself is always another one; what is around it stays when it is around the other, too. */
static bool stays(const dew_levels *own, int index, const dew_levels *other)
{
    if (index == own->count - 1)
        return false;
    for (int i = 0; i < other->count - 1; i++)
        if (other->items[i] == own->items[index])
            return true;
    return false;
}

static const dew_travel *hooks_at(const dew_levels *own, int index, const dew_levels *other)
{
    return stays(own, index, other) ? NULL : own->items[index]->travel;
}

static dew_verdict ask(const trip *t)
{
    dew_verdict verdict = DEW_GO;
    dew_render_ambient_ = &t->from_render->view;
    for (int i = t->from.count - 1; i >= 0 && verdict.kind == DEW_VERDICT_GO; i--) {
        const dew_travel *hooks = hooks_at(&t->from, i, &t->to);
        if (hooks != NULL && hooks->can_leave != NULL)
            verdict = hooks->can_leave(&t->data);
    }
    dew_render_ambient_ = &t->to_render->view;
    for (int i = 0; i < t->to.count && verdict.kind == DEW_VERDICT_GO; i++) {
        const dew_travel *hooks = hooks_at(&t->to, i, &t->from);
        if (hooks != NULL && hooks->can_enter != NULL)
            verdict = hooks->can_enter(&t->data);
    }
    return verdict;
}

/* Every one that may have waited is told. */
static void tell_over(trip *t)
{
    t->data.is_over = true;
    dew_render_ambient_ = &t->from_render->view;
    for (int i = t->from.count - 1; i >= 0; i--) {
        const dew_travel *hooks = hooks_at(&t->from, i, &t->to);
        if (hooks != NULL && hooks->can_leave != NULL)
            (void)hooks->can_leave(&t->data);
    }
    dew_render_ambient_ = &t->to_render->view;
    for (int i = 0; i < t->to.count; i++) {
        const dew_travel *hooks = hooks_at(&t->to, i, &t->from);
        if (hooks != NULL && hooks->can_enter != NULL)
            (void)hooks->can_enter(&t->data);
    }
}

static void tell_left(const trip *t)
{
    dew_render_ambient_ = &t->from_render->view;
    for (int i = t->from.count - 1; i >= 0; i--) {
        const dew_travel *hooks = hooks_at(&t->from, i, &t->to);
        if (hooks != NULL && hooks->on_leave != NULL)
            hooks->on_leave(&t->data);
    }
}

static void tell_entered(const trip *t)
{
    dew_render_ambient_ = &t->to_render->view;
    for (int i = 0; i < t->to.count; i++) {
        const dew_travel *hooks = hooks_at(&t->to, i, &t->from);
        if (hooks != NULL && hooks->on_enter != NULL)
            hooks->on_enter(&t->data);
    }
}

static bool is_guarded(const dew_levels *levels)
{
    for (int i = 0; i < levels->count; i++)
        if (levels->items[i]->travel != NULL && levels->items[i]->travel->can_leave != NULL)
            return true;
    return false;
}

static unsigned answer(dew_verdict verdict)
{
    if (verdict.kind != DEW_VERDICT_ELSEWHERE)
        return verdict.kind;
    size_t size = strlen(verdict.url) + 1;
    free(elsewhere);
    elsewhere = malloc(size);
    if (elsewhere == NULL)
        __builtin_trap();
    return (unsigned)(uintptr_t)memcpy(elsewhere, verdict.url, size);
}

/* `text`: the other address, as the host writes it; empty: none. It is the one that is entered, but for ENTER, where it is the one
 * that was left. Returns a verdict, or the address of the text that says where else to go. */
__attribute__((export_name("dew_travel"))) unsigned dew_travel_run(const char *text, size_t len, unsigned step)
{
    const dew_page_render *now = (const dew_page_render *)(const void *)dew_tree_render(); /* its first member */
    const dew_page *shown_page = now->page;
    dew_aside other;
    dew_page_render shown;
    dew_aside_begin(&other, dew_str_make(text, len));
    dew_page_render_init(&shown, now->router, now->match, now->use, now->use_context);
    shown.page = shown_page;
    shown.view.arena = &other.arena;
    shown.view.location = now->match->location;
    shown.view.url_prefix = other.render.view.url_prefix;
    dew_levels own = levels_of(&shown, shown_page), others = levels_of(&shown, other.match.page);
    dew_str there = other.render.view.location;
    trip t = {
        { now->match->location, there, shown_page, other.match.page, false }, own, others, &shown, &other.render
    };
    if (step == ENTER)
        t = (trip){
            { there, now->match->location, other.match.page, shown_page, false }, others, own, &other.render, &shown
        };
    unsigned result = 0;
    if (step == ASK)
        result = answer(ask(&t));
    else if (step == OVER)
        tell_over(&t);
    else if (step == LEAVE)
        tell_left(&t);
    else if (step == ENTER)
        tell_entered(&t);
    else
        result = is_guarded(&own);
    dew_page_render_dispose(&shown);
    dew_aside_end(&other);
    return result;
}
