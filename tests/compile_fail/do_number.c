/* A handler is given an integer or a pointer. */
// expect: DO takes an integer or a pointer
#include <dew/state.h>

void view(void);
static void add(dew_event *event)
{
    *(double *)event->data += 1;
}
void view(void)
{
    double *sum = use_state(double, 0.5);
#ifdef OK
    el(button, .on_click_do = DO(add, sum));
#else
    el(button, .on_click_do = DO(add, *sum));
#endif
}
