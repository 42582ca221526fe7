/* DO takes a handler, on the server as well, where nothing is left of it; and one that only views use is used. */
// expect: incompatible
#include <dew/event.h>
#include <dew/view.h>

void view(void);
#ifdef OK
static void handle(dew_event *event)
{
    (void)event;
}
#else
static void handle(int number)
{
    (void)number;
}
#endif
void view(void)
{
    static int kept;
    const int *constant = &kept;
    el(button, .on_click_do = DO(handle, &kept), .on_keyup_do = DO(handle, constant), .on_input_do = DO(handle, 'c'));
}
