/* home.c - the index: what each page shows. */
#include "../board/board.h"
#include "../site.h"
#include "../users/users.h"

static void entry(const char *href, const char *title, const char *what)
{
    el(li, .class = "entry") {
        el(h2) el(a, .href = href) text(title);
        el(p) text(what);
    }
}

static void home_view(void)
{
    el(h1) text("Pages that stay live");
    el(p, .class = "lead") text("Open a page in two windows. What you change in one shows in the other; with scripts off all but the widgets still works.");
    el(ul, .class = "entries") {
        entry(dew_path("/counter"), "Counter", "A number in the program’s memory. An action adds one and publishes to a channel; every open window follows.");
        entry(dew_url(board, .board_id = S("b1")), "Board", "Tasks in SQLite. The query behind the list is live because Dew saw what it read.");
        entry(dew_path("/table?rows=50"), "Table", "Rows from SQLite, as many as the address asks for: the page that is measured.");
        entry(dew_url(users, .id = 1, .delay = DEW_SOME(i32, 100)), "Profile", "Fetched from a second server under a deadline of 250 ms. Let it be slow, and see what a visitor sees.");
        entry(dew_path("/ideas"), "Ideas", "Pages that follow each other without a wait: seven ways to load one before it shows, and what each asks for.");
        entry(dew_path("/slow"), "Outcomes", "Not found, refused, elsewhere, too slow, broken: what a visitor gets for each, as a page and from a button.");
        entry(dew_path("/widgets"), "Widgets", "State of components, tabs and lists by keyboard, a field with a filter, a clock, a dialog: what lives in one window alone.");
        entry(dew_path("/stream"), "Streamed", "Three stations that take their time. The page does not wait for them; each shows when it has answered.");
    }
}

const dew_page home = { .path = "/", .view = home_view, .title = "Dew showcase" };
