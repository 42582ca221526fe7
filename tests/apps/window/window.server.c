/* window.server.c - see window.h. */
#include "window.h"

#include <dew/server.h>

extern const dew_site window_site;
DEW_ASSETS(window)

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv, &(dew_app_config){ .site = &window_site, .assets = &window_assets });
}
