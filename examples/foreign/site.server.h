/* site.server.h - what the program serves. */
#ifndef FOREIGN_SITE_SERVER_H
#define FOREIGN_SITE_SERVER_H

#include "site.h"

#include <dew/server.h>

extern const dew_site foreign_site;
extern const dew_served site_served[];

#endif
