/* transition.server.c - on the server a page is not gone to: see dew/link.h. */
#include <dew/link.h>

const dew_transition *dew_use_transition(void)
{
    return NULL;
}
