/* app.c - see app.h. */
#include "app.h"

/* A view that traps, when the data or a click says so: what a fault in a component does. */
static bool will_trap;
static void trap_next(dew_event *event)
{
    (void)event;
    will_trap = true;
}

static int shown_extra;
static void show_extra(dew_event *event)
{
    shown_extra = (int)event->arg;
}

static void row(const task *t)
{
#ifdef __wasm__
    if (dew_str_eq(t->title, S("trap")))
        __builtin_trap();
#endif
    el(li, .key = KEY(t->id), .class = t->done ? "done" : NULL) {
        el(span) text(t->title);
        el(button, .on_click = call_finish_task((task_key){ t->id })) text("Done");
    }
}

static void extra(void)
{
    const task_list *more = need(use_tasks((board_key){ S("extra") }));
    el(p, .id = "extra") textf("%zu more", more->count);
}

static void board_view(void)
{
    board_key at = board_params();
    const task_list *list = need(use_tasks(at));
    if (will_trap)
        __builtin_trap();
    dew_title("Board %s", at.board_id.ptr);
    el(h1) textf("Board %s: %zu", at.board_id.ptr, list->count);
    el(form, .id = "add", .on_submit = call_add_task((new_task){ .board_id = at.board_id })) {
        el(input, .name = "title");
        el(input, .name = "days");
        el(button) text("Add");
    }
    el(ul) for (size_t i = 0; i < list->count; i++) row(&list->items[i]);
    el(button, .id = "ring", .on_click = call_ring()) text("Ring");
    el(button, .id = "extra-on", .type = "button", .on_click_do = DO(show_extra, 1)) text("More");
    el(button, .id = "extra-off", .type = "button", .on_click_do = DO(show_extra, 0)) text("Less");
    el(button, .id = "trap", .type = "button", .on_click_do = DO(trap_next, 0)) text("Trap");
    if (shown_extra)
        extra();
}
static const dew_page board = { .route = &board_route, .view = board_view };

static void home_view(void)
{
    el(h1) text("Home");
    el(p, .style = "height: 3000px") text(dew_location());
}
static const dew_page home = { .path = "/", .view = home_view };

static void frame_view(void)
{
    el(nav) {
        el(a, .href = "/") text("Home");
        el(a, .href = dew_url(board, .board_id = S("b1"))) text("One");
        el(a, .href = dew_url(board, .board_id = S("b/2 \xc3\xa4"))) text("Two");
        el(a, .href = dew_url(board, .board_id = S("none"))) text("Missing");
        el(a, .href = "/plain.txt") text("Plain");
    }
    el(main) dew_outlet();
}
static const dew_layout frame = { .view = frame_view };

static void failed_view(void)
{
    el(h1) textf("%d %s", dew_page_error().status, dew_page_error().message);
}

DEW_SITE(app, .name = "App", .pages = DEW_PAGES(&home, &board), .layout = &frame, .error = failed_view)
