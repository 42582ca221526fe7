/* An action without arguments takes none. */
// expect: too many arguments
#include "types.h"

#ifdef OK
dew_call f(void);
dew_call f(void)
{
    return call_increment();
}
#else
dew_call f(void);
dew_call f(void)
{
    return call_increment(1);
}
#endif
