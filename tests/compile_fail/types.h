/* types.h - declarations that the cases misuse. */
#include <dew/query.h>

#define TASK(F) F(i64, id) F(str, title)
DEW_STRUCT(task, TASK)
DEW_LIST(task_list, task, id)
#define BOARD_KEY(F) F(str, board_id)
DEW_STRUCT(board_key, BOARD_KEY)
#define MOVE(F) F(i64, task_id) F(str, to)
DEW_STRUCT(move, MOVE)

DEW_QUERY(board_tasks, board_key, task_list)
DEW_QUERY(all_tasks, dew_none, task_list)
DEW_MUTATION(move_task, move, dew_none)
DEW_ACTION(increment, dew_none, dew_none)
DEW_CHANNEL(task_moved, "board/:board_id", board_key, move)
DEW_SIGNAL(counter_changed, "counter")
