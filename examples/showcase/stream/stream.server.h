/* stream.server.h - what stands behind /stream. */
#ifndef SHOWCASE_STREAM_SERVER_H
#define SHOWCASE_STREAM_SERVER_H

#include <dew/server.h>

extern const dew_served stream_served[];

#endif
