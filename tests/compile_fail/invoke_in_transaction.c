/* A mutation waits for nothing: it has a transaction, and no scope to call others in. */
// expect: incompatible-(function-)?pointer-types
#include "types.h"
#include <dew/server.h>

#ifdef OK
int change(dew_scope *where);
int change(dew_scope *where)
#else
int change(dew_tx *where);
int change(dew_tx *where)
#endif
{
    return invoke_increment(where);
}
