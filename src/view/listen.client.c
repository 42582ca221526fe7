/* listen.client.c - handlers of events that the host hears only once a view asks for one. See dew/attrs.h. */
#include "view/tree_internal.h"

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))

/* `here`: only the element itself hears it. */
IMPORT(listen) void host_listen(int event, const char *type, bool here);

#define HERE_(name, type) | 1u << (DEW_ON_##name - DEW_ON_ASKED_)
enum { EVENTS_HERE = 0 DEW_EVENTS_HERE(HERE_) };
_Static_assert(DEW_ON_COUNT_ - DEW_ON_ASKED_ < 32, "one bit each");

void dew_tree_do_asked_(int event, const char *type, dew_handler *fn, int64_t arg)
{
    static uint32_t heard;
    const uint32_t bit = 1u << (event - DEW_ON_ASKED_);
    if ((heard & bit) == 0)
        host_listen(event, type, EVENTS_HERE & bit);
    heard |= bit;
    dew_tree_do_(event, fn, arg);
}
