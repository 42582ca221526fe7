/* A key is always there. */
// expect: _Generic
#include "types.h"

#ifdef OK
#define ITEM(F) F(str, id)
#else
#define ITEM(F) F(opt(str), id)
#endif
DEW_STRUCT(item, ITEM)
DEW_LIST(item_list, item, id)
