/* A misspelt attribute. */
// expect: clas
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
    el(div, .clas = "x");
#endif
}
