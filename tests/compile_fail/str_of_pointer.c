/* S() takes literals only: the length of anything else is not known. */
// expect: expected
#include "types.h"

#ifdef OK
#define TEXT "text"
#else
#define TEXT pointer
#endif
dew_str f(const char *pointer);
dew_str f(const char *pointer)
{
    (void)pointer;
    return S(TEXT);
}
