/* window.client.c - see window.h. */
#include "window.h"

static int load_inside(dew_client_run *run, const dew_none *none, inside *out)
{
    (void)run, (void)none;
    out->width = dew_client_width();
    return 0;
}
DEW_SERVE_CLIENT_QUERY(window_inside, .load = load_inside)
