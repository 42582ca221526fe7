#include <dew/dew.h>

extern const dew_site markers_site;
