/* drain.c - see drain.h. */
#include "drain.h"

static void home_view(void)
{
    el(p) text("here");
}

static void held_view(void)
{
    const said *is = need(use_held());
    el(p) text(is->said);
}

static const dew_page home = { .path = "/", .view = home_view }, held_page = { .path = "/held", .view = held_view };

DEW_SITE(drain, .name = "Drain", .pages = DEW_PAGES(&home, &held_page))
