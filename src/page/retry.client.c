/* retry.client.c - queries that failed, asked for again by the visitor: dew/region.h. */
#include "page/sides.h"

#include <dew/region.h>
#include <dew/view.h>

__attribute__((import_module("dew"), import_name("retry"))) void host_retry(void);

void dew_retry(dew_event *event)
{
    event->prevent_default = true;
    host_retry();
    if (dew_asked_again != NULL)
        dew_asked_again();
}
