/* slow.server.h - what stands behind /slow. */
#ifndef SHOWCASE_SLOW_SERVER_H
#define SHOWCASE_SLOW_SERVER_H

#include <dew/server.h>

extern const dew_served slow_served[];

#endif
