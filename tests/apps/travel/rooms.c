/* rooms.c - pages in a layout that has state, provides, waits and listens; and one that the browser alone draws. See travel.h. */
#include "travel.h"

#include <dew/context.h>
#include <dew/link.h>
#include <dew/region.h>

struct mood {
    int count;
};
DEW_CONTEXT(mood, struct mood)

static void count_up(dew_event *event)
{
    int *count = event->data;
    ++*count;
}

static void waiting(void)
{
    el(h1) text("Waits");
}

static void outside_view(void)
{
    el(p, .id = "outside") text("the browser draws what is in here");
}

/* What is around it waits for no page. */
static void house_view(void)
{
    int *count = use_state(int, 0);
    el(button, .id = "count", .type = "button", .on_click_do = DO(count_up, count)) text(*count);
    el(button, .id = "ring", .type = "button", .on_click = call_ring()) text("Ring");
    const said *bell = need(use_bell());
    el(p, .id = "bell") text(bell->text);
    provide (mood, &(struct mood){ *count }) client_only(outside_view) dew_outlet();
}
static const dew_layout house = { .view = house_view, .parent = &frame, .loading = waiting };

static void room_view(void)
{
    dew_str id = param("id");
    const struct mood *is = use_context(mood);
    el(h1) textf("Room %.*s", DEW_STR_FMT(id));
    el(p, .id = "mood") text(is != NULL ? is->count : -1);
    el(a, .id = "next", .href = dew_path("/room/2")) text("next");
    el(a, .id = "far", .href = dew_path("/far")) text("far");
}
const dew_page room = { .path = "/room/:id", .view = room_view, .layout = &house, .prefetch = { .on_navigate = DEW_PREFETCH_NONE } };

const dew_page far = { .path = "/far", .view = DEW_IN_BROWSER(far_view), .layout = &frame, .title = "Far", .ssr.mode = DEW_SSR_OFF, .prefetch = { .on_navigate = DEW_PREFETCH_QUERIES } };

/* Goes as it says itself, not as the page does. */
void go_ahead(dew_event *event)
{
    (void)event;
    dew_navigate(dew_path("/none/7"), .prefetch = DEW_PREFETCH_STATE);
}
