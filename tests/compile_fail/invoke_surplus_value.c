/* A value of dew_none is left out. */
// expect: too many arguments
#include "types.h"
#include <dew/server.h>

int change(dew_scope *scope);
int change(dew_scope *scope)
{
#ifdef OK
    return invoke_increment(scope);
#else
    dew_none none;
    return invoke_increment(scope, &none);
#endif
}
