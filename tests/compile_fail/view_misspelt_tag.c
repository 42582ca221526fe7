/* A misspelt element. */
// expect: DEW_TAG_dvi
#include "types.h"

#include <dew/view.h>

void handler(dew_event *event);
void view(int number);
void view(int number)
{
    (void)number;
#ifdef OK
    el(div) text("x");
#else
    el(dvi) text("x");
#endif
}
