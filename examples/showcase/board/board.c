/* board.c - the page /board/:board_id. */
#include "board.h"

#include "../site.h"

static void card(const task *t)
{
    bool done = dew_str_eq(t->column, S("done"));

    el(li, .key = KEY(t->id), .class = done ? "card done" : "card", .attrs = ATTRS({ "data-id", fmt("%lld", (long long)t->id) })) {
        el(span, .class = "title") text(t->title);
        el(button, .class = "move", .on_click = call_move_task((move){ t->id, done ? S("todo") : S("done") }),
           .aria_label = fmt(done ? "Undo %s" : "Done %s", t->title.ptr))
            text(done ? "Undo" : "Done");
        el(button, .class = "delete", .on_click = call_delete_task((task_key){ t->id }),
           .aria_label = fmt("Delete %s", t->title.ptr))
            text("Delete");
    }
}

static size_t open_count(const task_list *tasks)
{
    size_t count = 0;
    for (size_t i = 0; i < tasks->count; i++)
        count += !dew_str_eq(tasks->items[i].column, S("done"));
    return count;
}

static void board_view(void)
{
    board_key at = board_params();
    const task_list *tasks = need(use_board_tasks(at));

    dew_title("Board %s", at.board_id.ptr);
    el(h1) textf("Board %s", at.board_id.ptr);
    el(p, .class = "lead") textf("%zu open, %zu in all", open_count(tasks), tasks->count);
    el(form, .class = "add", .on_submit = call_add_task((new_task){ .board_id = at.board_id })) {
        el(label, .for_ = "title") text("New task");
        el(input, .id = "title", .name = "title", .required = true, .maxlength = 200, .autocomplete = "off");
        el(button, .class = "primary") text("Add");
    }
    el(ul, .class = "cards") for (size_t i = 0; i < tasks->count; i++) card(&tasks->items[i]);
    if (tasks->count == 0)
        el(p, .class = "empty") text("Nothing to do yet.");
}

const dew_page board = { .route = &board_route, .view = board_view };
