/* A list's own add takes that list only. */
// expect: incompatible.pointer.types
#include "types.h"

DEW_LIST(move_list, move, task_id)

#ifdef OK
typedef move_list list_type;
#else
typedef task_list list_type;
#endif
move *f(dew_arena *arena, list_type *list);
move *f(dew_arena *arena, list_type *list)
{
    return move_list_add(arena, list);
}
