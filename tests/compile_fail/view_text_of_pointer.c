/* What is no text. */
// expect: _Generic
#include "types.h"

#include <dew/view.h>

void handler(dew_event *event);
void view(int number);
void view(int number)
{
    (void)number;
#ifdef OK
    text(number);
#else
    text(&number);
#endif
}
