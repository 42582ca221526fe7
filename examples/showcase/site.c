/* site.c - the frame around every page, and the pages for what goes wrong. */
#include "site.h"

#include "board/board.h"
#include "slow/slow.h"
#include "users/users.h"

/* Marked on its own page, and on those of its section: /ideas/3 is below /ideas, whatever the query string. */
static void nav_link(const char *href, const char *section, const char *label)
{
    const char *here = dew_link_current(href);
    el(a, .href = href, .aria_current = here != NULL ? here : dew_link_is_active(section) ? "true" : NULL) text(label);
}

static void frame_view(void)
{
    el(a, .class = "skip", .href = "#main") text("Skip to the page");
    el(header, .class = "bar") {
        el(a, .class = "brand", .href = dew_path("/")) text("Dew");
        el(nav, .aria_label = "Pages") {
            nav_link(dew_path("/counter"), dew_path("/counter"), "Counter");
            nav_link(dew_url(board, .board_id = S("b1")), dew_path("/board"), "Board");
            nav_link(dew_path("/table?rows=50"), dew_path("/table"), "Table");
            nav_link(dew_url(users, .id = 1), dew_path("/users"), "Profile");
            nav_link(dew_path("/ideas"), dew_path("/ideas"), "Ideas");
            nav_link(dew_path("/slow"), dew_path("/slow"), "Outcomes");
            nav_link(dew_path("/widgets"), dew_path("/widgets"), "Widgets");
            nav_link(dew_path("/stream"), dew_path("/stream"), "Streamed");
        }
    }
    el(main, .id = "main", .tabindex = -1) dew_outlet();
    el(footer, .class = "foot") {
        el(p) text("Rendered in C on the server, alive in C in the browser.");
    }
}

const dew_layout frame = { .view = frame_view };

void not_found(void)
{
    dew_title("Not found");
    el(h1) text("No such page");
    el(p, .class = "lead") text("There is nothing at this address.");
    slow_failed_view();
    el(p) el(a, .href = dew_path("/")) text("See what there is.");
}

void failed(void)
{
    dew_page_error_info error = dew_page_error();
    const char *what = error.status < 500 ? "This cannot be shown"
                       : error.status == 504 ? "This took too long"
                                             : "Something went wrong";
    dew_title("%s", what);
    el(h1) text(what);
    el(p, .class = "lead") text(error.message);
    if (dew_str_starts_with(dew_location(), dew_str_of(dew_path("/users/"))))
        users_failed_view();
    slow_failed_view();
    el(p) el(a, .href = dew_path("/")) text("See what there is.");
}
