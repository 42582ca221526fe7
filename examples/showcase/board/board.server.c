/* board.server.c - the board's query and mutations, and its endpoints. */
#include "board.server.h"

#include "board.h"

static int load_tasks(dew_scope *scope, const board_key *key, task_list *out)
{
    return dew_sql(scope, out, "SELECT id, title, col AS column FROM task WHERE board_id = ? ORDER BY id",
                   key->board_id);
}

static int run_add(dew_tx *tx, const new_task *t, dew_none *out)
{
    (void)out;
    if (t->title.len == 0 || t->title.len > 200)
        return dew_tx_fail(tx, DEW_E_UNPROCESSABLE, "title: give 1 to 200 characters");
    return dew_exec(tx, "INSERT INTO task (board_id, title, col) VALUES (?, ?, 'todo')", t->board_id, t->title);
}

static int run_move(dew_tx *tx, const move *m, dew_none *out)
{
    (void)out;
    if (!dew_str_eq(m->to, S("todo")) && !dew_str_eq(m->to, S("done")))
        return dew_tx_fail(tx, DEW_E_UNPROCESSABLE, "to: \"todo\" or \"done\"");
    return dew_exec(tx, "UPDATE task SET col = ? WHERE id = ?", m->to, m->task_id);
}

static int run_delete(dew_tx *tx, const task_key *key, dew_none *out)
{
    (void)out;
    return dew_exec(tx, "DELETE FROM task WHERE id = ?", key->task_id);
}

/* ---- for programs: GET and POST /api/boards/:board_id/tasks ---- */

static int api_tasks(dew_scope *scope, const board_key *key, task_list *out)
{
    const task_list *tasks;
    int code = query_board_tasks(scope, *key, &tasks);
    if (code == 0)
        *out = *tasks;
    return code;
}

static int api_add(dew_scope *scope, const new_task *t, dew_none *out)
{
    (void)out;
    return invoke_add_task(scope, *t);
}

const dew_served board_served[] = {
    DEW_SERVE_QUERY(board_tasks, .load = load_tasks, .timeout = DEW_MS(2000)),
    DEW_SERVE_MUTATION(add_task, .run = run_add),
    DEW_SERVE_MUTATION(move_task, .run = run_move),
    DEW_SERVE_MUTATION(delete_task, .run = run_delete),
    DEW_SERVE_ENDPOINT("GET", "/api/boards/:board_id/tasks", board_key, task_list, .run = api_tasks),
    DEW_SERVE_ENDPOINT("POST", "/api/boards/:board_id/tasks", new_task, dew_none, .run = api_add),
    DEW_SERVED_END
};
