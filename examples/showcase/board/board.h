/* board.h - the tasks of a board, as both sides know them. */
#ifndef SHOWCASE_BOARD_H
#define SHOWCASE_BOARD_H

#include <dew/dew.h>

#define TASK(F) F(i64, id) F(str, title) F(str, column)
DEW_STRUCT(task, TASK)
DEW_LIST(task_list, task, id)

#define BOARD_KEY(F) F(str, board_id)
DEW_STRUCT(board_key, BOARD_KEY)
DEW_ROUTE(board, "/board/:board_id", board_key)

#define NEW_TASK(F) F(str, board_id) F(str, title)
DEW_STRUCT(new_task, NEW_TASK)

#define MOVE(F) F(i64, task_id) F(str, to)
DEW_STRUCT(move, MOVE)

#define TASK_KEY(F) F(i64, task_id)
DEW_STRUCT(task_key, TASK_KEY)

DEW_QUERY(board_tasks, board_key, task_list)
DEW_MUTATION(add_task, new_task, dew_none)
DEW_MUTATION(move_task, move, dew_none)
DEW_MUTATION(delete_task, task_key, dew_none)

#endif
