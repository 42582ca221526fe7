/* app.h - a small application for runtime.test.mjs: a list with a form and buttons, and ways to fail. */
#ifndef RUNTIME_APP_H
#define RUNTIME_APP_H

#include <dew/dew.h>

#define TASK(F) F(i64, id) F(str, title) F(bool, done)
DEW_STRUCT(task, TASK)
DEW_LIST(task_list, task, id)
#define BOARD_KEY(F) F(str, board_id)
DEW_STRUCT(board_key, BOARD_KEY)
#define NEW_TASK(F) F(str, board_id) F(str, title) F(i32, days)
DEW_STRUCT(new_task, NEW_TASK)
#define TASK_KEY(F) F(i64, id)
DEW_STRUCT(task_key, TASK_KEY)

DEW_QUERY(tasks, board_key, task_list)
DEW_MUTATION(add_task, new_task, dew_none)
DEW_MUTATION(finish_task, task_key, dew_none)
DEW_ACTION(ring, dew_none, dew_none)
DEW_ROUTE(board, "/board/:board_id", board_key)

#endif
