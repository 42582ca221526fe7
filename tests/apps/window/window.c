/* window.c - see window.h. */
#include "window.h"

static void waiting(void)
{
    el(p, .id = "width") text("not known yet");
}

static void width(void)
{
    const inside *of = need(use_window_inside());
    el(p, .id = "width") textf("%d pixels", of->width);
}

static void view(void)
{
    el(main) {
        el(h1) text("Window");
        region(.loading = waiting) width();
    }
}

static const dew_page page = { .path = "/", .view = view };

DEW_SITE(window, .name = "Window", .pages = DEW_PAGES(&page))
