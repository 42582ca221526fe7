/* markers.client.c - a function that must not be in the native program. */
#include "markers.h"

__attribute__((export_name("marker_of_client"))) const char *marker_of_client(void);
const char *marker_of_client(void)
{
    return "MARKER_IN_CLIENT_FILE";
}
