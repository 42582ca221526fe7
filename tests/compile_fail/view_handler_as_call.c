/* A local handler is not a call. */
// expect: incompatible
#include "types.h"

#include <dew/view.h>

void handler(dew_event *event);
void view(int number);
void view(int number)
{
    (void)number;
#ifdef OK
    el(button, .on_click_do = DO(handler, 1));
#else
    el(button, .on_click = handler);
#endif
}
