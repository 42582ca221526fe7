/* Text in a script is code. */
// expect: no_el_script_but_dew_script_json
#include "types.h"

#include <dew/view.h>

void handler(dew_event *event);
void view(int number);
void view(int number)
{
    (void)number;
#ifdef OK
    dew_script_json("a", S("{}"));
#else
    el(script) text("x");
#endif
}
