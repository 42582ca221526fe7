/* An attribute without its name. */
// expect: incompatible pointer
#include "types.h"

#include <dew/view.h>

void handler(dew_event *event);
void view(int number);
void view(int number)
{
    (void)number;
#ifdef OK
    el(div, .class = "x");
#else
    el(div, "x");
#endif
}
