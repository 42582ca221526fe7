/* What use_state gives is of the type that was asked for. */
// expect: incompatible
#include <dew/state.h>

void view(void);
void view(void)
{
#ifdef OK
    bool *open = use_state(bool, false);
#else
    bool *open = use_state(int, 0);
#endif
    el(p, .hidden = *open);
}
