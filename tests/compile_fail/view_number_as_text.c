/* A number where text belongs. */
// expect: makes pointer from integer|incompatible integer to pointer
#include "types.h"

#include <dew/view.h>

void handler(dew_event *event);
void view(int number);
void view(int number)
{
    (void)number;
#ifdef OK
    el(input, .value = fmt("%d", number));
#else
    el(input, .value = number);
#endif
}
