/* An address that is formatted. */
// expect: too many arguments
#include "types.h"

#include <dew/link.h>

void view(int number);
void view(int number)
{
#ifdef OK
    el(a, .href = dew_path(fmt("/tags/%d", number)));
#else
    el(a, .href = dew_path("/tags/%d", number));
#endif
}
