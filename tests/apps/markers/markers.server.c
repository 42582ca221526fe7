/* markers.server.c - text that must not reach the browser. */
#include "markers.h"

#include <dew/server.h>

#include <stdio.h>

DEW_ASSETS(markers)

const char *marker_of_server(void);
const char *marker_of_server(void)
{
    return "MARKER_IN_SERVER_FILE";
}

int main(int argc, char **argv)
{
    fputs(marker_of_server(), stderr);
    return dew_app_main(argc, argv, &(dew_app_config){ .site = &markers_site, .assets = &markers_assets });
}
